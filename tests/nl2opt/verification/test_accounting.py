from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nl2opt import Formulation
from nl2opt.verification.accounting import NumberAccount, account_numbers


def account(problem: str, **fields: Any) -> NumberAccount:
    content = {"variables": [{"name": "x", "domain": "continuous"}], "objective": None, **fields}
    return account_numbers(problem, Formulation.from_dict(content))


def holding(*values: float) -> dict[str, Any]:
    return {"parameters": [{"name": f"p{n}", "value": value} for n, value in enumerate(values)]}


def unused(found: NumberAccount) -> list[str]:
    return [number.text for number in found.unused]


def invented(found: NumberAccount) -> list[float]:
    return [number.value for number in found.invented]


@pytest.mark.parametrize(
    ("problem", "value"),
    [
        ("$30 each", 30),
        ("60% of them", 0.6),
        ("60% of them", 60),
        ("60% of them", 0.4),
        ("60% of them", 40),
        ("20 percent more", 1.2),
        ("a loss of 7", -7),
        ("a dozen eggs", 12),
        ("one fifth", 0.2),
        ("4 per hour", 0.25),
        ("1.5 million", 1_500_000),
    ],
)
def test_each_reading_uses_a_number_and_none_is_invented(problem: str, value: float) -> None:
    found = account(problem, **holding(value))
    assert (len(found.used), unused(found), invented(found)) == (1, [], [])


def test_numbers_that_no_element_holds_are_unused() -> None:
    found = account("Wood costs 30 and 45, two sorts, machine 3.", **holding(30))
    assert [number.text for number in found.used] == ["30"]
    assert unused(found) == ["45"]
    assert [number.text for number in found.unused_weak] == ["two", "3"]


@pytest.mark.parametrize(
    ("value", "is_invented"),
    [
        (12, False),
        (50, False),
        (10, False),
        (600, False),
        (1.5, False),
        (-50, False),
        (17, True),
        (0.3, True),
        (2, False),
    ],
)
def test_what_two_numbers_of_the_text_make_is_not_invented(value: float, is_invented: bool) -> None:
    found = account("30 pairs and 20 singles, in boxes of 12", **holding(value))
    assert invented(found) == ([value] if is_invented else [])


@pytest.mark.parametrize("value", [0, 1, -1, 2])
def test_plain_numbers_need_no_source(value: float) -> None:
    assert invented(account("nothing said", **holding(value))) == []


def test_numbers_of_every_element_count() -> None:
    found = account(
        "11 12 13 14 15 16 17 18",
        sets=[{"name": "I", "elements": ["a", "b"]}],
        parameters=[
            {"name": "nested", "index": ["I"], "value": {"a": 11, "b": 12}},
            {"name": "array", "index": ["I"], "value": np.array([13.0, 13.0]), "default": 14},
        ],
        variables=[{"name": "x", "domain": "continuous", "lower": 15, "upper": "16 * 1"}],
        objective={"sense": "minimize", "expression": "17 * x"},
        constraints=[{"name": "c", "expression": "x >= 18"}, {"name": "faulty", "expression": "x >= = 99"}],
    )
    assert unused(found) == []
    assert invented(found) == []


@pytest.mark.parametrize("elements", ["range(1, 13)", list(range(1, 13)), [f"month {n}" for n in range(12)]])
def test_sets_use_the_number_of_their_elements(elements: object) -> None:
    found = account("a plan for 12 months", sets=[{"name": "T", "elements": elements}])
    assert (unused(found), invented(found)) == ([], [])


def test_numbers_that_name_elements_are_not_invented() -> None:
    found = account(
        "in 2031 and 2032",
        sets=[{"name": "YEAR", "elements": [2031, 2032]}],
        variables=[{"name": "x", "index": ["YEAR"], "domain": "continuous"}],
        objective={"sense": "minimize", "expression": "x[2032] + sum(x[t] for t in YEAR if t > 2031)"},
    )
    assert (unused(found), invented(found)) == ([], [])


