"""Whether solvers that are not there are replaced by some that are, and the notes of what was."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Renaming:
    """What is done about solvers that are not there.

    Attributes:
        is_on: whether they are replaced.
        notes: take in what was done, each once.
    """

    is_on: bool = True
    notes: list[str] = field(default_factory=list)

    def told(self, asked: str, called: str) -> None:
        """Note that one solver was called for another.

        Args:
            asked: the solver that the program asks for.
            called: the one that was called.
        """
        note = f"The program asks for {asked}, which is not installed; {called} was called instead."
        if note not in self.notes:
            self.notes.append(note)
