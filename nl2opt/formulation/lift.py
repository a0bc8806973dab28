"""Lifts the plain numbers of a scalar formulation into named parameters.

What a small language model writes with numbers in the expressions becomes a full five-element formulation:
each number gets a name, after the constraint it stands in and the variable it multiplies, and the words of
the problem that it was taken from.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.syntax import (
    Addition,
    Arithmetic,
    Comparison,
    ComparisonOperator,
    Name,
    Node,
    Number,
    walk,
)
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.schema import MAX_NAME_CHARACTERS, Formulation, Objective, Parameter
from nl2opt.text.numbers import TextNumber, clause_around, numbers_in

_SIDE: Final[dict[ComparisonOperator, str]] = {
    "<=": "maximum", "<": "maximum", ">=": "minimum", ">": "minimum", "==": "required",
}  # fmt: skip
_FLIPPED: Final[dict[ComparisonOperator, ComparisonOperator]] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_LARGEST_WHOLE: Final = 1e15
_UNNAMED: Final = (0.0, 1.0, -1.0)
"""Numbers that mean no datum by themselves."""
_END_OF_PROBLEM: Final = 400
"""How many characters of the problem's end are searched for the noun of the objective."""
_OBJECTIVE_WORDS: Final = (
    "profit", "cost", "revenue", "income", "time", "distance", "yield", "return", "benefit", "waste", "weight",
    "price", "value", "score", "effort",
)  # fmt: skip


def lift(formulation: Formulation, problem: str) -> Formulation:
    """Return the same formulation with its numbers as parameters.

    0, 1, -1, exponents and what they are put to, and what stands inside functions, indices and clauses stays as
    it is. A bound of a variable stays in the bound. The lifted formulation compiles to the same coefficients.

    Args:
        formulation: in the scalar style; its expressions must be of the language.
        problem: the text that the numbers come from.

    Raises:
        ExpressionError: an expression is not of the language.
    """
    lifter = _Lifter(formulation, problem)
    if isinstance(formulation.objective, list):
        objective: Objective | list[Objective] | None = [_lifted(o, lifter, problem) for o in formulation.objective]
    else:
        objective = _lifted(formulation.objective, lifter, problem) if formulation.objective is not None else None
    constraints = [
        constraint.model_copy(
            update={
                "expression": lifter.lifted(
                    constraint.expression, constraint.name, f"{constraint.description} {constraint.source}"
                )
            }
        )
        if constraint.enabled
        else constraint
        for constraint in formulation.constraints
    ]
    return formulation.model_copy(
        update={
            "objective": objective,
            "constraints": constraints,
            "parameters": [*formulation.parameters, *lifter.parameters],
        }
    )


def _lifted(objective: Objective, lifter: _Lifter, problem: str) -> Objective:
    # The question, which names what is wanted, mostly stands last.
    own = [objective.name] if objective.name else _nouns(objective.description)
    nouns = [*own, *reversed(_nouns(problem[-_END_OF_PROBLEM:])), "objective"]
    text = lifter.lifted(objective.expression, nouns[0], objective.description)
    return objective.model_copy(update={"expression": text})


