from __future__ import annotations

import ast
import tokenize
from io import BytesIO

import pyomo.environ as pyo
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nl2opt import Formulation, FormulationError
from nl2opt.formulation.render import render_program
from nl2opt.formulation.render.pyomo_attributes import ATTRIBUTES
from tests.nl2opt.formulation.render.formulations import FORMULATIONS, built
from tests.nl2opt.formulation.render.running import outcome_of_solving, outcomes_of_programs
from tests.nl2opt.formulation.render.strategies import indexed_formulations, scalar_formulations


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[str, float | None]]:
    return dict(zip(FORMULATIONS, outcomes_of_programs(list(FORMULATIONS.values())), strict=True))


@pytest.mark.parametrize("name", FORMULATIONS)
def test_program_reaches_the_same_optimum(name: str, outcomes: dict[str, tuple[str, float | None]]) -> None:
    status, objective = outcome_of_solving(FORMULATIONS[name])
    assert outcomes[name] == (status, pytest.approx(objective, rel=1e-6, abs=1e-6) if objective is not None else None)


@settings(deadline=None, max_examples=4, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(scalar_formulations(), min_size=12, max_size=12),
    st.lists(indexed_formulations(), min_size=12, max_size=12),
)
def test_programs_of_random_formulations_reach_the_same_optimum(
    scalar: list[Formulation], indexed: list[Formulation]
) -> None:
    formulations = [*scalar, *indexed]
    for formulation, found in zip(formulations, outcomes_of_programs(formulations), strict=True):
        status, objective = outcome_of_solving(formulation)
        expected = pytest.approx(objective, rel=1e-6, abs=1e-6) if objective is not None else None
        assert found == (status, expected), formulation.to_program()


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


@pytest.mark.parametrize("title", ["coding: utf-7", "-*- coding: latin-1 -*-", "vim: set fileencoding=utf-16 :"])
def test_no_text_names_the_encoding_of_the_program(title: str) -> None:
    variable = {"name": "q", "domain": "binary", "description": "+AAo-raise SystemExit+ACM-"}
    program = built("q", variables=[variable]).model_copy(update={"title": title}).to_program().encode()
    assert tokenize.detect_encoding(BytesIO(program).readline)[0] == "utf-8"
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(ast.parse(program)))


def test_formulation_without_single_meaning_has_no_program() -> None:
    with pytest.raises(FormulationError, match="there is no `why`"):
        built("why").to_program()


def test_names_that_are_none_are_refused() -> None:
    formulation = built("x", "x <= 3")
    constraint = formulation.constraints[0].model_copy(update={"name": "x = 1; import os"})
    with pytest.raises(ValueError, match="is not a name"):
        formulation.model_copy(update={"constraints": [constraint]}).to_program()


def test_unknown_library_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no rendering for `pyomoo`.*Did you mean `pyomo`"):
        render_program(built("x"), "pyomoo")
