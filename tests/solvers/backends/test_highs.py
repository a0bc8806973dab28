import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest

from solvers import (
    DEFAULT_OPTIONS,
    Incumbent,
    Model,
    Progress,
    Solution,
    SolveOptions,
    SolverEvent,
    Termination,
    check_point,
    solve,
)
from tests.solvers.cases import (
    BINARY,
    CONTINUOUS,
    HOPELESS,
    INF,
    MAX,
    MIN,
    SOLVED,
    build_model,
    market_split,
    side_by_side,
)

SHORT = SolveOptions(time_limit_seconds=0.5)


def solve_by_highs(model: Model, options: SolveOptions = DEFAULT_OPTIONS) -> Solution:
    return solve(model, solver="highs", options=options)


@pytest.mark.parametrize("name", SOLVED)
def test_finds_the_optimum(name: str) -> None:
    case = SOLVED[name]
    solution = solve_by_highs(case.model)
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(case.objective, rel=1e-6, abs=1e-6)
    assert solution.values == pytest.approx(np.array(case.values), rel=1e-6, abs=1e-5)
    assert solution.bound == pytest.approx(case.objective, rel=1e-6, abs=1e-6)
    assert solution.gap == pytest.approx(0, abs=1e-6)
    assert solution.row_activity == pytest.approx(case.model.activity(np.array(case.values, float)), rel=1e-6, abs=1e-5)
    assert solution.max_violation is not None
    assert solution.max_violation <= 1e-6