def _nouns(text: str) -> list[str]:
    """Return the words of a text that an objective can be called by, in order."""
    words = (word.removesuffix("s") for word in re.findall(r"[a-z]+", text.lower()))
    return [word for word in words if word in _OBJECTIVE_WORDS]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a number stands.

    Attributes:
        owner: what the name of its parameter begins with: the constraint, or the noun of the objective.
        context: words about the constraint or objective, to find the number in the problem by.
        role: what the name ends in: the variable it multiplies, or what it demands.
    """

    owner: str
    context: str
    role: str


class _Lifter:
    """Names numbers, and finds the words that they come from."""

    def __init__(self, formulation: Formulation, problem: str) -> None:
        self.problem = problem
        self.numbers = numbers_in(problem)
        self.parameters: list[Parameter] = []
        self.named: dict[tuple[str, float], str] = {}
        self.counts: Counter[str] = Counter()
        self.descriptions = {v.name: f"{v.name} {v.description}" for v in formulation.variables}
        self.taken = {
            d.name for part in (formulation.sets, formulation.parameters, formulation.variables) for d in part
        }

    def lifted(self, text: str, owner: str, context: str) -> str:
        """Return an expression with its numbers replaced by names."""
        root = parse_expression(text).root
        return to_text(self.node(root, _Place(owner, context, "constant")))

    def node(self, node: Node, place: _Place) -> Node:
        match node:
            case Comparison():
                return self.comparison(node, place)
            case Addition():
                return Addition(tuple((sign, self.node(term, place)) for sign, term in node.terms))
            case Arithmetic(operator="*" | "/"):
                left = self.node(node.left, self.factor_place(node.right, place))
                return Arithmetic(node.operator, left, self.node(node.right, self.factor_place(node.left, place)))
            case Number() if node.value not in _UNNAMED:
                return Name(self.parameter(node.value, place))
            case _:
                return node

    def comparison(self, node: Comparison, place: _Place) -> Node:
        """Name a plain side after what it demands: a maximum, a minimum, a required amount."""
        first = _FLIPPED.get(node.operators[0], node.operators[0])
        roles = [_SIDE.get(operator, "value") for operator in (first, *node.operators)]
        operands = [
            self.node(operand, _Place(place.owner, place.context, role))
            for operand, role in zip(node.operands, roles, strict=True)
        ]
        return Comparison(tuple(operands), node.operators)

    def factor_place(self, other: Node, place: _Place) -> _Place:
        """Name a factor after the variable that it multiplies."""
        names = {node.name for node in walk(other) if isinstance(node, Name)}
        if len(names) != 1:
            return _Place(place.owner, place.context, "share" if names else "factor")
        name = names.pop()
        return _Place(place.owner, f"{place.context} {self.descriptions.get(name, name)}", name)

    def parameter(self, value: float, place: _Place) -> str:
        """Make a parameter for a number, and return its name; the same number in the same role is one."""
        stem = place.owner if place.owner.endswith(f"_{place.role}") else f"{place.owner}_{place.role}"
        known = self.named.get((stem, value))
        if known is not None:
            return known
        name = self.free(stem)
        self.named[stem, value] = name
        number = self.origin(value, place)
        source = clause_around(self.problem, number.start, number.end) if number is not None else ""
        whole = int(value) if value.is_integer() and abs(value) < _LARGEST_WHOLE else value
        self.parameters.append(Parameter(name=name, value=whole, source=source, unit=self.unit(number)))
        return name

    def free(self, stem: str) -> str:
        """Return a name that nothing else has: the stem, with a number behind it if it takes one."""
        name = stem[:MAX_NAME_CHARACTERS]
        while name in self.taken:
            self.counts[stem] += 1
            ending = f"_{self.counts[stem] + 1}"
            name = f"{stem[: MAX_NAME_CHARACTERS - len(ending)]}{ending}"
        self.taken.add(name)
        return name

    def origin(self, value: float, place: _Place) -> TextNumber | None:
        """Return the number of the text that a value was most likely taken from; `None` when there is none.

        Signs do not count. Among those with the value it is the one whose surroundings share most words
        with the place.
        """
        size = abs(value)
        candidates = [n for n in self.numbers if any(abs(abs(v) - size) <= 1e-9 * max(1.0, size) for v in n.values)]
        if len(candidates) <= 1:
            return candidates[0] if candidates else None
        wanted = _words(f"{place.owner} {place.role} {place.context}")

        def closeness(number: TextNumber) -> tuple[int, int, bool, int]:
            near = self.problem[max(0, number.start - 40) : number.end + 40]
            clause = clause_around(self.problem, number.start, number.end)
            likeliest = abs(number.values[0]) == size
            return len(wanted & _words(near)), len(wanted & _words(clause)), likeliest, -number.start

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
