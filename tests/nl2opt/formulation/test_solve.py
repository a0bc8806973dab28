from __future__ import annotations

from pathlib import Path

import pytest

from nl2opt.errors import FormulationError
from nl2opt.formulation.schema import Formulation
from solvers import Termination
from tests.nl2opt.formulation.formulations import MAKE, WORKSHOP, X, compiled, with_rows

EXAMPLES = Path(__file__).parents[3] / "examples"
STOCKED_WORKSHOP = {
    "title": "Workshop",
    "sets": [
        {"name": "ITEM", "elements": ["chair", "table"], "description": "what is made"},
        {"name": "T", "elements": "range(1, 4)"},
    ],
    "parameters": [
        {
            "name": "profit",
            "index": ["ITEM"],
            "value": {"chair": 30, "table": 80},
            "unit": "$/item",
            "source": "a chair earns $30, a table $80",
        },
        {"name": "need", "index": ["ITEM"], "value": {"chair": 2, "table": 5}},
        {"name": "hours", "index": [], "value": 400},
        {"name": "demand", "index": ["T"], "value": [5, 20, 10]},
    ],
    "variables": [
        {"name": "make", "index": ["ITEM"], "domain": "integer", "lower": 0, "description": "items made"},
        {"name": "build", "index": ["T"], "domain": "integer", "lower": 0, "upper": 12},
        {"name": "level", "index": ["T"], "domain": "continuous", "lower": 0},
    ],
    "objective": {
        "sense": "Maximize",
        "expression": "sum(profit[i] * make[i] for i in ITEM) - sum(level[t] for t in T)",
    },
    "constraints": [
        {"name": "labour", "expression": "sum(need[i] * make[i] for i in ITEM) <= hours"},
        {"name": "start", "expression": "level[1] == 5 + build[1] - demand[1]"},
        {"name": "stock", "expression": "level[t] == level[t-1] + build[t] - demand[t] for t in T if t > 1"},
    ],
    "assumptions": [
        {
            "text": "items are whole",
            "element": "make",
            "alternatives": [
                {
                    "text": "items may be fractional",
                    "change": {"kind": "set", "path": "variables.make.domain", "value": "continuous"},
                }
            ],
        }
    ],
    "version": 1,
}


def optimum(formulation: Formulation) -> float:
    solution = formulation.solve()
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective is not None
    return solution.objective


def test_the_workshop_of_the_design_is_solved() -> None:
    formulation = Formulation.from_dict(STOCKED_WORKSHOP)
    assert formulation.check() == ()
    # Tables earn 16 an hour, chairs 15: 80 tables. Period 2 lacks 8 items, which are built in period 1.
    assert optimum(formulation) == pytest.approx(6400 - 8)


def test_the_workshop_among_the_examples_is_solved() -> None:
    formulation = Formulation.from_json((EXAMPLES / "workshop.json").read_text(encoding="utf-8"))
    assert formulation.check() == ()
    assert optimum(formulation) == pytest.approx(max(
        30 * chairs + 80 * tables
        for chairs in range(201)
        for tables in range(81)
        if 2 * chairs + 5 * tables <= 400 and tables <= 0.4 * (chairs + tables)
    ))  # fmt: skip


def test_a_false_row_makes_the_model_infeasible() -> None:
    content = with_rows("n <= 9", "x - x >= 3", objective="x + n")
    assert Formulation.from_dict(content).solve().termination is Termination.INFEASIBLE


def test_crossed_sides_make_the_model_infeasible() -> None:
    assert Formulation.from_dict(with_rows("3 <= x + n <= 2")).solve().termination is Termination.INFEASIBLE


def test_any_feasible_point_will_do_without_an_objective() -> None:
    content = with_rows("2 <= x + n <= 3")
    solution = Formulation.from_dict(content).solve()
    assert solution.values is not None
    assert 2 - 1e-6 <= sum(solution.values) <= 3 + 1e-6


def test_a_convex_quadratic_objective_is_solved() -> None:
    content = with_rows("x >= 1", objective="(x - 3) ** 2 + 1", variables=[X])
    assert optimum(Formulation.from_dict(content)) == pytest.approx(1, abs=1e-6)


def test_names_lead_back_from_the_model() -> None:
    found = compiled({**WORKSHOP, "variables": [MAKE]})
    assert [found.model.name_of_column(c) for c in range(2)] == ["make['chair']", "make['table']"]
    assert found.variables["make"].size == 2


def test_what_has_no_single_meaning_is_not_solved() -> None:
    with pytest.raises(FormulationError, match="Write `==` for equality"):
        Formulation.from_dict(with_rows("x = 1")).solve()
