from __future__ import annotations

import pyomo.environ as pyo

from nl2opt import Formulation
from nl2opt.formulation.render.pyomo_attributes import ATTRIBUTES
from tests.nl2opt.formulation.render.formulations import built


def test_reserved_attributes_are_those_of_a_model() -> None:
    assert {name for name in dir(pyo.ConcreteModel()) if not name.startswith("_")} <= ATTRIBUTES


def test_program_is_one_that_a_person_would_write() -> None:
    program = Formulation.from_dict(
        {
            "title": "Workshop",
            "sets": [{"name": "ITEM", "elements": ["chair", "table"], "description": "what is made"}],
            "parameters": [
                {
                    "name": "profit",
                    "index": ["ITEM"],
                    "value": {"chair": 30, "table": 80},
                    "unit": "$/item",
                    "source": "a chair earns $30, a table $80",
                }
            ],
            "variables": [{"name": "make", "index": ["ITEM"], "domain": "integer", "upper": 9, "description": "made"}],
            "objective": {"sense": "maximize", "expression": "sum(profit[i] * make[i] for i in ITEM)"},
            "constraints": [
                {"name": "pairs", "expression": "make['chair'] >= 4 * make['table']", "description": "sold"}
            ],
        }
    ).to_program()
    assert program.partition("\n\n\ndef main")[0] == "\n".join(
        [
            "import pyomo.environ as pyo",
            "",
            "# Workshop",
            "",
            "# Sets",
            "# what is made",
            'ITEM = ["chair", "table"]',
            "",
            "# Parameters",
            "# [$/item] from: a chair earns $30, a table $80",
            'profit = {"chair": 30, "table": 80}',
            "",
            'model = pyo.ConcreteModel(name="Workshop")',
            "",
            "# Variables",
            "# made",
            "model.make = pyo.Var(ITEM, domain=pyo.Integers, bounds=(0, 9))",
            "",
            "# Objective",
            "model.objective = pyo.Objective(expr=sum(profit[i] * model.make[i] for i in ITEM), sense=pyo.maximize)",
            "",
            "# Constraints",
            "# sold",
            'model.pairs = pyo.Constraint(expr=model.make["chair"] >= 4 * model.make["table"])',
        ]
    )


def test_what_is_not_needed_is_not_written() -> None:
    plain = built("x", "x <= 3").to_program()
    assert "import math" not in plain
    assert "demanded" not in plain


def test_long_tables_are_folded() -> None:
    formulation = Formulation.from_dict(
        {
            "sets": [{"name": "I", "elements": [f"element number {n}" for n in range(100)]}],
            "variables": [{"name": "x", "index": ["I"], "domain": "binary"}],
            "objective": {"sense": "maximize", "expression": "sum(x[i] for i in I)"},
        }
    )
    assert max(map(len, formulation.to_program().splitlines())) <= 110
