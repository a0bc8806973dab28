"""How far a point is from the best possible at most, in words."""

from __future__ import annotations

import math
from typing import Final

from nl2opt.formulation.words.quantities import number

_LEAST: Final = 1e-9
_MOST: Final = 10.0
"""A gap beyond these says nothing."""


def gap_in_words(objective: float, gap: float | None) -> str:
    """Return a gap, as in `2.1 %`; rounded up, so that the point is never said to be nearer.

    Args:
        objective: of the point; where it is less than 1, the gap is no share of it and is said as a number.
        gap: |objective - bound| / max(1, |objective|); `None` when it is not known.

    Returns:
        The words; empty where there is no gap, or one that says nothing.
    """
    if gap is None or not _LEAST < gap < _MOST:
        return ""
    return _rounded_up(gap) if abs(objective) < 1 else f"{_rounded_up(100 * gap)} %"


def unproven_in_words(objective: float | None, gap: float | None) -> str:
    """Return what is to be said of a point that is not proven to be the best, as in `within a gap of 2.1 %`.

    Args:
        objective: of the point; `None` where there is none.
        gap: as above.

    Returns:
        The words; empty without a point.
    """
    if objective is None:
        return ""
    words = gap_in_words(objective, gap)
    return f"within a gap of {words}" if words else "the optimum is not proven"


def _rounded_up(value: float) -> str:
    """Return a number above 0 with two digits, rounded up; what misses them by rounding only is not."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return number(float(f"{math.ceil(value / unit - 1e-6) * unit:.6g}"))
