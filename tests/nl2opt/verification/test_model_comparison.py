from __future__ import annotations

from typing import Any

import pytest

from nl2opt.verification.model_comparison import NamedModel, demand_the_same, differences
from solvers import Model
from tests.nl2opt.pipeline.cases import compiled

VARIABLES = [
    {"name": "chairs", "domain": "integer", "lower": 0},
    {"name": "tables", "domain": "integer", "lower": 0, "upper": 40},
]
HOURS = "2 * chairs + 5 * tables <= 400"


def model(
    *rows: str, expression: str = "30 * chairs + 80 * tables", sense: str = "maximize", variables: Any = VARIABLES
) -> Model:
    content = {
        "variables": variables,
        "objective": {"sense": sense, "expression": expression},
        "constraints": [{"name": f"c{n}", "expression": row} for n, row in enumerate(rows)],
    }
    return compiled(content).model


def renamed(*names: str, **changes: Any) -> list[dict[str, Any]]:
    return [{**variable, "name": name, **changes} for variable, name in zip(VARIABLES, names, strict=True)]


def said(first: Model, second: Model) -> list[str]:
    return differences(NamedModel(name="the formulation", model=first), NamedModel(name="the program", model=second))


BASE = model(HOURS)
LOOSE = [VARIABLES[0], {**VARIABLES[1], "upper": None}]


def test_equal_models_have_no_differences() -> None:
    for other in (
        model(HOURS),
        model("4 * chairs + 10 * tables <= 800"),
        model("-2 * chairs >= 5 * tables - 400"),
        model("tables <= 40", HOURS, variables=LOOSE),
        model("400 >= 2 * chairs + 5 * tables", "chairs >= -3"),
    ):
        assert said(BASE, other) == []
        assert demand_the_same(BASE, other)


@pytest.mark.parametrize(
    ("other", "line"),
    [
        (model(HOURS, variables=LOOSE), "tables has the upper bound 40 in the formulation and none in the program."),
        (model(HOURS, "chairs >= 3"), "chairs has the lower bound 0 in the formulation and 3 in the program."),
        (
            model(HOURS, variables=[{**VARIABLES[0], "domain": "continuous"}, VARIABLES[1]]),
            "chairs is whole in the formulation and may be a fraction in the program.",
        ),
        (
            model(HOURS, expression="35 * chairs + 80 * tables"),
            "In the objective, chairs counts 30 in the formulation and 35 in the program.",
        ),
        (model(HOURS, sense="minimize"), "The formulation is to maximize, the program to minimize."),
        (
            model(HOURS, expression="30 * chairs + 80 * tables - 100"),
            "The objective has the constant 0 in the formulation and -100 in the program.",
        ),
        (model(HOURS, "chairs <= tables"), "Only the program demands `chairs - tables <= 0`."),
        (model(), "Only the formulation demands `2*chairs + 5*tables <= 400`."),
    ],
)
def test_each_difference_is_named(other: Model, line: str) -> None:
    assert said(BASE, other) == [line]
    assert not demand_the_same(BASE, other)


def test_another_side_is_told_from_both_ends() -> None:
    assert said(BASE, model("2 * chairs + 5 * tables <= 500")) == [
        "Only the formulation demands `2*chairs + 5*tables <= 400`.",
        "Only the program demands `2*chairs + 5*tables <= 500`.",
    ]


def test_names_are_brought_together_by_the_objective() -> None:
    other = model(
        "2 * a + 5 * b <= 400", expression="30 * a + 80 * b", variables=renamed("a", "b", upper=None)
    )  # fmt: skip
    assert said(BASE, other) == ["tables has the upper bound 40 in the formulation and none in the program."]


def test_where_variables_cannot_be_brought_together_counts_are_compared() -> None:
    three = [*VARIABLES, {"name": "desks", "domain": "continuous", "lower": 0}]
    other = model(HOURS, "chairs + desks <= 9", expression="30 * chairs + 80 * tables + 7 * desks", variables=three)
    assert said(BASE, other) == [
        "The formulation has 2 variables, the program 3 variables.",
        "The formulation has 1 row of more than one variable, the program 2 rows of more than one variable.",
        "Only in the objective of the program: 7.",
    ]


def test_models_without_rows_or_objective_are_compared() -> None:
    assert said(model(), model()) == []
    nothing = compiled({"variables": VARIABLES, "objective": None, "constraints": []}).model
    assert said(nothing, nothing) == []
