"""Says a formulation in plain English, for people, judges and data sets: all of it, and nothing else.

Every number, bound, domain, index and clause is said once, so that the formulation can be told from the words. What
a person wrote, descriptions and units, is repeated as it is; where a number comes from (`source`) is left out.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np

from nl2opt.formulation.checks.names import expression_fields, infinite_bound, own_indices
from nl2opt.formulation.editing.edit import fields_of
from nl2opt.formulation.editing.entries import table_entries
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Index, Name, Text, walk
from nl2opt.formulation.language.writer import number_text, to_text
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.schema import (
    Alternative,
    Assumption,
    Change,
    Constraint,
    Formulation,
    Objective,
    Parameter,
    Set,
    Variable,
)
from nl2opt.formulation.words.expression_words import Words, listed

_MOST_LISTED: Final = 50
"""Of more values that a table gave, their number and ends are said."""
_SHOWN_OF_MANY: Final = 5
_MOST_INLINE: Final = 6
"""Parameters of at most so many numbers are said in the sentence that uses them first."""
_PLAIN_WORD: Final = re.compile(r"[^\W\d][\w /&'-]*")
_NO_OBJECTIVE: Final = "Find any values that satisfy the constraints."
_OBJECTIVE: Final = ("sense", "expression", "description", "unit")
_DOMAINS: Final = {
    "continuous": "a number", "integer": "a whole number", "binary": "0 or 1", "semicontinuous": "0, or a number",
}  # fmt: skip


def describe(formulation: Formulation) -> str:
    """Return the formulation in English, one sentence or list entry a line; the same for the same formulation."""
    return _Describer(formulation).text()


class _Describer:
    """Describes one formulation; remembers which parameters were said already."""

    def __init__(self, formulation: Formulation) -> None:
        self.formulation = formulation
        self.nouns = _nouns(formulation)
        self.words = Words(self.nouns)
        self.inline = _inline(formulation)
        self.used: set[str] = set()

    def text(self) -> str:
        formulation = self.formulation
        title = one_line(formulation.title)
        enabled = formulation.enabled_constraints
        objectives = [self.objective(objective) for objective in _objectives(formulation)]
        rows = [f"- {self.constraint(constraint)}" for constraint in enabled]
        off = [f"- {self.constraint(c)}" for c in formulation.constraints if not c.enabled]
        data = [_sentence(self.parameter(p)) for p in formulation.parameters if p.name not in self.used]
        blocks = [
            [f"{title}{'' if title.endswith(('.', '!', '?')) else '.'}"] if title else [],
            [_sentence(self.set(declared)) for declared in formulation.sets],
            data,
            [_sentence(self.variable(variable)) for variable in formulation.variables],
            [*(objectives or [_NO_OBJECTIVE]), *(["Subject to:", *rows] if rows else [])],
            ["Switched off, and so not demanded:", *off] if off else [],
            [_assumption(assumption) for assumption in formulation.assumptions],
        ]
        return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"

    # -- sets and parameters --------------------------------------------------------------------------

    def set(self, declared: Set) -> str:
        about = _in_brackets(declared.description)
        noun = self.nouns.get(declared.name)
        if declared.table is not None and not declared.elements:
            names = declared.column if isinstance(declared.column, list) else [declared.column or declared.name]
            source = f"the table {one_line(declared.table)}, column {listed([one_line(name) for name in names])}"
            if declared.origin == "table":
                return f"the set {declared.name}{about} is empty ({source})"
            return f"the set {declared.name}{about} has the elements of {source}, which is not attached"
        if not declared.elements:
            return f"the set {declared.name}{about} is empty"
        if isinstance(declared.elements, str):
            elements = self.words.expression(declared.elements)
        elif isinstance(declared.elements, Mapping):
            families = [f"{_listed_elements(v)} for {_element(k)}" for k, v in declared.elements.items()]
            return f"the set {declared.name}{about} consists of {'; '.join(families)}"
        elif declared.origin == "table" and len(declared.elements) > _MOST_LISTED:
            shown = ", ".join(_element(element) for element in declared.elements[:_SHOWN_OF_MANY])
            elements = f"{shown} and {len(declared.elements) - _SHOWN_OF_MANY:,} others (from a table)"
        else:
            elements = listed([_element(element) for element in declared.elements])
        if noun is None:
            return f"the set {declared.name}{about} consists of {elements}"
        one_of = "one of " if isinstance(declared.elements, str) or len(declared.elements) > 1 else ""
        return f"each {noun} is {one_of}{elements} (the set {declared.name}{_colon(declared.description)})"

    def parameter(self, parameter: Parameter) -> str:
        """Say a parameter with all its numbers."""
        name = parameter.name
        about = _in_brackets(parameter.description, _unit(parameter.unit))
        if isinstance(parameter.value, str):
            return self.words.definition(name, parameter.value) + about + self.default(parameter)
        name += about
        over = f" for {listed([self.words.every((s.lower(),), Name(s)) for s in parameter.index])}"
        if parameter.value is None and parameter.table is not None:
            column = f"the column {one_line(parameter.column)} of " if parameter.column else ""
            where = f"{column}the table {one_line(parameter.table)}, which is not attached"
            return f"{name} stands in {where}{self.default(parameter)}"
        if parameter.is_missing:
            return f"{name} is missing: the problem does not give it"
        if parameter.value is None:
            if parameter.default is None:
                return f"{name} has no value"
            return f"{name} is {_number(parameter.default)}{over if parameter.index else ''}"
        if not isinstance(parameter.value, Mapping | list | tuple | np.ndarray):
            return f"{name} is {_number(parameter.value)}{self.default(parameter)}"
        if parameter.origin == "table" and _count(parameter.value) > _MOST_LISTED:
            return f"{name}{_spread(parameter)}{self.default(parameter)}"
        entries = table_entries(parameter, self.formulation)
        if entries is None:
            order = f", in the order of {listed(parameter.index)}" if parameter.index else ""
            return f"{name} is {_nested(parameter.value)}{order}{self.default(parameter)}"
        said = [f"{_number(value)} for {self.label(label, parameter)}" for label, value in entries]
        return f"{name} is {listed(said) if said else 'empty'}{self.default(parameter)}"

    def default(self, parameter: Parameter) -> str:
        return "" if parameter.default is None else f", and {_number(parameter.default)} where nothing is stated"

    def label(self, label: tuple[Any, ...], parameter: Parameter) -> str:
        """Say which entry is meant: `chair`, `(a, b)`, `day 3`."""
        if len(label) != 1:
            return f"({', '.join(map(_element, label))})"
        text = _element(label[0])
        if text == str(label[0]) and _PLAIN_WORD.fullmatch(text):
            return text
        number = text.strip("'")
        return f"{self.nouns.get(parameter.index[0], parameter.index[0])} {number if number.isdigit() else text}"

    # -- variables, objective, constraints ------------------------------------------------------------

    def variable(self, variable: Variable) -> str:
        about = _in_brackets(variable.description, _unit(variable.unit))
        limits = [text for text in (self.lower(variable), self.upper(variable)) if text]
        bounds = f" {' and '.join(limits)}" if limits else ""
        return f"decide {self.family(variable)}{about}: {_DOMAINS[variable.domain]}{bounds}"

    def family(self, variable: Variable) -> str:
        """Name a variable with its indices: `make[item] for every item`."""
        if not variable.index:
            return variable.name
        names = list(own_indices(variable, self.formulation))
        groups = self.groups(variable, names)
        if groups is None:
            return f"{variable.name}[{', '.join(names)}] for every element of {' times '.join(variable.index)}"
        every = [self.words.every(group, Name(name)) for group, name in zip(groups, variable.index, strict=True)]
        return f"{variable.name}[{', '.join(names)}] for {listed(every)}"

    def groups(self, variable: Variable, names: list[str]) -> list[Sequence[str]] | None:
        """Return which of a variable's own indices belong to which of its sets; `None` when that cannot be told."""
        if len(names) == len(variable.index):
            return [(name,) for name in names]
        if len(variable.index) == 1:
            return [names]
        elements = {declared.name: declared.elements for declared in self.formulation.sets}
        groups: list[Sequence[str]] = []
        rest = iter(names)
        for name in variable.index:
            known = elements.get(name)
            if not isinstance(known, list) or not known:
                return None
            groups.append(tuple(islice(rest, len(known[0]) if isinstance(known[0], list | tuple) else 1)))
        return groups if sum(map(len, groups)) == len(names) else None

    def lower(self, variable: Variable) -> str:
        bound = variable.lower
        if bound is None:
            return "" if variable.domain == "binary" else "of at least 0 (no lower bound is stated)"
        infinite = infinite_bound(bound) if isinstance(bound, str) else None
        if infinite is not None:
            return "without lower limit" if infinite < 0 else "of at least infinity"
        return f"of at least {self.bound(bound)}"

    def upper(self, variable: Variable) -> str:
        bound = variable.upper
        infinite = infinite_bound(bound) if isinstance(bound, str) else None
        if bound is None or infinite == math.inf:
            return ""
        if infinite is not None:
            return "of at most minus infinity"
        return f"{'' if self.lower(variable).startswith('of') else 'of '}at most {self.bound(bound)}"

    def bound(self, bound: float | str) -> str:
        return self.words.expression(bound) if isinstance(bound, str) else _number(bound)

    def objective(self, objective: Objective) -> str:
        sense = "Maximise" if objective.sense == "maximize" else "Minimise"
        more = [f"{key} {value}" for key, value in fields_of(objective).items() if key not in _OBJECTIVE]
        about = _in_brackets(objective.description, _unit(objective.unit), *more)
        text = self.words.expression(objective.expression)
        return f"{sense} {text}{about}{self.where(objective.expression)}."

    def constraint(self, constraint: Constraint) -> str:
        loops, demand = self.words.demand(constraint.expression)
        says_more = constraint.description.strip().lower() != constraint.name.replace("_", " ").lower()
        about = _in_brackets(constraint.description if says_more else "")
        where = self.where(constraint.expression) if constraint.enabled else ""
        return f"{constraint.name}{about}: {f'{loops}, ' if loops else ''}{demand}{where}."

    def where(self, expression: str) -> str:
        """Say the small parameters that an expression uses first."""
        new = [name for name in _names(expression) if name in self.inline and name not in self.used]
        self.used.update(new)
        said = [self.parameter(self.inline[name]) for name in new]
        if len(said) > 1:
            comma = ";" if any("," in text for text in said) else ","
            said = [f"{comma} ".join(said[:-1]) + f"{comma} and {said[-1]}"]
        return f", where {said[0]}" if said else ""


