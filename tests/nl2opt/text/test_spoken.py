from __future__ import annotations

import pytest

from nl2opt.text.spoken import Spoken, spoken_numbers


def read(text: str) -> list[tuple[str, float]]:
    words = text.split()
    return [(" ".join(words[found.start : found.end]), found.values[0]) for found in spoken_numbers(words)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("seven", 7),
        ("nineteen", 19),
        ("twenty five", 25),
        ("a hundred", 100),
        ("twelve hundred", 1200),
        ("one hundred and fifty", 150),
        ("three hundred four", 304),
        ("ten thousand two hundred and six", 10206),
        ("two million five hundred thousand and one", 2500001),
        ("half a million", 500000),
        ("half dozen", 6),
        ("two and a half million", 2500000),
        ("two dozen", 24),
        ("two and a half dozen", 30),
        ("a dozen", 12),
        ("five and a half", 5.5),
        ("two and three quarters", 2.75),
        ("one third", 1 / 3),
        ("three eighths", 0.375),
        ("a half", 0.5),
        ("twice", 2),
    ],
)
def test_a_run_of_words_is_one_number(text: str, value: float) -> None:
    assert read(text) == [(text, pytest.approx(value))]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ten and twenty", [10, 20]),
        ("twenty thirty", [20, 30]),
        ("one two three", [1, 2, 3]),
        ("five twenty", [5, 20]),
        ("one thousand two thousand", [1000, 2000]),
        ("nineteen ninety", [19, 90]),
    ],
)
def test_neighbours_that_make_no_number_stay_apart(text: str, values: list[float]) -> None:
    assert [value for _, value in read(text)] == values


@pytest.mark.parametrize("text", ["and", "a", "third", "fifth", "twenty third", "quarter", "thousand", "halves"])
def test_what_is_no_number_yields_none(text: str) -> None:
    assert read(text) == []


def test_quarters_may_be_quarters_of_a_year() -> None:
    assert list(spoken_numbers(["four", "quarters"])) == [Spoken(0, 2, (1.0, 4.0))]
