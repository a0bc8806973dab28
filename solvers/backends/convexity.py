"""Whether a model is convex, and its quadratic rows as norms: what cone solvers and proofs of optima need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from solvers.backends.hessian import MAX_DENSE_COLUMNS, is_convex
from solvers.model import FloatArray, IntArray, Model, QuadraticRows, Sense

_NEGATIVE: Final = 1e-9
"""An eigenvalue below minus this share of the largest one counts as negative."""
_ZERO: Final = 1e-13
"""An eigenvalue up to this share of the largest one adds nothing that can be seen."""


class NotConvexError(Exception):
    """A row cannot be written as a norm; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NormRows:
    """Quadratic rows as `|Fx|^2 <= sign * (side - a'x)`, with q rows, f factors and e entries.

    Attributes:
        row: int (q,), the row of the model, ascending; rows whose products cancel or that have no side are left out.
        sign: float64 (q,), 1 where the upper side is demanded, -1 where the lower one is.
        owner: int (f,), the place in `row` that each factor, a linear form whose square is summed, belongs to.
        entry_factor, entry_column: int (e,), where the entries of F are.
        entry_value: float64 (e,).
    """

    row: IntArray
    sign: FloatArray
    owner: IntArray
    entry_factor: IntArray
    entry_column: IntArray
    entry_value: FloatArray


def why_not_convex(model: Model) -> str | None:
    """Return why a model is not convex as far as can be told, as a clause; `None` where it is proved to be.

    Nonlinear functions, integer columns and constructs other than cones count as not convex.
    """
    if model.nonlinear is not None:
        return "it has nonlinear functions"
    if model.is_integer or model.indicators is not None or model.global_constraints:
        return "it has discrete choices"
    if model.quadratic_objective is not None:
        sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
        convex = is_convex(model.quadratic_objective, sign)
        if convex is None:
            return "its objective has too many products to tell whether it is convex"
        if not convex:
            shape = "convex" if sign > 0 else "concave"
            return f"it can only {model.sense} a quadratic objective that is {shape}, and this one is not"
    try:
        norm_rows(model)
    except NotConvexError as error:
        return str(error)
    return None


