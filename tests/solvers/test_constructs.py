"""What every back end must get right of global constraints and conditional rows, as far as it takes them."""

import numpy as np
import pytest

from solvers import BACK_ENDS, Model, Termination, UnsupportedModelError, check_point, choose, solve
from tests.solvers.constructs import CONSTRUCTS, FT06, job_shop, queens


def takes(solver: str, model: Model) -> bool:
    try:
        choose(model, solver)
    except UnsupportedModelError:
        return False
    return True


PAIRS = [(end.name, name) for end in BACK_ENDS for name, case in CONSTRUCTS.items() if takes(end.name, case.model)]


def test_cp_sat_takes_all_of_them() -> None:
    assert [name for solver, name in PAIRS if solver == "cp_sat"] == list(CONSTRUCTS)


@pytest.mark.parametrize(("solver", "name"), PAIRS)
def test_finds_the_optimum(solver: str, name: str) -> None:
    case = CONSTRUCTS[name]
    solution = solve(case.model, solver=solver)
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(case.objective)
    assert solution.bound == pytest.approx(case.objective)
    assert solution.values is not None
    assert check_point(case.model, solution.values).accepted
    if case.values is not None:
        assert solution.values == pytest.approx(np.array(case.values, float))


@pytest.mark.parametrize("name", [name for name, case in CONSTRUCTS.items() if case.model.global_constraints])
def test_a_solver_with_global_constraints_is_chosen_first(name: str) -> None:
    choice = choose(CONSTRUCTS[name].model)
    assert choice.back_end.name == "cp_sat"
    assert choice.reason == "CP-SAT takes integer models, scheduling and routing."


def test_three_queens_do_not_fit() -> None:
    assert solve(queens(3)).termination is Termination.INFEASIBLE


def test_cp_sat_finds_the_shortest_makespan_of_a_classic_job_shop() -> None:
    solution = solve(job_shop(FT06), solver="cp_sat")
    assert (solution.objective, solution.bound, solution.is_optimal) == (55.0, 55.0, True)
