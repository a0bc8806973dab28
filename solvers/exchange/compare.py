"""Whether a model that was read back from a file is the one that was written into it."""

from __future__ import annotations

import numpy as np

from solvers.exchange.flat import is_binary
from solvers.model import IntArray, Kind, Model, QuadraticRows, QuadraticTerms


def first_difference(written: Model, read: Model) -> str | None:
    """Return in words where two flat models differ first; `None` when they are the same.

    Columns and rows are compared by place and name, numbers exactly; a binary column is an integer one within 0 and 1.

    Args:
        written: without zeros among its entries, entries sorted within each row, products added up.
        read: likewise.
    """
    if written.sense is not read.sense:
        return "the sense of the objective"
    if (written.n_columns, written.n_rows) != (read.n_columns, read.n_rows):
        return (
            f"the size: {read.n_rows} rows and {read.n_columns} columns instead of {written.n_rows} and "
            f"{written.n_columns}"
        )
    if written.objective_constant != read.objective_constant:
        return "the constant of the objective"
    for what, count, name_of, other in (
        ("column", written.n_columns, written.name_of_column, read.name_of_column),
        ("row", written.n_rows, written.name_of_row, read.name_of_row),
    ):
        for place in range(count):
            if name_of(place) != other(place):
                return f"the name of {what} {place}: {other(place)} instead of {name_of(place)}"
    return _columns(written, read) or _rows(written, read) or _quadratic(written, read)


def _columns(written: Model, read: Model) -> str | None:
    kinds = (written.column_kind != Kind.CONTINUOUS) != (read.column_kind != Kind.CONTINUOUS)
    for what, differs in (
        ("lower bound", written.column_lower != read.column_lower),
        ("upper bound", written.column_upper != read.column_upper),
        ("kind", kinds | (is_binary(written) != is_binary(read))),
        ("objective coefficient", written.objective != read.objective),
    ):
        if differs.any():
            return f"the {what} of the column {written.name_of_column(int(np.argmax(differs)))}"
    return None


def _rows(written: Model, read: Model) -> str | None:
    for what, differs in (
        ("lower side", written.row_lower != read.row_lower),
        ("upper side", written.row_upper != read.row_upper),
        ("number of entries", np.diff(written.row_starts) != np.diff(read.row_starts)),
    ):
        if differs.any():
            return f"the {what} of the row {written.name_of_row(int(np.argmax(differs)))}"
    differs = (written.row_columns != read.row_columns) | (written.row_values != read.row_values)
    if differs.any():
        row = int(written.entry_rows()[int(np.argmax(differs))])
        return f"the entries of the row {written.name_of_row(row)}"
    return None


def _quadratic(written: Model, read: Model) -> str | None:
    for what, one, other in (
        ("the quadratic objective", written.quadratic_objective, read.quadratic_objective),
        ("the quadratic rows", written.quadratic_rows, read.quadratic_rows),
    ):
        if (one is None) != (other is None):
            return what
        if one is not None and other is not None and not _equal(one, other):
            return what
    return None


def _equal(one: QuadraticTerms | QuadraticRows, other: QuadraticTerms | QuadraticRows) -> bool:
    fields: tuple[tuple[IntArray, IntArray], ...] = ((one.first, other.first), (one.second, other.second))
    if isinstance(one, QuadraticRows) and isinstance(other, QuadraticRows):
        fields = (*fields, (one.row, other.row))
    return all(np.array_equal(left, right) for left, right in fields) and np.array_equal(
        one.coefficient, other.coefficient
    )
