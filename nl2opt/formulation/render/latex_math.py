"""Writes expressions as LaTeX mathematics: amsmath only, so that notebooks show them as they are."""

from __future__ import annotations

import re
from typing import Final

from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.precedence import (
    ADDITION,
    AND,
    ATOM,
    CONDITIONAL,
    NOT,
    OR,
    POWER,
    PRODUCT,
    SIGN,
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
    Index,
    Logic,
    Name,
    Node,
    Number,
    Sequence,
    SetOperation,
    Text,
)
from nl2opt.formulation.language.writer import number_text
from nl2opt.formulation.render.latex_text import name_latex, number_latex, subscripted, text_latex

_WIDTH: Final = 60
"""About how many signs stand on a line of a page."""
_COMMAND: Final = re.compile(r"\\[A-Za-z]+|[{}_^ ]|\\.")
_OPERATORS: Final = {
    "<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne", "<": "<", ">": ">", "in": r"\in", "not in": r"\notin",
}  # fmt: skip
_FUNCTIONS: Final = {
    "exp": r"\exp", "log": r"\ln", "sin": r"\sin", "cos": r"\cos", "min": r"\min", "max": r"\max",
}  # fmt: skip
_DELIMITERS: Final = {
    "abs": ("|", "|"), "len": ("|", "|"), "ceil": (r"\lceil", r"\rceil"), "floor": (r"\lfloor", r"\rfloor"),
}  # fmt: skip
_BIG: Final = {"sum": r"\sum", "prod": r"\prod", "min": r"\min", "max": r"\max"}


def expression_latex(text: str) -> str:
    """Return an expression as LaTeX; one that cannot be read is shown as text."""
    try:
        return node_latex(parse_expression(text).root)
    except ExpressionError:
        return text_latex(text)


def node_latex(node: Node) -> str:
    """Return a node as LaTeX."""
    return _write(node, 0)


def lines_latex(node: Node) -> list[str]:
    """Return a node as lines that fit on a page, broken before signs that stand outside of all parentheses."""
    lines: list[str] = []
    for piece in _pieces(node):
        if lines and _signs(f"{lines[-1]} {piece}") <= _WIDTH:
            lines[-1] = f"{lines[-1]} {piece}"
        else:
            lines.append(piece)
    return lines


def clauses_latex(clauses: tuple[Clause, ...]) -> tuple[str, str]:
    """Return what loop variables run over, and the conditions, which may be empty."""
    loops, conditions = [], []
    for clause in clauses:
        loops.append(f"{targets_latex(clause.targets)} \\in {_set(clause.iterable)}")
        conditions += [_write(condition, AND) for condition in clause.conditions]
    return r",\, ".join(loops), r",\, ".join(conditions)


def such_that(clauses: tuple[Clause, ...]) -> str:
    """Return clauses on one line, conditions behind a colon."""
    loops, conditions = clauses_latex(clauses)
    return f"{loops} : {conditions}" if conditions else loops


def targets_latex(names: tuple[str, ...]) -> str:
    """Return loop variables, several as a tuple."""
    return name_latex(names[0]) if len(names) == 1 else f"({', '.join(map(name_latex, names))})"


def _signs(latex: str) -> int:
    """Return about how many signs a piece of LaTeX takes on paper."""
    return len(_COMMAND.sub(lambda match: "" if match.group() in "{}_^ " else "x", latex))


def _pieces(node: Node) -> list[str]:
    if isinstance(node, Comparison):
        pieces = _pieces(node.operands[0])
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            first, *rest = _pieces(operand) if precedence(operand) >= ADDITION else [_write(operand, ADDITION)]
            pieces += [f"{_OPERATORS[operator]} {first}", *rest]
        return pieces
    return _terms(node) if isinstance(node, Addition) else [_write(node, 0)]


def _write(node: Node, around: int) -> str:
    text = _plain(node)
    return f"\\left({text}\\right)" if _precedence(node) < around else text


def _precedence(node: Node) -> int:
    """Return how tightly a node binds on paper: a big sign takes all that follows, a power of ten is a product."""
    if isinstance(node, Aggregate):
        return ATOM if node.function == "len" else PRODUCT
    if isinstance(node, Number) and "e" in number_text(node.value):
        return PRODUCT if node.value >= 0 else SIGN - 1
    return precedence(node)


def _takes_what_follows(node: Node) -> bool:
    """Whether the last thing written is under a big sign, which would take in what is written behind it."""
    if isinstance(node, Arithmetic) and node.operator == "*":
        return _takes_what_follows(node.right)
    return isinstance(node, Aggregate) and node.function != "len"


def _plain(node: Node) -> str:  # noqa: C901 - one case for each kind of node
    match node:
        case Number():
            return number_latex(node.value)
        case Text():
            return text_latex(node.value)
        case Name():
            return name_latex(node.name)
        case Index():
            return subscripted(node.name, [_write(index, CONDITIONAL) for index in node.indices])
        case Addition():
            return " ".join(_terms(node))
        case Arithmetic():
            return _arithmetic(node)
        case Comparison():
            first, *rest = [
                _set(operand) if operator in ("in", "not in") else _write(operand, ADDITION)
                for operator, operand in zip(("", *node.operators), node.operands, strict=True)
            ]
            return first + "".join(f" {_OPERATORS[op]} {text}" for op, text in zip(node.operators, rest, strict=True))
        case Logic(operator="not"):
            return f"\\neg {_write(node.operands[0], NOT)}"
        case Logic():
            sign = r" \land " if node.operator == "and" else r" \lor "
            inside = AND + 1 if node.operator == "and" else OR + 1
            return sign.join(_write(operand, inside) for operand in node.operands)
        case Conditional():
            body, test, other = (_write(part, OR) for part in (node.body, node.test, node.otherwise))
            return f"\\begin{{cases}} {body} & \\text{{if }} {test} \\\\ {other} & \\text{{otherwise}} \\end{{cases}}"
        case Call():
            return _call(node)
        case Aggregate():
            return _aggregate(node)
        case Sequence():
            return f"\\left({', '.join(_write(item, CONDITIONAL) for item in node.items)}\\right)"
        case Comprehension():
            return _set_builder(node)
        case SetOperation():
            return _set(node)


