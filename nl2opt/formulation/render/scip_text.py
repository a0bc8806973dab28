"""Writes expressions for PySCIPOpt, which knows all that the language says of numbers but maxima."""

from __future__ import annotations

from typing import Any, Final

from nl2opt.formulation.language.precedence import CONDITIONAL, POWER, PRODUCT
from nl2opt.formulation.language.syntax import Aggregate, Arithmetic, Call
from nl2opt.formulation.render.demand_text import DemandText

_SMOOTH: Final = ("exp", "log", "sqrt", "sin", "cos")


class ScipText(DemandText):
    """Writes nodes as Python code over variables of PySCIPOpt.

    Attributes:
        is_bent: whether anything has been written that PySCIPOpt takes for nonlinear, whatever its numbers are.
    """

    library = "pyscipopt"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Prepare; see `PythonText`."""
        super().__init__(*arguments, **options)
        self.is_bent = False

    def _arithmetic(self, node: Arithmetic) -> str:
        bending = {"*": (node.left, node.right), "/": (node.right,), "**": (node.left,)}.get(node.operator, ())
        self.is_bent |= bool(bending) and all(map(self.holds_decision, bending))
        if node.operator == "**" and self.holds_decision(node.right):
            self.is_bent = True
            if self.holds_decision(node.left):  # PySCIPOpt has no power with a variable exponent
                exponent, base = self._write(node.right, PRODUCT + 1), self._write(node.left, CONDITIONAL)
                return f"pyscipopt.exp({exponent} * pyscipopt.log({base}))"
            return f"{self._write(node.left, POWER + 1)} ** {self._write(node.right, POWER + 1)}"
        return super()._arithmetic(node)

    def _big_function(self, node: Aggregate) -> str:
        if node.function in ("sum", "prod") and self.holds_decision(node.body):
            self.is_bent |= node.function == "prod"
            return f"pyscipopt.quick{node.function}"
        return super()._big_function(node)

    def _call(self, node: Call) -> str:
        if node.function == "abs" and self.holds_decision(node) and node.span in self.exact:
            self.is_bent = True
            return f"abs({self._write(node.arguments[0], CONDITIONAL)})"
        if node.function not in _SMOOTH or not self.holds_decision(node):
            return super()._call(node)
        self.is_bent = True
        return f"pyscipopt.{node.function}({self._write(node.arguments[0], CONDITIONAL)})"
