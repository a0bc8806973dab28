"""Gives expressions their value: numbers, conditions, elements or polynomials, for all rows of a frame at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation import polynomial
from nl2opt.formulation.elements import (
    MISSING,
    Elements,
    FloatArray,
    IntArray,
    SetTable,
    Universe,
)
from nl2opt.formulation.frame import Frame, guard_size, joined_rows, product_rows
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
    walk,
)
from nl2opt.formulation.syntax import (
    Sequence as SequenceNode,
)

BoolArray = NDArray[np.bool_]
Value = FloatArray | BoolArray | Elements | Polynomial
"""Arrays are of length n, one entry for each row of the frame, or of shape () when all rows agree."""


@dataclass(frozen=True, slots=True, eq=False)
class ParameterTable:
    """The numbers of a parameter: `values` is flat, in the order of the product of the sets `dimensions`."""

    dimensions: tuple[SetTable, ...]
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class VariableTable:
    """The columns of a variable: `size` of them from `offset`, in the order of the product of the sets."""

    dimensions: tuple[SetTable, ...]
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Context:
    """What names mean."""

    universe: Universe = field(default_factory=Universe)
    sets: dict[str, SetTable] = field(default_factory=dict)
    parameters: dict[str, ParameterTable] = field(default_factory=dict)
    variables: dict[str, VariableTable] = field(default_factory=dict)


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
        self, node: Node | Clause, code: str, message: str, *, frame: Frame | None = None, row: int = 0, mend: str = ""
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
                    node, "clauses_as_value", "generator clauses stand where a number is expected", mend="Write `sum(...)`."
                )

    def number(self, node: Node, frame: Frame) -> FloatArray:
        """Return the value of a node that must be a known number, (n,) or ()."""
        value = self.value(node, frame)
        if isinstance(value, Polynomial):
            raise self.fail(
                node, "variable_as_constant", "this must be a known number, but it contains a decision variable"
            )
        return self.as_number(node, value, frame)

    def as_number(self, node: Node, value: FloatArray | BoolArray | Elements, frame: Frame) -> FloatArray:
        """Return a constant value as numbers; truth counts as 1, an element counts when it is a number."""
        if isinstance(value, Elements):
            numbers = value.numbers()
            if value.arity != 1 or np.isnan(numbers).any():
                row = int(np.argmax(np.isnan(numbers)))
                raise self.fail(
                    node, "element_as_number", "an element of a set that is not a number stands where a number is expected",
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
            return self.as_number(node, value, frame) != 0
        return value

    def polynomial(self, node: Node, frame: Frame) -> Polynomial:
        """Return the value of a node as polynomials."""
        value = self.value(node, frame)
        return value if isinstance(value, Polynomial) else Polynomial(self.as_number(node, value, frame))

    # -- names and indices ----------------------------------------------------------------------------

    def literal(self, node: Text | Number, frame: Frame) -> Elements:
        """Return a text, as the same element in every row."""
        code = self.context.universe.intern([node.value if isinstance(node, Text) else int(node.value)])
        table = SetTable("", self.context.universe, (code,))
        return Elements(table, np.zeros(frame.size, np.int64))

    def name(self, node: Name, frame: Frame) -> Value:
        if node.name in frame.variables:
            return frame.variables[node.name]
        if node.name in self.context.parameters or node.name in self.context.variables:
            return self.indexed(Index(node.name, (), node.span), frame)
        raise self.fail(node, "not_a_number", f"`{node.name}` is not a number")

    def indexed(self, node: Index, frame: Frame) -> Value:
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
            columns = self.positions(node, variable.dimensions, frame) + variable.offset
        return Polynomial(np.asarray(0.0), (Terms(None, (columns,), np.asarray(1.0)),))

    def positions(self, node: Index, dimensions: tuple[SetTable, ...], frame: Frame) -> IntArray:
        """Return the flat positions (n,) that the indices of a node name in a product of sets."""
        key = (tuple(id(table) for table in dimensions), node.indices)
        known = frame.known_positions.get(key)
        if known is not None:
            return known
        indices = [self.element(index, frame) for index in node.indices]
        wanted, given = sum(table.arity for table in dimensions), sum(element.arity for element in indices)
        if wanted != given:
            sets = ", ".join(table.name for table in dimensions)
            raise self.fail(node, "arity", f"`{node.name}` has {wanted} indices ({sets}), not {given}")
        flat = np.zeros(frame.size, np.int64)
        taken = 0
        for table in dimensions:
            group: list[Elements] = []
            while sum(element.arity for element in group) < table.arity:
                group.append(indices[taken])
                taken += 1
            place = self.places(table, group)
            if place.min(initial=0) < 0:
                self.refuse_missing(node, table, group, place, frame)
            flat = place if table is dimensions[0] and len(dimensions) == 1 else flat * table.size + place
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
        other: str | int = str(element)
        if isinstance(element, str):
            if not element.lstrip("-").isdecimal():
                return places
            other = int(element)
        code = self.context.universe.find(other)
        return table.positions((np.array([code]),)) if code != MISSING else places

    def element(self, node: Node, frame: Frame) -> Elements:
        """Return the value of a node as elements of sets."""
        if isinstance(node, Number) and node.value == int(node.value):
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
            raise self.fail(node, "fractional_index", f"the index {numbers[row]:g} is not a whole number", frame=frame, row=row)
        distinct, positions = np.unique(numbers, return_inverse=True)
        codes = self.context.universe.intern([int(number) for number in distinct])
        return Elements(SetTable("", self.context.universe, (codes,)), positions.astype(np.int64))

    def tuple_element(self, node: SequenceNode, frame: Frame) -> Elements:
        columns = [codes for item in node.items for codes in self.element(item, frame).codes()]
        return Elements(SetTable("", self.context.universe, tuple(columns)), np.arange(frame.size))

    def refuse_missing(
        self, node: Index, table: SetTable, group: Sequence[Elements], places: IntArray, frame: Frame
    ) -> None:
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
        return total

    def arithmetic(self, node: Arithmetic, frame: Frame) -> Value:
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if isinstance(left, Polynomial) or isinstance(right, Polynomial):
            return self.polynomial_arithmetic(node, left, right, frame)
        a, b = self.as_number(node.left, left, frame), self.as_number(node.right, right, frame)
        if node.operator in ("/", "//", "%") and np.any(b == 0):
            row = int(np.argmax(np.broadcast_to(b == 0, (frame.size,)))) if frame.size else 0
            raise self.fail(node, "division_by_zero", "division by zero", frame=frame, row=row)
        with np.errstate(all="ignore"):
            result: FloatArray = {
                "*": np.multiply, "/": np.divide, "//": np.floor_divide, "%": np.mod, "**": np.power,
            }[node.operator](a, b)  # fmt: skip
        return self.finite(node, result, frame)

    def finite(self, node: Node, result: FloatArray, frame: Frame) -> FloatArray:
        """Refuse results that are not finite numbers."""
        bad = ~np.isfinite(result)
        if np.any(bad):
            row = int(np.argmax(np.broadcast_to(bad, (frame.size,)))) if frame.size else 0
            raise self.fail(node, "not_finite", "the result is not a finite number", frame=frame, row=row)
        return np.asarray(result)

    def polynomial_arithmetic(self, node: Arithmetic, left: Value, right: Value, frame: Frame) -> Polynomial:
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
            if np.any(b == 0):
                raise self.fail(node, "division_by_zero", "division by zero")
            return a.scaled(np.asarray(1.0 / b))
        if node.operator == "**" and b.ndim == 0 and float(b) in (0.0, 1.0, 2.0):
            power = [Polynomial(np.asarray(1.0)), a, polynomial.multiply(a, a)][int(b)]
            if power is None:
                raise self.not_quadratic(node)
            return power
        if node.operator == "**":
            raise self.not_quadratic(node)
        raise self.fail(node, "nonlinear", f"`{node.operator}` of a decision variable is not linear")

    def not_quadratic(self, node: Node) -> ExpressionError:
        return self.fail(node, "nonlinear", "this is neither linear nor quadratic in the decision variables")

    # -- conditions -----------------------------------------------------------------------------------

    def comparison(self, node: Comparison, frame: Frame) -> BoolArray:
        truth: BoolArray = np.asarray(True)
        for left, operator, right in zip(node.operands, node.operators, node.operands[1:], strict=False):
            truth = truth & self.compare(left, operator, right, frame)
        return truth

    def compare(self, left: Node, operator: ComparisonOperator, right: Node, frame: Frame) -> BoolArray:
        if operator in ("in", "not in"):
            table = self.set_of(right)
            element = self.element(left, frame)
            if element.arity != table.arity:
                raise self.fail(left, "arity", f"an element of `{table.name}` has {table.arity} components")
            member = self.places(table, [element]) != MISSING
            return member if operator == "in" else ~member
        a, b = self.comparable(left, frame), self.comparable(right, frame)
        if isinstance(a, Elements) and isinstance(b, Elements) and operator in ("==", "!="):
            equal: BoolArray = np.logical_and.reduce(
                [x == y for x, y in zip(a.codes(), b.codes(), strict=True)], axis=0
            )
            return equal if operator == "==" else ~equal
        return _COMPARE[operator](self.as_number(left, a, frame), self.as_number(right, b, frame))

    def comparable(self, node: Node, frame: Frame) -> FloatArray | BoolArray | Elements:
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
        function = node.function
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
            digits = float(numbers[1]) if len(numbers) > 1 and numbers[1].ndim == 0 else 0.0
            return np.asarray(np.round(numbers[0], int(digits)))
        if len(numbers) != 1:
            raise self.fail(node, "arguments", f"`{function}` takes one argument")
        with np.errstate(all="ignore"):
            return self.finite(node, _ELEMENTWISE[function](numbers[0]), frame)

    def aggregate(self, node: Aggregate, frame: Frame) -> Value:
        inner, rows = self.expand(frame, node.clauses, node.body)
        if node.function == "len":
            return np.bincount(rows, minlength=frame.size).astype(np.float64)
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
            return np.bincount(rows, weights=numbers, minlength=frame.size)
        start = {"prod": 1.0, "min": np.inf, "max": -np.inf}[node.function]
        total = np.full(frame.size, start)
        {"prod": np.multiply, "min": np.minimum, "max": np.maximum}[node.function].at(total, rows, numbers)
        if not np.all(np.isfinite(total)):
            row = int(np.argmax(~np.isfinite(total)))
            raise self.fail(node, "empty_aggregate", f"`{node.function}` of nothing has no value", frame=frame, row=row)
        return total

    # -- clauses --------------------------------------------------------------------------------------

    def expand(self, frame: Frame, clauses: Sequence[Clause], body: Node | None = None) -> tuple[Frame, IntArray]:
        """Run over generator clauses.

        Args:
            frame: the combinations so far.
            clauses: applied from left to right.
            body: what will be evaluated; outer loop variables that neither it nor a later clause names
                are not carried along. `None` carries all of them.

        Returns:
            The expanded frame, and for each of its rows the row of `frame` that it extends, ascending.
        """
        rows = np.arange(frame.size)
        for number, clause in enumerate(clauses):
            if body is not None:
                later = [body, *clause.conditions, clause.iterable]
                later += [n for c in clauses[number + 1 :] for n in (c.iterable, *c.conditions)]
                frame = _without_unused(frame, later)
            frame, parents = self.expand_clause(frame, clause)
            rows = rows[parents] if number else parents
        return frame, rows

    def expand_clause(self, frame: Frame, clause: Clause) -> tuple[Frame, IntArray]:
        conditions = [part for condition in clause.conditions for part in _conjuncts(condition)]
        if isinstance(clause.iterable, Call) and clause.iterable.function == "range":
            rows, table, positions = self.range_rows(clause.iterable, frame)
        else:
            table = self.set_of(clause.iterable)
            if len(clause.targets) not in (1, table.arity):
                raise self.fail(
                    clause,
                    "arity",
                    f"{len(clause.targets)} loop variables for the elements of `{table.name}`, which have {table.arity}",
                )
            joined = self.join(frame, clause, table, conditions)
            rows, positions = joined if joined is not None else product_rows(frame, table)
        expanded = frame.bind(rows, clause.targets, table, positions)
        for condition in conditions:
            mask = self.condition(condition, expanded)
            if mask.ndim == 0:
                keep = np.arange(expanded.size if mask else 0)
            else:
                keep = np.flatnonzero(mask)
            if len(keep) < expanded.size:
                expanded, rows = expanded.take(keep), rows[keep]
        return expanded, rows

    def join(
        self, frame: Frame, clause: Clause, table: SetTable, conditions: list[Node]
    ) -> tuple[IntArray, IntArray] | None:
        """Expand by a join where a condition ties the clause to what is known; `None` where none does.

        A condition that was used up by the join is removed from `conditions`.
        """
        for condition in conditions:
            if not isinstance(condition, Comparison) or len(condition.operators) != 1:
                continue
            left, right = condition.operands
            if condition.operators[0] == "==":
                tie = self.equality_tie(clause, table, left, right) or self.equality_tie(clause, table, right, left)
                if tie is not None:
                    component, other = tie
                    codes = self.join_codes(other, frame)
                    if codes is None:
                        continue
                    conditions.remove(condition)
                    return joined_rows(frame, table, component, codes)
            if condition.operators[0] == "in" and isinstance(left, SequenceNode) and table.arity == 1:
                found = self.membership_tie(frame, clause, table, left, right)
                if found is not None:
                    return found
        return None

    @staticmethod
    def equality_tie(clause: Clause, table: SetTable, target: Node, other: Node) -> tuple[int, Node] | None:
        """Return the component that an equality fixes, and to what; `None` when it fixes none."""
        if not isinstance(target, Name) or target.name not in clause.targets:
            return None
        if table.arity > 1 and len(clause.targets) == 1:
            return None
        if any(isinstance(node, Name) and node.name in clause.targets for node in walk(other)):
            return None
        return clause.targets.index(target.name), other

    def join_codes(self, node: Node, frame: Frame) -> IntArray | None:
        """Return the codes (n,) of the other side of an equality; `None` when it is not one plain element."""
        if isinstance(node, Text | Number) or (isinstance(node, Name) and node.name not in frame.variables):
            return None  # the same for every row: a filter does it, and reads '1' for 1
        element = self.element(node, frame)
        return element.codes()[0] if element.arity == 1 else None

    def membership_tie(
        self, frame: Frame, clause: Clause, table: SetTable, element: SequenceNode, container: Node
    ) -> tuple[IntArray, IntArray] | None:
        """Run over `(i, j) in ARCS` for a known i, instead of every j."""
        names = [item.name if isinstance(item, Name) else None for item in element.items]
        target = clause.targets[0]
        known = [place for place, name in enumerate(names) if name in frame.variables and name != target]
        if names.count(target) != 1 or not known or not isinstance(container, Name):
            return None
        pairs = self.set_of(container)
        outer = frame.variables[names[known[0]] or ""]
        if pairs.arity != len(names) or outer.arity != 1:
            return None
        rows, found = joined_rows(frame, pairs, known[0], outer.codes()[0])
        positions = table.positions((pairs.columns[names.index(target)][found],))
        order = np.lexsort((positions, rows))
        rows, positions = rows[order], positions[order]
        # Triples may hold the same pair several times: each element once, and only those of the set.
        keep = positions >= 0
        keep[1:] &= (rows[1:] != rows[:-1]) | (positions[1:] != positions[:-1])
        return rows[keep], positions[keep]

    def range_rows(self, node: Call, frame: Frame) -> tuple[IntArray, SetTable, IntArray]:
        """Return the rows, the numbers as a set, and the positions that `range(...)` runs over in each row."""
        bounds = [np.broadcast_to(self.number(argument, frame), (frame.size,)) for argument in node.arguments]
        if len(bounds) > 3 or any(not np.array_equal(bound, np.round(bound)) for bound in bounds):
            raise self.fail(node, "range", "`range` takes one to three whole numbers")
        start, stop = (np.zeros(frame.size), bounds[0]) if len(bounds) == 1 else (bounds[0], bounds[1])
        step = bounds[2] if len(bounds) == 3 else np.ones(frame.size)
        if np.any(step == 0):
            raise self.fail(node, "range", "the step of a `range` must not be 0")
        count = np.maximum(0, np.ceil((stop - start) / step)).astype(np.int64)
        guard_size(int(count.sum()))
        rows = np.repeat(np.arange(frame.size), count)
        offset = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
        values = start[rows] + offset * step[rows]
        distinct, positions = np.unique(values, return_inverse=True)
        codes = self.context.universe.intern([int(value) for value in distinct])
        return rows, SetTable("", self.context.universe, (codes,)), positions.astype(np.int64)

    def set_of(self, node: Node) -> SetTable:
        """Return the set that a node names."""
        if isinstance(node, Name) and node.name in self.context.sets:
            return self.context.sets[node.name]
        if isinstance(node, SequenceNode) and node.items:
            items = [item.items if isinstance(item, SequenceNode) else (item,) for item in node.items]
            if all(isinstance(part, Text | Number) for item in items for part in item):
                columns = [
                    self.context.universe.intern(
                        [part.value if isinstance(part, Text) else int(part.value) for part in column]  # type: ignore[union-attr]
                    )
                    for column in zip(*items, strict=True)
                ]
                return SetTable("", self.context.universe, tuple(columns))
        raise self.fail(node, "not_a_set", f"`{self.expression.quote(node)}` is not a set", mend="Run over a set, a `range` or a list.")


def _conjuncts(node: Node) -> list[Node]:
    """Split a condition at its outermost `and`s."""
    if isinstance(node, Logic) and node.operator == "and":
        return [part for operand in node.operands for part in _conjuncts(operand)]
    return [node]


def _without_unused(frame: Frame, nodes: Sequence[Node]) -> Frame:
    """Drop loop variables that no node names."""
    named = {node.name for root in nodes for node in walk(root) if isinstance(node, Name)}
    kept = {name: elements for name, elements in frame.variables.items() if name in named}
    return frame if len(kept) == len(frame.variables) else Frame(frame.size, kept)


def _mend_function(function: Literal["abs"] | str) -> str:
    """Say how a function of variables is written with linear rows."""
    if function in ("max", "min"):
        side = ">=" if function == "max" else "<="
        return f"Add a variable `m` with a row `m {side} ...` for each argument, and use `m`."
    if function == "abs":
        return "Add a variable `d` with the rows `d >= e` and `d >= -(e)`, and use `d`."
    return "Only linear and quadratic expressions are understood."
