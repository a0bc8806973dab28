import math
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from solvers import (
    Cones,
    Incumbent,
    IndicatorRows,
    Model,
    NonlinearTerms,
    Operator,
    Progress,
    QuadraticRows,
    Sense,
    Solution,
    SolverEvent,
    Termination,
    UnsupportedModelError,
    check_point,
    solve,
)
from tests.solvers.cases import BINARY, CONTINUOUS, INF, INTEGER, MAX, MIN, Row, build_model, market_split

Node = tuple[Any, ...]
"""Operator, operands by number; a CONSTANT has its value, a COLUMN its column, a SUM its weights behind."""


def by_scip(model: Model) -> Solution:
    solution = solve(model, solver="scip")
    if solution.values is not None:
        assert check_point(model, solution.values).accepted
    return solution


def graph(nodes: list[Node], roots: dict[int, int], objective: int | None = None) -> NonlinearTerms:
    operands = [list(node[1]) if node[0] not in (Operator.CONSTANT, Operator.COLUMN) else [] for node in nodes]
    weights = [
        list(node[2]) if len(node) > 2 else [1.0] * len(each) for node, each in zip(nodes, operands, strict=True)
    ]
    return NonlinearTerms(
        operator=np.array([node[0] for node in nodes], np.uint8),
        value=np.array([node[1] if node[0] is Operator.CONSTANT else 0.0 for node in nodes], np.float64),
        column=np.array([node[1] if node[0] is Operator.COLUMN else -1 for node in nodes]),
        starts=np.cumsum([0, *(len(each) for each in operands)]),
        operands=np.array([node for each in operands for node in each], np.int64),
        weights=np.array([weight for each in weights for weight in each], np.float64),
        row=np.array(list(roots), np.int64),
        root=np.array(list(roots.values()), np.int64),
        objective_root=objective,
    )


def curved(model: Model, *products: tuple[int, int, int, float]) -> Model:
    row, first, second, coefficient = (np.array(each) for each in zip(*products, strict=True))
    return replace(model, quadratic_rows=QuadraticRows(row=row, first=first, second=second, coefficient=coefficient))


X, Y = (Operator.COLUMN, 0), (Operator.COLUMN, 1)
NO_ROWS: list[Row] = []


# -- global optima, from the literature or by hand ----------------------------------------------------------


def test_the_pooling_problem_of_haverly_is_solved_to_its_global_optimum() -> None:
    # Haverly, Studies of the behavior of recursion for the pooling problem, SIGMAP Bulletin 25 (1978): 400.
    # Columns: a, b into the pool, c past it (to x and y), pool to x and y, products x and y, quality of the pool.
    model = build_model(
        MAX,
        [-6, -16, -10, -10, 0, 0, 9, 15, 0],
        [
            (0, [1, 1, 0, 0, -1, -1, 0, 0, 0], 0),
            (0, [0, 0, 1, 0, 1, 0, -1, 0, 0], 0),
            (0, [0, 0, 0, 1, 0, 1, 0, -1, 0], 0),
            (0, [3, 1, 0, 0, 0, 0, 0, 0, 0], 0),
            (-INF, [0, 0, 2, 0, 0, 0, -2.5, 0, 0], 0),
            (-INF, [0, 0, 0, 2, 0, 0, 0, -1.5, 0], 0),
        ],
        upper=[300, 300, 200, 200, 100, 200, 100, 200, 3],
        lower=[0] * 8 + [1],
    )
    model = curved(model, (3, 8, 4, -1.0), (3, 8, 5, -1.0), (4, 8, 4, 1.0), (5, 8, 5, 1.0))
    assert by_scip(model).objective == pytest.approx(400, rel=1e-6)


def test_the_product_on_a_circle_is_largest_where_both_are_equal() -> None:
    model = build_model(MAX, [0, 0], [(-INF, [0, 0], 2)], lower=-INF, products=[(0, 1, 1.0)])
    solution = by_scip(curved(model, (0, 0, 0, 1.0), (0, 1, 1, 1.0)))
    assert solution.is_optimal, solution.message
    assert solution.objective == pytest.approx(1, abs=1e-6)
    assert solution.bound == pytest.approx(1, abs=1e-6)


def test_rosenbrock_within_bounds_is_zero_at_one_one() -> None:
    # (1 - x)^2 + 100 (y - x^2)^2, Rosenbrock, The Computer Journal 3 (1960).
    two = (Operator.CONSTANT, 2.0)
    nodes: list[Node] = [
        X, Y, two, (Operator.POWER, [0, 2]), (Operator.SUM, [1, 3], [1.0, -1.0]), (Operator.POWER, [4, 2]),
    ]  # fmt: skip
    nodes += [(Operator.POWER, [0, 2]), (Operator.SUM, [5, 6, 0], [100.0, 1.0, -2.0])]
    model = build_model(MIN, [0, 0], NO_ROWS, lower=-2, upper=2, constant=1.0)
    solution = by_scip(replace(model, nonlinear=graph(nodes, {}, 7)))
    assert solution.is_optimal, solution.message
    assert solution.objective == pytest.approx(0, abs=1e-6)
    assert solution.values == pytest.approx([1, 1], abs=1e-2)


