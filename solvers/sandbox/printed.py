"""Reads an optimum from what a program printed, where it left no model that could be read."""

from __future__ import annotations

import re
from typing import Final

from solvers.sandbox.program_run import ClaimedSolution

_NUMBER: Final = r"(?P<number>[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_SAYS: Final = re.compile(
    r"(?:optimal|objective|optimum|best|maximum|minimum|total|max|min)\b[^\n\d+-]{0,60}?[:=]\s*\$?\s*" + _NUMBER,
    re.IGNORECASE,
)
_LAST_NUMBER: Final = re.compile(_NUMBER)
_HEADING: Final = re.compile(r"best solution\s*:", re.IGNORECASE)
_ENDINGS: Final = (("infeasible", "infeasible"), ("unbounded", "unbounded"), ("optimal", "optimal"))
WHY: Final = "Only its print-out speaks of an optimum; it left no model that can be read."


def printed_claim(output: str) -> ClaimedSolution | None:
    """Return what a print-out such as `Optimal value: 12.5` claims; `None` where it claims nothing.

    The last line that speaks of an optimum counts, since programs print on their way, too.
    """
    lines = output.splitlines()
    words = output.lower()
    status = next((status for word, status in _ENDINGS if word in words), "unknown")
    number: float | None = None
    for line in lines:
        heading = _HEADING.search(line)
        found = _SAYS.search(line) or (_LAST_NUMBER.search(line, heading.end()) if heading else None)
        if found is not None:
            number = float(found["number"].replace(",", ""))
    if number is None and status not in ("infeasible", "unbounded"):
        return None
    if status in ("infeasible", "unbounded"):
        number = None
    return ClaimedSolution(library="print", status=status, objective=number, why_no_model=WHY)
