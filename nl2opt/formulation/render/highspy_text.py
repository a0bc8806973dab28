"""Writes expressions for highspy, whose modelling layer knows linear expressions only."""

from __future__ import annotations

from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.precedence import POWER, PRODUCT
from nl2opt.formulation.language.syntax import Aggregate, Arithmetic, Call, Node, Number
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.render.python_text import PythonText


class HighspyText(PythonText):
    """Writes nodes as Python code over variables of highspy.

    Its variables cannot be divided, and Python's own `sum` copies a growing expression for each term, so that
    a quotient is written as a product and a sum of variables as `h.qsum`.
    """

    def _arithmetic(self, node: Arithmetic) -> str:
        if not self.is_decision(node):
            return super()._arithmetic(node)
        left_decides, right_decides = self.is_decision(node.left), self.is_decision(node.right)
        if node.operator == "/" and not right_decides:
            return f"{self._write(node.left, PRODUCT)} * (1 / {self._write(node.right, PRODUCT + 1)})"
        if node.operator == "**" and isinstance(node.right, Number) and node.right.value in (0, 1):
            return self._write(node.left, POWER + 1) if node.right.value else "1"
        if node.operator == "*" and not (left_decides and right_decides):
            return super()._arithmetic(node)
        raise _refused(node)

    def _big_function(self, node: Aggregate) -> str:
        if node.function not in ("sum", "len") and self.is_decision(node.body):
            raise _refused(node)
        return "h.qsum" if node.function == "sum" and self.is_decision(node.body) else super()._big_function(node)

    def _call(self, node: Call) -> str:
        if node.function not in ("min", "max") and any(self.is_decision(argument) for argument in node.arguments):
            raise _refused(node)
        if len(node.arguments) > 1 and self.is_decision(node):
            raise _refused(node)
        return super()._call(node)


def _refused(node: Node) -> ExpressionError:
    return ExpressionError(
        "not_in_highspy",
        "the modelling layer of highspy takes linear expressions only",
        text=to_text(node),
        mend="Render it to pyomo.",
    )
