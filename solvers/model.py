"""The flat mathematical program that solvers take: columns and sparse rows, as arrays."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.cones import Cones
from solvers.errors import ModelError
from solvers.global_constraints import GlobalConstraint
from solvers.indicators import IndicatorRows
from solvers.nonlinear import NonlinearTerms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]


class Sense(enum.StrEnum):
    """Whether the objective is made small or large."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


class Kind(enum.IntEnum):
    """What values a column may take between its bounds."""

    CONTINUOUS = 0
    INTEGER = 1
    BINARY = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuadraticTerms:
    """Terms `coefficient * x[first] * x[second]`; a pair may occur several times, the terms add up.

    Attributes:
        first, second: int (k,), columns.
        coefficient: float64 (k,).
    """

    first: IntArray
    second: IntArray
    coefficient: FloatArray

    def value(self, x: FloatArray) -> FloatArray:
        """Return the value of each term (k,) at a point (n,)."""
        return self.coefficient * x[self.first] * x[self.second]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuadraticRows:
    """Quadratic terms that belong to rows, beside the rows' linear entries.

    Attributes:
        row: int (k,), the row of each term.
        first, second: int (k,), columns.
        coefficient: float64 (k,).
    """

    row: IntArray
    first: IntArray
    second: IntArray
    coefficient: FloatArray

    def value(self, x: FloatArray) -> FloatArray:
        """Return the value of each term (k,) at a point (n,)."""
        return self.coefficient * x[self.first] * x[self.second]


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False)
class Model:
    """Minimise or maximise an objective over `row_lower <= rows <= row_upper` and column bounds.

    With n columns, m rows and k entries:

    Attributes:
        sense: of the objective.
        column_lower, column_upper: float64 (n,); infinite where there is no bound.
        column_kind: uint8 (n,), values of `Kind`; the bounds of binary columns lie within 0 and 1.
        objective: float64 (n,), linear coefficients.
        objective_constant: added to the objective.
        row_starts: int (m + 1,), where each row's entries begin (CSR).
        row_columns: int (k,), the column of each entry; none twice in one row.
        row_values: float64 (k,), the coefficient of each entry.
        row_lower, row_upper: float64 (m,); infinite where there is no side. A row that asks for infinity, such as
            lower = inf, can never be met.
        quadratic_objective: quadratic terms of the objective; `None` when it is linear.
        quadratic_rows: quadratic terms of the rows; `None` when all are linear.
        nonlinear: the terms of rows and objective that are neither linear nor quadratic; `None` when there are none.
        indicators: the rows that hold only where a binary column says so; `None` when all hold everywhere.
        cones: second-order cones of columns; `None` when there are none.
        global_constraints: demands on many columns at once, beside the rows.
        column_name, row_name: name by number, made on demand; `None` for `x0`, `x1` and `r0`, `r1`.
        column_origin, row_origin: by number, the name of the constraint that a column or row was added for when the
            model was rewritten, empty for those stated; `None` when none was added.
        title: for people; may be empty.
    """

    sense: Sense
    column_lower: FloatArray
    column_upper: FloatArray
    column_kind: NDArray[np.uint8]
    objective: FloatArray
    row_starts: IntArray
    row_columns: IntArray
    row_values: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    objective_constant: float = 0.0
    quadratic_objective: QuadraticTerms | None = None
    quadratic_rows: QuadraticRows | None = None
    nonlinear: NonlinearTerms | None = None
    indicators: IndicatorRows | None = None
    cones: Cones | None = None
    global_constraints: tuple[GlobalConstraint, ...] = ()
    column_name: Callable[[int], str] | None = None
    row_name: Callable[[int], str] | None = None
    column_origin: Callable[[int], str] | None = None
    row_origin: Callable[[int], str] | None = None
    title: str = ""

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.column_lower)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    @property
    def is_integer(self) -> bool:
        """Whether any column must be whole."""
        return bool(self.column_kind.any())

    @property
    def is_linear(self) -> bool:
        """Whether the model is linear or mixed-integer linear: rows that all hold, and nothing else."""
        return (
            self.quadratic_objective is None
            and self.quadratic_rows is None
            and self.nonlinear is None
            and self.indicators is None
            and self.cones is None
            and not self.global_constraints
        )

    def name_of_column(self, column: int) -> str:
        """Return the name of a column."""
        return f"x{column}" if self.column_name is None else self.column_name(column)

    def name_of_row(self, row: int) -> str:
        """Return the name of a row."""
        return f"r{row}" if self.row_name is None else self.row_name(row)

    def origin_of_column(self, column: int) -> str:
        """Return the name of the constraint that a column was added for; empty for those stated."""
        return "" if self.column_origin is None else self.column_origin(column)

    def origin_of_row(self, row: int) -> str:
        """Return the name of the constraint that a row was added for; empty for those stated."""
        return "" if self.row_origin is None else self.row_origin(row)

    def entry_rows(self) -> NDArray[np.int64]:
        """Return the row of each entry (k,)."""
        return np.repeat(np.arange(self.n_rows), np.diff(self.row_starts))

    def activity(self, x: FloatArray) -> FloatArray:
        """Return the value of each row (m,) at a point (n,)."""
        products = self.row_values * x[self.row_columns]
        total: FloatArray = np.zeros(self.n_rows)
        total += np.bincount(self.entry_rows(), weights=products, minlength=self.n_rows)
        if self.quadratic_rows is not None:
            terms = self.quadratic_rows
            total += np.bincount(terms.row, weights=terms.value(x), minlength=self.n_rows)
        if self.nonlinear is not None and len(self.nonlinear.row):
            total += np.bincount(self.nonlinear.row, weights=self.nonlinear.row_values(x), minlength=self.n_rows)
        return total

    def objective_value(self, x: FloatArray) -> float:
        """Return the objective at a point (n,)."""
        total = float(self.objective @ x) + self.objective_constant
        if self.quadratic_objective is not None:
            total += float(self.quadratic_objective.value(x).sum())
        if self.nonlinear is not None:
            total += self.nonlinear.objective_value(x)
        return total

    def validate(self) -> None:
        """Check that the arrays fit together.

        A lower bound above its upper bound is not an error: such a model is infeasible.

        Raises:
            ModelError: they do not; the text says which.
        """
        n, m, k = self.n_columns, self.n_rows, len(self.row_columns)
        lengths: dict[str, tuple[NDArray[Any], int]] = {
            "column_lower": (self.column_lower, n), "column_upper": (self.column_upper, n),
            "column_kind": (self.column_kind, n), "objective": (self.objective, n),
            "row_lower": (self.row_lower, m), "row_upper": (self.row_upper, m), "row_starts": (self.row_starts, m + 1),
            "row_columns": (self.row_columns, k), "row_values": (self.row_values, k),
        }  # fmt: skip
        for terms in self._quadratic_arrays():
            lengths |= {name: (array, len(terms["coefficient"][1])) for name, array in terms.values()}
        for name, (array, length) in lengths.items():
            if array.shape != (length,):
                raise ModelError(f"{name} has the shape {array.shape}, not ({length},)")
        self._validate_places()
        self._validate_numbers()
        if self.nonlinear is not None:
            self.nonlinear.validate(n, m)
        if self.indicators is not None:
            self.indicators.validate(m, self.column_kind == Kind.BINARY)
        if self.cones is not None:
            self.cones.validate(n)
        for constraint in self.global_constraints:
            constraint.validate(n)

    def _validate_places(self) -> None:
        n, m, k = self.n_columns, self.n_rows, len(self.row_columns)
        if self.row_starts[0] != 0 or self.row_starts[-1] != k or np.any(np.diff(self.row_starts) < 0):
            raise ModelError(f"row_starts must ascend from 0 to the number of entries, {k}")
        _require_within("row_columns", self.row_columns, n, "column")
        for terms in self._quadratic_arrays():
            for field, (name, array) in terms.items():
                if field != "coefficient":
                    _require_within(name, array, m if field == "row" else n, "row" if field == "row" else "column")
        keys = self.entry_rows() * max(n, 1) + self.row_columns
        # Ascending entries, the usual case, spare the sorting.
        if np.any(np.diff(keys) <= 0) and len(np.unique(keys)) < k:
            raise ModelError("row_columns names a column twice in one row")

    def _validate_numbers(self) -> None:
        for name in ("column_lower", "column_upper", "row_lower", "row_upper"):
            if np.isnan(getattr(self, name)).any():
                raise ModelError(f"{name} holds a not-a-number")
        finite: dict[str, NDArray[Any]] = {
            "objective": self.objective,
            "row_values": self.row_values,
            "objective_constant": np.array(self.objective_constant),
        }
        finite |= dict(terms["coefficient"] for terms in self._quadratic_arrays())
        for name, array in finite.items():
            if not np.isfinite(array).all():
                raise ModelError(f"{name} holds a number that is not finite")
        if np.any(self.column_lower == np.inf) or np.any(self.column_upper == -np.inf):
            raise ModelError("a column has the lower bound inf or the upper bound -inf")
        if not np.isin(self.column_kind, list(Kind)).all():
            raise ModelError("column_kind holds a number that is not a Kind")
        binary = self.column_kind == Kind.BINARY
        if np.any(self.column_lower[binary] < 0) or np.any(self.column_upper[binary] > 1):
            raise ModelError("a binary column has bounds outside 0 to 1")

    def _quadratic_arrays(self) -> list[dict[str, tuple[str, NDArray[Any]]]]:
        """Return the arrays of the quadratic objective and rows, each by field with its full name."""
        return [
            {
                field: (f"{name}.{field}", getattr(terms, field))
                for field in ("row", "first", "second", "coefficient")
                if hasattr(terms, field)
            }
            for name in ("quadratic_objective", "quadratic_rows")
            if (terms := getattr(self, name)) is not None
        ]


def _require_within(name: str, places: IntArray, count: int, what: str) -> None:
    if len(places) and (places.min() < 0 or places.max() >= count):
        raise ModelError(f"{name} names a {what} outside 0 to {count - 1}")
