from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.formulation.words.quantities import number
from nl2opt.verification.explanation_numbers import KnownNumbers, NumberGroup

KNOWN = KnownNumbers(
    (
        NumberGroup.of("labour", [400.0, 345.0, 55.0, 15.625]),
        NumberGroup.of("the objective", [6250.0, 6870.0]),
        NumberGroup.of("counts", [3.0, 5.0, None], derives=False),
        NumberGroup.of("share", [0.4]),
    ),
    words=("line 2", "x_1", "make[7]"),
)


def invented(text: str) -> list[str]:
    return [stated.text for stated in KNOWN.invented_in(text)]


@pytest.mark.parametrize(
    "text",
    [
        "$6,250 of 6,870",
        "The plan brings 6250.0.",
        "15.6 for each hour, or 15.63, or 16",
        "three limits hold it back, and one more hour is worth 15.625",
        "620 more",
        "9.92 % more, 9.9 %, 1.1 times as much, 109.92 %",
        "86.25 % of the hours are used, 13.75 % are left",
        "40 % of all",
        "line 2 makes make[7], and x_1 is not used",
        "-345",
        "nothing to say",
    ],
)
def test_what_exists_is_known_in_its_rounding(text: str) -> None:
    assert invented(text) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("$6,251", ["6,251"]),
        ("about 6,000", ["6,000"]),
        ("15.62 for each hour", []),
        ("15.7 for each hour", ["15.7"]),
        ("9.8 % more", ["9.8 %"]),
        ("the sum is 6,650", ["6,650"]),
        ("four limits", ["four"]),
        ("line 3", []),
        ("line 9", ["9"]),
        ("41 % of all", ["41 %"]),
        ("1e9", ["1e9"]),
    ],
)
def test_what_does_not_exist_is_found(text: str, wrong: list[str]) -> None:
    assert invented(text) == wrong


def test_the_place_of_a_number_is_told() -> None:
    text = "345 of 400, 620 more, 40 %"
    assert [KNOWN.place_of(stated) for stated in KNOWN.stated_in(text)] == [
        "labour", "labour", "a difference in the objective", "share",
    ]  # fmt: skip


@settings(max_examples=50)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=5))
def test_every_number_that_people_read_is_known(values: list[float]) -> None:
    known = KnownNumbers((NumberGroup.of("data", values),))
    assert known.invented_in("; ".join(number(value) for value in values)) == ()


@settings(max_examples=50)
@given(st.lists(st.integers(1000, 9999), min_size=1, max_size=4), st.integers(1000, 9999))
def test_a_whole_number_that_is_no_member_is_found(values: list[int], other: int) -> None:
    known = KnownNumbers((NumberGroup.of("data", values, derives=False),))
    assert bool(known.invented_in(f"It is {other:,}.")) is (other not in values)
