"""Stops a solver that runs in compiled code, from a thread beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_SECONDS_BETWEEN_LOOKS: Final = 0.02


@contextmanager
def watched(stop_solver: Callable[[], object], is_cancelled: Callable[[], bool]) -> Iterator[None]:
    """Stop a solver that runs in the block as soon as it is cancelled.

    Args:
        stop_solver: stops it; called again and again from then on, since some do not hear it before they have begun.
        is_cancelled: whether it shall stop.
    """
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_SECONDS_BETWEEN_LOOKS):
            if is_cancelled():
                stop_solver()

    thread = threading.Thread(target=look, name="stops the solver", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
