"""Re-checks points by our own arithmetic: no solver's word is taken for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.model import FloatArray, Kind, Model

DEFAULT_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class PointCheck:
    """How well a point satisfies a model.

    Violations are relative to the size of what is compared (see `check_point`), 0 when satisfied.

    Attributes:
        row_violation: the largest violation of a row.
        bound_violation: the largest violation of a column's bounds.
        integrality_violation: the largest distance of an integer column from a whole number.
        construct_violation: the largest violation of a cone or a global constraint.
        worst_row: the row with the largest violation; `None` when there are no rows.
        worst_column: the column with the largest violation of bounds or integrality; `None` without columns.
        tolerance: up to which violations are accepted.
    """

    row_violation: float
    bound_violation: float
    integrality_violation: float
    construct_violation: float = 0.0
    worst_row: int | None
    worst_column: int | None
    tolerance: float

    @property
    def max_violation(self) -> float:
        """The largest of the violations."""
        violations = (self.row_violation, self.bound_violation, self.integrality_violation, self.construct_violation)
        return max(violations)

    @property
    def accepted(self) -> bool:
        """Whether the point counts as feasible."""
        return bool(self.max_violation <= self.tolerance)


def check_point(model: Model, values: FloatArray, *, tolerance: float = DEFAULT_TOLERANCE) -> PointCheck:
    """Compare a point with every row, bound, integrality demand and construct of a model.

    A violation of a row is divided by max(1, |side|, largest |term| of the row): with terms of 1e9 the
    sixteenth digit of floating-point arithmetic alone is 1e-7, so an absolute tolerance would refuse
    correct points; a bound's violation is divided by max(1, |bound|). Not-a-number and infinity violate
    everything; so does a point at which a function of the objective is not defined.

    Args:
        model: the model.
        values: float64 (n,), the point.
        tolerance: up to which violations are accepted.

    Raises:
        ValueError: the point has not one value for each column.
    """
    if values.shape != (model.n_columns,):
        raise ValueError(f"a point of the shape {values.shape} does not fit a model with {model.n_columns} columns")
    if not np.isfinite(values).all() or not _has_objective(model, values):
        return PointCheck(
            row_violation=np.inf, bound_violation=np.inf, integrality_violation=np.inf,
            worst_row=None, worst_column=None, tolerance=tolerance,
        )  # fmt: skip
    rows = _row_violations(model, values)
    bounds = np.maximum(
        _excess(model.column_lower - values, model.column_lower, np.ones(1)),
        _excess(values - model.column_upper, model.column_upper, np.ones(1)),
    )
    whole = model.column_kind != Kind.CONTINUOUS
    fractions = np.where(whole, np.abs(values - np.round(values)), 0.0)
    columns = np.maximum(bounds, fractions)
    return PointCheck(
        row_violation=float(rows.max(initial=0.0)),
        bound_violation=float(bounds.max(initial=0.0)),
        integrality_violation=float(fractions.max(initial=0.0)),
        construct_violation=_construct_violation(model, values),
        worst_row=int(rows.argmax()) if len(rows) else None,
        worst_column=int(columns.argmax()) if len(columns) else None,
        tolerance=tolerance,
    )


def _has_objective(model: Model, values: FloatArray) -> bool:
    """Whether the objective's functions are defined at a point."""
    return model.nonlinear is None or bool(np.isfinite(model.nonlinear.objective_value(values)))


def _excess(amount: FloatArray, side: FloatArray, terms: FloatArray) -> FloatArray:
    """Return by how much a side is exceeded, relative to max(side, terms); 0 where there is no side."""
    finite = np.isfinite(side)
    with np.errstate(invalid="ignore"):
        relative = np.maximum(amount, 0.0) / np.maximum(terms, np.abs(side))
    excess = np.where(finite, relative, np.where(amount == np.inf, np.inf, 0.0))
    # Overflow leaves infinity over infinity, or the sum of both infinities: nothing is known to be satisfied.
    return np.where(np.isnan(amount) | np.isnan(excess), np.inf, excess)


def _row_violations(model: Model, values: FloatArray) -> FloatArray:
    """Return the violation of each row (m,), relative to the row's scale."""
    if not model.n_rows:
        return np.empty(0)
    with np.errstate(over="ignore", invalid="ignore"):
        activity = model.activity(values)
        largest = np.ones(model.n_rows)
        np.maximum.at(largest, model.entry_rows(), np.abs(model.row_values * values[model.row_columns]))
        if model.quadratic_rows is not None:
            np.maximum.at(largest, model.quadratic_rows.row, np.abs(model.quadratic_rows.value(values)))
        if model.nonlinear is not None:
            sizes = model.nonlinear.row_sizes(values)
            np.maximum.at(largest, model.nonlinear.row, np.where(np.isfinite(sizes), sizes, 1.0))
        above, below = activity - model.row_upper, model.row_lower - activity
    violations = np.maximum(_excess(below, model.row_lower, largest), _excess(above, model.row_upper, largest))
    if model.indicators is not None:
        violations = np.where(model.indicators.demanded(values, model.n_rows), violations, 0.0)
    return violations


def _construct_violation(model: Model, values: FloatArray) -> float:
    """Return the largest violation of a cone or a global constraint."""
    cones = 0.0 if model.cones is None else float(model.cones.violations(values).max(initial=0.0))
    return max(cones, max((constraint.violation(values) for constraint in model.global_constraints), default=0.0))