def norm_rows(model: Model) -> NormRows:
    """Write the quadratic rows of a model as norms.

    The matrix of a row's products is split by its eigenvalues (Golub and Van Loan, Matrix Computations, section 8.1),
    for all rows with the same number of columns in products of two at once; squares alone are their own factors.

    Raises:
        NotConvexError: a row is an equation, has two sides or is not convex, or has too many products to tell.
    """
    terms = _summed(model)
    row, owner = np.unique(terms.row, return_inverse=True)
    sign = np.where(np.isfinite(model.row_upper[row]), 1.0, -1.0)
    two_sided = np.isfinite(model.row_lower[row]) & np.isfinite(model.row_upper[row])
    if two_sided.any():
        name = model.name_of_row(int(row[two_sided.argmax()]))
        raise NotConvexError(f"the quadratic row {name} has a lower and an upper side, so that it is not convex")
    products = _Products(model, row, owner, terms.first, terms.second, sign[owner] * terms.coefficient)
    parts = [products.alone(), *(products.coupled(size) for size in products.sizes())]
    counts = np.array([len(part.owner) for part in parts])
    shifts = np.cumsum(counts) - counts
    return NormRows(
        row=row,
        sign=sign,
        owner=np.concatenate([part.owner for part in parts]),
        entry_factor=np.concatenate([part.factor + shift for part, shift in zip(parts, shifts, strict=True)]),
        entry_column=np.concatenate([part.column for part in parts]),
        entry_value=np.concatenate([part.value for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class _Factors:
    """Some factors: the row that each belongs to, and the factor, column and value of each entry."""

    owner: IntArray
    factor: IntArray
    column: IntArray
    value: FloatArray


class _Products:
    """Products of rows, told apart into squares alone and the blocks of columns that are coupled."""

    def __init__(
        self, model: Model, row: IntArray, owner: IntArray, first: IntArray, second: IntArray, coefficient: FloatArray
    ) -> None:
        self.model, self.row, self.owner = model, row, owner
        self.first, self.second, self.coefficient = first, second, coefficient
        self.n = max(model.n_columns, 1)
        mixed = first != second
        keys = np.concatenate((owner[mixed] * self.n + first[mixed], owner[mixed] * self.n + second[mixed]))
        self.block_keys = np.unique(keys)
        """Row and column of each coupled column, those of a row beside each other."""
        self.is_alone = ~mixed & ~np.isin(owner * self.n + first, self.block_keys)
        self.block_sizes = np.bincount(self.block_keys // self.n, minlength=len(row))
        self.offsets = np.cumsum(self.block_sizes) - self.block_sizes

    def sizes(self) -> list[int]:
        """Return the numbers of coupled columns that rows have."""
        return [int(size) for size in np.unique(self.block_sizes[self.block_sizes > 0])]

    def alone(self) -> _Factors:
        """Return the factors of squares whose columns are in no product of two."""
        owner, coefficient = self.owner[self.is_alone], self.coefficient[self.is_alone]
        if np.any(coefficient < 0.0):
            raise self.not_convex(owner[coefficient.argmin()])
        return _Factors(owner, np.arange(len(owner)), self.first[self.is_alone], np.sqrt(coefficient))

    def coupled(self, size: int) -> _Factors:
        """Return the factors of all rows that have `size` coupled columns."""
        group = np.flatnonzero(self.block_sizes == size)
        if size > MAX_DENSE_COLUMNS:
            name = self.model.name_of_row(int(self.row[group[0]]))
            raise NotConvexError(f"the row {name} has too many products to tell whether it is convex")
        values, vectors = np.linalg.eigh(self.dense(group, size))
        largest = np.abs(values).max(axis=1)
        negative = values[:, 0] < -_NEGATIVE * largest
        if negative.any():
            raise self.not_convex(group[negative.argmax()])
        which, number = np.nonzero(values > _ZERO * largest[:, None])
        factors = np.sqrt(values[which, number])[:, None] * vectors[which, :, number]
        columns = self.block_keys[self.offsets[group[which]][:, None] + np.arange(size)] % self.n
        return _Factors(group[which], np.repeat(np.arange(len(which)), size), columns.ravel(), factors.ravel())

    def dense(self, group: IntArray, size: int) -> FloatArray:
        """Return the matrices (g, size, size) of the coupled products of g rows."""
        chosen = np.isin(self.owner, group) & ~self.is_alone
        owner = self.owner[chosen]
        places = [
            np.searchsorted(self.block_keys, owner * self.n + column[chosen]) - self.offsets[owner]
            for column in (self.first, self.second)
        ]
        half = np.zeros((len(group), size, size))
        np.add.at(half, (np.searchsorted(group, owner), places[0], places[1]), self.coefficient[chosen] / 2)
        return np.asarray(half + half.transpose(0, 2, 1), np.float64)

    def not_convex(self, place: np.integer) -> NotConvexError:
        model, row = self.model, int(self.row[place])
        has_upper = np.isfinite(model.row_upper[row])
        side, shape = ("an upper", "convex") if has_upper else ("a lower", "concave")
        return NotConvexError(f"the row {model.name_of_row(row)} has {side} side, but its products are not {shape}")


def _summed(model: Model) -> QuadraticRows:
    """Return the products of the rows that have a side, each pair of columns once, the smaller column first."""
    terms = model.quadratic_rows
    if terms is None:
        none = np.empty(0, np.int64)
        return QuadraticRows(row=none, first=none, second=none, coefficient=np.empty(0))
    n = max(model.n_columns, 1)
    first = np.minimum(terms.first, terms.second).astype(np.int64)
    second = np.maximum(terms.first, terms.second).astype(np.int64)
    sided = np.isfinite(model.row_lower[terms.row]) | np.isfinite(model.row_upper[terms.row])
    key = np.stack((terms.row.astype(np.int64)[sided], (first * n + second)[sided]))
    pairs, inverse = np.unique(key, axis=1, return_inverse=True)
    total = np.bincount(inverse.ravel(), weights=terms.coefficient[sided], minlength=pairs.shape[1])
    kept = total != 0.0
    row, pair = pairs[:, kept]
    return QuadraticRows(row=row, first=pair // n, second=pair % n, coefficient=total[kept])
