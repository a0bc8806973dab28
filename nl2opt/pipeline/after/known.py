"""What can be found out about an answer, so that it can be explained; what is not kept is solved again."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.analysis.conflict import Conflict
from nl2opt.formulation.analysis.repairs import Repair, formulation_diagnosis
from nl2opt.formulation.analysis.runaway import Runaway, runaway
from nl2opt.formulation.analysis.sensitivity import Sensitivity, solved_sensitivity
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.after.comparison import is_same
from nl2opt.pipeline.after.points import compiled_of, point_of
from solvers import Kind, Solution, SolveOptions, SolversError, Termination

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

_MOST_FORCED: Final = 5
"""So many things that are not done are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """Something that is not done, done by force.

    Attributes:
        column: of the model.
        label: `make['chair']`.
        objective: the best that is possible then; `None` where nothing is feasible, or it was not found out.
        is_possible: whether anything is feasible; `None` where it was not found out.
        is_choice: whether it is a yes or no.
    """

    column: int
    label: str
    objective: float | None
    is_possible: bool | None
    is_choice: bool = False

    @property
    def words(self) -> str:
        """How it is done by force: `with at least 1`."""
        return "with it" if self.is_choice else "with at least 1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What is known about an answer.

    Attributes:
        answer: the answer.
        compiled: its formulation; `None` without one.
        sensitivity: of its point; `None` without a point.
        conflict: why nothing is feasible; `None` where that was not asked or not found.
        repairs: what would do.
        runaway: what grows without end.
        forced: what is not done in models without prices, and what it would cost.
    """

    answer: Answer
    compiled: CompiledFormulation | None = None
    sensitivity: Sensitivity | None = None
    conflict: Conflict | None = None
    repairs: tuple[Repair, ...] = ()
    runaway: Runaway | None = None
    forced: tuple[Forced, ...] = ()


def known_of(answer: Answer, seconds: float, cancel: threading.Event | None = None) -> Known:
    """Find out what can be found out about an answer.

    Args:
        answer: of this process, or one that was read.
        seconds: for everything that is solved, about.
        cancel: set it to stop.
    """
    from nl2opt.pipeline.answer import Status

    if answer.formulation is None:
        return Known(answer=answer)
    try:
        compiled = compiled_of(answer)
    except FormulationError:
        return Known(answer=answer)
    known = Known(answer=answer, compiled=compiled)
    options = SolveOptions(time_limit_seconds=max(seconds, 0.1))
    try:
        if answer.values is not None:
            return _with_point(known, seconds, options, cancel)
        if answer.status is Status.INFEASIBLE:
            conflict, repairs = formulation_diagnosis(answer.formulation, options=options, cancel=cancel)
            return replace(known, conflict=conflict, repairs=repairs)
        if answer.status is Status.UNBOUNDED:
            solution = answer.solved.solution if answer.solved is not None else None
            if solution is None:
                solution = solve_compiled(compiled, options=options, cancel=cancel)
            return replace(known, runaway=runaway(compiled, solution))
    except SolversError:
        return known
    return known


def _with_point(known: Known, seconds: float, options: SolveOptions, cancel: threading.Event | None) -> Known:
    compiled = known.compiled
    assert compiled is not None
    solution = _solution(known.answer, compiled, options, cancel)
    if solution is None:
        return known
    sensitivity = solved_sensitivity(compiled, solution, seconds=seconds, options=options, cancel=cancel)
    known = replace(known, sensitivity=sensitivity)
    if solution.is_optimal and compiled.model.is_integer and len(compiled.stages) == 1:
        known = replace(known, forced=_forced(compiled, solution, options, cancel))
    return known


def _solution(
    answer: Answer, compiled: CompiledFormulation, options: SolveOptions, cancel: threading.Event | None
) -> Solution | None:
    """Return the solution of an answer; of one that was read its own point, with prices that are found again."""
    if answer.solved is not None:
        return answer.solved.solution
    point = point_of(answer)
    if point is None:
        return None
    termination = _TERMINATIONS.get(answer.status.value, Termination.LIMIT)
    model = compiled.model
    kept = Solution(
        termination=termination, values=point.x, objective=answer.objective, bound=answer.bound, gap=answer.gap,
        row_activity=model.activity(point.x), seconds=0.0, solver=answer.solver, raw_status="", message=answer.message,
    )  # fmt: skip
    if termination is not Termination.OPTIMAL or model.is_integer or not model.is_linear or len(compiled.stages) > 1:
        return kept
    again = solve_compiled(compiled, options=options, cancel=cancel)
    if not again.is_optimal or not is_same(again.objective, answer.objective):
        return kept
    # Prices of any optimum belong to every optimum of a linear model (complementary slackness).
    return replace(kept, row_dual=again.row_dual, reduced_cost=again.reduced_cost)


_TERMINATIONS: Final = {
    "solved": Termination.OPTIMAL, "locally_optimal": Termination.LOCALLY_OPTIMAL,
    "interrupted": Termination.INTERRUPTED,
}  # fmt: skip


def _forced(
    compiled: CompiledFormulation, solution: Solution, options: SolveOptions, cancel: threading.Event | None
) -> tuple[Forced, ...]:
    """Try out the first things that are not done: whole numbers that are 0, made at least 1."""
    model = compiled.model
    assert solution.values is not None
    count = compiled.n_declared
    whole = model.column_kind[:count] != Kind.CONTINUOUS
    idle = whole & (solution.values[:count] == 0) & (model.column_upper[:count] >= 1)
    columns = np.flatnonzero(idle)
    if not len(columns) or model.objective is None:
        return ()
    # What the objective names first: of the others nobody asks why they are not done.
    order = np.argsort(-np.abs(model.objective[columns]), kind="stable")
    found = []
    limit = options.time_limit_seconds or math.inf
    for column in columns[order][:_MOST_FORCED].tolist():
        lower = model.column_lower.copy()
        lower[column] = 1.0
        forced = replace(compiled, model=replace(model, column_lower=lower))
        again = solve_compiled(forced, options=replace(options, time_limit_seconds=limit / _MOST_FORCED), cancel=cancel)
        known = again.termination in (Termination.OPTIMAL, Termination.INFEASIBLE)
        found.append(
            Forced(
                column=column, label=model.name_of_column(column),
                objective=again.objective if again.is_optimal else None,
                is_possible=again.is_optimal if known else None,
                is_choice=bool(model.column_kind[column] == Kind.BINARY),
            )
        )  # fmt: skip
    return tuple(found)
