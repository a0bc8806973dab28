"""Writes the sets and parameters of a formulation as Python data, with what people said of them as comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.elements import IntArray, SetTable
from nl2opt.formulation.render.folding import assigned, commented
from nl2opt.formulation.render.literals import element_literal, number_literal
from nl2opt.formulation.render.names import ProgramNames
from nl2opt.formulation.schema import Parameter


def set_lines(compiled: CompiledFormulation, names: ProgramNames) -> Iterator[str]:
    """Yield an assignment of a list for each set, and of a dict of lists for each family of sets."""
    if compiled.formulation.sets:
        yield "\n# Sets"
    for declared in compiled.formulation.sets:
        yield from commented(declared.description)
        if declared.index:
            yield assigned(names.element(declared.name), "{", _family_items(compiled, declared.name), "}")
            continue
        items = [element_literal(label) for label in compiled.context.sets[declared.name].labels()]
        yield assigned(names.element(declared.name), "[", items, "]")


def parameter_lines(compiled: CompiledFormulation, names: ProgramNames) -> Iterator[str]:
    """Yield an assignment of a number or a dict for each parameter."""
    if compiled.formulation.parameters:
        yield "\n# Parameters"
    for declared in compiled.formulation.parameters:
        table = compiled.context.parameters[declared.name]
        name = names.element(declared.name)
        yield from commented(*_remarks(declared))
        numbers = [number_literal(value) for value in table.values.tolist()]
        if not table.dimensions:
            yield f"{name} = {numbers[0]}"
            continue
        keys = _keys(table.dimensions) if table.keys is None else _stated_keys(table.dimensions, table.keys)
        items = [f"{key}: {number}" for key, number in zip(keys, numbers, strict=True)]
        if table.keys is None:
            yield assigned(name, "{", items, "}")
        else:
            yield assigned(name, f"defaultdict(lambda: {number_literal(table.default)}, {{", items, "})")


def uses_defaults(compiled: CompiledFormulation) -> bool:
    """Whether some parameter is a table of stated entries with a default, a `defaultdict` in the program."""
    return any(table.keys is not None for table in compiled.context.parameters.values())


def unit_text(unit: str) -> str:
    """Return a unit as it stands in a comment."""
    return f"[{unit}]" if unit else ""


def _remarks(parameter: Parameter) -> tuple[str, str, str]:
    source = f"from: {parameter.source}" if parameter.source else ""
    return parameter.description, unit_text(parameter.unit), source


def _family_items(compiled: CompiledFormulation, name: str) -> list[str]:
    """Return the sets of a family as entries of a dict."""
    family = compiled.context.families[name]
    return [
        f"{key}: [{', '.join(map(element_literal, family.labels(owner)))}]"
        for owner, key in enumerate(_keys(family.dimensions))
    ]


def _stated_keys(dimensions: Sequence[SetTable], flat: IntArray) -> list[str]:
    """Return the keys at some positions in the product of sets as literals."""
    positions = np.unravel_index(flat, [table.size for table in dimensions])
    keys = []
    for place in zip(*(column.tolist() for column in positions), strict=True):
        labels = [table.label(at) for table, at in zip(dimensions, place, strict=True)]
        parts = [part for label in labels for part in (label if isinstance(label, tuple) else (label,))]
        keys.append(element_literal(parts[0] if len(parts) == 1 else tuple(parts)))
    return keys


def _keys(dimensions: Sequence[SetTable]) -> list[str]:
    """Return the keys of a parameter's table as literals, in the order of the product of its sets."""
    labels: list[tuple[str, ...]] = [()]
    for table in dimensions:
        parts = [
            tuple(map(element_literal, e)) if isinstance(e, tuple) else (element_literal(e),) for e in table.labels()
        ]
        labels = [label + part for label in labels for part in parts]
    return [label[0] if len(label) == 1 else f"({', '.join(label)})" for label in labels]
