"""Hands models over to HiGHS, and refuses those that it would misread."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np

from solvers.backends.coefficients import refused_coefficient
from solvers.backends.hessian import is_convex, lower_triangle
from solvers.errors import MissingSolverError, SolversError
from solvers.model import Kind, Model, Sense

INSTALL: Final = "highspy~=1.13.1"
_ROW_WISE: Final = 2
_TRIANGULAR: Final = 1
_SMALLEST_COEFFICIENT: Final = 1e-12
"""HiGHS drops the coefficients of rows up to this size; it cannot be told to keep more."""
_LARGEST_COEFFICIENT: Final = 1e15
"""HiGHS refuses coefficients of rows from this size on."""


def refusal_of(model: Model) -> str | None:
    """Return why HiGHS would misread a model, beyond what features tell; `None` where it would not."""
    return _refused_objective(model) or refused_coefficient(
        model, "highs", smallest=_SMALLEST_COEFFICIENT, largest=_LARGEST_COEFFICIENT
    )


def _refused_objective(model: Model) -> str | None:
    if model.quadratic_objective is None:
        return None
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    convex = is_convex(model.quadratic_objective, sign)
    if convex:
        return None
    shape = "convex" if sign > 0 else "concave"
    reason = "this one is not" if convex is False else "this one has too many products to tell"
    return f"highs can only {model.sense} a quadratic objective that is {shape}, and {reason}."


@cache
def core() -> Any:
    """Return the compiled module of highspy, imported when the first model is solved.

    Raises:
        MissingSolverError: it cannot be imported.
    """
    try:
        from highspy import _core as module
    except ImportError as error:
        raise MissingSolverError.of_package("HiGHS", INSTALL, error) from error
    return module


def load(model: Model) -> Any:
    """Hand a linear or quadratic model over to HiGHS, and return the HiGHS object that holds it.

    A quadratic model without entries gets one row more, which says nothing.

    Raises:
        SolversError: HiGHS does not accept it.
    """
    highs = core()._Highs()
    set_option(highs, "log_to_console", False)
    set_option(highs, "output_flag", False)
    # Read when a model is handed over: what is small is dropped, what is large becomes infinite.
    set_option(highs, "small_matrix_value", _SMALLEST_COEFFICIENT)
    set_option(highs, "infinite_bound", math.inf)
    set_option(highs, "infinite_cost", math.inf)
    terms = model.quadratic_objective
    if terms is not None and model.n_columns and not model.row_values.any():
        model = _with_vacuous_row(model)
    empty = np.empty(0, np.int32)
    starts, rows, values = lower_triangle(terms, model.n_columns) if terms is not None else (empty, empty, np.empty(0))
    integrality = np.zeros(model.n_columns, np.int32)
    if model.is_integer:
        integrality[model.column_kind != Kind.CONTINUOUS] = 1
    status = highs.passModel(
        model.n_columns,
        model.n_rows,
        len(model.row_values),
        len(values),
        _ROW_WISE,
        _TRIANGULAR,
        1 if model.sense is Sense.MINIMIZE else -1,
        model.objective_constant,
        model.objective,
        model.column_lower,
        model.column_upper,
        model.row_lower,
        model.row_upper,
        model.row_starts.astype(np.int32, copy=False),
        model.row_columns.astype(np.int32, copy=False),
        model.row_values,
        starts,
        rows,
        values,
        integrality,
    )
    if status == core().HighsStatus.kError:
        raise SolversError("HiGHS does not accept the model.")
    return highs


def _with_vacuous_row(model: Model) -> Model:
    """Add a row that says nothing: without entries the quadratic solver of HiGHS starts wrongly and may stay wrong."""
    return replace(
        model,
        row_starts=np.append(model.row_starts, len(model.row_values) + 1),
        row_columns=np.append(model.row_columns, 0),
        row_values=np.append(model.row_values, 1.0),
        row_lower=np.append(model.row_lower, -np.inf),
        row_upper=np.append(model.row_upper, np.inf),
    )


def set_option(highs: Any, name: str, value: float | str) -> None:
    """Set an option of HiGHS, which would go on with its default where it does not take a value.

    Raises:
        SolversError: it does not take it.
    """
    if highs.setOptionValue(name, value) != core().HighsStatus.kOk:
        raise SolversError(f"HiGHS does not take {value!r} for its option {name}.")
