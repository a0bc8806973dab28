"""Writes expression nodes as Python code over renamed elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar, Final

from nl2opt.formulation.evaluation.elements import integer_of
from nl2opt.formulation.language.precedence import (
    AND,
    COMPARISON,
    CONDITIONAL,
    NOT,
    OR,
    POWER,
    PRODUCT,
    SIGN,
    UNION,
    precedence,
)
from nl2opt.formulation.language.syntax import (
    ORDERED,
    Addition,
    Aggregate,
    Arithmetic,
    Call,
    Clause,
    Comparison,
    Comprehension,
    Conditional,
    Function,
    Index,
    Logic,
    Name,
    Node,
    Number,
    SetOperation,
    Text,
    walk,
)
from nl2opt.formulation.language.syntax import Sequence as SequenceNode
from nl2opt.formulation.render.folding import Pieces, enclosed
from nl2opt.formulation.render.literals import number_literal, text_literal
from nl2opt.formulation.render.loop_scope import LoopScope
from nl2opt.formulation.render.loops import Loop, Members
from nl2opt.formulation.render.names import ProgramNames
from nl2opt.formulation.render.unsaid import unsaid

FUNCTIONS: Final[dict[Function, str]] = {
    "exp": "math.exp", "log": "math.log", "sqrt": "math.sqrt", "sin": "math.sin", "cos": "math.cos",
    "ceil": "math.ceil", "floor": "math.floor", "prod": "math.prod", "abs": "abs", "round": "round",
    "min": "min", "max": "max", "len": "len", "sum": "sum", "range": "range",
}  # fmt: skip
"""What the functions of the language are in Python; nothing else is ever called in an expression."""


class PythonText(LoopScope):
    """Writes nodes as Python code.

    Scalar variables and parameters are plain names, indexed ones are subscripted. Elements that a literal
    names are written as the set holds them, so that `'1'` becomes 1 where the set holds the number.

    Attributes:
        uses_math: whether anything that was written needs the module `math`.
        helpers: names of the functions of `HELPERS` that anything that was written needs.
    """

    library: ClassVar[str] = "python"

    def __init__(
        self,
        names: ProgramNames,
        *,
        sets: Mapping[str, Sequence[Members]],
        families: Mapping[str, Sequence[Members]],
        index: Mapping[str, Sequence[str]],
        prefixed: Mapping[str, str],
        fractional: frozenset[str],
    ) -> None:
        """Prepare.

        Args:
            names: of the program.
            sets: for each set what the components of its elements may be, one entry for a set of plain elements.
            families: the same for each family of sets.
            index: for each parameter, variable and family of sets the names of its sets.
            prefixed: what stands in front of the name of a variable in the program: `model.`.
            fractional: names of the parameters that hold numbers that are not whole.
        """
        super().__init__(names, sets=sets, families=families)
        self._index = index
        self._prefixed = prefixed
        self._fractional = fractional
        self._variables_are_zero = False
        self.uses_math = False
        self.helpers: set[str] = set()

    def write(
        self,
        node: Node,
        clauses: Sequence[Clause] = (),
        around: int = CONDITIONAL,
        *,
        scope: Mapping[str, Loop] | None = None,
        variables_are_zero: bool = False,
    ) -> str:
        """Return a node as code.

        Args:
            node: what is written.
            clauses: whose loop variables are visible.
            around: the precedence of what stands around it.
            scope: further loop variables that are visible.
            variables_are_zero: whether 0 stands for every decision variable, which leaves the constant part.
        """
        previous = self._scope
        self._scope = {**previous, **(scope or {})}
        self._variables_are_zero = variables_are_zero
        try:
            for clause in clauses:
                self._enter(clause)
            return self._write(node, around)
        finally:
            self._scope, self._variables_are_zero = previous, False

    def pieces(self, node: Node, clauses: Sequence[Clause] = (), around: int = CONDITIONAL) -> Pieces:
        """Return a node as code cut where it may be folded: between terms, and before generator clauses."""
        previous = self._scope
        try:
            for clause in clauses:
                self._enter(clause)
            return self._pieces(node, around)
        finally:
            self._scope = previous

    @contextmanager
    def within(self, clauses: Sequence[Clause]) -> Iterator[None]:
        """Make the loop variables of clauses visible for a while."""
        previous = self._scope
        try:
            for clause in clauses:
                self._enter(clause)
            yield
        finally:
            self._scope = previous

    def heads(self, clauses: Sequence[Clause]) -> Pieces:
        """Return generator clauses as the end of a generator expression, cut where it may be folded."""
        previous = self._scope
        parts = self._clauses(clauses)
        self._scope = previous
        return parts

    def is_decision(self, node: Node) -> bool:
        """Whether a node speaks of decision variables."""
        return any(isinstance(part, Name | Index) and part.name in self._prefixed for part in walk(node))

    def loops(self, clauses: Sequence[Clause]) -> Iterator[str]:
        """Yield generator clauses as the heads of nested `for` and `if` statements."""
        previous = self._scope
        for clause in clauses:
            yield f"{self._head(clause)}:"
            if clause.conditions:
                conditions = [self._write(condition, AND) for condition in clause.conditions]
                yield f"if {' and '.join(conditions)}:"
        self._scope = previous

    def _head(self, clause: Clause) -> str:
        iterable = self._set(clause.iterable, OR)
        self._enter(clause)
        return f"for {', '.join(self._scope[target].text for target in clause.targets)} in {iterable}"

    def _clauses(self, clauses: Sequence[Clause]) -> Pieces:
        """Return generator clauses as code; their loop variables stay visible until the caller is done."""
        parts: Pieces = []
        for clause in clauses:
            parts.append(self._head(clause))
            parts += [f"if {self._write(condition, OR)}" for condition in clause.conditions]
        return parts

    def _pieces(self, node: Node, around: int) -> Pieces:
        if isinstance(node, Addition):
            parts = self._terms(node)
        elif isinstance(node, Aggregate):
            parts = self._aggregate(node)
        elif isinstance(node, Conditional):
            test = f"if {self._write(node.test, OR)}"
            parts = [
                *self._pieces(node.body, OR),
                test,
                *enclosed("else ", self._pieces(node.otherwise, CONDITIONAL), ""),
            ]
        else:
            return [self._write(node, around)]
        return enclosed("(", parts, ")") if precedence(node) < around else parts

    def _write(self, node: Node, around: int) -> str:
        text = self._plain(node)
        if isinstance(node, Comparison | Logic) and around > COMPARISON:  # truth in arithmetic counts as 1
            judged = isinstance(node, Comparison) or all(isinstance(part, Comparison) for part in node.operands)
            return f"int({text})" if judged else f"int(bool({text}))"
        return f"({text})" if precedence(node) < around else text

    def _plain(self, node: Node) -> str:  # noqa: C901 - one case for each kind of node
        match node:
            case Number():
                return number_literal(node.value)
            case Text():
                return text_literal(node.value)
            case Name():
                return self._name(node.name)
            case Index():
                return self._indexed(node)
            case Addition():
                return " ".join(self._terms(node))
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison():
                return self._comparison(node)
            case Logic(operator="not"):
                return f"not {self._write(node.operands[0], NOT)}"
            case Logic():
                inside = AND + 1 if node.operator == "and" else OR + 1
                return f" {node.operator} ".join(self._write(operand, inside) for operand in node.operands)
            case Conditional():
                return " ".join(self._pieces(node, CONDITIONAL))
            case Call() if node.function in ORDERED:
                return self._ordered(node)
            case Call():
                return self._call(node)
            case Aggregate():
                return " ".join(self._aggregate(node))
            case SequenceNode():
                items = ", ".join(self._write(item, CONDITIONAL) for item in node.items)
                return f"({items}{',' if len(node.items) == 1 else ''})"
            case Comprehension() | SetOperation():
                raise ValueError("a set stands where a value is expected")

    def _set(self, node: Node, around: int = CONDITIONAL) -> str:
        """Write a node that stands for a set, as something that can be run over and asked for its elements."""
        match node:
            case SetOperation():
                return self._joined("union" if node.operator == "|" else "intersection", node.left, node.right)
            case Addition() if len(node.terms) > 1:
                *rest, (_, taken) = node.terms
                kept = rest[0][1] if len(rest) == 1 else Addition(tuple(rest), node.span)
                return self._joined("difference", kept, taken)
            case Comprehension():
                previous = self._scope
                clauses = " ".join(self._clauses(node.clauses))
                body = self._write(node.body, CONDITIONAL)
                self._scope = previous
                return f"list(dict.fromkeys({body} {clauses}))" if node.distinct else f"[{body} {clauses}]"
            case _:
                return self._write(node, around)

    def _joined(self, helper: str, left: Node, right: Node) -> str:
        self.helpers.add(helper)
        return f"{helper}({self._set(left)}, {self._set(right)})"

    def _ordered(self, node: Call) -> str:
        """Write `first`, `last`, `prev`, `next` or `ord`."""
        container = node.arguments[0]
        elements = self._set(container, POWER + 1)
        if node.function in ("first", "last"):
            return f"{elements}[{0 if node.function == 'first' else -1}]"
        element = self._literal(node.arguments[1], self._components(container)[0])
        if node.function == "ord":
            return f"({elements}.index({element}) + 1)"
        self.helpers.add("neighbour")
        sign = "-" if node.function == "prev" else ""
        steps = self._write(node.arguments[2], SIGN) if len(node.arguments) == 3 else "1"
        if len(node.arguments) == 3 and not self._is_whole(node.arguments[2]):
            steps = f"int({steps})"
        return f"neighbour({elements}, {element}, {sign}{steps}{', cyclic=True' if node.cyclic else ''})"

    def _name(self, name: str) -> str:
        if name in self._scope:
            return self._scope[name].text
        if name in self._prefixed and self._variables_are_zero:
            return "0"
        return f"{self._prefixed.get(name, '')}{self._names.element(name)}"

    def _indexed(self, node: Index) -> str:
        name = self._name(node.name)
        return name if name == "0" else f"{name}[{', '.join(self._indices(node))}]"

    def _indices(self, node: Index) -> list[str]:
        """Return the indices as code, written-out tuples unpacked."""
        flat = [
            item for index in node.indices for item in (index.items if isinstance(index, SequenceNode) else (index,))
        ]
        members = [self._sets[name] for name in self._index.get(node.name, ()) if name in self._sets]
        expected = [part if len(parts) == 1 else None for parts in members for part in parts]
        texts: list[str] = []
        place = 0
        for index in flat:
            arity = self._arity(index)
            if arity > 1 and len(flat) > 1:  # a pair among other indices
                texts.append(f"*{self._write(index, CONDITIONAL)}")
            else:
                texts.append(self._literal(index, expected[place] if place < len(expected) else None))
            place += arity
        return texts

    def _literal(self, node: Node, members: Members | None) -> str:
        """Return a node as code; a literal that is not among the members as the number or text that is."""
        if members is None or not isinstance(node, Text | Number):
            return self._write(node, CONDITIONAL)
        if isinstance(node, Text) and node.value not in members:
            number = integer_of(node.value)
            return str(number) if number in members else text_literal(node.value)
        text = self._write(node, CONDITIONAL)
        return (
            text_literal(text) if isinstance(node, Number) and node.value not in members and text in members else text
        )

    def _comparison(self, node: Comparison) -> str:
        """Write a comparison; literals as the elements that they are compared with."""
        texts = [self._write(node.operands[0], UNION)]
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            write = self._set if operator in ("in", "not in") else self._write
            texts.append(write(operand, UNION))
        for place, (left, operator, right) in enumerate(
            zip(node.operands, node.operators, node.operands[1:], strict=False)
        ):
            if operator in ("in", "not in"):
                components = self._components(right)
                texts[place] = self._literal(left, components[0]) if isinstance(left, Text | Number) else texts[place]
            elif isinstance(right, Text):
                texts[place + 1] = self._literal(right, self._runs_over(left))
            elif isinstance(left, Text):
                texts[place] = self._literal(left, self._runs_over(right))
        first, *rest = texts
        return first + "".join(f" {op} {text}" for op, text in zip(node.operators, rest, strict=True))

    def _call(self, node: Call) -> str:
        if node.function == "piecewise":
            return self._piecewise(node)
        if node.function not in FUNCTIONS:
            raise unsaid(self.library, node)
        if len(node.arguments) == 1 and node.function in ("min", "max"):
            return self._write(node.arguments[0], POWER + 1)
        write = self._set if node.function == "len" else self._write
        arguments = [write(argument, CONDITIONAL) for argument in node.arguments]
        if node.function == "range":
            arguments = [
                text if self._is_whole(argument) else f"int({text})"
                for argument, text in zip(node.arguments, arguments, strict=True)
            ]
        return f"{self._function(node.function)}({', '.join(arguments)})"

    def _piecewise(self, node: Call) -> str:
        """Write a piecewise linear function of a known number; libraries differ in those of decisions."""
        if not self._variables_are_zero and self.is_decision(node.arguments[0]):
            raise unsaid(self.library, node)
        self.helpers.add("interpolated")
        argument, points = node.arguments
        return f"interpolated({self._write(argument, CONDITIONAL)}, {self._points(points)})"

    def _points(self, node: Node) -> str:
        """Return the points of a piecewise linear function as a list of pairs."""
        if isinstance(node, SequenceNode):
            return f"[{', '.join(self._write(item, CONDITIONAL) for item in node.items)}]"
        return self._set(node)

    def _function(self, function: Function) -> str:
        text = FUNCTIONS[function]
        self.uses_math = self.uses_math or text.startswith("math.")
        return text

    def _is_whole(self, node: Node) -> bool:
        """Whether a number is whole in Python's eyes too: 4 / 2 is not, it is a float."""
        return not any(
            (isinstance(part, Arithmetic) and part.operator in ("/", "**"))
            or (isinstance(part, Number) and not part.value.is_integer())
            or (isinstance(part, Name | Index) and part.name in self._fractional)
            or (
                isinstance(part, Call | Aggregate)
                and part.function not in ("len", "ord", "ceil", "floor", "abs", "sum")
            )
            for part in walk(node)
        )

    def _arithmetic(self, node: Arithmetic) -> str:
        """Return a product, quotient, remainder or power; libraries differ in those that they take."""
        if node.operator == "**":
            return f"{self._write(node.left, POWER + 1)} ** {self._write(node.right, SIGN)}"
        return f"{self._write(node.left, PRODUCT)} {node.operator} {self._write(node.right, PRODUCT + 1)}"

    def _terms(self, node: Addition) -> Pieces:
        parts: Pieces = []
        for place, (sign, term) in enumerate(node.terms):
            around = SIGN if place == 0 and sign < 0 else PRODUCT
            if isinstance(term, Number) and term.value < 0:
                first, *rest = [f"({number_literal(term.value)})"]
            else:
                first, *rest = self._pieces(term, around)
            opening = ("-" if sign < 0 else "") if place == 0 else "- " if sign < 0 else "+ "
            parts += [f"{opening}{first}", *rest]
        return parts

    def _aggregate(self, node: Aggregate) -> Pieces:
        previous = self._scope
        clauses = self._clauses(node.clauses)
        body = ["1"] if node.function == "len" else self._pieces(node.body, CONDITIONAL)
        self._scope = previous
        return enclosed(f"{self._big_function(node)}(", [*body, *clauses], ")")

    def _big_function(self, node: Aggregate) -> str:
        """Return the function that takes the generator; libraries may have a sum of their own for variables."""
        return self._function("sum" if node.function == "len" else node.function)
