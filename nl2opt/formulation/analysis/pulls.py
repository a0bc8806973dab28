"""The numbers of a formulation that sides of rows, bounds and capacities hang on.

The side of a row moves with a parameter that stands alone on it, else with the number that is written there, else with
a parameter that is added to it, else with an amount that is added; so do rows inside conditions, and the capacity of
`cumulative`.
A bound moves with the parameter or number that it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.checks.names import infinite_bound, own_indices
from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.compilation.bounds import own_frame
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.lookup import flat_positions
from nl2opt.formulation.language.parser import Expression, ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import (
    Addition,
    Call,
    Comparison,
    Comprehension,
    Index,
    Name,
    Node,
    Number,
    walk,
)
from nl2opt.formulation.schema import Constraint, Parameter, Variable
from solvers.diagnosis import Numbering, Part

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pull:
    """Sides that move with numbers of one kind, one lever for each different `flat`.

    Attributes:
        parameter: whose entries move; `None` when a text does.
        field: of the element that holds the text: `expression`, `lower`, `upper`.
        text: what is edited, and the node in it; `None` for a parameter.
        noun: what the node is.
        part: the comparison in the text that the node stands in, as it is written; empty where there is no other.
    """

    key: tuple[str, ...]
    element: str
    side: IntArray
    flat: IntArray
    rate: float
    parameter: Parameter | None = None
    field: str = ""
    text: Expression | None = None
    node: Node | None = None
    old: float | None = None
    noun: str = "number"
    part: str = ""
    users: frozenset[str] = frozenset()
    is_domain: bool = False


@dataclass(slots=True)
class PullReader:
    """Reads what the sides of one formulation hang on.

    Attributes:
        compiled: the formulation.
        fixed: names of parameters that are not looked at.
        parameters: those that may move, by name.
        variables: names.
    """

    compiled: CompiledFormulation
    fixed: frozenset[str]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        formulation = self.compiled.formulation
        self.parameters = {
            p.name: p for p in formulation.parameters
            if p.name not in self.fixed and p.value is not None and not isinstance(p.value, str)
        }  # fmt: skip
        self.variables = frozenset(variable.name for variable in formulation.variables)

    def pulls(self) -> Iterator[Pull]:
        """Yield what moves sides of rows, capacities and bounds."""
        yield from self.of_rows()
        yield from self.of_capacities()
        yield from self.of_bounds()

    # -- rows -----------------------------------------------------------------------------------------

    def of_rows(self) -> Iterator[Pull]:
        """Yield what moves the sides of rows, those inside conditions included."""
        expressions = {c.name: c.expression for c in self.compiled.formulation.enabled_constraints}
        parsed: dict[str, Expression] = {}
        begin = 0
        for family in self.compiled.families:
            if family.origin is not None and not family.element and family.name in expressions:
                if family.name not in parsed:
                    parsed[family.name] = parse_expression(expressions[family.name])
                if family.origin.pair is None:
                    yield from self.of_chain(parsed[family.name], begin, family)
                else:
                    yield self.of_pair(parsed[family.name], begin, family)
            begin += family.size

    def of_pair(self, expression: Expression, begin: int, family: RowFamily) -> Pull:
        """Return what moves the sides of `left <= right`."""
        assert family.origin is not None
        assert family.origin.pair is not None
        operands, pair = family.origin.comparison.operands, family.origin.pair
        left, right = operands[pair], operands[pair + 1]
        sign = -1.0 if self.is_known(left) and not self.is_known(right) else 1.0
        sides = self.sides(begin, family, lower=True, upper=True)
        offered = [(right, sign), (left, -sign)]
        # What stands inside a chain belongs to two comparisons, and is the last to be moved.
        ends = (operands[0], operands[-1])
        offered.sort(key=lambda one: (one[0] not in ends, not self.is_known(one[0])))
        pull = self.chosen(f"constraints.{family.name}", expression, offered, sides, family.frame)
        return replace(pull, part=_part(expression, family.origin.comparison))

    def of_chain(self, expression: Expression, begin: int, family: RowFamily) -> Iterator[Pull]:
        """Yield what moves each side of `low <= e <= high`."""
        assert family.origin is not None
        low, _, high = family.origin.comparison.operands
        first, second = family.origin.comparison.operators
        element = f"constraints.{family.name}"
        for end, operator, is_first in ((low, first, True), (high, second, False)):
            is_lower = (operator in ("<", "<=")) == is_first
            # The opposite of `low <= e` is `e <= low - 1`: the number is that of the other side.
            for lower in (True, False) if operator == "==" else (is_lower != family.origin.is_opposite,):
                sides = self.sides(begin, family, lower=lower, upper=not lower)
                pull = self.chosen(element, expression, [(end, 1.0)], sides, family.frame)
                yield replace(pull, part=_part(expression, family.origin.comparison))

    def sides(self, begin: int, family: RowFamily, *, lower: bool, upper: bool) -> IntArray:
        """Return the numbers of the sides of a family, both sides of its rows one after the other."""
        rows, m = np.arange(begin, begin + family.size), self.compiled.model.n_rows
        return np.concatenate([rows] * lower + [m + rows] * upper)

    def is_known(self, node: Node) -> bool:
        """Return whether no decision stands in a node."""
        return not any(isinstance(part, Name | Index) and part.name in self.variables for part in walk(node))

    def chosen(
        self, element: str, expression: Expression, offered: list[tuple[Node, float]], sides: IntArray, frame: Frame
    ) -> Pull:
        """Return what moves sides.

        That is a parameter that is a whole side, else a number that is one, else a parameter that is added to a side,
        else a side of 0, else an amount that is added.
        """
        whole = [(node, rate) for node, rate in offered if self.is_parameter(node)]
        numbers = [(node, rate, number) for node, rate in offered if (number := _number(node)) is not None]
        terms = [
            (term, sign * rate) for node, rate in offered if isinstance(node, Addition) for sign, term in node.terms
            if self.is_parameter(term)
        ]  # fmt: skip
        for node, rate in [*whole, *([] if any(number for *_, number in numbers) else terms)]:
            pull = self.of_parameter(node, expression, frame, sides, rate, element)
            if pull is not None:
                return pull
        node, rate, old = numbers[0] if numbers else (*offered[0], None)
        return Pull(
            (element, str(node.span)), element, sides, np.zeros(len(sides), np.int64), rate, field="expression",
            text=expression, node=node, old=old, users=frozenset([element]),
        )  # fmt: skip

    def is_parameter(self, node: Node) -> bool:
        """Return whether a node is a parameter that may move, or an entry of one."""
        return isinstance(node, Name | Index) and node.name in self.parameters

    def of_parameter(
        self, node: Node, expression: Expression, frame: Frame, sides: IntArray, rate: float, element: str
    ) -> Pull | None:
        """Return the entries of a parameter that sides, one or two for each row of a frame, hang on."""
        assert isinstance(node, Name | Index)
        parameter = self.parameters[node.name]
        dimensions = self.compiled.context.parameters[node.name].dimensions
        flat = np.zeros(frame.size, np.int64)
        if isinstance(node, Index):
            try:
                flat = flat_positions(Evaluator(self.compiled.context, expression), node, dimensions, frame)
            except ExpressionError:
                return None
        flat = np.tile(np.broadcast_to(flat, (frame.size,)), len(sides) // max(frame.size, 1))
        return Pull(
            ("parameters", node.name), f"parameters.{node.name}", sides, flat.astype(np.int64), rate,
            parameter=parameter, users=frozenset([element]),
        )  # fmt: skip

    # -- capacities -----------------------------------------------------------------------------------

    def of_capacities(self) -> Iterator[Pull]:
        """Yield what moves the capacities of `cumulative`."""
        constraints = {c.name: c for c in self.compiled.formulation.enabled_constraints}
        numbers = Numbering.of(self.compiled.model).within(Part.GLOBAL)
        begin = numbers.start
        for demand in self.compiled.context.constructs.globals:
            # One without members makes no demand of the model.
            exists = np.bincount(demand.owner, minlength=demand.frame.size) > 0
            sides = np.where(exists, begin + np.cumsum(exists) - 1, -1)
            begin += int(exists.sum())
            if demand.kind == "cumulative":
                yield self.of_capacity(constraints[demand.name], demand.frame, sides)

    def of_capacity(self, constraint: Constraint, frame: Frame, sides: IntArray) -> Pull:
        """Return what moves the capacities of one constraint; sides are -1 where a row has none."""
        expression = parse_expression(constraint.expression)
        body = _body(expression)
        assert isinstance(body, Call)
        pull = self.chosen(
            f"constraints.{constraint.name}", expression, [(body.arguments[1], 1.0)], sides, frame
        )  # fmt: skip
        return replace(pull, side=sides[sides >= 0], flat=pull.flat[sides >= 0], noun="capacity")

    # -- bounds ---------------------------------------------------------------------------------------

    def of_bounds(self) -> Iterator[Pull]:
        """Yield what moves the bounds of variables."""
        for variable in self.compiled.formulation.variables:
            if variable.domain in ("continuous", "integer"):
                for side in ("lower", "upper"):
                    pull = self.of_bound(variable, side)
                    if pull is not None:
                        yield pull

    def of_bound(self, variable: Variable, side: Literal["lower", "upper"]) -> Pull | None:
        """Return what moves the lower or upper bounds of a variable; `None` where they are infinite."""
        bound = variable.lower if side == "lower" else variable.upper
        element, table = f"variables.{variable.name}", self.compiled.variables[variable.name]
        part = Part.COLUMN_LOWER if side == "lower" else Part.COLUMN_UPPER
        start = Numbering.of(self.compiled.model).within(part).start + table.offset
        sides = np.arange(start, start + table.size)
        zeros = np.zeros(len(sides), np.int64)
        if bound is None:
            bound = 0 if side == "lower" else "inf"
        number = infinite_bound(bound) if isinstance(bound, str) else float(bound)
        users = frozenset([element, f"{element}.{side}"])
        if number is not None:
            if not math.isfinite(number):
                return None
            is_domain = side == "lower" and number == 0
            return Pull(
                (element, side), element, sides, zeros, 1.0, field=side, old=number, users=users, is_domain=is_domain
            )  # fmt: skip
        expression = parse_expression(str(bound))
        if self.is_parameter(expression.root):
            frame = own_frame(variable, own_indices(variable, self.compiled.formulation), table.dimensions)
            pull = self.of_parameter(expression.root, expression, frame, sides, 1.0, element)
            if pull is not None:
                return pull
        return Pull(
            (element, side), element, sides, zeros, 1.0, field=side, text=expression, node=expression.root, users=users
        )  # fmt: skip


def _body(expression: Expression) -> Node:
    """Return what a constraint demands, without its clauses."""
    root = expression.root
    return root.body if isinstance(root, Comprehension) and root.key is None else root


def _part(expression: Expression, comparison: Comparison) -> str:
    """Return the text of a comparison that is not all that its constraint demands; else nothing."""
    return "" if comparison.span == _body(expression).span else expression.quote(comparison)


def _number(node: Node) -> float | None:
    """Return the number that a node is, with its sign; `None` for others."""
    match node:
        case Number():
            return node.value
        case Addition(terms=((sign, Number(value=value)),)):
            return sign * value
        case _:
            return None