def _objectives(formulation: Formulation) -> list[Objective]:
    """Return the objectives: one, none, or several where there is a list of them."""
    objective = formulation.objective
    if isinstance(objective, list):
        return list(objective)
    return [] if objective is None else [objective]


def _nouns(formulation: Formulation) -> dict[str, str]:
    """Return what one element of a set is called: its name in lower case, where that is a word of its own.

    A word in the plural is none for one element, and pairs are called by their two parts.
    """
    words = {d.name: d.name.lower().replace("_", " ") for d in formulation.sets}
    counts = Counter(words.values())
    pairs = {
        d.name
        for d in formulation.sets
        if isinstance(d.elements, list) and d.elements and isinstance(d.elements[0], list | tuple)
    }
    taken = {d.name for part in (formulation.parameters, formulation.variables) for d in part}
    return {
        name: word
        for name, word in words.items()
        if len(word) > 2 and word.replace(" ", "").isalpha() and not re.search("[^s]s$", word)
        if counts[word] == 1 and word not in taken and name not in pairs
    }


def _inline(formulation: Formulation) -> dict[str, Parameter]:
    """Return the parameters that are said where they are used: small ones that only rows and objective use."""
    elsewhere = {
        name
        for field in expression_fields(formulation)
        if not field.element.startswith(("objective", "constraints."))
        for name in _names(field.text)
    }
    return {
        parameter.name: parameter
        for parameter in formulation.parameters
        if parameter.name not in elsewhere and _count(parameter.value) <= _MOST_INLINE
    }


