"""Remembers the models that a program makes and solves, for most of them are gone when the program ends."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

_MOST: Final = 4
"""How many models are kept: those of a program that builds many would fill its memory."""


@dataclass(slots=True)
class Remembered:
    """A model that a program made.

    Attributes:
        library: whose object it is.
        model: the object.
        made: when, in ticks.
        solved: when last, in ticks; 0 when it never was.
        detail: what the library said of the last solve; `None` where the object itself can tell.
    """

    library: str
    model: Any
    made: int
    solved: int = 0
    detail: Any = None


class Memory:
    """The last few models of a program."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: list[Remembered] = []
        self._tick = 0
        self._depth = 0

    def clear(self) -> None:
        """Forget all models."""
        self._kept.clear()
        self._tick = self._depth = 0

    @property
    def is_inside(self) -> bool:
        """Whether a library is at work, whose own models are none of the program's."""
        return self._depth > 0

    @contextmanager
    def inside(self) -> Iterator[bool]:
        """Take what is made and solved meanwhile for the library's own; yield whether the program itself called."""
        self._depth += 1
        try:
            yield self._depth == 1
        finally:
            self._depth -= 1

    def made(self, library: str, model: Any) -> None:
        """Remember a model."""
        if not self.is_inside:
            self._entry(library, model)

    def solved(self, library: str, model: Any, detail: Any = None) -> None:
        """Remember that a model was solved."""
        entry = self._entry(library, model)
        entry.solved, entry.detail = self._tick, detail

    def last_first(self) -> list[Remembered]:
        """Return what is kept: the last solved first, then the last made."""
        return sorted(self._kept, key=lambda entry: (entry.solved, entry.made), reverse=True)

    def _entry(self, library: str, model: Any) -> Remembered:
        self._tick += 1
        for entry in self._kept:
            if entry.model is model:
                return entry
        entry = Remembered(library, model, self._tick)
        self._kept.append(entry)
        if len(self._kept) > _MOST:
            self._kept.remove(min(self._kept, key=lambda one: max(one.solved, one.made)))
        return entry


def wrapped(holder: Any, name: str, around: Callable[..., Any]) -> None:
    """Put a function around one of a class or a module; `around` gets the former one first, then the arguments."""
    former = getattr(holder, name, None)
    if former is None:
        return

    @functools.wraps(former)
    def calling(*arguments: Any, **named: Any) -> Any:
        return around(former, *arguments, **named)

    setattr(holder, name, calling)


def remembers_makers(memory: Memory, library: str, of: type) -> None:
    """Let the constructor of a class tell the memory."""

    def make(former: Callable[..., Any], self: Any, *arguments: Any, **named: Any) -> None:
        with memory.inside():
            former(self, *arguments, **named)
        memory.made(library, self)

    wrapped(of, "__init__", make)