def test_the_elements_of_a_family_are_not_invented() -> None:
    sets = [{"name": "T", "elements": ["a"]}, {"name": "YEARS", "index": ["T"], "elements": {"a": [2031]}}]
    variables = [{"name": "x", "domain": "continuous"}]
    found = account(
        "in 2031",
        sets=sets,
        variables=variables,
        objective={"sense": "minimize", "expression": "sum(x for t in YEARS['a'] if t == 2031)"},
    )
    assert (unused(found), invented(found)) == ([], [])


def test_elements_excuse_no_number_elsewhere() -> None:
    found = account("9 weeks", sets=[{"name": "T", "elements": [1, 2, 3, 4, 5, 6, 7, 8, 9]}], **holding(7))
    assert invented(found) == [7]


def test_place_of_an_invented_number_is_told() -> None:
    found = account("nothing said", constraints=[{"name": "c", "expression": "x <= 77"}], **holding(33))
    assert {number.element for number in found.invented} == {"parameters.p0", "constraints.c"}


def test_numbers_held_more_often_than_stated_are_told() -> None:
    assert [n.value for n in account("at least 10 of this", **holding(10, 10)).overused] == [10]
    assert account("10 of this and 10 of that", **holding(10, 10)).overused == ()


@pytest.mark.parametrize("problem", ["at least 10 of each", "10 for every one of them"])
def test_numbers_that_several_share_are_not_overused(problem: str) -> None:
    assert account(problem, **holding(10, 10, 10)).overused == ()


def test_long_texts_are_compared_directly_only() -> None:
    problem = " ".join(f"{n}.5" for n in range(100, 500))
    assert invented(account(problem, **holding(101.5, 203))) == [203]


def test_only_the_ends_of_a_set_that_counts_through_use_numbers() -> None:
    sets = [{"name": "DAY", "elements": list(range(1, 32))}]
    assert unused(account("At most 12 nurses on 31 days.", sets=sets)) == ["12"]
    row = {"name": "r", "expression": "x >= y[12]"}
    variables = [{"name": "x", "domain": "continuous"}, {"name": "y", "index": ["DAY"], "domain": "continuous"}]
    assert unused(account("On day 12.", sets=sets, variables=variables, constraints=[row])) == []
    assert unused(account("Beams of 10, 25 and 60 cm.", sets=[{"name": "W", "elements": [10, 25, 60]}])) == []


def test_a_switched_off_constraint_uses_no_number() -> None:
    row = {"name": "most", "expression": "x <= p0", "enabled": False}
    assert unused(account("at most 40", constraints=[row], **holding(40))) == ["40"]
    rows = [row, {"name": "again", "expression": "x <= 2 * p0"}]
    assert unused(account("at most 40", constraints=rows, **holding(40))) == []


def test_cells_of_tables_use_no_number_of_the_text_but_single_ones_do() -> None:
    content = {
        "sets": [{"name": "I", "table": "t", "column": "i"}],
        "parameters": [
            {"name": "cost", "index": ["I"], "table": "t", "column": "cost", "keys": ["i"]},
            {"name": "hours", "table": "s", "column": "hours"},
        ],
        "variables": [{"name": "x", "index": ["I"], "domain": "continuous"}],
        "objective": {"sense": "minimize", "expression": "sum(cost[i] * x[i] for i in I)"},
    }
    data = {"t": {"i": [1, 2, 40], "cost": [7, 40, 50]}, "s": {"hours": [400]}}
    filled = Formulation.from_dict(content).with_data(data)
    assert unused(account_numbers("At most 40 in 400 hours, 3 of them.", filled)) == ["40"]


def test_a_table_may_hold_a_number_for_several_of_its_elements() -> None:
    demand = {"name": "demand", "index": ["T"], "value": [3000, 3000, 3000]}
    found = account(
        "The demand is 3000 units a month from January to March.",
        sets=[{"name": "T", "elements": ["jan", "feb", "mar"]}],
        parameters=[demand],
    )
    assert (found.overused, unused(found)) == ((), [])
    repeated = {"parameters": [{"name": name, "value": 3000} for name in ("january", "february")]}
    assert account("The demand is 3000 units.", **repeated).overused
