"""Reads `implies` and `either` as what modelling libraries have words for: conditions, and alternatives.

The reading is that of `compilation.logic`, on the text alone: the formulation has been compiled, so that conditions
are known to have exact opposites.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.language.syntax import Call, Comparison, ComparisonOperator, Index, Logic, Name, Node, Number

_OPPOSITES: Final[dict[ComparisonOperator, tuple[ComparisonOperator, ...]]] = {
    "<=": (">",), ">=": ("<",), "<": (">=",), ">": ("<=",), "==": ("<", ">"), "!=": ("==",),
}  # fmt: skip
_HOLDS: Final[dict[ComparisonOperator, Callable[[float, float], bool]]] = {
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip
Rows = tuple[Comparison, ...]
"""Single comparisons that are demanded together."""


@dataclass(frozen=True, slots=True)
class Switched:
    """Rows that are demanded where a binary variable has a value.

    Attributes:
        binary: the variable.
        value: 0 or 1.
        rows: what is demanded.
    """

    binary: Node
    value: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Groups of rows of which at least one is demanded."""

    groups: tuple[Rows, ...]


def logical_of(node: Call, is_binary: Callable[[str], bool]) -> Switched | Alternatives:
    """Read `implies(...)` or `either(...)` of a compiled formulation.

    Args:
        node: the demand.
        is_binary: whether a name is that of a binary variable.
    """
    if node.function == "either":
        return Alternatives(tuple(single_rows(argument) for argument in node.arguments))
    condition, demanded = node.arguments
    switch = _switch(condition, is_binary)
    if switch is not None:
        return Switched(*switch, single_rows(demanded))
    return Alternatives((*_opposites(condition, is_binary), single_rows(demanded)))


def single_rows(node: Node) -> Rows:
    """Return the single comparisons of a comparison, or of several joined by `and`."""
    if isinstance(node, Logic) and node.operator == "and":
        return tuple(row for operand in node.operands for row in single_rows(operand))
    assert isinstance(node, Comparison)
    triples = zip(node.operands, node.operators, node.operands[1:], strict=False)
    return tuple(Comparison((left, right), (operator,), node.span) for left, operator, right in triples)


def _switch(node: Node, is_binary: Callable[[str], bool]) -> tuple[Node, int] | None:
    """Return the binary variable that a condition is about, and the value that it asks for."""
    if isinstance(node, Logic) and node.operator == "not":
        inner = _switch(node.operands[0], is_binary)
        return None if inner is None else (inner[0], 1 - inner[1])
    if isinstance(node, Name | Index):
        return (node, 1) if is_binary(node.name) else None
    if not isinstance(node, Comparison) or len(node.operators) != 1:
        return None
    left, right = node.operands
    if not isinstance(left, Name | Index) or not is_binary(left.name) or not isinstance(right, Number):
        return None
    holds = _HOLDS[node.operators[0]]
    at_0, at_1 = (holds(value, float(right.value)) for value in (0.0, 1.0))
    return (left, int(at_1)) if at_0 != at_1 else None


def _opposites(node: Node, is_binary: Callable[[str], bool]) -> tuple[Rows, ...]:
    """Return groups of rows of which one holds exactly where a condition does not."""
    if isinstance(node, Logic) and node.operator == "and":
        return tuple(group for operand in node.operands for group in _opposites(operand, is_binary))
    if isinstance(node, Logic) and node.operator == "not" and isinstance(node.operands[0], Comparison):
        return (single_rows(node.operands[0]),)
    switch = _switch(node, is_binary)
    if switch is not None:
        binary, value = switch
        return ((Comparison((binary, Number(1.0 - value)), ("==",)),),)
    return tuple(
        (Comparison(row.operands, (operator,), row.span),)
        for row in single_rows(node)
        for operator in _OPPOSITES[row.operators[0]]
    )
