"""A reading: what else a problem may mean, and what the answer would be then."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nl2opt.formulation.schema import Change


class End(enum.StrEnum):
    """What came of a reading."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NOT_SOLVED = "not_solved"
    """It was tried, and the solver came to no end in the time that there was."""
    NOT_TRIED = "not_tried"
    """Nobody looked: as many as were allowed had been tried, or the time was up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One other reading of a problem, with what came of it.

    Attributes:
        number: from 1, by which it is taken; the one that moves the answer most comes first.
        assumption: what the formulation takes for granted instead, in words.
        text: the reading, in words.
        quote: words of the problem that may be read so; empty where none are known.
        element: name of the element that it concerns; empty for several.
        changes: the edits of the formulation that make it, in order.
        end: what came of it.
        objective: of the best point, re-checked by our own arithmetic; `None` without one.
        difference: `objective` minus that of the answer; `None` where one of the two is missing.
        moves: whether it moves the answer: its objective by more than 1e-6 relatively, or how it ends; `None` where
            that is not known.
        changes_values: whether other values come out, too; `None` where that is not known.
        note: why there is no outcome; empty where there is one.
    """

    number: int = 0
    assumption: str
    text: str
    quote: str = ""
    element: str = ""
    changes: tuple[Change, ...]
    end: End = End.NOT_TRIED
    objective: float | None = None
    difference: float | None = None
    moves: bool | None = None
    changes_values: bool | None = None
    note: str = ""

    def to_plain(self) -> dict[str, Any]:
        """Return the reading as JSON objects, which `from_plain` reads."""
        return {
            "number": self.number,
            "assumption": self.assumption,
            "text": self.text,
            "quote": self.quote,
            "element": self.element,
            "changes": [change.model_dump(mode="json") for change in self.changes],
            "end": self.end.value,
            "objective": self.objective,
            "difference": self.difference,
            "moves": self.moves,
            "changes_values": self.changes_values,
            "note": self.note,
        }

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Reading:
        """Read what `to_plain` wrote."""
        known = {**content, "end": End(content["end"])}
        known["changes"] = tuple(Change.model_validate(change) for change in content["changes"])
        return cls(**known)
