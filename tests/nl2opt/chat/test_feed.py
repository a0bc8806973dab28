from __future__ import annotations

import contextlib
import threading
import time

import pytest

from nl2opt.chat.feed import Feed, arriving
from nl2opt.errors import ChatInterruptedError, ChatTimeoutError

LATE = ChatTimeoutError("late")


def test_pieces_come_in_order_and_end() -> None:
    def produce(feed: Feed[int]) -> None:
        for number in range(100):
            feed.put(number)

    assert list(arriving(produce, timeout_seconds=5, cancel=None, too_slow=LATE)) == list(range(100))


def test_what_the_producer_raises_comes_after_its_pieces() -> None:
    def produce(feed: Feed[int]) -> None:
        feed.put(1)
        raise KeyError("broken")

    pieces = arriving(produce, timeout_seconds=5, cancel=None, too_slow=LATE)
    assert next(pieces) == 1
    with pytest.raises(KeyError, match="broken"):
        next(pieces)


def test_the_time_before_ones_turn_is_not_counted() -> None:
    def produce(feed: Feed[int]) -> None:
        for _ in range(4):
            time.sleep(0.3)
            feed.restart_clock()
        feed.put(1)

    assert list(arriving(produce, timeout_seconds=1.0, cancel=None, too_slow=LATE)) == [1]


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_blocked_producer_is_left_behind(cancelled: bool) -> None:
    release = threading.Event()
    cancel = threading.Event()
    if cancelled:
        cancel.set()

    def produce(feed: Feed[int]) -> None:
        release.wait(10)

    with pytest.raises(ChatInterruptedError if cancelled else ChatTimeoutError):
        next(arriving(produce, timeout_seconds=0.1, cancel=cancel, too_slow=LATE))
    release.set()


def test_the_producer_learns_that_nobody_waits() -> None:
    noticed = threading.Event()

    def produce(feed: Feed[int]) -> None:
        while not feed.stopped:
            feed.put(1)
            time.sleep(0.001)
        noticed.set()

    with contextlib.closing(arriving(produce, timeout_seconds=5, cancel=None, too_slow=LATE)) as pieces:
        next(pieces)
    assert noticed.wait(5)
