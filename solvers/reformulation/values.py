"""Whole columns in binary ones, one for each value: shared by all constraints that look at values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.global_constraints import AffineColumns
from solvers.model import FloatArray, IntArray, Kind
from solvers.reformulation.extension import Entries, Extension, Name, spans


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Occurrences:
    """The values that terms may take, each with the binary column that says so.

    Attributes:
        term: int (k,), whose value it is.
        value: float64 (k,), rounded to 6 decimals.
        column: int (k,), is 1 where the term has the value; -1 for constants, which always have it.
    """

    term: IntArray
    value: FloatArray
    column: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValueColumns:
    """Binary columns for the values of some columns of a model.

    Attributes:
        least: float64 (n,), the least value of each column; not read for columns that were not asked for.
        count: int (n,), how many values it has.
        first: int (n,), the binary column of its least value; those of the others follow.
    """

    least: FloatArray
    count: IntArray
    first: IntArray

    @classmethod
    def added(
        cls, extension: Extension, columns: IntArray, lower: FloatArray, upper: FloatArray, origin: Name
    ) -> ValueColumns:
        """Add binary columns for the values of whole columns with finite bounds: exactly one of each column is 1.

        Args:
            extension: gets them.
            columns: whose values they are.
            lower: float64 (n,), bounds of all columns.
            upper: the same.
            origin: names the constraints that look at the values of a column.
        """
        model = extension.model
        columns = np.unique(columns)
        least = lower[columns]
        counts = np.maximum(upper[columns] - least + 1.0, 0.0).astype(np.int64)
        step, owner = spans(np.zeros(len(columns), np.int64), counts)
        value = least[owner] + step

        def name(k: int) -> str:
            return f"{model.name_of_column(int(columns[owner[k]]))} = {value[k]:g}"

        extension.origin = lambda k: origin(int(columns[owner[k]]))
        chosen = extension.add_columns(len(step), 0.0, 1.0, Kind.BINARY, name)
        each = np.arange(len(columns))
        extension.origin = lambda k: origin(int(columns[k]))
        extension.add_rows(
            len(columns), Entries.joined((owner, chosen, 1.0)), 1.0, 1.0,
            lambda k: f"{model.name_of_column(int(columns[k]))} has one value",
        )  # fmt: skip
        extension.add_rows(
            len(columns), Entries.joined((each, columns, 1.0), (owner, chosen, -value)), 0.0, 0.0,
            lambda k: f"{model.name_of_column(int(columns[k]))} is its value",
        )  # fmt: skip
        n = model.n_columns
        first, count, lowest = np.full(n, -1), np.zeros(n, np.int64), np.zeros(n)
        starts = np.cumsum(counts) - counts
        first[columns] = starts + (int(chosen[0]) if len(chosen) else 0)
        count[columns], lowest[columns] = counts, least
        return cls(least=lowest, count=count, first=first)

    def occurrences(self, terms: AffineColumns) -> Occurrences:
        """Return what values terms in these columns may take."""
        constant = terms.coefficient == 0
        column = np.where(constant, 0, terms.column)
        step, term = spans(np.zeros(len(terms), np.int64), np.where(constant, 1, self.count[column]))
        of = column[term]
        value = terms.coefficient[term] * (self.least[of] + step) + terms.offset[term]
        chosen = np.where(constant[term], -1, self.first[of] + step)
        return Occurrences(term=term, value=np.round(value, 6), column=chosen)


def n_values(columns: IntArray, lower: FloatArray, upper: FloatArray) -> float:
    """Return how many values whole columns have together; infinity where one has no bound."""
    columns = np.unique(columns)
    return float(np.maximum(upper[columns] - lower[columns] + 1.0, 0.0).sum())
