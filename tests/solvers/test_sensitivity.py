from __future__ import annotations

import math
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solvers import Kind, Method, Model, ObjectiveStage, Sense, Sensitivity, Termination, sensitivity, solve
from solvers.linear_ranging import SidePrice
from solvers.sensitivity import moved_side, usual_step
from tests.solvers.cases import build_model


def dense(
    sense: Sense,
    objective: list[float],
    matrix: list[list[float]],
    lower: list[float],
    upper: list[float],
    *,
    bounds: tuple[float, float] = (0.0, np.inf),
    kind: Kind = Kind.CONTINUOUS,
) -> Model:
    """Return a model of a dense matrix."""
    low, high = bounds
    return build_model(
        sense, objective, list(zip(lower, matrix, upper, strict=True)), lower=low, upper=high, kinds=kind
    )


NONE = -np.inf


@st.composite
def linear_models(draw: st.DrawFn) -> Model:
    """Draw small linear models of whole numbers, many of them degenerate, all bounded."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    numbers = st.integers(-3, 3).map(float)
    matrix = draw(st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=m, max_size=m))
    lower, upper = [], []
    for _ in range(m):
        low, width = draw(st.integers(-5, 5)), draw(st.sampled_from([0, 2, None]))
        one_sided = draw(st.booleans())
        lower.append(float(low) if width is not None or one_sided else NONE)
        upper.append(float(low + width) if width is not None else (np.inf if one_sided else float(low)))
    objective = draw(st.lists(numbers, min_size=n, max_size=n))
    return dense(draw(st.sampled_from(Sense)), objective, matrix, lower, upper, bounds=(0.0, 6.0))


def optimum_at(model: Model, price: SidePrice, side: float) -> float | None:
    """Return the optimum with the side of a price moved to a value; `None` where nothing is feasible."""
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    if price.side in ("lower", "both"):
        lower[price.row] = side
    if price.side in ("upper", "both"):
        upper[price.row] = side
    return solve(replace(model, row_lower=lower, row_upper=upper)).objective


@settings(max_examples=50, deadline=None)
@given(linear_models())
def test_prices_hold_up_to_the_ends_of_their_ranges_and_not_beyond(model: Model) -> None:
    solution = solve(model)
    assume(solution.is_optimal)
    assert solution.objective is not None
    found = sensitivity(model, solution=solution, rows=range(model.n_rows))
    for price in found.prices:
        for rate, end, way in ((price.price_up, price.upper, 1.0), (price.price_down, price.lower, -1.0)):
            if rate is None:
                assert optimum_at(model, price, price.value + way * 1e-3) is None
                continue
            reach = min(abs(end - price.value), 1000.0)
            assert reach > 1e-6
            for moved in (0.5 * reach, reach - 1e-7):
                side = price.value + way * moved
                expected = solution.objective + rate * way * moved
                assert optimum_at(model, price, side) == pytest.approx(expected, abs=1e-5)
            if math.isfinite(end):
                beyond = optimum_at(model, price, end + way * 0.01)
                assert (
                    beyond is None or abs(beyond - solution.objective - rate * (end + way * 0.01 - price.value)) > 1e-5
                )


@settings(max_examples=50, deadline=None)
@given(linear_models())
def test_the_point_stays_optimal_within_the_cost_ranges_and_not_beyond(model: Model) -> None:
    solution = solve(model)
    assume(solution.is_optimal)
    assert solution.values is not None
    for cost in sensitivity(model, solution=solution).cost_ranges:
        for end, way in ((cost.upper, 1.0), (cost.lower, -1.0)):
            reach = min(abs(end - cost.cost), 1000.0)
            for moved, holds in ((0.5 * reach, True), (reach, True), (reach + 0.01, math.isinf(end))):
                objective = model.objective.copy()
                objective[cost.column] += way * moved
                again = solve(replace(model, objective=objective))
                assert again.objective is not None
                is_best = again.objective == pytest.approx(float(objective @ solution.values), abs=1e-6)
                assert is_best == holds


def only_price(found: Sensitivity) -> SidePrice:
    (price,) = found.prices
    return price


def test_a_textbook_model_has_its_known_ranges() -> None:
    # Wyndor Glass (Hillier and Lieberman, Introduction to Operations Research): shadow prices 0, 3/2 and 1.
    model = dense(Sense.MAXIMIZE, [3, 5], [[1, 0], [0, 2], [3, 2]], [NONE] * 3, [4, 12, 18])
    found = sensitivity(model, rows=range(3))
    assert found.method is Method.PRICES
    assert [price.price_up for price in found.prices] == pytest.approx([0, 1.5, 1])
    assert [(price.lower, price.upper) for price in found.prices] == [
        pytest.approx((2, np.inf)), pytest.approx((6, 18)), pytest.approx((12, 24)),
    ]  # fmt: skip
    assert [(cost.lower, cost.upper) for cost in found.cost_ranges] == [
        pytest.approx((0, 7.5)), pytest.approx((2, np.inf)),
    ]  # fmt: skip
    assert found.slack.tolist() == pytest.approx([2, 0, 0])
    assert found.is_binding.tolist() == [False, True, True]
    assert (found.is_degenerate, found.has_other_optima, found.notes) == (False, False, ())


def test_the_price_of_a_cost_is_positive_when_a_demand_rises() -> None:
    model = dense(Sense.MINIMIZE, [2.0], [[1.0]], [3.0], [np.inf])
    price = only_price(sensitivity(model))
    assert (price.price_up, price.price_down, price.lower, price.upper) == pytest.approx((2, 2, 0, np.inf))


def test_a_degenerate_optimum_has_two_prices_where_a_basis_gives_one() -> None:
    # Three lines through one point (Gal 1986): more of either helps nothing, less of each costs.
    model = dense(Sense.MAXIMIZE, [1, 1], [[1, 0], [0, 1], [1, 1]], [NONE] * 3, [1, 1, 2])
    found = sensitivity(model)
    assert [(price.price_up, price.price_down) for price in found.prices] == [(0, 1)] * 3
    assert [price.lower for price in found.prices] == pytest.approx([0, 0, 0])
    assert [price.upper for price in found.prices] == [np.inf] * 3
    assert found.is_degenerate
    assert "kink" in found.notes[0]


def test_where_the_side_cannot_move_there_is_no_price() -> None:
    model = dense(Sense.MINIMIZE, [1.0], [[1.0], [1.0]], [2.0, NONE], [np.inf, 2.0])
    first = sensitivity(model).prices[0]
    assert (first.price_up, first.upper) == (None, 2.0)
    assert first.price_down == pytest.approx(1.0)
    assert not first.is_two_sided


def test_other_optimal_points_are_noticed() -> None:
    model = dense(Sense.MAXIMIZE, [1, 1], [[1, 1]], [NONE], [4])
    found = sensitivity(model)
    assert found.has_other_optima
    assert "Other points reach the same optimum." in found.notes


def test_integer_models_are_solved_again_a_step_up_and_down() -> None:
    model = dense(Sense.MAXIMIZE, [5, 4], [[6, 4], [1, 2]], [NONE] * 2, [24, 6], kind=Kind.INTEGER)
    found = sensitivity(model)
    base = solve(model).objective
    assert base is not None
    assert found.method is Method.STEPS
    assert found.steps
    for step in found.steps:
        assert step.step == 1.0
        for change, by in ((step.change_up, 1.0), (step.change_down, -1.0)):
            upper = model.row_upper.copy()
            upper[step.row] += by
            again = solve(replace(model, row_upper=upper)).objective
            assert again is not None
            assert change == again - base


def test_a_step_that_makes_the_model_infeasible_is_told() -> None:
    model = dense(Sense.MAXIMIZE, [1.0], [[1.0]], [1.0], [1.0], bounds=(0, 1), kind=Kind.BINARY)
    (step,) = sensitivity(model).steps
    assert (step.change_up, step.termination_up, step.change_down) == (None, Termination.INFEASIBLE, -1.0)


def test_several_objectives_are_solved_again_in_their_order() -> None:
    model = dense(Sense.MAXIMIZE, [1, 1], [[1, 1]], [NONE], [4], bounds=(0, 3))
    stages = [
        ObjectiveStage(sense=Sense.MAXIMIZE, coefficients=np.array([1.0, 1.0])),
        ObjectiveStage(sense=Sense.MAXIMIZE, coefficients=np.array([1.0, 0.0])),
    ]
    (step,) = sensitivity(model, stages=stages).steps
    assert (step.change_up, step.change_down) == pytest.approx((1, -1), abs=1e-6)


def test_without_an_optimum_only_slacks_are_given() -> None:
    model = dense(Sense.MAXIMIZE, [1.0], [[1.0]], [NONE], [4.0])
    stopped = replace(solve(model), termination=Termination.LIMIT)
    found = sensitivity(model, solution=stopped)
    assert (found.method, found.is_binding.tolist(), found.prices) == (Method.NONE, [True], ())
    nothing = sensitivity(replace(model, row_lower=np.array([5.0])))
    assert (nothing.method, len(nothing.slack)) == (Method.NONE, 0)


def test_ranged_rows_move_the_side_that_is_met() -> None:
    model = dense(Sense.MAXIMIZE, [1.0], [[1.0]], [2.0], [5.0])
    price = only_price(sensitivity(model))
    assert (price.side, price.price_up, price.price_down) == ("upper", 1, 1)
    assert (price.lower, price.upper) == pytest.approx((2, np.inf))
    assert moved_side(model, 0, 5.0, 2.0).row_upper.tolist() == [7.0]


def test_the_time_is_kept_and_what_is_left_out_is_said() -> None:
    model = dense(Sense.MAXIMIZE, [5, 4], [[6, 4], [1, 2]], [NONE] * 2, [24, 6])
    assert "time" in sensitivity(model, seconds=0.0).notes[0]
    assert "time" in sensitivity(replace(model, column_kind=np.ones(2, np.uint8)), seconds=0.0).notes[0]
    stop = threading.Event()
    solution = solve(model)
    stop.set()
    assert sensitivity(model, solution=solution, cancel=stop).prices == ()


@pytest.mark.parametrize(("side", "step"), [(400.0, 1.0), (0.0, 1.0), (2.5, 0.1), (0.04, 0.001), (-31.5, 1.0)])
def test_the_usual_step_suits_the_side(side: float, step: float) -> None:
    assert usual_step(side) == pytest.approx(step)


@pytest.mark.parametrize("step", [0.0, -1.0, math.nan, math.inf])
def test_a_step_is_above_zero(step: float) -> None:
    model: Any = dense(Sense.MAXIMIZE, [1.0], [[1.0]], [NONE], [4.0])
    with pytest.raises(ValueError, match="a step is a number above 0"):
        sensitivity(model, step=step)
