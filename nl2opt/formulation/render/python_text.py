"""Writes expression nodes as Python code over renamed elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from nl2opt.formulation.precedence import (
    ADDITION,
    AND,
    CONDITIONAL,
    NOT,
    OR,
    POWER,
    PRODUCT,
    SIGN,
    precedence,
)
from nl2opt.formulation.render.literals import number_literal, text_literal
from nl2opt.formulation.render.names import ProgramNames
from nl2opt.formulation.syntax import (
    Addition,
    Aggregate,
    Arithmetic,
    Call,
    Clause,
    Comparison,
    Comprehension,
    Conditional,
    Index,
    Logic,
    Name,
    Node,
    Number,
    Text,
)
from nl2opt.formulation.syntax import Sequence as SequenceNode

FUNCTIONS: Final = {
    "exp": "math.exp", "log": "math.log", "sqrt": "math.sqrt", "sin": "math.sin", "cos": "math.cos",
    "ceil": "math.ceil", "floor": "math.floor", "prod": "math.prod", "abs": "abs", "round": "round",
    "min": "min", "max": "max", "len": "len", "sum": "sum", "range": "range",
}  # fmt: skip
"""What the functions of the language are in Python; nothing else is ever called in an expression."""


class PythonText:
    """Writes nodes as Python code.

    Scalar variables and parameters are plain names, indexed ones are subscripted. Elements that a literal
    names are written as the set holds them, so that `'1'` becomes 1 where the set holds the number.
    """

    def __init__(
        self,
        names: ProgramNames,
        index_sets: Mapping[str, Sequence[str]],
        members: Mapping[str, frozenset[object]],
        tuple_sets: frozenset[str],
        prefixed: Mapping[str, str],
    ) -> None:
        """Prepare.

        Args:
            names: of the program.
            index_sets: for each parameter and variable the names of its sets.
            members: for each set of plain elements its elements.
            tuple_sets: names of the sets of pairs, triples and so on.
            prefixed: what stands in front of a name in the program, as `model.` before variables.
        """
        self._names = names
        self._index_sets = index_sets
        self._members = members
        self._tuple_sets = tuple_sets
        self._prefixed = prefixed
        self._scope: dict[str, bool] = {}

    def write(
        self,
        node: Node,
        clauses: Sequence[Clause] = (),
        around: int = CONDITIONAL,
        *,
        scope: Sequence[str] = (),
    ) -> str:
        """Return a node as code.

        Args:
            node: what is written.
            clauses: whose loop variables are visible.
            around: the precedence of what stands around it.
            scope: further loop variables that are visible.
        """
        previous = self._scope
        self._scope = {**previous, **dict.fromkeys(scope, False)}
        try:
            for clause in clauses:
                self._enter(clause)
            return self._write(node, around)
        finally:
            self._scope = previous

    def loops(self, clauses: Sequence[Clause]) -> Iterator[str]:
        """Yield generator clauses as the heads of nested `for` and `if` statements."""
        previous = self._scope
        for clause in clauses:
            yield f"{self._head(clause)}:"
            if clause.conditions:
                conditions = [self._write(condition, AND) for condition in clause.conditions]
                yield f"if {' and '.join(conditions)}:"
        self._scope = previous

    def _enter(self, clause: Clause) -> None:
        """Make the loop variables of a clause visible; a lone one over a set of pairs stands for a pair."""
        iterable = clause.iterable
        whole = len(clause.targets) == 1 and isinstance(iterable, Name) and iterable.name in self._tuple_sets
        self._scope = {**self._scope, **dict.fromkeys(clause.targets, whole)}

    def _head(self, clause: Clause) -> str:
        iterable = self._write(clause.iterable, OR)
        self._enter(clause)
        return f"for {', '.join(self._names.loop(target) for target in clause.targets)} in {iterable}"

    def _clauses(self, clauses: Sequence[Clause]) -> str:
        """Return generator clauses as code; their loop variables stay visible until the caller is done."""
        parts = []
        for clause in clauses:
            head = self._head(clause)
            conditions = "".join(f" if {self._write(condition, OR)}" for condition in clause.conditions)
            parts.append(f"{head}{conditions}")
        return " ".join(parts)

    def _write(self, node: Node, around: int) -> str:
        text = self._plain(node)
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
                return f"{self._name(node.name)}[{', '.join(self._indices(node))}]"
            case Addition():
                return self._addition(node)
            case Arithmetic(operator="**"):
                return f"{self._write(node.left, POWER + 1)} ** {self._write(node.right, SIGN)}"
            case Arithmetic():
                return f"{self._write(node.left, PRODUCT)} {node.operator} {self._write(node.right, PRODUCT + 1)}"
            case Comparison():
                first, *rest = [self._write(operand, ADDITION) for operand in node.operands]
                return first + "".join(f" {op} {text}" for op, text in zip(node.operators, rest, strict=True))
            case Logic(operator="not"):
                return f"not {self._write(node.operands[0], NOT)}"
            case Logic():
                inside = AND + 1 if node.operator == "and" else OR + 1
                return f" {node.operator} ".join(self._write(operand, inside) for operand in node.operands)
            case Conditional():
                body, test = self._write(node.body, OR), self._write(node.test, OR)
                return f"{body} if {test} else {self._write(node.otherwise, CONDITIONAL)}"
            case Call(function="first"):
                return f"{self._write(node.arguments[0], POWER + 1)}[0]"
            case Call(function="last"):
                return f"{self._write(node.arguments[0], POWER + 1)}[-1]"
            case Call():
                return f"{FUNCTIONS[node.function]}({', '.join(self._write(a, CONDITIONAL) for a in node.arguments)})"
            case Aggregate():
                return self._aggregate(node)
            case SequenceNode():
                items = ", ".join(self._write(item, CONDITIONAL) for item in node.items)
                return f"({items}{',' if len(node.items) == 1 else ''})"
            case Comprehension():
                return self._comprehension(node)

    def _name(self, name: str) -> str:
        if name in self._scope:
            return self._names.loop(name)
        return f"{self._prefixed.get(name, '')}{self._names.element(name)}"

    def _indices(self, node: Index) -> list[str]:
        sets = self._index_sets.get(node.name, ())
        texts = []
        for place, index in enumerate(node.indices):
            if len(node.indices) > 1 and isinstance(index, Name) and self._scope.get(index.name):
                texts.append(f"*{self._names.loop(index.name)}")  # a pair among other indices
                continue
            members = self._members.get(sets[place]) if len(sets) == len(node.indices) else None
            texts.append(self._index(index, members))
        return texts

    def _index(self, node: Node, members: frozenset[object] | None) -> str:
        if members is not None and isinstance(node, Text) and node.value not in members:
            text = node.value
            return str(int(text)) if text.lstrip("-").isdecimal() and int(text) in members else text_literal(text)
        if members is not None and isinstance(node, Number) and int(node.value) not in members:
            text = number_literal(node.value)
            return text_literal(text) if text in members else text
        return self._write(node, CONDITIONAL)

    def _addition(self, node: Addition) -> str:
        parts = []
        for place, (sign, term) in enumerate(node.terms):
            text = self._write(term, SIGN if place == 0 and sign < 0 else PRODUCT)
            if isinstance(term, Number) and term.value < 0:
                text = f"({number_literal(term.value)})"
            if place == 0:
                parts.append(f"-{text}" if sign < 0 else text)
            else:
                parts.append(f" {'+' if sign > 0 else '-'} {text}")
        return "".join(parts)

    def _aggregate(self, node: Aggregate) -> str:
        previous = self._scope
        clauses = self._clauses(node.clauses)
        body = self._write(node.body, CONDITIONAL)
        self._scope = previous
        if node.function == "len":
            return f"sum(1 {clauses})"
        return f"{FUNCTIONS[node.function]}({body} {clauses})"

    def _comprehension(self, node: Comprehension) -> str:
        previous = self._scope
        clauses = self._clauses(node.clauses)
        body = self._write(node.body, CONDITIONAL)
        key = f"{self._write(node.key, CONDITIONAL)}: " if node.key is not None else ""
        self._scope = previous
        return f"{{{key}{body} {clauses}}}" if key else f"[{body} {clauses}]"
