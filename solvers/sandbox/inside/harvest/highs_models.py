"""Reads models of highspy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from solvers.sandbox.inside.harvest.flat import FlatModel, FlatRow, NoFileError, bound
from solvers.sandbox.inside.harvest.names import names_in
from solvers.sandbox.inside.harvest.records import Record, Records

_STATUSES: Final = {
    "kOptimal": "optimal", "kInfeasible": "infeasible", "kUnbounded": "unbounded", "kNotset": "not_solved",
    "kUnboundedOrInfeasible": "infeasible_or_unbounded", "kTimeLimit": "limit", "kIterationLimit": "limit",
    "kSolutionLimit": "limit", "kInterrupt": "limit", "kModelEmpty": "optimal",
}  # fmt: skip


def watch(records: Records) -> None:
    """Remember each model that is made."""
    import highspy

    plain = highspy.Highs.__init__

    def remembered(self: Any, *arguments: Any, **options: Any) -> None:
        plain(self, *arguments, **options)
        records.made("highspy", self)

    highspy.Highs.__init__ = remembered


def settle(record: Record) -> None:
    """Note how the last solve of a model ended, which the model knows itself."""
    record.status = _STATUSES.get(record.model.getModelStatus().name, "unknown")


def told(record: Record, namespace: dict[str, Any]) -> dict[str, Any]:
    """Return what a model says."""
    model = record.model
    flat = _flat(model, namespace)
    content: dict[str, Any] = {
        "library": "highspy",
        "status": record.status,
        "sense": "maximize" if flat.maximize else "minimize",
    }
    if record.status in ("optimal", "limit") and model.getSolution().value_valid:
        content["objective"] = model.getInfo().objective_function_value
        content["values"] = dict(zip(flat.names, list(model.getSolution().col_value), strict=False))
    try:
        content["model"] = flat.report()
    except NoFileError as error:
        content["why_no_model"] = str(error)
    return content


def _flat(model: Any, namespace: dict[str, Any]) -> FlatModel:
    lp = model.getLp()
    n, m = int(lp.num_col_), int(lp.num_row_)
    known = names_in(namespace, "highs_var", lambda variable: int(variable.index))
    given = list(lp.col_names_)
    names = [given[k] if k < len(given) and given[k] else known.get(k, f"x{k}") for k in range(n)]
    kinds = [kind.name for kind in lp.integrality_] or ["kContinuous"] * n
    if any(kind in ("kSemiContinuous", "kSemiInteger") for kind in kinds):
        raise NoFileError("The model has semicontinuous variables.")
    rows: list[dict[int, float]] = [{} for _ in range(m)]
    for row, column, value in _entries(lp):
        rows[row][column] = value
    costs = list(lp.col_cost_)
    return FlatModel(
        maximize=lp.sense_.name == "kMaximize",
        names=names,
        lower=[bound(value, -1) for value in lp.col_lower_],
        upper=[bound(value, 1) for value in lp.col_upper_],
        whole=[kind == "kInteger" for kind in kinds],
        objective={k: float(value) for k, value in enumerate(costs) if value},
        constant=float(lp.offset_),
        products=_products(model),
        rows=[
            FlatRow(row, bound(lower, -1), bound(upper, 1))
            for row, lower, upper in zip(rows, lp.row_lower_, lp.row_upper_, strict=True)
        ],
    )


def _entries(lp: Any) -> Iterator[tuple[int, int, float]]:
    matrix = lp.a_matrix_
    is_by_column = matrix.format_.name == "kColwise"
    starts, indices, values = list(matrix.start_), list(matrix.index_), list(matrix.value_)
    for major in range(len(starts) - 1):
        for place in range(starts[major], starts[major + 1]):
            pair = (indices[place], major) if is_by_column else (major, indices[place])
            yield pair[0], pair[1], float(values[place])


def _products(model: Any) -> dict[tuple[int, int], float]:
    """Return the products of the objective, of which HiGHS holds half of twice the matrix."""
    hessian = model.getModel().hessian_
    starts, indices, values = list(hessian.start_), list(hessian.index_), list(hessian.value_)
    is_triangle = hessian.format_.name == "kTriangular"
    products: dict[tuple[int, int], float] = {}
    for column in range(int(hessian.dim_)):
        for place in range(starts[column], starts[column + 1]):
            row, value = indices[place], float(values[place])
            pair = (min(row, column), max(row, column))
            share = 0.5 if row == column or not is_triangle else 1.0
            products[pair] = products.get(pair, 0.0) + share * value
    return {pair: value for pair, value in products.items() if value and math.isfinite(value)}
