"""Bounds that rows imply: how far columns and rows can go at any point of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.model import FloatArray, IntArray, Kind, Model

_ROUNDS: Final = 20
_SLACK: Final = 1e-9
"""By how much, relative to the terms of its row, an implied bound is put farther out than arithmetic says."""
_WHOLE_TOLERANCE: Final = 1e-6
_LEAST_GAIN: Final = 1e-6
_LARGEST: Final = 1e12
"""A bound beyond this is worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Activity:
    """What the linear entries of rows contribute, at least and at most.

    Attributes:
        entry_least, entry_most: float64 (k,), of each entry; infinite where its column has no bound.
        least, most: float64 (m,), of all entries of each row.
        row: int (k,), the row of each entry.
    """

    entry_least: FloatArray
    entry_most: FloatArray
    least: FloatArray
    most: FloatArray
    row: IntArray

    def others_least(self) -> FloatArray:
        """Return for each entry (k,) the least sum of the other entries of its row."""
        return -_sum_of_others(-self.entry_least, self.row, len(self.least))

    def others_most(self) -> FloatArray:
        """Return for each entry (k,) the largest sum of the other entries of its row."""
        return _sum_of_others(self.entry_most, self.row, len(self.least))


def activity(model: Model, lower: FloatArray, upper: FloatArray) -> Activity:
    """Return the least and largest contribution of linear entries, given bounds of the columns (n,)."""
    values, columns, rows = model.row_values, model.row_columns, model.entry_rows()
    rising = values > 0
    with np.errstate(invalid="ignore"):
        least = np.where(values == 0, 0.0, values * np.where(rising, lower[columns], upper[columns]))
        most = np.where(values == 0, 0.0, values * np.where(rising, upper[columns], lower[columns]))
    return Activity(
        entry_least=least,
        entry_most=most,
        least=np.bincount(rows, weights=least, minlength=model.n_rows).astype(np.float64),
        most=np.bincount(rows, weights=most, minlength=model.n_rows).astype(np.float64),
        row=rows,
    )


def tightened_bounds(model: Model) -> tuple[FloatArray, FloatArray]:
    """Return bounds (n,) of the columns that hold at every point of a model, at least as tight as its own.

    Each linear row bounds each of its columns by what the others contribute at most; this goes on from row to row
    for some rounds. Bounds of integer columns are rounded inwards, others are put a little farther out, so that
    rounding never cuts a point off. Rows that hold only under a condition, and rows with terms that are not linear,
    imply nothing here. Where the bounds turn out to cross, the model has no point, and those before are returned.

    Savelsbergh, Preprocessing and probing techniques for mixed integer programming problems, ORSA Journal on
    Computing 6 (1994).
    """
    whole = model.column_kind != Kind.CONTINUOUS
    lower, upper = _rounded(model.column_lower, model.column_upper, whole)
    usable = _usable(model)[model.entry_rows()] & (model.row_values != 0)
    if not usable.any() or np.any(lower > upper):
        return lower, upper
    for _ in range(_ROUNDS):
        new_lower, new_upper = _implied(model, lower, upper, usable)
        new_lower, new_upper = _rounded(new_lower, new_upper, whole)
        new_lower = -_better(-lower, -new_lower)
        new_upper = _better(upper, new_upper)
        if np.any(new_lower > new_upper):
            break
        if np.array_equal(new_lower, lower) and np.array_equal(new_upper, upper):
            break
        lower, upper = new_lower, new_upper
    return lower, upper


def coefficients_at(model: Model, rows: IntArray, columns: IntArray) -> FloatArray:
    """Return the coefficient (k,) of a column each in a row each; 0 where the row does not have it."""
    if not len(model.row_columns):
        return np.zeros(len(rows))
    keys = model.entry_rows() * model.n_columns + model.row_columns
    order = np.argsort(keys, kind="stable")
    sought = rows.astype(np.int64) * model.n_columns + columns
    place = order[np.minimum(np.searchsorted(keys, sought, sorter=order), len(keys) - 1)]
    return np.where(keys[place] == sought, model.row_values[place], 0.0)


def _usable(model: Model) -> NDArray[np.bool_]:
    """Return which rows (m,) are linear, always hold, and can be met."""
    usable = (model.row_lower < np.inf) & (model.row_upper > -np.inf)
    if model.indicators is not None:
        usable[model.indicators.row] = False
    if model.quadratic_rows is not None:
        usable[model.quadratic_rows.row] = False
    if model.nonlinear is not None:
        usable[model.nonlinear.row] = False
    return usable


def _implied(
    model: Model, lower: FloatArray, upper: FloatArray, usable: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Return the bounds (n,) that one look at every row implies."""
    reach = activity(model, lower, upper)
    rows, columns, values = reach.row[usable], model.row_columns[usable], model.row_values[usable]
    ends = np.abs((reach.entry_least, reach.entry_most))
    sizes = np.where(np.isfinite(ends), ends, 0.0).max(axis=0)
    scale = 1.0 + np.bincount(reach.row, weights=sizes, minlength=model.n_rows)[rows]
    highest = model.row_upper[rows] - reach.others_least()[usable]
    lowest = model.row_lower[rows] - reach.others_most()[usable]
    rising = values > 0
    with np.errstate(over="ignore"):
        slack = _SLACK * scale / np.abs(values)
    new_lower, new_upper = lower.copy(), upper.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        np.maximum.at(new_lower, columns, np.where(rising, lowest, highest) / values - slack)
        np.minimum.at(new_upper, columns, np.where(rising, highest, lowest) / values + slack)
    return new_lower, new_upper


def _sum_of_others(contribution: FloatArray, row: IntArray, n_rows: int) -> FloatArray:
    """Return for each entry the sum of the others in its row, where each is finite or infinity."""
    endless = np.isinf(contribution)
    finite = np.where(endless, 0.0, contribution)
    total = np.bincount(row, weights=finite, minlength=n_rows)
    n_endless = np.bincount(row, weights=endless, minlength=n_rows)
    others: FloatArray = np.where(n_endless[row] - endless > 0, np.inf, total[row] - finite)
    return others


def _better(old: FloatArray, new: FloatArray) -> FloatArray:
    """Return upper bounds, the new ones where they are worth having."""
    with np.errstate(invalid="ignore"):
        least = np.where(np.isinf(old), 0.0, _LEAST_GAIN * np.maximum(1.0, np.abs(old)))
        worth = (np.abs(new) <= _LARGEST) & (old - new > least)
    return np.where(worth, new, old)


def _rounded(lower: FloatArray, upper: FloatArray, whole: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    return (
        np.where(whole, np.ceil(lower - _WHOLE_TOLERANCE), lower),
        np.where(whole, np.floor(upper + _WHOLE_TOLERANCE), upper),
    )
