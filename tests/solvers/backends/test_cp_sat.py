import gc
import re
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from solvers import (
    DEFAULT_OPTIONS,
    AffineColumns,
    AllDifferent,
    Circuit,
    Cumulative,
    Incumbent,
    IndicatorRows,
    Model,
    NoOverlap,
    ObjectiveStage,
    Progress,
    QuadraticRows,
    Sense,
    Solution,
    SolveOptions,
    SolverEvent,
    Termination,
    UnsupportedModelError,
    check_point,
    solve,
    solve_in_order,
)
from solvers.backends import cp_sat
from solvers.backends.cp_sat_load import load
from solvers.backends.whole_model import WholeModel, whole_model
from tests.solvers.backends.test_worker import interrupted
from tests.solvers.cases import BINARY, INF, INTEGER, MAX, MIN, build_model, market_split
from tests.solvers.constructs import FT06, columns, constants, job_shop, with_constraints


def solve_by_cp_sat(model: Model, options: SolveOptions = DEFAULT_OPTIONS) -> Solution:
    return solve(model, solver="cp_sat", options=options)


def refusal_of(model: Model) -> str:
    """Return why CP-SAT does not take a model, without the solver that does."""
    with pytest.raises(UnsupportedModelError) as caught:
        solve_by_cp_sat(model)
    return re.sub(r" [\w-]+ takes it\.$", "", str(caught.value))


