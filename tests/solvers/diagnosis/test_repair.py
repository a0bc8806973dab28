from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings

from solvers import Kind, Model, check_point, solve
from solvers.diagnosis import Levers, Member, Numbering, Part, cheapest_repair, lone_repairs, moved
from tests.solvers.cases import INF, MIN, build_model
from tests.solvers.diagnosis.independent import least_violation, small_models

TWO = build_model(MIN, [1, 1], [(5, [1, 1], INF), (-INF, [1, 1], 3)])


def test_the_least_total_is_moved() -> None:
    repair = cheapest_repair(TWO)
    assert repair is not None
    assert repair.is_cheapest
    assert repair.cost == pytest.approx(2)
    assert solve(moved(TWO, Levers.of_sides(TWO), repair.amount)).has_point


def test_what_costs_more_is_left_where_it_is() -> None:
    levers = Levers.of_sides(TWO, weight=np.array([5.0, 5, 1, 1, 1, 1, 1, 1]))
    repair = cheapest_repair(TWO, levers)
    assert repair is not None
    assert repair.amount.tolist() == [0, 2]


def test_bounds_move_only_when_they_may() -> None:
    model = build_model(MIN, [1, 1], [(5, [1, 1], INF)], upper=2)
    numbering = Numbering.of(model)
    movable = np.zeros(numbering.total, bool)
    movable[numbering.number(Member(Part.COLUMN_UPPER, 1))] = True
    repair = cheapest_repair(model, Levers.of_sides(model, movable))
    assert repair is not None
    assert repair.amount.tolist() == [1]
    assert repair.values.tolist() == [2, 3]


def test_one_lever_moves_all_its_sides_together() -> None:
    # x == t, y <= t, x + y >= 10 with t = 3: at t = 5 both hold.
    model = build_model(MIN, [1, 1], [(3, [1, 0], 3), (-INF, [0, 1], 3), (10, [1, 1], INF)])
    levers = Levers(
        cost=np.ones(1), lowest=np.full(1, -INF), highest=np.full(1, INF), side=np.array([0, 3, 4]),
        lever=np.zeros(3, np.int64), rate=np.ones(3),
    )  # fmt: skip
    repair = cheapest_repair(model, levers)
    assert repair is not None
    assert repair.amount == pytest.approx([2])


def test_each_alone_or_none() -> None:
    model = build_model(MIN, [1, 1], [(5, [1, 1], INF), (-INF, [1, 1], 3), (-INF, [1, 1], 4)])
    levers = Levers.of_sides(model)
    alone = dict(lone_repairs(model, levers, range(levers.count)))
    assert alone[0] is not None
    assert alone[0].amount.tolist() == [-2, 0, 0] or alone[0].amount.tolist() == [2, 0, 0]
    assert alone[1] is None
    assert alone[2] is None


def test_what_no_move_of_rows_helps_has_no_repair() -> None:
    assert cheapest_repair(build_model(MIN, [1], lower=3, upper=2)) is None
    whole = build_model(MIN, [1], lower=0.2, upper=0.8, kinds=Kind.INTEGER)
    assert cheapest_repair(whole) is None


@settings(max_examples=50, deadline=None)
@given(small_models(integer=True))
def test_repairs_restore_feasibility_at_the_least_total(model: Model) -> None:
    assume(not solve(model).has_point)
    repair, least = cheapest_repair(model), least_violation(model)
    if least is None:
        assert repair is None
        return
    assert repair is not None
    assert repair.cost == pytest.approx(least, abs=1e-6)
    mended = moved(model, Levers.of_sides(model), repair.amount)
    assert check_point(mended, repair.values).accepted
    assert solve(mended).has_point
