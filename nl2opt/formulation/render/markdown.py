"""Renders a formulation as Markdown: the five elements as tables that people read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np

from nl2opt.formulation.names import infinite_bound
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.schema import Constraint, Formulation, Parameter, Variable
from nl2opt.formulation.writer import number_text

_SHOWN: Final = 20
_SIGNS: Final = "\\`*_{}[]()<>#+-.!|~&$^="


def to_markdown(formulation: Formulation) -> str:
    """Return the five elements as a page of Markdown; nothing in people's texts is markup any more."""
    title = escape(formulation.title)
    blocks = [
        f"# {title}" if title else "",
        *_sets(formulation),
        *_parameters(formulation),
        *_variables(formulation),
        *_objective(formulation),
        *_constraints(formulation),
        *_assumptions(formulation),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escape(text: str) -> str:
    """Return text on one line in which no character is markup or HTML."""
    return "".join(f"\\{character}" if character in _SIGNS else character for character in one_line(text))


def code(text: str, *, in_table: bool = True) -> str:
    """Return text as code, on one line.

    In a table a text with `|` is no code, since what is code and what is a cell's border is read differently.
    """
    line = one_line(text)
    if not line or (in_table and "|" in line):
        return escape(line)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence, pad = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join(lines)


def _sets(formulation: Formulation) -> Iterator[str]:
    if not formulation.sets:
        return
    yield "## Sets"
    rows = []
    for declared in formulation.sets:
        if isinstance(declared.elements, str):
            elements = code(declared.elements)
        elif isinstance(declared.elements, dict):
            elements = _family(declared.elements)
        else:
            shown = [
                _set(element) if declared.index else escape(_element(element)) for element in declared.elements[:_SHOWN]
            ]
            more = f", … ({len(declared.elements)})" if len(declared.elements) > _SHOWN else ""
            elements = ", ".join(shown) + more
        name = f"{declared.name}[{', '.join(declared.index)}]" if declared.index else declared.name
        rows.append([code(name), elements, escape(declared.description)])
    yield _table(["set", "elements", "meaning"], rows)


def _family(elements: Mapping[Any, Any]) -> str:
    """Return the sets of a family, each behind its key."""
    parts = []
    for key, members in islice(elements.items(), _SHOWN):
        inside = f"({_family(members)})" if isinstance(members, Mapping) else _set(members)
        parts.append(f"{escape(str(key))}: {inside}")
    return "; ".join(parts) + (f"; … ({len(elements)})" if len(elements) > _SHOWN else "")


def _set(members: Any) -> str:
    """Return the elements of one set of a family."""
    if not isinstance(members, list | tuple):
        return escape(str(members))
    shown = ", ".join(escape(_element(element)) for element in members[:_SHOWN])
    return f"{{{shown}{', …' if len(members) > _SHOWN else ''}}}"


def _element(element: Any) -> str:
    return f"({', '.join(map(str, element))})" if isinstance(element, list | tuple) else str(element)


def _parameters(formulation: Formulation) -> Iterator[str]:
    if not formulation.parameters:
        return
    yield "## Parameters"
    rows = []
    for parameter in formulation.parameters:
        meaning = "; ".join(text for text in (parameter.description, parameter.source) if text)
        rows.append([_indexed(parameter), _parameter_value(parameter), escape(parameter.unit), escape(meaning)])
    yield _table(["parameter", "value", "unit", "meaning"], rows)


def _indexed(element: Parameter | Variable) -> str:
    return code(f"{element.name}[{', '.join(element.index)}]" if element.index else element.name)


def _parameter_value(parameter: Parameter) -> str:
    parts = [_value(parameter.value)]
    if parameter.table is not None:
        column = f", column {code(parameter.column)}" if parameter.column else ""
        parts.append(f"from the table {code(parameter.table)}{column}")
    if parameter.default is not None:
        parts.append(f"{_value(parameter.default)} where none is given")
    return "; ".join(part for part in parts if part)


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return number_text(float(value)) if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return code(value)
    if isinstance(value, Mapping):
        parts = [f"{escape(str(key))}: {_value(item)}" for key, item in islice(value.items(), _SHOWN)]
    elif isinstance(value, list | tuple | np.ndarray):
        parts = [_value(item) for item in value[:_SHOWN]]
    else:
        return escape(str(value))
    inside = ", ".join(parts) + (f", … ({len(value)})" if len(value) > _SHOWN else "")
    return f"({inside})"


def _variables(formulation: Formulation) -> Iterator[str]:
    yield "## Variables"
    rows = []
    for variable in formulation.variables:
        rows.append(
            [
                _indexed(variable),
                variable.domain,
                _bounds(variable),
                escape(variable.unit),
                escape(variable.description),
            ]
        )
    yield _table(["variable", "domain", "bounds", "unit", "meaning"], rows)


def _bounds(variable: Variable) -> str:
    if variable.domain == "binary" and variable.lower is None and variable.upper is None:
        return "0 or 1"
    lower = "0" if variable.lower is None else "" if _is_infinite(variable.lower) else _value(variable.lower)
    upper = "" if variable.upper is None or _is_infinite(variable.upper) else _value(variable.upper)
    if not lower and not upper:
        return "any"
    if not upper:
        return f"{lower} or more"
    return f"{lower} to {upper}" if lower else f"{upper} or less"


def _is_infinite(bound: float | str) -> bool:
    return infinite_bound(bound) is not None if isinstance(bound, str) else math.isinf(bound)


def _objective(formulation: Formulation) -> Iterator[str]:
    yield "## Objective"
    objective = formulation.objective
    if objective is None:
        yield "None: any feasible point will do."
        return
    unit = f" ({escape(objective.unit)})" if objective.unit else ""
    yield f"{objective.sense.capitalize()} {code(objective.expression, in_table=False)}{unit}"


def _constraints(formulation: Formulation) -> Iterator[str]:
    if not formulation.constraints:
        return
    yield "## Constraints"
    rows = [[code(c.name), code(c.expression), _meaning(c)] for c in formulation.constraints]
    yield _table(["constraint", "expression", "meaning"], rows)


def _meaning(constraint: Constraint) -> str:
    meaning = escape(constraint.description)
    if constraint.enabled:
        return meaning
    return f"switched off; {meaning}" if meaning else "switched off"


def _assumptions(formulation: Formulation) -> Iterator[str]:
    if not formulation.assumptions:
        return
    yield "## Assumptions"
    yield "\n".join(f"* {escape(assumption.text)}" for assumption in formulation.assumptions)
