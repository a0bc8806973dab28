"""All back ends that take a model agree on it: how it ends, and the optimum within their stated tolerances."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import BACK_ENDS, Model, Solution, SolveOptions, Termination, check_point, solve
from tests.solvers.backends.test_clarabel import with_cones, with_squares
from tests.solvers.cases import CONTINUOUS, INF, INTEGER, MAX, MIN, Row, build_model
from tests.solvers.test_conformance import ITERATIVE, takes

UNSURE = frozenset({"pdlp", "ipopt"})
"""Back ends that may end without an answer on models that have one; what they do answer must agree."""
UNSURE_WHERE_CURVED = UNSURE | {"scip"}
"""SCIP branches on columns to bound convex terms, too, which may take it minutes where columns have no bounds."""
PROVEN = {Termination.OPTIMAL, Termination.INFEASIBLE, Termination.UNBOUNDED}
small = st.integers(-3, 3)
OFF = 0.31
"""Added to sides of models with curved sets, which else may touch in a single point that no solver is sure of."""


@st.composite
def rows(draw: st.DrawFn, n: int, off: float = 0.0) -> list[Row]:
    """Draw up to three rows with one side, two sides or an equation."""
    drawn: list[Row] = []
    for _ in range(draw(st.integers(0, 3))):
        coefficients = [float(c) for c in draw(st.lists(small, min_size=n, max_size=n))]
        side, width = draw(st.integers(-6, 6)) + off, draw(st.sampled_from([0.0, 2.0, INF]))
        drawn.append((side - width, coefficients, side) if draw(st.booleans()) else (side, coefficients, side + width))
    return drawn


@st.composite
def linear(draw: st.DrawFn, kinds: Sequence[int] = (CONTINUOUS,), off: float = 0.0, free: bool = True) -> Model:
    """Draw a linear model with up to four columns, each of one of the kinds."""
    n = draw(st.integers(1, 4))
    uppers = st.sampled_from([2.0, 5.0, INF] if free else [2.0, 5.0])
    return build_model(
        draw(st.sampled_from([MIN, MAX])),
        [float(c) for c in draw(st.lists(small, min_size=n, max_size=n))],
        draw(rows(n, off)),
        lower=[-float(b) for b in draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))],
        upper=draw(st.lists(uppers, min_size=n, max_size=n)),
        kinds=draw(st.lists(st.sampled_from(kinds), min_size=n, max_size=n)),
    )


@st.composite
def quadratic(draw: st.DrawFn) -> Model:
    """Draw a linear model with a convex quadratic objective: a sum of squares of linear forms."""
    model = draw(linear())
    n = model.n_columns
    forms = np.array(draw(st.lists(st.lists(small, min_size=n, max_size=n), min_size=1, max_size=3)), float)
    sign = 1.0 if model.sense is MIN else -1.0
    matrix = sign * (forms.T @ forms + 0.5 * np.eye(n))
    products = [(i, j, matrix[i, j]) for i in range(n) for j in range(n)]
    return _with_objective(model, products)


@st.composite
def conic(draw: st.DrawFn) -> Model:
    """Draw a bounded linear model whose first column is at least the norm of the others."""
    model = draw(linear(off=OFF, free=False))
    return with_cones(model, range(model.n_columns))


@st.composite
def curved(draw: st.DrawFn) -> Model:
    """Draw a bounded linear model whose first row, with one side, has a sum of squares of linear forms."""
    model = draw(linear(off=OFF, free=False).filter(lambda drawn: drawn.n_rows > 0))
    n = model.n_columns
    forms = np.array(draw(st.lists(st.lists(small, min_size=n, max_size=n), min_size=1, max_size=2)), float)
    model.row_lower[0], model.row_upper[0] = -INF, draw(st.integers(-2, 8)) + OFF
    matrix = forms.T @ forms
    return with_squares(model, *((0, i, j, matrix[i, j]) for i in range(n) for j in range(n)))


def _with_objective(model: Model, products: Sequence[tuple[int, int, float]]) -> Model:
    dense = np.zeros((model.n_rows, model.n_columns))
    dense[model.entry_rows(), model.row_columns] = model.row_values
    return build_model(
        model.sense, model.objective.tolist(),
        [(low, row, high) for low, row, high in zip(model.row_lower, dense.tolist(), model.row_upper, strict=True)],
        lower=model.column_lower.tolist(), upper=model.column_upper.tolist(), products=products,
    )  # fmt: skip


def agree(model: Model, *, least: int) -> None:
    """Solve a model with every back end that takes it, and compare each that has an answer with the next.

    At least as many as `least` must have one.
    """
    able = [back_end.name for back_end in BACK_ENDS if takes(back_end, model)]
    found = {name: solve(model, solver=name, options=_limit(name, model)) for name in able}
    answers = {name: solution for name, solution in found.items() if solution.termination in PROVEN}
    for name in able:
        assert name in answers or name in _unsure(model), f"{name}: {found[name].raw_status}: {found[name].message}"
    assert len(answers) >= least
    for solution in answers.values():
        if solution.values is not None:
            assert check_point(model, solution.values).accepted
    for first, second in pairwise(answers.items()):
        assert_same(first, second)


def _limit(name: str, model: Model) -> SolveOptions:
    return SolveOptions(time_limit_seconds=0.2 if name in _unsure(model) else 10)


def _unsure(model: Model) -> frozenset[str]:
    return UNSURE if model.is_linear else UNSURE_WHERE_CURVED


def assert_same(first: tuple[str, Solution], second: tuple[str, Solution]) -> None:
    (one, solution), (other, compared) = first, second
    assert solution.termination is compared.termination, f"{one}: {solution.raw_status}; {other}: {compared.raw_status}"
    tolerance = max(ITERATIVE.get(one, 1e-6), ITERATIVE.get(other, 1e-6))
    if solution.objective is not None:
        assert compared.objective == pytest.approx(solution.objective, rel=tolerance, abs=tolerance), f"{one}, {other}"


@given(linear())
@settings(max_examples=40, deadline=None)
def test_on_linear_models(model: Model) -> None:
    agree(model, least=3)


@given(quadratic())
@settings(max_examples=40, deadline=None)
def test_on_convex_quadratic_models(model: Model) -> None:
    agree(model, least=2)


@given(linear(kinds=(CONTINUOUS, INTEGER)))
@settings(max_examples=40, deadline=None)
def test_on_mixed_integer_models(model: Model) -> None:
    agree(model, least=2)


@given(linear(kinds=(INTEGER,)))
@settings(max_examples=40, deadline=None)
def test_on_integer_models(model: Model) -> None:
    agree(model, least=2)


@given(conic())
@settings(max_examples=40, deadline=None)
def test_on_second_order_cones(model: Model) -> None:
    agree(model, least=1)


@given(curved())
@settings(max_examples=40, deadline=None)
def test_on_convex_quadratic_rows(model: Model) -> None:
    agree(model, least=1)
