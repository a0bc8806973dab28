"""Turns a constraint into rows: comparisons into lower and upper sides, one row for each combination of indices."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final, Protocol

import numpy as np

from nl2opt.formulation.compilation.assemble import RowFamily, Strictness
from nl2opt.formulation.compilation.global_demands import GlobalReader
from nl2opt.formulation.compilation.logic import Logical
from nl2opt.formulation.compilation.origin import Origin
from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.clauses import expand
from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import Frame, root_frame
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Polynomial
from nl2opt.formulation.language.parser import Expression, ExpressionError
from nl2opt.formulation.language.syntax import (
    PREDICATES,
    Aggregate,
    Call,
    Comparison,
    Comprehension,
    Logic,
    Node,
    Sequence,
    walk,
)

_ROUNDING: Final = 1e-9
"""How far, relatively, a side may be from a whole number that it was computed to be: `0.1 * 30` is not 3."""


class RowScope(Protocol):
    """What building rows needs from the compilation around it."""

    context: Context

    def warn(self, code: str, element: str, message: str, *, text: str = "", where: str = "", mend: str = "") -> None:
        """Add a warning."""

    def assume(self, text: str, element: str) -> None:
        """Record an assumption."""

    def is_whole(self, columns: ColumnArray) -> bool:
        """Return whether columns belong to integer or binary variables only."""
        ...

    def is_binary(self, columns: ColumnArray) -> bool:
        """Return whether columns belong to binary variables only."""
        ...


def rows_of(name: str, expression: Expression, scope: RowScope) -> list[RowFamily]:
    """Return the rows of a constraint; global constraints have none and go into the constructs of the context.

    A chain `a <= e <= b` with constant ends is one row with two sides; other chains, and those with `<` or `>`,
    are one family of rows for each comparison.

    Raises:
        ExpressionError: the expression is not a demand: a comparison, a logical or a global constraint.
    """
    evaluator = Evaluator(scope.context, expression)
    body, frame = expression.root, root_frame()
    if isinstance(body, Comprehension) and body.key is None:
        frame, _ = expand(evaluator, root_frame(), body.clauses)
        body = body.body
    is_comparison = not isinstance(body, Call) or body.function not in PREDICATES
    if is_comparison:
        _comparison(evaluator, body)
    if not frame.size:
        scope.warn("matches_nothing", f"constraints.{name}", "its clauses match nothing, so it demands nothing")
        return []
    if not isinstance(body, Call) or is_comparison:
        return _compared(name, evaluator, body, frame, scope)
    if body.function in ("implies", "either"):
        read = partial(_compared, name, evaluator, frame=frame, scope=scope)
        return Logical(name=name, evaluator=evaluator, frame=frame, scope=scope, read=read).rows(body)
    GlobalReader(name=name, evaluator=evaluator, frame=frame, scope=scope).record(body)
    return []


def _compared(name: str, evaluator: Evaluator, body: Node, frame: Frame, scope: RowScope) -> list[RowFamily]:
    """Return the rows of a comparison."""
    comparison = _comparison(evaluator, body)
    if not all(table.size for table in scope.context.sets.values()):
        for clause in (c for node in _aggregates(body) for c in node.clauses):
            _warn_of_empty(name, evaluator, clause.iterable, scope)
    sides = [evaluator.polynomial(operand, frame) for operand in comparison.operands]
    pairs = list(zip(sides, comparison.operators, sides[1:], strict=False))
    families = [_family(name, frame, left, operator, right, scope) for left, operator, right in pairs]
    strict = any(family.strict for family in families)
    if len(families) == 2 and not strict and not _has_columns(sides[0]) and not _has_columns(sides[2]):
        first, second = families
        lower, upper = np.maximum(first.lower, second.lower), np.minimum(first.upper, second.upper)
        return [RowFamily(name, frame, first.body, lower, upper, origin=Origin(comparison, None))]
    return [replace(family, origin=Origin(comparison, pair)) for pair, family in enumerate(families)]


def _comparison(evaluator: Evaluator, node: Node) -> Comparison:
    if isinstance(node, Logic) and node.operator == "and":
        raise evaluator.fail(
            node, "not_one_comparison", "a constraint is one comparison", mend="Write two constraints."
        )
    if isinstance(node, Sequence):
        message = "a constraint is one comparison, and a comma begins a second one"
        mend = "Write numbers without commas, 1000 for 1,000, and a second comparison as a constraint of its own."
        raise evaluator.fail(node, "not_one_comparison", message, mend=mend)
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
    side = np.broadcast_to(0.0 - body.constant, (frame.size,))  # no negative zeros
    strict: Strictness = ""
    if operator in ("<", ">"):
        side, strict = _strict(name, body, operator, side, scope)
    lower = np.broadcast_to(-np.inf, (frame.size,)) if operator in ("<", "<=") else side
    upper = np.broadcast_to(np.inf, (frame.size,)) if operator in (">", ">=") else side
    return RowFamily(name, frame, body, lower, upper, strict)


def _strict(
    name: str, body: Polynomial, operator: str, side: FloatArray, scope: RowScope
) -> tuple[FloatArray, Strictness]:
    """Tighten a strict comparison of whole numbers by one; relax one of continuous quantities.

    Between whole numbers and sides that are not whole, `<` and `<=` are the same. Without any decision, the
    comparison is judged here: its side becomes one that holds, or one that does not.
    """
    terms = (*body.linear, *body.quadratic)
    if not terms:
        holds = side > 0 if operator == "<" else side < 0
        return np.where(holds, side, -1.0 if operator == "<" else 1.0), "relaxed"
    whole = all(
        np.array_equal(t.coefficients, np.round(t.coefficients)) and all(scope.is_whole(c) for c in t.columns)
        for t in terms
    )
    if whole:
        nearest = np.round(side)
        at_whole = np.abs(side - nearest) <= _ROUNDING * np.maximum(1.0, np.abs(side))
        tightened = np.where(at_whole, nearest - 1.0 if operator == "<" else nearest + 1.0, side)
        return tightened, "tightened" if at_whole.all() else "mixed" if at_whole.any() else "relaxed"
    word = "at most" if operator == "<" else "at least"
    scope.assume(f"`{operator}` in {name} is read as `{operator}=` ({word})", name)
    return side, "relaxed"
