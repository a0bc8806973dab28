"""What is wrong with an attempt, in words that its author can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nl2opt.formulation.analysis.conflict import compiled_conflict
from nl2opt.formulation.analysis.runaway import runaway
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Formulation
from nl2opt.text.numbers import clause_around
from nl2opt.verification.accounting import account_numbers
from solvers import Solution, SolveOptions, SolversError, Termination

_SHOWN = 5
_CONFLICT_SECONDS = 2.0
_CONFLICT_QUESTION = "Is a sense (<=, >=) the wrong way round, or a constraint not in the problem?"
_MOST_DEMANDS = 3
_DEMANDS = re.compile(
    r"\b(?:at (?:most|least)|must|should|only|no (?:more|less|fewer)|up to|max(?:imum|imal)?|min(?:imum|imal)?"
    r"|limit(?:ed|s)?|available|exceed|cannot|can ?not|(?:has|have|needs?) to|required|above|below|under|over)\b",
    re.IGNORECASE,
)
"""Words of a limit or demand, in contrast to those that say what one unit costs or takes."""


def finding_points(findings: Sequence[Finding]) -> list[str]:
    """Return the errors among findings."""
    return [str(finding) for finding in findings if finding.is_error]


def solution_points(compiled: CompiledFormulation, solution: Solution) -> list[str]:
    """Say what an outcome without optimum tells about the formulation."""
    if solution.termination is Termination.INFEASIBLE:
        return [f"No values satisfy all constraints at once.{_conflict(compiled)} {_CONFLICT_QUESTION}"]
    if solution.termination is Termination.UNBOUNDED:
        away = runaway(compiled, solution)
        words = f" {away}" if away is not None else ""
        return [f"The objective can improve without end.{words} A constraint of the problem is missing."]
    return []


def _conflict(compiled: CompiledFormulation) -> str:
    """Say which demands exclude each other; empty where that was not found out in a moment."""
    try:
        found = compiled_conflict(compiled, options=SolveOptions(time_limit_seconds=_CONFLICT_SECONDS))
    except SolversError:
        return ""
    if found is None:
        return ""
    return " " + " ".join(line if line.endswith((":", ".")) else f"{line};" for line in found.lines()).rstrip(";") + "."


def missing_demands(problem: str, formulation: Formulation) -> list[str]:
    """Return the clauses of a problem that demand something with a number that the formulation does not hold."""
    unused = account_numbers(problem, formulation).unused
    clauses = dict.fromkeys(clause_around(problem, number.start, number.end) for number in unused)
    return [clause for clause in clauses if _DEMANDS.search(clause)][:_MOST_DEMANDS]


def number_points(problem: str, formulation: Formulation) -> list[str]:
    """Say which numbers of the problem are used nowhere or too often, and which come from nowhere."""
    account = account_numbers(problem, formulation)
    points = [
        f'The number {number.text} is not used: "{clause_around(problem, number.start, number.end)}"'
        for number in account.unused[:_SHOWN]
    ]
    for number in account.invented[:_SHOWN]:
        points.append(f"The number {number.value:g} in {number.element} is not in the problem.")
    for number in account.overused[:_SHOWN]:
        points.append(
            f"The number {number.value:g} stands in {number.element} too, more often than in the problem. "
            "Is that what the problem says?"
        )
    return points
