from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from nl2opt import Formulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.lift import lift
from nl2opt.formulation.schema import MAX_NAME_CHARACTERS
from tests.nl2opt.formulation.render.strategies import scalar_formulations

PROBLEM = (
    "A carpenter makes chairs and tables. A chair earns $30 and a table $80. "
    "Each chair takes 2 hours of labour, each table five hours; at most 40 hours of labour are available. "
    "At least 10% of all pieces must be tables. There is wood for 30 chairs."
)


def workshop(*rows: str, objective: str = "30 * chair + 80 * table", **fields: Any) -> Formulation:
    return Formulation.from_dict(
        {
            "variables": [
                {"name": "chair", "domain": "integer", "description": "chairs made", "upper": 30},
                {"name": "table", "domain": "integer", "description": "tables made", "upper": 100},
            ],
            "objective": {"sense": "maximize", "expression": objective, "description": "total profit"},
            "constraints": [
                {"name": name, "expression": row} for name, row in zip(("labour", "wood", "pieces"), rows, strict=False)
            ],
            **fields,
        }
    )


def lifted_parameters(formulation: Formulation) -> dict[str, Any]:
    return {parameter.name: parameter.value for parameter in lift(formulation, PROBLEM).parameters}


def test_numbers_are_named_after_constraint_and_variable() -> None:
    lifted = lift(workshop("2 * chair + 5 * table <= 40"), PROBLEM)
    assert lifted.objective is not None
    assert lifted.objective.expression == "profit_chair * chair + profit_table * table"
    assert lifted.constraints[0].expression == "labour_chair * chair + labour_table * table <= labour_maximum"
    assert {p.name: (p.value, p.unit) for p in lifted.parameters} == {
        "profit_chair": (30, "$"),
        "profit_table": (80, "$"),
        "labour_chair": (2, ""),
        "labour_table": (5, ""),
        "labour_maximum": (40, ""),
    }


def test_sources_are_the_words_around_the_number_that_was_meant() -> None:
    lifted = lift(workshop("2 * chair + 5 * table <= 40", "chair <= 30", "table >= 0.1 * (chair + table)"), PROBLEM)
    sources = {parameter.name: parameter.source for parameter in lifted.parameters}
    assert all(source in PROBLEM for source in sources.values())
    assert sources["profit_chair"] == "A chair earns $30 and a table $80."
    assert "five hours" in sources["labour_table"]
    assert sources["wood_maximum"] == "There is wood for 30 chairs."
    assert sources["pieces_share"] == "At least 10% of all pieces must be tables."


@pytest.mark.parametrize(
    ("row", "text", "values"),
    [
        ("chair >= 1", "chair >= 1", {}),
        ("0 * chair - 1 * table <= 0", "0 * chair - 1 * table <= 0", {}),
        ("5 * chair ** 2 <= 3", "labour_chair * chair ** 2 <= labour_maximum",
         {"labour_chair": 5, "labour_maximum": 3}),
        ("2 <= chair <= 9", "labour_minimum <= chair <= labour_maximum", {"labour_minimum": 2, "labour_maximum": 9}),
        ("chair == -7", "chair == labour_required", {"labour_required": -7}),
        ("9 >= chair + 4", "labour_maximum >= chair + labour_minimum", {"labour_maximum": 9, "labour_minimum": 4}),
        ("chair / 4 >= 2.5", "chair / labour_chair >= labour_minimum", {"labour_chair": 4, "labour_minimum": 2.5}),
        ("2 * 3 * chair <= 6", "labour_factor * labour_factor_2 * chair <= labour_maximum",
         {"labour_factor": 2, "labour_factor_2": 3, "labour_maximum": 6}),
        ("2 * chair + 3 * chair <= 2 * chair", "labour_chair * chair + labour_chair_2 * chair <= labour_chair * chair",
         {"labour_chair": 2, "labour_chair_2": 3}),
        ("chair <= max(2, 3)", "chair <= max(2, 3)", {}),
        ("chair <= 5 if 3 > 2 else 7", "chair <= (5 if 3 > 2 else 7)", {}),
    ],
)  # fmt: skip
def test_each_number_gets_a_name_by_its_role(row: str, text: str, values: dict[str, float]) -> None:
    lifted = lift(workshop(row, objective="chair - table"), PROBLEM)
    assert {p.name: p.value for p in lifted.parameters} == values
    if "if" not in row:
        assert lifted.constraints[0].expression == text


def test_constant_of_the_objective_is_lifted() -> None:
    assert lifted_parameters(workshop(objective="chair + table - 250")) == {"profit_constant": 250}


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("total cost", "cost_chair"),
        ("the revenues", "revenue_chair"),
        ("", "profit_chair"),
        ("enterprise", "profit_chair"),
    ],
)
def test_objective_is_named_by_its_description_first(description: str, name: str) -> None:
    formulation = workshop(objective="3 * chair + table")
    assert formulation.objective is not None
    objective = formulation.objective.model_copy(update={"description": description})
    lifted = lift(formulation.model_copy(update={"objective": objective}), "Maximise the profit.")
    assert [parameter.name for parameter in lifted.parameters] == [name]


def test_names_avoid_those_that_are_taken() -> None:
    own = [{"name": "labour_chair", "value": 7}]
    assert lifted_parameters(workshop("2 * chair <= labour_chair", objective="chair", parameters=own)) == {
        "labour_chair": 7,
        "labour_chair_2": 2,
    }


def test_names_stay_short_however_many_share_a_stem() -> None:
    long = "r" * MAX_NAME_CHARACTERS
    row = " + ".join(f"{n} * chair" for n in range(2, 1300)) + " <= 5"
    constraints = [{"name": long, "expression": row}]
    names = lifted_parameters(workshop(objective="chair", constraints=constraints))
    assert len(names) == 1299
    assert max(map(len, names)) == MAX_NAME_CHARACTERS


def test_numbers_that_are_not_in_the_problem_have_no_source() -> None:
    lifted = lift(workshop("chair <= 17"), PROBLEM)
    assert {p.name: p.source for p in lifted.parameters}["labour_maximum"] == ""


def test_expression_that_is_not_of_the_language_is_refused() -> None:
    with pytest.raises(ExpressionError):
        lift(workshop("2 chair <= 3"), PROBLEM)


@settings(deadline=None, max_examples=50)
@given(scalar_formulations())
def test_lifted_formulation_is_the_same_model(formulation: Formulation) -> None:
    before = compile_formulation(formulation).require().model
    lifted = lift(formulation, PROBLEM)
    after = compile_formulation(lifted).require().model
    for name in ("objective", "row_starts", "row_columns", "row_values", "row_lower", "row_upper"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name
    assert before.objective_constant == after.objective_constant
    first, second = formulation.solve(), lifted.solve()
    assert (first.termination, first.objective) == (second.termination, second.objective)


def test_the_objective_is_called_by_the_last_word_of_the_problem_that_fits() -> None:
    problem = "A loaf earns $3. 2,000 minutes of oven time are there. Which plan makes the largest profit?"
    content = {
        "variables": [{"name": "loaves", "domain": "integer"}],
        "objective": {"sense": "maximize", "expression": "3 * loaves"},
        "constraints": [{"name": "oven", "expression": "loaves <= 2000"}],
    }
    lifted = lift(Formulation.from_dict(content), problem)
    assert lifted.parameters[0].name == "profit_loaves"
