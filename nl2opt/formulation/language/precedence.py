"""How tightly the operators of the expression language bind, loosest first."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.language.syntax import (
    Addition,
    Arithmetic,
    Comparison,
    Conditional,
    Logic,
    Node,
    Number,
    SetOperation,
)

CONDITIONAL: Final = 1
OR: Final = 2
AND: Final = 3
NOT: Final = 4
COMPARISON: Final = 5
UNION: Final = 6
INTERSECTION: Final = 7
ADDITION: Final = 8
PRODUCT: Final = 9
SIGN: Final = 10
POWER: Final = 11
ATOM: Final = 12


def precedence(node: Node) -> int:
    """Return how tightly a node binds; a node inside one that binds tighter needs parentheses."""
    match node:
        case Conditional():
            return CONDITIONAL
        case Logic():
            return {"or": OR, "and": AND, "not": NOT}[node.operator]
        case Comparison():
            return COMPARISON
        case SetOperation():
            return UNION if node.operator == "|" else INTERSECTION
        case Addition():
            return SIGN if len(node.terms) == 1 else ADDITION
        case Arithmetic():
            return POWER if node.operator == "**" else PRODUCT
        case Number():
            return ATOM if node.value >= 0 else SIGN
        case _:
            return ATOM
