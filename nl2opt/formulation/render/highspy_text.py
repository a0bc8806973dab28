"""Writes expressions for highspy, whose modelling layer knows linear expressions only, and products in objectives."""

from __future__ import annotations

from typing import Any, Final

from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.precedence import CONDITIONAL, POWER, PRODUCT
from nl2opt.formulation.language.syntax import Aggregate, Arithmetic, Call, Node, Number, walk
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.render.extremum_text import ExtremumText
from nl2opt.formulation.render.folding import Pieces

LINEAR_ONLY: Final = "the modelling layer of highspy takes linear expressions only"
EXTREMUM_NAMES: Final = ("largest", "smallest", "absolute", "span")
"""Names that the functions of the program use."""
LARGEST: Final = '''

def span(expression):
    """Return the least and the largest value of an expression within the bounds of its variables."""
    expression = h.expr(expression)
    totals = {}
    for column, coefficient in zip(expression.idxs, expression.vals):
        totals[column] = totals.get(column, 0.0) + coefficient
    lower = upper = expression.constant or 0.0
    for column, coefficient in totals.items():
        if coefficient:
            _, _, low, high, _ = h.getCol(column)
            ends = (coefficient * low, coefficient * high)
            lower, upper = lower + min(ends), upper + max(ends)
    return lower, upper


def largest(arguments, exact=True):
    """Return a variable that is the largest of some expressions.

    Where nothing gains from a value that is too large, the rows that keep it from being too small suffice, and
    `exact=False` leaves it at that. Else a binary variable for each argument picks the one that is attained.
    """
    arguments = list(arguments)
    lower, upper = zip(*map(span, arguments))
    first = lower.index(max(lower))
    kept = [k for k in range(len(arguments)) if k == first or upper[k] > lower[first]]
    if len(kept) == 1:
        return h.expr(arguments[first])
    value = h.addVariable(lb=lower[first], ub=max(upper))
    for k in kept:
        h.addConstr(value >= arguments[k])
    if exact:
        chosen = {k: h.addBinary() for k in kept}
        h.addConstr(h.qsum(chosen.values()) == 1)
        for k in kept:
            gap = max(0, max(upper[other] for other in kept if other != k) - lower[k])
            h.addConstr(value <= arguments[k] + gap * (1 - chosen[k]))
    return h.expr(value)
'''
"""The function of the program that stands for a maximum."""


class HighspyText(ExtremumText):
    """Writes nodes as Python code over variables of highspy.

    Its variables cannot be divided, and Python's own `sum` copies a growing expression for each term, so that
    a quotient is written as a product and a sum of variables as `h.qsum`.

    Attributes:
        against_products: why no product of variables may stand in the expression that is being written; empty where
            it may.
        uses_products: whether anything written holds a product of variables.
    """

    library = "highspy"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Prepare; see `PythonText`."""
        super().__init__(*arguments, **options)
        self.against_products = LINEAR_ONLY
        self.uses_products = False

    def _arithmetic(self, node: Arithmetic) -> str:
        if not self.is_decision(node):
            return super()._arithmetic(node)
        if node.operator == "/" and not self.is_decision(node.right):
            return f"{self._write(node.left, PRODUCT)} * (1 / {self._write(node.right, PRODUCT + 1)})"
        if node.operator == "**" and isinstance(node.right, Number) and node.right.value in (0, 1):
            return self._write(node.left, POWER + 1) if node.right.value else "1"
        if not self._is_product(node):
            if node.operator == "*":
                return super()._arithmetic(node)
            raise _refused(node, LINEAR_ONLY)
        if self.against_products or self._holds_product(node.left) or self._holds_product(node.right):
            raise _refused(node, self.against_products or LINEAR_ONLY)
        self.uses_products = True
        if node.operator == "**":
            return f"square_of({self._write(node.left, CONDITIONAL)})"
        return f"product_of({self._write(node.left, CONDITIONAL)}, {self._write(node.right, CONDITIONAL)})"

    def _is_product(self, node: Node) -> bool:
        """Whether a node is a product of two nodes that speak of decision variables, or the square of one."""
        match node:
            case Arithmetic("*"):
                return self.is_decision(node.left) and self.is_decision(node.right)
            case Arithmetic("**", left, Number(2)):
                return self.is_decision(left)
        return False

    def _holds_product(self, node: Node) -> bool:
        return any(self._is_product(part) for part in walk(node))

    def _big_function(self, node: Aggregate) -> str:
        if node.function == "prod" and self.is_decision(node.body):
            raise _refused(node, LINEAR_ONLY)
        return "h.qsum" if node.function == "sum" and self.is_decision(node.body) else super()._big_function(node)

    def _aggregate(self, node: Aggregate) -> Pieces:
        if node.function in ("min", "max"):
            self._refuse_products(node.body)
        return super()._aggregate(node)

    def _call(self, node: Call) -> str:
        if node.function not in ("min", "max", "abs") and any(self.is_decision(part) for part in node.arguments):
            raise _refused(node, LINEAR_ONLY)
        if node.function == "abs" or len(node.arguments) > 1:
            for part in node.arguments:
                self._refuse_products(part)
        return super()._call(node)

    def _refuse_products(self, node: Node) -> None:
        """Refuse products within a maximum, minimum or absolute value, whose rows are linear."""
        for part in walk(node):
            if self._is_product(part):
                raise _refused(part, LINEAR_ONLY)


def _refused(node: Node, reason: str) -> ExpressionError:
    return ExpressionError("not_in_highspy", reason, text=to_text(node), mend="Render it to pyomo.")
