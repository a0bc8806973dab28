"""Which bounds would stop an objective that improves without end."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers import Model, SolveOptions, solve
from solvers.backends.unboundedness import steepest_ray
from solvers.reformulation.extension import rows_emptied

_NOTHING: Final = 1e-9
_MOST: Final = 5
_OPTIONS: Final = SolveOptions(time_limit_seconds=2.0)


def stopping_bounds(model: Model, ray: NDArray[np.float64]) -> tuple[tuple[int, bool], ...]:
    """Return a few columns whose bounds, in the direction in which each runs away, would leave the objective an end.

    Every direction of the relaxation in which the objective improves for ever is looked at, not only the one that is
    given: with a bound on one column another one may run away.

    Args:
        model: with a linear objective; what it demands under a condition only is left out.
        ray: float64 (n,), a direction in which it improves for ever.

    Returns:
        Columns, and whether an upper bound is meant; one column where one is enough. Empty where none were found.
    """
    directions = _directions(model)
    fastest = [(column, bool(ray[column] > 0)) for column in np.argsort(-np.abs(ray), kind="stable")[:_MOST].tolist()]
    for column, rises in fastest:
        if abs(ray[column]) > _NOTHING:
            is_known, direction = _improving(_held(directions, column, rises))
            if is_known and direction is None:
                return ((column, rises),)
    bounds: list[tuple[int, bool]] = []
    is_known, direction = True, ray if len(ray) else None
    while direction is not None and len(bounds) < _MOST:
        # A column that the objective names is what a person would look at first.
        sizes = np.abs(direction) * np.where(model.objective != 0, 2.0, 1.0)
        column = int(np.argmax(sizes))
        bounds.append((column, bool(direction[column] > 0)))
        directions = _held(directions, *bounds[-1])
        is_known, direction = _improving(directions)
    return tuple(bounds) if is_known and direction is None else ()


def _directions(model: Model) -> Model:
    if model.indicators is not None:
        model = replace(rows_emptied(model, model.indicators.row), indicators=None)
    return steepest_ray(replace(model, global_constraints=(), cones=None))


def _held(directions: Model, column: int, rises: bool) -> Model:
    """Return the directions in which a column does not rise, or does not fall."""
    bound = directions.column_upper.copy() if rises else directions.column_lower.copy()
    bound[column] = 0.0
    return replace(directions, column_upper=bound) if rises else replace(directions, column_lower=bound)


def _improving(directions: Model) -> tuple[bool, NDArray[np.float64] | None]:
    """Return whether it is known if the objective can improve, and a direction in which it does."""
    solution = solve(directions, options=_OPTIONS)
    if solution.values is None or solution.objective is None:
        return False, None
    improves = abs(solution.objective) > _NOTHING
    return improves or solution.is_optimal, solution.values if improves else None
