from __future__ import annotations

import pytest

from nl2opt.pipeline.measures import with_split_amounts


def domain(description: str, problem: str = "How much of each is best?", stated: str = "integer") -> str:
    repairs: list[str] = []
    variable = with_split_amounts({"name": "amount", "description": description, "domain": stated}, problem, repairs)
    assert bool(repairs) == (variable["domain"] != stated)
    return str(variable["domain"])


@pytest.mark.parametrize(
    "description",
    [
        "minutes of beam 1; each: 0.3 units of dose",
        "number of hours on the lathe",
        "Kilograms of feed A",
        "acres of corn; each: $40",
        "amount of dollars in bonds",
        "square feet of space",
        "millilitres of acid",
    ],
)
def test_a_measure_can_be_split(description: str) -> None:
    assert domain(description) == "continuous"


@pytest.mark.parametrize(
    "description",
    [
        "number of chairs made; each: 2 hours of work",
        "reams of graph paper",
        "number of 2 hour shifts",
        "pound cakes baked",
        "minute steaks",
        "kilogram packages of rice",
        "number of ton bags",
        "",
    ],
)
def test_things_are_counted(description: str) -> None:
    assert domain(description) == "integer"


@pytest.mark.parametrize("words", ["Only whole hours can be booked.", "The hours must be integers.", "Round to hours."])
def test_the_words_of_the_problem_come_first(words: str) -> None:
    assert domain("hours of tuition", words) == "integer"


@pytest.mark.parametrize("stated", ["continuous", "binary"])
def test_other_domains_are_kept(stated: str) -> None:
    assert domain("hours of tuition", stated=stated) == stated
