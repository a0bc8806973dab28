"""Numbers as text that reads back as the same number, for whole arrays at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solvers.model import FloatArray


def numeral(value: float) -> str:
    """Return the shortest text that reads back as the number; whole numbers without a point."""
    text = repr(value + 0.0)  # -0.0 is 0.0
    return text[:-2] if text.endswith(".0") else text


def numerals(values: FloatArray) -> list[str]:
    """Return the text of each number (n,)."""
    return [numeral(value) for value in values.tolist()]


def signed_numerals(values: FloatArray) -> list[str]:
    """Return each number (n,) as `+ 3` or `- 3`, for a sum."""
    return [f"+ {text}" if text[0] != "-" else f"- {text[1:]}" for text in numerals(values)]


def wrapped(terms: Sequence[str], *, per_line: int = 8) -> Iterable[str]:
    """Return the terms of a sum in lines: some readers take no line of more than 255 characters."""
    for place in range(0, len(terms), per_line):
        yield " ".join(terms[place : place + per_line])
