"""What every back end must get right, as far as it takes a model: the same standard models for all of them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from solvers import (
    BACK_ENDS,
    BackEnd,
    Feature,
    Incumbent,
    Model,
    SolveOptions,
    SolverEvent,
    Termination,
    UnsupportedModelError,
    check_point,
    choose,
    is_installed,
    solve,
)
from tests.solvers.cases import HOPELESS, SOLVED, market_split

ALL = {back_end.name: back_end for back_end in BACK_ENDS}
SEARCHING = [name for name, back_end in ALL.items() if {Feature.INTEGER, Feature.CONTINUOUS} <= back_end.features]
"""Back ends that search a tree, and so have incumbents and bounds."""
ITERATIVE = {"pdlp": 1e-4, "clarabel": 1e-5, "ipopt": 1e-5}
"""Back ends whose points are exact up to a tolerance only, with that of objective and values."""
FLAT = {"scip": 1e-3}
"""Back ends that stop quadratic models at a gap of 1e-6, within which the values may wander by its root."""
WITHOUT_DUALS = frozenset({"cp_sat", "scip"})


def takes(back_end: BackEnd, model: Model) -> bool:
    try:
        choose(model, back_end.name)
    except UnsupportedModelError:
        return False
    return True


def pairs(models: dict[str, Model]) -> list[tuple[str, str]]:
    return [(name, key) for name, back_end in ALL.items() for key, model in models.items() if takes(back_end, model)]


def test_every_back_end_is_installed() -> None:
    assert [back_end.name for back_end in BACK_ENDS if not is_installed(back_end)] == []


@pytest.mark.parametrize(("solver", "name"), pairs({name: case.model for name, case in SOLVED.items()}))
def test_finds_the_optimum(solver: str, name: str) -> None:
    case, tolerance = SOLVED[name], ITERATIVE.get(solver, 1e-6)
    solution = solve(case.model, solver=solver)
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(case.objective, rel=tolerance, abs=tolerance)
    assert solution.values is not None
    if case.values is not None:
        blur = FLAT.get(solver, 0.0) if case.model.quadratic_objective is not None else 0.0
        assert solution.values == pytest.approx(np.array(case.values), rel=1e-5, abs=max(10 * tolerance, blur))
    assert solution.bound == pytest.approx(case.objective, rel=tolerance, abs=tolerance)
    assert check_point(case.model, solution.values).accepted


@pytest.mark.parametrize(
    ("solver", "name"),
    [
        (solver, name)
        for solver, name in pairs({name: case.model for name, case in SOLVED.items() if case.row_dual is not None})
        if solver not in WITHOUT_DUALS and not SOLVED[name].model.is_integer
    ],
)
def test_finds_duals_and_reduced_costs_in_the_sense_of_the_stated_objective(solver: str, name: str) -> None:
    case, tolerance = SOLVED[name], 100 * ITERATIVE.get(solver, 1e-7)
    solution = solve(case.model, solver=solver)
    assert solution.row_dual == pytest.approx(np.array(case.row_dual), rel=tolerance, abs=tolerance)
    assert solution.reduced_cost == pytest.approx(np.array(case.reduced_cost), rel=tolerance, abs=tolerance)


@pytest.mark.parametrize(("solver", "name"), pairs({name: model for name, (_, model) in HOPELESS.items()}))
def test_says_why_there_is_no_optimum(solver: str, name: str) -> None:
    termination, model = HOPELESS[name]
    solution = solve(model, solver=solver)
    assert solution.termination is termination, solution.raw_status
    assert not solution.has_point


@pytest.mark.parametrize("solver", SEARCHING)
def test_a_limit_hands_out_the_checked_point_and_the_bound(solver: str) -> None:
    model = market_split(exact=False)
    solution = solve(model, solver=solver, options=SolveOptions(time_limit_seconds=0.5))
    assert solution.termination is Termination.LIMIT
    assert solution.values is not None
    assert check_point(model, solution.values).accepted
    assert solution.bound is not None
    assert solution.objective is not None
    assert solution.bound < solution.objective
    assert solution.seconds < 3


@pytest.mark.parametrize("solver", [*SEARCHING, *(["cp_sat"] if "cp_sat" in ALL else [])])
def test_a_limit_without_a_point_hands_out_none(solver: str) -> None:
    solution = solve(market_split(exact=True), solver=solver, options=SolveOptions(time_limit_seconds=0.3))
    assert solution.termination is Termination.LIMIT
    assert solution.values is solution.objective is solution.gap is None


@pytest.mark.parametrize("solver", SEARCHING)
def test_stops_within_half_a_second_when_cancelled_and_keeps_the_incumbent(solver: str) -> None:
    model, cancel, found = market_split(exact=False), threading.Event(), threading.Event()
    events: list[SolverEvent] = []

    def listen(event: SolverEvent) -> None:
        events.append(event)
        if isinstance(event, Incumbent):
            found.set()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(solve, model, solver=solver, on_event=listen, cancel=cancel)
        assert found.wait(10)
        cancelled = time.perf_counter()
        cancel.set()
        solution = running.result(timeout=10)
    assert time.perf_counter() - cancelled < 0.5
    assert solution.termination is Termination.INTERRUPTED
    assert solution.values is not None
    assert check_point(model, solution.values).accepted
    assert solution.bound is not None


@pytest.mark.parametrize("solver", [*SEARCHING, *(["cp_sat"] if "cp_sat" in ALL else [])])
def test_cancelled_before_anything_was_found_it_hands_out_nothing(solver: str) -> None:
    cancel = threading.Event()
    timer = threading.Timer(0.2, cancel.set)
    timer.start()
    solution = solve(market_split(exact=True), solver=solver, cancel=cancel)
    timer.join()
    assert solution.termination is Termination.INTERRUPTED
    assert solution.values is solution.objective is solution.gap is None


@pytest.mark.parametrize("solver", ALL)
def test_a_model_that_is_cancelled_beforehand_is_not_started(solver: str) -> None:
    model = next(case.model for case in SOLVED.values() if takes(ALL[solver], case.model) and case.model.n_columns)
    cancel = threading.Event()
    cancel.set()
    assert solve(model, solver=solver, cancel=cancel).termination is Termination.INTERRUPTED


@pytest.mark.parametrize("solver", ALL)
def test_writes_nothing_to_the_terminal(solver: str, capfd: pytest.CaptureFixture[str]) -> None:
    for case in SOLVED.values():
        if takes(ALL[solver], case.model):
            solve(case.model, solver=solver, on_event=lambda event: None)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("solver", ALL)
def test_what_a_listener_raises_is_raised_and_leaves_the_solver_usable(solver: str) -> None:
    def fail(event: SolverEvent) -> None:
        raise RuntimeError("the listener fails")

    if solver in SEARCHING:
        with pytest.raises(RuntimeError, match="the listener fails"):
            solve(market_split(exact=False), solver=solver, on_event=fail)
    name = "integer" if Feature.INTEGER in ALL[solver].features else "lp_max"
    assert solve(SOLVED[name].model, solver=solver).objective == pytest.approx(SOLVED[name].objective, rel=1e-4)
