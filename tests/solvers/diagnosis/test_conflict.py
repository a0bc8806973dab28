from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from solvers import AffineColumns, AllDifferent, Cones, IndicatorRows, Kind, Model, QuadraticRows, SolveOptions, solve
from solvers.diagnosis import ConflictSet, Part, conflict_set
from tests.solvers.cases import INF, MAX, MIN, build_model
from tests.solvers.diagnosis.independent import can_be_met, small_models


def found(model: Model, options: SolveOptions | None = None) -> ConflictSet:
    conflict = conflict_set(model, options=options or SolveOptions())
    assert conflict is not None
    return conflict


def parts(conflict: ConflictSet) -> list[tuple[Part, int]]:
    return [(member.part, member.place) for member in conflict.members]


def transport(plants: int, cities: int, kind: Kind = Kind.CONTINUOUS) -> Model:
    """Return a transport problem whose demand exceeds its supply by a tenth."""
    n, total = plants * cities, plants + cities
    columns = np.arange(n)
    return replace(
        build_model(MIN, [1.0] * n, kinds=kind),
        row_starts=np.concatenate([np.arange(0, n, cities), np.arange(n, 2 * n + 1, plants)]),
        row_columns=np.concatenate([columns, columns.reshape(plants, cities).T.ravel()]),
        row_values=np.ones(2 * n),
        row_lower=np.where(np.arange(total) < plants, -INF, 11.0 * plants),
        row_upper=np.where(np.arange(total) < plants, 10.0 * cities, INF),
    )


def test_two_rows_that_exclude_each_other() -> None:
    conflict = found(build_model(MIN, [1, 1], [(5, [1, 1], INF), (-INF, [1, 0], 10), (-INF, [1, 1], 3)]))
    assert parts(conflict) == [(Part.ROW_LOWER, 0), (Part.ROW_UPPER, 2)]
    assert conflict.is_irreducible
    assert not conflict.needs_integrality
    assert conflict.rows.tolist() == [0, 2]


def test_a_row_against_bounds() -> None:
    conflict = found(build_model(MAX, [1, 1], [(5, [1, 1], INF)], upper=2))
    assert parts(conflict) == [(Part.ROW_LOWER, 0), (Part.COLUMN_UPPER, 0), (Part.COLUMN_UPPER, 1)]


def test_twice_a_whole_number_is_never_one() -> None:
    conflict = found(build_model(MIN, [1], [(1, [2], 1)], upper=5, kinds=Kind.INTEGER))
    assert parts(conflict) == [(Part.ROW_LOWER, 0), (Part.ROW_UPPER, 0)]
    assert conflict.needs_integrality


def test_a_conflict_of_whole_numbers_among_hundreds_of_rows_is_found() -> None:
    n = 200
    rows = [(2.0, [2.0 if j in (i, i + 1) else 0.0 for j in range(n)], 4.0) for i in range(n - 1)]
    rows[77] = (3.0, rows[77][1], 3.0)
    conflict = found(build_model(MIN, [1] * n, rows, upper=10, kinds=Kind.INTEGER))
    assert parts(conflict) == [(Part.ROW_LOWER, 77), (Part.ROW_UPPER, 77)]
    assert conflict.needs_integrality
    assert conflict.seconds < 2


def test_a_false_row_without_columns_is_a_conflict_of_one() -> None:
    conflict = found(build_model(MIN, [1], [(5, [1], INF), (-INF, [1], 4), (3, [0], INF)]))
    assert parts(conflict) == [(Part.ROW_LOWER, 2)]
    assert conflict.is_irreducible


@pytest.mark.parametrize(("kind", "lower", "upper", "whole"), [
    (Kind.CONTINUOUS, 3.0, 2.0, False),
    (Kind.INTEGER, 0.2, 0.8, True),
])  # fmt: skip
def test_bounds_that_leave_no_value(kind: Kind, lower: float, upper: float, whole: bool) -> None:
    conflict = found(build_model(MIN, [1], lower=lower, upper=upper, kinds=kind))
    assert parts(conflict) == [(Part.COLUMN_LOWER, 0), (Part.COLUMN_UPPER, 0)]
    assert conflict.needs_integrality is whole


def test_a_row_that_asks_for_infinity() -> None:
    assert parts(found(build_model(MIN, [1], [(INF, [1], INF)]))) == [(Part.ROW_LOWER, 0)]


def test_being_binary_is_given() -> None:
    conflict = found(build_model(MIN, [1, 1], [(3, [1, 1], INF)], upper=1, kinds=Kind.BINARY))
    assert parts(conflict) == [(Part.ROW_LOWER, 0)]
    assert not conflict.needs_integrality


