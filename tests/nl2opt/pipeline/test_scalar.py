from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nl2opt.errors import FormulationError
from nl2opt.formulation.schema import Variable
from nl2opt.pipeline.scalar import identifier, read_scalar, unique

X = {"name": "x", "domain": "continuous"}
N = {"name": "n", "domain": "integer"}
GOAL = {"sense": "maximize", "expression": "x + n"}


def draft(*constraints: Any, **parts: Any) -> dict[str, Any]:
    return {"variables": [X, N], "objective": GOAL, "constraints": list(constraints), **parts}


def row(expression: str, name: str = "limit", **fields: Any) -> dict[str, Any]:
    return {"name": name, "expression": expression, **fields}


def faults(content: dict[str, Any]) -> str:
    with pytest.raises(FormulationError) as caught:
        read_scalar(content)
    return str(caught.value)


def test_a_draft_becomes_a_formulation_with_its_words() -> None:
    reading = read_scalar(draft(row("2x + n <= 1,200", "Hours of work")))
    (constraint,) = reading.formulation.constraints
    assert constraint.name == "hours_of_work"
    assert constraint.expression == "2 * x + n <= 1200"
    assert constraint.description == "Hours of work"
    assert reading.repairs == ("'Hours of work': `2x + n <= 1,200` was read as `2 * x + n <= 1200`",)


def test_a_draft_without_slips_is_not_repaired() -> None:
    assert read_scalar(draft(row("x <= 4"), row("either(x <= 4, n <= 3)"))).repairs == ()


def test_names_of_constraints_are_made_unique() -> None:
    reading = read_scalar(draft(row("x <= 4", "limit"), row("n <= 4", "Limit"), row("x >= 1", "x"), row("n >= 1", "")))
    names = [constraint.name for constraint in reading.formulation.constraints]
    assert names == ["limit", "limit_2", "x_2", "constraint"]


def test_null_means_not_given() -> None:
    variables = [{**X, "upper": None}, {**N, "lower": None}]
    reading = read_scalar(draft({"name": None, "expression": "x <= 4", "description": None}, variables=variables))
    assert reading.formulation.variables[0].upper is None
    (constraint,) = reading.formulation.constraints
    assert (constraint.name, constraint.source) == ("constraint", "")


def test_a_definition_among_the_constraints_is_left_out_and_put_into_the_objective() -> None:
    content = draft(row("3 * x + n", "Profit"), row("x <= 4"), objective={"sense": "maximize", "expression": "profit"})
    reading = read_scalar(content)
    assert [constraint.name for constraint in reading.formulation.constraints] == ["limit"]
    assert reading.formulation.objective is not None
    assert reading.formulation.objective.expression == "3 * x + n"
    assert len(reading.repairs) == 2


def test_the_demand_to_be_whole_is_read_as_the_domain() -> None:
    reading = read_scalar(draft(row("x % 1 == 0"), row("n % 1 == 0"), row("x <= 4.5")))
    assert [variable.domain for variable in reading.formulation.variables] == ["integer", "integer"]
    assert len(reading.formulation.constraints) == 1
    assert reading.repairs[0] == "'limit' (`x % 1 == 0`) was read as the domain of x"


def test_no_objective_at_all_is_a_fault_and_null_is_none() -> None:
    content = draft()
    del content["objective"]
    assert "`objective` is missing" in faults(content)
    assert read_scalar(draft(objective=None)).formulation.objective is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (draft("x <= 4"), "constraints.1: it must be an object (in `x <= 4`)"),
        (draft(constraints={"limit": "x <= 4"}), "constraints: it must be a list of objects"),
        (draft(constraints=None), "constraints: it must be a list of objects"),
        (draft(variables=["x", "n"]), "variables.2: it must be an object"),
        (draft(row("x <= 4", for_all="i in I")), "unknown field `for_all`"),
        (draft(objective="maximize x"), "objective"),
        (draft(objective=[GOAL, {"expression": "x"}]), "`sense` is missing"),
        (draft(objective={"expression": "x"}), "`sense` is missing"),
        (draft(variables=[{"name": "x"}]), "`domain` is missing"),
        (draft(variables=[]), "there are no variables"),
    ],
)
def test_what_cannot_be_read_is_not_passed_over(content: dict[str, Any], message: str) -> None:
    assert message in faults(content)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Share of tables", "share_of_tables"),
        ("40% rule!", "n40_rule"),
        ("  ", "unnamed"),
        ("for", "for_"),
        ("sum", "sum_"),
        ("x²", "x2"),
        ("größe", "größe"),
        ("a__b", "a__b"),
        ("x" * 80, "x" * 60),
    ],
)
def test_words_become_names(words: str, name: str) -> None:
    assert identifier(words) == name


@given(st.text(max_size=80))
@example("ﬁ②")
@example("İ")
@example("̇x")
@example("৴")
@settings(max_examples=100, deadline=None)
def test_any_words_become_a_name_that_the_language_takes(words: str) -> None:
    name = identifier(words)
    assert Variable(name=name, domain="binary").name == name
    assert identifier(name) == name


def test_unique_names_are_marked_as_taken() -> None:
    taken = {"a"}
    assert [unique("a", taken), unique("a", taken), unique("b", taken)] == ["a_2", "a_3", "b"]
    assert taken == {"a", "a_2", "a_3", "b"}
