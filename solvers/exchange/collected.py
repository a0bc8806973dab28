"""What a reader has collected so far, and the model that it makes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from solvers.errors import ExchangeError
from solvers.exchange.flat import INFINITE, added_up, products_added_up
from solvers.model import FloatArray, IntArray, Kind, Model, QuadraticRows, QuadraticTerms, Sense


@dataclass(slots=True)
class Collected:
    """Columns, rows and entries in the order in which a file names them.

    Attributes:
        path: of the file, for messages.
        columns: place by name.
        lower, upper: bounds of each column; `None` where the file states none.
        whole: columns that must be integer.
        rows: place by name.
        row_lower, row_upper: sides of each row.
        costs: objective coefficient by column; what stands twice is added up.
        entry_row, entry_column, entry_value: the entries.
        products: row (-1 for the objective), column, column, coefficient.
        notes: what the file leaves open, and how it was read.
    """

    path: str
    sense: Sense = Sense.MINIMIZE
    title: str = ""
    constant: float = 0.0
    columns: dict[str, int] = field(default_factory=dict)
    lower: list[float | None] = field(default_factory=list)
    upper: list[float | None] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    costs: dict[int, float] = field(default_factory=dict)
    entry_row: list[int] = field(default_factory=list)
    entry_column: list[int] = field(default_factory=list)
    entry_value: list[float] = field(default_factory=list)
    products: list[tuple[int, int, int, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, message: str, line: int | None = None) -> ExchangeError:
        """Return the error that says what is wrong in which line."""
        place = self.path if line is None else f"{self.path}, line {line}"
        return ExchangeError(f"{place}: {message}")

    def column(self, name: str) -> int:
        """Return the place of a column, a new one if it is new."""
        place = self.columns.get(name)
        if place is None:
            place = self.columns[name] = len(self.columns)
            self.lower.append(None)
            self.upper.append(None)
        return place

    def model(self) -> Model:
        """Make the model.

        Raises:
            ExchangeError: a number is not finite, or an upper bound below zero comes without a lower bound.
        """
        n = len(self.columns)
        column_names, row_names = list(self.columns), list(self.rows)
        self._refuse_doubtful_bounds(column_names)
        entries = self._entries(column_names, row_names)
        objective = np.zeros(n)
        objective[list(self.costs)] = list(self.costs.values())
        lower = np.array([0.0 if bound is None else bound for bound in self.lower], np.float64)
        upper = np.array([np.inf if bound is None else bound for bound in self.upper], np.float64)
        kind = np.zeros(n, np.uint8)
        kind[list(self.whole)] = Kind.INTEGER
        kind[(kind == Kind.INTEGER) & (lower == 0.0) & (upper == 1.0)] = Kind.BINARY
        row_lower, row_upper = (infinite(np.array(side, np.float64)) for side in (self.row_lower, self.row_upper))
        impossible = np.flatnonzero(~(row_lower < np.inf) | ~(row_upper > -np.inf))
        if len(impossible):
            raise self.fault(f"the row {row_names[int(impossible[0])]} asks for infinity and can never be met.")
        own, rowwise = self._products(n)
        found = Model(
            sense=self.sense, column_lower=infinite(lower), column_upper=infinite(upper), column_kind=kind,
            objective=objective, objective_constant=self.constant,
            row_starts=entries[0], row_columns=entries[1], row_values=entries[2],
            row_lower=row_lower, row_upper=row_upper,
            quadratic_objective=own, quadratic_rows=rowwise,
            column_name=column_names.__getitem__, row_name=row_names.__getitem__, title=self.title,
        )  # fmt: skip
        for name, value in zip(column_names, objective.tolist(), strict=True):
            if not math.isfinite(value):
                raise self.fault(f"the objective coefficient of {name} is no finite number.")
        found.validate()
        return found

    def _refuse_doubtful_bounds(self, names: list[str]) -> None:
        for place, upper in enumerate(self.upper):
            if upper is not None and upper < 0.0 and self.lower[place] is None:
                raise self.fault(
                    f"the column {names[place]} has the upper bound {upper:g} and no lower bound. Some readers take 0 "
                    "for it, others minus infinity; state the lower bound."
                )
            if upper == -math.inf or self.lower[place] == math.inf:
                raise self.fault(f"no number lies within the bounds of the column {names[place]}.")

    def _entries(self, columns: list[str], rows: list[str]) -> tuple[IntArray, IntArray, FloatArray]:
        """Return starts, columns and values of the rows; equal places are added up, zeros left out."""
        row, column = np.array(self.entry_row, np.int64), np.array(self.entry_column, np.int64)
        values = np.array(self.entry_value, np.float64)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            name, of = columns[int(column[bad[0]])], rows[int(row[bad[0]])]
            raise self.fault(f"the coefficient of {name} in the row {of} is no finite number.")
        order = np.lexsort((column, row))
        row, column, values = row[order], column[order], values[order]
        is_new = np.ones(len(row), np.bool_)
        is_new[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
        if not is_new.all():
            values = np.asarray(np.bincount(np.cumsum(is_new) - 1, weights=values), np.float64)
            row, column = row[is_new], column[is_new]
        kept = values != 0.0
        row, column, values = row[kept], column[kept], values[kept]
        return np.searchsorted(row, np.arange(len(rows) + 1)), column, np.asarray(values, np.float64)

    def _products(self, n_columns: int) -> tuple[QuadraticTerms | None, QuadraticRows | None]:
        if not self.products:
            return None, None
        row, first, second = np.array([product[:3] for product in self.products], np.int64).T
        values = np.array([product[3] for product in self.products], np.float64)
        if not np.isfinite(values).all():
            raise self.fault("a coefficient of a quadratic term is no finite number.")
        own = row < 0
        objective = QuadraticTerms(first=first[own], second=second[own], coefficient=values[own])
        return added_up(objective, n_columns), _rows_of(row[~own], first[~own], second[~own], values[~own], n_columns)


def _rows_of(
    row: IntArray, first: IntArray, second: IntArray, values: FloatArray, n_columns: int
) -> QuadraticRows | None:
    rows, small, large, total = products_added_up(row, first, second, values, n_columns)
    return QuadraticRows(row=rows, first=small, second=large, coefficient=total) if len(total) else None


def infinite(bounds: FloatArray) -> FloatArray:
    """Return bounds with those that readers take for infinite as infinite."""
    return np.where(np.abs(bounds) >= INFINITE, np.copysign(np.inf, bounds), bounds)
