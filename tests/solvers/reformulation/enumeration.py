"""Answers by looking at every point: what rewrites must agree with."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from solvers import AffineColumns, Model, Sense, Termination, check_point, solve


def best_objective(model: Model) -> float | None:
    """Return the best objective among all whole points within the bounds; `None` where there is no point."""
    ranges = [range(int(low), int(high) + 1) for low, high in zip(model.column_lower, model.column_upper, strict=True)]
    points = (np.array(point, np.float64) for point in itertools.product(*ranges))
    objectives = [model.objective_value(point) for point in points if check_point(model, point).accepted]
    if not objectives:
        return None
    return min(objectives) if model.sense is Sense.MINIMIZE else max(objectives)


def assert_agrees(model: Model) -> None:
    """Solve with HiGHS a model whose columns are whole, or as good at whole values, and compare with enumeration."""
    best, solution = best_objective(model), solve(model, solver="highs")
    if best is None:
        assert solution.termination is Termination.INFEASIBLE, solution.message
        return
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(best, abs=1e-6)
    assert solution.values is not None
    assert solution.values.shape == (model.n_columns,)
    assert check_point(model, solution.values).accepted


def affine(columns: Sequence[int], offset: Sequence[float] | float = 0.0, factor: float = 1.0) -> AffineColumns:
    """Return `factor * column + offset`; a column of -1 stands for the constant alone."""
    places = np.array(columns, np.int64)
    return AffineColumns(
        column=places,
        coefficient=np.where(places < 0, 0.0, factor),
        offset=np.full(len(columns), offset, np.float64) + np.zeros(len(columns)),
    )


def constants(values: Sequence[float]) -> AffineColumns:
    return affine([-1] * len(values), values)
