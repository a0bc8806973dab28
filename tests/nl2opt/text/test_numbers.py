from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.text.numbers import clause_around, numbers_in, sentence_around

READINGS: list[tuple[str, list[tuple[str, tuple[float, ...]]]]] = [
    # digits
    ("costs $1,200", [("1,200", (1200,))]),
    ("holds 100,000 units", [("100,000", (100000,))]),
    ("a cost of .5 each", [(".5", (0.5,))]),
    ("1e3 litres", [("1e3", (1000,))]),
    ("5kg", [("5", (5,))]),
    ("2x + 3y", [("2", (2,)), ("3", (3,))]),
    ("x2 and H2O", []),
    ("10x20 m", [("10", (10,)), ("20 m", (20, 2e7))]),
    ("a change of -5", [("-5", (-5, 5))]),
    ("a change of −5", [("−5", (-5, 5))]),
    ("from 20-25 units", [("20", (20,)), ("25", (25,))]),
    ("costs 10,20,30", [("10", (10,)), ("20", (20,)), ("30", (30,))]),
    ("1,2345", [("1", (1,)), ("2345", (2345,))]),
    ("9" * 400, []),
    # what follows
    ("60% of", [("60%", (0.6, 60))]),
    ("60 per cent", [("60 per cent", (0.6, 60))]),
    ("12.5 PERCENT", [("12.5 PERCENT", (0.125, 12.5))]),
    ("2 percentage points", [("2 percentage points", (0.02, 2))]),
    ("10-20%", [("10", (0.1, 10)), ("20%", (0.2, 20))]),
    ("between 10 and 20 percent", [("10", (0.1, 10)), ("20 percent", (0.2, 20))]),
    ("1.5 million", [("1.5 million", (1500000, 1.5))]),
    ("3 Million", [("3 Million", (3000000, 3))]),
    ("$10k", [("10k", (10000, 10))]),
    ("$3m", [("3m", (3000000, 3))]),
    ("3 m long", [("3 m", (3, 3000000))]),
    ("2 dozen", [("2 dozen", (24, 2))]),
    # fractions
    ("3/4 cup", [("3/4", (0.75, 3, 4))]),
    ("2 1/2 cups", [("2 1/2", (2.5, 2, 0.5, 1))]),
    ("1½ cups", [("1½", (1.5, 1, 0.5))]),
    ("5 and a half hours", [("5 and a half", (5.5, 5))]),
    ("1/0", [("1/0", (1,))]),
    # groups of three
    ("1 000 000 units", [("1 000 000", (1000000,))]),
    ("1\u202f200 units", [("1\u202f200", (1200,))]),
    ("1 200 units", [("1", (1, 1200)), ("200", (200, 1200))]),
    ("10 200 300", [("10", (10, 10200)), ("200", (200, 10200, 200300)), ("300", (300, 200300))]),
    # words
    ("two", [("two", (2,))]),
    ("a dozen", [("a dozen", (12,))]),
    ("sixty percent", [("sixty percent", (0.6, 60))]),
    ("half", [("half", (0.5,))]),
    ("one third", [("one third", (1 / 3,))]),
    ("two-thirds", [("two-thirds", (2 / 3, 2))]),
    ("twice as many", [("twice", (2,))]),
    ("double the demand", [("double", (2,))]),
    ("a double room", []),
    ("no more than ten", [("ten", (10,))]),
    ("zero", [("zero", (0,))]),
    ("Twenty-Five", [("Twenty-Five", (25,))]),
    ("ten\n\nfive", [("ten", (10,)), ("five", (5,))]),
    # times, ratios
    ("opens at 8:30", [("8:30", (8.5, 8, 30, 510))]),
    ("in the ratio 3:20", [("3", (3,)), ("20", (20,))]),
    ("in the ratio 3:2", [("3", (3,)), ("2", (2,))]),
]


@pytest.mark.parametrize(("text", "expected"), READINGS)
def test_numbers_are_found_with_their_readings(text: str, expected: list[tuple[str, tuple[float, ...]]]) -> None:
    found = [(number.text, number.values) for number in numbers_in(text)]
    assert found == [(words, pytest.approx(values)) for words, values in expected]


