"""How far the drafts of a small chat model agree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How many of the drafts are the same.

    Attributes:
        count: formulations that demand exactly what the chosen one demands, or programs that have its optimum.
        drafts: drafts in all, those that could not be used included.
    """

    count: int
    drafts: int
