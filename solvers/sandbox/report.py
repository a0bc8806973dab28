"""Reads the report that the child wrote on a program; the program may have written it itself."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Final

from solvers.sandbox.program_run import ClaimedSolution, Frame, GuestException, ModelFile
from solvers.sandbox.shown import plain_line

_STATUSES: Final = frozenset(
    {"optimal", "infeasible", "unbounded", "infeasible_or_unbounded", "feasible", "limit", "not_solved", "unknown"}
)
_SENSES: Final = ("minimize", "maximize", "")
_MOST: Final = 20
_NAME: Final = 500
_TEXT: Final = 4000
_MOST_LINE: Final = 10_000_000
_MOST_PARTS: Final = 1_000_000
"""Brackets and commas: a report of a few megabytes could be made of so many that reading it takes gigabytes."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the report says, as far as it makes sense.

    Attributes:
        exception: `None` when it tells of none.
        solutions: that were claimed.
        notes: of the child.
    """

    exception: GuestException | None = None
    solutions: tuple[ClaimedSolution, ...] = ()
    notes: tuple[str, ...] = ()


def read_report(content: bytes) -> Report:
    """Read what makes sense; what does not is left out, for it is the program's own doing."""
    if sum(content.count(sign) for sign in (b",", b"[", b"{")) > _MOST_PARTS:
        return Report()
    try:
        told = json.loads(content.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError, MemoryError):
        return Report()
    if not isinstance(told, dict):
        return Report()
    solutions = (_solution(entry) for entry in _listed(told.get("solutions")))
    return Report(
        exception=_exception(told.get("exception")),
        solutions=tuple(solution for solution in solutions if solution is not None),
        notes=tuple(_line(note, _NAME) for note in _listed(told.get("notes"))),
    )


def _no_number(text: str) -> float:
    raise ValueError(text)


def _line(value: object, most: int = _NAME) -> str:
    """Return a text; what is none is empty, since writing out a deep or large object costs what it likes."""
    return plain_line(value, most) if isinstance(value, str) else ""


def _listed(value: object) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def _exception(told: object) -> GuestException | None:
    if not isinstance(told, dict):
        return None
    frames = [frame for frame in _listed(told.get("frames")) if isinstance(frame, dict)]
    return GuestException(
        kind=_line(told.get("kind", ""), _NAME),
        message=_line(told.get("message", ""), _TEXT),
        frames=tuple(
            Frame(
                line=_line_number(frame.get("line")),
                function=_line(frame.get("function", ""), _NAME),
                text=_line(frame.get("text", ""), _NAME),
            )
            for frame in frames
        ),
        hints=tuple(_line(hint, _TEXT) for hint in _listed(told.get("hints"))),
    )


def _line_number(value: object) -> int:
    return value if type(value) is int and 0 <= value <= _MOST_LINE else 0


def _solution(told: object) -> ClaimedSolution | None:
    if not isinstance(told, dict):
        return None
    status, sense = told.get("status"), told.get("sense", "")
    if not isinstance(status, str) or status not in _STATUSES or sense not in _SENSES:
        return None
    values = told.get("values")
    pairs = values.items() if isinstance(values, dict) else ()
    return ClaimedSolution(
        library=_line(told.get("library", ""), _NAME),
        status=status,
        sense=sense,
        objective=_number(told.get("objective")),
        values={plain_line(name, _NAME): number for name, value in pairs if (number := _number(value)) is not None},
        model=_model(told.get("model")),
        why_no_model=_line(told.get("why_no_model", ""), _TEXT),
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _model(told: object) -> ModelFile | None:
    if not isinstance(told, dict) or told.get("format") not in ("mps", "lp") or not isinstance(told.get("text"), str):
        return None
    names = told.get("names")
    pairs = names.items() if isinstance(names, dict) else ()
    return ModelFile(
        format=told["format"],
        text=told["text"].encode("utf-8", errors="replace").decode(),
        names={plain_line(short, _NAME): _line(name, _NAME) for short, name in pairs},
    )