def _set(node: Node, *, inside: bool = False) -> str:
    """Return a node that stands for a set; one that joins sets inside another one gets parentheses."""
    match node:
        case Sequence():
            return f"\\{{{', '.join(_write(item, CONDITIONAL) for item in node.items)}\\}}"
        case SetOperation():
            sign = r" \cup " if node.operator == "|" else r" \cap "
            text = sign.join(_set(side, inside=True) for side in (node.left, node.right))
        case Addition() if len(node.terms) > 1:
            text = r" \setminus ".join(_set(term, inside=True) for _, term in node.terms)
        case _:
            return _write(node, OR)
    return f"\\left({text}\\right)" if inside else text


def _set_builder(node: Comprehension) -> str:
    """Return a comprehension as a set: `{ i in I : i != j }` where it only picks elements."""
    clauses = node.clauses
    if len(clauses) == 1 and [node.body] == [Name(target) for target in clauses[0].targets]:
        return f"\\left\\{{ {such_that(clauses)} \\right\\}}"
    conditions = r",\, ".join(part for part in clauses_latex(clauses) if part)
    return f"\\left\\{{ {_write(node.body, CONDITIONAL)} : {conditions} \\right\\}}"


def _terms(node: Addition) -> list[str]:
    parts = []
    for place, (sign, term) in enumerate(node.terms):
        text = _write(term, SIGN if place == 0 and sign < 0 else PRODUCT)
        if isinstance(term, Number) and term.value < 0 and (place or sign < 0):
            text = f"({text})"
        opening = ("-" if sign < 0 else "") if place == 0 else "- " if sign < 0 else "+ "
        parts.append(f"{opening}{text}")
    return parts


def _arithmetic(node: Arithmetic) -> str:
    left, right = node.left, node.right
    match node.operator:
        case "/":
            return f"\\frac{{{_write(left, CONDITIONAL)}}}{{{_write(right, CONDITIONAL)}}}"
        case "**":
            return f"{_write(left, POWER + 1)}^{{{_write(right, CONDITIONAL)}}}"
        case "*":
            sign = r" \cdot " if isinstance(right, Number) else r" \, "
            around = ATOM if _takes_what_follows(left) else PRODUCT
            return f"{_write(left, around)}{sign}{_write(right, _around_factor(right))}"
        case "//":
            fraction = f"\\frac{{{_write(left, CONDITIONAL)}}}{{{_write(right, CONDITIONAL)}}}"
            return f"\\left\\lfloor {fraction} \\right\\rfloor"
        case "%":
            return f"{_write(left, ATOM)} \\bmod {_write(right, ATOM)}"


def _around_factor(right: Node) -> int:
    """Return what a right factor binds against: negative ones get parentheses, sums under a big sign none."""
    if isinstance(right, Aggregate):
        return PRODUCT
    return ATOM if isinstance(right, Number) and right.value < 0 else PRODUCT + 1


def _call(node: Call) -> str:
    match node.function, node.arguments:
        case "implies", (condition, demanded):
            return f"{_write(condition, AND)} \\Rightarrow {_write(demanded, AND)}"
        case "either", alternatives:
            return r" \lor ".join(f"\\left({_write(part, OR)}\\right)" for part in alternatives)
        case "soc", (head, *rest):
            inside = ",\\, ".join(_write(part, CONDITIONAL) for part in rest)
            return f"\\left\\lVert {inside} \\right\\rVert_2 \\le {_write(head, ADDITION)}"
    sets = 1 if node.function in (*ORDERED, "len") else 0
    parts = [_set(part) if place < sets else _write(part, CONDITIONAL) for place, part in enumerate(node.arguments)]
    inside = ", ".join(parts)
    if node.function in _DELIMITERS:
        opening, closing = _DELIMITERS[node.function]
        return f"\\left{opening} {inside} \\right{closing}"
    if node.function == "sqrt":
        return f"\\sqrt{{{inside}}}"
    name = _FUNCTIONS.get(node.function, f"\\operatorname{{{node.function.replace('_', '-')}}}")
    name += r"_{\text{cyclic}}" if node.cyclic else ""
    return f"{name}\\left({inside}\\right)"


def _aggregate(node: Aggregate) -> str:
    """Return a big sign, with the conditions on a line of their own below it."""
    if node.function == "len":
        return f"\\left| \\left\\{{ {such_that(node.clauses)} \\right\\}} \\right|"
    loops, conditions = clauses_latex(node.clauses)
    below = f"\\substack{{{loops} \\\\ {conditions}}}" if conditions else loops
    return f"{_BIG[node.function]}_{{{below}}} {_write(node.body, PRODUCT)}"
