"""A second opinion on the solving: the same flat model, given to another solver."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.words.quantities import number
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from solvers import (
    BACK_ENDS,
    BackEnd,
    Feature,
    Model,
    ObjectiveStage,
    Solution,
    SolveOptions,
    SolversError,
    Termination,
    choose,
    features_of,
    solve,
    solve_in_order,
)

SECOND_SOLVER: Final = "second_solver"
"""Name of the check that another solver comes to the same end and optimum."""
DEFAULT_SECONDS: Final = 10.0
_TOLERANCE: Final = 1e-6
_ORDER: Final = ("highs", "scip", "clarabel", "cp_sat", "glop")
"""Quickest to start first; PDLP is left out, since it stops short of a proof."""
_CONVEX: Final = "clarabel"
_CURVED: Final = frozenset({Feature.QUADRATIC_OBJECTIVE, Feature.QUADRATIC_ROWS, Feature.CONE})
"""What the solver for convex models is much quicker at than one that looks for global optima."""
_LOCAL: Final = "ipopt"
_ENDS: Final = (Termination.INFEASIBLE, Termination.UNBOUNDED, Termination.INFEASIBLE_OR_UNBOUNDED)
_UNSURE: Final = (Termination.LIMIT, Termination.INTERRUPTED, Termination.ERROR, Termination.LOCALLY_OPTIMAL)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SolvedModel:
    """A flat model with its solution.

    Attributes:
        model: the flat model.
        stages: its objectives in order, where there are several.
        solution: what the first solver made of it.
        gap: up to which distance from the best possible it was to be solved, as a share.
    """

    model: Model
    stages: Sequence[ObjectiveStage] = ()
    solution: Solution
    gap: float = 0.0


def second_solver_evidence(
    solved: SolvedModel, *, seconds: float = DEFAULT_SECONDS, cancel: threading.Event | None = None
) -> Evidence:
    """Solve a model again with another solver, and compare why it stopped and what it found.

    Args:
        solved: the model, and what the first solver found.
        seconds: after which the second solver is stopped.
        cancel: set it to stop.
    """
    first = solved.solution.solver
    if solved.solution.termination in _UNSURE:
        return _evidence(Outcome.DOES_NOT_APPLY, f"{first} proved nothing that a second solver could confirm.")
    for back_end in _others(first, solved.model):
        try:
            choose(solved.model, back_end.name)
        except SolversError:
            continue
        try:
            return _compared(solved, _again(solved, back_end, seconds, cancel), seconds)
        except SolversError as error:
            return _evidence(Outcome.NOT_RUN, f"The second solver, {back_end.title}, failed. {error}")
    return _evidence(Outcome.DOES_NOT_APPLY, f"No second solver takes this model: only {first} does.")


def _others(first: str, model: Model) -> Iterator[BackEnd]:
    """Yield the back ends that did not solve it, quickest first; the one for local optima last."""
    by_name = {back_end.name: back_end for back_end in BACK_ENDS}
    order = sorted(_ORDER, key=lambda name: name != _CONVEX) if features_of(model) & _CURVED else _ORDER
    for name in (*order, _LOCAL):
        if name in by_name and not first.lower().startswith(by_name[name].title.lower()):
            yield by_name[name]


def _again(solved: SolvedModel, back_end: BackEnd, seconds: float, cancel: threading.Event | None) -> Solution:
    options = SolveOptions(time_limit_seconds=seconds, relative_gap=solved.gap)
    if len(solved.stages) > 1:
        return solve_in_order(solved.model, solved.stages, solver=back_end.name, options=options, cancel=cancel)
    return solve(solved.model, solver=back_end.name, options=options, cancel=cancel)


def _compared(solved: SolvedModel, second: Solution, seconds: float) -> Evidence:
    ours, name = solved.solution, second.solver
    if second.termination is Termination.LOCALLY_OPTIMAL:
        return _local(solved, second)
    if second.termination in _UNSURE:
        if second.objective is not None and _is_better(solved, second):
            return _evidence(Outcome.FAILED, _different(ours, second))
        return _evidence(Outcome.NOT_RUN, f"{name} came to no end within {seconds:g} seconds.")
    if ours.termination in _ENDS and second.termination in _ENDS:
        pair = {ours.termination, second.termination}
        if len(pair) == 1 or Termination.INFEASIBLE_OR_UNBOUNDED in pair:
            return _evidence(Outcome.PASSED, f"{name} says so too: {_words(second)}.")
        return _evidence(Outcome.FAILED, _different(ours, second))
    if ours.objective is None or second.objective is None or not _same(solved, second):
        return _evidence(Outcome.FAILED, _different(ours, second))
    return _evidence(Outcome.PASSED, f"{name} reaches the same optimum ({number(second.objective)}).")


def _same(solved: SolvedModel, second: Solution) -> bool:
    ours = solved.solution
    pairs = [(ours.objective, second.objective), *zip(ours.stage_objectives, second.stage_objectives, strict=False)]
    tolerance = _TOLERANCE + 2 * solved.gap
    return all(
        one is not None and other is not None and abs(one - other) <= tolerance * max(1.0, abs(one))
        for one, other in pairs
    )


def _is_better(solved: SolvedModel, second: Solution) -> bool:
    """Whether a point of the second solver, re-checked like all, is better than what was called the best."""
    ours = solved.solution.objective
    if ours is None or second.objective is None or len(solved.stages) > 1:
        return False
    gain = second.objective - ours if solved.model.sense.value == "maximize" else ours - second.objective
    return gain > (_TOLERANCE + solved.gap) * max(1.0, abs(ours))


def _local(solved: SolvedModel, second: Solution) -> Evidence:
    if second.objective is not None and _is_better(solved, second):
        return _evidence(Outcome.FAILED, _different(solved.solution, second))
    if second.objective is not None and solved.solution.objective is not None and _same(solved, second):
        text = f"{second.solver}, which looks for local optima only, reaches the same ({number(second.objective)})."
        return _evidence(Outcome.PASSED, text)
    text = f"No second solver can prove an optimum of this model; {second.solver} found no better point."
    return _evidence(Outcome.DOES_NOT_APPLY, text)


def _different(first: Solution, second: Solution) -> str:
    return f"{first.solver} says {_words(first)}, {second.solver} says {_words(second)}."


def _words(solution: Solution) -> str:
    end = solution.termination.value.replace("_", " ")
    return end if solution.objective is None else f"{end}, {number(solution.objective)}"


def _evidence(outcome: Outcome, text: str) -> Evidence:
    return Evidence(name=SECOND_SOLVER, kind=EvidenceKind.SOLVING, outcome=outcome, text=text)
