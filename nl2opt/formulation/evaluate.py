"""Gives expressions their value: numbers, conditions, elements or polynomials, for all rows of a frame at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation import polynomial
from nl2opt.formulation.clauses import expand
from nl2opt.formulation.context import Context
from nl2opt.formulation.elements import (
    MAX_INTEGER,
    MISSING,
    Element,
    Elements,
    FloatArray,
    IntArray,
    SetTable,
)
from nl2opt.formulation.frame import Frame
from nl2opt.formulation.parser import Expression, ExpressionError
from nl2opt.formulation.polynomial import Polynomial, Terms
from nl2opt.formulation.syntax import (
    Addition,
    Aggregate,
    Arithmetic,
    Call,
    Clause,
    Comparison,
    ComparisonOperator,
    Comprehension,
    Conditional,
    Index,
    Logic,
    Name,
    Node,
    Number,
    Text,
)
from nl2opt.formulation.syntax import (
    Sequence as SequenceNode,
)

BoolArray = NDArray[np.bool_]
Value = FloatArray | BoolArray | Elements | Polynomial
"""Arrays are of length n, one entry for each row of the frame, or of shape () when all rows agree."""


_COMPARE: Final[dict[str, Callable[[FloatArray, FloatArray], BoolArray]]] = {
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
    ">=": np.greater_equal,
    ">": np.greater,
}
_ELEMENTWISE: Final[dict[str, Callable[[FloatArray], FloatArray]]] = {
    "abs": np.abs, "ceil": np.ceil, "cos": np.cos, "exp": np.exp, "floor": np.floor, "log": np.log,
    "sin": np.sin, "sqrt": np.sqrt,
}  # fmt: skip


class Evaluator:
    """Evaluates the nodes of one expression.

    Raises:
        ExpressionError: from every method, when a node has no value; it quotes the node and names the
            loop variables' values at which it goes wrong.
    """

    def __init__(self, context: Context, expression: Expression) -> None:
        self.context = context
        self.expression = expression

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

    # -- values ---------------------------------------------------------------------------------------

    def value(self, node: Node, frame: Frame) -> Value:  # noqa: C901 - one case for each kind of node
        """Return the value of a node for each row of a frame."""
        match node:
            case Number():
                return np.asarray(node.value)
            case Text():
                return self.literal(node, frame)
            case Name():
                return self.name(node, frame)
            case Index():
                return self.indexed(node, frame)
            case Addition():
                return self.addition(node, frame)
            case Arithmetic():
                return self.arithmetic(node, frame)
            case Comparison():
                return self.comparison(node, frame)
            case Logic():
                return self.logic(node, frame)
            case Conditional():
                return self.conditional(node, frame)
            case Aggregate():
                return self.aggregate(node, frame)
            case Call():
                return self.call(node, frame)
            case SequenceNode():
                raise self.fail(node, "list_as_value", "a list or tuple stands where a number is expected")
            case Comprehension():
                raise self.fail(
                    node,
                    "clauses_as_value",
                    "generator clauses stand where a number is expected",
                    mend="Write `sum(...)`.",
                )

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

    def polynomial(self, node: Node, frame: Frame) -> Polynomial:
        """Return the value of a node as polynomials."""
        value = self.value(node, frame)
        return value if isinstance(value, Polynomial) else Polynomial(self.as_number(node, value, frame))

    # -- names and indices ----------------------------------------------------------------------------

    def literal(self, node: Text | Number, frame: Frame) -> Elements:
        """Return a text, as the same element in every row."""
        value = _literal_element(node)
        if value is None:
            raise self.fail(node, "element", f"`{self.expression.quote(node)}` cannot be an element of a set")
        code = self.context.universe.intern([value])
        table = SetTable("", self.context.universe, (code,))
        return Elements(table, np.zeros(frame.size, np.int64))

    def name(self, node: Name, frame: Frame) -> Value:
        """Return what a bare name means: a loop variable, or a scalar parameter or variable."""
        if node.name in frame.variables:
            return frame.variables[node.name]
        if node.name in self.context.parameters or node.name in self.context.variables:
            return self.indexed(Index(node.name, (), node.span), frame)
        raise self.fail(node, "not_a_number", f"`{node.name}` is not a number")

    def indexed(self, node: Index, frame: Frame) -> Value:
        """Return the entries of a parameter, or the columns of a variable."""
        parameter = self.context.parameters.get(node.name)
        if parameter is not None:
            if not parameter.dimensions:
                return np.asarray(parameter.values[0])
            return np.asarray(parameter.values[self.positions(node, parameter.dimensions, frame)])
        variable = self.context.variables.get(node.name)
        if variable is None:
            raise self.fail(node, "not_a_number", f"`{node.name}` is not a parameter or variable")
        if not variable.dimensions:
            columns = np.full(frame.size, variable.offset, np.int64)
        else:
            positions = self.positions(node, variable.dimensions, frame)
            columns = positions + variable.offset if variable.offset else positions
        return Polynomial(np.asarray(0.0), (Terms(None, (columns,), np.asarray(1.0)),))

    def positions(self, node: Index, dimensions: tuple[SetTable, ...], frame: Frame) -> IntArray:
        """Return the flat positions (n,) that the indices of a node name in a product of sets."""
        key = (tuple(id(table) for table in dimensions), node.indices)
        known = frame.known_positions.get(key)
        if known is not None:
            return known
        indices = [part for index in node.indices for part in self.element(index, frame).components()]
        wanted, given = sum(table.arity for table in dimensions), len(indices)
        if wanted != given:
            sets = ", ".join(table.name for table in dimensions)
            raise self.fail(node, "arity", f"`{node.name}` has {wanted} indices ({sets}), not {given}")
        flat: IntArray | None = None
        taken = 0
        for table in dimensions:
            group = indices[taken : taken + table.arity]
            taken += table.arity
            place = self.places(table, group)
            if place is not group[0].positions and place.min(initial=0) < 0:
                self.refuse_missing(node, table, group, place, frame)
            if flat is None:
                flat = place
            else:
                flat = flat * table.size
                flat += place
        assert flat is not None
        frame.known_positions[key] = flat
        return flat

    def places(self, table: SetTable, group: Sequence[Elements]) -> IntArray:
        """Return the positions (n,) of elements in a set; `MISSING` for those that are not in it."""
        first = group[0]
        if first.table is table and (first.component is None or self.is_whole(table, group)):
            return first.positions
        if len(group) == 1 and first.arity == 1:
            # Looked up once for each element of the small set, then spread over the rows.
            column = first.table.columns[first.component or 0]
            return self.lenient(table, first, table.positions((column,)))[first.positions]
        return table.positions(tuple(codes for element in group for codes in element.codes()))

    @staticmethod
    def is_whole(table: SetTable, group: Sequence[Elements]) -> bool:
        """Whether components stand for the tuples that they were unpacked from."""
        return len(group) == table.arity and all(
            element.table is table and element.component == place and element.positions is group[0].positions
            for place, element in enumerate(group)
        )

    def lenient(self, table: SetTable, elements: Elements, places: IntArray) -> IntArray:
        """Let a literal `'1'` name the number 1, and `1` the text "1", where only one of them is in the set."""
        if elements.table.name or elements.table.size != 1 or places[0] != MISSING:
            return places
        element = elements.table.label(0)
        code = self.context.universe.find_other_kind(element)
        return table.positions((np.array([code]),)) if code != MISSING else places

    def element(self, node: Node, frame: Frame) -> Elements:
        """Return the value of a node as elements of sets."""
        if isinstance(node, Text | Number):
            return self.literal(node, frame)
        if isinstance(node, SequenceNode):
            return self.tuple_element(node, frame)
        if isinstance(node, Call) and node.function in ("first", "last"):
            table = self.set_of(node.arguments[0])
            if not table.size:
                raise self.fail(node, "empty_set", "the set is empty")
            place = 0 if node.function == "first" else table.size - 1
            return Elements(table, np.full(frame.size, place))
        value = self.value(node, frame)
        if isinstance(value, Elements):
            return value
        if isinstance(value, Polynomial):
            raise self.fail(node, "variable_as_index", "a decision variable cannot be an index")
        numbers = np.broadcast_to(self.as_number(node, value, frame), (frame.size,))
        if not np.array_equal(numbers, np.round(numbers)):
            row = int(np.argmax(numbers != np.round(numbers)))
            raise self.fail(
                node,
                "fractional_index",
                f"the index {numbers[row]:g} is not a whole number",
                frame=frame,
                row=row,
            )
        distinct, positions = np.unique(numbers, return_inverse=True)
        if np.abs(distinct).max(initial=0) > MAX_INTEGER:
            raise self.fail(node, "element", "the number is too large to be an element of a set")
        codes = self.context.universe.intern([int(number) for number in distinct])
        return Elements(SetTable("", self.context.universe, (codes,)), positions.astype(np.int64))

    def tuple_element(self, node: SequenceNode, frame: Frame) -> Elements:
        """Return a written-out tuple as elements."""
        if not node.items:
            raise self.fail(node, "element", "an empty tuple cannot be an element of a set")
        columns = [codes for item in node.items for codes in self.element(item, frame).codes()]
        return Elements(SetTable("", self.context.universe, tuple(columns)), np.arange(frame.size))

    def refuse_missing(
        self, node: Index, table: SetTable, group: Sequence[Elements], places: IntArray, frame: Frame
    ) -> None:
        """Raise the error for an index that is not in its set."""
        row = int(np.argmax(places < 0))
        labels = ", ".join(repr(element.label(row)) for element in group)
        members = ", ".join(repr(label) for label in table.labels()[:6]) + (", ..." if table.size > 6 else "")
        raise self.fail(
            node,
            "index_out_of_set",
            f"{labels} is not in the set `{table.name}` ({members or 'which is empty'})",
            frame=frame,
            row=row,
            mend="Use an element of the set, or exclude this case with a filter, as in `for t in T if t > first(T)`.",
        )

    # -- arithmetic -----------------------------------------------------------------------------------

    def addition(self, node: Addition, frame: Frame) -> Value:
        """Add signed terms."""
        parts: list[Polynomial | FloatArray] = []
        for sign, term in node.terms:
            value = self.value(term, frame)
            if isinstance(value, Polynomial):
                parts.append(value if sign > 0 else value.scaled(np.asarray(-1.0)))
            else:
                parts.append(sign * self.as_number(term, value, frame))
        if any(isinstance(part, Polynomial) for part in parts):
            return polynomial.add(parts)
        total = np.asarray(0.0)
        for part in parts:
            assert not isinstance(part, Polynomial)
            total = np.asarray(total + part)
        return self.finite(node, total, frame)

    def arithmetic(self, node: Arithmetic, frame: Frame) -> Value:
        """Multiply, divide, take remainders and powers."""
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if isinstance(left, Polynomial) or isinstance(right, Polynomial):
            return self.polynomial_arithmetic(node, left, right, frame)
        a, b = self.as_number(node.left, left, frame), self.as_number(node.right, right, frame)
        if node.operator in ("/", "//", "%"):
            self.refuse_zero(node, b, frame)
        with np.errstate(all="ignore"):
            result: FloatArray = {
                "*": np.multiply, "/": np.divide, "//": np.floor_divide, "%": np.mod, "**": np.power,
            }[node.operator](a, b)  # fmt: skip
        return self.finite(node, result, frame)

    def refuse_zero(self, node: Node, divisor: FloatArray, frame: Frame) -> None:
        """Refuse divisors of 0."""
        if np.any(divisor == 0):
            row = int(np.argmax(np.broadcast_to(divisor == 0, (frame.size,)))) if frame.size else 0
            raise self.fail(node, "division_by_zero", "division by zero", frame=frame, row=row)

    def finite(self, node: Node, result: FloatArray, frame: Frame) -> FloatArray:
        """Refuse results that are not finite numbers."""
        bad = ~np.isfinite(result)
        if np.any(bad):
            row = int(np.argmax(np.broadcast_to(bad, (frame.size,)))) if frame.size else 0
            raise self.fail(node, "not_finite", "the result is not a finite number", frame=frame, row=row)
        return np.asarray(result)

    def polynomial_arithmetic(self, node: Arithmetic, left: Value, right: Value, frame: Frame) -> Polynomial:
        """Do arithmetic that involves decision variables."""
        a = left if isinstance(left, Polynomial) else Polynomial(self.as_number(node.left, left, frame))
        if isinstance(right, Polynomial):
            if node.operator == "*":
                product = polynomial.multiply(a, right) if isinstance(left, Polynomial) else right.scaled(a.constant)
                if product is None:
                    raise self.not_quadratic(node)
                return product
            if node.operator == "/":
                raise self.fail(
                    node,
                    "division_by_variable",
                    "a decision variable stands in a denominator",
                    mend="Multiply the comparison out: write `a <= 0.4 * b` instead of `a / b <= 0.4`.",
                )
            raise self.fail(node, "nonlinear", f"`{node.operator}` of a decision variable is not linear")
        b = self.as_number(node.right, right, frame)
        if node.operator == "*":
            return a.scaled(b)
        if node.operator == "/":
            self.refuse_zero(node, b, frame)
            return a.divided(b)
        if node.operator == "**" and b.ndim == 0 and float(b) in (0.0, 1.0, 2.0):
            power = [Polynomial(np.asarray(1.0)), a, polynomial.multiply(a, a)][int(b)]
            if power is None:
                raise self.not_quadratic(node)
            return power
        if node.operator == "**":
            raise self.not_quadratic(node)
        raise self.fail(node, "nonlinear", f"`{node.operator}` of a decision variable is not linear")

    def not_quadratic(self, node: Node) -> ExpressionError:
        """Return the error for terms of a degree above two."""
        return self.fail(node, "nonlinear", "this is neither linear nor quadratic in the decision variables")

    # -- conditions -----------------------------------------------------------------------------------

    def comparison(self, node: Comparison, frame: Frame) -> BoolArray:
        """Evaluate a comparison of known values, chained ones included."""
        truth: BoolArray = np.asarray(True)
        for left, operator, right in zip(node.operands, node.operators, node.operands[1:], strict=False):
            truth = truth & self.compare(left, operator, right, frame)
        return truth

    def compare(self, left: Node, operator: ComparisonOperator, right: Node, frame: Frame) -> BoolArray:
        """Evaluate one comparison of a chain."""
        if operator in ("in", "not in"):
            table = self.set_of(right)
            element = self.element(left, frame)
            if element.arity != table.arity:
                components = f"{table.arity} component" + ("s" if table.arity > 1 else "")
                raise self.fail(left, "arity", f"an element of `{self.expression.quote(right)}` has {components}")
            member = np.asarray(self.places(table, [element]) != MISSING, np.bool_)
            return member if operator == "in" else ~member
        a, b = self.comparable(left, frame), self.comparable(right, frame)
        if isinstance(a, Elements) and isinstance(b, Elements) and operator in ("==", "!="):
            if a.arity != b.arity:
                message = f"elements of {a.arity} and of {b.arity} components are never equal"
                raise self.fail(left, "arity", message, mend="Compare the components one by one.")
            equal = self.equal(a, b)
            return equal if operator == "==" else ~equal
        return _COMPARE[operator](self.as_number(left, a, frame), self.as_number(right, b, frame))

    def equal(self, a: Elements, b: Elements) -> BoolArray:
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
            code = self.context.universe.find_other_kind(a.table.labels()[0])
            codes = (np.full_like(codes[0], code),)
        return np.asarray(np.logical_and.reduce([x == y for x, y in zip(codes, others, strict=True)], axis=0))

    def comparable(self, node: Node, frame: Frame) -> FloatArray | BoolArray | Elements:
        """Return a side of a comparison: numbers or elements."""
        if isinstance(node, SequenceNode) or (isinstance(node, Call) and node.function in ("first", "last")):
            return self.element(node, frame)
        value = self.value(node, frame)
        if isinstance(value, Polynomial):
            raise self.fail(
                node, "variable_in_condition", "a condition must not compare decision variables",
                mend="A condition can only compare indices and parameters.",
            )  # fmt: skip
        return value

    def logic(self, node: Logic, frame: Frame) -> BoolArray:
        """Evaluate `and`, `or` from left to right, the right side only where it still matters."""
        result = np.broadcast_to(self.condition(node.operands[0], frame), (frame.size,))
        if node.operator == "not":
            return ~result
        for operand in node.operands[1:]:
            open_rows = np.flatnonzero(result if node.operator == "and" else ~result)
            if not len(open_rows):
                break
            result = result.copy()
            result[open_rows] = self.condition(operand, frame.take(open_rows))
        return result

    def conditional(self, node: Conditional, frame: Frame) -> Value:
        """Evaluate each branch on the rows where it is wanted."""
        test = self.condition(node.test, frame)
        if test.ndim == 0:
            return self.value(node.body if test else node.otherwise, frame)
        parts: list[Polynomial] = []
        for branch, mask in ((node.body, test), (node.otherwise, ~test)):
            rows = np.flatnonzero(mask)
            if len(rows):
                parts.append(self.polynomial(branch, frame.take(rows)).moved(rows, frame.size))
        total = polynomial.add(parts)
        return total if total.linear or total.quadratic else np.asarray(total.constant)

    # -- functions ------------------------------------------------------------------------------------

    def call(self, node: Call, frame: Frame) -> Value:
        """Evaluate a function of listed arguments."""
        function = node.function
        if function in ("len", "first", "last") and len(node.arguments) != 1:
            raise self.fail(node, "arguments", f"`{function}` takes one set")
        if function == "len":
            return np.asarray(float(self.set_of(node.arguments[0]).size))
        if function in ("first", "last"):
            return self.element(node, frame)
        if function in ("sum", "prod") or function == "range":
            hint = "Write `sum(x[i] for i in I)`." if function == "sum" else ""
            raise self.fail(node, "needs_clauses", f"`{function}` has no value here", mend=hint)
        numbers = []
        for argument in node.arguments:
            value = self.value(argument, frame)
            if isinstance(value, Polynomial):
                raise self.fail(
                    node,
                    "nonlinear_function",
                    f"`{function}` of decision variables is not linear",
                    mend=_mend_function(function),
                )
            numbers.append(self.as_number(argument, value, frame))
        if function in ("min", "max"):
            choose = np.minimum if function == "min" else np.maximum
            result = numbers[0]
            for other in numbers[1:]:
                result = np.asarray(choose(result, other))
            return result
        if function == "round":
            digits = numbers[1] if len(numbers) > 1 else np.asarray(0.0)
            if len(numbers) > 2 or digits.ndim or digits != np.round(digits) or abs(digits) > 15:
                raise self.fail(node, "arguments", "`round` takes a number, and how many digits from -15 to 15")
            return np.asarray(np.round(numbers[0], int(digits)))
        if len(numbers) != 1:
            raise self.fail(node, "arguments", f"`{function}` takes one argument")
        with np.errstate(all="ignore"):
            return self.finite(node, _ELEMENTWISE[function](numbers[0]), frame)

    def aggregate(self, node: Aggregate, frame: Frame) -> Value:
        """Evaluate a function over a generator."""
        inner, rows = expand(self, frame, node.clauses, node.body)
        if node.function == "len":
            return np.asarray(np.bincount(rows, minlength=frame.size), np.float64)
        value = self.value(node.body, inner)
        if isinstance(value, Polynomial):
            if node.function != "sum":
                raise self.fail(
                    node,
                    "nonlinear_function",
                    f"`{node.function}` of decision variables is not linear",
                    mend=_mend_function(node.function),
                )
            return value.moved(rows, frame.size)
        numbers = np.broadcast_to(self.as_number(node.body, value, inner), (inner.size,))
        if node.function == "sum":
            total = np.asarray(np.bincount(rows, weights=numbers, minlength=frame.size), np.float64)
            return self.finite(node, total, frame)
        start = {"prod": 1.0, "min": np.inf, "max": -np.inf}[node.function]
        total = np.full(frame.size, start)
        {"prod": np.multiply, "min": np.minimum, "max": np.maximum}[node.function].at(total, rows, numbers)
        empty = np.bincount(rows, minlength=frame.size) == 0
        if node.function != "prod" and empty.any():
            row = int(np.argmax(empty))
            raise self.fail(node, "empty_aggregate", f"`{node.function}` of nothing has no value", frame=frame, row=row)
        return self.finite(node, total, frame)

    def set_of(self, node: Node) -> SetTable:
        """Return the set that a node names."""
        if isinstance(node, Name) and node.name in self.context.sets:
            return self.context.sets[node.name]
        if isinstance(node, SequenceNode) and node.items:
            items = [item.items if isinstance(item, SequenceNode) else (item,) for item in node.items]
            literals = [[_literal_element(part) for part in item] for item in items]
            if all(None not in literal and len(literal) == len(literals[0]) for literal in literals):
                columns = zip(*literals, strict=True)
                codes = [self.context.universe.intern([e for e in column if e is not None]) for column in columns]
                return SetTable("", self.context.universe, tuple(codes))
        raise self.fail(
            node,
            "not_a_set",
            f"`{self.expression.quote(node)}` is not a set",
            mend="Run over a set, a `range` or a list.",
        )


def _literal_element(node: Node) -> Element | None:
    """Return the element that a literal names; `None` for other nodes."""
    match node:
        case Text():
            return node.value
        case Number() if node.value == int(node.value) and abs(node.value) <= MAX_INTEGER:
            return int(node.value)
        case _:
            return None


def _mend_function(function: Literal["abs"] | str) -> str:
    """Say how a function of variables is written with linear rows."""
    if function in ("max", "min"):
        side = ">=" if function == "max" else "<="
        return f"Add a variable `m` with a row `m {side} ...` for each argument, and use `m`."
    if function == "abs":
        return "Add a variable `d` with the rows `d >= e` and `d >= -(e)`, and use `d`."
    return "Only linear and quadratic expressions are understood."