@pytest.mark.parametrize(
    ("text", "weak"),
    [
        ("two types", True),
        ("thirteen types", False),
        ("2 types", False),
        ("machine 2", True),
        ("each machine 2 hours", False),
        ("machine 480", False),
        ("postage 5", False),
        ("Section 2", True),
        ("# 3", True),
        ("1) buy", True),
        ("Either\n 2. sell", True),
        ("makes 5. Then", False),
        ("in 2024", True),
        ("Demand in 2,024", False),
        ("costs 2024", False),
        ("January 5", True),
        ("it may 5 times", False),
        ("the 3rd machine", True),
        ("at 8:30", True),
        ("open 24/7", True),
        ("a third of them", False),
        ("a third machine", True),
        ("the first half of the year", True),
        ("half of the year", False),
        ("ten percent", False),
    ],
)
def test_what_may_be_no_data_is_weak(text: str, weak: bool) -> None:
    assert [number.weak for number in numbers_in(text)] == [weak]


PIECES = [words for text, _ in READINGS for words in (text, text.upper())] + [" ", "\n", ". ", "-", "/", ":", "½", "%"]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12).map("".join))
def test_spans_are_exact_ordered_and_apart(text: str) -> None:
    end = 0
    for number in numbers_in(text):
        assert number.start >= end
        assert text[number.start : number.end] == number.text
        assert number.values
        end = number.end


@pytest.mark.parametrize("piece", ["1 000 ", "two and ", "5" + " " * 50, "9", "1,000,", "- ", "a half "])
def test_long_texts_take_no_quadratic_time(piece: str) -> None:
    def seconds(repeats: int) -> float:
        text = piece * repeats
        began = time.process_time()
        numbers_in(text)
        return time.process_time() - began

    assert seconds(16_000) < 0.1 + 40 * seconds(1_000)


STORY = (
    "A firm makes chairs. Each chair needs 3 hours of labour, 2 planks of wood from the mill in the valley, "
    "5 screws from the shop, and 3 coats of the very best varnish that can be had! Profit is $4.5 each.\n12 people work"
)


@pytest.mark.parametrize(
    ("piece", "sentence"),
    [
        ("chairs", "A firm makes chairs."),
        ("4.5", "Profit is $4.5 each."),
        ("12", "12 people work"),
    ],
)
def test_sentence_around_a_piece(piece: str, sentence: str) -> None:
    start = STORY.index(piece)
    assert sentence_around(STORY, start, start + len(piece)) == sentence


@pytest.mark.parametrize(
    ("piece", "clause"),
    [
        (
            "3 hours",
            "Each chair needs 3 hours of labour, 2 planks of wood from the mill in the valley, 5 screws from the shop",
        ),
        ("3 coats", "and 3 coats of the very best varnish that can be had!"),
        ("4.5", "Profit is $4.5 each."),
    ],
)
def test_clause_of_a_long_sentence_is_the_one_with_the_piece(piece: str, clause: str) -> None:
    start = STORY.index(piece)
    assert clause_around(STORY, start, start + 1) == clause


def test_a_number_behind_a_name_that_is_numbered_elsewhere_is_weak() -> None:
    text = "There are two beams, Beam 1 and Beam 2. In all, beam 2 delivers 2 units, which takes 2 minutes."
    assert [(number.text, number.weak) for number in numbers_in(text)][1:] == [
        ("1", True), ("2", True), ("2", True), ("2", False), ("2", False),
    ]  # fmt: skip


def test_numbers_that_tell_things_of_a_list_apart_are_weak() -> None:
    text = "They run lab 1 and lab 2. Each hour at lab 1 takes 3 workers, at lab 2 it takes 1 of them or 2."
    assert [(number.text, number.weak) for number in numbers_in(text)] == [
        ("1", True), ("2", True), ("1", True), ("3", False), ("2", True), ("1", False), ("2", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "weak"),
    [
        ("as shown in Table 3.3", ["3.3"]),
        ("Table 1-18 shows them", ["1", "18"]),
        ("goal $p_{3}$ comes last", ["3"]),
        ("profit (in ten thousand yuan)", ["ten thousand"]),
        ("each table 5.5 hours", []),
        ("they sell ten thousand units", []),
        ("Demand/1000 boxes", ["1000"]),
        ("as rows 8 to 9 say", ["8"]),
    ],
)
def test_numbers_of_tables_indices_and_units_may_be_no_data(text: str, weak: list[str]) -> None:
    assert [number.text for number in numbers_in(text) if number.weak] == weak
