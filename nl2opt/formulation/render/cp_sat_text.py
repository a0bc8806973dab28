"""Writes expressions for CP-SAT, which knows sums of whole numbers; all else is a call of a function of the program."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.precedence import CONDITIONAL
from nl2opt.formulation.language.syntax import Aggregate, Arithmetic, Call, Index, Name, Node, Number, walk
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.render.demand_text import DemandText
from nl2opt.formulation.render.folding import Pieces
from nl2opt.formulation.render.literals import is_written_whole
from nl2opt.formulation.render.unsaid import unsaid, unsaid_thing

_WHOLE: Final = ("len", "ord", "ceil", "floor", "abs", "sum", "min", "max", "range", "first", "last", "prev", "next")
"""Functions whose values are whole numbers of Python, where their arguments are, or elements of sets."""


class CpSatText(DemandText):
    """Writes nodes as Python code over variables of CP-SAT.

    Variables cannot be divided, so that a quotient is written as a product; a product of variables, and a maximum, is
    a variable of its own, of whole numbers.
    """

    library = "ortools"

    def is_whole(self, node: Node) -> bool:
        """Whether what a node is written as holds whole numbers of Python only; products of variables do."""
        return not any(self._is_fractional(part) for part in walk(node))

    def _is_fractional(self, part: Node) -> bool:
        match part:
            case Arithmetic():
                return part.operator in ("/", "**") and not self._is_product(part)
            case Number():
                return not is_written_whole(part.value)
            case Name() | Index():
                return part.name in self._fractional
            case Call() | Aggregate():
                return part.function not in _WHOLE
        return False

    def require_whole(self, node: Node, *, mend: str = "") -> None:
        """Refuse an expression with fractional numbers, where CP-SAT takes whole ones only.

        Args:
            node: the expression.
            mend: what helps; left out, a library that takes them.

        Raises:
            ExpressionError: there are some.
        """
        if not self.is_whole(node):
            what = "An expression with fractional numbers in a maximum, a product or a demand on many variables"
            raise unsaid_thing(self.library, what, to_text(node), mend=mend)

    def _arithmetic(self, node: Arithmetic) -> str:
        if not self.holds_decision(node):
            return super()._arithmetic(node)
        if node.operator == "/" and not self.holds_decision(node.right):
            return f"({self._write(node.left, CONDITIONAL)}) * (1 / ({self._write(node.right, CONDITIONAL)}))"
        if self._is_product(node):
            return self._product(node)
        if node.operator == "*":
            return super()._arithmetic(node)
        raise self._refused(node)

    def _is_product(self, node: Node) -> bool:
        """Whether a node is a product of two nodes that speak of decision variables, or the square of one."""
        match node:
            case Arithmetic("*"):
                return self.holds_decision(node.left) and self.holds_decision(node.right)
            case Arithmetic("**", left, Number(2)):
                return self.holds_decision(left)
        return False

    def _product(self, node: Arithmetic) -> str:
        factors = (node.left, node.left if node.operator == "**" else node.right)
        for factor in factors:
            self.require_whole(factor)
        self.functions.add("product")
        return f"product({', '.join(self._write(factor, CONDITIONAL) for factor in factors)})"

    def _big_function(self, node: Aggregate) -> str:
        if node.function == "prod" and self.holds_decision(node.body):
            raise self._refused(node)
        return super()._big_function(node)

    def _aggregate(self, node: Aggregate) -> Pieces:
        if node.function in ("min", "max") and self.holds_decision(node.body):
            self.require_whole(node.body)
        return super()._aggregate(node)

    def _call(self, node: Call) -> str:
        if self.holds_decision(node):
            if node.function not in ("min", "max", "abs"):
                raise unsaid(self.library, node)
            for argument in node.arguments:
                self.require_whole(argument)
        return super()._call(node)

    def _precision(self, node: Node) -> str:
        return ""

    def _refused(self, node: Node) -> ExpressionError:
        return unsaid_thing(self.library, "A product, quotient or power of variables such as this one", to_text(node))