def test_a_mixed_integer_nonlinear_model_is_solved() -> None:
    # Minimise 5 n + exp(-x) with n whole and x <= n^2 / 4, x <= 3: n = 0 is best, since 1 < 5 + exp(-1/4).
    exponential: list[Node] = [X, (Operator.SUM, [0], [-1.0]), (Operator.EXP, [1])]
    model = build_model(MIN, [0, 0.05], [(-INF, [1, 0], 0)], upper=[3, 9], kinds=[CONTINUOUS, INTEGER])
    model = curved(replace(model, nonlinear=graph(exponential, {}, 2)), (0, 1, 1, -0.25))
    solution = by_scip(model)
    best = min((0.05 * n + math.exp(-min(3, n * n / 4)), n) for n in range(10))
    assert (solution.objective, solution.values[1] if solution.values is not None else None) == pytest.approx(best)


@pytest.mark.parametrize(
    ("nodes", "best"),
    [
        ([X, (Operator.EXP, [0])], math.exp(2)),
        ([X, (Operator.LOG, [0])], math.log(2)),
        ([X, (Operator.SQRT, [0])], math.sqrt(2)),
        ([X, (Operator.SIN, [0])], 1.0),
        ([X, (Operator.COS, [0])], math.cos(0.5)),
        ([X, Y, (Operator.QUOTIENT, [0, 1])], 4.0),
        ([X, Y, (Operator.POWER, [0, 1])], 4.0),
        ([X, (Operator.CONSTANT, 3.0), (Operator.POWER, [1, 0])], 9.0),
        ([X, (Operator.CONSTANT, -1.5), (Operator.POWER, [0, 1])], 0.5**-1.5),
        ([X, Y, (Operator.PRODUCT, [0, 1, 0])], 8.0),
        ([X, (Operator.CONSTANT, 4.0), (Operator.SQRT, [1]), (Operator.PRODUCT, [0, 2])], 4.0),
    ],
)
def test_each_function_is_largest_where_it_is(nodes: list[Node], best: float) -> None:
    model = build_model(MAX, [0, 0], NO_ROWS, lower=0.5, upper=2)
    solution = by_scip(replace(model, nonlinear=graph(nodes, {}, len(nodes) - 1)))
    assert solution.is_optimal, solution.message
    assert solution.objective == pytest.approx(best, rel=1e-6)
    # The same function as a row that the objective pushes against.
    held = build_model(MAX, [0, 0, 1], [(0, [0, 0, -1], INF)], lower=[0.5, 0.5, -INF], upper=[2, 2, INF])
    pushed = by_scip(replace(held, nonlinear=graph(nodes, {0: len(nodes) - 1})))
    assert pushed.objective == pytest.approx(best, rel=1e-6)


def test_parts_that_many_nodes_share_do_not_grow_beyond_bounds() -> None:
    # x0 -> (x0 + x0) / 2 -> ..., sixty times: written out, 2^60 terms.
    nodes: list[Node] = [X, (Operator.EXP, [0])]
    for _ in range(60):
        last = len(nodes) - 1
        nodes.append((Operator.SUM, [last, last], [0.5, 0.5]))
    model = build_model(MAX, [0], NO_ROWS, upper=1)
    assert by_scip(replace(model, nonlinear=graph(nodes, {}, len(nodes) - 1))).objective == pytest.approx(math.e)


# -- conditions and cones -----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize(
    ("sides", "sense", "best"),
    [((-INF, 4.0), MAX, 4.0), ((3.0, INF), MIN, 3.0), ((2.0, 2.0), MAX, 2.0), ((3.0, 4.0), MIN, 3.0)],
)
def test_a_row_holds_where_the_binary_has_the_value_and_nowhere_else(
    value: int, sides: tuple[float, float], sense: Sense, best: float
) -> None:
    condition = IndicatorRows(row=np.array([0]), column=np.array([1]), value=np.array([value], np.uint8))
    model = build_model(sense, [1, 0], [(sides[0], [1, 0], sides[1])], upper=[10, 1], kinds=[CONTINUOUS, BINARY])
    model = replace(model, indicators=condition)
    free = 10.0 if sense is MAX else 0.0
    for fixed, expected in ((value, best), (1 - value, free)):
        bound = np.array([0.0, fixed])
        solution = by_scip(replace(model, column_lower=bound, column_upper=np.array([10.0, fixed])))
        assert solution.objective == pytest.approx(expected)


@pytest.mark.parametrize("sides", [(1.0, INF), (INF, INF), (2.0, 2.0)])
def test_a_false_row_under_a_condition_forbids_the_condition(sides: tuple[float, float]) -> None:
    condition = IndicatorRows(row=np.array([0]), column=np.array([0]), value=np.array([1], np.uint8))
    model = build_model(MAX, [1], [(sides[0], [0], sides[1])], upper=1, kinds=BINARY)
    assert by_scip(replace(model, indicators=condition)).objective == 0


