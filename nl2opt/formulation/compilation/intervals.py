"""Bounds of polynomials and of defined columns, by interval arithmetic over the bounds of columns.

Moore, Interval Analysis (1966). What a column occurs in several times is added up first, so bounds of linear
expressions are exact over the box of the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nl2opt.formulation.compilation.matrix import sorted_entries
from nl2opt.formulation.evaluation.definitions import Definition
from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Polynomial, Terms


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """What values lie between: `lower` and `upper`, float64 (n,), infinite where there is no bound."""

    lower: FloatArray
    upper: FloatArray

    def at(self, places: ColumnArray) -> Interval:
        """Return the intervals of some places."""
        return Interval(self.lower[places], self.upper[places])

    def scaled(self, factors: FloatArray) -> Interval:
        """Return the products with numbers (n,)."""
        first, second = _times(factors, self.lower), _times(factors, self.upper)
        return Interval(np.minimum(first, second), np.maximum(first, second))


def bounds_of_columns(lower: FloatArray, upper: FloatArray, definitions: Sequence[Definition]) -> Interval:
    """Return the bounds of all columns, the defined ones behind the declared ones."""
    box = Interval(lower, upper)
    for definition in definitions:
        arguments = bounds_of_polynomials(definition.arguments, len(definition.owner), box)
        own = _bounds_of(definition, arguments)
        box = Interval(np.append(box.lower, own.lower), np.append(box.upper, own.upper))
    return box


def bounds_of_polynomials(body: Polynomial, size: int, box: Interval) -> Interval:
    """Return the bounds of each of `size` polynomials over the bounds of all columns."""
    constant = np.broadcast_to(body.constant, (size,)).astype(np.float64)
    total = Interval(constant, constant)
    if body.linear:
        rows, columns, values = sorted_entries(body.linear, len(box.lower))
        total = _added(total, rows, box.at(columns).scaled(values))
    for terms in body.quadratic:
        total = _added(total, terms.explicit_rows(), _bounds_of_products(terms, box))
    return total


def _added(total: Interval, rows: IntArray, terms: Interval) -> Interval:
    size = len(total.lower)
    return Interval(
        total.lower + np.bincount(rows, weights=terms.lower, minlength=size),
        total.upper + np.bincount(rows, weights=terms.upper, minlength=size),
    )


def _bounds_of_products(terms: Terms, box: Interval) -> Interval:
    first, second = (box.at(columns) for columns in terms.columns)
    product = _product(first, second)
    square = terms.columns[0] == terms.columns[1]
    lower = np.where(square, np.square(_distance_from_zero(first)), product.lower)
    coefficients = np.broadcast_to(terms.coefficients, (terms.count,))
    return Interval(lower, product.upper).scaled(coefficients)


def _times(a: FloatArray, b: FloatArray) -> FloatArray:
    """Multiply; 0 times infinity is 0, since a bound is never attained there."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where((a == 0) | (b == 0), 0.0, a * b)


def _product(a: Interval, b: Interval) -> Interval:
    corners = [_times(x, y) for x in (a.lower, a.upper) for y in (b.lower, b.upper)]
    return Interval(np.minimum.reduce(corners), np.maximum.reduce(corners))


def _distance_from_zero(a: Interval) -> FloatArray:
    return np.maximum(0.0, np.maximum(a.lower, -a.upper))


def _bounds_of(definition: Definition, arguments: Interval) -> Interval:
    """Return the bounds of the columns of a definition from those of its arguments."""
    if not definition.size:
        return Interval(np.empty(0), np.empty(0))
    if definition.function == "choice":
        return Interval(np.zeros(definition.size), np.ones(definition.size))
    if definition.function in ("max", "min"):
        begins = np.searchsorted(definition.owner, np.arange(definition.size))
        choose = np.maximum if definition.function == "max" else np.minimum
        return Interval(choose.reduceat(arguments.lower, begins), choose.reduceat(arguments.upper, begins))
    with np.errstate(all="ignore"):
        return _bounds_of_function(definition, arguments)


def _bounds_of_function(definition: Definition, arguments: Interval) -> Interval:
    match definition.function:
        case "product":
            return _product_over(definition, arguments)
        case "quotient":
            every_second = slice(0, None, 2), slice(1, None, 2)
            above, below = (Interval(arguments.lower[part], arguments.upper[part]) for part in every_second)
            return _product(above, _reciprocal(below))
        case "power":
            every_second = slice(0, None, 2), slice(1, None, 2)
            return _power(*(Interval(arguments.lower[part], arguments.upper[part]) for part in every_second))
        case "sin" | "cos":
            ones = np.ones(definition.size)
            return Interval(-ones, ones)
        case function:
            lowest, increasing = _INCREASING[function]
            return Interval(
                increasing(np.maximum(arguments.lower, lowest)), increasing(np.maximum(arguments.upper, lowest))
            )


_INCREASING: Final[dict[str, tuple[float, Callable[[FloatArray], FloatArray]]]] = {
    "exp": (-np.inf, np.exp), "log": (0.0, np.log), "sqrt": (0.0, np.sqrt),
}  # fmt: skip
"""Functions that never fall, each with the least number that it is defined for."""


def _product_over(definition: Definition, arguments: Interval) -> Interval:
    place = np.arange(len(definition.owner)) - np.searchsorted(definition.owner, definition.owner)
    total = Interval(np.ones(definition.size), np.ones(definition.size))
    for number in range(int(place.max(initial=-1)) + 1):
        chosen = place == number
        factor = Interval(np.ones(definition.size), np.ones(definition.size))
        factor.lower[definition.owner[chosen]] = arguments.lower[chosen]
        factor.upper[definition.owner[chosen]] = arguments.upper[chosen]
        total = _product(total, factor)
    return total


def _reciprocal(a: Interval) -> Interval:
    around_zero = (a.lower <= 0) & (a.upper >= 0)
    return Interval(np.where(around_zero, -np.inf, 1.0 / a.upper), np.where(around_zero, np.inf, 1.0 / a.lower))


def _power(base: Interval, exponent: Interval) -> Interval:
    """Return the bounds of powers: of a base above 0, or with a fixed whole exponent; else there are none."""
    corners = [np.power(x, y) for x in (base.lower, base.upper) for y in (exponent.lower, exponent.upper)]
    lower, upper = np.fmin.reduce(corners), np.fmax.reduce(corners)
    fixed = (exponent.lower == exponent.upper) & (exponent.lower == np.round(exponent.lower))
    even = fixed & (exponent.lower % 2 == 0)
    lower = np.where(even, np.power(_distance_from_zero(base), exponent.lower), lower)
    known = (base.lower > 0) | ((base.lower >= 0) & (exponent.lower >= 0)) | (fixed & (exponent.lower >= 0))
    known &= ~np.isnan(lower) & ~np.isnan(upper)
    return Interval(np.where(known, lower, -np.inf), np.where(known, upper, np.inf))
