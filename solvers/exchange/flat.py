"""A model in the shape in which LP and MPS files can hold it: what is put into a file, and what must be read back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.errors import ExchangeError
from solvers.features import Feature, features_of
from solvers.model import FloatArray, IntArray, Kind, Model, QuadraticRows, QuadraticTerms

BoolArray = NDArray[np.bool_]
INFINITE: Final = 1e20
"""Readers of both formats take bounds of this size for infinite."""
HELD: Final = frozenset(
    {
        Feature.CONTINUOUS,
        Feature.INTEGER,
        Feature.QUADRATIC_OBJECTIVE,
        Feature.INTEGER_QUADRATIC,
        Feature.QUADRATIC_ROWS,
    }
)

"""What both formats have a place for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlatModel:
    """A model whose rows all have a side, and the row of the original that each comes from.

    Attributes:
        model: what is written.
        origin: int (m,), the row of the original model.
        is_second: bool (m,), whether it holds the upper side of a row whose lower side is the row before it.
        dropped: int, rows of the original that demand nothing, since they have no side.
    """

    model: Model
    origin: IntArray
    is_second: BoolArray
    dropped: IntArray


def flattened(model: Model, *, format_name: str, split: BoolArray | None = None) -> FlatModel:
    """Return a model as a file can hold it: without zeros, without rows that demand nothing, equal products added up.

    Args:
        model: a valid model.
        format_name: for messages.
        split: bool (m,), rows with two sides that become two rows; `None` for none.

    Raises:
        ExchangeError: the format cannot hold it; the text names what.
    """
    model.validate()
    _refuse_features(model, format_name)
    _refuse_sizes(model, format_name)
    has_side = np.isfinite(model.row_lower) | np.isfinite(model.row_upper)
    twice = np.zeros(model.n_rows, np.bool_) if split is None else split
    copies = np.where(has_side, 1 + twice, 0)
    origin = np.repeat(np.arange(model.n_rows), copies)
    is_second = np.zeros(len(origin), np.bool_)
    is_second[1:] = origin[1:] == origin[:-1]
    is_first_of_two = np.append(is_second[1:], False) if len(origin) else is_second
    entry_rows = model.entry_rows()
    rows, columns, values = _copied(entry_rows, copies, model.row_columns, model.row_values)
    quadratic = None
    if model.quadratic_rows is not None:
        quadratic = _rows_added_up(model.quadratic_rows, copies, model.n_columns)
    written = replace(
        model,
        row_starts=np.searchsorted(rows, np.arange(len(origin) + 1)),
        row_columns=columns,
        row_values=values,
        row_lower=np.where(is_second, -np.inf, model.row_lower[origin]),
        row_upper=np.where(is_first_of_two, np.inf, model.row_upper[origin]),
        quadratic_objective=added_up(model.quadratic_objective, model.n_columns),
        quadratic_rows=quadratic,
    )
    return FlatModel(model=written, origin=origin, is_second=is_second, dropped=np.flatnonzero(~has_side))


def added_up(terms: QuadraticTerms | None, n_columns: int) -> QuadraticTerms | None:
    """Return the terms with each product once, its smaller column first, and no zeros; `None` when none is left."""
    if terms is None:
        return None
    _, first, second, total = products_added_up(
        np.zeros(len(terms.coefficient), np.int64), terms.first, terms.second, terms.coefficient, n_columns
    )
    return QuadraticTerms(first=first, second=second, coefficient=total) if len(total) else None


def _rows_added_up(terms: QuadraticRows, copies: IntArray, n_columns: int) -> QuadraticRows | None:
    row, first, second, total = products_added_up(terms.row, terms.first, terms.second, terms.coefficient, n_columns)
    rows, places, _ = _copied(row, copies, np.arange(len(row)), np.ones(len(row)))
    if not len(rows):
        return None
    return QuadraticRows(row=rows, first=first[places], second=second[places], coefficient=total[places])


def products_added_up(
    row: IntArray, first: IntArray, second: IntArray, coefficient: FloatArray, n_columns: int
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Add up equal products of equal rows; return row, smaller column, larger column and total, sorted."""
    small, large = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((large, small, row))
    row, small, large = row[order], small[order], large[order]
    is_new = np.ones(len(row), np.bool_)
    is_new[1:] = (row[1:] != row[:-1]) | (small[1:] != small[:-1]) | (large[1:] != large[:-1])
    total = np.bincount(np.cumsum(is_new) - 1, weights=coefficient[order], minlength=int(is_new.sum()))
    kept = total != 0.0
    return row[is_new][kept], small[is_new][kept], large[is_new][kept], np.asarray(total[kept], np.float64)


def _copied(
    row: IntArray, copies: IntArray, columns: IntArray, values: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return entries under the new numbers of their rows, once for each copy, sorted by row and column."""
    new_row = np.cumsum(copies) - copies
    kept = values != 0.0
    row, columns, values = row[kept], columns[kept], values[kept]
    times = copies[row]
    place = np.repeat(np.arange(len(row)), times)
    which = np.arange(len(place)) - np.repeat(np.cumsum(times) - times, times)
    rows = new_row[row[place]] + which
    order = np.lexsort((columns[place], rows))
    return rows[order], columns[place][order], values[place][order]


def _refuse_features(model: Model, format_name: str) -> None:
    missing = features_of(model) - HELD
    if not missing:
        return
    texts = [str(feature) for feature in sorted(missing - {Feature.NONLINEAR})]
    mend = ""
    if model.nonlinear is not None:
        texts.append(f"{Feature.NONLINEAR} ({model.nonlinear.description(model.name_of_row)})")
        mend = " Write them with linear and quadratic terms."
    raise ExchangeError(f"{format_name} files cannot hold {' and '.join(texts)}.{mend}")


def _refuse_sizes(model: Model, format_name: str) -> None:
    """Refuse finite bounds and sides that readers take for infinite, and rows that ask for infinity."""
    impossible = np.flatnonzero((model.row_lower == np.inf) | (model.row_upper == -np.inf))
    if len(impossible):
        name = model.name_of_row(int(impossible[0]))
        raise ExchangeError(
            f"The row {name} asks for infinity and can never be met; {format_name} files cannot say so."
        )
    for what, name_of, *sides in (
        ("column", model.name_of_column, model.column_lower, model.column_upper),
        ("row", model.name_of_row, model.row_lower, model.row_upper),
    ):
        for side in sides:
            large = np.flatnonzero(np.isfinite(side) & (np.abs(side) >= INFINITE))
            if len(large):
                place = int(large[0])
                raise ExchangeError(
                    f"The {what} {name_of(place)} has the limit {side[place]:g}; readers of {format_name} files take "
                    f"{INFINITE:g} and more for no limit at all. Leave the limit out, or choose other units."
                )


def is_binary(model: Model) -> BoolArray:
    """Return which columns (n,) are integer within 0 and 1, under whatever name."""
    whole = model.column_kind != Kind.CONTINUOUS
    return np.asarray(whole & (model.column_lower == 0.0) & (model.column_upper == 1.0))
