"""Whether an answer that was kept still is the answer of its formulation."""

from __future__ import annotations

from typing import Final

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.words.quantities import number
from nl2opt.pipeline.analyses import Solved
from nl2opt.pipeline.answer import Answer
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from solvers import Termination, check_point

KEPT: Final = "kept"
"""Name of the check that a kept answer is that of its formulation."""
_TOLERANCE: Final = 1e-6
_UNSURE: Final = (Termination.LIMIT, Termination.INTERRUPTED, Termination.ERROR)


def kept_evidence(answer: Answer, solved: Solved) -> Evidence:
    """Compare the objective and the values that were kept with the formulation, which was solved again.

    Args:
        answer: with an objective.
        solved: its formulation, solved again.
    """
    assert answer.objective is not None
    fault = _fault_of_values(answer, solved.compiled)
    if fault:
        return _evidence(Outcome.FAILED, fault)
    solution = solved.solution
    if solution.termination in _UNSURE:
        return _evidence(Outcome.NOT_RUN, f"The formulation could not be solved again to the end. {solution.message}")
    found, near = solution.objective, _TOLERANCE + (answer.gap or 0.0)
    if found is None or abs(found - answer.objective) > near * max(1.0, abs(answer.objective)):
        now = number(found) if found is not None else solution.termination.value.replace("_", " ")
        text = f"The answer that was kept says {number(answer.objective)}; its formulation, solved again, gives {now}."
        return _evidence(Outcome.FAILED, text)
    return _evidence(Outcome.PASSED, f"The formulation, solved again, gives what was kept ({number(found)}).")


def _fault_of_values(answer: Answer, compiled: CompiledFormulation) -> str:
    """Say what is wrong with the values that were kept; empty where nothing is, or they do not make a whole point."""
    point = _point(answer, compiled)
    if point is None:
        return ""
    check = check_point(compiled.model, point)
    if not check.accepted:
        return f"The values that were kept violate the formulation, by up to {check.max_violation:.3g}."
    if len(compiled.stages) == 1:
        (found,) = compiled.objective_values(point).values()
        assert answer.objective is not None
        if abs(found - answer.objective) > _TOLERANCE * max(1.0, abs(answer.objective)):
            return f"The values that were kept give {number(found)}, not {number(answer.objective)}."
    return ""


def _point(answer: Answer, compiled: CompiledFormulation) -> FloatArray | None:
    """Return the values that were kept as a point of the model; `None` where it has columns of its own besides."""
    if answer.values is None or compiled.n_declared != compiled.model.n_columns:
        return None
    point = np.zeros(compiled.model.n_columns)
    for variable in compiled.formulation.variables:
        table = compiled.variables[variable.name]
        entries = answer.values.entries(variable.name) if variable.name in answer.values else []
        if len(entries) != table.size:
            return None
        point[table.offset : table.offset + table.size] = [value for _, value in entries]
    return point


def _evidence(outcome: Outcome, text: str) -> Evidence:
    return Evidence(name=KEPT, kind=EvidenceKind.SOLVING, outcome=outcome, text=text)