def _count(value: Any) -> float:
    """Return how many numbers a value holds; infinitely many when it is an expression or stands elsewhere."""
    if isinstance(value, Mapping):
        return sum(map(_count, value.values()))
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, list | tuple):
        return sum(map(_count, value))
    return math.inf if value is None or isinstance(value, str) else 1


def _names(expression: str) -> list[str]:
    """Return the names in an expression, in the order in which they stand there."""
    try:
        root = parse_expression(expression).root
    except ExpressionError:
        return []
    return list(dict.fromkeys(node.name for node in walk(root) if isinstance(node, Name | Index)))


def _spread(parameter: Parameter) -> str:
    """Say what a large table holds: how many numbers, from which table, and between which ends."""
    value = parameter.value
    numbers = np.fromiter(value.values(), np.float64, len(value)) if isinstance(value, Mapping) else np.asarray(value)
    ends = f"from {_number(float(numbers.min()))} to {_number(float(numbers.max()))}" if numbers.size else "none"
    column = f", column {one_line(parameter.column)}" if parameter.column else ""
    return f" has {numbers.size:,} values of the table {one_line(parameter.table or '')}{column}: {ends}"


def _listed_elements(elements: Any) -> str:
    if isinstance(elements, Mapping):
        return listed([f"({_listed_elements(item)} for {_element(key)})" for key, item in elements.items()])
    return listed([_element(element) for element in elements]) or "nothing"


