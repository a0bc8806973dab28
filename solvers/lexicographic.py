"""Solves a model for several objectives, one after the other: each is optimised while all before it are held.

The lexicographic method (Isermann, Linear lexicographic optimization, OR Spektrum 4, 1982). An objective that was
optimised becomes a row that later stages must satisfy, up to the objective's tolerance.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from solvers.check import check_point
from solvers.events import OnSolverEvent
from solvers.model import FloatArray, Model, QuadraticRows, QuadraticTerms, Sense
from solvers.options import DEFAULT_OPTIONS, SolveOptions
from solvers.solution import Solution, Termination
from solvers.solve import solve

DEFAULT_OBJECTIVE_TOLERANCE: Final = 1e-12
"""By how much, relative to max(1, |optimum|), an objective may be worse than its optimum in later stages: enough for
the rounding of large numbers, and too little to be seen. Solvers add their own feasibility tolerance (1e-7)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectiveStage:
    """An objective over the columns of a model.

    Attributes:
        sense: whether it is made small or large.
        coefficients: float64 (n,), linear coefficients.
        constant: added to it.
        quadratic: quadratic terms; `None` when there are none.
        nonlinear_root: the node of the model's nonlinear terms that is added to it; `None` when there is none.
        tolerance: by how much later stages may make it worse than its optimum, relative to max(1, |optimum|).
        name: for messages; may be empty.
    """

    sense: Sense
    coefficients: FloatArray
    constant: float = 0.0
    quadratic: QuadraticTerms | None = None
    nonlinear_root: int | None = None
    tolerance: float = DEFAULT_OBJECTIVE_TOLERANCE
    name: str = ""

    def applied_to(self, model: Model) -> Model:
        """Return the model with this objective."""
        terms = model.nonlinear
        if terms is not None:
            kept = self.nonlinear_root is not None or len(terms.row)
            terms = replace(terms, objective_root=self.nonlinear_root) if kept else None
        return replace(
            model,
            sense=self.sense,
            objective=self.coefficients,
            objective_constant=self.constant,
            quadratic_objective=self.quadratic,
            nonlinear=terms,
        )

    def value(self, model: Model, x: FloatArray) -> float:
        """Return the objective at a point (n,) of the model that it belongs to."""
        return self.applied_to(model).objective_value(x)


def solve_in_order(
    model: Model,
    stages: Sequence[ObjectiveStage],
    *,
    solver: str = "auto",
    options: SolveOptions = DEFAULT_OPTIONS,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
) -> Solution:
    """Solve a model for several objectives, the most important first.

    Args:
        model: rows and columns; its own objective is not used, its nonlinear terms hold those of all stages.
        stages: the objectives, the most important first; at least one.
        solver: name of a back end, or `auto`.
        options: limits and tolerances; the time limit is that of all stages together.
        on_event: as for `solve`.
        cancel: as for `solve`.

    Returns:
        The solution of the last stage that was solved, re-checked against the model itself. `objective` is that of
        the first stage, `stage_objectives` those of all. Where a stage ends without an optimum, `termination` and
        `message` say so and which one, and the values are the best point so far. Duals are not given, since they
        would be those of the last stage with the earlier ones held.

    Raises:
        ValueError: there is no stage.
        SolversError: as for `solve`, from any stage. Holding a quadratic objective takes a quadratic row.
    """
    if not stages:
        raise ValueError("there must be at least one objective")
    started = time.perf_counter()
    if len(stages) == 1:
        found = solve(
            stages[0].applied_to(model), solver=solver, options=options, on_event=on_event, cancel=cancel
        )  # fmt: skip
        return replace(found, stage_objectives=() if found.objective is None else (found.objective,))
    held, best, solution = model, None, None
    for number, stage in enumerate(stages, start=1):
        left = _time_left(options, started)
        found = solve(stage.applied_to(held), solver=solver, options=left, on_event=on_event, cancel=cancel)
        solution = _without_added_rows(found, model)
        if found.values is not None:
            best = found.values
        if not found.is_optimal:
            break
        assert best is not None
        if number < len(stages):
            held = _holding(held, stage, stage.value(model, best))
    assert solution is not None
    return _summed_up(solution, model, stages, best, number, time.perf_counter() - started)


