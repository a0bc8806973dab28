"""Writes expressions for MathOpt, which knows linear expressions and products of two of them."""

from __future__ import annotations

from typing import Any

from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.precedence import CONDITIONAL, POWER
from nl2opt.formulation.language.syntax import Aggregate, Arithmetic, Call, Node, Number, children
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.render.demand_text import DemandText
from nl2opt.formulation.render.folding import Pieces
from nl2opt.formulation.render.unsaid import unsaid, unsaid_thing


class MathOptText(DemandText):
    """Writes nodes as Python code over variables of MathOpt.

    Attributes:
        chooses: whether a maximum has been written that takes binary variables.
    """

    library = "ortools"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Prepare; see `PythonText`."""
        super().__init__(*arguments, **options)
        self.chooses = False

    def _arithmetic(self, node: Arithmetic) -> str:
        if self.degree(node) > 2 or (node.operator == "/" and self.holds_decision(node.right)):
            raise self._refused(node)
        if node.operator != "**" or not self.holds_decision(node):
            return super()._arithmetic(node)
        if not isinstance(node.right, Number) or node.right.value not in (0, 1, 2):
            raise self._refused(node)
        if node.right.value == 2:
            self.functions.add("square")
            return f"square({self._write(node.left, CONDITIONAL)})"
        return self._write(node.left, POWER + 1) if node.right.value else "1"

    def _big_function(self, node: Aggregate) -> str:
        if node.function == "prod" and self.holds_decision(node.body):
            raise self._refused(node)
        if node.function == "sum" and self.holds_decision(node.body):
            return "mathopt.fast_sum"
        return super()._big_function(node)

    def _aggregate(self, node: Aggregate) -> Pieces:
        if node.function in ("min", "max") and self.holds_decision(node.body):
            self._refuse_curves(node.body)
        return super()._aggregate(node)

    def _call(self, node: Call) -> str:
        if self.holds_decision(node):
            if node.function not in ("min", "max", "abs", "piecewise"):
                raise unsaid(self.library, node)
            if node.function == "abs" or len(node.arguments) > 1:
                for argument in node.arguments:
                    self._refuse_curves(argument)
        return super()._call(node)

    def _precision(self, node: Node) -> str:
        precision = super()._precision(node)
        self.chooses = self.chooses or not precision
        return precision

    def _refuse_curves(self, node: Node) -> None:
        """Refuse products within a maximum, minimum or absolute value, whose rows are linear."""
        if self.degree(node) > 1:
            raise self._refused(node)

    def degree(self, node: Node) -> int:
        """Return the degree of a node in decision variables, as far as it is written as products."""
        if not self.holds_decision(node):
            return 0
        match node:
            case Arithmetic("*"):
                return self.degree(node.left) + self.degree(node.right)
            case Arithmetic("**", _, Number(2)):
                return 2 * self.degree(node.left)
            case Arithmetic():
                return self.degree(node.left)
            case Aggregate():
                return 1 if node.function in ("min", "max") else self.degree(node.body)
        parts = [part for part in children(node) if self.holds_decision(part)]
        return max((self.degree(part) for part in parts), default=1)

    def _refused(self, node: Node) -> ExpressionError:
        return unsaid_thing(self.library, "A product, quotient or power of variables such as this one", to_text(node))
