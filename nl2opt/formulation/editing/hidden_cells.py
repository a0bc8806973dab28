"""What may be shown of a formulation to those who may not see the cells of attached tables."""

from __future__ import annotations

from nl2opt.formulation.changes import Assumption, Change
from nl2opt.formulation.editing.paths import split_path
from nl2opt.formulation.elements import Parameter
from nl2opt.formulation.language.mistakes import ExpressionError
from nl2opt.formulation.schema import Formulation


def without_cells(formulation: Formulation) -> Formulation:
    """Return a formulation without cells; see `Formulation.without_cells`."""
    tables = {declared.name for declared in formulation.sets if declared.table is not None}
    if not tables and all(p.table is None and p.origin != "table" for p in formulation.parameters):
        return formulation
    own = {p.name for p in formulation.parameters if p.table is None and not tables.intersection(p.index)}
    shown = {
        "sets": [declared.without_cells() for declared in formulation.sets],
        "parameters": [_parameter(parameter, tables) for parameter in formulation.parameters],
        "assumptions": [_assumption(assumption, own) for assumption in formulation.assumptions],
    }
    return formulation.model_copy(update=shown)


def _parameter(parameter: Parameter, tables: set[str]) -> Parameter:
    emptied = parameter.without_cells()
    return emptied.without_names() if tables.intersection(parameter.index) else emptied


def _assumption(assumption: Assumption, own: set[str]) -> Assumption:
    """Leave out alternatives whose edits may hold cells: those that lead back to what a table gave."""
    kept = [item for item in assumption.alternatives if not any(_may_hold(edit, own) for edit in item.edits)]
    return assumption.model_copy(update={"alternatives": kept})


def _may_hold(edit: Change, own: set[str]) -> bool:
    """Whether an edit is of a set, or of a parameter that is not the formulation's own."""
    try:
        steps = [step.text for step in split_path(edit.path)]
    except ExpressionError:
        return True
    return steps[0] in ("sets", "parameters") and (steps[0] == "sets" or len(steps) < 2 or steps[1] not in own)
