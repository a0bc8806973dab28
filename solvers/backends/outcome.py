"""From what a solver says to a solution that can be believed: the same way for every back end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from solvers.check import check_point
from solvers.model import FloatArray, Kind, Model
from solvers.options import SolveOptions
from solvers.solution import OPTIMALITY_GAP, Solution, Termination

MESSAGES: Final = {
    Termination.OPTIMAL: "A proven optimum was found.",
    Termination.LOCALLY_OPTIMAL: "A local optimum was found; a better one may exist.",
    Termination.INFEASIBLE: "No values satisfy all constraints at once.",
    Termination.UNBOUNDED: "The objective can improve without end: a limit is missing.",
    Termination.INFEASIBLE_OR_UNBOUNDED: "The model is infeasible or unbounded; the solver could not tell which.",
    Termination.LIMIT: "The time limit was reached before an optimum was proven.",
    Termination.INTERRUPTED: "The solver was interrupted before an optimum was proven.",
    Termination.ERROR: "The solver failed.",
}
_CLAIMS_POINT: Final = {Termination.OPTIMAL: "an optimum", Termination.LOCALLY_OPTIMAL: "a local optimum"}
_MAY_HAVE_POINT: Final = frozenset({*_CLAIMS_POINT, Termination.LIMIT, Termination.INTERRUPTED})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """What a solver says, before any of it is believed.

    Attributes:
        termination: why it stopped, in our words.
        raw_status: the solver's own words.
        values: float64 (n,), its point, or more columns than the model has; `None` when it has none.
        bound: what no point can be better than; `None` when not known.
        row_dual, reduced_cost: as in `Solution`; `None` when the solver has none.
        ray: as in `Solution`; `None` when the solver has none.
        message: replaces the usual sentence; empty for that.
        proves_gap: whether "optimal" is the solver's own promise, for solvers that know no bound but prove their
            optimum by the duals of a convex model.
    """

    termination: Termination
    raw_status: str
    values: FloatArray | None = None
    bound: float | None = None
    row_dual: FloatArray | None = None
    reduced_cost: FloatArray | None = None
    ray: FloatArray | None = None
    message: str = ""
    proves_gap: bool = False


def believed(model: Model, report: Report, *, options: SolveOptions, solver: str, seconds: float) -> Solution:
    """Re-check what a solver says, and return what is left of it.

    Integer columns are rounded. A point that violates the model by our own arithmetic is dropped; an optimum without
    its point, a local one too, is an error, one whose objective is not within `OPTIMALITY_GAP` of the bound a limit.

    Args:
        model: what was solved.
        report: what the solver says.
        options: what it was asked for.
        solver: name and version.
        seconds: wall clock.
    """
    message = report.message or MESSAGES[report.termination]
    bare = Solution(
        termination=report.termination, ray=report.ray, seconds=seconds, solver=solver, raw_status=report.raw_status,
        message=message,
    )  # fmt: skip
    if report.termination not in _MAY_HAVE_POINT:
        return bare
    point = None if report.values is None else whole_columns(model, report.values[: model.n_columns])
    check = None if point is None else check_point(model, point)
    if point is None or check is None or not check.accepted:
        if report.termination in _CLAIMS_POINT:
            claim = _CLAIMS_POINT[report.termination]
            refused = f"The solver reported {claim}, but its point violates the model by our own check."
            return replace(bare, termination=Termination.ERROR, message=refused)
        return replace(bare, bound=report.bound)
    objective = model.objective_value(point)
    is_optimal = report.termination is Termination.OPTIMAL
    bound = objective if is_optimal and report.proves_gap else report.bound
    gap = relative_gap(objective, bound)
    termination = report.termination
    if is_optimal and (gap is None or gap > OPTIMALITY_GAP):
        termination = Termination.LIMIT
        message = "The gap that was asked for was reached; no optimum was proven."
        if options.relative_gap <= OPTIMALITY_GAP:
            message = "The re-checked point is worse than the solver's bound; no optimum was proven."
    is_optimal = termination is Termination.OPTIMAL
    return replace(
        bare, termination=termination, message=message, values=point, objective=objective, bound=bound, gap=gap,
        row_activity=model.activity(point), max_violation=check.max_violation,
        row_dual=report.row_dual if is_optimal else None, reduced_cost=report.reduced_cost if is_optimal else None,
    )  # fmt: skip


def settled(model: Model, *, solver: str, seconds: float) -> Solution | None:
    """Return the solution of a model that needs no solver: bounds that cross, or no columns; `None` for others.

    Solvers refuse such models in different ways.
    """
    if bounds_cross(model):
        report = Report(termination=Termination.INFEASIBLE, raw_status="bounds cross")
    elif not model.n_columns:
        is_feasible = check_point(model, np.empty(0)).accepted
        termination = Termination.OPTIMAL if is_feasible else Termination.INFEASIBLE
        report = Report(termination=termination, raw_status="no columns", values=np.empty(0), proves_gap=True)
    else:
        return None
    return believed(model, report, options=SolveOptions(), solver=solver, seconds=seconds)


def bounds_cross(model: Model) -> bool:
    """Whether a column or a row that always holds asks for a lower side above its upper one, or for infinity."""
    rows = (model.row_lower > model.row_upper) | (model.row_lower == np.inf) | (model.row_upper == -np.inf)
    if model.indicators is not None:
        rows[model.indicators.row] = False
    return bool(np.any(model.column_lower > model.column_upper) or np.any(rows))


def whole_columns(model: Model, values: FloatArray) -> FloatArray:
    """Return a point (n,) with its integer columns rounded."""
    return np.where(model.column_kind != Kind.CONTINUOUS, np.round(values), values) + 0.0


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """Return |objective - bound| / max(1, |objective|); `None` when either is not known."""
    if objective is None or bound is None or not np.isfinite(objective) or not np.isfinite(bound):
        return None
    return abs(objective - bound) / max(1.0, abs(objective))


def finite(number: float) -> float | None:
    """Return a number; `None` where a solver's infinity stands for not known."""
    return float(number) if np.isfinite(number) and abs(number) < 1e20 else None
