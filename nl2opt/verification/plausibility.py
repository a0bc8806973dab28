"""Signs of a wrong model in its optimum: nothing is done, a variable cannot matter, the objective is turned round."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from nl2opt.formulation.checks.names import NameChecker
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.evaluation.elements import BoolArray
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from solvers import Feature, Model, Sense, Solution, features_of

PLAUSIBILITY: Final = "plausibility"
"""Name of the check for signs of a wrong model."""
_ZERO: Final = 1e-9
_SHOWN: Final = 4
_SMALL_COLUMNS: Final = 2000
"""Models with more columns are not compiled again to look at their constraints."""
_EMPTY: Final = ("constant_row", "matches_nothing")
"""Codes of findings that say that a constraint demands nothing."""
_WANTS: Final = {
    Sense.MAXIMIZE: re.compile(r"\bmaximi[sz](?:e[sd]?|ing|ation)\b", re.IGNORECASE),
    Sense.MINIMIZE: re.compile(r"\bminimi[sz](?:e[sd]?|ing|ation)\b", re.IGNORECASE),
}


def plausibility_evidence(problem: str, compiled: CompiledFormulation, solution: Solution) -> Evidence:
    """Look for signs of a wrong model in an optimum.

    Five signs: every variable is 0, so that doing nothing would be the best answer; a variable stands in no
    constraint, so that nothing but its own bound decides about it; the text speaks of minimising only and the
    formulation maximises, or the other way round; a number that the text gives was written down as a
    parameter and stands in no expression; a constraint demands nothing, whatever is decided.

    Args:
        problem: in words; empty where there is none.
        compiled: the formulation.
        solution: with values.
    """
    doubts = [
        *_nothing_done(compiled, solution),
        *_idle(compiled, solution),
        *_turned(problem, compiled),
        *_unused(problem, compiled),
        *_empty(problem, compiled),
    ]
    if doubts:
        return Evidence(
            name=PLAUSIBILITY, kind=EvidenceKind.MODELLING, outcome=Outcome.DOUBTFUL, text=" ".join(doubts)
        )  # fmt: skip
    text = "Something is done, and there is no variable that cannot matter."
    return Evidence(name=PLAUSIBILITY, kind=EvidenceKind.MODELLING, outcome=Outcome.PASSED, text=text)


def _nothing_done(compiled: CompiledFormulation, solution: Solution) -> Iterator[str]:
    values = solution.values
    if values is None or not compiled.formulation.objectives:
        return
    if np.all(np.abs(values[: compiled.n_declared]) <= _ZERO):
        yield (
            "Doing nothing is the best answer: every variable is 0. Mostly a demand is missing then, or the objective "
            "is turned round."
        )


def _idle(compiled: CompiledFormulation, solution: Solution) -> Iterator[str]:
    """Say which variables stand in no constraint, and stay at 0 for it or cannot change the objective."""
    model = compiled.model
    if features_of(model) - {Feature.CONTINUOUS, Feature.INTEGER} or not compiled.formulation.objectives:
        return
    free = _in_no_row(model)
    for variable in compiled.formulation.variables:
        table = compiled.variables[variable.name]
        columns = slice(table.offset, table.offset + table.size)
        if not table.size or not free[columns].all() or len(compiled.stages) > 1:
            continue
        gain = model.objective[columns]
        if not gain.any():
            yield f"The variable {variable.name} stands in no constraint and not in the objective: it cannot matter."
        elif solution.values is not None and np.all(np.abs(solution.values[columns]) <= _ZERO):
            yield f"The variable {variable.name} stands in no constraint, so it is always 0: nothing asks for it."


def _in_no_row(model: Model) -> BoolArray:
    """Return bool (n,): the columns with no entry in any row."""
    entries = np.bincount(model.row_columns[model.row_values != 0], minlength=model.n_columns)
    found: BoolArray = entries == 0
    return found


def _unused(problem: str, compiled: CompiledFormulation) -> Iterator[str]:
    """Say which parameters of a text were written down and used nowhere; columns of attached tables do not count."""
    if not problem:
        return
    tables = {f"parameters.{p.name}" for p in compiled.formulation.parameters if p.table is not None}
    found = NameChecker(compiled.formulation).check()
    unused = [f.element for f in found if f.code == "unused_parameter" and f.element not in tables]
    if unused:
        names = ", ".join(element.removeprefix("parameters.") for element in unused[:_SHOWN])
        more = f" and {len(unused) - _SHOWN} more" if len(unused) > _SHOWN else ""
        yield f"Written down and used nowhere: {names}{more}."


def _empty(problem: str, compiled: CompiledFormulation) -> Iterator[str]:
    """Say which constraints of a text hold whatever is decided, or match nothing; sets of tables may be empty."""
    if not problem or compiled.formulation.has_cells or compiled.model.n_columns > _SMALL_COLUMNS:
        return
    found = compile_formulation(compiled.formulation).findings
    empty = [f.element.removeprefix("constraints.") for f in found if f.code in _EMPTY]
    if empty:
        more = f" and {len(empty) - _SHOWN} more" if len(empty) > _SHOWN else ""
        yield f"Demands nothing, whatever is decided: {', '.join(empty[:_SHOWN])}{more}."


def _turned(problem: str, compiled: CompiledFormulation) -> Iterator[str]:
    wanted = [sense for sense, words in _WANTS.items() if words.search(problem)]
    objectives = compiled.formulation.objectives
    if len(wanted) != 1 or len(objectives) != 1:
        return
    word = _WANTS[wanted[0]].search(problem)
    assert word is not None
    if objectives[0].sense != wanted[0].value:
        yield f'The text says "{word.group()}", and the formulation is to {objectives[0].sense}.'
