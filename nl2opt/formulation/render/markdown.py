"""Renders a formulation as Markdown: the five elements as tables that people read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from nl2opt.formulation.render.literals import comment_text
from nl2opt.formulation.schema import Formulation, Parameter, Variable
from nl2opt.formulation.writer import number_text

_SHOWN: Final = 20
_SIGNS: Final = "\\`*_{}[]()<>#+-.!|~&$^="


def to_markdown(formulation: Formulation) -> str:
    """Return the five elements as a page of Markdown; nothing in people's texts is markup any more."""
    blocks = [
        f"# {escape(formulation.title)}" if formulation.title else "",
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
    return "".join(f"\\{character}" if character in _SIGNS else character for character in comment_text(text))


def code(text: str) -> str:
    """Return text as code, on one line, safe inside a table."""
    line = comment_text(text).replace("|", "\\|")
    longest = 0
    run = 0
    for character in line:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
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
        else:
            shown = [escape(_element(element)) for element in declared.elements[:_SHOWN]]
            more = f", … ({len(declared.elements)})" if len(declared.elements) > _SHOWN else ""
            elements = ", ".join(shown) + more
        rows.append([code(declared.name), elements, escape(declared.description)])
    yield _table(["set", "elements", "meaning"], rows)


def _element(element: Any) -> str:
    return f"({', '.join(map(str, element))})" if isinstance(element, list | tuple) else str(element)


def _parameters(formulation: Formulation) -> Iterator[str]:
    if not formulation.parameters:
        return
    yield "## Parameters"
    rows = []
    for parameter in formulation.parameters:
        meaning = "; ".join(text for text in (parameter.description, parameter.source) if text)
        rows.append([_indexed(parameter), _value(parameter.value), escape(parameter.unit), escape(meaning)])
    yield _table(["parameter", "value", "unit", "meaning"], rows)


def _indexed(element: Parameter | Variable) -> str:
    return code(f"{element.name}[{', '.join(element.index)}]" if element.index else element.name)


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return number_text(float(value))
    if isinstance(value, str):
        return code(value)
    if isinstance(value, dict):
        parts = [f"{escape(str(key))}: {_value(item)}" for key, item in list(value.items())[:_SHOWN]]
        size = len(value)
    else:
        parts = [_value(item) for item in list(value)[:_SHOWN]]
        size = len(value)
    inside = ", ".join(parts) + (f", … ({size})" if size > _SHOWN else "")
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
    lower = _value(variable.lower) if variable.lower is not None else "0"
    upper = f" to {_value(variable.upper)}" if variable.upper is not None else " or more"
    return f"{lower}{upper}"


def _objective(formulation: Formulation) -> Iterator[str]:
    yield "## Objective"
    objective = formulation.objective
    if objective is None:
        yield "None: any feasible point will do."
        return
    unit = f" ({escape(objective.unit)})" if objective.unit else ""
    yield f"{objective.sense.capitalize()} {code(objective.expression)}{unit}"


def _constraints(formulation: Formulation) -> Iterator[str]:
    if not formulation.constraints:
        return
    yield "## Constraints"
    rows = [[code(c.name), code(c.expression), escape(c.description)] for c in formulation.constraints]
    yield _table(["constraint", "expression", "meaning"], rows)


def _assumptions(formulation: Formulation) -> Iterator[str]:
    if not formulation.assumptions:
        return
    yield "## Assumptions"
    yield "\n".join(f"* {escape(assumption.text)}" for assumption in formulation.assumptions)
