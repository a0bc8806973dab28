"""What Clarabel is asked for: frontiers, cones and quadratic rows with known answers, and honesty at the edges."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import (
    Cones,
    Model,
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
from solvers.backends.conic import conic
from tests.solvers.cases import INF, INTEGER, MAX, MIN, Row, build_model

COVARIANCE = np.diag([0.04, 0.09, 0.01])
RETURNS = [0.10, 0.15, 0.05]


def with_squares(model: Model, *terms: tuple[int, int, int, float]) -> Model:
    """Add products to rows: row, first, second, coefficient."""
    row, first, second, coefficient = (np.array(values) for values in zip(*terms, strict=True))
    products = QuadraticRows(row=row, first=first, second=second, coefficient=coefficient.astype(float))
    return replace(model, quadratic_rows=products)


def with_cones(model: Model, *cones: Sequence[int]) -> Model:
    starts = np.cumsum([0, *(len(cone) for cone in cones)])
    return replace(model, cones=Cones(starts=starts, columns=np.concatenate(cones).astype(np.int64)))


def portfolio(least_return: float) -> Model:
    """The smallest variance at a return, fully invested; Markowitz, Portfolio selection, 1952."""
    rows: list[Row] = [(1, [1, 1, 1], 1), (least_return, RETURNS, INF)]
    return build_model(MIN, [0] * 3, rows, products=[(j, j, COVARIANCE[j, j]) for j in range(3)])


def frontier(least_return: float) -> tuple[float, np.ndarray]:
    """Two equations: the multipliers of the budget and of the return, from Markowitz's closed form."""
    inverse, ones, mean = np.linalg.inv(COVARIANCE), np.ones(3), np.array(RETURNS)
    forms = np.array([[ones @ inverse @ ones, ones @ inverse @ mean], [ones @ inverse @ mean, mean @ inverse @ mean]])
    weights = np.linalg.solve(forms, np.array([1.0, least_return]))
    held = inverse @ (weights[0] * ones + weights[1] * mean)
    return float(held @ COVARIANCE @ held), held


@pytest.mark.parametrize("solver", ["clarabel", "highs"])
@pytest.mark.parametrize("least_return", [0.08, 0.10, 0.12])
def test_finds_the_efficient_frontier(solver: str, least_return: float) -> None:
    variance, held = frontier(least_return)
    solution = solve(portfolio(least_return), solver=solver)
    assert solution.objective == pytest.approx(variance, abs=1e-8)
    assert solution.values == pytest.approx(held, abs=1e-5)


@pytest.mark.parametrize("solver", ["auto", "clarabel"])
def test_a_chance_constraint_is_a_cone(solver: str) -> None:
    # max x s.t. 2x + 1.645 * 0.5 x <= 10: the demand of a plan has the mean 2x and the deviation 0.5 x.
    rows: list[Row] = [(-INF, [2, 1.645, 0], 10), (0, [0.5, 0, -1], 0)]
    model = with_cones(build_model(MAX, [1, 0, 0], rows), [1, 2])
    solution = solve(model, solver=solver)
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(10 / 2.8225, rel=1e-7)
    assert solution.bound == pytest.approx(10 / 2.8225, rel=1e-7)
    assert solution.row_dual is not None
    assert solution.row_dual[0] == pytest.approx(1 / 2.8225, rel=1e-6)


def test_finds_the_smallest_enclosing_ball() -> None:
    # Columns: radius, centre (2), and for each corner of a triangle the two distances from the centre.
    corners = [(0.0, 0.0), (4.0, 0.0), (0.0, 3.0)]
    rows: list[Row] = []
    for number, corner in enumerate(corners):
        for axis in range(2):
            row = [0.0] * 9
            row[1 + axis], row[3 + 2 * number + axis] = 1.0, 1.0
            rows.append((corner[axis], row, corner[axis]))
    model = build_model(MIN, [1] + [0] * 8, rows, lower=[0] + [-INF] * 8)
    ball = with_cones(model, *([0, 3 + 2 * k, 4 + 2 * k] for k in range(3)))
    solution = solve(ball, solver="clarabel")
    assert solution.objective == pytest.approx(2.5, rel=1e-7)
    assert solution.values is not None
    assert solution.values[1:3] == pytest.approx([2, 1.5], abs=1e-5)


