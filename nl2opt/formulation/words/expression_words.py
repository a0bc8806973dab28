"""Says expressions in English: exactly, so that nothing but the words is different from what was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.precedence import ADDITION, ATOM, COMPARISON, POWER, PRODUCT, SIGN, precedence
from nl2opt.formulation.language.syntax import (
    Addition,
    Aggregate,
    Arithmetic,
    Call,
    Clause,
    Comparison,
    ComparisonOperator,
    Comprehension,
    Conditional,
    Logic,
    Name,
    Node,
    Number,
)
from nl2opt.formulation.language.writer import number_text, to_text
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.words.demand_words import demand_in_words

TOP: Final = 0
_PHRASE: Final = 1
"""How tightly a phrase of several parts binds, such as `a if b, otherwise c`: in others it stands in parentheses."""
_COMPARED: Final[dict[ComparisonOperator, str]] = {
    "<=": "is at most", ">=": "is at least", "==": "equals", "!=": "differs from", "<": "is less than",
    ">": "is greater than", "in": "is in", "not in": "is not in",
}  # fmt: skip
_TURNED: Final[dict[ComparisonOperator, ComparisonOperator]] = {
    "<=": ">=", ">=": "<=", "<": ">", ">": "<", "==": "==",
}  # fmt: skip
_AGGREGATES: Final = {"sum": "sum", "prod": "product", "min": "smallest", "max": "largest", "len": "number"}
_FUNCTIONS: Final = {
    "abs": "the absolute value of", "sqrt": "the square root of", "exp": "the exponential of",
    "log": "the natural logarithm of", "sin": "the sine of", "cos": "the cosine of",
    "len": "the number of elements of", "first": "the first element of", "last": "the last element of",
    "min": "the smallest of", "max": "the largest of", "prod": "the product of", "sum": "the sum of",
}  # fmt: skip


class Words:
    """Says the expressions of one formulation.

    Attributes:
        nouns: what one element of a set is called, by the name of the set; sets without a noun are left out.
    """

    def __init__(self, nouns: Mapping[str, str]) -> None:
        self.nouns = nouns

    def expression(self, text: str) -> str:
        """Return an expression in words; one that cannot be read is quoted."""
        try:
            return self.phrase(parse_expression(text).root)
        except ExpressionError:
            return f"`{one_line(text)}`"

    def demand(self, text: str) -> tuple[str, str]:
        """Return for which combinations a constraint holds, empty when it has no clauses, and what it demands."""
        try:
            root = parse_expression(text).root
        except ExpressionError:
            return "", f"`{one_line(text)}`"
        if isinstance(root, Comprehension) and root.key is None:
            return f"for {self.clauses(root.clauses)}", self.phrase(root.body)
        return "", self.phrase(root)

    def definition(self, name: str, text: str) -> str:
        """Return what a parameter is that is an expression of others."""
        try:
            root = parse_expression(text).root
        except ExpressionError:
            return f"{name} is `{one_line(text)}`"
        if isinstance(root, Comprehension) and root.key is not None:
            key = to_text(root.key).strip("()")
            return f"{name}[{key}] is {self.phrase(root.body)} for {self.clauses(root.clauses)}"
        return f"{name} is {self.phrase(root)}"

    def phrase(self, node: Node, around: int = TOP) -> str:
        """Return a node in words, in parentheses where it stands in one that binds tighter."""
        text = self._plain(node)
        return f"({text})" if _binding(node) < around else text

    def _plain(self, node: Node) -> str:
        match node:
            case Number():
                return number_text(node.value)
            case Addition():
                return self._addition(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison():
                return self._comparison(node)
            case Logic(operator="not"):
                return f"not {self.phrase(node.operands[0], ATOM)}"
            case Logic():
                return f" {node.operator} ".join(self.phrase(operand, COMPARISON) for operand in node.operands)
            case Conditional():
                body, test = self.phrase(node.body, ADDITION), self.phrase(node.test, COMPARISON)
                return f"{body} if {test}, otherwise {self.phrase(node.otherwise, ADDITION)}"
            case Aggregate():
                name = _AGGREGATES.get(node.function, node.function)
                return f"the {name}{self._over(node.clauses)} {self.phrase(node.body, PRODUCT)}"
            case Call():
                return self._call(node)
            case Comprehension(key=None):
                return f"{self.phrase(node.body)} for {self.clauses(node.clauses)}"
            case _:
                return to_text(node)

    def _addition(self, node: Addition) -> str:
        words = []
        for place, (sign, term) in enumerate(node.terms):
            word = ("plus " if sign > 0 else "minus ") if place or sign < 0 else ""
            words.append(word + self.phrase(term, SIGN if isinstance(term, Number) and word else PRODUCT))
        return " ".join(words)

    def _arithmetic(self, node: Arithmetic) -> str:
        match node.operator:
            case "*" | "/":
                word = "times" if node.operator == "*" else "divided by"
                return f"{self.phrase(node.left, PRODUCT)} {word} {self.phrase(node.right, PRODUCT + 1)}"
            case "**":
                return f"{self.phrase(node.left, POWER + 1)} to the power of {self.phrase(node.right, POWER + 1)}"
            case _:
                kind = "whole part" if node.operator == "//" else "remainder"
                left, right = self.phrase(node.left, POWER), self.phrase(node.right, POWER)
                return f"the {kind} of {left} divided by {right}"

    def _comparison(self, node: Comparison) -> str:
        sides = [self.phrase(operand, COMPARISON) for operand in node.operands]
        if len(sides) == 3 and all(operator in _TURNED for operator in node.operators):
            below, above = node.operators
            return f"{sides[1]} {_COMPARED[_TURNED[below]]} {sides[0]} and {_COMPARED[above]} {sides[2]}"
        pairs = zip(sides, node.operators, sides[1:], strict=False)
        return " and ".join(f"{left} {_COMPARED[operator]} {right}" for left, operator, right in pairs)

    def _call(self, node: Call) -> str:
        demand = demand_in_words(node, self.phrase, lambda comprehension: self.clauses(comprehension.clauses))
        if demand is not None:
            return demand
        match node.function, node.arguments:
            case "range", _:
                return self._range(node.arguments)
            case ("ceil" | "floor" | "round") as function, (argument,):
                way = {"ceil": " up", "floor": " down", "round": ""}[function]
                return f"{self.phrase(argument, POWER)} rounded{way}"
            case function, (argument,) if function in _FUNCTIONS:
                return f"{_FUNCTIONS[function]} {self.phrase(argument, POWER)}"
            case ("prev" | "next") as function, (over, element, *steps):
                count = f"{self.phrase(steps[0], POWER)} places " if steps else ""
                side = "before" if function == "prev" else "after"
                around = ", going around at its ends" if node.cyclic else ""
                return f"the element {count}{side} {self.phrase(element, POWER)} in {self.phrase(over, POWER)}{around}"
            case "ord", (over, element):
                return f"the place of {self.phrase(element, POWER)} in {self.phrase(over, POWER)}"
            case ("min" | "max") as function, arguments:
                return f"{_FUNCTIONS[function]} {listed([self.phrase(a, PRODUCT) for a in arguments])}"
        return to_text(node)

    def _range(self, arguments: Sequence[Node]) -> str:
        start = self.phrase(arguments[0], ADDITION) if len(arguments) > 1 else "zero"
        end = self.phrase(arguments[1] if len(arguments) > 1 else arguments[0], ADDITION)
        step = f" in steps of {self.phrase(arguments[2], ADDITION)}" if len(arguments) > 2 else ""
        return f"the whole numbers from {start} up to but not including {end}{step}"

    def _over(self, clauses: Sequence[Clause]) -> str:
        over = self.clauses(clauses)
        return f", over {over}, of" if any(clause.conditions for clause in clauses) else f" over {over} of"

    def clauses(self, clauses: Sequence[Clause]) -> str:
        """Return generator clauses in words: `every item i and every t in T such that ...`."""
        return listed([self._clause(clause) for clause in clauses])

    def _clause(self, clause: Clause) -> str:
        parts = [
            part
            for condition in clause.conditions
            for part in (
                condition.operands if isinstance(condition, Logic) and condition.operator == "and" else (condition,)
            )
        ]
        conditions = [self.phrase(part, COMPARISON) for part in parts]
        such_that = f" such that {' and '.join(conditions)}" if conditions else ""
        return self.every(clause.targets, clause.iterable) + such_that

    def every(self, targets: Sequence[str], iterable: Node) -> str:
        """Return a loop in words: `every item i`, `every (i, j) in ARCS`."""
        noun = self.nouns.get(iterable.name) if isinstance(iterable, Name) else None
        if noun is not None and len(targets) == 1:
            return f"every {noun}" if targets[0] == noun else f"every {noun} {targets[0]}"
        target = targets[0] if len(targets) == 1 else f"({', '.join(targets)})"
        return f"every {target} in {self.phrase(iterable, POWER)}"


def _binding(node: Node) -> int:
    """Return how tightly the words of a node bind."""
    match node:
        case Conditional() | Logic() | Comprehension():
            return _PHRASE
        case Aggregate():
            return COMPARISON  # what is compared may begin or end with it, all else encloses it
        case Arithmetic(operator="//" | "%"):
            return _PHRASE
        case Call(function="first" | "last" | "len"):
            return POWER
        case Call():
            return _PHRASE
        case Addition():
            return ADDITION
        case _:
            return precedence(node)


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
