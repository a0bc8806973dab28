"""A model as Ipopt takes it: functions of a vector of columns, written with CasADi."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

import numpy as np

from solvers.model import FloatArray, Model, Sense
from solvers.nonlinear import NonlinearTerms, Operator

_TIP: Final = 1e-9
"""Added to the head of a cone where it divides, so that it may be 0."""
_EQUATION_GAP: Final = 1e-9
_BOXED: Final = 1e6
"""Up to this width a column starts in the middle of its bounds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NonlinearProgram:
    """Minimise `f` over `lower <= g <= upper`, where g are the rows of the model and then its cones, all scaled.

    Attributes:
        functions: x, f and g by these names, expressions of CasADi.
        lower, upper: float64 (m + number of cones,).
        row_scale: float64 (m,), what the multiplier of each row is multiplied by to be that of the model.
        size: what x is multiplied by to be the columns of the model.
    """

    functions: dict[str, Any]
    lower: FloatArray
    upper: FloatArray
    row_scale: FloatArray
    size: float

    def sides(self, n_free: int) -> tuple[FloatArray, FloatArray]:
        """Return lower and upper sides as Ipopt takes them, which refuses more equations than free columns.

        Where there are more, they are written as two sides a little apart; the point is re-checked anyway.
        """
        equal = self.lower == self.upper
        if equal.sum() <= n_free:
            return self.lower, self.upper
        gap = np.where(equal, _EQUATION_GAP * np.maximum(1.0, np.abs(self.upper)), 0.0)
        return self.lower - gap, self.upper + gap


def program_of(model: Model, size: float) -> NonlinearProgram:
    """Write a model with continuous columns as functions.

    The linear part of all rows is one sparse matrix times the columns. A cone is `|x|^2 / head <= head` with a
    head of at least 0, which has a gradient at its tip (Boyd and Vandenberghe, Convex Optimization, section 3.1.5).
    Linear rows are divided by their largest coefficient, columns, sides and objective by `size`.

    Args:
        model: its cones have heads with a lower bound of at least 0, see `with_heads_above_zero`.
        size: of the numbers in it; 1 where these are not large.
    """
    import casadi

    scaled = casadi.SX.sym("x", model.n_columns)
    x = size * scaled
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    objective = casadi.dot(casadi.DM(model.objective), x)
    rows = _matrix(model.entry_rows(), model.row_columns, model.row_values, model.n_rows, model.n_columns) @ x
    if model.quadratic_objective is not None:
        terms = model.quadratic_objective
        objective += casadi.dot(casadi.DM(terms.coefficient), _products(x, terms.first, terms.second))
    if model.quadratic_rows is not None:
        products = _products(x, model.quadratic_rows.first, model.quadratic_rows.second)
        count = len(model.quadratic_rows.row)
        rows += (
            _matrix(model.quadratic_rows.row, np.arange(count), model.quadratic_rows.coefficient, model.n_rows, count)
            @ products
        )
    if model.nonlinear is not None:
        added, rows_added = _functions(model.nonlinear, x, model.n_rows)
        objective += added
        rows += rows_added
    row_scale = _row_scale(model)
    rows = casadi.DM(row_scale / size) * rows
    lower, upper = model.row_lower * row_scale / size, model.row_upper * row_scale / size
    if model.cones is not None:
        rows = casadi.vertcat(rows, _cones(model, x) / size)
        lower = np.append(lower, np.zeros(model.cones.n_cones))
        upper = np.append(upper, np.full(model.cones.n_cones, np.inf))
    functions = {"x": scaled, "f": sign * objective / size, "g": casadi.densify(rows)}
    return NonlinearProgram(functions=functions, lower=lower, upper=upper, row_scale=row_scale, size=size)


def with_heads_above_zero(model: Model) -> Model:
    """Return a model that says of the first column of each cone that it is at least 0, which the cone demands."""
    if model.cones is None:
        return model
    heads = model.cones.columns[model.cones.starts[:-1]]
    lower = model.column_lower.copy()
    lower[heads] = np.maximum(lower[heads], 0.0)
    return replace(model, column_lower=lower)


