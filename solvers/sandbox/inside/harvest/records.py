"""What a program did with its models, remembered while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

_MOST: Final = 8


@dataclass(slots=True)
class Record:
    """A model that a program made, and how its last solve ended.

    Attributes:
        library: whose it is.
        model: the library's own object.
        status: of the last solve; `not_solved` before one.
        solver: the object that solved it, or the result, where the model does not hold them itself.
    """

    library: str
    model: Any
    status: str = "not_solved"
    solver: Any = None


@dataclass(slots=True)
class Records:
    """The last few models of a program, the one solved last at the end.

    Attributes:
        notes: what was done to let the program run.
    """

    notes: list[str]
    kept: list[Record] = field(default_factory=list)
    _is_paused: bool = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Remember nothing for a while, in which one library makes models of another."""
        self._is_paused = True
        try:
            yield
        finally:
            self._is_paused = False

    def made(self, library: str, model: Any) -> None:
        """Remember a new model."""
        if not self._is_paused and not any(record.model is model for record in self.kept):
            self.kept.append(Record(library, model))
            del self.kept[:-_MOST]

    def solved(self, library: str, model: Any, status: str, solver: Any = None) -> None:
        """Remember how a solve ended."""
        self.kept = [record for record in self.kept if record.model is not model]
        self.kept.append(Record(library, model, status, solver))
        del self.kept[:-_MOST]

    def note(self, text: str) -> None:
        """Remember what was done, once."""
        if text not in self.notes:
            self.notes.append(text)

    def last_first(self) -> list[Record]:
        """Return the models, those that were solved before the others."""
        ordered = self.kept[::-1]
        return [r for r in ordered if r.status != "not_solved"] + [r for r in ordered if r.status == "not_solved"]
