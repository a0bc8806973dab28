"""Models that tell what a solver leaves open: whether a model is infeasible or unbounded, and where it runs away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.model import Model


def without_objective(model: Model) -> Model:
    """Return the model with an objective of 0: it is infeasible where the model is, and never unbounded."""
    return replace(model, objective=np.zeros(model.n_columns), objective_constant=0.0, quadratic_objective=None)


def improving_directions(model: Model) -> Model:
    """Return the model whose optimum is the direction of steepest improvement of an unbounded linear model.

    Its points are the directions that leave all rows and bounds satisfied for ever: every finite side is moved to 0,
    every column is kept within -1 and 1. For an integer model they are those of the relaxation.
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
