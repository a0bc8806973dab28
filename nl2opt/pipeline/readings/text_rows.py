"""The constraints of a formulation with their numbers, so that words of a problem can be led to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import (
    Comparison,
    ComparisonOperator,
    Comprehension,
    Index,
    Name,
    Node,
    Number,
    Text,
    walk,
)
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.schema import Change, Constraint, Formulation, Variable

_MOST_ENTRIES: Final = 200
"""Larger tables are data that no sentence states."""
_WORD: Final = re.compile(r"[a-z]+")
_HEAD_END: Final = re.compile(r"[;:,.(]")
_EMPTY_WORDS: Final = frozenset(
    "a an the of and or in on for to by is are be it its with at per from number numb total".split()  # noqa: SIM905
)
_FLIPPED: Final[Mapping[str, ComparisonOperator]] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "==": "=="}
Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class TextRow:
    """A comparison of two sides, alone or for each member of sets.

    Attributes:
        constraint: that it stands in.
        root: of its expression.
        comparison: of it.
        limits: the numbers of a side without variables; empty where both sides have some.
        operator: as if that side stood on the right.
        numbers: all numbers of the constraint.
        variables: names of the variables in it.
        words: stems of the words by which it and its variables are called.
    """

    constraint: Constraint
    root: Node
    comparison: Comparison
    limits: frozenset[float]
    operator: ComparisonOperator
    numbers: frozenset[float]
    variables: tuple[str, ...]
    words: frozenset[str]

    def with_operator(self, operator: ComparisonOperator) -> Change:
        """Return the edit that gives it another operator, as if the side without variables stood on the right."""
        written = operator if self.operator == self.comparison.operators[0] else _FLIPPED[operator]
        changed = Comparison(self.comparison.operands, (written,))
        return self.with_comparison(changed)

    def with_comparison(self, comparison: Comparison) -> Change:
        """Return the edit that puts another comparison into its place."""
        root = self.root
        new = Comprehension(comparison, root.clauses) if isinstance(root, Comprehension) else comparison
        return Change(kind="set", path=f"constraints.{self.constraint.name}.expression", value=to_text(new))


def stem(word: str) -> str:
    """Return a word without the endings of a plural."""
    return word.removesuffix("s").removesuffix("e") if len(word) > 3 else word


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text that say something."""
    return frozenset(stem(word) for word in _WORD.findall(text.lower().replace("_", " "))) - _EMPTY_WORDS


def head_of(description: str) -> str:
    """Return the words of a description that say what a variable is: what stands before the first pause."""
    return _HEAD_END.split(description, maxsplit=1)[0].strip()


def text_rows(formulation: Formulation) -> list[TextRow]:
    """Return the constraints that are one comparison of two sides; those that are switched off are left out."""
    return [row for constraint in formulation.enabled_constraints if (row := _row(constraint, formulation)) is not None]


def row_about(rows: Sequence[TextRow], clause: str) -> TextRow | None:
    """Return the row that shares most words with a clause; `None` where none does, or two share as many."""
    if len(rows) == 1:
        return rows[0]
    words = stems(clause)
    shared = sorted(((len(words & row.words), place) for place, row in enumerate(rows)), reverse=True)
    if not shared or shared[0][0] == 0 or (len(shared) > 1 and shared[0][0] == shared[1][0]):
        return None
    return rows[shared[0][1]]


def is_number(value: float, numbers: frozenset[float]) -> bool:
    """Whether a number is among others, up to rounding."""
    return any(abs(value - number) <= 1e-9 * max(1.0, abs(value)) for number in numbers)


def _row(constraint: Constraint, formulation: Formulation) -> TextRow | None:
    try:
        root = parse_expression(constraint.expression).root
    except ExpressionError:
        return None
    body = root.body if isinstance(root, Comprehension) else root
    if not isinstance(body, Comparison) or len(body.operands) != 2 or body.operators[0] not in _FLIPPED:
        return None
    known = {variable.name: variable for variable in formulation.variables}
    left, right = (_variables(side, known) for side in body.operands)
    limits = frozenset(_numbers(body.operands[1], formulation)) if left and not right else frozenset()
    operator = body.operators[0]
    if right and not left:
        limits, operator = frozenset(_numbers(body.operands[0], formulation)), _FLIPPED[operator]
    used = tuple(dict.fromkeys([*left, *right]))
    return TextRow(
        constraint=constraint,
        root=root,
        comparison=body,
        limits=limits,
        operator=operator,
        numbers=frozenset(_numbers(root, formulation)),
        variables=used,
        words=_words(constraint, root, [known[name] for name in used]),
    )


def _words(constraint: Constraint, root: Node, variables: Sequence[Variable]) -> frozenset[str]:
    called = [constraint.name, constraint.description, constraint.source]
    called += [f"{variable.name} {variable.description}" for variable in variables]
    called += [node.value for node in walk(root) if isinstance(node, Text)]
    return stems(" ".join(called))


def _variables(node: Node, known: Mapping[str, Variable]) -> list[str]:
    return [part.name for part in walk(node) if isinstance(part, Name | Index) and part.name in known]


def _numbers(node: Node, formulation: Formulation) -> Iterator[float]:
    """Yield the numbers of a node, those of its parameters included."""
    values = {parameter.name: parameter.value for parameter in formulation.parameters}
    for part in walk(node):
        if isinstance(part, Number):
            yield part.value
        elif isinstance(part, Name | Index) and part.name in values:
            yield from leaves(values[part.name])


def leaves(value: Any) -> Iterator[float]:
    """Yield the numbers of a parameter's value; none of a large table."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)
    elif isinstance(value, Mapping) and len(value) <= _MOST_ENTRIES:
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list | tuple) and len(value) <= _MOST_ENTRIES:
        for item in value:
            yield from leaves(item)
