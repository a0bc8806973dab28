"""Lifts the plain numbers of a scalar formulation into named parameters.

What a small language model writes with numbers in the expressions becomes a full five-element formulation:
each number gets a name, after the constraint it stands in and the variable it multiplies, and the words of
the problem that it was taken from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.parser import parse_expression
from nl2opt.formulation.schema import MAX_NAME_CHARACTERS, Formulation, Parameter
from nl2opt.formulation.syntax import (
    Addition,
    Arithmetic,
    Comparison,
    ComparisonOperator,
    Name,
    Node,
    Number,
    walk,
)
from nl2opt.formulation.writer import to_text
from nl2opt.text.numbers import TextNumber, clause_around, numbers_in

_SIDE: Final[dict[ComparisonOperator, str]] = {
    "<=": "maximum", "<": "maximum", ">=": "minimum", ">": "minimum", "==": "required",
}  # fmt: skip
_FLIPPED: Final[dict[ComparisonOperator, ComparisonOperator]] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_UNNAMED: Final = (0.0, 1.0, -1.0)
"""Numbers that mean no datum by themselves."""
_OBJECTIVE_WORDS: Final = (
    "profit", "cost", "revenue", "income", "time", "distance", "yield", "return", "benefit", "waste", "weight",
    "price", "value", "score", "effort",
)  # fmt: skip


def lift(formulation: Formulation, problem: str) -> Formulation:
    """Return the same formulation with its numbers as parameters.

    0, 1, exponents, and what stands inside functions, indices and clauses stays as it is. A bound of a
    variable stays in the bound.

    Args:
        formulation: in the scalar style; its expressions must be of the language.
        problem: the text that the numbers come from.
    """
    lifter = _Lifter(formulation, problem)
    objective = formulation.objective
    if objective is not None:
        words = f"{objective.description} {problem[-400:]}".lower()
        noun = next((word for word in _OBJECTIVE_WORDS if word in words), "objective")
        text = lifter.lifted(objective.expression, noun, objective.description)
        objective = objective.model_copy(update={"expression": text})
    constraints = [
        constraint.model_copy(
            update={
                "expression": lifter.lifted(
                    constraint.expression, constraint.name, f"{constraint.description} {constraint.source}"
                )
            }
        )
        for constraint in formulation.constraints
    ]
    return formulation.model_copy(
        update={
            "objective": objective,
            "constraints": constraints,
            "parameters": [*formulation.parameters, *lifter.parameters],
        }
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a number stands: the words around it in the formulation, and what its name ends in."""

    owner: str
    context: str
    role: str


class _Lifter:
    """Names numbers, and finds the words that they come from."""

    def __init__(self, formulation: Formulation, problem: str) -> None:
        self.problem = problem
        self.numbers = numbers_in(problem)
        self.parameters: list[Parameter] = []
        self.descriptions = {v.name: f"{v.name} {v.description}" for v in formulation.variables}
        self.taken = {
            d.name for part in (formulation.sets, formulation.parameters, formulation.variables) for d in part
        }

    def lifted(self, text: str, owner: str, context: str) -> str:
        """Return an expression with its numbers replaced by names."""
        root = parse_expression(text).root
        return to_text(self.node(root, _Place(owner, context, "")))

    def node(self, node: Node, place: _Place) -> Node:
        match node:
            case Comparison():
                return self.comparison(node, place)
            case Addition():
                terms = tuple(
                    (sign, self.node(term, _Place(place.owner, place.context, place.role))) for sign, term in node.terms
                )
                return Addition(terms)
            case Arithmetic(operator="*" | "/"):
                left = self.node(node.left, self.factor_place(node.right, place))
                return Arithmetic(node.operator, left, self.node(node.right, self.factor_place(node.left, place)))
            case Number() if node.value not in _UNNAMED and place.role:
                return Name(self.parameter(node.value, place))
            case _:
                return node

    def comparison(self, node: Comparison, place: _Place) -> Node:
        """Name a plain side after what it demands: a maximum, a minimum, a required amount."""
        operands = []
        for number, operand in enumerate(node.operands):
            operator = (
                node.operators[min(number, len(node.operators) - 1)] if number == 0 else node.operators[number - 1]
            )
            role = _SIDE.get(_FLIPPED.get(operator, operator) if number == 0 else operator, "value")
            operands.append(self.node(operand, _Place(place.owner, place.context, role)))
        return Comparison(tuple(operands), node.operators)

    def factor_place(self, other: Node, place: _Place) -> _Place:
        """Name a factor after the variable that it multiplies."""
        names = [node.name for node in walk(other) if isinstance(node, Name)]
        if isinstance(other, Name):
            context = f"{place.context} {self.descriptions.get(other.name, other.name)}"
            return _Place(place.owner, context, other.name)
        return _Place(place.owner, place.context, "share" if names else "factor")

    def parameter(self, value: float, place: _Place) -> str:
        """Make a parameter for a number, and return its name; the same number in the same role is one."""
        stem = place.owner if place.owner.endswith(f"_{place.role}") else f"{place.owner}_{place.role}"
        stem = stem[: MAX_NAME_CHARACTERS - 4]
        name, count = stem, 1
        for known in self.parameters:
            if known.name == stem and known.value == value:
                return stem
        while name in self.taken:
            count += 1
            name = f"{stem}_{count}"
        self.taken.add(name)
        number = self.origin(value, place)
        source = clause_around(self.problem, number.start, number.end) if number is not None else ""
        whole = int(value) if value == int(value) else value
        self.parameters.append(Parameter(name=name, value=whole, source=source, unit=self.unit(number)))
        return name

    def origin(self, value: float, place: _Place) -> TextNumber | None:
        """Return the number of the text that a value was most likely taken from; `None` when there is none.

        Among those with the value it is the one whose sentence shares most words with the place.
        """
        candidates = [n for n in self.numbers if any(abs(v - value) <= 1e-9 * max(1.0, abs(value)) for v in n.values)]
        if len(candidates) <= 1:
            return candidates[0] if candidates else None
        wanted = _words(f"{place.owner} {place.role} {place.context}")

        def closeness(number: TextNumber) -> tuple[int, int, int]:
            near = self.problem[max(0, number.start - 40) : number.end + 40]
            clause = clause_around(self.problem, number.start, number.end)
            return len(wanted & _words(near)), len(wanted & _words(clause)), -number.start

        return max(candidates, key=closeness)

    def unit(self, number: TextNumber | None) -> str:
        """Return the currency sign in front of a number, the one unit that can be told without doubt."""
        if number is None or number.start == 0:
            return ""
        sign = self.problem[number.start - 1]
        return sign if sign in "$€£" else ""


def _words(text: str) -> set[str]:
    """Return the words of a text, without endings, so that `chairs` meets `chair`."""
    return {word.removesuffix("s") for word in re.findall(r"[a-z]{3,}", text.lower().replace("_", " "))}
