import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from solvers import (
    Model,
    ModelError,
    Sense,
    Solution,
    Termination,
    UnknownSolverError,
    UnsupportedModelError,
    check_point,
    solve,
)
from tests.solvers.cases import CONTINUOUS, INF, INTEGER, MAX, MIN, SOLVED, build_model
from tests.solvers.test_registry import HOPELESS

OPTIMAL = 0
"""The status of SciPy."""


@st.composite
def small_models(draw: st.DrawFn, kinds: tuple[int, ...], *, bounded: bool = False) -> Model:
    n, m = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    number = st.integers(-6, 6).map(float)
    rows = []
    for _ in range(m):
        side, width = draw(number), draw(st.sampled_from([0.0, 3.0, INF]))
        lower, upper = draw(st.sampled_from([(side, side + width), (side - width, side)]))
        rows.append((lower, draw(st.lists(number, min_size=n, max_size=n)), upper))
    lower = draw(st.lists(number if bounded else st.sampled_from([0.0, -2.0, -INF]), min_size=n, max_size=n))
    width = st.sampled_from([0.0, 2.0, 3.0] if bounded else [2.0, 5.5, INF])
    upper = [max(low, -4.0) + draw(width) for low in lower]
    return build_model(
        draw(st.sampled_from(Sense)),
        draw(st.lists(number, min_size=n, max_size=n)),
        rows,
        lower=lower,
        upper=upper,
        kinds=draw(st.lists(st.sampled_from(kinds), min_size=n, max_size=n)),
        constant=draw(number),
    )


def dense_rows(model: Model) -> np.ndarray:
    matrix = np.zeros((model.n_rows, model.n_columns))
    matrix[model.entry_rows(), model.row_columns] = model.row_values
    return matrix


def assert_solved(model: Model, solution: Solution, objective: float) -> None:
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective == pytest.approx(objective, rel=1e-6, abs=1e-6)
    assert solution.values is not None
    assert check_point(model, solution.values).accepted
    assert model.objective_value(solution.values) == solution.objective


@settings(max_examples=50, deadline=None)
@given(small_models((CONTINUOUS,), bounded=True))
def test_duals_prove_the_optimum_of_a_linear_model(model: Model) -> None:
    solution = solve(model)
    if solution.termination is Termination.INFEASIBLE:
        return
    assert solution.row_dual is not None
    assert solution.reduced_cost is not None
    sign = 1 if model.sense is MIN else -1
    matrix = dense_rows(model)
    # The objective is a combination of rows and columns ...
    assert model.objective == pytest.approx(matrix.T @ solution.row_dual + solution.reduced_cost, abs=1e-6)
    # ... each pressed against the side that its sign names, so that no point can be better.
    proof = model.objective_constant
    for dual, lower, upper in (
        (solution.row_dual, model.row_lower, model.row_upper),
        (solution.reduced_cost, model.column_lower, model.column_upper),
    ):
        active = np.where(sign * dual > 0, lower, upper)
        used = np.abs(dual) > 1e-7
        proof += dual[used] @ active[used]
    assert proof == pytest.approx(solution.objective, abs=1e-5)


def solved_by_scipy(model: Model, objective: np.ndarray) -> OptimizeResult:
    return milp(
        objective,
        integrality=model.column_kind != CONTINUOUS,
        bounds=Bounds(model.column_lower, model.column_upper),
        constraints=[LinearConstraint(dense_rows(model), model.row_lower, model.row_upper)] if model.n_rows else [],
    )


@pytest.mark.parametrize("kinds", [(CONTINUOUS,), (CONTINUOUS, INTEGER)])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_models_end_as_with_scipy(kinds: tuple[int, ...], data: st.DataObject) -> None:
    model = data.draw(small_models(kinds))
    sign = 1 if model.sense is MIN else -1
    other, solution = solved_by_scipy(model, sign * model.objective), solve(model)
    if other.status == OPTIMAL:
        assert_solved(model, solution, sign * other.fun + model.objective_constant)
    else:
        # SciPy does not always tell infeasible from unbounded; without the objective it must.
        feasible = solved_by_scipy(model, np.zeros(model.n_columns)).status == OPTIMAL
        assert solution.termination is (Termination.UNBOUNDED if feasible else Termination.INFEASIBLE)


@settings(max_examples=50, deadline=None)
@given(small_models((INTEGER,), bounded=True))
def test_integer_models_have_the_best_of_all_points(model: Model) -> None:
    ranges = [np.arange(low, up + 1) for low, up in zip(model.column_lower, model.column_upper, strict=True)]
    points = np.array(list(itertools.product(*ranges)))
    activity = points @ dense_rows(model).T
    feasible = points[np.all((activity >= model.row_lower) & (activity <= model.row_upper), axis=1)]
    solution = solve(model)
    if not len(feasible):
        assert solution.termination is Termination.INFEASIBLE
        return
    objectives = feasible @ model.objective + model.objective_constant
    assert_solved(model, solution, objectives.max() if model.sense is MAX else objectives.min())


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1), st.sampled_from(Sense))
def test_the_best_point_of_a_convex_quadratic_objective_has_no_slope(n: int, seed: int, sense: Sense) -> None:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n, n)) + 2 * np.eye(n)
    matrix = (factor.T @ factor + np.eye(n)) * (1 if sense is MIN else -1)
    slope = rng.normal(size=n)
    products = [(i, j, matrix[i, j]) for i in range(n) for j in range(n)]
    model = build_model(sense, slope, lower=-INF, products=products)
    best = np.linalg.solve(2 * matrix, -slope)
    solution = solve(model)
    assert_solved(model, solution, model.objective_value(best))
    assert solution.values == pytest.approx(best, abs=1e-3)


def test_arrays_that_do_not_fit_are_refused_before_a_solver_sees_them() -> None:
    with pytest.raises(ModelError, match="objective has the shape"):
        solve(replace(SOLVED["lp_max"].model, objective=np.ones(1)))


def test_an_unknown_solver_is_refused() -> None:
    with pytest.raises(UnknownSolverError, match="there are: auto, highs"):
        solve(SOLVED["lp_max"].model, solver="cplex")


def test_a_model_that_no_solver_takes_is_refused() -> None:
    with pytest.raises(UnsupportedModelError, match=r"^No installed solver takes this model. .* global constraints"):
        solve(HOPELESS)
