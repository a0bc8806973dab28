"""What the text that a program printed says of an optimum, where no model object speaks."""

from __future__ import annotations

import math
import re
from typing import Final

from solvers.sandbox.program_run import ClaimedSolution

LIBRARY: Final = "print"
_NUMBER: Final = r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_LABEL: Final = (
    r"(?:just print the best solution"
    r"|(?:the )?(?:optimal|best|optimum|maximum|minimum|max|min|total|final)[a-z ]{0,40}"
    r"(?:value|profit|cost|revenue|objective|solution|distance|score|time|return|utility|weight)"
    r"|(?:the )?(?:optimal|objective|obj)(?: function)?(?: value)?|(?:the )?optimum|makespan)"
)
_LINE: Final = re.compile(rf"\W*{_LABEL}(?: \([^()]*\))?\s*(?:is|=|:|->)?\s*:?\s*[$€£]?\s*{_NUMBER}\b", re.IGNORECASE)
_STATUSES: Final = (
    ("infeasible", re.compile(r"\b(?:infeasible|no feasible solution)\b", re.IGNORECASE)),
    ("unbounded", re.compile(r"\bunbounded\b", re.IGNORECASE)),
    ("optimal", re.compile(r"\boptimal\b", re.IGNORECASE)),
)
_NOT: Final = re.compile(r"\b(?:no|not|non|sub|without)[ -]?(?:an? )?(?:optimal|optimum)", re.IGNORECASE)
_MOST: Final = 100_000
_LONGEST: Final = 300


def printed_solution(output: str) -> ClaimedSolution | None:
    """Return the optimum of which a program's output speaks; `None` where it speaks of none.

    The last line that names an objective counts: `Optimal value: 12.5`, `Objective = 12.5`, `Just print the best
    solution: 12.5`. The status is what the words say, `unknown` where they say nothing. It is text, and proves nothing.

    Args:
        output: as `ProgramRun.output` has it; of a long one its last part is read.
    """
    number: float | None = None
    status = "unknown"
    for line in output[-_MOST:].splitlines():
        if len(line) > _LONGEST:
            continue
        status = _status(line, status)
        found = _LINE.match(line)
        if found is not None and any(sign.isdigit() for sign in found["number"]):
            value = float(found["number"].replace(",", ""))
            number = value if math.isfinite(value) else number
    if status in ("infeasible", "unbounded"):
        return ClaimedSolution(library=LIBRARY, status=status, why_no_model=_WHY)
    if number is None:
        return None
    return ClaimedSolution(library=LIBRARY, status=status, objective=number, why_no_model=_WHY)


_WHY: Final = "Only the text that the program printed speaks of an optimum; it left no model."


def _status(line: str, so_far: str) -> str:
    if _NOT.search(line):
        return so_far
    for status, words in _STATUSES:
        if words.search(line):
            return status
    return so_far
