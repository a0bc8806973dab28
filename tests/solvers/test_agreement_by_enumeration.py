"""Every able back end against all points of small boxes, or a fine grid of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import BACK_ENDS, Model, Operator, Sense, SolveOptions, Termination, check_point, solve
from tests.solvers.backends.test_ipopt import Node, apply, column, constant, total, with_functions
from tests.solvers.cases import CONTINUOUS, INF, INTEGER, MAX, MIN, build_model
from tests.solvers.reformulation.enumeration import best_objective
from tests.solvers.reformulation.test_constraints import (
    models_with_capacities,
    models_with_circuits,
    models_with_different_members,
    models_with_machines,
)
from tests.solvers.reformulation.test_indicators import conditional_models
from tests.solvers.reformulation.test_products import models_with_products
from tests.solvers.test_conformance import takes

small = st.integers(-3, 3).map(float)
FUNCTIONS = (Operator.EXP, Operator.SIN, Operator.COS)


def agree(model: Model, *, least: int) -> None:
    """Compare every back end that takes a model of whole columns with enumeration; `least` or more must take it."""
    best = best_objective(model)
    able = [back_end.name for back_end in BACK_ENDS if takes(back_end, model)]
    assert len(able) >= least, able
    for name in able:
        solution = solve(model, solver=name, options=SolveOptions(time_limit_seconds=10))
        if best is None:
            assert solution.termination is Termination.INFEASIBLE, f"{name}: {solution.message}"
            continue
        assert solution.termination is Termination.OPTIMAL, f"{name}: {solution.message}"
        assert solution.objective == pytest.approx(best, rel=1e-6, abs=1e-6), name
        assert solution.values is not None
        assert check_point(model, solution.values).accepted


@st.composite
def with_a_function(draw: st.DrawFn, kind: int) -> Model:
    """Draw two columns between -2 and 2, with functions of a linear form of them in the objective and in a row."""
    side = draw(st.integers(-4, 6)) + 0.31
    model = build_model(
        draw(st.sampled_from([MIN, MAX])), draw(st.lists(small, min_size=2, max_size=2)),
        [(-INF, draw(st.lists(small, min_size=2, max_size=2)), side)], lower=-2, upper=2, kinds=kind,
    )  # fmt: skip
    first, second = draw(st.tuples(small, small))
    nodes: list[Node] = [
        column(0), column(1), total(0.5, (0, first), (1, second)), apply(draw(st.sampled_from(FUNCTIONS)), 2),
        constant(3.0), apply(Operator.POWER, 1, 4), total(0.0, (3, 1.0), (5, draw(small))),
    ]  # fmt: skip
    return with_functions(model, nodes, objective=6, rows={0: 3})


@st.composite
def with_products(draw: st.DrawFn) -> Model:
    """Draw two continuous columns between -2 and 2 with any quadratic objective, most of them not convex."""
    products = [(0, 0, draw(small)), (0, 1, draw(small)), (1, 1, draw(small))]
    rows = [(-INF, draw(st.lists(small, min_size=2, max_size=2)), draw(st.integers(0, 4)) + 0.31)]
    costs = draw(st.lists(small, min_size=2, max_size=2))
    return build_model(draw(st.sampled_from([MIN, MAX])), costs, rows, lower=-2, upper=2, products=products)


@given(models_with_products())
@settings(max_examples=15, deadline=None)
def test_on_whole_models_with_products(model: Model) -> None:
    agree(model, least=1)


@given(with_a_function(INTEGER))
@settings(max_examples=20, deadline=None)
def test_on_whole_models_with_functions(model: Model) -> None:
    agree(model, least=1)


@given(conditional_models())
@settings(max_examples=20, deadline=None)
def test_on_conditional_rows(model: Model) -> None:
    agree(model, least=2)


@given(st.one_of(models_with_different_members(), models_with_machines(), models_with_capacities()))
@settings(max_examples=20, deadline=None)
def test_on_members_that_differ_and_tasks(model: Model) -> None:
    agree(model, least=2)


@given(models_with_circuits())
@settings(max_examples=10, deadline=None)
def test_on_circuits(model: Model) -> None:
    agree(model, least=2)


@given(st.one_of(with_products(), with_a_function(CONTINUOUS)))
@settings(max_examples=20, deadline=None)
def test_no_grid_point_and_no_local_optimum_is_better_than_a_global_one(model: Model) -> None:
    """The global optimum is at least as good as every point of a fine grid, and as what Ipopt finds."""
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    found = solve(model, solver="scip", options=SolveOptions(time_limit_seconds=10))
    places = np.linspace(-2, 2, 17)
    points = [np.array(point) for point in itertools.product(places, places)]
    feasible = [point for point in points if check_point(model, point).accepted]
    if found.termination is Termination.INFEASIBLE:
        assert not feasible
        return
    assert found.termination is Termination.OPTIMAL, found.message
    assert found.objective is not None
    reached = sign * found.objective
    assert all(sign * model.objective_value(point) >= reached - 1e-5 for point in feasible)
    local = solve(model, solver="ipopt", options=SolveOptions(time_limit_seconds=2))
    if local.objective is not None:
        assert sign * local.objective >= reached - 1e-5
        assert not local.is_optimal or local.objective == pytest.approx(found.objective, rel=1e-4, abs=1e-4)