@pytest.mark.parametrize("side", [2.0, 1e-3, 5e4])
def test_quadratic_rows_have_optimum_and_dual_in_closed_form(side: float) -> None:
    # max x + y s.t. x^2 + xy + y^2 <= side: x = y = sqrt(side / 3), the optimum 2 sqrt(side / 3).
    model = build_model(MAX, [1, 1], [(-INF, [0, 0], side)], lower=-INF)
    solution = solve(with_squares(model, (0, 0, 0, 1), (0, 1, 0, 1), (0, 1, 1, 1)))
    assert solution.solver.startswith("Clarabel")
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(2 * np.sqrt(side / 3), rel=1e-6)
    assert solution.row_dual == pytest.approx([1 / np.sqrt(3 * side)], rel=1e-5)


def test_a_concave_row_with_a_lower_side_is_convex() -> None:
    # min x s.t. 3x - x^2 - y >= 2, y >= 0: x = 1, and a unit more asked for costs 1 / (3 - 2x) = 1.
    model = build_model(MIN, [1, 0], [(2, [3, -1], INF)])
    solution = solve(with_squares(model, (0, 0, 0, -1)), solver="clarabel")
    assert solution.values == pytest.approx([1, 0], abs=1e-6)
    assert solution.row_dual == pytest.approx([1], rel=1e-5)
    assert solution.reduced_cost == pytest.approx([0, 1], abs=1e-5)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_duals_are_the_slopes_of_the_optimum(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 4
    root = random.normal(size=(2, n))
    matrix = root.T @ root + 0.1 * np.eye(n)
    terms = [(1, i, j, matrix[i, j]) for i in range(n) for j in range(n)]
    rows: list[Row] = [(-INF, random.normal(size=n).tolist(), 1.0), (-INF, random.normal(size=n).tolist(), 5.0)]
    model = with_squares(build_model(MAX, random.normal(size=n).tolist(), rows, lower=-10, upper=10), *terms)
    solution = solve(model, solver="clarabel")
    assert solution.row_dual is not None
    assert solution.objective is not None
    for row in range(2):
        step = np.zeros(2)
        step[row] = 1e-4
        more, less = (solve(replace(model, row_upper=model.row_upper + s), solver="clarabel") for s in (step, -step))
        assert more.objective is not None
        assert less.objective is not None
        slope = (more.objective - less.objective) / 2e-4
        assert solution.row_dual[row] == pytest.approx(slope, rel=1e-2, abs=1e-3)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (build_model(MAX, [1], upper=5, products=[(0, 0, 1)]), "can only maximize a quadratic objective that is conc"),
        (with_squares(build_model(MIN, [1], [(1, [0], INF)]), (0, 0, 0, 1)), "row r0 has a lower side, but its produ"),
        (with_squares(build_model(MIN, [1, 1], [(-INF, [0, 0], 1)]), (0, 0, 1, 1)), "row r0 has an upper side, but i"),
        (with_squares(build_model(MIN, [1], [(1, [0], 1)]), (0, 0, 0, 1)), "row r0 has a lower and an upper side"),
    ],
)
def test_what_is_not_convex_is_refused_with_the_reason(model: Model, reason: str) -> None:
    with pytest.raises(UnsupportedModelError, match=f"^clarabel takes convex models: .*{reason}"):
        choose(model, "clarabel")


def test_products_that_cancel_and_rows_without_a_side_are_no_demand() -> None:
    model = build_model(MAX, [1, 1], [(-INF, [1, 1], 2), (-INF, [0, 0], INF)])
    solution = solve(with_squares(model, (0, 0, 1, 1), (0, 1, 0, -1), (1, 0, 1, 1)), solver="clarabel")
    assert solution.objective == pytest.approx(2)
    assert solution.row_dual == pytest.approx([1, 0], abs=1e-6)


def test_a_cone_of_one_column_keeps_it_from_going_negative() -> None:
    solution = solve(with_cones(build_model(MIN, [1, 1], lower=[-INF, 2]), [0]), solver="clarabel")
    assert solution.objective == pytest.approx(2, abs=1e-7)


def test_a_cone_that_no_point_is_in_is_infeasible() -> None:
    model = with_cones(build_model(MIN, [1, 0], lower=[0, 3], upper=[2, 5]), [0, 1])
    assert solve(model).termination is Termination.INFEASIBLE


