"""What of a formulation a name stands for that can be changed: parameters, bounds, sides of constraints."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nl2opt.errors import ChangeError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.elements import IntArray, SetTable
from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Index, Name, walk
from nl2opt.formulation.schema import Constraint, Formulation, Parameter, Variable

_TARGET: Final = re.compile(r"(?P<name>[^\[\]]+?)\s*(?:\[(?P<index>.*)\])?\s*(?:\.(?P<field>upper|lower))?", re.DOTALL)
_PARTS: Final = ("parameters", "variables", "constraints")
_MOST_NAMED: Final = 12
_ELEMENT: Final = re.compile(r"\s*(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<plain>[^,]*))\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class ParameterTarget:
    """A parameter, or some entries of it: positions in the product of its sets; `None` for all."""

    parameter: Parameter
    entries: IntArray | None = None


@dataclass(frozen=True, slots=True)
class BoundTarget:
    """The lower or upper bound of a variable."""

    variable: Variable
    field: str


@dataclass(frozen=True, slots=True)
class ConstraintTarget:
    """A constraint: to be switched, or the number on one of its sides."""

    constraint: Constraint


Target = ParameterTarget | BoundTarget | ConstraintTarget


def target_of(text: str, compiled: CompiledFormulation) -> Target:
    """Return what a name with its index stands for.

    Raises:
        ChangeError: it stands for nothing that can be changed; the finding says what can.
    """
    formulation = compiled.formulation
    found = _TARGET.fullmatch(text.strip())
    if found is None:
        raise _refused(text, f"`{text}` is no name", changeable(formulation))
    part, _, rest = found["name"].strip().partition(".")
    name = rest if part in _PARTS and rest else found["name"].strip()
    index, field = found["index"], found["field"]
    if field is None and name.endswith((".upper", ".lower", ".value")):
        name, _, field = name.rpartition(".")
    element = _element_named(name, formulation)
    if isinstance(element, Parameter) and field in (None, "value"):
        return ParameterTarget(element, _entries(text, index, element, compiled) if index is not None else None)
    if isinstance(element, Variable):
        return _bound(text, element, field, index)
    if isinstance(element, Constraint) and field is None:
        if index is not None:
            raise _refused(
                text, f"the rows of the constraint `{element.name}` cannot be changed one by one",
                f"Change the numbers in it: {_numbers_in(element, formulation)}.",
            )  # fmt: skip
        return ConstraintTarget(element)
    if element is not None:
        raise _refused(text, f"there is no `{field}` of `{element.name}`", changeable(formulation))
    raise _unknown(text, name, formulation)


def changeable(formulation: Formulation) -> str:
    """Say what can be changed, in one or two sentences."""
    parts = []
    for what, names in (
        ("the numbers", [parameter.name for parameter in formulation.parameters]),
        ("bounds", [f"{variable.name}.upper" for variable in formulation.variables if variable.domain != "binary"]),
        ("constraints", [constraint.name for constraint in formulation.constraints]),
    ):
        if names:
            more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
            parts.append(f"{what} {', '.join(f'`{name}`' for name in names[:_MOST_NAMED])}{more}")
    return f"What can be changed: {'; '.join(parts)}."


def _element_named(name: str, formulation: Formulation) -> Parameter | Variable | Constraint | None:
    """Return the element of a name; words with spaces are taken for a name with underscores, in any case."""
    elements: list[Parameter | Variable | Constraint] = [
        *formulation.parameters, *formulation.variables, *formulation.constraints
    ]  # fmt: skip
    for spelt in (name, "_".join(name.split())):
        exact = next((element for element in elements if element.name == spelt), None)
        if exact is not None:
            return exact
    folded = "_".join(name.split()).casefold()
    alike = [element for element in elements if element.name.casefold() == folded]
    return alike[0] if len(alike) == 1 else None


def _unknown(text: str, name: str, formulation: Formulation) -> ChangeError:
    declared = next((declared for declared in formulation.sets if declared.name == name), None)
    if declared is not None:
        return _refused(
            text, f"`{name}` is a set, not a number",
            f"Change its elements in the formulation, as in: nl2opt change plan.json --add sets.{name}.elements=new; "
            f"or change the numbers. {changeable(formulation)}",
        )  # fmt: skip
    if name in ("objective", *(objective.name for objective in formulation.objectives if objective.name)):
        return _refused(
            text, f"the objective `{name}` is what comes out",
            f"Change the numbers in it. {changeable(formulation)}",
        )  # fmt: skip
    known = [
        element.name
        for part in (formulation.parameters, formulation.variables, formulation.constraints)
        for element in part
    ]
    guess = did_you_mean("_".join(name.split()), known)
    mend = guess if guess.startswith("Did") else ""
    return _refused(text, f"there is nothing called `{name}`", f"{mend} {changeable(formulation)}".strip())


def _bound(text: str, variable: Variable, field: str | None, index: str | None) -> BoundTarget:
    name = variable.name
    if field not in ("upper", "lower"):
        example = f"{name}.upper" if variable.domain != "binary" else name
        mend = f"To limit it, change a bound: `{example} = 30` or `{name}.lower = 10`; to hold it at a number, both."
        if variable.domain == "binary":
            mend = f"To rule it out or demand it, write `{name}.upper = 0` or `{name}.lower = 1`."
        raise _refused(text, f"`{name}` is what is decided, not a number that is given", mend)
    if index is not None:
        sign = "<=" if field == "upper" else ">="
        raise _refused(
            text, f"the bound of one entry of `{name}` cannot be changed by name",
            f"Say it as a wish (revise), or add a constraint: {name}[{index}] {sign} a number.",
        )  # fmt: skip
    return BoundTarget(variable, field)


def _numbers_in(constraint: Constraint, formulation: Formulation) -> str:
    """Name the parameters of a constraint."""
    names = parameters_of(constraint.expression, formulation)
    return ", ".join(f"`{name}`" for name in names) if names else "there is no named one"


def parameters_of(expression: str, formulation: Formulation) -> list[str]:
    """Return the names of the parameters in an expression."""
    known = {parameter.name for parameter in formulation.parameters}
    try:
        root = parse_expression(expression).root
    except ExpressionError:
        return []
    return list(dict.fromkeys(n.name for n in walk(root) if isinstance(n, Name | Index) and n.name in known))


# -- entries ----------------------------------------------------------------------------------------


def _entries(text: str, index: str, parameter: Parameter, compiled: CompiledFormulation) -> IntArray:
    """Return the positions that an index names; `*` stands for all elements of its set."""
    dimensions = compiled.context.parameters[parameter.name].dimensions
    arity = sum(table.arity for table in dimensions)
    if not dimensions:
        raise _refused(text, f"`{parameter.name}` is one number and has no entries", f"Write `{parameter.name}`.")
    parts = _split(index)
    if arity == 1 and len(parts) > 1 and index.strip() in map(str, dimensions[0].labels()):
        parts = [index.strip()]  # an element with a comma in it
    if len(parts) != arity:
        example = ", ".join(["*"] * arity)
        raise _refused(
            text, f"`{parameter.name}` has {arity} ind{'ex' if arity == 1 else 'ices'}, and here "
            f"{'is' if len(parts) == 1 else 'are'} {len(parts)}",
            f"Its sets are {', '.join(parameter.index)}; `{parameter.name}[{example}]` stands for all entries.",
        )  # fmt: skip
    chosen: list[IntArray] = []
    begin = 0
    for table in dimensions:
        chosen.append(_positions(text, table, parts[begin : begin + table.arity]))
        begin += table.arity
    grid = np.meshgrid(*chosen, indexing="ij")
    flat = np.zeros(grid[0].shape, np.int64)
    for table, places in zip(dimensions, grid, strict=True):
        flat = flat * table.size + places
    return flat.ravel()


def _positions(text: str, table: SetTable, parts: Sequence[str]) -> IntArray:
    """Return the positions of a set whose elements match the parts."""
    keep = np.ones(table.size, np.bool_)
    elements = table.universe.elements
    for column, wanted in zip(table.columns, parts, strict=True):
        part = wanted
        if part == "*":
            continue
        codes, inverse = np.unique(column, return_inverse=True)
        known = [str(elements[code]) for code in codes.tolist()]
        if part not in known:
            alike = [word for word in known if word.casefold() == part.casefold()]
            if len(alike) != 1:
                few = f" The elements are: {', '.join(known)}." if len(known) <= _MOST_NAMED else ""
                guess = did_you_mean(part, known) if not few else ""
                raise _refused(text, f"there is no `{part}` in `{table.name}`", f"{guess}{few}".strip())
            part = alike[0]
        keep &= inverse == known.index(part)
    if not keep.any():
        raise _refused(text, f"there is no `{', '.join(parts)}` in `{table.name}`", "")
    return np.flatnonzero(keep)


def _split(index: str) -> list[str]:
    """Return the elements of an index, which may stand in quotes."""
    parts: list[str] = []
    place = 0
    while place < len(index):
        found = _ELEMENT.match(index, place)
        if found is None or found.end() == place:
            return [*parts, index[place:].strip()]
        parts.append(
            next(part for part in (found["single"], found["double"], found["plain"]) if part is not None).strip()
        )
        place = found.end()
    return parts or [""]


def all_entries(dimensions: Sequence[SetTable]) -> IntArray:
    """Return all positions of the product of some sets."""
    return np.arange(math.prod(table.size for table in dimensions))


def _refused(text: str, message: str, mend: str) -> ChangeError:
    return ChangeError([Finding(code="target", message=message, text=text, mend=mend)])


def short_value(value: Any) -> str:
    """Return a value for a message."""
    words = " ".join(str(value).split())
    return words if len(words) <= 60 else f"{words[:57]}..."
