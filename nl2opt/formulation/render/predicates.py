"""Reads `implies` and `either` as what modelling libraries have words for: conditions, and alternatives.

The reading is that of `compilation.logic`: the formulation has been compiled, so that conditions are known to have
exact opposites.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.language.syntax import Call, Comparison, ComparisonOperator, Logic, Node, Number
from nl2opt.formulation.render.switches import ReadSwitch

_OPPOSITES: Final[dict[ComparisonOperator, tuple[ComparisonOperator, ...]]] = {
    "<=": (">",), ">=": ("<",), "<": (">=",), ">": ("<=",), "==": ("<", ">"), "!=": ("==",),
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


def logical_of(node: Call, read: ReadSwitch) -> Switched | Alternatives:
    """Read `implies(...)` or `either(...)` of a compiled formulation.

    Args:
        node: the demand.
        read: tells the conditions that are about one binary variable.
    """
    if node.function == "either":
        return Alternatives(tuple(single_rows(argument) for argument in node.arguments))
    condition, demanded = node.arguments
    switch = read(condition)
    if switch is not None:
        return Switched(switch.binary, switch.value, single_rows(demanded))
    return Alternatives((*_opposites(condition, read), single_rows(demanded)))


def single_rows(node: Node) -> Rows:
    """Return the single comparisons of a comparison, or of several joined by `and`."""
    if isinstance(node, Logic) and node.operator == "and":
        return tuple(row for operand in node.operands for row in single_rows(operand))
    assert isinstance(node, Comparison)
    triples = zip(node.operands, node.operators, node.operands[1:], strict=False)
    return tuple(Comparison((left, right), (operator,), node.span) for left, operator, right in triples)


def _opposites(node: Node, read: ReadSwitch) -> tuple[Rows, ...]:
    """Return groups of rows of which one holds exactly where a condition does not."""
    if isinstance(node, Logic) and node.operator == "and":
        return tuple(group for operand in node.operands for group in _opposites(operand, read))
    if isinstance(node, Logic) and node.operator == "not" and isinstance(node.operands[0], Comparison):
        return (single_rows(node.operands[0]),)
    switch = read(node)
    if switch is not None:
        return ((Comparison((switch.binary, Number(1.0 - switch.value)), ("==",)),),)
    return tuple(
        (Comparison(row.operands, (operator,), row.span),)
        for row in single_rows(node)
        for operator in _OPPOSITES[row.operators[0]]
    )
