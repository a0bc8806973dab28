"""What Ipopt is asked for: smooth nonlinear models, local optima that are called so, and proven convex ones."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from solvers import (
    Model,
    NonlinearTerms,
    Operator,
    Progress,
    QuadraticRows,
    SolveOptions,
    SolverEvent,
    Termination,
    UnsupportedModelError,
    check_point,
    choose,
    solve,
)
from tests.solvers.backends.test_clarabel import with_cones, with_squares
from tests.solvers.cases import INF, INTEGER, MAX, MIN, build_model

Node = tuple[Operator, float, int, list[int], list[float]]
"""Operator, value, column, operands, weights."""


def constant(value: float) -> Node:
    return Operator.CONSTANT, value, -1, [], []


def column(number: int) -> Node:
    return Operator.COLUMN, 0.0, number, [], []


def apply(kind: Operator, *operands: int) -> Node:
    return kind, 0.0, -1, list(operands), [1.0] * len(operands)


def total(added: float, *terms: tuple[int, float]) -> Node:
    return Operator.SUM, added, -1, [node for node, _ in terms], [weight for _, weight in terms]


def with_functions(
    model: Model, nodes: list[Node], *, objective: int | None = None, rows: dict[int, int] | None = None
) -> Model:
    """Add an expression graph: the node of the objective, and the node of each row."""
    rows = rows or {}
    operator, value, columns, operands, weights = zip(*nodes, strict=True)
    terms = NonlinearTerms(
        operator=np.array(operator, np.uint8),
        value=np.array(value, np.float64),
        column=np.array(columns, np.int64),
        starts=np.cumsum([0, *(len(each) for each in operands)]),
        operands=np.array([node for each in operands for node in each], np.int64),
        weights=np.array([weight for each in weights for weight in each], np.float64),
        row=np.array(list(rows), np.int64),
        root=np.array(list(rows.values()), np.int64),
        objective_root=objective,
    )
    return replace(model, nonlinear=terms)


def rosenbrock() -> Model:
    """100 (y - x^2)^2 + (1 - x)^2, whose minimum is 0 at (1, 1); Rosenbrock, Computer Journal 3 (1960)."""
    nodes = [
        column(0), column(1), constant(2.0), apply(Operator.POWER, 0, 2), total(0, (1, 1), (3, -1)),
        apply(Operator.POWER, 4, 2), total(1, (0, -1)), apply(Operator.POWER, 6, 2), total(0, (5, 100), (7, 1)),
    ]  # fmt: skip
    return with_functions(build_model(MIN, [0, 0], lower=-INF), nodes, objective=8)


def double_well() -> Model:
    """x^4 - 8 x^2 - x: there is one valley near 2, the lower one, and one near -2."""
    nodes = [column(0), constant(4.0), apply(Operator.POWER, 0, 1)]
    model = build_model(MIN, [-1], lower=-5, upper=10, products=[(0, 0, -8)])
    return with_functions(model, nodes, objective=2)


def test_finds_the_minimum_of_rosenbrock_and_calls_it_local() -> None:
    solution = solve(rosenbrock(), solver="ipopt")
    assert solution.termination is Termination.LOCALLY_OPTIMAL
    assert solution.values == pytest.approx([1, 1], abs=1e-5)
    assert solution.objective == pytest.approx(0, abs=1e-8)
    assert solution.bound is solution.gap is solution.row_dual is None
    assert not solution.is_optimal
    assert solution.message == "A local optimum was found; a better one may exist."


@pytest.mark.parametrize(("lower", "upper", "where"), [(-1, 5, 2.0306), (-5, 1, -1.9682)])
def test_which_of_two_valleys_is_found_depends_on_the_start(lower: float, upper: float, where: float) -> None:
    # Both valleys lie within the bounds, whose middle is on one side of the hill at 0.
    model = replace(double_well(), column_lower=np.array([lower - 2.0]), column_upper=np.array([upper + 2.0]))
    solution = solve(model, solver="ipopt")
    assert solution.termination is Termination.LOCALLY_OPTIMAL
    assert solution.values == pytest.approx([where], abs=1e-3)
    assert "local" in solution.message
    assert solution.bound is None


def test_products_of_two_columns_under_an_upper_side_are_not_proven() -> None:
    # max x + y s.t. xy <= 4, both up to 8: the corners (8, 1/2) and (1/2, 8) are optimal, (2, 2) is the worst there is.
    products = QuadraticRows(
        row=np.zeros(1, int), first=np.zeros(1, int), second=np.ones(1, int), coefficient=np.ones(1)
    )
    model = replace(build_model(MAX, [1, 1], [(-INF, [0, 0], 4)], upper=8), quadratic_rows=products)
    solution = solve(model, solver="ipopt")
    assert solution.termination is Termination.LOCALLY_OPTIMAL
    assert solution.values is not None
    assert check_point(model, solution.values).accepted


def test_a_convex_model_is_solved_to_a_proven_optimum_with_duals() -> None:
    model = build_model(MAX, [1, 1], [(-INF, [0, 0], 2)], lower=-INF)
    solution = solve(with_squares(model, (0, 0, 0, 1), (0, 1, 1, 1)), solver="ipopt")
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(2, rel=1e-6)
    assert solution.row_dual == pytest.approx([0.5], rel=1e-5)


def test_cones_are_taken_also_at_their_tip() -> None:
    cone = with_cones(build_model(MIN, [1, 0, 0], lower=[-INF, 3, 4]), [0, 1, 2])
    assert solve(cone, solver="ipopt").objective == pytest.approx(5, rel=1e-6)
    tip = with_cones(build_model(MIN, [1, 0, 0], lower=-INF), [0, 1, 2])
    solution = solve(tip, solver="ipopt")
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(0, abs=1e-6)


def test_every_function_is_translated() -> None:
    # min sum of squared distances of each function of x from its value at 0.7: the optimum is x = 0.7.
    kinds = [Operator.EXP, Operator.LOG, Operator.SQRT, Operator.SIN, Operator.COS]
    nodes = [column(0), constant(2.0), constant(0.7)]
    nodes += [apply(kind, 0) for kind in kinds]
    nodes += [apply(Operator.QUOTIENT, 1, 0), apply(Operator.PRODUCT, 0, 0, 0), apply(Operator.POWER, 1, 0)]
    x = 0.7
    at = [np.exp(x), np.log(x), np.sqrt(x), np.sin(x), np.cos(x), 2 / x, x**3, 2**x]
    gaps = range(3, 11)
    nodes += [total(-value, (node, 1.0)) for node, value in zip(gaps, at, strict=True)]
    nodes += [apply(Operator.POWER, node, 1) for node in range(11, 19)]
    nodes += [total(0, *((node, 1.0) for node in range(19, 27)))]
    model = with_functions(build_model(MIN, [0], lower=0.1, upper=1.0), nodes, objective=27)
    assert solve(model, solver="ipopt").values == pytest.approx([0.7], abs=1e-5)


def test_begins_where_all_functions_are_defined() -> None:
    # log x and 1 / x are not defined at 0, where a column without bounds would start.
    nodes = [column(0), apply(Operator.LOG, 0), constant(1.0), apply(Operator.QUOTIENT, 2, 0), total(0, (1, 1), (3, 1))]
    solution = solve(with_functions(build_model(MIN, [0], lower=-INF), nodes, objective=4), solver="ipopt")
    assert solution.termination is Termination.LOCALLY_OPTIMAL, solution.message
    assert solution.values == pytest.approx([1], abs=1e-5)


def test_a_row_that_it_cannot_reach_is_not_called_infeasible() -> None:
    # cos x = 3 has no solution, which a local search cannot know.
    nodes = [column(0), apply(Operator.COS, 0)]
    impossible = with_functions(build_model(MIN, [1], [(3, [0], 3)], lower=-1, upper=1), nodes, rows={0: 1})
    solution = solve(impossible, solver="ipopt")
    assert solution.termination is Termination.LIMIT
    assert solution.message == "Ipopt found no feasible point from its start; the model may still be feasible."
    assert not solution.has_point


def test_rows_that_repeat_an_equation_do_no_harm() -> None:
    model = build_model(MIN, [1, 1], [(2, [1, 1], 2), (4, [2, 2], 4), (0, [1, -1], 0)])
    solution = solve(model, solver="ipopt")
    assert solution.termination is Termination.OPTIMAL, solution.raw_status
    assert solution.values == pytest.approx([1, 1], abs=1e-5)


def test_writes_nothing_where_functions_are_undefined(capfd: pytest.CaptureFixture[str]) -> None:
    nodes = [column(0), apply(Operator.LOG, 0), apply(Operator.SQRT, 0), total(0, (1, -1), (2, 1))]
    solve(rosenbrock(), solver="ipopt", on_event=lambda event: None)
    solution = solve(with_functions(build_model(MIN, [0], lower=-3, upper=-1), nodes, objective=3), solver="ipopt")
    assert solution.termination is Termination.ERROR
    assert "not defined" in solution.message
    assert capfd.readouterr() == ("", "")


def long_chain() -> Model:
    """Rosenbrock's valley with many columns, which takes thousands of iterations from the start at the middle."""
    n = 400
    nodes: list[Node] = [constant(2.0), *(column(j) for j in range(n))]
    terms: list[tuple[int, float]] = []
    for j in range(1, n):
        first = len(nodes)
        nodes += [
            apply(Operator.POWER, j, 0), total(0, (j + 1, 1), (first, -1)), apply(Operator.POWER, first + 1, 0),
            total(1, (j, -1)), apply(Operator.POWER, first + 3, 0),
        ]  # fmt: skip
        terms += [(first + 2, 1e6), (first + 4, 1.0)]
    nodes.append(total(0, *terms))
    return with_functions(build_model(MIN, [0] * n, lower=-2, upper=2), nodes, objective=len(nodes) - 1)


