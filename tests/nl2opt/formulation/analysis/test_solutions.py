from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from nl2opt import Formulation
from nl2opt.errors import FormulationError
from tests.nl2opt.formulation.formulations import N, X, with_rows
from tests.nl2opt.formulation.test_gallery import formulation_named

WORKSHOP = Formulation.from_json((Path(__file__).parents[4] / "examples" / "workshop.json").read_bytes())


def test_the_best_of_the_workshop_are_those_that_enumeration_finds() -> None:
    points = [(30 * c + 80 * t, c, t) for c, t in itertools.product(range(201), range(81))
              if 2 * c + 5 * t <= 400 and t <= 0.4 * (c + t) + 1e-9]  # fmt: skip
    best = sorted((profit for profit, _, _ in points), reverse=True)[:8]
    found = WORKSHOP.solutions(8)
    assert [solution.objective for solution in found] == best
    pairs = [(s.values.entries("make")[0][1], s.values.entries("make")[1][1]) for s in found]
    assert len(set(pairs)) == 8
    assert {(30 * c + 80 * t, c, t) for c, t in pairs} <= set(points)


def test_solutions_are_told_by_where_they_differ() -> None:
    lines = str(WORKSHOP.solutions(2)).splitlines()
    assert lines[:3] == [
        "The best 2 solutions.",
        "1. $6,250: make['chair'] = 75, make['table'] = 50",
        "2. $6,240: make['chair'] = 80, make['table'] = 48",
    ]


def test_all_of_them_are_said_to_be_all() -> None:
    content = with_rows("n + m <= 1", variables=[{**N, "upper": 1}, {**N, "name": "m", "upper": 1}])
    content["objective"] = {"sense": "maximize", "expression": "n + m"}
    found = Formulation.from_dict(content).solutions(10)
    assert found.is_complete
    assert found.pool.n_best == 2
    assert "The first 2 are equally good." in str(found)
    plain = json.loads(json.dumps(found.to_dict()))
    assert (plain["complete"], plain["equally_good"]) == (True, 2)
    assert plain["solutions"][2] == {"objective": 0.0, "values": {"n": 0, "m": 0}}
    assert [s.objective for s in found[1:]] == [1, 0]


def test_columns_that_only_help_make_no_solution_of_their_own() -> None:
    content = with_rows(
        "abs(n - 2) >= 1", variables=[{**N, "upper": 4}], objective="n"
    )  # fmt: skip
    values = [solution.values["n"] for solution in Formulation.from_dict(content).solutions(9)]
    assert values == [0, 1, 3, 4]


def test_what_has_no_order_or_no_whole_numbers_is_refused() -> None:
    with pytest.raises(FormulationError, match="no variable is integer or binary"):
        Formulation.from_dict(with_rows("x >= 1", objective="x", variables=[X])).solutions(2)
    with pytest.raises(FormulationError, match="several priorities"):
        formulation_named("first_cheap_then_near").solutions(2)
    with pytest.raises(ValueError, match="at least 1"):
        WORKSHOP.solutions(0)


def test_without_a_solution_the_reason_is_said() -> None:
    found = Formulation.from_dict(with_rows("n >= 2", "n <= 1", objective="n")).solutions(3)
    assert (len(found), str(found)) == (0, "No values satisfy all constraints at once.")


def test_without_an_objective_only_the_values_are_told() -> None:
    content = with_rows("n + m == 1", variables=[{**N, "upper": 1}, {**N, "name": "m", "upper": 1}])
    lines = str(Formulation.from_dict(content).solutions(5)).splitlines()
    assert sorted(lines[1:3]) == ["1. n = 1", "2. m = 1"] or sorted(lines[1:3]) == ["1. m = 1", "2. n = 1"]
    assert len(lines) == 4