def _element(element: Any) -> str:
    if isinstance(element, list | tuple):
        return f"({', '.join(map(_element, element))})"
    if isinstance(element, str):
        return element if _PLAIN_WORD.fullmatch(element) and " and " not in element else to_text(Text(element))
    return str(element)


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return "null" if value is None else one_line(str(value))
    if isinstance(value, int):
        return str(value)
    return number_text(float(value)) if math.isfinite(value) else str(value)


def _nested(value: Any) -> str:
    """Return nested lists and objects as they were written."""
    if isinstance(value, Mapping):
        return listed([f"{_nested(item)} for {_element(str(key))}" for key, item in value.items()])
    if isinstance(value, list | tuple | np.ndarray):
        items = [f"({_nested(v)})" if isinstance(v, list | tuple | Mapping | np.ndarray) else _number(v) for v in value]
        return ", ".join(items)
    return _number(value)


def _unit(unit: str) -> str:
    return f"in {one_line(unit)}" if unit else ""


def _in_brackets(*texts: str) -> str:
    inside = ", ".join(one_line(text) for text in texts if text)
    return f" ({inside})" if inside else ""


def _colon(text: str) -> str:
    return f": {one_line(text)}" if text else ""


def _sentence(text: str) -> str:
    """Return a sentence; names keep their first letter, words get a capital one."""
    first = text.partition(" ")[0]
    return f"{text[0].upper()}{text[1:]}." if first in ("each", "the", "decide") else f"{text}."


def _assumption(assumption: Assumption) -> str:
    about = f" (about {assumption.element})" if assumption.element else ""
    text = f"It is assumed: {one_line(assumption.text)}{about}."
    return text + "".join(f" {_alternative(alternative)}" for alternative in assumption.alternatives)


def _alternative(alternative: Alternative) -> str:
    edits = " and ".join(_edit(change) for change in alternative.edits)
    return f"Instead: {one_line(alternative.text)} ({edits})."


def _edit(change: Change) -> str:
    value = "" if change.value is None else f" {json.dumps(change.value, ensure_ascii=False, default=str)}"
    kind = change.kind.replace("_", " ")
    return f"{kind} {one_line(change.path)}{one_line(value) and ' to' + value}"
