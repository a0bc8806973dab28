"""What objective and constraints demand, in a form that does not depend on how they were written.

Two constraints with equal signatures admit the same points: `tables <= 0.4 * (chairs + tables)` and
`0.6 * tables - 0.4 * chairs <= 0` have one signature. Formulations can be compared when they have the same
variables, in the same order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.compiler import CompiledFormulation
from nl2opt.formulation.elements import FloatArray
from solvers import Model

_DIGITS: Final = 9
"""Significant digits that must agree: scaling a row costs the last few of sixteen."""

Signature = frozenset[tuple[object, ...]]
"""The distinct rows of a constraint; empty when the bounds of the variables demand as much already."""


def constraint_signatures(compiled: CompiledFormulation) -> dict[str, Signature]:
    """Return the signature of each constraint, by name, in the order of the formulation.

    A row is divided by its coefficient of largest size, with the sign that makes the first one positive.
    """
    found: dict[str, set[tuple[object, ...]]] = {}
    row = 0
    for family in compiled.families:
        rows = found.setdefault(family.name, set())
        for number in range(row, row + family.size):
            signature = _row_signature(compiled.model, number)
            if signature is not None:
                rows.add(signature)
        row += family.size
    return {name: frozenset(rows) for name, rows in found.items()}


def objective_signature(compiled: CompiledFormulation) -> Signature:
    """Return the signature of the objective; it depends on sense and scale, since both decide the optimum."""
    model = compiled.model
    columns = np.flatnonzero(model.objective)
    terms: _Terms = {(int(column),): float(model.objective[column]) for column in columns}
    quadratic = model.quadratic_objective
    if quadratic is not None:
        terms |= _products(quadratic.first, quadratic.second, quadratic.coefficient)
    constant = _rounded(model.objective_constant)
    return frozenset([("sense", model.sense), ("constant", constant), *_scaled(terms, 1.0)])


_Terms = dict[tuple[int, ...], float]
"""Coefficients by column, or by pair of columns in order; none of them is 0."""


def _row_signature(model: Model, row: int) -> tuple[object, ...] | None:
    """Return the signature of a row; `None` when it repeats a bound of a column or demands nothing."""
    terms = _terms_of_row(model, row)
    lower, upper = float(model.row_lower[row]), float(model.row_upper[row])
    if not terms:
        return None if lower <= 0 <= upper else ("false",)
    scale = max(map(abs, terms.values()))
    if terms[min(terms)] < 0:
        scale, lower, upper = -scale, upper, lower
    lower, upper = lower / scale, upper / scale
    if len(terms) == 1:
        (columns,) = terms
        if len(columns) == 1 and _is_bound(model, columns[0], lower, upper):
            return None
    return ("row", _scaled(terms, scale), _rounded(lower), _rounded(upper))


def _terms_of_row(model: Model, row: int) -> _Terms:
    entries = slice(int(model.row_starts[row]), int(model.row_starts[row + 1]))
    columns, values = model.row_columns[entries].tolist(), model.row_values[entries].tolist()
    terms: _Terms = {(column,): value for column, value in zip(columns, values, strict=True) if value}
    quadratic = model.quadratic_rows
    if quadratic is not None:
        here = quadratic.row == row
        terms |= _products(quadratic.first[here], quadratic.second[here], quadratic.coefficient[here])
    return terms


def _products(first: NDArray[np.integer], second: NDArray[np.integer], coefficients: FloatArray) -> _Terms:
    """Add the coefficients of products up by pair of columns."""
    terms: _Terms = {}
    for i, j, coefficient in zip(first.tolist(), second.tolist(), coefficients.tolist(), strict=True):
        pair = (min(i, j), max(i, j))
        terms[pair] = terms.get(pair, 0.0) + coefficient
    return {pair: coefficient for pair, coefficient in terms.items() if coefficient}


def _is_bound(model: Model, column: int, lower: float, upper: float) -> bool:
    return lower <= float(model.column_lower[column]) and upper >= float(model.column_upper[column])


def _scaled(terms: _Terms, scale: float) -> tuple[tuple[tuple[int, ...], float], ...]:
    return tuple((columns, _rounded(terms[columns] / scale)) for columns in sorted(terms))


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}") + 0.0
