"""Writes nodes back as text of the expression language, with as few parentheses as it takes."""

from __future__ import annotations

from nl2opt.formulation.language.precedence import (
    AND,
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
    PREDICATES,
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
    Sequence,
    SetOperation,
    Text,
)


def number_text(value: float) -> str:
    """Return the shortest text that reads back as the same number; whole numbers without a point."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))


def to_text(node: Node) -> str:
    """Return the text of a node; reading it again gives an equal node."""
    if isinstance(node, Comprehension) and node.key is None and not node.distinct and _is_demand(node.body):
        return f"{_write(node.body, CONDITIONAL)}{_clauses(node.clauses)}"  # a constraint needs no brackets
    return _write(node, CONDITIONAL)


def _is_demand(node: Node) -> bool:
    """Whether a node is what a constraint demands."""
    return isinstance(node, Comparison) or (isinstance(node, Call) and node.function in PREDICATES)


def _write(node: Node, around: int) -> str:
    text = _plain(node)
    return f"({text})" if precedence(node) < around else text


def _plain(node: Node) -> str:  # noqa: C901 - one case for each kind of node
    match node:
        case Number():
            return number_text(node.value)
        case Text():
            return _quoted(node.value)
        case Name():
            return node.name
        case Index():
            return f"{node.name}[{_list(node.indices)}]"
        case Addition():
            return _addition(node)
        case Arithmetic():
            return _arithmetic(node)
        case Comparison():
            first, *rest = [_write(operand, UNION) for operand in node.operands]
            return first + "".join(f" {op} {text}" for op, text in zip(node.operators, rest, strict=True))
        case Logic(operator="not"):
            return f"not {_write(node.operands[0], NOT)}"
        case Logic():
            inside = AND + 1 if node.operator == "and" else OR + 1
            return f" {node.operator} ".join(_write(operand, inside) for operand in node.operands)
        case Conditional():
            body, test = _write(node.body, OR), _write(node.test, OR)
            return f"{body} if {test} else {_write(node.otherwise, CONDITIONAL)}"
        case Call(function="all_different" | "no_overlap" | "circuit", arguments=(Comprehension() as only,)) if (
            only.key is None and not only.distinct
        ):
            return f"{node.function}({_write(only.body, CONDITIONAL)}{_clauses(only.clauses)})"
        case Call():
            return f"{node.function}({_list(node.arguments)}{', cyclic=True' if node.cyclic else ''})"
        case SetOperation():
            around = precedence(node)
            return f"{_write(node.left, around)} {node.operator} {_write(node.right, around + 1)}"
        case Aggregate():
            return f"{node.function}({_write(node.body, CONDITIONAL)}{_clauses(node.clauses)})"
        case Sequence():
            return f"({_list(node.items)}{',' if len(node.items) == 1 else ''})"
        case Comprehension():
            return _comprehension(node)


def _list(nodes: tuple[Node, ...]) -> str:
    return ", ".join(_write(node, CONDITIONAL) for node in nodes)


def _addition(node: Addition) -> str:
    parts = []
    for place, (sign, term) in enumerate(node.terms):
        # A sum inside a sum, or a negative number behind a sign, keeps its parentheses.
        is_signed = place == 0 and (sign < 0 or len(node.terms) == 1)
        text = _write(term, SIGN if is_signed else PRODUCT)
        if isinstance(term, Number) and term.value < 0 and (place or sign < 0):
            text = f"({number_text(term.value)})"
        if place == 0:
            parts.append(f"-{text}" if sign < 0 else text)
        else:
            parts.append(f" {'+' if sign > 0 else '-'} {text}")
    if len(node.terms) == 1 and node.terms[0][0] > 0:
        return f"+{parts[0]}"
    return "".join(parts)


def _arithmetic(node: Arithmetic) -> str:
    if node.operator == "**":
        return f"{_write(node.left, POWER + 1)} ** {_write(node.right, SIGN)}"
    return f"{_write(node.left, PRODUCT)} {node.operator} {_write(node.right, PRODUCT + 1)}"


def _clauses(clauses: tuple[Clause, ...]) -> str:
    texts = []
    for clause in clauses:
        targets = clause.targets[0] if len(clause.targets) == 1 else f"({', '.join(clause.targets)})"
        conditions = "".join(f" if {_write(condition, OR)}" for condition in clause.conditions)
        texts.append(f" for {targets} in {_write(clause.iterable, OR)}{conditions}")
    return "".join(texts)


def _comprehension(node: Comprehension) -> str:
    clauses = _clauses(node.clauses)
    if node.key is not None:
        return f"{{{_write(node.key, CONDITIONAL)}: {_write(node.body, CONDITIONAL)}{clauses}}}"
    body = f"{_write(node.body, CONDITIONAL)}{clauses}"
    return f"{{{body}}}" if node.distinct else f"[{body}]"


def _quoted(value: str) -> str:
    """Return a text literal that Python reads back, in plain ASCII where anything is unusual."""
    if "'" not in value and "\\" not in value and value.isprintable():
        return f"'{value}'"
    return repr(value) if value.isprintable() else ascii(value)
