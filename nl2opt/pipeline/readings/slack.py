"""Which rows of a constraint are away from their sides at the point that was found."""

from __future__ import annotations

from typing import Final

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.elements import BoolArray
from solvers import Solution

_SLACK: Final = 1e-6
"""Relative; rows nearer to a side are at it."""


def slack_rows(name: str, compiled: CompiledFormulation, solution: Solution) -> BoolArray | None:
    """Return for each row (k,) of a constraint whether it is away from both of its sides.

    Returns:
        The array; `None` without a point, or where the constraint has no rows of its own.
    """
    if solution.row_activity is None:
        return None
    first = 0
    found: list[BoolArray] = []
    for family in compiled.families:
        rows = slice(first, first + family.size)
        first += family.size
        if family.name != name or family.element or family.condition is not None:
            continue
        activity = solution.row_activity[rows]
        lower, upper = compiled.model.row_lower[rows], compiled.model.row_upper[rows]
        with np.errstate(invalid="ignore"):
            distance = np.minimum(activity - lower, upper - activity)
        found.append(distance > _SLACK * (1.0 + abs(activity)))
    return np.concatenate(found) if found else None
