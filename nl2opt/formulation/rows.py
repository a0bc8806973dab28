"""Turns a constraint into rows: comparisons into lower and upper sides, one row for each combination of indices."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np

from nl2opt.formulation import polynomial
from nl2opt.formulation.assemble import RowFamily
from nl2opt.formulation.clauses import expand
from nl2opt.formulation.context import Context
from nl2opt.formulation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluate import Evaluator
from nl2opt.formulation.frame import ROOT, Frame
from nl2opt.formulation.parser import Expression, ExpressionError
from nl2opt.formulation.polynomial import Polynomial
from nl2opt.formulation.syntax import Aggregate, Comparison, Comprehension, Logic, Node, walk


class RowScope(Protocol):
    """What building rows needs from the compilation around it."""

    context: Context

    def warn(self, code: str, element: str, message: str, *, text: str = "", mend: str = "") -> None:
        """Add a warning."""

    def assume(self, text: str, element: str) -> None:
        """Record an assumption."""

    def is_whole(self, columns: IntArray) -> bool:
        """Return whether columns belong to integer or binary variables only."""
        ...


def rows_of(name: str, expression: Expression, scope: RowScope) -> list[RowFamily]:
    """Return the rows of a constraint.

    A chain `a <= e <= b` with constant ends is one row with two sides; other chains are one family of rows
    for each comparison.

    Raises:
        ExpressionError: the expression is not a comparison of linear or quadratic expressions.
    """
    evaluator = Evaluator(scope.context, expression)
    body, frame = expression.root, ROOT
    if isinstance(body, Comprehension) and body.key is None:
        frame, _ = expand(evaluator, ROOT, body.clauses)
        if not frame.size:
            scope.warn("matches_nothing", f"constraints.{name}", "its clauses match nothing, so it demands nothing")
            return []
        body = body.body
    comparison = _comparison(evaluator, body)
    for clause in (c for node in _aggregates(body) for c in node.clauses):
        _warn_of_empty(name, evaluator, clause.iterable, scope)
    sides = [evaluator.polynomial(operand, frame) for operand in comparison.operands]
    pairs = list(zip(sides, comparison.operators, sides[1:], strict=False))
    families = [_family(name, frame, left, operator, right, scope) for left, operator, right in pairs]
    if len(families) == 2 and not _has_columns(sides[0]) and not _has_columns(sides[2]):
        first, second = families
        lower, upper = np.maximum(first.lower, second.lower), np.minimum(first.upper, second.upper)
        return [RowFamily(name, frame, first.body, lower, upper)]
    return families


def _comparison(evaluator: Evaluator, node: Node) -> Comparison:
    if isinstance(node, Logic) and node.operator == "and":
        raise evaluator.fail(
            node, "not_one_comparison", "a constraint is one comparison", mend="Write two constraints."
        )
    if not isinstance(node, Comparison):
        raise evaluator.fail(
            node, "no_comparison", "a constraint needs a comparison", mend="Write `... <= ...`, `>=` or `==`."
        )
    for operator in node.operators:
        if operator not in ("<", "<=", "==", ">=", ">"):
            raise evaluator.fail(
                node,
                "comparison",
                f"`{operator}` cannot be demanded of a decision",
                mend="Use `<=`, `>=` or `==`.",
            )
    return node


def _aggregates(node: Node) -> list[Aggregate]:
    return [found for found in walk(node) if isinstance(found, Aggregate)]


def _warn_of_empty(name: str, evaluator: Evaluator, iterable: Node, scope: RowScope) -> None:
    try:
        table = evaluator.set_of(iterable)
    except ExpressionError:
        return
    if not table.size:
        text = evaluator.expression.quote(iterable)
        scope.warn("matches_nothing", f"constraints.{name}", f"it runs over `{text}`, which is empty")


def _has_columns(side: Polynomial) -> bool:
    return bool(side.linear or side.quadratic)


def _family(name: str, frame: Frame, left: Polynomial, operator: str, right: Polynomial, scope: RowScope) -> RowFamily:
    """Return the rows of `left operator right`, with the constants on the right."""
    if not _has_columns(left) and _has_columns(right):
        left, right = right, left
        operator = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(operator, operator)
    body = polynomial.add([left, right.scaled(np.asarray(-1.0))])
    side = np.broadcast_to(-body.constant, (frame.size,)).astype(np.float64)
    side = side + 0.0  # no negative zeros
    strict: Literal["", "tightened", "relaxed"] = ""
    if operator in ("<", ">"):
        side, strict = _strict(name, body, operator, side, scope)
    minus_infinity, infinity = np.full(frame.size, -np.inf), np.full(frame.size, np.inf)
    lower = minus_infinity if operator in ("<", "<=") else side
    upper = infinity if operator in (">", ">=") else side
    if not _has_columns(body):
        _judge_constant_rows(name, frame, lower, upper, scope)
    return RowFamily(name, frame, body, lower, upper, strict)


def _strict(
    name: str, body: Polynomial, operator: str, side: FloatArray, scope: RowScope
) -> tuple[FloatArray, Literal["tightened", "relaxed"]]:
    """Tighten a strict comparison of whole numbers by one; relax one of continuous quantities.

    Between whole numbers and sides that are not whole, `<` and `<=` are the same.
    """
    terms = (*body.linear, *body.quadratic)
    whole = all(
        np.array_equal(t.coefficients, np.round(t.coefficients)) and all(scope.is_whole(c) for c in t.columns)
        for t in terms
    )
    if whole and np.array_equal(side, np.round(side)):
        return (side - 1.0 if operator == "<" else side + 1.0), "tightened"
    if whole and not np.any(side == np.round(side)):
        return side, "relaxed"
    word = "at most" if operator == "<" else "at least"
    scope.assume(f"`{operator}` in {name} is read as `{operator}=` ({word})", name)
    return side, "relaxed"


def _judge_constant_rows(name: str, frame: Frame, lower: FloatArray, upper: FloatArray, scope: RowScope) -> None:
    """Warn of rows without any decision: they hold always, or never."""
    false = (lower > 0) | (upper < 0)
    element = f"constraints.{name}"
    if false.any():
        where = frame.describe(int(np.argmax(false)))
        message = "it contains no decision variable and is false, so nothing is feasible"
        scope.warn("false_row", element, f"{message} ({where})" if where else message)
    else:
        scope.warn("constant_row", element, "it contains no decision variable and holds always")
