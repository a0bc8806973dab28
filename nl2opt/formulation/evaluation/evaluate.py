"""Gives expressions their value: numbers, conditions, elements or polynomials, for all rows of a frame at once.

Each kind of node has its module: `lookup`, `arithmetic`, `conditions` and `functions`. What stands for an element
is read by `element_values`, what stands for a set by `set_values` and `ordered`, and generator clauses are run over
by `clauses`.
"""

from __future__ import annotations

import numpy as np

from nl2opt.formulation.evaluation.arithmetic import addition, arithmetic
from nl2opt.formulation.evaluation.conditions import comparison, conditional, logic
from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.evaluation.element_values import literal_elements
from nl2opt.formulation.evaluation.elements import BoolArray, Elements, FloatArray, SetTable
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.functions import aggregate, call
from nl2opt.formulation.evaluation.lookup import entries, named
from nl2opt.formulation.evaluation.ordered import ordered_element
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.evaluation.set_values import Members, is_member, members, set_of
from nl2opt.formulation.language.parser import Expression, ExpressionError
from nl2opt.formulation.language.syntax import (
    Addition,
    Aggregate,
    Arithmetic,
    Call,
    Clause,
    Comparison,
    Comprehension,
    Conditional,
    Index,
    Logic,
    Name,
    Node,
    Number,
    SetOperation,
    Text,
)
from nl2opt.formulation.language.syntax import (
    Sequence as SequenceNode,
)

Value = FloatArray | BoolArray | Elements | Polynomial
"""Arrays are of length n, one entry for each row of the frame, or of shape () when all rows agree."""


class Evaluator:
    """Evaluates the nodes of one expression.

    Raises:
        ExpressionError: from every method, when a node has no value; it quotes the node and names the
            loop variables' values at which it goes wrong.
    """

    def __init__(self, context: Context, expression: Expression) -> None:
        self.context = context
        self.expression = expression
        self.known_sets: dict[Node, SetTable] = {}

    def fail(
        self,
        node: Node | Clause,
        code: str,
        message: str,
        *,
        frame: Frame | None = None,
        row: int = 0,
        mend: str = "",
    ) -> ExpressionError:
        """Return the error that quotes a node, and a row of a frame when one is given."""
        where = frame.describe(row) if frame is not None and frame.variables and frame.size else ""
        return ExpressionError(code, message, text=self.expression.quote(node), where=where, mend=mend)

    def value(self, node: Node, frame: Frame) -> Value:  # noqa: C901 - one case for each kind of node
        """Return the value of a node for each row of a frame."""
        match node:
            case Number():
                return np.asarray(node.value)
            case Text():
                return literal_elements(self, node, frame)
            case Name():
                return named(self, node, frame)
            case Index():
                return entries(self, node, frame)
            case Addition():
                return addition(self, node, frame)
            case Arithmetic():
                return arithmetic(self, node, frame)
            case Comparison():
                return comparison(self, node, frame)
            case Logic():
                return logic(self, node, frame)
            case Conditional():
                return conditional(self, node, frame)
            case Aggregate():
                return aggregate(self, node, frame)
            case Call():
                return call(self, node, frame)
            case SequenceNode():
                raise self.fail(node, "list_as_value", "a list or tuple stands where a number is expected")
            case Comprehension():
                raise self.fail(
                    node,
                    "clauses_as_value",
                    "generator clauses stand where a number is expected",
                    mend="Write `sum(...)`.",
                )
            case SetOperation():
                raise self.fail(node, "set_as_number", "a set stands where a number is expected")

    def number(self, node: Node, frame: Frame) -> FloatArray:
        """Return the value of a node that must be a known number, (n,) or ()."""
        value = self.value(node, frame)
        if isinstance(value, Polynomial):
            raise self.fail(
                node,
                "variable_as_constant",
                "this must be a known number, but it contains a decision variable",
            )
        return self.as_number(node, value, frame)

    def as_number(self, node: Node, value: FloatArray | BoolArray | Elements, frame: Frame) -> FloatArray:
        """Return a constant value as numbers; truth counts as 1, an element counts when it is a number."""
        if isinstance(value, Elements):
            numbers = value.numbers()
            if len(numbers) and (value.arity != 1 or np.isnan(numbers).any()):
                row = 0 if value.arity != 1 else int(np.argmax(np.isnan(numbers)))
                raise self.fail(
                    node, "element_as_number", "an element that is not a number stands where a number is expected",
                    frame=frame, row=row,
                )  # fmt: skip
            return numbers
        return value.astype(np.float64) if value.dtype == np.bool_ else np.asarray(value, np.float64)

    def condition(self, node: Node, frame: Frame) -> BoolArray:
        """Return the truth of a node that must be a condition on known values, (n,) or ()."""
        value = self.value(node, frame)
        if isinstance(value, Polynomial):
            raise self.fail(
                node,
                "variable_in_condition",
                "a condition must not contain a decision variable",
                mend="Use a binary variable and a big constant instead.",
            )
        if isinstance(value, Elements) or value.dtype != np.bool_:
            return np.asarray(self.as_number(node, value, frame) != 0, np.bool_)
        return np.asarray(value, np.bool_)

    def set_of(self, node: Node) -> SetTable:
        """Return the set that a node names, the same one for every row."""
        return set_of(self, node)

    def members(self, node: Node, frame: Frame) -> Members:
        """Return the elements of the set that a node names, for each row of a frame."""
        return members(self, node, frame)

    def is_member(self, element: Node, container: Node, frame: Frame) -> BoolArray:
        """Return whether an element is in the set that a node names, for each row of a frame."""
        return is_member(self, element, container, frame)

    def ordered_element(self, node: Call, frame: Frame) -> Elements:
        """Return the element that `first`, `last`, `prev` or `next` names."""
        return ordered_element(self, node, frame)

    def polynomial(self, node: Node, frame: Frame) -> Polynomial:
        """Return the value of a node as polynomials."""
        value = self.value(node, frame)
        return value if isinstance(value, Polynomial) else Polynomial(self.as_number(node, value, frame))
