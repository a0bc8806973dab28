"""Products, functions and cones with known answers, for every back end that takes them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from solvers import BACK_ENDS, Model, Operator, Termination, check_point, solve
from tests.solvers.backends.test_clarabel import with_cones, with_squares
from tests.solvers.backends.test_ipopt import apply, column, with_functions
from tests.solvers.cases import INF, INTEGER, MAX, MIN, Case, build_model
from tests.solvers.test_conformance import ITERATIVE, takes

CIRCLE = [(0, 0, 0, 1.0), (0, 1, 1, 1.0)]
EXPONENTIAL = [column(0), apply(Operator.EXP, 0)]
CURVED = {
    "cone": Case(
        model=with_cones(build_model(MAX, [0, 1, 1], lower=[0, -INF, -INF], upper=[1, INF, INF]), [0, 1, 2]),
        objective=math.sqrt(2), values=[1, math.sqrt(0.5), math.sqrt(0.5)],
    ),
    "disc": Case(
        model=with_squares(build_model(MAX, [1, 1], [(-INF, [0, 0], 2)], lower=-5, upper=5), *CIRCLE),
        objective=2, values=[1, 1],
    ),
    "whole_squares": Case(  # (x - 1.6)^2 + (y - 2.3)^2
        model=build_model(
            MIN, [-3.2, -4.6], kinds=INTEGER, upper=9, products=[(0, 0, 1), (1, 1, 1)], constant=1.6**2 + 2.3**2
        ),
        objective=0.25, values=[2, 2],
    ),
    "saddle": Case(
        model=build_model(MAX, [0, 0], lower=-1, upper=[2, 1], products=[(0, 0, 1), (1, 1, -1)]),
        objective=4, values=[2, 0],
    ),
    "product": Case(
        model=build_model(MAX, [0, 0], [(-INF, [1, 1], 4)], upper=4, products=[(0, 1, 1)]),
        objective=4, values=[2, 2],
    ),
    "exponential": Case(
        model=with_functions(build_model(MIN, [-2], lower=-5, upper=5), EXPONENTIAL, objective=1),
        objective=2 - 2 * math.log(2), values=[math.log(2)],
    ),
    "whole_exponential": Case(
        model=with_functions(build_model(MIN, [-3], upper=4, kinds=INTEGER), EXPONENTIAL, objective=1),
        objective=math.e - 3, values=[1],
    ),
    "exponential_row": Case(
        model=with_functions(build_model(MAX, [1], [(-INF, [0], 5)], upper=9), EXPONENTIAL, rows={0: 1}),
        objective=math.log(5), values=[math.log(5)],
    ),
}  # fmt: skip
EMPTY = {
    "disc": with_squares(
        build_model(MIN, [1, 1], [(-INF, [0, 0], 1), (2, [1, 1], INF)], lower=-5, upper=5), *CIRCLE
    ),
    "cone": with_cones(build_model(MIN, [1, 0], lower=[0, 2], upper=[1, 9]), [0, 1]),
    "function": with_functions(build_model(MIN, [1], [(9, [0], INF)], upper=2), EXPONENTIAL, rows={0: 1}),
}  # fmt: skip


def pairs(models: dict[str, Model]) -> list[tuple[str, str]]:
    return [(end.name, name) for end in BACK_ENDS for name, model in models.items() if takes(end, model)]


def test_each_is_taken_by_a_solver_that_proves_its_optimum() -> None:
    proving = {name for solver, name in pairs({name: case.model for name, case in CURVED.items()}) if solver != "ipopt"}
    assert proving == set(CURVED)


@pytest.mark.parametrize(("solver", "name"), pairs({name: case.model for name, case in CURVED.items()}))
def test_finds_the_optimum(solver: str, name: str) -> None:
    """What Ipopt finds is the optimum here as well, though it may not know."""
    case, tolerance = CURVED[name], ITERATIVE.get(solver, 1e-6)
    solution = solve(case.model, solver=solver)
    allowed = (Termination.OPTIMAL, Termination.LOCALLY_OPTIMAL) if solver == "ipopt" else (Termination.OPTIMAL,)
    assert solution.termination in allowed, solution.message
    assert solution.values is not None
    assert check_point(case.model, solution.values).accepted
    assert solution.objective == pytest.approx(case.objective, rel=tolerance, abs=tolerance)
    assert solution.values == pytest.approx(np.array(case.values), abs=5e-3)
    assert (solution.bound is None) == (solution.termination is Termination.LOCALLY_OPTIMAL)


@pytest.mark.parametrize(("solver", "name"), pairs(EMPTY))
def test_a_model_without_a_point_is_infeasible_or_not_known_to_be(solver: str, name: str) -> None:
    """Only a local solver may leave open whether there is a point; none hands one out."""
    solution = solve(EMPTY[name], solver=solver)
    assert not solution.has_point
    if solver != "ipopt":
        assert solution.termination is Termination.INFEASIBLE
    else:
        assert solution.termination in (Termination.INFEASIBLE, Termination.ERROR, Termination.LIMIT)
