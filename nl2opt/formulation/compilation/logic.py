"""Conditions and alternatives between comparisons: `implies(b == 1, row)` and `either(row, row)`.

The rows stay linear and get a condition: they are demanded where a binary column has a value. The binary is the one
that the condition names, or one that chooses among the alternatives (Williams, Model Building in Mathematical
Programming, 5th ed. 2013, chapter 9). What a solver does not take as conditions is written with the smallest big-M
that the bounds allow, below in `solvers.reformulation`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.constructs import Condition
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.members import linear_body, single_columns
from nl2opt.formulation.evaluation.polynomial import Polynomial, Terms
from nl2opt.formulation.language.syntax import Call, Comparison, Index, Logic, Name, Node

if TYPE_CHECKING:
    from nl2opt.formulation.compilation.rows import RowScope

CHOICE: Final = "one of them"
"""The part of a constraint that says that one of its alternatives holds."""
_TOLERANCE: Final = 1e-9
_HOLDS: Final[dict[str, Callable[[FloatArray, FloatArray], BoolArray]]] = {
    "<": lambda a, b: a < b - _TOLERANCE, "<=": lambda a, b: a <= b + _TOLERANCE, ">": lambda a, b: a > b + _TOLERANCE,
    ">=": lambda a, b: a >= b - _TOLERANCE, "==": lambda a, b: np.abs(a - b) <= _TOLERANCE,
    "!=": lambda a, b: np.abs(a - b) > _TOLERANCE,
}  # fmt: skip
Families = list[RowFamily]
ReadRows = Callable[[Node], Families]
"""Turns a comparison into the rows of its constraint, in the frame that is at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical:
    """One logical demand: where it stands, and how its comparisons are read.

    Attributes:
        name: of the constraint.
        evaluator: of its expression.
        frame: its loop variables.
        scope: the compilation around it.
        read: turns a comparison into rows.
    """

    name: str
    evaluator: Evaluator
    frame: Frame
    scope: RowScope
    read: ReadRows

    def rows(self, node: Call) -> Families:
        """Return the rows of `implies(...)` or `either(...)`.

        Raises:
            ExpressionError: it does not have the arguments that it needs, or a condition that has no exact opposite.
        """
        return self._implication(node) if node.function == "implies" else self._alternatives(node)

    def _implication(self, node: Call) -> Families:
        if len(node.arguments) != 2:
            message, mend = "`implies` takes a condition and a comparison", "Write `implies(open == 1, ship <= 5)`."
            raise self.evaluator.fail(node, "arguments", message, mend=mend)
        condition, demanded = node.arguments
        rows = self._joined(demanded)
        switch = self.switch(condition)
        if switch is not None:
            return self._under(switch, rows, node)
        return self._chosen([*self._opposites(condition), rows], node)

    def _alternatives(self, node: Call) -> Families:
        if len(node.arguments) < 2:
            message, mend = "`either` takes two or more comparisons", "Write `either(x <= 2, x >= 5)`."
            raise self.evaluator.fail(node, "arguments", message, mend=mend)
        return self._chosen([self._joined(argument) for argument in node.arguments], node)

    def _joined(self, node: Node) -> Families:
        """Return the rows of a comparison, or of several joined by `and`."""
        if isinstance(node, Logic) and node.operator == "and":
            return [family for operand in node.operands for family in self._joined(operand)]
        if not isinstance(node, Comparison):
            message, mend = "a comparison is expected here", "Write `... <= ...`, `>=` or `==`."
            raise self.evaluator.fail(node, "no_comparison", message, mend=mend)
        return self.read(node)

    # -- conditions -----------------------------------------------------------------------------------

    def switch(self, node: Node) -> Condition | None:
        """Return the binary column that a condition is about: `b == 1`, `b`, `not b`; `None` where it is another.

        Raises:
            ExpressionError: it holds always or never, or asks for 1 here and for 0 there.
        """
        if isinstance(node, Logic) and node.operator == "not":
            inner = self.switch(node.operands[0])
            return None if inner is None else Condition(inner.column, 1 - inner.value)
        if isinstance(node, Name | Index):
            body: Polynomial = self.evaluator.polynomial(node, self.frame)
            operator = "!="
        elif isinstance(node, Comparison) and len(node.operators) == 1 and node.operators[0] in _HOLDS:
            left, right = (self.evaluator.polynomial(operand, self.frame) for operand in node.operands)
            body, operator = polynomial.add([left, right.scaled(np.asarray(-1.0))]), node.operators[0]
        else:
            return None
        single = single_columns(body, self.frame.size)
        if single is None or not (single.column >= 0).all() or not self.scope.is_binary(single.column):
            self._refuse_constant(node, body)
            return None
        zero = np.zeros(self.frame.size)
        at_0, at_1 = (_HOLDS[operator](single.offset + single.coefficient * value, zero) for value in (0.0, 1.0))
        if (at_1 & ~at_0).all():
            return Condition(single.column, 1)
        if (at_0 & ~at_1).all():
            return Condition(single.column, 0)
        row = int(np.argmax(at_0 == at_1))
        always = "always holds" if at_0[row] else "never holds"
        message = f"the condition {always}, since the variable is 0 or 1" if at_0[row] == at_1[row] else "it varies"
        raise self.evaluator.fail(node, "condition", message, frame=self.frame, row=row, mend="Write `b == 1`.")

    def _refuse_constant(self, node: Node, body: Polynomial) -> None:
        if not body.linear and not body.quadratic:
            message = "the condition contains no decision variable"
            raise self.evaluator.fail(node, "condition", message, mend="Filter by a clause: `for i in I if ...`.")

    def _opposites(self, node: Node) -> list[Families]:
        """Return alternatives of which one holds exactly where a condition does not.

        A comparison of whole numbers is turned round by one: the opposite of `x >= 5` is `x <= 4`.
        """
        if isinstance(node, Logic) and node.operator == "and":
            return [opposite for operand in node.operands for opposite in self._opposites(operand)]
        if isinstance(node, Logic) and node.operator == "not" and isinstance(node.operands[0], Comparison):
            return [self.read(node.operands[0])]
        switch = self.switch(node)
        if switch is not None:
            return [[self._fixed(switch)]]
        if not isinstance(node, Comparison):
            message, mend = "a condition is a comparison, or several joined by `and`", "Write `x >= 5 and y == 0`."
            raise self.evaluator.fail(node, "condition", message, mend=mend)
        return [[opposite] for family in self.read(node) for opposite in self._opposite(family, node)]

    def _fixed(self, switch: Condition) -> RowFamily:
        """Return the row that says that a binary column has not the value of a condition."""
        side = np.full(self.frame.size, 1.0 - switch.value)
        body = Polynomial(np.asarray(0.0), (Terms(None, (switch.column,), np.asarray(1.0)),))
        return RowFamily(self.name, self.frame, body, side, side)

    def _opposite(self, family: RowFamily, node: Node) -> Families:
        terms = (*family.body.linear, *family.body.quadratic)
        is_whole = all(
            np.array_equal(t.coefficients, np.round(t.coefficients)) and all(map(self.scope.is_whole, t.columns))
            for t in terms
        )
        if not is_whole:
            message = "the opposite of a condition on quantities that need not be whole has no exact form"
            mend = "Use whole-number variables, or a binary variable: `implies(b == 1, ...)`."
            raise self.evaluator.fail(node, "condition", message, mend=mend)
        infinite, found = np.full(family.size, np.inf), []
        origin = None if family.origin is None else replace(family.origin, is_opposite=True)
        family = replace(family, strict="", origin=origin)
        if np.isfinite(family.lower).all():
            side = np.ceil(family.lower - _TOLERANCE) - 1.0
            found.append(replace(family, lower=-infinite, upper=side))
        if np.isfinite(family.upper).all():
            side = np.floor(family.upper + _TOLERANCE) + 1.0
            found.append(replace(family, lower=side, upper=infinite))
        return found

    # -- choosing -------------------------------------------------------------------------------------

    def _chosen(self, alternatives: Sequence[Families], node: Call) -> Families:
        """Return the rows of alternatives, each under a condition, so that at least one of them holds."""
        text, definitions = self.evaluator.expression.quote(node), self.evaluator.context.definitions
        if len(alternatives) == 2:
            column = definitions.add_choice(self.frame, f"first of {text}", node.span)
            first, second = (Condition(column, value) for value in (1, 0))
            return [
                *self._under(first, alternatives[0], node, part="alternative 1"),
                *self._under(second, alternatives[1], node, part="alternative 2"),
            ]
        columns: list[IntArray] = []
        families: Families = []
        for number, rows in enumerate(alternatives, start=1):
            columns.append(definitions.add_choice(self.frame, f"alternative {number} of {text}", node.span))
            families += self._under(Condition(columns[-1], 1), rows, node, part=f"alternative {number}")
        terms = tuple(Terms(None, (column,), np.asarray(1.0)) for column in columns)
        ones, infinite = np.ones(self.frame.size), np.full(self.frame.size, np.inf)
        body = Polynomial(np.asarray(0.0), terms)
        return [*families, RowFamily(self.name, self.frame, body, ones, infinite, part=CHOICE)]

    def _under(self, condition: Condition, rows: Families, node: Node, *, part: str = "") -> Families:
        """Return rows that are demanded under a condition; they are linear then."""
        self.evaluator.context.definitions.pin(condition.column)
        return [
            replace(
                family, body=linear_body(self.evaluator, node, family.body, self.frame), condition=condition, part=part
            )
            for family in rows
        ]
