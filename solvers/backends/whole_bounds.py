"""Bounds of integer columns as whole numbers, which every solver reads the same way."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from solvers.model import Kind, Model

_WHOLE_TOLERANCE: Final = 1e-9


def with_whole_bounds(model: Model) -> Model:
    """Round the bounds of integer columns inwards; HiGHS bounds its optimum with them as they are.

    A bound that misses a whole number by 1e-9 or less means that number.
    """
    whole = model.column_kind != Kind.CONTINUOUS
    if not whole.any():
        return model
    lower = np.where(whole, np.ceil(model.column_lower - _WHOLE_TOLERANCE), model.column_lower)
    upper = np.where(whole, np.floor(model.column_upper + _WHOLE_TOLERANCE), model.column_upper)
    return replace(model, column_lower=lower, column_upper=upper)