@pytest.mark.parametrize("name", [name for name in SOLVED if SOLVED[name].row_dual is not None])
def test_finds_duals_and_reduced_costs(name: str) -> None:
    case = SOLVED[name]
    solution = solve_by_highs(case.model)
    assert solution.row_dual == pytest.approx(np.array(case.row_dual), rel=1e-6, abs=1e-5)
    assert solution.reduced_cost == pytest.approx(np.array(case.reduced_cost), rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("name", ["lp_max", "lp_min", "lp_min_at_upper_side", "equality", "quadratic_max"])
def test_a_dual_is_the_change_of_the_stated_objective_when_the_side_moves_up(name: str) -> None:
    model, step = SOLVED[name].model, 1e-3
    before = solve_by_highs(model)
    assert before.row_dual is not None
    for row in range(model.n_rows):
        moved = np.arange(model.n_rows) == row
        after = solve_by_highs(
            replace(model, row_lower=model.row_lower + step * moved, row_upper=model.row_upper + step * moved)
        )
        assert after.objective is not None
        assert before.objective is not None
        assert (after.objective - before.objective) / step == pytest.approx(before.row_dual[row], abs=2e-3)


@pytest.mark.parametrize("name", ["integer", "binary", "mixed_integer_with_constant"])
def test_integer_models_have_no_duals(name: str) -> None:
    solution = solve_by_highs(SOLVED[name].model)
    assert solution.row_dual is None
    assert solution.reduced_cost is None


@pytest.mark.parametrize("name", HOPELESS)
def test_says_why_there_is_no_optimum(name: str) -> None:
    termination, model = HOPELESS[name]
    solution = solve_by_highs(model)
    assert solution.termination is termination
    assert not solution.has_point
    assert solution.objective is solution.bound is solution.gap is solution.row_activity is None


@pytest.mark.parametrize("name", [n for n, (why, m) in HOPELESS.items() if why == "unbounded" and m.is_linear])
def test_the_ray_of_an_unbounded_model_improves_for_ever(name: str) -> None:
    _, model = HOPELESS[name]
    ray = solve_by_highs(model).ray
    assert ray is not None
    start = np.zeros(model.n_columns)
    for length in (1.0, 1e3, 1e6):
        assert check_point(model, start + length * ray).accepted
    improvement = model.objective_value(ray) * (1 if model.sense is MAX else -1)
    assert improvement > 0.5
    assert np.abs(ray).max() == pytest.approx(1)


def test_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    solve(SOLVED["integer"].model, on_event=lambda event: None)
    solve(strongly_correlated_knapsack(), on_event=lambda event: None)
    assert capfd.readouterr() == ("", "")


def test_names_itself_with_its_version() -> None:
    assert solve_by_highs(SOLVED["lp_max"].model).solver == f"HiGHS {version('highspy')}"


# -- limits ---------------------------------------------------------------------------------------------


def test_a_limit_with_a_point_hands_out_the_checked_point_and_the_bound() -> None:
    model = market_split(exact=False)
    solution = solve_by_highs(model, SHORT)
    assert solution.termination is Termination.LIMIT
    assert solution.values is not None
    assert check_point(model, solution.values).accepted
    whole = solution.values[model.column_kind != CONTINUOUS]
    assert np.array_equal(whole, np.round(whole))
    assert solution.objective == pytest.approx(model.objective_value(solution.values))
    assert solution.bound is not None
    assert solution.objective is not None
    assert solution.bound < solution.objective
    assert solution.gap is not None
    assert solution.gap > 1e-6
    assert 0.4 < solution.seconds < 3


def test_a_limit_without_a_point_hands_out_none() -> None:
    solution = solve_by_highs(market_split(exact=True), SHORT)
    assert solution.termination is Termination.LIMIT
    assert solution.values is solution.objective is solution.gap is None
    assert solution.bound == 0.0


def test_a_limit_of_zero_is_a_limit() -> None:
    solution = solve_by_highs(SOLVED["integer"].model, SolveOptions(time_limit_seconds=0))
    assert solution.termination is Termination.LIMIT


def test_a_limit_that_is_reached_while_infeasible_is_told_from_unbounded_is_a_limit() -> None:
    # HiGHS cannot tell whether it is infeasible or unbounded, so a second model is solved: that without the objective.
    model = side_by_side(market_split(exact=True), build_model(MIN, [-1]))
    started = time.perf_counter()
    solution = solve_by_highs(model, SHORT)
    assert solution.termination is Termination.LIMIT
    assert time.perf_counter() - started < 1.2
    assert solution.seconds >= 0.4


# -- the gap --------------------------------------------------------------------------------------------


def strongly_correlated_knapsack() -> Model:
    weight = np.random.default_rng(5).integers(1_000, 10_000, 60).astype(float)
    return build_model(MAX, weight + 1000, [(-INF, weight, weight.sum() // 2)], kinds=BINARY, upper=1)


def test_the_gap_is_zero_unless_asked_for() -> None:
    model = strongly_correlated_knapsack()
    exact, loose = solve_by_highs(model), solve_by_highs(model, SolveOptions(relative_gap=0.05))
    assert exact.termination is Termination.OPTIMAL
    assert exact.gap == pytest.approx(0, abs=1e-12)
    assert loose.termination is Termination.LIMIT
    assert "gap that was asked for" in loose.message
    assert loose.objective is not None
    assert exact.objective is not None
    assert loose.objective < exact.objective


# -- events, cancelling, threads ------------------------------------------------------------------------


def test_reports_incumbents_that_only_get_better_and_progress() -> None:
    events: list[SolverEvent] = []
    solution = solve(market_split(exact=False), options=SolveOptions(time_limit_seconds=1.5), on_event=events.append)
    incumbents = [event.objective for event in events if isinstance(event, Incumbent)]
    assert incumbents == sorted(incumbents, reverse=True)
    assert incumbents[-1] == pytest.approx(solution.objective)
    assert any(isinstance(event, Progress) and event.bound == 0.0 for event in events)
    assert all(0 < event.seconds < 3 for event in events)


def test_incumbents_count_the_constant_in_the_sense_of_the_model() -> None:
    events: list[SolverEvent] = []
    model = replace(strongly_correlated_knapsack(), objective_constant=1e6)
    solution = solve(model, on_event=events.append)
    incumbents = [event.objective for event in events if isinstance(event, Incumbent)]
    assert incumbents[-1] == pytest.approx(solution.objective)
    assert incumbents == sorted(incumbents)


def test_cancelling_from_another_thread_keeps_the_checked_incumbent() -> None:
    model, cancel, found = market_split(exact=False), threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(solve, model, on_event=lambda _: found.set(), cancel=cancel)
        assert found.wait(10)
        cancelled = time.perf_counter()
        cancel.set()
        solution = running.result(timeout=10)
    assert time.perf_counter() - cancelled < 2
    assert solution.termination is Termination.INTERRUPTED
    assert solution.values is not None
    assert check_point(model, solution.values).accepted


def test_a_model_that_is_cancelled_beforehand_is_not_started() -> None:
    cancel = threading.Event()
    cancel.set()
    assert solve(SOLVED["lp_max"].model, cancel=cancel).termination is Termination.INTERRUPTED


def test_what_a_listener_raises_is_raised_and_leaves_the_solver_usable() -> None:
    def fail(event: SolverEvent) -> None:
        raise RuntimeError("the listener fails")

    with pytest.raises(RuntimeError, match="the listener fails"):
        solve(market_split(exact=False), on_event=fail)
    assert solve(SOLVED["integer"].model).objective == 20


def test_models_are_solved_in_several_threads_at_once() -> None:
    names = [name for name in SOLVED if not name.startswith("quadratic")] * 4
    with ThreadPoolExecutor(4) as pool:
        solutions = list(pool.map(lambda name: solve(SOLVED[name].model), names))
    for name, solution in zip(names, solutions, strict=True):
        assert solution.objective == pytest.approx(SOLVED[name].objective, rel=1e-6, abs=1e-6), name


@pytest.mark.parametrize("threads", [1, 2, None])
def test_takes_the_number_of_threads_whatever_it_was_before(threads: int | None) -> None:
    assert solve_by_highs(SOLVED["integer"].model, SolveOptions(threads=threads)).objective == 20


def test_a_quadratic_model_with_many_optima_comes_to_an_end() -> None:
    model = build_model(
        MIN, [0.0] * 4, [(0.0, [0, 1, 0, -4], INF)], lower=[-2, 0, 0, 0], upper=4.0, products=[(2, 2, 1.0)]
    )
    solution = solve_by_highs(model, SHORT)
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(0, abs=1e-6)
