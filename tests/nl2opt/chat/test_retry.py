from __future__ import annotations

import threading
import time

import pytest

from nl2opt.chat.base import ChatEvent, WaitingToRetry
from nl2opt.chat.retry import RetryPolicy, with_retries
from nl2opt.errors import (
    ChatAuthenticationError,
    ChatError,
    ChatInterruptedError,
    ChatRateLimitError,
    ChatRequestError,
    ChatTimeoutError,
    ChatUnreachableError,
    ModelFileError,
)


class Action:
    """Raises the given errors one after the other, then returns."""

    def __init__(self, *errors: ChatError) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def test_waits_double_up_to_the_longest() -> None:
    policy = RetryPolicy(attempts=6, first_wait_seconds=0.01, longest_wait_seconds=0.05)
    events: list[ChatEvent] = []
    assert with_retries(Action(*[ChatUnreachableError("down")] * 5), policy=policy, on_event=events.append) == "done"
    waits = [event.wait_seconds for event in events if isinstance(event, WaitingToRetry)]
    for wait, expected in zip(waits, [0.01, 0.02, 0.04, 0.05, 0.05], strict=True):
        assert 0.79 * expected <= wait <= min(0.05, 1.21 * expected)
    assert events[0] == WaitingToRetry(reason="down", wait_seconds=waits[0], attempt=1)


@pytest.mark.parametrize("error", [ChatAuthenticationError("no"), ChatRequestError("no"), ModelFileError("no")])
def test_what_waiting_cannot_mend_is_tried_once(error: ChatError) -> None:
    action = Action(error)
    with pytest.raises(type(error)):
        with_retries(action)
    assert action.calls == 1


def test_the_last_failure_is_raised_when_the_attempts_are_used_up() -> None:
    action = Action(ChatTimeoutError("first"), ChatUnreachableError("second"), ChatUnreachableError("third"))
    with pytest.raises(ChatUnreachableError, match="second"):
        with_retries(action, policy=RetryPolicy(attempts=2, first_wait_seconds=0.0))


def test_the_wait_that_the_server_states_is_kept() -> None:
    events: list[ChatEvent] = []
    with_retries(Action(ChatRateLimitError("wait", retry_after_seconds=0.05)), on_event=events.append)
    assert events == [WaitingToRetry(reason="wait", wait_seconds=0.05, attempt=1)]


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    events: list[ChatEvent] = []
    with pytest.raises(ChatRateLimitError):
        with_retries(
            Action(ChatRateLimitError("wait", retry_after_seconds=30)),
            deadline=time.perf_counter() + 1.0,
            on_event=events.append,
        )
    assert events == []


def test_cancel_ends_a_wait() -> None:
    cancel = threading.Event()
    began = time.perf_counter()
    with pytest.raises(ChatInterruptedError):
        with_retries(
            Action(ChatRateLimitError("wait", retry_after_seconds=30)),
            on_event=lambda event: cancel.set(),
            cancel=cancel,
        )
    assert time.perf_counter() - began < 10
