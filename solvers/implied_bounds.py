"""Bounds of columns that follow from the rows, for columns that lack one."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.model import FloatArray, Model

_ROUNDS: Final = 10
_MARGIN: Final = 1e-7
"""By so much, relatively, implied bounds are moved outwards: rounding must not cut off a point."""


def implied_bounds(model: Model) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of a model's columns (n,), where missing ones are derived from the linear rows.

    A row `a*x + b*y <= side` bounds x as soon as the other columns are bounded on the side that makes their terms
    small (Savelsbergh, Preprocessing and probing techniques for mixed integer programming problems, ORSA Journal on
    Computing 6, 1994). What one round finds serves the next. Rows that hold only under a condition, or that have
    quadratic or nonlinear terms, say nothing here. Stated bounds stay as they are.
    """
    lower, upper = model.column_lower.copy(), model.column_upper.copy()
    speaks = np.ones(model.n_rows, bool)
    for terms in (model.indicators, model.quadratic_rows, model.nonlinear):
        if terms is not None:
            speaks[terms.row] = False
    row, column, value = model.entry_rows(), model.row_columns, model.row_values
    kept = speaks[row] & (value != 0)
    row, column, value = row[kept], column[kept], value[kept]
    for _ in range(_ROUNDS):
        before = _n_infinite(lower, upper)
        if not before:
            break
        # `a <= row` is `-row <= -a`, so that one rule serves both sides.
        _tighten(lower, upper, row, column, value, model.row_upper)
        _tighten(lower, upper, row, column, -value, -model.row_lower)
        if _n_infinite(lower, upper) == before:
            break
    return lower, upper


def _n_infinite(lower: FloatArray, upper: FloatArray) -> int:
    return int(np.isinf(lower).sum() + np.isinf(upper).sum())


def _tighten(
    lower: FloatArray,
    upper: FloatArray,
    row: NDArray[np.integer],
    column: NDArray[np.integer],
    value: FloatArray,
    side: FloatArray,
) -> None:
    """Fill in the missing bounds that follow from rows that are at most `side`."""
    rising = value > 0
    least = value * np.where(rising, lower[column], upper[column])
    open_ended = np.isinf(least)
    n_open = np.bincount(row[open_ended], minlength=len(side))
    finite = np.where(open_ended, 0.0, least)
    total = np.bincount(row, weights=finite, minlength=len(side))
    known = np.isfinite(side[row]) & (n_open[row] - open_ended == 0)
    bound = np.where(known, side[row] - (total[row] - finite), np.inf) / value
    margin = _MARGIN * np.maximum(1.0, np.abs(np.where(known, bound, 0.0)))
    for missing, bounds, direction, chosen in (
        (np.isinf(upper), upper, 1.0, known & rising),
        (np.isinf(lower), lower, -1.0, known & ~rising),
    ):
        places = np.flatnonzero(chosen & missing[column])
        found = bound[places] + direction * margin[places]
        (np.minimum if direction > 0 else np.maximum).at(bounds, column[places], found)
