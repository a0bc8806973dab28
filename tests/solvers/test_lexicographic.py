from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvers import (
    Kind,
    Model,
    ObjectiveStage,
    QuadraticTerms,
    Sense,
    SolveOptions,
    Termination,
    UnsupportedModelError,
    solve_in_order,
)

# x + y <= 4, both at most 3.
MODEL = Model(
    sense=Sense.MINIMIZE,
    column_lower=np.zeros(2),
    column_upper=np.array([3.0, 3.0]),
    column_kind=np.full(2, Kind.CONTINUOUS, np.uint8),
    objective=np.zeros(2),
    row_starts=np.array([0, 2]),
    row_columns=np.array([0, 1]),
    row_values=np.array([1.0, 1.0]),
    row_lower=np.array([-np.inf]),
    row_upper=np.array([4.0]),
)


def stage(sense: Sense, *coefficients: float, constant: float = 0.0, tolerance: float = 0.0) -> ObjectiveStage:
    return ObjectiveStage(
        sense=sense, coefficients=np.array(coefficients), constant=constant, tolerance=tolerance, name="goal"
    )


MOST_IN_ALL = stage(Sense.MAXIMIZE, 1, 1, constant=10)
LEAST_X = stage(Sense.MINIMIZE, 1, 0)


def test_the_later_objective_decides_among_the_optima_of_the_earlier_one() -> None:
    found = solve_in_order(MODEL, [MOST_IN_ALL, LEAST_X])
    assert found.is_optimal
    assert found.values is not None
    assert found.values == pytest.approx([1, 3])
    assert found.stage_objectives == pytest.approx((14, 1))
    assert found.objective == pytest.approx(14)
    assert found.row_activity is not None
    assert found.row_activity == pytest.approx([4])
    assert found.row_dual is None
    assert solve_in_order(MODEL, [LEAST_X, MOST_IN_ALL]).values == pytest.approx([0, 3])


def test_a_tolerance_gives_the_earlier_objective_up_by_that_much_only() -> None:
    loose = replace(MOST_IN_ALL, tolerance=0.05)
    found = solve_in_order(MODEL, [loose, LEAST_X])
    assert found.stage_objectives == pytest.approx((14 - 0.05 * 14, 0.3))


def test_an_unbounded_stage_says_which_one_and_keeps_the_point_before_it() -> None:
    free = replace(MODEL, column_lower=np.array([0, -np.inf]), row_lower=np.array([-np.inf]))
    found = solve_in_order(free, [LEAST_X, stage(Sense.MINIMIZE, 0, 1)])
    assert found.termination is Termination.UNBOUNDED
    assert "objective 2 of 2 (goal)" in found.message
    assert found.values is not None
    assert found.values[0] == pytest.approx(0)


def test_an_infeasible_model_is_infeasible_at_the_first_stage() -> None:
    found = solve_in_order(replace(MODEL, row_lower=np.array([9.0])), [MOST_IN_ALL, LEAST_X])
    assert found.termination is Termination.INFEASIBLE
    assert "objective 1 of 2" in found.message
    assert found.values is None
    assert found.stage_objectives == ()


def test_the_time_limit_is_that_of_all_stages() -> None:
    found = solve_in_order(MODEL, [MOST_IN_ALL, LEAST_X], options=SolveOptions(time_limit_seconds=0.0))
    assert found.termination in (Termination.LIMIT, Termination.OPTIMAL)
    if found.termination is Termination.LIMIT:
        assert "of 2" in found.message


def test_objectives_may_be_quadratic_the_last_and_earlier_ones() -> None:
    square = QuadraticTerms(first=np.array([0, 1]), second=np.array([0, 1]), coefficient=np.ones(2))
    curved = ObjectiveStage(sense=Sense.MINIMIZE, coefficients=np.zeros(2), quadratic=square)
    assert solve_in_order(MODEL, [MOST_IN_ALL, curved]).values == pytest.approx([2, 2], abs=1e-5)
    off_centre = replace(curved, coefficients=np.array([-4.0, -4.0]))
    held = solve_in_order(MODEL, [off_centre, LEAST_X])
    assert held.is_optimal, held.message
    assert held.stage_objectives == pytest.approx((-8, 2), abs=1e-3)
    with pytest.raises(UnsupportedModelError, match="quadratic rows"):
        solve_in_order(MODEL, [curved, LEAST_X], solver="highs")


def test_there_must_be_an_objective() -> None:
    with pytest.raises(ValueError, match="at least one"):
        solve_in_order(MODEL, [])
