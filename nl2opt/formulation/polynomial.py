"""Polynomials of degree two in the columns of a model, one for each row of a frame, as flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nl2opt.formulation.elements import FloatArray, IntArray
from nl2opt.formulation.frame import guard_size


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Terms `coefficient * x[columns[0]] * x[columns[1]] ...`, each belonging to a row.

    Attributes:
        rows: int64 (k,); `None` when term r belongs to row r, for every row.
        columns: one int64 array (k,) for each factor: one for linear terms, two for quadratic ones.
        coefficients: float64 (k,), or () when they are all the same.
    """

    rows: IntArray | None
    columns: tuple[IntArray, ...]
    coefficients: FloatArray

    @property
    def count(self) -> int:
        """Number of terms."""
        return len(self.columns[0])

    def explicit_rows(self) -> IntArray:
        """Return the row of each term (k,)."""
        return np.arange(self.count) if self.rows is None else self.rows

    def moved(self, rows: IntArray) -> Terms:
        """Return the terms with each row r renumbered as `rows[r]`."""
        return Terms(rows if self.rows is None else rows[self.rows], self.columns, self.coefficients)

    def scaled(self, factor: FloatArray) -> Terms:
        """Return the terms multiplied by a factor for each row, (n,) or ()."""
        by_row = factor if factor.ndim == 0 or self.rows is None else factor[self.rows]
        product = by_row if _is(self.coefficients, 1.0) else self.coefficients * by_row
        return Terms(self.rows, self.columns, np.asarray(product))

    def divided(self, divisor: FloatArray) -> Terms:
        """Return the terms divided by a number for each row, (n,) or ()."""
        by_row = divisor if divisor.ndim == 0 or self.rows is None else divisor[self.rows]
        return Terms(self.rows, self.columns, np.asarray(self.coefficients / by_row))


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

    def moved(self, rows: IntArray, size: int) -> Polynomial:
        """Return polynomials of a frame of `size` rows whose row `rows[r]` gains row r of this one."""
        constant = self.constant
        if not _is(constant, 0.0):
            weights = np.broadcast_to(constant, rows.shape)
            constant = np.asarray(np.bincount(rows, weights=weights, minlength=size), np.float64)
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
            constant = np.asarray(constant + part.constant)
            linear += part.linear
            quadratic += part.quadratic
        else:
            constant = np.asarray(constant + part)
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
    if left.rows is None and right.rows is None:
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
