"""Cells of attached tables stay cells when something else of their set or parameter is changed."""

from __future__ import annotations

from typing import TypeVar

from nl2opt.formulation.elements import Parameter, Set
from nl2opt.formulation.schema import Formulation

_Part = TypeVar("_Part", Set, Parameter)


def with_cells_marked(before: Formulation, after: Formulation) -> Formulation:
    """Return a changed formulation that knows which of its elements and numbers attached tables gave.

    A set or parameter that names its table no more loses what the table gave it. One whose elements or numbers were
    changed holds them as its own, and they are kept out of prompts because it names its table.

    Args:
        before: the formulation that was changed.
        after: what came out, read from plain objects.
    """
    if not before.has_cells:
        return after
    sets = {declared.name: declared for declared in before.sets}
    parameters = {parameter.name: parameter for parameter in before.parameters}
    return after.model_copy(
        update={
            "sets": [_marked(declared, sets.get(declared.name)) for declared in after.sets],
            "parameters": [_marked(parameter, parameters.get(parameter.name)) for parameter in after.parameters],
        }
    )


def _marked(after: _Part, before: _Part | None) -> _Part:
    if before is None or after is before or after.origin == "table":
        return after
    if isinstance(after, Set) and isinstance(before, Set):
        is_of_table = before.origin == "table" or before.table is not None
        if not is_of_table or not before.elements or after.elements != before.elements:
            return after
        if after.table is not None:
            is_filled = before.origin == "table" and isinstance(after.elements, list)
            return after.from_table(list(after.elements)) if is_filled else after
        return after.model_copy(update={"elements": []})
    assert isinstance(after, Parameter)
    assert isinstance(before, Parameter)
    is_of_table = before.origin == "table" or before.table is not None
    if not is_of_table or before.value is None or after.value is not before.value:
        return after
    if after.table is not None:
        return after.from_table(after.value) if before.origin == "table" else after
    emptied = after.model_copy(update={"value": None})
    emptied.model_fields_set.discard("value")
    return emptied
