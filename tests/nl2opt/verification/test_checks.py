from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nl2opt import Formulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.verification.checks import number_evidence, point_evidence
from nl2opt.verification.evidence import EvidenceKind, Outcome
from solvers import solve


def formulation(*rows: str, **fields: Any) -> Formulation:
    content = {
        "variables": [{"name": "x", "domain": "integer", "upper": 40}],
        "objective": {"sense": "maximize", "expression": "3 * x"},
        "constraints": [{"name": f"row_{n}", "expression": row} for n, row in enumerate(rows)],
    }
    return Formulation.from_dict({**content, **fields})


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ((), "The values satisfy all bounds by our own arithmetic."),
        (("x <= 5",), "The values satisfy the constraint row and all bounds by our own arithmetic."),
        (("x <= 5", "x >= 1"), "The values satisfy all 2 constraint rows and all bounds by our own arithmetic."),
        (
            ("x <= 5", "all_different(x, x + 1)"),
            "The values satisfy the constraint row, the global constraint and all bounds by our own arithmetic.",
        ),
    ],
)
def test_a_solved_point_passes(rows: tuple[str, ...], text: str) -> None:
    model = compile_formulation(formulation(*rows)).require().model
    found = point_evidence(model, solve(model))
    assert (found.name, found.kind, found.outcome, found.text) == (
        "point",
        EvidenceKind.SOLVING,
        Outcome.PASSED,
        text,
    )


def test_conditions_and_cones_are_said_to_be_checked() -> None:
    variables = [{"name": "x", "domain": "continuous", "upper": 40}, {"name": "on", "domain": "binary"}]
    rows = ("implies(on == 0, x <= 2)", "soc(x, 1, 2)", "x <= 5")
    model = compile_formulation(formulation(*rows, variables=variables)).require().model
    text = point_evidence(model, solve(model)).text
    assert text.startswith("The values satisfy ")
    assert "the conditional row, the second-order cone and all bounds by our own arithmetic." in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6.0, "The values violate row_0 by "),
        (-3.0, "The values violate the bounds of x by "),
        (2.5, "The values violate the whole numbers of x by 0.5."),
        (np.nan, "The values violate finiteness by inf."),
    ],
)
def test_what_a_wrong_point_violates_is_named(value: float, text: str) -> None:
    model = compile_formulation(formulation("x <= 5")).require().model
    found = point_evidence(model, replace(solve(model), values=np.array([value])))
    assert found.outcome is Outcome.FAILED
    assert found.text.startswith(text)


@pytest.mark.parametrize(
    ("problem", "outcome", "text"),
    [
        ("At most 40, each $3.", Outcome.PASSED, "All 2 numbers of the text are used."),
        ("At most 40, each three.", Outcome.PASSED, "All 2 numbers of the text are used."),
        (
            "At most 40 of five sorts, each $3.",
            Outcome.PASSED,
            "All 2 numbers of the text are used. Taken for words, not data: five.",
        ),
        ("At most 40, each $3, 17 workers.", Outcome.DOUBTFUL, "Not used: 17."),
        ("At most 40.", Outcome.DOUBTFUL, "Not in the text: 3 (objective)."),
        (
            "Make the most of it.",
            Outcome.DOUBTFUL,
            "The problem states no numbers that could be compared. Not in the text: 40 (variables.x), 3 (objective).",
        ),
    ],
)
def test_numbers_are_accounted_for(problem: str, outcome: Outcome, text: str) -> None:
    found = number_evidence(problem, formulation())
    assert (found.name, found.kind, found.outcome, found.text) == ("numbers", EvidenceKind.MODELLING, outcome, text)


def test_numbers_used_more_often_than_stated_are_doubted() -> None:
    twice = formulation("x >= 3")
    assert (
        number_evidence("At most 40 at $3.", twice).text
        == "Used more often than the text has it: 3 (constraints.row_0)."
    )


def test_one_number_is_said_in_the_singular() -> None:
    plain = formulation(objective={"sense": "maximize", "expression": "x"})
    assert number_evidence("At most 40.", plain).text == "The one number of the text is used."


def test_long_lists_are_cut() -> None:
    text = number_evidence(", ".join(f"{n} kg" for n in range(101, 111)) + ", 40, $3", formulation()).text
    assert text == "Not used: 101, 102, 103, 104, 105, 106 and 4 more."
