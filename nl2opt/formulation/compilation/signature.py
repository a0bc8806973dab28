"""What objective and constraints demand, in a form that does not depend on how they were written.

Two constraints with equal signatures admit the same points: `tables <= 0.4 * (chairs + tables)` and
`0.6 * tables - 0.4 * chairs <= 0` have one signature. Formulations can be compared when they have the same
variables, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.compilation.column_keys import ColumnKeys
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.elements import FloatArray
from solvers import AffineColumns, Circuit, Model

_DIGITS: Final = 9
"""Significant digits that must agree: scaling a row costs the last few of sixteen."""

Signature = frozenset[tuple[object, ...]]
"""The distinct rows of a constraint; empty when the bounds of the variables demand as much already."""


def constraint_signatures(compiled: CompiledFormulation) -> dict[str, Signature]:
    """Return the signature of each constraint, by name, in the order of the formulation.

    A row is divided by its coefficient of largest size, with the sign that makes the first one positive.
    """
    found: dict[str, set[tuple[object, ...]]] = {}
    keys = ColumnKeys.of(compiled)
    row = 0
    for family in compiled.families:
        rows = found.setdefault(family.name, set())
        for number in range(row, row + family.size):
            signature = _row_signature(compiled, keys, number)
            if signature is not None:
                rows.add(signature)
        row += family.size
    for name, demand in _beside_rows(compiled, keys):
        found.setdefault(name, set()).add(demand)
    return {name: frozenset(rows) for name, rows in found.items()}


def _beside_rows(compiled: CompiledFormulation, keys: ColumnKeys) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield what constraints demand beside rows, with their names: global constraints, and cones."""
    model = compiled.model
    for constraint in model.global_constraints:
        columns: list[list[object]] = [list(_affine_keys(terms, keys)) for terms in constraint.terms()]
        if isinstance(constraint, Circuit):
            columns += [constraint.tail.tolist(), constraint.head.tolist()]
        alone = [column for column in columns if len(column) != len(columns[0])]
        members = sorted(zip(*(column for column in columns if len(column) == len(columns[0])), strict=True), key=repr)
        yield constraint.name.partition("[")[0], (type(constraint).__name__, tuple(members), repr(alone))
    cones = model.cones
    names = [demand.name for demand in compiled.context.constructs.cones for _ in demand.head]
    for place, name in enumerate(names):
        assert cones is not None
        head, *others = (keys.of_column(column) for column in cones.members(place).tolist())
        yield name, ("cone", head, tuple(sorted(others)))


def _affine_keys(terms: AffineColumns, keys: ColumnKeys) -> Iterator[tuple[int, float, float]]:
    numbers = (terms.column.tolist(), terms.coefficient.tolist(), terms.offset.tolist())
    for column, coefficient, offset in zip(*numbers, strict=True):
        yield keys.of_column(column), _rounded(coefficient), _rounded(offset)


def objective_signature(compiled: CompiledFormulation) -> Signature:
    """Return the signature of the objective; it depends on sense and scale, since both decide the optimum."""
    keys = ColumnKeys.of(compiled)
    if len(compiled.stages) <= 1:
        return frozenset(_objective_signature(compiled.model, keys))
    found: set[tuple[object, ...]] = set()
    for number, stage in enumerate(compiled.stages):
        tolerance = None if stage is compiled.stages[-1] else stage.tolerance  # nothing uses that of the last one
        terms = sorted(map(repr, _objective_signature(stage.applied_to(compiled.model), keys)))
        found.add((number, tolerance, *terms))
    return frozenset(found)


def _objective_signature(model: Model, keys: ColumnKeys) -> list[tuple[object, ...]]:
    columns = np.flatnonzero(model.objective)
    terms: _Terms = {(keys.of_column(int(column)),): float(model.objective[column]) for column in columns}
    quadratic = model.quadratic_objective
    if quadratic is not None:
        terms |= _products(keys, quadratic.first, quadratic.second, quadratic.coefficient)
    if model.nonlinear is not None and model.nonlinear.objective_root is not None:
        terms |= keys.summands(model.nonlinear.objective_root)
    constant = _rounded(model.objective_constant)
    return [("sense", model.sense), ("constant", constant), *_scaled(terms, 1.0)]


_Terms = dict[tuple[int, ...], float]
"""Coefficients by the key of a column, or by a pair of keys in order; none of them is 0."""


def _row_signature(compiled: CompiledFormulation, keys: ColumnKeys, row: int) -> tuple[object, ...] | None:
    """Return the signature of a row; `None` when it repeats a bound of a column or demands nothing."""
    model = compiled.model
    terms = _terms_of_row(model, keys, row)
    condition = _condition(model, keys, row)
    lower, upper = float(model.row_lower[row]), float(model.row_upper[row])
    if not terms:
        return None if lower <= 0 <= upper else ("false", *condition)
    scale = max(map(abs, terms.values()))
    if terms[min(terms)] < 0:
        scale, lower, upper = -scale, upper, lower
    lower, upper = lower / scale, upper / scale
    if len(terms) == 1:
        (columns,) = terms
        is_declared = len(columns) == 1 and columns[0] < compiled.n_declared
        if is_declared and not condition and _is_bound(model, columns[0], lower, upper):
            return None
    return ("row", _scaled(terms, scale), _rounded(lower), _rounded(upper), *condition)


def _condition(model: Model, keys: ColumnKeys, row: int) -> tuple[object, ...]:
    """Return when a row is demanded; empty for always."""
    if model.indicators is None:
        return ()
    here = np.flatnonzero(model.indicators.row == row)
    return tuple((keys.of_column(int(model.indicators.column[k])), int(model.indicators.value[k])) for k in here)


def _terms_of_row(model: Model, keys: ColumnKeys, row: int) -> _Terms:
    entries = slice(int(model.row_starts[row]), int(model.row_starts[row + 1]))
    columns, values = model.row_columns[entries].tolist(), model.row_values[entries].tolist()
    terms: _Terms = {(keys.of_column(column),): value for column, value in zip(columns, values, strict=True) if value}
    quadratic = model.quadratic_rows
    if quadratic is not None:
        here = quadratic.row == row
        terms |= _products(keys, quadratic.first[here], quadratic.second[here], quadratic.coefficient[here])
    nonlinear = model.nonlinear
    if nonlinear is not None:
        for root in nonlinear.root[nonlinear.row == row].tolist():
            terms |= keys.summands(root)
    return terms


def _products(
    keys: ColumnKeys, first: NDArray[np.integer], second: NDArray[np.integer], coefficients: FloatArray
) -> _Terms:
    """Add the coefficients of products up by pair of columns."""
    terms: _Terms = {}
    for i, j, coefficient in zip(first.tolist(), second.tolist(), coefficients.tolist(), strict=True):
        a, b = keys.of_column(i), keys.of_column(j)
        pair = (min(a, b), max(a, b))
        terms[pair] = terms.get(pair, 0.0) + coefficient
    return {pair: coefficient for pair, coefficient in terms.items() if coefficient}


def _is_bound(model: Model, column: int, lower: float, upper: float) -> bool:
    return lower <= float(model.column_lower[column]) and upper >= float(model.column_upper[column])


def _scaled(terms: _Terms, scale: float) -> tuple[tuple[tuple[int, ...], float], ...]:
    return tuple((columns, _rounded(terms[columns] / scale)) for columns in sorted(terms))


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}") + 0.0
