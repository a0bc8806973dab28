"""Whether a model is convex, and its quadratic rows as norms, which cone solvers take."""

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
    coefficient = sign[owner] * terms.coefficient
    n = max(model.n_columns, 1)
    mixed = terms.first != terms.second
    coupled = np.unique(np.concatenate((owner[mixed] * n + terms.first[mixed], owner[mixed] * n + terms.second[mixed])))
    alone = ~mixed & ~np.isin(owner * n + terms.first, coupled)
    if np.any(coefficient[alone] < 0.0):
        raise _not_convex(model, int(row[owner[alone][coefficient[alone].argmin()]]))
    owners = [owner[alone]]
    entries = [(np.arange(int(alone.sum())), terms.first[alone], np.sqrt(coefficient[alone]))]
    n_factors = len(owners[0])
    sizes = np.bincount(coupled // n, minlength=len(row))
    offsets = np.cumsum(sizes) - sizes
    for size in np.unique(sizes[sizes > 0]).tolist():
        group = np.flatnonzero(sizes == size)
        if size > MAX_DENSE_COLUMNS:
            name = model.name_of_row(int(row[group[0]]))
            raise NotConvexError(f"the row {name} has too many products to tell whether it is convex")
        chosen = np.isin(owner, group) & ~alone
        place = np.searchsorted(group, owner[chosen])
        within = [
            np.searchsorted(coupled, owner[chosen] * n + column[chosen]) - offsets[owner[chosen]]
            for column in (terms.first, terms.second)
        ]
        dense = np.zeros((len(group), size, size))
        np.add.at(dense, (place, within[0], within[1]), coefficient[chosen] / 2)
        values, vectors = np.linalg.eigh(dense + dense.transpose(0, 2, 1))
        largest = np.abs(values).max(axis=1)
        negative = values[:, 0] < -_NEGATIVE * largest
        if negative.any():
            raise _not_convex(model, int(row[group[negative.argmax()]]))
        which, number = np.nonzero(values > _ZERO * largest[:, None])
        factors = np.sqrt(values[which, number])[:, None] * vectors[which, :, number]
        columns = coupled[offsets[group[which]][:, None] + np.arange(size)] % n
        owners.append(group[which])
        numbers = np.repeat(n_factors + np.arange(len(which)), size)
        entries.append((numbers, columns.ravel(), factors.ravel()))
        n_factors += len(which)
    return NormRows(
        row=row,
        sign=sign,
        owner=np.concatenate(owners),
        entry_factor=np.concatenate([factor for factor, _, _ in entries]),
        entry_column=np.concatenate([column for _, column, _ in entries]),
        entry_value=np.concatenate([value for _, _, value in entries]),
    )


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


def _not_convex(model: Model, row: int) -> NotConvexError:
    shape = "convex" if np.isfinite(model.row_upper[row]) else "concave"
    side = "an upper" if np.isfinite(model.row_upper[row]) else "a lower"
    return NotConvexError(f"the row {model.name_of_row(row)} has {side} side, but its products are not {shape}")