def _time_left(options: SolveOptions, started: float) -> SolveOptions:
    if options.time_limit_seconds is None:
        return options
    return replace(options, time_limit_seconds=max(0.0, options.time_limit_seconds - time.perf_counter() + started))


def _holding(model: Model, stage: ObjectiveStage, optimum: float) -> Model:
    """Return the model with one row more, which keeps an objective at its optimum."""
    slack = stage.tolerance * max(1.0, abs(optimum))
    side = optimum - stage.constant
    lower, upper = (-np.inf, side + slack) if stage.sense is Sense.MINIMIZE else (side - slack, np.inf)
    columns = np.flatnonzero(stage.coefficients)
    row, name_of_row, terms = model.n_rows, model.name_of_row, model.nonlinear
    if terms is not None and stage.nonlinear_root is not None:
        terms = replace(terms, row=np.append(terms.row, row), root=np.append(terms.root, stage.nonlinear_root))
    return replace(
        model,
        row_starts=np.append(model.row_starts, model.row_starts[-1] + len(columns)),
        row_columns=np.append(model.row_columns, columns.astype(model.row_columns.dtype)),
        row_values=np.append(model.row_values, stage.coefficients[columns]),
        row_lower=np.append(model.row_lower, lower),
        row_upper=np.append(model.row_upper, upper),
        quadratic_rows=_with_quadratic(model.quadratic_rows, stage.quadratic, row),
        nonlinear=terms,
        row_name=lambda number: f"the optimum of {stage.name}" if number == row else name_of_row(number),
    )


def _with_quadratic(rows: QuadraticRows | None, terms: QuadraticTerms | None, row: int) -> QuadraticRows | None:
    if terms is None:
        return rows
    own = QuadraticRows(
        row=np.full(len(terms.coefficient), row, np.int32),
        first=terms.first,
        second=terms.second,
        coefficient=terms.coefficient,
    )
    if rows is None:
        return own
    return QuadraticRows(
        row=np.append(rows.row, own.row),
        first=np.append(rows.first, own.first),
        second=np.append(rows.second, own.second),
        coefficient=np.append(rows.coefficient, own.coefficient),
    )


def _without_added_rows(solution: Solution, model: Model) -> Solution:
    activity = solution.row_activity
    return replace(
        solution,
        row_activity=activity[: model.n_rows] if activity is not None else None,
        row_dual=None,
        reduced_cost=None,
    )


def _summed_up(
    solution: Solution,
    model: Model,
    stages: Sequence[ObjectiveStage],
    best: FloatArray | None,
    number: int,
    seconds: float,
) -> Solution:
    """Say what came of all stages, of which `number` were begun."""
    stage, is_optimal = stages[number - 1], solution.is_optimal
    if number > 1 and solution.termination is Termination.INFEASIBLE:
        # The point of the stage before satisfies every row of this one.
        message = "The solver lost the optimum of the objectives before."
        solution = replace(solution, termination=Termination.ERROR, message=message)
    where = f"objective {number} of {len(stages)}" + (f" ({stage.name})" if stage.name else "")
    message = f"{solution.message.rstrip('.')}, for each of {len(stages)} objectives in their order."
    if not is_optimal:
        message = f"{solution.message.rstrip('.')} (at {where})."
        if number > 1 and solution.values is None and best is not None:
            message += " The values are those of the objectives before it."
    solution = replace(solution, message=message, seconds=seconds)
    if best is None:
        return solution
    check = check_point(model, best)
    if not check.accepted:
        message = f"The point of {where} violates the model by our own check."
        return replace(
            solution, termination=Termination.ERROR, message=message, values=None, objective=None, bound=None,
            gap=None, row_activity=None, max_violation=None,
        )  # fmt: skip
    values = tuple(each.value(model, best) for each in stages)
    first_bound = values[0] if number > 1 or is_optimal else solution.bound
    return replace(
        solution, values=best, objective=values[0], bound=first_bound, gap=0.0 if number > 1 else solution.gap,
        row_activity=model.activity(best), max_violation=check.max_violation, stage_objectives=values,
    )  # fmt: skip
