"""Bounds of columns that follow from the rows, for columns that lack one."""

from __future__ import annotations

import numpy as np

from solvers.model import FloatArray, Model
from solvers.reformulation.bounds import tightened_bounds


def implied_bounds(model: Model) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of a model's columns (n,): those that are stated, else what `tightened_bounds` derives."""
    lower, upper = tightened_bounds(model)
    return (
        np.where(np.isinf(model.column_lower), lower, model.column_lower),
        np.where(np.isinf(model.column_upper), upper, model.column_upper),
    )
