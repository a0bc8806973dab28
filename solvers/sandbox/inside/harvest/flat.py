"""A flat model as a program's library holds it, and its text as an MPS file.

The names in the file are `x0`, `x1`, ..., since those of programs may hold anything; the report maps them back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MOST_CHARACTERS: Final = 16_000_000
Pairs = Mapping[tuple[int, int], float]
"""Coefficients of products of two columns, each pair once."""


class NoFileError(Exception):
    """The model cannot be written to a file; the text says why."""


@dataclass(slots=True)
class FlatRow:
    """A row `lower <= coefficients * x + products <= upper`."""

    coefficients: Mapping[int, float]
    lower: float
    upper: float
    products: Pairs = field(default_factory=dict)


@dataclass(slots=True)
class FlatModel:
    """A model with n columns.

    Attributes:
        maximize: whether the objective is made large.
        names: of the columns (n,), as the program gave them.
        lower, upper: bounds (n,).
        whole: which columns are whole numbers (n,).
        objective: coefficients by column.
        constant: of the objective.
        products: of the objective.
        rows: all rows.
    """

    maximize: bool
    names: list[str]
    lower: list[float]
    upper: list[float]
    whole: list[bool]
    objective: Mapping[int, float]
    rows: list[FlatRow]
    constant: float = 0.0
    products: Pairs = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        """Return the model as plain objects of the report.

        Raises:
            NoFileError: it is too large, or holds numbers that are none.
        """
        text = "\n".join(self._lines())
        if len(text) > MOST_CHARACTERS:
            raise NoFileError(f"The model is larger than {MOST_CHARACTERS // 1_000_000} MB as a file.")
        return {"format": "mps", "text": text, "names": {f"x{k}": name for k, name in enumerate(self.names)}}

    def _lines(self) -> Iterator[str]:
        yield "NAME model"
        yield f"OBJSENSE\n {'MAX' if self.maximize else 'MIN'}"
        yield "ROWS\n N cost"
        kinds = [_kind(row) for row in self.rows]
        yield from (f" {kind} r{number}" for number, kind in enumerate(kinds) if kind)
        yield "COLUMNS"
        yield from self._columns(kinds)
        yield "RHS"
        if self.constant:
            yield f" rhs cost {_number(-self.constant)}"
        for number, (row, kind) in enumerate(zip(self.rows, kinds, strict=True)):
            side = row.lower if kind in ("G", "E") else row.upper
            if kind and side:
                yield f" rhs r{number} {_number(side)}"
        yield "RANGES"
        for number, (row, kind) in enumerate(zip(self.rows, kinds, strict=True)):
            if kind == "L" and math.isfinite(row.lower):
                yield f" rng r{number} {_number(row.upper - row.lower)}"
        yield "BOUNDS"
        yield from self._bounds()
        yield from _matrix("QUADOBJ", self.products, is_half=True)
        for number, (row, kind) in enumerate(zip(self.rows, kinds, strict=True)):
            if kind:
                yield from _matrix(f"QCMATRIX r{number}", row.products, is_half=False)
        yield "ENDATA\n"

    def _columns(self, kinds: list[str]) -> Iterator[str]:
        entries: list[list[str]] = [[] for _ in self.names]
        for column, value in self.objective.items():
            if value:
                entries[column].append(f" x{column} cost {_number(value)}")
        for number, row in enumerate(self.rows):
            for column, value in row.coefficients.items() if kinds[number] else ():
                if value:
                    entries[column].append(f" x{column} r{number} {_number(value)}")
        was_whole = False
        for column, lines in enumerate(entries):
            if self.whole[column] != was_whole:
                was_whole = not was_whole
                yield f" m MARKER {'INTORG' if was_whole else 'INTEND'}".replace("MARKER ", "'MARKER' '") + "'"
            yield from lines or [f" x{column} cost 0"]
        if was_whole:
            yield " m 'MARKER' 'INTEND'"

    def _bounds(self) -> Iterator[str]:
        for column, (lower, upper) in enumerate(zip(self.lower, self.upper, strict=True)):
            if lower == -math.inf and upper == math.inf:
                yield f" FR b x{column}"
                continue
            yield f" MI b x{column}" if lower == -math.inf else f" LO b x{column} {_number(lower)}"
            yield f" PL b x{column}" if upper == math.inf else f" UP b x{column} {_number(upper)}"


def _kind(row: FlatRow) -> str:
    """Return the kind of a row in MPS; empty for one without sides."""
    if row.lower == row.upper:
        return "E"
    if row.upper < math.inf:
        return "L"
    return "G" if row.lower > -math.inf else ""


def _matrix(head: str, products: Pairs, *, is_half: bool) -> Iterator[str]:
    """Yield products as a section: of the objective half of a symmetric matrix counts, of rows all of it."""
    if not products:
        return
    yield head
    for (first, second), value in products.items():
        if first == second:
            yield f" x{first} x{first} {_number(2 * value if is_half else value)}"
        elif is_half:
            yield f" x{max(first, second)} x{min(first, second)} {_number(value)}"
        else:
            yield f" x{first} x{second} {_number(value / 2)}"
            yield f" x{second} x{first} {_number(value / 2)}"


def _number(value: float) -> str:
    number = float(value)
    if not math.isfinite(number):
        raise NoFileError("The model holds a number that is infinite, or none.")
    return repr(number)


def bound(value: float | None, sign: float) -> float:
    """Return a bound, infinite in the direction of a sign where there is none or it stands for none."""
    if value is None:
        return sign * math.inf
    return sign * math.inf if sign * float(value) >= 1e20 else float(value)


def added(terms: Iterator[tuple[int, float]]) -> dict[int, float]:
    """Add up coefficients of the same column."""
    total: dict[int, float] = {}
    for column, value in terms:
        total[column] = total.get(column, 0.0) + float(value)
    return total
