from dataclasses import replace

import numpy as np
import pytest

from solvers import IndicatorRows
from solvers.implied_bounds import implied_bounds
from tests.solvers.cases import BINARY, INF, INTEGER, MIN, build_model


def test_a_row_bounds_columns_whose_companions_are_bounded() -> None:
    model = build_model(MIN, [0, 0], [(-INF, [2, 4], 12)], kinds=INTEGER)
    lower, upper = implied_bounds(model)
    assert lower.tolist() == [0, 0]
    assert upper == pytest.approx([6, 3], rel=1e-6)


def test_what_one_row_says_serves_the_next() -> None:
    rows = [(-INF, [1, -1, 0], 0), (-INF, [0, 1, -1], 0), (-INF, [0, 0, 1], 5)]
    assert implied_bounds(build_model(MIN, [0] * 3, rows, kinds=INTEGER))[1] == pytest.approx([5, 5, 5], rel=1e-6)


def test_rows_bound_from_below_and_with_negative_coefficients() -> None:
    model = build_model(MIN, [0, 0], [(-6, [-2, 1], INF)], lower=[0, -INF], upper=[INF, 4], kinds=INTEGER)
    lower, upper = implied_bounds(model)
    assert upper[0] == pytest.approx(5, rel=1e-6)
    assert lower[1] == pytest.approx(-6, rel=1e-6)


def test_stated_bounds_stay_and_what_does_not_follow_stays_open() -> None:
    model = build_model(MIN, [0, 0], [(-INF, [1, -1], 1)], upper=[9, INF], kinds=INTEGER)
    lower, upper = implied_bounds(model)
    assert (lower.tolist(), upper.tolist()) == ([0, 0], [9, INF])


def test_a_row_that_holds_only_under_a_condition_says_nothing() -> None:
    model = build_model(MIN, [0, 0], [(-INF, [1, 0], 5)], upper=[INF, 1], kinds=[INTEGER, BINARY])
    condition = IndicatorRows(row=np.array([0]), column=np.array([1]), value=np.array([1], np.uint8))
    assert implied_bounds(replace(model, indicators=condition))[1].tolist() == [INF, 1]
