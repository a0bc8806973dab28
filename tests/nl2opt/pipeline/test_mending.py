from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.pipeline.mending import mend_expression


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("tables <= 40% * (chairs + tables)", "tables <= 0.4 * (chairs + tables)"),
        ("2.5%", "0.025"),
        ("x / 40%", "x / 0.4"),
        ("x <= 1,200", "x <= 1200"),
        ("1,234,567.50x", "1234567.50 * x"),
        ("2x + 3.5y", "2 * x + 3.5 * y"),
        ("2(x + y)", "2 * (x + y)"),
        ("2 x", "2 * x"),
        (".5x", ".5 * x"),
        ("1e10x", "1e10 * x"),
        ("x = 5", "x == 5"),
        ("x => 5", "x >= 5"),
        ("x =< 5", "x <= 5"),
        ("$30 * x + € 1,000", "30 * x + 1000"),
        ("$1,200x => 40%", "1200 * x >= 0.4"),
    ],
)
def test_slips_are_mended_and_told(text: str, mended: str) -> None:
    repairs: list[str] = []
    assert mend_expression(f" {text} ", "labour", repairs) == mended
    assert repairs == [f"'labour': `{text}` was read as `{mended}`"]


@pytest.mark.parametrize(
    "text",
    [
        "x == 5",
        "x <= 5",
        "x != 5",
        "x % 2 == 0",
        "10 % 3",
        "1e10 + x",
        "1e-5 * x",
        "1.5E+6 * x",
        "1_000 * x",
        "x2 + y3z",
        "max(1,200) * x",
        "x[1,200]",
        "0,500",
        "1,2000",
        "6 / 2x",
        "x ** 2y",
        "5 if 3 else 4",
        "a <= x <= b",
    ],
)
def test_what_is_right_or_has_two_meanings_is_left(text: str) -> None:
    repairs: list[str] = []
    assert mend_expression(text, "labour", repairs) == text
    assert repairs == []


@given(st.text("0123456789.,%$=<>!()*/ +-exy_", max_size=30))
@settings(max_examples=100, deadline=None)
def test_what_was_mended_needs_no_mending(text: str) -> None:
    once = mend_expression(text, "w", [])
    again: list[str] = []
    assert mend_expression(once, "w", again) == once


@pytest.mark.parametrize("piece", ["1", "1,111", "1 ", "(", "a", "2 x / ", "1x", "=", ".", "% "])
def test_long_nonsense_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    mend_expression(piece * 100_000, "w", [])
    assert time.process_time() - started < 3
