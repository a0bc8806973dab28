"""Tells which formulations CP-SAT takes: those of whole numbers that 64 bits hold, exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from solvers import Kind, Model, UnsupportedModelError
from solvers.backends.whole_model import WholeModel, whole_model
from solvers.decimals import LARGEST, decimals_of

_MOST_PLACES: Final = 12
"""Digits behind the point; numbers with more of them are quotients or roots rather than decimals."""


def whole_model_of(compiled: CompiledFormulation) -> WholeModel | None:
    """Return the model of a formulation in whole numbers, with the bounds that follow from its rows.

    Columns that stand for maxima and products count as whole, which they are where their arguments are.

    Returns:
        `None` where a variable is not whole or has no bound, a function is smooth, a coefficient is no short decimal
        such as 1 / 3, or numbers get too large.
    """
    model = compiled.model
    if model.nonlinear is not None or np.any(model.column_kind[: compiled.n_declared] == Kind.CONTINUOUS):
        return None
    kind = np.where(model.column_kind == Kind.CONTINUOUS, Kind.INTEGER, model.column_kind)
    try:
        whole = whole_model(replace(model, column_kind=kind))
    except UnsupportedModelError:
        return None
    return whole if _is_short(model, whole) else None


def _is_short(model: Model, whole: WholeModel) -> bool:
    """Whether coefficients are short decimals, and sums of them stay within 64 bits once they are made whole.

    Of 1 / 3 a computer has the first digits only: no three of them are 1, and an equation that takes them to be is
    never met where nothing is rounded.
    """
    row, count = model.entry_rows(), model.n_columns
    power = np.zeros(model.n_rows, np.int64)
    np.maximum.at(power, row, decimals_of(model.row_values).places)
    if np.any(power > _MOST_PLACES):
        return False
    sizes = np.maximum(np.abs(whole.lower[:count]), np.abs(whole.upper[:count])).astype(np.float64)
    terms = np.abs(model.row_values) * 10.0 ** power[row] * sizes[model.row_columns]
    return bool(np.all(np.bincount(row, weights=terms, minlength=model.n_rows) < LARGEST))
