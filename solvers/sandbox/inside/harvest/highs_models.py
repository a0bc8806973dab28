"""Reads models of highspy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from solvers.model import Model
from solvers.sandbox.inside.harvest.entries import Entries, infinite
from solvers.sandbox.inside.harvest.found import Found, NoModelError, distinct
from solvers.sandbox.inside.harvest.labels import labels_of
from solvers.sandbox.inside.harvest.memory import Memory, remembers_makers, wrapped

LIBRARY: Final = "highspy"
TRIGGER: Final = "highspy"
_STATUS: Final = {
    "kOptimal": "optimal",
    "kInfeasible": "infeasible",
    "kUnbounded": "unbounded",
    "kUnboundedOrInfeasible": "infeasible_or_unbounded",
    "kNotset": "not_solved",
    "kModelEmpty": "optimal",
    "kTimeLimit": "limit",
    "kIterationLimit": "limit",
    "kSolutionLimit": "limit",
    "kObjectiveBound": "limit",
    "kObjectiveTarget": "limit",
    "kInterrupt": "limit",
    "kHighsInterrupt": "limit",
    "kMemoryLimit": "limit",
}
_SOLVES: Final = ("run", "solve", "optimize", "minimize", "maximize")
_FEASIBLE: Final = 2
_INFINITY: Final = 1e30


def watch(memory: Memory) -> None:
    """Let objects of highspy tell the memory."""
    import highspy

    remembers_makers(memory, LIBRARY, highspy.Highs)

    def solve(former: Callable[..., Any], self: Any, *arguments: Any, **named: Any) -> Any:
        with memory.inside() as is_outermost:
            try:
                return former(self, *arguments, **named)
            finally:
                if is_outermost:
                    memory.solved(LIBRARY, self)

    for name in _SOLVES:
        wrapped(highspy.Highs, name, solve)


def found(highs: Any, detail: Any, namespace: Mapping[str, Any]) -> Found:
    """Read a model."""
    del detail
    lp = highs.getLp()
    labels = labels_of(namespace, _place)
    names = [str(name) for name in lp.col_names_] or [""] * lp.num_col_
    names = distinct([name or labels.get(place, "") for place, name in enumerate(names)], unnamed="x")
    status = _STATUS.get(highs.getModelStatus().name, "unknown")
    result = Found(library=LIBRARY, status=status, sense="maximize" if lp.sense_.name == "kMaximize" else "minimize")
    if highs.getInfo().primal_solution_status == _FEASIBLE:
        point = np.asarray(highs.getSolution().col_value, np.float64).tolist()
        if len(point) == len(names):
            result.values = dict(zip(names, point, strict=True))
            result.objective = float(highs.getInfo().objective_function_value)
        if status == "limit":
            result.status = "feasible"
    try:
        result.model = _flat_model(highs, lp, names)
    except NoModelError as error:
        result.why_no_model = str(error)
    return result


def _place(held: Any) -> int | None:
    return int(held.index) if type(held).__name__ == "highs_var" else None


def _flat_model(highs: Any, lp: Any, names: list[str]) -> Model:
    kinds = [kind.name for kind in lp.integrality_]
    special = [name for name, kind in zip(names, kinds, strict=False) if kind.startswith("kSemi")]
    if special:
        raise NoModelError(f"{special[0]} is semi-continuous, which stands in no file of rows.")
    entries = Entries(names, maximize=lp.sense_.name == "kMaximize", constant=float(lp.offset_))
    entries.bounds(infinite(lp.col_lower_, _INFINITY), infinite(lp.col_upper_, _INFINITY))
    entries.whole(column for column, kind in enumerate(kinds) if kind not in ("kContinuous",))
    costs = np.asarray(lp.col_cost_, np.float64)
    shown = np.flatnonzero(costs).tolist()
    entries.costs(shown, costs[shown].tolist())
    matrix = lp.a_matrix_
    starts = np.asarray(matrix.start_, np.int64)
    inner = np.asarray(matrix.index_, np.int64)
    values = np.asarray(matrix.value_, np.float64)
    outer = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    rows, columns = (inner, outer) if matrix.format_.name == "kColwise" else (outer, inner)
    order = np.lexsort((columns, rows))
    ends = np.searchsorted(rows[order], np.arange(lp.num_row_ + 1)).tolist()
    columns_list, values_list = columns[order].tolist(), values[order].tolist()
    row_names = [str(name) for name in lp.row_names_] or [""] * lp.num_row_
    lower, upper = infinite(lp.row_lower_, _INFINITY), infinite(lp.row_upper_, _INFINITY)
    for row in range(lp.num_row_):
        own = slice(ends[row], ends[row + 1])
        entries.row(columns_list[own], values_list[own], lower[row], upper[row], row_names[row])
    hessian = highs.getModel().hessian_
    if hessian.dim_:
        starts = np.asarray(hessian.start_, np.int64)
        second = np.repeat(np.arange(len(starts) - 1), np.diff(starts)).tolist()
        square = hessian.format_.name == "kSquare"
        for first, other, value in zip(hessian.index_, second, hessian.value_, strict=True):
            entries.product(-1, int(first), other, value / 2.0 if first == other or square else value)
    return entries.model()
