from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import Model, QuadraticRows, check_point
from tests.solvers.cases import CONTINUOUS, INF, INTEGER, MIN, Row, build_model

ROWS: list[Row] = [(1, [1, 1, 1], 4), (2, [1, -1, 0], 2)]
MODEL = build_model(MIN, [0, 0, 0], ROWS, lower=[0, 0, -1], upper=[3, INF, 1], kinds=[CONTINUOUS, INTEGER, INTEGER])


def test_accepts_a_point_that_satisfies_everything() -> None:
    check = check_point(MODEL, np.array([2.0, 0.0, 1.0]))
    assert check.accepted
    assert check.max_violation == 0.0


@pytest.mark.parametrize(
    ("point", "kind", "amount", "worst"),
    [
        ([2.0, 0.0, -1.5], "integrality_violation", 0.5, 2),
        ([2.5, 0.5, 0.0], "integrality_violation", 0.5, 1),
        ([2.0, 0.0, 3.0], "bound_violation", 2.0, 2),
        ([4.0, 2.0, -1.0], "bound_violation", 1 / 3, 0),
        ([1.0, -1.0, 1.0], "bound_violation", 1.0, 1),
        ([2.0, 0.0, -1.0 - 2e-6], "bound_violation", 2e-6, 2),
    ],
)
def test_refuses_a_column_that_is_out_of_bounds_or_fractional(
    point: list[float], kind: str, amount: float, worst: int
) -> None:
    check = check_point(MODEL, np.array(point))
    assert not check.accepted
    assert getattr(check, kind) == pytest.approx(amount)
    assert check.worst_column == worst


@pytest.mark.parametrize(
    ("point", "amount", "worst"),
    [
        ([3.0, 1.0, 1.0], 1 / 4, 0),
        ([1.0, 0.0, 0.0], 1 / 2, 1),
        ([3.0, 0.0, 0.0], 1 / 3, 1),
    ],
)
def test_refuses_a_violated_row(point: list[float], amount: float, worst: int) -> None:
    check = check_point(MODEL, np.array(point))
    assert not check.accepted
    assert check.row_violation == pytest.approx(amount)
    assert check.worst_row == worst


def test_a_tolerance_can_be_chosen() -> None:
    point = np.array([2.0, 0.0, 1.05])
    assert not check_point(MODEL, point).accepted
    assert check_point(MODEL, point, tolerance=0.1).accepted


@pytest.mark.parametrize("number", [np.nan, INF, -INF])
def test_not_a_number_and_infinity_violate_everything(number: float) -> None:
    free = build_model(MIN, [0.0], lower=-INF)
    check = check_point(free, np.array([number]))
    assert not check.accepted
    assert check.row_violation == check.bound_violation == check.integrality_violation == INF


def test_a_row_that_overflows_is_violated_without_a_warning() -> None:
    model = build_model(MIN, [0, 0], [(-INF, [1e200, -1e200], 0)])
    assert check_point(model, np.array([1e200, 1e200])).row_violation == INF
    assert check_point(model, np.array([1e200, 0.0])).row_violation == INF


@pytest.mark.parametrize(("lower", "upper"), [(INF, INF), (-INF, -INF)])
def test_a_row_that_asks_for_infinity_is_never_met(lower: float, upper: float) -> None:
    assert not check_point(build_model(MIN, [1], [(lower, [1], upper)]), np.array([1e9])).accepted


@pytest.mark.parametrize("scale", [1e3, 1e6, 1e9])
def test_rows_are_judged_relative_to_their_side_and_terms(scale: float) -> None:
    by_side = build_model(MIN, [0], [(-INF, [1], scale)])
    assert check_point(by_side, np.array([scale * (1 + 5e-7)])).accepted
    assert not check_point(by_side, np.array([scale * (1 + 2e-6)])).accepted
    by_terms = build_model(MIN, [0, 0], [(0, [1, -1], 0)])
    assert check_point(by_terms, np.array([scale, scale * (1 + 5e-7)])).accepted
    assert not check_point(by_terms, np.array([scale, scale * (1 + 2e-6)])).accepted


def test_a_whole_number_is_judged_by_its_distance_not_relative_to_its_size() -> None:
    model = build_model(MIN, [0], kinds=INTEGER)
    assert not check_point(model, np.array([1e6 + 0.01])).accepted


def test_quadratic_rows_count() -> None:
    model = replace(
        build_model(MIN, [0, 0], [(-INF, [1, 0], 5)]),
        quadratic_rows=QuadraticRows(
            row=np.array([0, 0]), first=np.array([0, 1]), second=np.array([1, 1]), coefficient=np.array([2.0, -1.0])
        ),
    )
    assert check_point(model, np.array([1.0, 2.0])).accepted
    assert check_point(model, np.array([2.0, 2.0])).row_violation == pytest.approx(1 / 8)


def test_a_model_without_rows_or_columns_is_judged() -> None:
    check = check_point(build_model(MIN, []), np.empty(0))
    assert check.accepted
    assert check.worst_row is None
    assert check.worst_column is None


@pytest.mark.parametrize("shape", [(2,), (4,), (3, 1)])
def test_a_point_of_another_shape_is_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="3 columns"):
        check_point(MODEL, np.zeros(shape))


@st.composite
def models_with_a_point(draw: st.DrawFn) -> tuple[Model, np.ndarray, Callable[[int], float]]:
    """A model around a point: sides and bounds are at the point or beyond it; and its rows' scales."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = rng.choice([CONTINUOUS, INTEGER], n)
    magnitude = 10.0 ** rng.integers(-3, 7)
    point = np.where(kinds == INTEGER, rng.integers(-50, 50, n), rng.normal(size=n) * magnitude)
    matrix = rng.normal(size=(m, n)) * rng.integers(0, 2, (m, n)) * 10.0 ** rng.integers(-3, 4, (m, 1))
    activity = matrix @ point
    slack = np.array([0.0, 0.0, 1.0, INF])
    model = build_model(
        MIN,
        np.zeros(n),
        list(zip(activity - rng.choice(slack, m), matrix, activity + rng.choice(slack, m), strict=True)),
        lower=point - rng.choice(slack, n),
        upper=point + rng.choice(slack, n),
        kinds=kinds,
    )
    return model, point, lambda row: float(max(1.0, abs(activity[row]), np.abs(matrix[row] * point).max()))


@settings(max_examples=50, deadline=None)
@given(models_with_a_point(), st.data())
def test_points_within_all_sides_are_accepted_and_any_side_moved_past_them_refuses_them(
    drawn: tuple[Model, np.ndarray, Callable[[int], float]], data: st.DataObject
) -> None:
    model, point, scale_of_row = drawn
    assert check_point(model, point).accepted

    row = data.draw(st.integers(0, model.n_rows - 1))
    here = np.arange(model.n_rows) == row
    past = model.activity(point) + here * 1e-4 * scale_of_row(row)
    tightened = replace(model, row_lower=np.where(here, past, model.row_lower))
    assert not check_point(tightened, point).accepted
    assert check_point(tightened, point).worst_row == row

    column = data.draw(st.integers(0, model.n_columns - 1))
    here = np.arange(model.n_columns) == column
    bound = point - here * 1e-4 * np.maximum(1.0, np.abs(point))
    tightened = replace(model, column_upper=np.where(here, bound, model.column_upper))
    assert not check_point(tightened, point).accepted
    assert check_point(tightened, point).worst_column == column