def knapsack(n: int = 40) -> Model:
    weight = np.random.default_rng(5).integers(1_000, 10_000, n).astype(float)
    return build_model(MAX, weight + 1000, [(-INF, weight, weight.sum() // 2)], kinds=BINARY, upper=1)


# -- exact scaling --------------------------------------------------------------------------------------------


def test_decimal_coefficients_are_meant_as_they_are_written() -> None:
    model = build_model(MAX, [0.01, 0.1], [(0.3, [0.1, 0.2], 0.3)], upper=5, kinds=INTEGER)
    solution = solve_by_cp_sat(model)
    assert solution.values is not None
    assert solution.values.tolist() == [1, 1]
    assert solution.objective == pytest.approx(0.11)


@pytest.mark.parametrize("side", [0.1 + 0.2, 0.7999999999999999 - 0.5, 2.9999999999999 / 10])
def test_what_arithmetic_leaves_of_a_side_is_meant_as_that_side(side: float) -> None:
    model = build_model(MIN, [1, 1], [(side, [0.1, 0.2], side)], upper=5, kinds=INTEGER)
    assert solve_by_cp_sat(model).objective == 2


def test_the_optimum_is_exact_where_the_units_are_small() -> None:
    model = build_model(MIN, [1e-5, 1e-5], [(3, [2, 1], INF)], upper=5, kinds=INTEGER)
    solution = solve_by_cp_sat(model)
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(2e-5, rel=1e-9)


def test_sides_between_whole_numbers_are_rounded_inwards() -> None:
    model = build_model(MAX, [1], [(-INF, [2], 7)], upper=9, kinds=INTEGER)
    assert solve_by_cp_sat(model).objective == 3
    assert solve_by_cp_sat(replace(model, row_lower=np.array([7.0]))).termination is Termination.INFEASIBLE


def test_bounds_that_are_missing_follow_from_the_rows() -> None:
    model = build_model(MAX, [1, 1], [(-INF, [2, 3], 12), (-3, [1, -1], INF)], lower=[-INF, 0], kinds=INTEGER)
    solution = solve_by_cp_sat(model)
    assert (solution.objective, solution.termination) == (6, Termination.OPTIMAL)


# -- what is refused ------------------------------------------------------------------------------------------


def test_a_column_without_a_bound_is_named() -> None:
    model = build_model(MAX, [1, 1], [(-INF, [1, -1], 1)], kinds=INTEGER)
    named = replace(model, column_name=["make['chair']", "make['table']"].__getitem__)
    assert refusal_of(named) == "CP-SAT needs an upper bound for `make['chair']` and `make['table']`. State `upper`."
    below = build_model(MIN, [1], lower=-INF, upper=3, kinds=INTEGER)
    assert refusal_of(below) == "CP-SAT needs a lower bound for `x0`. State `lower`."


def test_a_bound_that_64_bits_do_not_hold_is_named() -> None:
    model = build_model(MAX, [1], upper=1e21, kinds=INTEGER)
    assert refusal_of(model) == (
        "CP-SAT counts up to 4.6e+18, and `x0` has the upper bound 1e+21. State a tighter `upper`."
    )


def test_a_coefficient_with_too_many_decimals_is_named_with_its_row() -> None:
    model = build_model(MIN, [1, 1], [(1, [1 / 3, 1], INF)], upper=1000, kinds=INTEGER)
    assert refusal_of(model) == (
        "CP-SAT counts in whole numbers of 64 bits, and the row `r0` gets too large: its coefficient "
        "0.3333333333333333 of `x0` has 16 decimals. Round it to fewer decimals, or choose other units."
    )


def test_a_term_that_gets_too_large_is_named() -> None:
    model = build_model(MIN, [1e12, 1], upper=1e7, kinds=INTEGER)
    assert refusal_of(model) == (
        "CP-SAT counts in whole numbers of 64 bits, and the objective gets too large: its coefficient 1000000000000.0 "
        "of `x0` meets values up to 1e+07. State tighter bounds, or choose other units."
    )


def test_a_product_that_gets_too_large_is_named() -> None:
    model = build_model(MIN, [0, 0], upper=1e10, kinds=INTEGER, products=[(0, 1, 1)])
    assert refusal_of(model) == ("CP-SAT counts up to 4.6e+18, and `x0 * x1` may reach 1.0e+20. State tighter bounds.")


def test_a_constraint_with_too_many_decimals_is_named() -> None:
    model = build_model(MIN, [1, 1], upper=1000, kinds=INTEGER)
    tasks = NoOverlap(start=columns(0, 1), size=constants(1 / 3, 1), name="machine")
    assert refusal_of(with_constraints(model, tasks)) == (
        "CP-SAT counts in whole numbers of 64 bits, and the numbers of `machine` get too large. Round them to fewer "
        "decimals, state tighter bounds, or choose other units."
    )


def test_a_circuit_over_columns_that_are_not_binary_is_refused() -> None:
    model = build_model(MIN, [1, 1], upper=2, kinds=INTEGER)
    arcs = Circuit(tail=np.array([0, 1]), head=np.array([1, 0]), column=np.array([0, 1]), name="tour")
    assert refusal_of(with_constraints(model, arcs)) == (
        "CP-SAT needs binary columns for the arcs of a circuit, and `x0` of `tour` is not."
    )


def test_continuous_columns_are_refused() -> None:
    assert refusal_of(build_model(MIN, [1])) == "cp_sat does not take continuous columns."


# -- the same as trying all points ----------------------------------------------------------------------------


def best_of_all(model: Model) -> float | None:
    """Return the optimum of a small integer model by trying all points; `None` when it is infeasible."""
    ranges = [range(int(lo), int(up) + 1) for lo, up in zip(model.column_lower, model.column_upper, strict=True)]
    points = [np.array(point, float) for point in product(*ranges)]
    found = [model.objective_value(point) for point in points if check_point(model, point).accepted]
    return (min if model.sense is MIN else max)(found, default=None)


def small_model(rng: np.random.Generator, n: int, upper: int = 3) -> Model:
    sense: Sense = [MIN, MAX][rng.integers(2)]
    rows = [(-INF, rng.integers(-3, 4, n).tolist(), float(rng.integers(0, 9))) for _ in range(2)]
    return build_model(sense, rng.integers(-9, 10, n) / 4, rows, lower=-1, upper=upper, kinds=INTEGER)


def affine(rng: np.random.Generator, n: int, k: int) -> AffineColumns:
    column = rng.integers(-1, n, k)
    coefficient = np.where(column < 0, 0.0, rng.choice([-1.0, 0.5, 1.0, 2.0], k))
    return AffineColumns(column=column, coefficient=coefficient, offset=rng.integers(-1, 3, k) / 2)


def with_products(rng: np.random.Generator) -> Model:
    model = small_model(rng, 3)
    first, second = rng.integers(0, 3, (2, 4))
    terms = QuadraticRows(row=rng.integers(0, 2, 4), first=first, second=second, coefficient=rng.integers(-3, 4, 4) / 2)
    objective = build_model(MIN, [0] * 3, products=[(0, 0, -0.5), (1, 2, 1.0), (2, 1, 0.25)]).quadratic_objective
    return replace(model, quadratic_rows=terms, quadratic_objective=objective)


def with_conditions(rng: np.random.Generator) -> Model:
    model = small_model(rng, 4, upper=2)
    kinds = np.array([INTEGER, INTEGER, BINARY, BINARY], np.uint8)
    lower, upper = np.array([-1.0, -1, 0, 0]), np.array([2.0, 2, 1, 1])
    k = int(rng.integers(1, 4))
    rows = IndicatorRows(
        row=rng.integers(0, 2, k), column=rng.integers(2, 4, k), value=rng.integers(0, 2, k).astype(np.uint8)
    )
    return replace(
        model, column_kind=kinds, column_lower=lower, column_upper=upper, indicators=rows,
        row_upper=model.row_upper - 4,
    )  # fmt: skip


def with_tasks(rng: np.random.Generator) -> Model:
    return with_constraints(small_model(rng, 4), NoOverlap(start=affine(rng, 4, 3), size=affine(rng, 4, 3)))


def with_crew(rng: np.random.Generator) -> Model:
    start, size, demand = (affine(rng, 4, 3) for _ in range(3))
    capacity = affine(rng, 4, 1)
    return with_constraints(small_model(rng, 4), Cumulative(start=start, size=size, demand=demand, capacity=capacity))


def with_differences(rng: np.random.Generator) -> Model:
    return with_constraints(small_model(rng, 4), AllDifferent(members=affine(rng, 4, 5)))


def with_circuit(rng: np.random.Generator) -> Model:
    model = build_model(MIN, rng.integers(-9, 10, 8).tolist(), kinds=BINARY, upper=1)
    tail, head = rng.integers(0, 3, (2, 8))
    return with_constraints(model, Circuit(tail=tail, head=head, column=np.arange(8)))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "made", [with_products, with_conditions, with_tasks, with_crew, with_differences, with_circuit]
)
def test_finds_what_trying_all_points_finds(made: Callable[[np.random.Generator], Model], seed: int) -> None:
    model = made(np.random.default_rng(seed))
    best, solution = best_of_all(model), solve_by_cp_sat(model, SolveOptions(threads=1))
    if best is None:
        assert solution.termination is Termination.INFEASIBLE
    else:
        assert solution.termination is Termination.OPTIMAL, solution.message
        assert solution.objective == pytest.approx(best)
        assert solution.bound == pytest.approx(best)


# -- limits, gap, events, cancelling --------------------------------------------------------------------------


def test_a_limit_of_zero_is_a_limit_and_its_bound_holds() -> None:
    model = build_model(MIN, [1], [(-INF, [1], 9)], lower=-5, upper=3, kinds=INTEGER)
    solution = solve_by_cp_sat(model, SolveOptions(time_limit_seconds=0))
    assert solution.termination is Termination.LIMIT
    assert solution.bound == -5


def test_the_gap_is_zero_unless_asked_for() -> None:
    exact, loose = solve_by_cp_sat(knapsack()), solve_by_cp_sat(knapsack(), SolveOptions(relative_gap=0.5))
    assert exact.termination is Termination.OPTIMAL
    assert exact.gap == pytest.approx(0, abs=1e-12)
    assert exact.bound is not None
    assert loose.objective is not None
    assert loose.objective <= exact.bound


def test_a_gap_without_end_stops_at_the_first_point() -> None:
    solution = solve_by_cp_sat(knapsack(), SolveOptions(relative_gap=np.inf, seed=2**31 - 1, threads=3))
    assert solution.raw_status == "OPTIMAL"
    assert solution.has_point


def hard() -> Model:
    """A market split whose deviations are columns of whole numbers: points are found at once, the best in hours."""
    model = market_split(exact=False)
    whole = np.where(model.column_kind == BINARY, BINARY, INTEGER).astype(np.uint8)
    return replace(model, column_kind=whole, column_upper=np.minimum(model.column_upper, 5000.0), objective_constant=7)


def test_reports_incumbents_that_only_get_better_and_bounds() -> None:
    events: list[SolverEvent] = []
    solution = solve(hard(), solver="cp_sat", options=SolveOptions(time_limit_seconds=1), on_event=events.append)
    assert solution.termination is Termination.LIMIT
    incumbents = [event.objective for event in events if isinstance(event, Incumbent)]
    assert incumbents == sorted(incumbents, reverse=True)
    assert incumbents[-1] == pytest.approx(solution.objective)
    assert any(isinstance(event, Progress) and event.bound is not None and event.bound >= 7 for event in events)


@pytest.mark.parametrize("waits_for_a_point", [True, False])
def test_stops_within_half_a_second_when_cancelled(waits_for_a_point: bool) -> None:
    model = hard() if waits_for_a_point else market_split(exact=True)
    cancel, found = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(solve, model, solver="cp_sat", on_event=lambda _: found.set(), cancel=cancel)
        if waits_for_a_point:
            assert found.wait(10)
        else:
            time.sleep(0.5)
        cancelled = time.perf_counter()
        cancel.set()
        solution = running.result(timeout=10)
    assert time.perf_counter() - cancelled < 0.5
    assert solution.termination is Termination.INTERRUPTED
    assert solution.has_point is waits_for_a_point


def test_what_a_listener_raises_is_raised_and_stops_the_solver() -> None:
    def fail(event: SolverEvent) -> None:
        raise RuntimeError("the listener fails")

    started = time.perf_counter()
    with pytest.raises(RuntimeError, match="the listener fails"):
        solve(hard(), solver="cp_sat", on_event=fail)
    assert time.perf_counter() - started < 3
    assert solve_by_cp_sat(job_shop(FT06[:3])).is_optimal


SEARCHES_IN_VAIN = """
import signal, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us without
from solvers import solve
from tests.solvers.cases import SOLVED, market_split
threading.Timer(0.7, print, ["found"], {"flush": True}).start()
try:
    solve(market_split(exact=True), solver="cp_sat")
except KeyboardInterrupt:
    print("objective", solve(SOLVED["integer"].model, solver="cp_sat").objective)
"""


def test_ctrl_c_stops_it_and_the_next_model_is_solved() -> None:
    status, stdout, stderr, seconds = interrupted(SEARCHES_IN_VAIN)
    assert (status, stdout, stderr) == (0, "objective 20.0\n", "")
    assert seconds < 3


def test_a_hundred_thousand_entries_are_handed_over_in_about_a_second() -> None:
    rng = np.random.default_rng(0)
    n_columns = n_rows = 10_000
    order = np.sort(rng.integers(0, n_columns // 10, (n_rows, 10)), axis=1) + np.arange(10) * (n_columns // 10)
    model = Model(
        sense=MIN, column_lower=np.zeros(n_columns), column_upper=np.full(n_columns, 10.0),
        column_kind=np.full(n_columns, INTEGER, np.uint8), objective=rng.integers(1, 999, n_columns) / 100,
        row_starts=np.arange(n_rows + 1) * 10, row_columns=order.ravel(),
        row_values=rng.integers(1, 999, 100_000) / 100, row_lower=np.full(n_rows, 3.3), row_upper=np.full(n_rows, INF),
    )  # fmt: skip
    model.validate()
    load(build_model(MIN, [1], kinds=INTEGER, upper=1), whole_model(build_model(MIN, [1], kinds=INTEGER, upper=1)))
    started = time.perf_counter()
    made = load(model, whole_model(model))
    assert time.perf_counter() - started < 1.5
    assert made.validate() == ""


def test_objectives_are_solved_in_order() -> None:
    model = build_model(MAX, [0.1, 0.3], [(-INF, [1, 2], 7)], upper=5, kinds=INTEGER)
    first = ObjectiveStage(sense=MAX, coefficients=np.array([0.1, 0.2]))
    second = ObjectiveStage(sense=MIN, coefficients=np.array([1.0, 0.0]))
    solution = solve_in_order(model, [first, second], solver="cp_sat")
    assert solution.stage_objectives == pytest.approx((0.7, 1))
    assert solution.values is not None
    assert solution.values.tolist() == [1, 3]


def test_a_model_is_written_in_whole_numbers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Model] = []

    def counting(model: Model) -> WholeModel:
        written.append(model)
        return whole_model(model)

    monkeypatch.setattr(cp_sat, "whole_model", counting)
    model = build_model(MAX, [1, 2], [(-INF, [1, 1], 4)], upper=3, kinds=INTEGER)
    assert solve(model, solver="cp_sat").objective == 7
    assert written == [model]
    assert model not in cp_sat._WRITTEN


def test_what_was_written_of_a_model_goes_with_it() -> None:
    model = build_model(MAX, [1, 2], [(-INF, [1, 1], 4)], upper=3, kinds=INTEGER)
    assert cp_sat.CpSat().refusal(model) is None
    whole = weakref.ref(cp_sat._WRITTEN[model].lower)
    del model
    gc.collect()
    assert whole() is None
