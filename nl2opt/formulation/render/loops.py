"""Loop variables of a program, and what they may be."""

from __future__ import annotations

from dataclasses import dataclass

Members = frozenset[object]
"""Elements that an index may be; it decides whether a literal `'1'` is the text or the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A loop variable that is visible.

    Attributes:
        text: how the program writes it.
        arity: how many indices it stands for; more than one for an element of a set of pairs, triples and so on.
        members: what it runs over; `None` when that is not known, and for a whole tuple.
    """

    text: str
    arity: int = 1
    members: Members | None = None