def test_each_iteration_is_told_and_it_stops_when_cancelled() -> None:
    cancel, begun = threading.Event(), threading.Event()
    events: list[SolverEvent] = []

    def listen(event: SolverEvent) -> None:
        events.append(event)
        begun.set()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(solve, long_chain(), solver="ipopt", on_event=listen, cancel=cancel)
        assert begun.wait(20)
        cancelled = time.perf_counter()
        cancel.set()
        solution = running.result(timeout=20)
    assert time.perf_counter() - cancelled < 2
    assert solution.termination is Termination.INTERRUPTED
    assert all(isinstance(event, Progress) for event in events)
    assert solution.values is not None


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_a_time_limit_is_a_limit(seconds: float) -> None:
    solution = solve(long_chain(), solver="ipopt", options=SolveOptions(time_limit_seconds=seconds))
    assert solution.termination is Termination.LIMIT
    assert "time limit" in solution.message


def test_what_a_listener_raises_stops_it(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(event: SolverEvent) -> None:
        raise RuntimeError("the listener fails")

    with pytest.raises(RuntimeError, match="the listener fails"):
        solve(rosenbrock(), solver="ipopt", on_event=fail)
    assert capfd.readouterr() == ("", "")


def test_a_nonconvex_model_that_runs_away_is_not_called_unbounded() -> None:
    model = build_model(MIN, [1], lower=-INF, products=[(0, 0, -1)])
    solution = solve(model, solver="ipopt")
    assert solution.termination is Termination.LIMIT
    assert "run away" in solution.message


def test_integer_columns_are_left_to_others() -> None:
    with pytest.raises(UnsupportedModelError, match="ipopt does not take integer columns"):
        choose(build_model(MAX, [1], upper=2, kinds=INTEGER), "ipopt")
