"""Global constraints in whole numbers: their terms scaled together, so that they demand exactly the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.backends.whole_rows import whole_rows
from solvers.decimals import LARGEST
from solvers.errors import UnsupportedModelError
from solvers.global_constraints import AffineColumns, AllDifferent, Circuit, GlobalConstraint, NoOverlap
from solvers.model import FloatArray

_Int64Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeTerms:
    """Terms `coefficient * x[column] + offset` in whole numbers.

    Attributes:
        column: int64 (k,); -1 for a constant.
        coefficient: int64 (k,); 0 for a constant.
        offset: int64 (k,).
    """

    column: _Int64Array
    coefficient: _Int64Array
    offset: _Int64Array

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self.column)

    def bounds(self, lower: _Int64Array, upper: _Int64Array) -> tuple[_Int64Array, _Int64Array]:
        """Return the least and the largest value of each term (k,), given the bounds of the columns."""
        if not len(lower):
            return self.offset.copy(), self.offset.copy()
        ends = [self.coefficient * side[np.maximum(self.column, 0)] + self.offset for side in (lower, upper)]
        return np.minimum(*ends), np.maximum(*ends)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeConstraint:
    """A global constraint with its terms in whole numbers.

    Attributes:
        stated: the constraint itself.
        terms: its terms in the order of its class, such as start, size, demand and capacity; those of times have
            one scale, those of demand and capacity another.
        not_negative: which of `terms` must not be below 0.
        is_contradictory: whether it can never hold.
    """

    stated: GlobalConstraint
    terms: tuple[WholeTerms, ...]
    not_negative: tuple[int, ...] = ()
    is_contradictory: bool = False

    @property
    def name(self) -> str:
        """The name for people."""
        return self.stated.name or type(self.stated).__name__


def whole_constraint(constraint: GlobalConstraint) -> WholeConstraint:
    """Write a global constraint in whole numbers.

    Raises:
        UnsupportedModelError: its numbers have too many decimals.
    """
    if isinstance(constraint, AllDifferent):
        return WholeConstraint(stated=constraint, terms=_scaled(constraint, constraint.members))
    if isinstance(constraint, Circuit):
        nodes = np.arange(constraint.n_nodes)
        is_cut = not (np.isin(nodes, constraint.tail).all() and np.isin(nodes, constraint.head).all())
        terms = _scaled(constraint, *constraint.terms())
        return WholeConstraint(stated=constraint, terms=terms, is_contradictory=is_cut)
    times = _scaled(constraint, constraint.start, constraint.size)
    if isinstance(constraint, NoOverlap):
        return _with_signs(WholeConstraint(stated=constraint, terms=times, not_negative=(1,)))
    amounts = _scaled(constraint, constraint.demand, constraint.capacity)
    return _with_signs(WholeConstraint(stated=constraint, terms=(*times, *amounts), not_negative=(1, 2)))


def column_limits(constraint: WholeConstraint, n_columns: int) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of the columns (n,) that follow from sizes and demands that must not be negative."""
    lower, upper = np.full(n_columns, -np.inf), np.full(n_columns, np.inf)
    for place in constraint.not_negative:
        terms = constraint.terms[place]
        moving = terms.coefficient != 0
        column, coefficient, offset = terms.column[moving], terms.coefficient[moving], terms.offset[moving]
        rising = coefficient > 0
        np.maximum.at(lower, column[rising], -(offset[rising] // coefficient[rising]))
        np.minimum.at(upper, column[~rising], offset[~rising] // -coefficient[~rising])
    return lower, upper


def require_small(constraint: WholeConstraint, lower: _Int64Array, upper: _Int64Array) -> None:
    """Refuse a constraint whose terms may get too large.

    Raises:
        UnsupportedModelError: they may.
    """
    sizes = np.append(np.maximum(np.abs(lower), np.abs(upper)).astype(np.float64), 0.0)
    largest = [np.abs(held.coefficient) * sizes[held.column] + np.abs(held.offset) for held in constraint.terms]
    # Ends are sums of two terms, and the needs of all tasks are added up.
    if 2 * sum(float(size.sum()) for size in largest) >= LARGEST:
        raise UnsupportedModelError(_refusal(constraint.name))


def _scaled(constraint: GlobalConstraint, *terms: AffineColumns) -> tuple[WholeTerms, ...]:
    """Return terms times the least common number that makes all of them whole, as those of one row."""
    numbers = np.concatenate([array for held in terms for array in (held.coefficient, held.offset)])
    rows = whole_rows(numbers, np.zeros(len(numbers), np.int64), 1)
    if rows.too_large.any():
        raise UnsupportedModelError(_refusal(constraint.name or type(constraint).__name__))
    parts = np.split(rows.values, np.cumsum([len(held) for held in terms for _ in range(2)])[:-1])
    return tuple(
        WholeTerms(column=held.column.astype(np.int64), coefficient=parts[2 * place], offset=parts[2 * place + 1])
        for place, held in enumerate(terms)
    )


def _with_signs(constraint: WholeConstraint) -> WholeConstraint:
    """Note whether a constant size or demand is below 0."""
    signed = [constraint.terms[place] for place in constraint.not_negative]
    is_negative = any(bool(np.any((terms.coefficient == 0) & (terms.offset < 0))) for terms in signed)
    return WholeConstraint(
        stated=constraint.stated,
        terms=constraint.terms,
        not_negative=constraint.not_negative,
        is_contradictory=is_negative,
    )


def _refusal(name: str) -> str:
    return (
        f"CP-SAT counts in whole numbers of 64 bits, and the numbers of `{name}` get too large. Round them to fewer "
        "decimals, state tighter bounds, or choose other units."
    )