@pytest.mark.parametrize("top", [5.0, 0.0])
def test_a_cone_is_met_also_at_its_tip(top: float) -> None:
    model = build_model(MAX, [0, 3, 4], NO_ROWS, lower=[-INF, -INF, -INF], upper=[top, INF, INF])
    model = replace(model, cones=Cones(starts=np.array([0, 3]), columns=np.array([0, 1, 2])))
    solution = by_scip(model)
    assert solution.is_optimal, solution.message
    assert solution.objective == pytest.approx(5 * top, abs=1e-5)


# -- what is special in numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(("sides", "holds"), [((-1.0, 1.0), True), ((1.0, 2.0), False), ((-INF, -1.0), False)])
def test_a_row_without_entries_is_judged(sides: tuple[float, float], holds: bool) -> None:
    solution = by_scip(build_model(MIN, [1], [(sides[0], [0], sides[1])]))
    assert solution.termination is (Termination.OPTIMAL if holds else Termination.INFEASIBLE)


@pytest.mark.parametrize("operator", [Operator.LOG, Operator.SQRT])
def test_a_function_that_is_defined_nowhere_leaves_no_point(operator: Operator) -> None:
    nodes: list[Node] = [(Operator.CONSTANT, -1.0), (operator, [0])]
    model = build_model(MIN, [1], [(-INF, [1], 5)])
    for terms in (graph(nodes, {0: 1}), graph(nodes, {}, 1)):
        assert by_scip(replace(model, nonlinear=terms)).termination is Termination.INFEASIBLE


@pytest.mark.parametrize(
    "nodes",
    [
        [X, (Operator.LOG, [0])],
        [X, (Operator.SQRT, [0])],
        [(Operator.CONSTANT, 1.0), X, (Operator.QUOTIENT, [0, 1])],
    ],
)
def test_columns_may_reach_where_a_function_is_not_defined(nodes: list[Node]) -> None:
    # f(x) >= 1/4 with x from -4 to 4: at 4 all three hold.
    model = build_model(MAX, [1], [(0.25, [0], INF)], lower=-4, upper=4)
    solution = by_scip(replace(model, nonlinear=graph(nodes, {0: len(nodes) - 1})))
    assert solution.is_optimal, solution.message
    assert solution.objective == pytest.approx(4)


def test_integer_columns_may_have_huge_bounds() -> None:
    model = build_model(MIN, [1], [(7.5, [1], INF)], lower=-1e18, upper=1e19, kinds=INTEGER)
    assert by_scip(model).objective == 8


def test_numbers_that_scip_would_misread_are_refused() -> None:
    with pytest.raises(UnsupportedModelError, match="x0 has 1e-10 in the row r0"):
        by_scip(build_model(MIN, [1], [(1, [1e-10], INF)]))
    with pytest.raises(UnsupportedModelError, match=r"infinite; the column x0 has 1e\+21"):
        by_scip(build_model(MAX, [1], upper=1e21))
    nodes: list[Node] = [X, (Operator.CONSTANT, -2.0), (Operator.POWER, [1, 0])]
    powers = replace(build_model(MIN, [1], upper=1), nonlinear=graph(nodes, {}, 2))
    with pytest.raises(UnsupportedModelError, match="base above 0 only, not of -2"):
        by_scip(powers)


def test_an_unbounded_linear_model_has_its_ray() -> None:
    solution = by_scip(build_model(MAX, [1, 1], [(-INF, [1, -1], 1)]))
    assert solution.termination is Termination.UNBOUNDED
    assert solution.ray == pytest.approx([1, 1])


# -- while it runs ------------------------------------------------------------------------------------------


def long_linear_program() -> Model:
    """Return a dense packing model whose first linear program takes half a minute."""
    generator = np.random.default_rng(0)
    n = 3000
    columns = np.array([generator.choice(n, 60, replace=False) for _ in range(n)])
    return replace(
        build_model(MAX, generator.random(n).tolist(), upper=1000.0),
        row_starts=np.arange(0, 60 * n + 1, 60),
        row_columns=columns.ravel(),
        row_values=generator.random(60 * n),
        row_lower=np.full(n, -INF),
        row_upper=np.full(n, 100.0),
    )


def test_stops_within_one_linear_program() -> None:
    cancel = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(solve, long_linear_program(), solver="scip", cancel=cancel)
        time.sleep(2)
        cancel.set()
        cancelled = time.perf_counter()
        solution = running.result(timeout=20)
    assert time.perf_counter() - cancelled < 0.5
    assert solution.termination is Termination.INTERRUPTED


def test_ctrl_c_stops_it() -> None:
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        solve(market_split(exact=True), solver="scip")
    assert time.perf_counter() - started < 2


def test_reports_incumbents_that_only_get_better_and_progress() -> None:
    events: list[SolverEvent] = []
    cancel = threading.Event()

    def listen(event: SolverEvent) -> None:
        events.append(event)
        if isinstance(event, Progress) and any(isinstance(each, Incumbent) for each in events):
            cancel.set()

    solve(market_split(exact=False), solver="scip", on_event=listen, cancel=cancel)
    objectives = [event.objective for event in events if isinstance(event, Incumbent)]
    assert objectives == sorted(objectives, reverse=True)
    assert any(isinstance(event, Progress) and event.bound is not None for event in events)
