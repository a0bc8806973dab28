"""Writes a flat model as an MPS file in free format.

The bounds of integer columns are always stated: without them some readers take 0 to 1, others no upper bound. A row
with two sides is written with a range where lower side and range add up to the upper side exactly, else as two rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from solvers.exchange.flat import BoolArray, is_binary
from solvers.exchange.numerals import numerals
from solvers.model import FloatArray, Kind, Model, Sense


def split_rows(model: Model) -> BoolArray:
    """Return which rows (m,) need two rows in an MPS file: their sides cross, or no range gives them exactly."""
    both = np.isfinite(model.row_lower) & np.isfinite(model.row_upper) & (model.row_lower != model.row_upper)
    return np.asarray(both & np.isnan(_ranges(model)))


def mps_text(model: Model, columns: Sequence[str], rows: Sequence[str], objective: str) -> str:
    """Write a flat model.

    Args:
        model: whose two-sided rows have an exact range.
        columns: the safe name of each.
        rows: the safe name of each.
        objective: the safe name of the objective.
    """
    lines = ["NAME"]
    if model.sense is Sense.MAXIMIZE:
        lines += ["OBJSENSE", "    MAX"]
    lines += ["ROWS", f" N {objective}", *_row_lines(model, rows)]
    lines += ["COLUMNS", *_column_lines(model, columns, rows, objective)]
    lines += ["RHS", *_side_lines(model, rows, objective)]
    ranges = _ranges(model)
    ranged = np.flatnonzero(~np.isnan(ranges))
    if len(ranged):
        lines.append("RANGES")
        lines += [
            f" RANGES {rows[row]} {value}" for row, value in zip(ranged.tolist(), numerals(ranges[ranged]), strict=True)
        ]
    bounds = list(_bound_lines(model, columns))
    if bounds:
        lines += ["BOUNDS", *bounds]
    lines += _product_lines(model, columns, rows)
    return "\n".join([*lines, "ENDATA", ""])


def _ranges(model: Model) -> FloatArray:
    """Return for each row (m,) the range that added to its lower side gives its upper side; NaN where there is none."""
    lower, upper = model.row_lower, model.row_upper
    found = np.full(model.n_rows, np.nan)
    both = np.isfinite(lower) & np.isfinite(upper) & (lower < upper)
    low, high = lower[both], upper[both]
    width = high - low
    exact = np.full(len(width), np.nan)
    for candidate in (np.nextafter(width, np.inf), np.nextafter(width, 0.0), width):
        exact = np.where((low + candidate == high) & (candidate > 0), candidate, exact)
    found[both] = exact
    return found


def _row_lines(model: Model, rows: Sequence[str]) -> list[str]:
    is_equal = model.row_lower == model.row_upper
    letters = np.where(is_equal, "E", np.where(np.isfinite(model.row_lower), "G", "L"))
    return [f" {letter} {name}" for letter, name in zip(letters.tolist(), rows, strict=True)]


def _column_lines(model: Model, columns: Sequence[str], rows: Sequence[str], objective: str) -> Iterator[str]:
    """Write the entries by column, the objective first, integer columns between markers."""
    used = np.bincount(model.row_columns, minlength=model.n_columns)
    costs = np.flatnonzero((model.objective != 0.0) | (used == 0))
    column = np.concatenate([costs, model.row_columns])
    row = np.concatenate([np.full(len(costs), -1), model.entry_rows()])
    values = np.concatenate([model.objective[costs], model.row_values])
    order = np.lexsort((row, column))
    column, row = column[order], row[order]
    named = [*rows, objective]  # -1 is the last
    lines = [
        f" {columns[place]} {named[where]} {value}"
        for place, where, value in zip(column.tolist(), row.tolist(), numerals(values[order]), strict=True)
    ]
    whole = (model.column_kind != Kind.CONTINUOUS).astype(np.int8)
    turns = np.flatnonzero(np.diff(whole, prepend=0, append=0))
    begin = 0
    for number, (turn, place) in enumerate(zip(turns, np.searchsorted(column, turns).tolist(), strict=True)):
        yield from lines[begin:place]
        yield f" MARKER{number} 'MARKER' '{'INTORG' if turn < len(whole) and whole[turn] else 'INTEND'}'"
        begin = place
    yield from lines[begin:]


def _side_lines(model: Model, rows: Sequence[str], objective: str) -> list[str]:
    sides = np.where(np.isfinite(model.row_lower), model.row_lower, model.row_upper)
    places = np.flatnonzero(sides)
    lines = [f" RHS {rows[row]} {side}" for row, side in zip(places.tolist(), numerals(sides[places]), strict=True)]
    if model.objective_constant:
        lines.insert(0, f" RHS {objective} {numerals(np.array([-model.objective_constant]))[0]}")
    return lines


def _bound_lines(model: Model, columns: Sequence[str]) -> Iterator[str]:
    whole = model.column_kind != Kind.CONTINUOUS
    stated = whole | (model.column_lower != 0.0) | (model.column_upper != np.inf)
    places = np.flatnonzero(stated)
    lows, highs = model.column_lower[places], model.column_upper[places]
    binary, whole = is_binary(model)[places], whole[places]
    texts = zip(places.tolist(), lows.tolist(), highs.tolist(), numerals(lows), numerals(highs), binary.tolist(),
                whole.tolist(), strict=True)  # fmt: skip
    for place, low, high, low_text, high_text, is_01, is_whole in texts:
        name = columns[place]
        if is_01:
            yield f" BV BOUND {name}"
        elif low == high:
            yield f" FX BOUND {name} {low_text}"
        elif low == -np.inf and high == np.inf:
            yield f" FR BOUND {name}"
        else:
            if low == -np.inf:
                yield f" MI BOUND {name}"
            elif low != 0.0 or high < 0.0 or is_whole:
                yield f" LO BOUND {name} {low_text}"
            if high != np.inf:
                yield f" UP BOUND {name} {high_text}"
            elif is_whole:
                yield f" PL BOUND {name}"


def _product_lines(model: Model, columns: Sequence[str], rows: Sequence[str]) -> Iterator[str]:
    """Write quadratic terms: the lower triangle of Q in `1/2 x'Qx`, and for rows the whole of Q in `x'Qx`."""
    terms = model.quadratic_objective
    if terms is not None:
        yield "QUADOBJ"
        values = numerals(np.where(terms.first == terms.second, 2.0, 1.0) * terms.coefficient)
        for first, second, value in zip(terms.first.tolist(), terms.second.tolist(), values, strict=True):
            yield f" {columns[first]} {columns[second]} {value}"
    if model.quadratic_rows is None:
        return
    products, last = model.quadratic_rows, -1
    values = numerals(np.where(products.first == products.second, 1.0, 0.5) * products.coefficient)
    places = zip(products.row.tolist(), products.first.tolist(), products.second.tolist(), values, strict=True)
    for row, first, second, value in places:
        if row != last:
            yield f"QCMATRIX {rows[row]}"
            last = row
        yield f" {columns[first]} {columns[second]} {value}"
        if first != second:
            yield f" {columns[second]} {columns[first]} {value}"
