"""Carries pieces from a thread that may block to the caller, who can cancel and has a time limit."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from nl2opt.errors import ChatError, ChatInterruptedError

_POLL_SECONDS = 0.05
Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class _End:
    """The thread is done; with the exception that ended it, if one did."""

    exception: BaseException | None = None


class Feed(Generic[Piece]):
    """The thread's end of the line.

    Attributes:
        began: when the clock started, as `time.perf_counter` counts.
    """

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self._arrived: queue.SimpleQueue[Piece | _End] = queue.SimpleQueue()
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Return whether nobody waits for pieces any more."""
        return self._stop.is_set()

    def put(self, piece: Piece) -> None:
        """Hand over a piece."""
        self._arrived.put(piece)

    def restart_clock(self) -> None:
        """Begin to count the time now: what came before was waiting for one's turn."""
        self.began = time.perf_counter()

    def run(self, produce: Callable[[Feed[Piece]], None]) -> None:
        """Run the producer in this thread, and hand over how it ended."""
        try:
            produce(self)
        except BaseException as exception:  # noqa: BLE001 - raised again in the thread that waits
            self._arrived.put(_End(exception))
        else:
            self._arrived.put(_End())

    def pieces(
        self, timeout_seconds: float, cancel: threading.Event | None, too_slow: ChatError
    ) -> Generator[Piece, None, None]:
        """Yield what arrives until the producer is done; see `arriving`."""
        try:
            while True:
                if cancel is not None and cancel.is_set():
                    raise ChatInterruptedError("The language model was stopped.")
                if time.perf_counter() - self.began > timeout_seconds:
                    raise too_slow
                try:
                    piece = self._arrived.get(timeout=_POLL_SECONDS)
                except queue.Empty:
                    continue
                if not isinstance(piece, _End):
                    yield piece
                elif piece.exception is not None:
                    raise piece.exception
                else:
                    return
        finally:
            self._stop.set()


def arriving(
    produce: Callable[[Feed[Piece]], None],
    *,
    timeout_seconds: float,
    cancel: threading.Event | None,
    too_slow: ChatError,
) -> Generator[Piece, None, None]:
    """Run a producer in a thread of its own and yield its pieces.

    Close the generator (`contextlib.closing`) when it is not read to its end; the producer then finds
    `Feed.stopped` set. A producer that is blocked is left behind as a daemon.

    Args:
        produce: gets the feed, puts pieces into it and returns, or raises.
        timeout_seconds: from now, or from `Feed.restart_clock`, to the last piece.
        cancel: set it to stop.
        too_slow: raised when the time is used up.

    Raises:
        ChatInterruptedError: `cancel` was set.
        BaseException: what the producer raised.
    """
    feed: Feed[Piece] = Feed()
    threading.Thread(target=feed.run, args=(produce,), daemon=True, name="nl2opt-chat").start()
    return feed.pieces(timeout_seconds, cancel, too_slow)
