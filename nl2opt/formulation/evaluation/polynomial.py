"""Polynomials of degree two in the columns of a model, one for each row of a frame, as flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluation.frame import guard_size
from nl2opt.formulation.evaluation.spread import Repeated, Rows, row_sums

ColumnArray = NDArray[np.integer]
"""Columns of a model: int32, as in a model, where they are looked up."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Terms `coefficient * x[columns[0]] * x[columns[1]] ...`, each belonging to a row.

    Attributes:
        rows: int64 (k,); `None` when each row has `width` terms, one row after the other.
        columns: one array (k,) for each factor: one for linear terms, two for quadratic ones.
        coefficients: float64 (k,), or () when they are all the same.
        width: number of terms of each row; without a meaning where `rows` is given.
    """

    rows: IntArray | None
    columns: tuple[ColumnArray, ...]
    coefficients: FloatArray
    width: int = 1

    @property
    def count(self) -> int:
        """Number of terms."""
        return len(self.columns[0])

    @property
    def is_one_a_row(self) -> bool:
        """Whether term r belongs to row r, for every row."""
        return self.rows is None and self.width == 1

    def explicit_rows(self) -> IntArray:
        """Return the row of each term (k,)."""
        if self.rows is not None:
            return self.rows
        return np.repeat(np.arange(self.count // max(self.width, 1)), self.width)

    def moved(self, rows: Rows) -> Terms:
        """Return the terms with each row r renumbered as `rows[r]`."""
        if isinstance(rows, Repeated):
            if self.rows is None:
                return Terms(None, self.columns, self.coefficients, self.width * rows.width)
            return Terms(self.rows // rows.width, self.columns, self.coefficients)
        return Terms(rows if self.is_one_a_row else rows[self.explicit_rows()], self.columns, self.coefficients)

    def scaled(self, factor: FloatArray) -> Terms:
        """Return the terms multiplied by a factor for each row, (n,) or ()."""
        by_term = self._by_term(factor)
        product = by_term if _is(self.coefficients, 1.0) else self.coefficients * by_term
        return Terms(self.rows, self.columns, np.asarray(product), self.width)

    def divided(self, divisor: FloatArray) -> Terms:
        """Return the terms divided by a number for each row, (n,) or ()."""
        quotient = np.asarray(self.coefficients / self._by_term(divisor))
        return Terms(self.rows, self.columns, quotient, self.width)

    def _by_term(self, numbers: FloatArray) -> FloatArray:
        """Return a number for each row, (n,) or (), as one for each term."""
        if numbers.ndim == 0 or self.is_one_a_row:
            return numbers
        return np.repeat(numbers, self.width) if self.rows is None else numbers[self.rows]


@dataclass(frozen=True, slots=True, eq=False)
class Polynomial:
    """One polynomial for each row of a frame.

    Attributes:
        constant: float64 (n,), or () when all the same.
        linear: the terms of degree one.
        quadratic: the terms of degree two.
    """

    constant: FloatArray
    linear: tuple[Terms, ...] = ()
    quadratic: tuple[Terms, ...] = ()

    def scaled(self, factor: FloatArray) -> Polynomial:
        """Return the product with a constant for each row."""
        return Polynomial(
            self.constant if _is(self.constant, 0.0) else np.asarray(self.constant * factor),
            tuple(terms.scaled(factor) for terms in self.linear),
            tuple(terms.scaled(factor) for terms in self.quadratic),
        )

    def divided(self, divisor: FloatArray) -> Polynomial:
        """Return the quotient by a constant for each row, none of them 0."""
        return Polynomial(
            np.asarray(self.constant / divisor),
            tuple(terms.divided(divisor) for terms in self.linear),
            tuple(terms.divided(divisor) for terms in self.quadratic),
        )

    def moved(self, rows: Rows, size: int) -> Polynomial:
        """Return polynomials of a frame of `size` rows whose row `rows[r]` gains row r of this one."""
        constant = self.constant
        if not _is(constant, 0.0):
            constant = row_sums(rows, constant, size)
        return Polynomial(
            constant,
            tuple(terms.moved(rows) for terms in self.linear),
            tuple(terms.moved(rows) for terms in self.quadratic),
        )


def _is(values: FloatArray, number: float) -> bool:
    """Whether all rows share a number; tells by the shape, without a look at each row."""
    return values.ndim == 0 and float(values) == number


def add(parts: Sequence[Polynomial | FloatArray]) -> Polynomial:
    """Return the sum of polynomials and constants."""
    constant = np.asarray(0.0)
    linear: list[Terms] = []
    quadratic: list[Terms] = []
    for part in parts:
        if isinstance(part, Polynomial):
            linear += part.linear
            quadratic += part.quadratic
        number = part.constant if isinstance(part, Polynomial) else part
        if not _is(number, 0.0):
            constant = number if _is(constant, 0.0) else np.asarray(constant + number)
    return Polynomial(constant, tuple(linear), tuple(quadratic))


def multiply(left: Polynomial, right: Polynomial) -> Polynomial | None:
    """Return the product of two polynomials; `None` when its degree exceeds two.

    Raises:
        ExpressionError: the product has too many terms.
    """
    if (left.quadratic and (right.linear or right.quadratic)) or (right.quadratic and left.linear):
        return None
    parts: list[Polynomial | FloatArray] = [left.scaled(right.constant)]
    without_constant = Polynomial(np.asarray(0.0), right.linear, right.quadratic)
    parts.append(without_constant.scaled(left.constant))
    products = tuple(_product(a, b) for a in left.linear for b in right.linear)
    parts.append(Polynomial(np.asarray(0.0), (), products))
    return add(parts)


def _product(left: Terms, right: Terms) -> Terms:
    """Multiply linear terms that belong to the same row, every one with every one.

    Raises:
        ExpressionError: the product has too many terms.
    """
    if left.is_one_a_row and right.is_one_a_row:
        coefficients = np.asarray(left.coefficients * right.coefficients)
        return Terms(None, (left.columns[0], right.columns[0]), coefficients)
    left_rows, right_rows = left.explicit_rows(), right.explicit_rows()
    order = np.argsort(right_rows, kind="stable")
    sorted_rows = right_rows[order]
    first = np.searchsorted(sorted_rows, left_rows, "left")
    count = np.searchsorted(sorted_rows, left_rows, "right") - first
    guard_size(int(count.sum()))
    from_left = np.repeat(np.arange(left.count), count)
    offset = np.arange(len(from_left)) - np.repeat(np.cumsum(count) - count, count)
    from_right = order[np.repeat(first, count) + offset]
    coefficients = (
        np.broadcast_to(left.coefficients, left_rows.shape)[from_left]
        * np.broadcast_to(right.coefficients, right_rows.shape)[from_right]
    )
    return Terms(left_rows[from_left], (left.columns[0][from_left], right.columns[0][from_right]), coefficients)
