"""What is wrong with a program, in words that its author can act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nl2opt.formulation.words.quantities import number
from nl2opt.text.numbers import clause_around
from nl2opt.verification.program_numbers import account_program_numbers
from solvers import Model, Solution, Termination
from solvers.sandbox import ClaimedSolution, ProgramRun, Resolved, RunKind
from solvers.sandbox.explanation import conflicts, runaways

_SHOWN: Final = 5
_LINE: Final = 160
_MESSAGE: Final = 400
_ADVICE: Final = {
    RunKind.TIMEOUT: "Does a loop never end, or is the model far larger than the problem needs?",
    RunKind.MEMORY: "Build a smaller model: one variable for each decision of the problem, and no more.",
    RunKind.KILLED: "Use the library as in the example.",
    RunKind.FORBIDDEN: "A program may not use the network, start other programs, or touch files outside its folder.",
    RunKind.OUTPUT_LIMIT: "Print the objective and the values, nothing else.",
}
_TELLING: Final = frozenset({"socket", "connect", "execve", "execveat", "fork", "vfork", "clone", "clone3"})
"""Refused calls that say what a program was after; honest libraries try others, and go on without them."""
NO_MODEL: Final = (
    "The program came to its end, but left no model behind: build it in a variable `model` at the top level of the "
    "program, and solve it."
)


def run_points(run: ProgramRun) -> list[str]:
    """Say what stopped a program; empty when nothing did."""
    if run.kind in (RunKind.FINISHED, RunKind.CANCELLED):
        return []
    if run.kind is not RunKind.EXCEPTION or run.claimed_exception is None:
        advice = _ADVICE.get(run.kind, "")
        last = run.errors.strip().splitlines()[-1:] if run.kind in (RunKind.KILLED, RunKind.EXCEPTION) else []
        said = [f"Its last words: {last[0][:_LINE]}."] if last else []
        return [" ".join(part for part in (run.message, *said, advice) if part)]
    error = run.claimed_exception
    *callers, place = error.frames or (None,)
    where = "The program stopped"
    if place is not None:
        where = f"Line {place.line}, `{place.text[:_LINE]}`, stopped the program"
    called = "".join(f" It was called from line {f.line}, `{f.text[:_LINE]}`." for f in callers if f is not None)
    message = f"{error.kind}: {error.message}".rstrip(": ")[:_MESSAGE].rstrip(".")
    hints = "".join(f" {hint.rstrip('.')}." for hint in error.hints)
    if error.kind == "FileNotFoundError":
        hints += " The data belong into the program itself."
    refused = [refused_point(run)] if set(run.forbidden_calls) & _TELLING else []
    return [f"{where}: {message}.{called}{hints}", *refused]


def refused_point(run: ProgramRun) -> str:
    """Say what a program was refused that came to its end all the same."""
    return f"The program was refused what it may not do: {', '.join(run.forbidden_calls)}. {_ADVICE[RunKind.FORBIDDEN]}"


def model_points(claimed: ClaimedSolution | None, again: Resolved | None) -> list[str]:
    """Say what is wrong with what a program left behind when it ended."""
    if claimed is None:
        return [NO_MODEL]
    if again is None:
        if claimed.status == "optimal" or claimed.objective is not None:
            return []
        why = f" ({claimed.why_no_model.rstrip('.')})" if claimed.why_no_model else ""
        return [f"The program ended without an optimum: its model is {claimed.status.replace('_', ' ')}{why}."]
    points = solution_points(again.model, again.solution)
    if again.agrees is False and claimed.objective is not None and again.solution.objective is not None:
        points.append(
            f"The program says {number(claimed.objective)}, but the optimum of its model is "
            f"{number(again.solution.objective)}. Solve the model once, to the end, and change it no more."
        )
    return points


def solution_points(model: Model, solution: Solution) -> list[str]:
    """Say what an outcome without optimum tells about a model."""
    if solution.termination is Termination.INFEASIBLE:
        return [
            f"No values satisfy all constraints of the model at once. {reason(model, solution)}".rstrip()
            + " Is a sense (<=, >=) the wrong way round, or a constraint not in the problem?"
        ]
    if solution.termination is Termination.UNBOUNDED:
        return [
            f"The objective can improve without end. {reason(model, solution)}".rstrip()
            + " A constraint of the problem is missing."
        ]
    return []


def reason(model: Model, solution: Solution) -> str:
    """Say which demands exclude each other, or which variables run away; empty where neither is known."""
    if solution.termination is Termination.INFEASIBLE:
        return " ".join(conflicts(model))
    return " ".join(runaways(model, solution)) if solution.termination is Termination.UNBOUNDED else ""


def number_points(problem: str, program: str) -> list[str]:
    """Say which numbers of the problem a program does not hold."""
    return [
        f'The number {stated.text} is not used: "{clause_around(problem, stated.start, stated.end)}"'
        for stated in account_program_numbers(problem, program).unused[:_SHOWN]
    ]


def short(points: Sequence[str]) -> str:
    """Return what is wrong first as one short line; empty where nothing is."""
    return points[0][:_LINE] if points else ""
