from __future__ import annotations

import itertools
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import Kind, Model, Sense, SolveOptions, Termination, UnsupportedModelError, check_point, solution_pool
from tests.solvers.cases import INF, build_model, market_split


@st.composite
def integer_models(draw: st.DrawFn) -> Model:
    """Draw small integer models with many ties, of binary and general columns."""
    n = draw(st.integers(1, 4))
    numbers = st.integers(-2, 2).map(float)
    row = st.tuples(st.just(-INF), st.lists(numbers, min_size=n, max_size=n), st.integers(-1, 5).map(float))
    uppers = draw(st.lists(st.integers(0, 3).map(float), min_size=n, max_size=n))
    kinds = [draw(st.sampled_from([Kind.BINARY, Kind.INTEGER])) if upper <= 1 else Kind.INTEGER for upper in uppers]
    return build_model(
        draw(st.sampled_from(Sense)), draw(st.lists(numbers, min_size=n, max_size=n)),
        draw(st.lists(row, max_size=2)), upper=uppers, kinds=kinds,
    )  # fmt: skip


def all_points(model: Model) -> list[tuple[float, ...]]:
    """Return every feasible point, the best objective first."""
    ranges = [range(int(low), int(high) + 1) for low, high in zip(model.column_lower, model.column_upper, strict=True)]
    points = [p for p in itertools.product(*ranges) if check_point(model, np.array(p, np.float64)).accepted]
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    return sorted(points, key=lambda point: sign * model.objective_value(np.array(point, np.float64)))


@settings(max_examples=40, deadline=None)
@given(integer_models(), st.integers(1, 12))
def test_the_pool_is_what_enumeration_finds(model: Model, k: int) -> None:
    points = all_points(model)
    pool = solution_pool(model, k)
    found = [tuple(s.values.tolist()) for s in pool.solutions if s.values is not None]
    assert len(found) == len(set(found)) == min(k, len(points))
    assert set(found) <= set(points)
    objectives = [solution.objective for solution in pool.solutions]
    assert objectives == pytest.approx([model.objective_value(np.array(p, np.float64)) for p in points[:k]])
    assert pool.is_proven
    assert pool.is_complete == (len(points) < k)
    assert pool.first.termination is (Termination.OPTIMAL if points else Termination.INFEASIBLE)
    if points:
        ties = [p for p in points if model.objective_value(np.array(p, np.float64)) == pytest.approx(objectives[0])]
        assert pool.n_best == min(len(ties), k)
        assert pool.has_all_best == (len(points) < k or len(ties) < k)


def test_ten_packings_of_a_knapsack_of_fifty_take_seconds() -> None:
    draw = np.random.default_rng(3)
    weights = draw.integers(10, 60, 50).astype(float)
    values = weights + draw.integers(1, 20, 50)
    model = build_model(
        Sense.MAXIMIZE, values.tolist(), [(-INF, weights.tolist(), 600.0)], upper=1.0, kinds=Kind.BINARY
    )
    started = time.perf_counter()
    pool = solution_pool(model, 10)
    assert time.perf_counter() - started < 10
    objectives = [solution.objective or 0.0 for solution in pool.solutions]
    assert (len(objectives), objectives) == (10, sorted(objectives, reverse=True))


def test_continuous_columns_take_their_best_values() -> None:
    model = build_model(
        Sense.MAXIMIZE, [1.0, 3.0], [(-INF, [1, 2], 4.5)], upper=[INF, 2.0], kinds=[Kind.CONTINUOUS, Kind.INTEGER]
    )
    pool = solution_pool(model, 5)
    assert [s.values.tolist() for s in pool.solutions if s.values is not None] == [[0.5, 2], [2.5, 1], [4.5, 0]]
    assert (pool.is_complete, pool.message) == (True, "There are 3 solutions, and no others.")


def test_solutions_differ_in_the_columns_that_were_named() -> None:
    model = build_model(Sense.MAXIMIZE, [1.0, 0.0], upper=1.0, kinds=Kind.BINARY)
    assert len(solution_pool(model, 9).solutions) == 4
    assert len(solution_pool(model, 9, columns=[0]).solutions) == 2


def test_columns_without_bounds_are_split_too() -> None:
    model = build_model(Sense.MINIMIZE, [1.0, 1.0], [(2.5, [1, 1], INF)], kinds=Kind.INTEGER)
    pool = solution_pool(model, 6)
    assert [solution.objective for solution in pool.solutions] == [3, 3, 3, 3, 4, 4]
    assert (pool.n_best, pool.has_all_best) == (4, True)


def test_a_continuous_model_is_refused_in_a_sentence() -> None:
    with pytest.raises(UnsupportedModelError, match="differ in whole numbers"):
        solution_pool(build_model(Sense.MAXIMIZE, [1.0], upper=1.0), 2)
    with pytest.raises(ValueError, match="at least 1, not 0"):
        solution_pool(build_model(Sense.MAXIMIZE, [1.0], upper=1.0, kinds=Kind.BINARY), 0)


def test_a_limit_and_a_stop_leave_what_was_found() -> None:
    hard = market_split(exact=False)
    limited = solution_pool(hard, 3, options=SolveOptions(time_limit_seconds=0.5))
    assert (limited.is_proven, limited.is_complete, len(limited.solutions) <= 1) == (False, False, True)
    assert limited.seconds < 5
    stop = threading.Event()
    stop.set()
    assert solution_pool(hard, 3, cancel=stop).first.termination is Termination.INTERRUPTED


def test_without_a_solution_the_reason_is_given() -> None:
    model = build_model(Sense.MAXIMIZE, [1.0], [(3.0, [1], INF)], upper=1.0, kinds=Kind.BINARY)
    pool = solution_pool(model, 3)
    assert (pool.solutions, pool.is_complete, pool.n_best) == ((), True, 0)
    assert pool.message == pool.first.message
    unbounded = replace(model, column_kind=np.ones(1, np.uint8), column_upper=np.array([INF]))
    assert solution_pool(unbounded, 3).first.termination is Termination.UNBOUNDED
