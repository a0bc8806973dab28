"""The functions that a program brings along, where it uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProgramFunctions:
    """Functions of a program.

    Attributes:
        texts: each function by its name, those that it calls before it.
        calls: for functions that call others the names of all of these.
    """

    texts: Mapping[str, str]
    calls: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        """Whether there is a function of a name."""
        return name in self.texts

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.texts)

    def needed(self, used: set[str]) -> list[str]:
        """Return the functions that a program needs, given those that it calls itself."""
        wanted = used | {name for user in used for name in self.calls.get(user, ())}
        return [text for name, text in self.texts.items() if name in wanted]
