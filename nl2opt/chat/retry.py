"""Asks again when waiting may help: rate limits, refused connections, timeouts, broken streams."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from nl2opt.chat.base import OnChatEvent, WaitingToRetry
from nl2opt.errors import ChatError, ChatInterruptedError, ChatRateLimitError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long to wait.

    Attributes:
        attempts: requests at most; 1 or more.
        first_wait_seconds: before the second; each further wait is twice as long.
        longest_wait_seconds: of any wait; a server that asks for more is not waited for.
    """

    attempts: int = 4
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0


DEFAULT_RETRY = RetryPolicy()


def with_retries(
    action: Callable[[], Result],
    *,
    policy: RetryPolicy = DEFAULT_RETRY,
    deadline: float = math.inf,
    on_event: OnChatEvent | None = None,
    cancel: threading.Event | None = None,
) -> Result:
    """Run an action until it succeeds, fails for good, or attempts or time are used up.

    Args:
        action: what is tried; it returns the result or raises a `ChatError`.
        policy: how often and how long to wait.
        deadline: no wait goes beyond it, as `time.perf_counter` counts.
        on_event: called before each wait.
        cancel: set it to stop.

    Raises:
        ChatError: the last failure, or one that waiting cannot mend.
    """
    for attempt in range(1, policy.attempts + 1):
        try:
            return action()
        except ChatError as error:
            wait = _wait_seconds(error, attempt, policy)
            stopped = cancel is not None and cancel.is_set()
            if not error.retryable or wait is None or attempt == policy.attempts or stopped:
                raise
            if time.perf_counter() + wait > deadline:
                raise
            if on_event is not None:
                on_event(WaitingToRetry(reason=str(error), wait_seconds=wait, attempt=attempt))
        if cancel is None:
            time.sleep(wait)
        elif cancel.wait(wait):
            raise ChatInterruptedError("The language model was stopped.")
    raise AssertionError("a policy allows at least one attempt")


def _wait_seconds(error: ChatError, attempt: int, policy: RetryPolicy) -> float | None:
    """Return how long to wait; `None` when the server asks for too long."""
    stated = error.retry_after_seconds if isinstance(error, ChatRateLimitError) else None
    if stated is not None:
        return stated if stated <= policy.longest_wait_seconds else None
    # Jitter keeps many clients from coming back at the same moment.
    wait = policy.first_wait_seconds * 2.0 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311
    return float(min(wait, policy.longest_wait_seconds))