@pytest.mark.parametrize("kind", [Kind.CONTINUOUS, Kind.INTEGER])
def test_demand_above_supply_is_a_conflict_of_all_rows_and_no_bounds(kind: Kind) -> None:
    conflict = found(transport(10, 12, kind))
    assert conflict.is_irreducible
    assert conflict.rows.tolist() == list(range(22))
    assert len(conflict.members) == 22
    assert conflict.seconds < 2


def test_without_time_for_proofs_the_set_says_so() -> None:
    model = transport(150, 150)
    conflict = found(model, SolveOptions(time_limit_seconds=0.8))
    assert not conflict.is_irreducible
    assert conflict.unproven
    assert "did not suffice" in conflict.message
    assert not can_be_met(model, conflict.members)


def test_a_feasible_model_has_none() -> None:
    assert conflict_set(build_model(MIN, [1], [(1, [1], 2)])) is None


def test_it_can_be_stopped() -> None:
    cancel = threading.Event()
    cancel.set()
    started = time.perf_counter()
    assert conflict_set(transport(60, 60), cancel=cancel) is None
    assert time.perf_counter() - started < 1


@settings(max_examples=40, deadline=None)
@given(small_models(integer=False))
def test_sets_of_linear_models_are_irreducible(model: Model) -> None:
    _check(model)


@settings(max_examples=40, deadline=None)
@given(small_models(integer=True))
def test_sets_of_integer_models_are_irreducible(model: Model) -> None:
    _check(model)


@settings(max_examples=30, deadline=None)
@given(small_models(integer=False))
def test_sets_that_begin_with_the_proof_of_a_large_model_are_irreducible(model: Model) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("solvers.diagnosis.conflict._MOST_ENTRIES_FOR_IIS", -1)
        _check(model)


def test_large_linear_models_are_not_left_alone() -> None:
    conflict = found(transport(52, 52))
    assert (len(conflict.members), conflict.is_irreducible) == (104, True)


def _check(model: Model) -> None:
    conflict = conflict_set(model)
    if conflict is None:
        assert solve(model).has_point
        return
    members = conflict.members
    assert conflict.is_irreducible
    assert not can_be_met(model, members)
    for member in members:
        assert can_be_met(model, [other for other in members if other != member])
    assert conflict.needs_integrality == can_be_met(model, members, fractional=True)


def test_a_quadratic_row_is_a_member() -> None:
    # x * x >= 9, with x <= 2.
    square = QuadraticRows(row=np.array([0]), first=np.array([0]), second=np.array([0]), coefficient=np.ones(1))
    model = replace(build_model(MIN, [1], [(9, [0], INF), (-INF, [1], 50)], upper=2), quadratic_rows=square)
    conflict = found(model)
    assert parts(conflict) == [(Part.ROW_LOWER, 0), (Part.COLUMN_LOWER, 0), (Part.COLUMN_UPPER, 0)]
    assert conflict.is_irreducible


def test_a_row_under_a_condition_is_a_member() -> None:
    # Where b == 1, x >= 5; b >= 1, x <= 3.
    model = build_model(
        MIN, [0, 0], [(5, [1, 0], INF), (1, [0, 1], INF)], upper=[3, 1], kinds=[Kind.CONTINUOUS, Kind.BINARY]
    )
    when = IndicatorRows(row=np.array([0]), column=np.array([1]), value=np.array([1], np.uint8))
    conflict = found(replace(model, indicators=when))
    assert parts(conflict) == [(Part.ROW_LOWER, 0), (Part.ROW_LOWER, 1), (Part.COLUMN_UPPER, 0)]


def test_a_global_constraint_is_a_member() -> None:
    # Three different whole numbers between 1 and 2.
    three = AffineColumns(column=np.arange(3), coefficient=np.ones(3), offset=np.zeros(3))
    model = build_model(MIN, [0, 0, 0], [(-INF, [1, 1, 1], 50)], lower=1, upper=2, kinds=Kind.INTEGER)
    conflict = found(replace(model, global_constraints=(AllDifferent(members=three),)))
    assert parts(conflict)[-1] == (Part.GLOBAL, 0)
    assert len(conflict.members) == 7
    assert conflict.is_irreducible


def test_a_cone_is_a_member() -> None:
    # x0 >= |(x1, x2)|, with x0 <= 1 and x1 >= 2.
    cone = Cones(starts=np.array([0, 3]), columns=np.arange(3))
    model = build_model(MIN, [0, 0, 0], [(-INF, [1, 0, 0], 1), (2, [0, 1, 0], INF)])
    conflict = found(replace(model, cones=cone))
    assert parts(conflict) == [(Part.ROW_LOWER, 1), (Part.ROW_UPPER, 0), (Part.CONE, 0)] or parts(conflict) == [
        (Part.ROW_UPPER, 0), (Part.ROW_LOWER, 1), (Part.CONE, 0)
    ]  # fmt: skip
