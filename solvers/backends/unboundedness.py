"""The models that tell why a solver found no optimum: infeasible or unbounded, and in which direction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.model import Model


def without_objective(model: Model) -> Model:
    """Return a model that any feasible point solves: where it has one, the model itself is not infeasible."""
    terms = model.nonlinear
    if terms is not None:
        terms = replace(terms, objective_root=None) if len(terms.row) else None
    return replace(
        model,
        objective=np.zeros(model.n_columns),
        objective_constant=0.0,
        quadratic_objective=None,
        nonlinear=terms,
    )


def steepest_ray(model: Model) -> Model:
    """Return the model whose optimum is the steepest improvement that leaves all rows and bounds satisfied for ever.

    Every finite side of a linear model is moved to 0 and every column is kept within -1 and 1. For integer models it
    is a ray of the relaxation.
    """
    return replace(
        model,
        column_kind=np.zeros(model.n_columns, np.uint8),
        column_lower=np.where(np.isfinite(model.column_lower), 0.0, -1.0),
        column_upper=np.where(np.isfinite(model.column_upper), 0.0, 1.0),
        row_lower=np.where(np.isfinite(model.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(model.row_upper), 0.0, np.inf),
        objective_constant=0.0,
    )
