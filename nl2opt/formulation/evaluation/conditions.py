"""Decides conditions on known values, and evaluates the branches that hang on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.element_values import element_of
from nl2opt.formulation.evaluation.elements import BoolArray, Elements, FloatArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.language.syntax import Comparison, ComparisonOperator, Conditional, Logic, Node
from nl2opt.formulation.language.syntax import Sequence as SequenceNode

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator, Value

_COMPARE: Final[dict[str, Callable[[FloatArray, FloatArray], BoolArray]]] = {
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
    ">=": np.greater_equal,
    ">": np.greater,
}


def comparison(evaluator: Evaluator, node: Comparison, frame: Frame) -> BoolArray:
    """Evaluate a comparison of known values, chained ones included."""
    truth: BoolArray = np.asarray(True)
    for left, operator, right in zip(node.operands, node.operators, node.operands[1:], strict=False):
        truth = truth & _compare(evaluator, left, operator, right, frame)
    return truth


def _compare(evaluator: Evaluator, left: Node, operator: ComparisonOperator, right: Node, frame: Frame) -> BoolArray:
    """Evaluate one comparison of a chain."""
    if operator in ("in", "not in"):
        member = evaluator.is_member(left, right, frame)
        return member if operator == "in" else ~member
    a, b = comparable(evaluator, left, frame), comparable(evaluator, right, frame)
    if isinstance(a, Elements) and isinstance(b, Elements) and operator in ("==", "!="):
        if a.arity != b.arity:
            message = f"elements of {a.arity} and of {b.arity} components are never equal"
            raise evaluator.fail(left, "arity", message, mend="Compare the components one by one.")
        equal = _equal(evaluator, a, b)
        return equal if operator == "==" else ~equal
    return _COMPARE[operator](evaluator.as_number(left, a, frame), evaluator.as_number(right, b, frame))


def _equal(evaluator: Evaluator, a: Elements, b: Elements) -> BoolArray:
    """Compare elements; a literal `'1'` equals the number 1 where the other side holds numbers."""
    if b.table.name == "" and b.table.size == 1:
        a, b = b, a
    codes, others = a.codes(), b.codes()
    if (
        a.table.name == ""
        and a.table.size == 1
        and a.arity == 1
        and not (np.any(a.table.columns[0] == b.table_codes()))
    ):
        code = evaluator.context.universe.find_other_kind(a.table.labels()[0])
        codes = (np.full_like(codes[0], code),)
    return np.asarray(np.logical_and.reduce([x == y for x, y in zip(codes, others, strict=True)], axis=0))


def comparable(evaluator: Evaluator, node: Node, frame: Frame) -> FloatArray | BoolArray | Elements:
    """Return a side of a comparison: numbers or elements."""
    if isinstance(node, SequenceNode):
        return element_of(evaluator, node, frame)
    value = evaluator.value(node, frame)
    if isinstance(value, Polynomial):
        raise evaluator.fail(
            node, "variable_in_condition", "a condition must not compare decision variables",
            mend="A condition can only compare indices and parameters.",
        )  # fmt: skip
    return value


def logic(evaluator: Evaluator, node: Logic, frame: Frame) -> BoolArray:
    """Evaluate `and`, `or` from left to right, the right side only where it still matters."""
    result = np.broadcast_to(evaluator.condition(node.operands[0], frame), (frame.size,))
    if node.operator == "not":
        return ~result
    for operand in node.operands[1:]:
        open_rows = np.flatnonzero(result if node.operator == "and" else ~result)
        if not len(open_rows):
            break
        result = result.copy()
        result[open_rows] = evaluator.condition(operand, frame.take(open_rows))
    return result


def conditional(evaluator: Evaluator, node: Conditional, frame: Frame) -> Value:
    """Evaluate each branch on the rows where it is wanted."""
    test = evaluator.condition(node.test, frame)
    if test.ndim == 0:
        return evaluator.value(node.body if test else node.otherwise, frame)
    parts: list[Polynomial] = []
    for branch, mask in ((node.body, test), (node.otherwise, ~test)):
        rows = np.flatnonzero(mask)
        if len(rows):
            parts.append(evaluator.polynomial(branch, frame.take(rows)).moved(rows, frame.size))
    total = polynomial.add(parts)
    return total if total.linear or total.quadratic else np.asarray(total.constant)
