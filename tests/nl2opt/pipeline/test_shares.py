from __future__ import annotations

import pytest

from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.shares import with_shares_of_the_whole

PROBLEM = "A firm runs bikes and cars. At most 30% of the vehicles can be bikes."


def read(row: str, problem: str = PROBLEM, names: tuple[str, ...] = ("bikes", "cars")) -> tuple[str, list[str]]:
    formulation = Formulation.from_dict({
        "variables": [{"name": name, "domain": "integer"} for name in names],
        "objective": None,
        "constraints": [{"name": "share", "expression": row}],
    })  # fmt: skip
    repairs: list[str] = []
    return with_shares_of_the_whole(formulation, problem, repairs).constraints[0].expression, repairs


@pytest.mark.parametrize("sense", ["<=", ">="])
def test_a_share_of_the_other_variable_is_one_of_the_whole_where_the_text_says_so(sense: str) -> None:
    expression, repairs = read(f"bikes {sense} 0.3 * cars")
    assert expression == f"bikes {sense} 0.3 * (bikes + cars)"
    assert len(repairs) == 1
    assert "share of the whole" in repairs[0]


@pytest.mark.parametrize(
    "row", ["bikes <= 0.3 * (bikes + cars)", "bikes <= 0.4 * cars", "bikes <= 3 * cars", "0.7 * bikes <= 0.3 * cars"]
)
def test_other_rows_stay(row: str) -> None:
    assert read(row) == (row, [])


@pytest.mark.parametrize(
    "words", ["The bikes may be 30% of the cars.", "There are at most 30% as many bikes as cars.", "Bikes and cars."]
)
def test_a_share_of_a_variable_that_the_text_names_stays(words: str) -> None:
    assert read("bikes <= 0.3 * cars", words) == ("bikes <= 0.3 * cars", [])


def test_a_total_is_the_whole_though_it_names_a_variable() -> None:
    expression, _ = read("bikes <= 0.3 * cars", "Bikes are at most 30% of all cars and bikes.")
    assert expression == "bikes <= 0.3 * (bikes + cars)"


def test_of_more_than_two_variables_the_whole_is_not_known() -> None:
    assert read("bikes <= 0.3 * cars", names=("bikes", "cars", "vans")) == ("bikes <= 0.3 * cars", [])
