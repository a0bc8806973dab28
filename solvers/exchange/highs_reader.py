"""Reads a model file with HiGHS: a second opinion on what our writers wrote, never on what people bring."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from solvers.backends.highs_load import core, set_option
from solvers.errors import ExchangeError
from solvers.exchange.flat import added_up
from solvers.model import Kind, Model, QuadraticTerms, Sense

SMALLEST: Final = 1e-12
LARGEST: Final = 1e15
"""HiGHS drops coefficients of rows up to the one size and refuses them from the other on."""


def can_read_back(model: Model) -> bool:
    """Return whether HiGHS is there and reads a file of this model: no quadratic rows, no outlying coefficients."""
    sizes = np.abs(model.row_values)
    terms = model.quadratic_objective
    products = np.abs(terms.coefficient) if terms is not None else np.empty(0)
    return (
        find_spec("highspy") is not None
        and model.quadratic_rows is None
        and model.n_columns > 0
        and bool(np.all((sizes > SMALLEST) & (sizes < LARGEST)))
        and bool(np.all((products > SMALLEST) & (products < LARGEST)))
    )


def read_with_highs(text: str, suffix: str) -> Model:
    """Read the text of a model file.

    Args:
        text: of the file.
        suffix: `.lp` or `.mps`.

    Raises:
        ExchangeError: HiGHS does not read it.
    """
    highs = core()._Highs()
    set_option(highs, "log_to_console", False)
    set_option(highs, "output_flag", False)
    set_option(highs, "small_matrix_value", SMALLEST)
    set_option(highs, "infinite_bound", np.inf)
    set_option(highs, "infinite_cost", np.inf)
    with tempfile.TemporaryDirectory(prefix="nl2opt-") as folder:
        path = Path(folder) / f"model{suffix}"
        path.write_text(text, encoding="ascii")
        if highs.readModel(str(path)) == core().HighsStatus.kError:
            raise ExchangeError("HiGHS does not read the file that was written.")
    return _model_of(highs)


def _model_of(highs: object) -> Model:
    whole = highs.getModel()  # type: ignore[attr-defined]
    lp, hessian = whole.lp_, whole.hessian_
    n, m = lp.num_col_, lp.num_row_
    matrix = lp.a_matrix_
    matrix.ensureColwise() if hasattr(matrix, "ensureColwise") else None
    starts = np.array(matrix.start_, np.int64)
    rows = np.array(matrix.index_, np.int64)
    columns = np.repeat(np.arange(n), np.diff(starts)) if n else np.empty(0, np.int64)
    values = np.array(matrix.value_, np.float64)
    kept = values != 0.0
    rows, columns, values = rows[kept], columns[kept], values[kept]
    order = np.lexsort((columns, rows))
    kinds = np.zeros(n, np.uint8)
    integrality = [int(kind) for kind in lp.integrality_]
    if integrality:
        kinds[np.array(integrality) == 1] = Kind.INTEGER
    column_names, row_names = list(lp.col_names_), list(lp.row_names_)
    return Model(
        sense=Sense.MAXIMIZE if lp.sense_ == core().ObjSense.kMaximize else Sense.MINIMIZE,
        column_lower=np.array(lp.col_lower_, np.float64), column_upper=np.array(lp.col_upper_, np.float64),
        column_kind=kinds, objective=np.array(lp.col_cost_, np.float64), objective_constant=lp.offset_,
        row_starts=np.searchsorted(rows[order], np.arange(m + 1)), row_columns=columns[order],
        row_values=values[order], row_lower=np.array(lp.row_lower_, np.float64),
        row_upper=np.array(lp.row_upper_, np.float64), quadratic_objective=_products_of(hessian, n),
        column_name=column_names.__getitem__, row_name=row_names.__getitem__,
    )  # fmt: skip


def _products_of(hessian: object, n_columns: int) -> QuadraticTerms | None:
    """Return the products of `1/2 x'Qx`, of which HiGHS holds the lower triangle by columns."""
    size = hessian.dim_  # type: ignore[attr-defined]
    if not size:
        return None
    starts = np.array(hessian.start_, np.int64)  # type: ignore[attr-defined]
    second = np.array(hessian.index_, np.int64)  # type: ignore[attr-defined]
    first = np.repeat(np.arange(size), np.diff(starts))
    values = np.array(hessian.value_, np.float64)  # type: ignore[attr-defined]
    coefficient = np.where(first == second, 0.5, 1.0) * values
    return added_up(QuadraticTerms(first=first, second=second, coefficient=coefficient), n_columns)
