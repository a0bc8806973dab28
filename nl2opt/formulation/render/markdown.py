"""Renders a formulation as Markdown: the five elements as tables that people read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from nl2opt.formulation.language.writer import number_text
from nl2opt.formulation.objectives import objective_name
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.render.markdown_math import expression_math
from nl2opt.formulation.render.value_text import ValueText
from nl2opt.formulation.schema import Constraint, Formulation, Objective, Parameter, Variable

_SHOWN: Final = 20
_SIGNS: Final = "\\`*_{}[]()<>#+-.!|~&$^="


def to_markdown(formulation: Formulation, *, math: bool = False) -> str:
    """Return the five elements as a page of Markdown; nothing in people's texts is markup any more.

    Args:
        formulation: what is written.
        math: whether expressions are mathematics between dollar signs, else code; see `expression_math` for those
            that stay code.
    """
    title = escape(formulation.title)
    words = _MATHEMATICS if math else _CODE
    blocks = [
        f"# {title}" if title else "",
        *_sets(formulation, words),
        *_parameters(formulation, words),
        *_variables(formulation, words),
        *_objective(formulation, words),
        *_constraints(formulation, words),
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


def mathematics(text: str, *, in_table: bool = True, is_demand: bool = False) -> str:
    """Return an expression as mathematics; as code where that cannot be."""
    return expression_math(text, is_demand=is_demand) or code(text, in_table=in_table)


@dataclass(frozen=True, slots=True)
class _Words:
    """How expressions are shown.

    Attributes:
        values: writes sets, parameters and bounds.
        objective: writes the expression of an objective, given whether it stands in a table.
        demand: writes the expression of a constraint, in a table.
    """

    values: ValueText
    objective: Callable[[str, bool], str]
    demand: Callable[[str], str]


_CODE: Final = _Words(ValueText(escape, code, str), lambda text, in_table: code(text, in_table=in_table), code)
_MATHEMATICS: Final = _Words(
    ValueText(escape, code, str, expression=mathematics),
    lambda text, in_table: mathematics(text, in_table=in_table),
    partial(mathematics, is_demand=True),
)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join(lines)


def _sets(formulation: Formulation, words: _Words) -> Iterator[str]:
    if not formulation.sets:
        return
    yield "## Sets"
    rows = []
    for declared in formulation.sets:
        name = f"{declared.name}[{', '.join(declared.index)}]" if declared.index else declared.name
        rows.append([code(name), words.values.elements(declared), escape(declared.description)])
    yield _table(["set", "elements", "meaning"], rows)


def _parameters(formulation: Formulation, words: _Words) -> Iterator[str]:
    if not formulation.parameters:
        return
    yield "## Parameters"
    rows = []
    for parameter in formulation.parameters:
        meaning = "; ".join(text for text in (parameter.description, parameter.source) if text)
        rows.append([_indexed(parameter), words.values.parameter(parameter), escape(parameter.unit), escape(meaning)])
    yield _table(["parameter", "value", "unit", "meaning"], rows)


def _indexed(element: Parameter | Variable) -> str:
    return code(f"{element.name}[{', '.join(element.index)}]" if element.index else element.name)


def _variables(formulation: Formulation, words: _Words) -> Iterator[str]:
    yield "## Variables"
    rows = []
    for variable in formulation.variables:
        rows.append(
            [
                _indexed(variable),
                variable.domain,
                words.values.bounds(variable),
                escape(variable.unit),
                escape(variable.description),
            ]
        )
    yield _table(["variable", "domain", "bounds", "unit", "meaning"], rows)


def _objective(formulation: Formulation, words: _Words) -> Iterator[str]:
    yield "## Objective"
    if not formulation.objectives:
        yield "None: any feasible point will do."
    elif not isinstance(formulation.objective, list):
        yield _one_objective(formulation.objectives[0], words)
    else:
        rows = [
            [
                escape(objective_name(formulation.objectives, place)),
                _one_objective(o, words, in_table=True),
                str(o.priority),
                number_text(float(o.weight)),
                escape(o.description),
            ]
            for place, o in enumerate(formulation.objectives)
        ]
        yield _table(["objective", "expression", "priority", "weight", "meaning"], rows)


def _one_objective(objective: Objective, words: _Words, *, in_table: bool = False) -> str:
    unit = f" ({escape(objective.unit)})" if objective.unit else ""
    return f"{objective.sense.capitalize()} {words.objective(objective.expression, in_table)}{unit}"


def _constraints(formulation: Formulation, words: _Words) -> Iterator[str]:
    if not formulation.constraints:
        return
    yield "## Constraints"
    rows = [[code(c.name), words.demand(c.expression), _meaning(c)] for c in formulation.constraints]
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
