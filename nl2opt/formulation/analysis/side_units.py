"""The unit of the sides of a constraint, where the formulation states it."""

from __future__ import annotations

from collections.abc import Iterator

from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import (
    Addition,
    Aggregate,
    Arithmetic,
    Comparison,
    Comprehension,
    Index,
    Name,
    Node,
    Number,
)
from nl2opt.formulation.schema import Formulation


def side_units(formulation: Formulation) -> dict[str, str]:
    """Return the unit of each constraint by its name; empty where none can be told from what is written.

    A product has the unit of `h/item` and `item` where these stand there; nothing else is computed.
    """
    stated = {parameter.name: parameter.unit for parameter in formulation.parameters}
    stated |= {variable.name: variable.unit for variable in formulation.variables}
    return {
        constraint.name: next((unit for node in _sides(constraint.expression) if (unit := _unit(node, stated))), "")
        for constraint in formulation.constraints
    }


def _sides(text: str) -> Iterator[Node]:
    """Yield the sides of a comparison, the plainest first."""
    try:
        root = parse_expression(text).root
    except ExpressionError:
        return
    body = root.body if isinstance(root, Comprehension) else root
    if isinstance(body, Comparison):
        yield from sorted(body.operands, key=lambda node: not isinstance(node, Name | Index))


def _unit(node: Node, stated: dict[str, str]) -> str:
    match node:
        case Name() | Index():
            return stated.get(node.name, "")
        case Aggregate(function="sum" | "min" | "max"):
            return _unit(node.body, stated)
        case Addition():
            return next((unit for _, term in node.terms if (unit := _unit(term, stated))), "")
        case Arithmetic(operator="*"):
            return _product(node.left, node.right, stated)
        case _:
            return ""


def _product(left: Node, right: Node, stated: dict[str, str]) -> str:
    """Return `h` for `h/item` times `item`, either way round; the other unit beside a plain number."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Number):
            return ""  # the number may have any unit
        above, slash, below = _unit(one, stated).partition("/")
        if slash and below == _unit(other, stated):
            return above
    return ""
