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
    linear = [("linear", int(c), _rounded(float(model.objective[c]))) for c in columns]
    terms = model.quadratic_objective
    quadratic = _quadratic(terms.first, terms.second, terms.coefficient, 1.0) if terms is not None else ()
    return frozenset([("sense", model.sense), ("constant", _rounded(model.objective_constant)), *linear, *quadratic])


def _row_signature(model: Model, row: int) -> tuple[object, ...] | None:
    """Return the signature of a row; `None` when it repeats a bound of a column or demands nothing."""
    entries = slice(int(model.row_starts[row]), int(model.row_starts[row + 1]))
    columns, values = model.row_columns[entries], model.row_values[entries]
    lower, upper = float(model.row_lower[row]), float(model.row_upper[row])
    quadratic = model.quadratic_rows
    here = quadratic.row == row if quadratic is not None else np.zeros(0, np.bool_)
    if quadratic is not None and here.any():
        scale = float(np.abs(quadratic.coefficient[here]).max())
        products = _quadratic(quadratic.first[here], quadratic.second[here], quadratic.coefficient[here], scale)
    elif not len(columns):
        return None if lower <= 0 <= upper else ("false",)
    else:
        scale, products = float(np.abs(values).max()), ()
        if values[np.argmin(columns)] < 0:
            scale = -scale
    if scale < 0:
        lower, upper = upper, lower
    lower, upper = lower / scale, upper / scale
    if not products and len(columns) == 1 and _is_bound(model, int(columns[0]), lower, upper):
        return None
    linear = sorted((int(c), _rounded(float(v) / scale)) for c, v in zip(columns, values, strict=True))
    return ("row", tuple(linear), products, _rounded(lower), _rounded(upper))


def _is_bound(model: Model, column: int, lower: float, upper: float) -> bool:
    return lower <= float(model.column_lower[column]) and upper >= float(model.column_upper[column])


def _quadratic(
    first: NDArray[np.integer], second: NDArray[np.integer], coefficients: FloatArray, scale: float
) -> tuple[tuple[object, ...], ...]:
    return tuple(
        sorted(
            ("product", int(min(i, j)), int(max(i, j)), _rounded(float(c) / scale))
            for i, j, c in zip(first, second, coefficients, strict=True)
        )
    )


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}") + 0.0
