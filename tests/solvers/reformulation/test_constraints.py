"""Global constraints through HiGHS: known answers, and agreement with enumeration."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import (
    AffineColumns,
    AllDifferent,
    Circuit,
    Cumulative,
    Feature,
    GlobalConstraint,
    Model,
    NoOverlap,
    Termination,
    UnsupportedModelError,
    choose,
    features_of,
    solve,
)
from solvers.reformulation import constraints
from solvers.reformulation.constraints import without_global_constraints
from tests.solvers.cases import BINARY, CONTINUOUS, INF, INTEGER, MAX, MIN, Row, build_model
from tests.solvers.reformulation.enumeration import affine, assert_agrees, constants

NUMBER = st.integers(-3, 3).map(float)


def whole(
    costs: Sequence[float],
    constraints: Sequence[GlobalConstraint],
    *,
    lower: float | Sequence[float] = 0,
    upper: float | Sequence[float] = 4,
    rows: Sequence[Row] = (),
    kinds: int | Sequence[int] = INTEGER,
) -> Model:
    model = build_model(MIN, costs, rows, lower=lower, upper=upper, kinds=kinds)
    return replace(model, global_constraints=tuple(constraints))


@st.composite
def terms(draw: st.DrawFn, count: int, n: int, offsets: st.SearchStrategy[float]) -> AffineColumns:
    column = np.array(draw(st.lists(st.integers(-1, n - 1), min_size=count, max_size=count)))
    factor = np.array(draw(st.lists(st.sampled_from([1.0, -1.0, 2.0]), min_size=count, max_size=count)))
    return AffineColumns(
        column=column,
        coefficient=np.where(column < 0, 0.0, factor),
        offset=np.array(draw(st.lists(offsets, min_size=count, max_size=count))),
    )


@st.composite
def costs(draw: st.DrawFn, n: int) -> list[float]:
    return draw(st.lists(NUMBER, min_size=n, max_size=n))


@st.composite
def models_with_different_members(draw: st.DrawFn) -> Model:
    found = [
        AllDifferent(members=draw(terms(draw(st.integers(2, 4)), 3, NUMBER))) for _ in range(draw(st.integers(1, 2)))
    ]
    return whole(draw(costs(3)), found, upper=2, rows=[(-2, draw(costs(3)), 2)])


@st.composite
def models_with_machines(draw: st.DrawFn) -> Model:
    n, sizes = 3, st.integers(-1, 2).map(float)
    start = draw(st.one_of(terms(n, n, NUMBER), st.just(affine(range(n)))))
    fixed = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=n, max_size=n))
    size = draw(st.one_of(terms(n, n, sizes), st.just(constants(fixed))))
    return whole(draw(costs(n)), [NoOverlap(start=start, size=size, name="saw")], upper=4)


@st.composite
def models_with_capacities(draw: st.DrawFn) -> Model:
    n = 4
    start = draw(st.one_of(terms(3, n, NUMBER), st.just(affine(range(3)))))
    few = st.lists(st.integers(0, 3).map(float), min_size=3, max_size=3)
    size, demand = (draw(st.one_of(terms(3, n, st.integers(-1, 2).map(float)), few.map(constants))) for _ in range(2))
    capacity = draw(st.sampled_from([constants([3.0]), constants([5.0]), affine([3], 1.0)]))
    constraint = Cumulative(start=start, size=size, demand=demand, capacity=capacity, name="power")
    return whole(draw(costs(n)), [constraint], upper=[3, 3, 3, 2])


@st.composite
def models_with_circuits(draw: st.DrawFn) -> Model:
    n = draw(st.integers(1, 4))
    arcs = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=n, max_size=11))
    arcs += [(node, (node + 1) % n) for node in range(draw(st.sampled_from([0, n])) if n < 4 else 0)]
    tail, head = (np.array(side) for side in zip(*arcs, strict=True))
    circuit = Circuit(tail=tail, head=head, column=np.arange(len(arcs)))
    return whole(draw(costs(len(arcs))), [circuit], upper=1, kinds=BINARY)


@settings(max_examples=50, deadline=None)
@given(models_with_different_members())
def test_members_that_differ_agree_with_enumeration(model: Model) -> None:
    assert_agrees(model)


@settings(max_examples=25, deadline=None)
@given(models_with_different_members())
def test_members_that_differ_agree_with_enumeration_in_pairs(model: Model) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constraints, "MOST_VALUES", 0)
        assert_agrees(model)


@settings(max_examples=50, deadline=None)
@given(models_with_machines())
def test_tasks_that_do_not_overlap_agree_with_enumeration(model: Model) -> None:
    assert_agrees(model)


@settings(max_examples=50, deadline=None)
@given(models_with_capacities())
def test_tasks_that_share_a_capacity_agree_with_enumeration(model: Model) -> None:
    assert_agrees(model)


@settings(max_examples=25, deadline=None)
@given(models_with_capacities())
def test_flows_of_the_capacity_agree_with_enumeration(model: Model) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constraints, "has_moments", lambda *_: False)
        assert_agrees(model)


@settings(max_examples=50, deadline=None)
@given(models_with_circuits())
def test_circuits_agree_with_enumeration(model: Model) -> None:
    assert_agrees(model)


def test_six_queens_share_the_columns_of_their_values() -> None:
    places = range(6)
    slopes = [affine(places, [sign * place for place in places]) for sign in (-1, 0, 1)]
    model = whole([1, 0, 0, 0, 0, 0], [AllDifferent(members=members) for members in slopes], upper=5)
    rewritten = without_global_constraints(model)
    assert rewritten.n_columns == 6 + 36
    assert rewritten.name_of_column(6 + 7) == "x1 = 1"
    solution = solve(model, solver="highs")
    # The four placements begin in the rows 1, 2, 3 and 4.
    assert solution.values is not None
    assert solution.values.tolist() == [1, 3, 5, 0, 2, 4]
    assert solution.reason.endswith("after global constraints were written as linear rows.")


def test_two_queens_or_three_cannot_be_placed() -> None:
    for n in (2, 3):
        slopes = [affine(range(n), [sign * place for place in range(n)]) for sign in (-1, 0, 1)]
        model = whole([0.0] * n, [AllDifferent(members=members) for members in slopes], upper=n - 1)
        assert solve(model, solver="highs").termination is Termination.INFEASIBLE


def test_three_jobs_on_one_machine_finish_in_the_order_of_smith() -> None:
    """Weights over sizes decide (Smith 1956): 2 (5/2), 0 (4/3), 1 (1/4), with 2 * 5 + 5 * 4 + 9 * 1 = 39."""
    machine = NoOverlap(start=affine(range(3)), size=constants([3, 4, 2]), name="saw")
    rows = [(-INF, [1, 1, 1], 100)]
    model = whole([4, 1, 5], [machine], upper=20, rows=rows, kinds=CONTINUOUS)
    solution = solve(model, solver="highs")
    assert solution.values == pytest.approx(np.array([2, 5, 0]), abs=1e-6)
    assert solution.objective == pytest.approx(39 - (4 * 3 + 1 * 4 + 5 * 2))
    assert "x0 before x1 in saw" in [without_global_constraints(model).name_of_column(place) for place in range(3, 6)]


def test_the_shortest_tour_of_six_cities_is_that_of_all_tours() -> None:
    places = np.random.default_rng(3).integers(0, 50, (6, 2)).astype(float)
    arcs = list(itertools.permutations(range(6), 2))
    length = {arc: float(np.hypot(*(places[arc[0]] - places[arc[1]]))) for arc in arcs}
    tail, head = (np.array(side) for side in zip(*arcs, strict=True))
    circuit = Circuit(tail=tail, head=head, column=np.arange(30), name="tour")
    solution = solve(whole([length[arc] for arc in arcs], [circuit], upper=1, kinds=BINARY))
    tours = [(0, *rest) for rest in itertools.permutations(range(1, 6))]
    shortest = min(sum(length[arc] for arc in zip(tour, (*tour[1:], 0), strict=True)) for tour in tours)
    assert solution.objective == pytest.approx(shortest)


@pytest.mark.parametrize("kind", [INTEGER, CONTINUOUS])
def test_five_tasks_end_as_soon_as_the_power_allows(kind: int) -> None:
    """Sizes 3 2 4 1 2 and demands 2 2 1 3 2 need 6 + 4 + 4 + 3 + 4 = 21 of a power of 3: no end before 7."""
    size, demand = [3.0, 2.0, 4.0, 1.0, 2.0], [2.0, 2.0, 1.0, 3.0, 2.0]
    power = Cumulative(start=affine(range(5)), size=constants(size), demand=constants(demand), capacity=constants([3]))
    ends = [(size[task], [*(-1.0 if task == place else 0.0 for place in range(5)), 1.0], INF) for task in range(5)]
    model = whole([0, 0, 0, 0, 0, 1], [power], upper=20, rows=ends, kinds=kind)
    solution = solve(model, solver="highs")
    # 0, 1 and 4 need 2 each and exclude each other and 3: 3 + 2 + 2 + 1 = 8.
    assert solution.objective == pytest.approx(8, abs=1e-6)


def test_a_constraint_without_bounds_is_refused_with_the_column() -> None:
    machine = NoOverlap(start=affine(range(2)), size=constants([3, 4]), name="saw")
    with pytest.raises(UnsupportedModelError) as caught:
        choose(whole([1, 1], [machine], upper=INF), "highs")
    assert str(caught.value) == (
        "highs does not take global constraints. The row x0 before x1 in saw, which holds only under a "
        "condition, cannot be written as linear rows: x0 has no upper bound. State one. SCIP takes it."
    )


def test_members_that_need_not_be_whole_are_refused() -> None:
    model = whole([1, 1], [AllDifferent(members=affine(range(2)), name="slots")], kinds=CONTINUOUS)
    with pytest.raises(UnsupportedModelError, match="slots cannot be written as linear rows: x0 need not be whole"):
        choose(model, "highs")


def test_arcs_that_are_not_binary_are_refused() -> None:
    circuit = Circuit(tail=np.array([0, 1]), head=np.array([1, 0]), column=np.array([0, 1]), name="tour")
    with pytest.raises(UnsupportedModelError, match="tour chooses arcs by x0, which is not a binary column"):
        choose(whole([1, 1], [circuit], upper=1), "highs")


def test_members_with_many_values_differ_in_pairs() -> None:
    model = replace(whole([-1, -1], [AllDifferent(members=affine(range(2)))], upper=1e5))
    assert features_of(without_global_constraints(model)) == {Feature.INTEGER, Feature.INDICATOR}
    assert solve(model, solver="highs").objective == pytest.approx(-199_999)


def test_no_members_and_no_tasks_demand_nothing() -> None:
    nothing = constants([])
    empty = Cumulative(start=nothing, size=nothing, demand=nothing, capacity=constants([0]))
    found = [AllDifferent(members=nothing), NoOverlap(start=nothing, size=nothing), empty]
    assert solve(whole([1], found, lower=1), solver="highs").objective == pytest.approx(1)
    assert build_model(MAX, [1]).global_constraints == ()
