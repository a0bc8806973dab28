from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from solvers import IndicatorRows, Model, check_point
from solvers.reformulation.bounds import activity, coefficients_at, tightened_bounds
from tests.solvers.cases import BINARY, CONTINUOUS, INF, INTEGER, MIN, build_model
from tests.solvers.test_solve import small_models


def test_a_row_bounds_each_of_its_columns_by_the_others() -> None:
    lower, upper = tightened_bounds(build_model(MIN, [0, 0], [(-INF, [2, 3], 12)]))
    assert lower == pytest.approx([0, 0])
    assert upper == pytest.approx([6, 4])


def test_bounds_go_on_from_row_to_row_and_whole_ones_are_rounded() -> None:
    rows = [(-INF, [2, 0, 0], 7), (-INF, [-1, 1, 0], 1), (-INF, [0, -1, 1], 0)]
    lower, upper = tightened_bounds(build_model(MIN, [0] * 3, rows, lower=-INF, kinds=INTEGER))
    assert upper.tolist() == [3, 4, 4]
    assert lower.tolist() == [-INF] * 3


def test_bounds_of_continuous_columns_are_never_cut() -> None:
    _, upper = tightened_bounds(build_model(MIN, [0, 0], [(0.3, [3, 0], 0.3), (0, [1e6, -1], 0)]))
    assert upper[0] >= 0.3 / 3
    assert upper[1] >= 1e6 * 0.3 / 3


def test_conditional_rows_imply_nothing() -> None:
    model = build_model(MIN, [0, 0], [(-INF, [1, 0], 3)], kinds=[CONTINUOUS, BINARY], upper=[INF, 1])
    listed = IndicatorRows(row=np.array([0]), column=np.array([1]), value=np.array([1], np.uint8))
    assert tightened_bounds(replace(model, indicators=listed))[1][0] == INF


def test_bounds_that_cross_are_left_as_they_were() -> None:
    lower, upper = tightened_bounds(build_model(MIN, [0], [(5, [1], 5)], upper=3))
    assert (lower.tolist(), upper.tolist()) == ([0], [3])


def test_one_endless_column_bounds_itself_only() -> None:
    model = build_model(MIN, [0, 0], [(-INF, [1, -1], 4)], lower=[0, 0], upper=[INF, 2])
    reach = activity(model, model.column_lower, model.column_upper)
    assert (reach.least.tolist(), reach.most.tolist()) == ([-2], [INF])
    assert reach.others_most().tolist() == [0, INF]
    assert reach.others_least().tolist() == [-2, 0]
    assert coefficients_at(model, np.array([0, 0]), np.array([1, 0])).tolist() == [-1, 1]


@settings(max_examples=50, deadline=None)
@given(small_models((INTEGER,), bounded=True))
def test_every_point_of_a_model_lies_within(model: Model) -> None:
    lower, upper = tightened_bounds(model)
    sides = zip(np.ceil(model.column_lower), np.floor(model.column_upper), strict=True)
    grid = np.meshgrid(*(np.arange(low, high + 1) for low, high in sides), indexing="ij")
    for point in np.stack([axis.ravel() for axis in grid], axis=1):
        if check_point(model, point).accepted:
            assert np.all(lower <= point)
            assert np.all(point <= upper)
