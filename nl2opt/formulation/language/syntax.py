"""The nodes of the expression language.

An expression is read from Python's own syntax into these frozen nodes and never evaluated as Python. Every
node knows the piece of text it came from (`span`: start and end offsets in the text that was read).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Span = tuple[int, int]
NOWHERE: Span = (0, 0)

ArithmeticOperator = Literal["*", "/", "//", "%", "**"]
ComparisonOperator = Literal["<", "<=", "==", "!=", ">=", ">", "in", "not in"]
Function = Literal[
    "abs", "ceil", "cos", "exp", "first", "floor", "last", "len", "log", "max", "min", "next", "ord", "prev",
    "prod", "range", "round", "sin", "sqrt", "sum",
    "all_different", "circuit", "cumulative", "either", "implies", "no_overlap", "piecewise", "soc",
]  # fmt: skip
FUNCTIONS: tuple[Function, ...] = (
    "abs", "ceil", "cos", "exp", "first", "floor", "last", "len", "log", "max", "min", "next", "ord", "prev",
    "prod", "range", "round", "sin", "sqrt", "sum",
)  # fmt: skip
PREDICATES: tuple[Function, ...] = (
    "all_different", "circuit", "cumulative", "either", "implies", "no_overlap", "soc",
)  # fmt: skip
"""Demands that are no comparison; each stands alone in a constraint."""
CALLED: tuple[Function, ...] = (*FUNCTIONS, *PREDICATES, "piecewise")
"""All that can be called. What is not among `FUNCTIONS` may also be the name of a set, parameter or variable."""
AGGREGATES: tuple[Function, ...] = ("sum", "prod", "min", "max", "len")
"""Functions that take a generator: `sum(e for i in I)`."""
ORDERED: tuple[Function, ...] = ("first", "last", "next", "ord", "prev")
"""Functions of the order of a set, which is their first argument."""
NEIGHBOURS: tuple[Function, ...] = ("next", "prev")
"""Those of them that may go around: `prev(T, t, cyclic=True)`."""


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric literal."""

    value: float
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text literal, which can only be an element of a set."""

    value: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A name: of a loop variable, a scalar parameter or variable, or a set."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    """An indexed parameter or variable: `x[i, j]`."""

    name: str
    indices: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Addition:
    """A sum of signed terms: `a - b + c` is `(+1, a), (-1, b), (+1, c)`.

    One flat node for a whole chain, so that a thousand terms do not nest a thousand deep. A negation is
    the addition of one term with sign -1.
    """

    terms: tuple[tuple[Literal[1, -1], Node], ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A product, quotient, remainder or power of two operands."""

    operator: ArithmeticOperator
    left: Node
    right: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison, chained ones included: `a <= e <= b` has three operands and two operators."""

    operands: tuple[Node, ...]
    operators: tuple[ComparisonOperator, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` / `or` of two or more conditions, or `not` of one."""

    operator: Literal["and", "or", "not"]
    operands: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """`body if test else otherwise`."""

    test: Node
    body: Node
    otherwise: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of listed arguments: `max(a, b)`, `len(I)`, `range(1, 13)`.

    `cyclic` is whether `prev` and `next` go around at the ends of the set.
    """

    function: Function
    arguments: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)
    cyclic: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class SetOperation:
    """The union `A | B` or the intersection `A & B` of two sets; a difference `A - B` is an `Addition`."""

    operator: Literal["|", "&"]
    left: Node
    right: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Clause:
    """One generator clause: `for (i, j) in ARCS if i != j`.

    `targets` are the loop variables, `iterable` is what they run over, `conditions` filter it.
    """

    targets: tuple[str, ...]
    iterable: Node
    conditions: tuple[Node, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function over a generator: `sum(profit[i] * make[i] for i in ITEM)`."""

    function: Function
    body: Node
    clauses: tuple[Clause, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple or a list: `(i, j)`, `['mon', 'tue']`."""

    items: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A body repeated over clauses: a constraint for each index, or the elements of a set.

    `key` is given for a mapping only: `{i: base[i] * 1.1 for i in P}`. `distinct` is for braces, which take each
    element once, `{j for (i, j) in ARCS}`, where brackets refuse one that stands twice.
    """

    body: Node
    clauses: tuple[Clause, ...]
    key: Node | None = None
    span: Span = field(default=NOWHERE, compare=False)
    distinct: bool = field(default=False, kw_only=True)


Node = (
    Number
    | Text
    | Name
    | Index
    | Addition
    | Arithmetic
    | Comparison
    | Logic
    | Conditional
    | Call
    | SetOperation
    | Aggregate
    | Sequence
    | Comprehension
)


def children(node: Node) -> Iterator[Node]:  # noqa: C901 - one case for each kind of node
    """Yield the nodes directly below a node, clauses' iterables and conditions included, left to right."""
    match node:
        case Number() | Text() | Name():
            return
        case Index():
            yield from node.indices
        case Addition():
            for _, term in node.terms:
                yield term
        case Arithmetic() | SetOperation():
            yield node.left
            yield node.right
        case Comparison() | Logic():
            yield from node.operands
        case Conditional():
            yield from (node.body, node.test, node.otherwise)
        case Call():
            yield from node.arguments
        case Sequence():
            yield from node.items
        case Aggregate() | Comprehension():
            if isinstance(node, Comprehension) and node.key is not None:
                yield node.key
            yield node.body
            for clause in node.clauses:
                yield clause.iterable
                yield from clause.conditions


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))