def starts(model: Model, seed: int) -> list[FloatArray]:
    """Return points from which to begin, the best guess first.

    The middle of a box, or where there is none 0 moved into the bounds; then 0 and 1 moved into the bounds, and some
    drawn at random, for functions that are not defined at the first ones.
    """
    lower, upper = model.column_lower, model.column_upper
    zero = np.clip(0.0, lower, upper)
    is_box = upper - lower <= _BOXED
    middle = zero.copy()
    middle[is_box] = (lower[is_box] + upper[is_box]) / 2
    random = np.random.default_rng(seed)
    drawn = [np.clip(random.uniform(-scale, scale, len(lower)), lower, upper) for scale in (1.0, 3.0, 10.0)]
    return [middle, zero, np.clip(1.0, lower, upper), *drawn]


def first_defined(model: Model, points: Sequence[FloatArray]) -> FloatArray:
    """Return the first point where all functions of a model are defined; the first of all where none is."""
    terms = model.nonlinear
    if terms is None:
        return points[0]
    return next((point for point in points if np.isfinite(terms.values(point)).all()), points[0])


def _functions(terms: NonlinearTerms, x: Any, n_rows: int) -> tuple[Any, Any]:
    """Return what nonlinear terms add to the objective and to the rows."""
    import casadi

    nodes = terms.translate(
        constant=casadi.SX, column=lambda column: x[column], function=lambda *node: _applied(casadi, *node)
    )
    added = casadi.SX(0.0) if terms.objective_root is None else nodes[terms.objective_root]
    count = len(terms.row)
    roots = casadi.vertcat(*(nodes[root] for root in terms.root.tolist())) if count else casadi.SX(0, 1)
    return added, _matrix(terms.row, np.arange(count), np.ones(count), n_rows, count) @ roots


def _row_scale(model: Model) -> FloatArray:
    """Return for each row (m,) 1 / its largest coefficient; 1 for rows that are not linear."""
    largest = np.zeros(model.n_rows)
    np.maximum.at(largest, model.entry_rows(), np.abs(model.row_values))
    for terms in (model.quadratic_rows, model.nonlinear):
        if terms is not None:
            largest[terms.row] = 1.0
    return 1.0 / np.where(largest > 0.0, largest, 1.0)


def _matrix(row: Any, column: Any, value: Any, n_rows: int, n_columns: int) -> Any:
    import casadi

    return casadi.DM.triplet(row.tolist(), column.tolist(), casadi.DM(value), n_rows, n_columns)


def _products(x: Any, first: Any, second: Any) -> Any:
    return x[first.tolist(), 0] * x[second.tolist(), 0]


def _cones(model: Model, x: Any) -> Any:
    """Return for each cone by how much the head exceeds the square of the norm divided by it."""
    cones = model.cones
    assert cones is not None
    heads = cones.starts[:-1]
    tails = np.delete(np.arange(len(cones.columns)), heads)
    owner = np.repeat(np.arange(cones.n_cones), np.diff(cones.starts))[tails]
    squares = x[cones.columns[tails].tolist(), 0] ** 2
    count = len(tails)
    total = _matrix(owner, np.arange(count), np.ones(count), cones.n_cones, count) @ squares
    head = x[cones.columns[heads].tolist(), 0]
    return head - total / (head + _TIP)


def _applied(casadi: Any, kind: Operator, added: float, weights: Sequence[float], operands: Sequence[Any]) -> Any:
    if kind is Operator.SUM:
        return reduce(lambda total, term: total + term, (w * o for w, o in zip(weights, operands, strict=True)), added)
    if kind is Operator.PRODUCT:
        return math.prod(operands, start=casadi.SX(1.0))
    if kind is Operator.QUOTIENT:
        return operands[0] / operands[1]
    if kind is Operator.POWER:
        return operands[0] ** operands[1]
    functions = {
        Operator.EXP: casadi.exp, Operator.LOG: casadi.log, Operator.SQRT: casadi.sqrt,
        Operator.SIN: casadi.sin, Operator.COS: casadi.cos,
    }  # fmt: skip
    return functions[kind](operands[0])
