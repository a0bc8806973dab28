from __future__ import annotations

from typing import Any

import pytest

from nl2opt.formulation.solve import solve_compiled
from nl2opt.verification.evidence import Evidence, Outcome
from nl2opt.verification.plausibility import plausibility_evidence
from tests.nl2opt.pipeline.cases import INDEXED, PROBLEM, compiled


def look(content: dict[str, Any], problem: str = "") -> Evidence:
    found = compiled(content)
    return plausibility_evidence(problem, found, solve_compiled(found))


def scalar(sense: str, expression: str, *rows: str, names: tuple[str, ...] = ("x", "y")) -> dict[str, Any]:
    return {
        "variables": [{"name": name, "domain": "continuous", "lower": 0} for name in names],
        "objective": {"sense": sense, "expression": expression},
        "constraints": [{"name": f"r{n}", "expression": row} for n, row in enumerate(rows)],
    }


def test_a_sound_optimum_shows_no_sign() -> None:
    assert look(INDEXED, PROBLEM).outcome is Outcome.PASSED


def test_a_number_of_the_text_that_was_written_down_and_not_used_is_doubtful() -> None:
    content = {**INDEXED, "constraints": INDEXED["constraints"][:1]}
    assert look(content, PROBLEM).text == "Written down and used nowhere: sold."
    assert look(content).outcome is Outcome.PASSED


def test_doing_nothing_is_doubtful() -> None:
    found = look(scalar("minimize", "3 * x + 4 * y", "x + y <= 8"))
    assert found.outcome is Outcome.DOUBTFUL
    assert found.text.startswith("Doing nothing is the best answer")


def test_a_variable_that_stands_nowhere_cannot_matter() -> None:
    found = look(scalar("maximize", "x", "x <= 8"))
    assert found.text == "The variable y stands in no constraint and not in the objective: it cannot matter."


def test_a_variable_that_nothing_asks_for_is_always_0() -> None:
    found = look(scalar("minimize", "x + y", "x >= 8"))
    assert found.text == "The variable y stands in no constraint, so it is always 0: nothing asks for it."


def test_a_bound_of_its_own_is_enough_for_a_variable() -> None:
    content = scalar("maximize", "x + y", "x <= 8")
    content["variables"][1]["upper"] = 5
    assert look(content).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("problem", "is_doubt"),
    [
        ("Minimize the cost.", True),
        ("How should it be done, minimising the waste?", True),
        ("Maximise the profit.", False),
        ("Minimize the waste, and maximize the profit.", False),
        ("How large can the profit be?", False),
    ],
)
def test_the_objective_goes_the_way_that_the_text_says(problem: str, is_doubt: bool) -> None:
    assert (look(INDEXED, problem).outcome is Outcome.DOUBTFUL) is is_doubt


@pytest.mark.parametrize("row", ["0 * x <= 40", "limit >= 0", "x <= limit for i in I if i > 3"])
def test_a_constraint_that_demands_nothing_is_doubtful(row: str) -> None:
    content = scalar("maximize", "x + y", "x + y <= 8", row)
    content["parameters"] = [{"name": "limit", "value": 40}]
    content["sets"] = [{"name": "I", "elements": [1, 2]}]
    if "limit" not in row:
        content["parameters"] = []
    assert "Demands nothing, whatever is decided: r1." in look(content, "At most 40 of them.").text
    assert look(content).outcome is Outcome.PASSED