def test_an_unbounded_cone_is_unbounded_and_a_linear_ray_is_told() -> None:
    model = build_model(MAX, [1, 1], [(-INF, [1, -2], 4)])
    ray = solve(model, solver="clarabel").ray
    assert ray is not None
    assert ray.max() == 1.0
    assert ray[0] <= 2 * ray[1] + 1e-9
    assert solve(with_cones(model, [1, 0]), solver="clarabel").termination is Termination.UNBOUNDED


def test_a_limit_that_is_far_away_is_not_called_unbounded() -> None:
    model = build_model(MAX, [1, 0], [(-INF, [1, -1e9], 0)], upper=[INF, 1])
    solution = solve(model, solver="clarabel")
    assert solution.termination is not Termination.UNBOUNDED
    assert solution.termination is not Termination.INFEASIBLE
    if solution.is_optimal:
        assert solution.objective == pytest.approx(1e9)


def test_each_iteration_is_told_and_can_be_the_last() -> None:
    events: list[SolverEvent] = []
    cancel = threading.Event()

    def listen(event: SolverEvent) -> None:
        events.append(event)
        if len(events) == 2:
            cancel.set()

    assert solve(portfolio(0.1), solver="clarabel", on_event=events.append).is_optimal
    assert all(isinstance(event, Progress) for event in events)
    assert len(events) > 3
    events.clear()
    solution = solve(portfolio(0.1), solver="clarabel", on_event=listen, cancel=cancel)
    assert solution.termination is Termination.INTERRUPTED
    assert len(events) == 2


def test_what_a_listener_raises_stops_it(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(event: SolverEvent) -> None:
        raise RuntimeError("the listener fails")

    with pytest.raises(RuntimeError, match="the listener fails"):
        solve(portfolio(0.1), solver="clarabel", on_event=fail)
    assert capfd.readouterr() == ("", "")


def test_a_time_limit_is_a_limit() -> None:
    model = portfolio(0.1)
    solution = solve(model, solver="clarabel", options=SolveOptions(time_limit_seconds=0.0))
    assert solution.termination is Termination.LIMIT
    assert solution.values is None or check_point(model, solution.values).accepted


def test_integer_columns_are_left_to_others() -> None:
    with pytest.raises(UnsupportedModelError, match="clarabel does not take integer columns"):
        choose(build_model(MAX, [1], upper=2, kinds=INTEGER), "clarabel")


def test_a_proof_that_leaves_room_far_away_does_not_exclude_a_point() -> None:
    # x >= 1e10 and x <= 1e12: multipliers of (1, 1.0000001) leave a residual that a column of this size turns over.
    program = conic(build_model(MIN, [1], [(1, [1e-10], INF)], upper=1e12))
    lower, upper = np.zeros(1), np.full(1, 1e12)
    places = [int(np.flatnonzero(program.b == side)[0]) for side in (-1e10, 1e12)]
    multipliers = np.zeros(len(program.b))
    multipliers[places] = 1.0, 1e-3
    assert program.b @ multipliers < 0
    assert not program.proves_infeasible(multipliers, lower, upper)


def test_proofs_that_hold_are_taken() -> None:
    program = conic(build_model(MIN, [1], [(3, [1], INF)], upper=2))
    multipliers = (np.abs(program.b) > 0).astype(float)
    assert program.proves_infeasible(multipliers, np.zeros(1), np.full(1, 2.0))
    endless = conic(build_model(MAX, [1, 1], [(-INF, [1, -1], 1)]))
    assert endless.proves_unbounded(np.array([2.0, 2.0])) == pytest.approx([1, 1])
    assert endless.proves_unbounded(np.array([2.0, 1.0])) is None


def test_coefficients_that_take_all_digits_are_refused_and_another_solver_is_chosen() -> None:
    model = build_model(MAX, [5e16], [(-INF, [3e15], 9e15)], upper=10)
    assert solve(model).objective == pytest.approx(1.5e17)
    with pytest.raises(
        UnsupportedModelError, match=r"clarabel takes coefficients up to 1e[+]15; x0 has 3e[+]15 in the row"
    ):
        solve(model, solver="clarabel")
