from __future__ import annotations

import pytest

from nl2opt.pipeline.pruning import pruned
from nl2opt.pipeline.scalar import read_scalar
from tests.nl2opt.pipeline.cases import GAIN, HOURS, PROBLEM, SOLD

VARIABLES = [{"name": name, "domain": "integer"} for name in ("chairs", "tables")]


def left(*rows: str, problem: str = PROBLEM, infeasible: bool = False) -> list[str] | None:
    draft = {
        "variables": VARIABLES,
        "objective": {"sense": "maximize", "expression": GAIN},
        "constraints": [{"name": f"c{place}", "expression": row} for place, row in enumerate(rows)],
    }
    found = pruned(read_scalar(draft).formulation, problem, infeasible=infeasible)
    return None if found is None else [constraint.expression for constraint in found[0].constraints]


def test_rows_that_all_have_their_reason_stay() -> None:
    assert left(HOURS, SOLD) is None


@pytest.mark.parametrize("needless", ["2 * chairs - 5 * tables >= 0", "chairs + tables <= 400", "tables <= 40"])
def test_a_row_of_numbers_that_are_used_already_is_left_out(needless: str) -> None:
    assert left(HOURS, SOLD, needless) == [HOURS, SOLD]


def test_of_two_rows_with_the_same_number_the_one_stays_that_uses_more_of_the_text() -> None:
    assert left("chairs + tables <= 400", SOLD, HOURS) == [SOLD, HOURS]


def test_a_comparison_that_the_text_does_not_make_is_left_out() -> None:
    assert left(HOURS, SOLD, "tables <= chairs") == [HOURS, SOLD]


@pytest.mark.parametrize("words", ["There must be no fewer chairs than tables.", "Tables must not exceed chairs."])
def test_a_comparison_that_the_text_makes_stays_unless_nothing_satisfies_it(words: str) -> None:
    assert left(HOURS, SOLD, "tables <= chairs", problem=f"{PROBLEM} {words}") is None
    assert left(HOURS, SOLD, "tables <= chairs", problem=f"{PROBLEM} {words}", infeasible=True) == [HOURS, SOLD]


def test_more_than_a_number_compares_no_two_quantities() -> None:
    assert left(HOURS, SOLD, "tables <= chairs", problem=f"{PROBLEM} They work more than 2 hours.") == [HOURS, SOLD]


def test_what_is_left_out_is_said() -> None:
    draft = {
        "variables": VARIABLES,
        "objective": {"sense": "maximize", "expression": GAIN},
        "constraints": [
            {"name": "hours", "expression": HOURS},
            {"name": "sold", "expression": SOLD},
            {"name": "hours balance", "expression": "2 * chairs - 5 * tables >= 0"},
        ],
    }
    found = pruned(read_scalar(draft).formulation, PROBLEM, infeasible=False)
    assert found is not None
    assert found[1] == (
        "'hours balance' (`2 * chairs - 5 * tables >= 0`) was left out: the problem does not seem to ask for it",
    )


def test_a_row_stays_when_a_number_would_be_used_nowhere_without_it() -> None:
    assert left("2 * chairs + 5 * tables + 30 * chairs + 80 * tables <= 400", SOLD) is None
