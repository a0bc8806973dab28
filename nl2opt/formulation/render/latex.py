"""Renders a formulation as LaTeX mathematics: amsmath only, so that notebooks show it as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.names import infinite_bound
from nl2opt.formulation.parser import ExpressionError, parse_expression
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
from nl2opt.formulation.schema import Formulation, Variable
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
    Sequence,
    Text,
)
from nl2opt.formulation.writer import number_text

_SPECIAL: Final = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\hat{}", "~": r"\sim ",
}  # fmt: skip
_OPERATORS: Final = {
    "<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne", "<": "<", ">": ">", "in": r"\in", "not in": r"\notin",
}  # fmt: skip
_FUNCTIONS: Final = {
    "exp": r"\exp",
    "log": r"\ln",
    "sin": r"\sin",
    "cos": r"\cos",
    "min": r"\min",
    "max": r"\max",
}
_BIG: Final = {"sum": r"\sum", "prod": r"\prod", "min": r"\min", "max": r"\max", "len": r"\#"}
_DOMAINS: Final = {"continuous": r"\mathbb{R}", "integer": r"\mathbb{Z}", "binary": r"\{0, 1\}"}


def to_latex(formulation: Formulation) -> str:
    """Return the mathematics as one display: objective, constraints with their indices, domains."""
    rows = [*_objective(formulation), *_constraints(formulation), *_domains(formulation)]
    body = " \\\\\n".join(rows)
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"


def _objective(formulation: Formulation) -> Iterator[str]:
    objective = formulation.objective
    if objective is None:
        yield r"\text{find a feasible point} \quad &"
        return
    sense = r"\max" if objective.sense == "maximize" else r"\min"
    yield f"{sense} \\quad & {expression_latex(objective.expression)} &&"


def _constraints(formulation: Formulation) -> Iterator[str]:
    for number, constraint in enumerate(formulation.constraints):
        head = r"\text{s.t.} \quad " if number == 0 else ""
        label = f"\\text{{({escape_text(constraint.name.replace('_', ' '))})}}"
        try:
            root = parse_expression(constraint.expression).root
        except ExpressionError:
            yield f"{head}& \\text{{{escape_text(constraint.expression)}}} && {label}"
            continue
        if isinstance(root, Comprehension):
            yield f"{head}& {_write(root.body, 0)} && \\forall\\, {_clauses(root.clauses)} \\quad {label}"
        else:
            yield f"{head}& {_write(root, 0)} && {label}"


def _domains(formulation: Formulation) -> Iterator[str]:
    for variable in formulation.variables:
        index = f"_{{{', '.join(_index_letters(variable))}}}" if variable.index else ""
        name = f"{_name(variable.name)}{index}"
        clauses = ", ".join(
            f"{letter} \\in {_name(set_name)}"
            for letter, set_name in zip(_index_letters(variable), variable.index, strict=True)
        )
        tail = f" && \\forall\\, {clauses}" if clauses else " &&"
        yield f"& {_bounded(name, variable)}{tail}"


def _index_letters(variable: Variable) -> list[str]:
    letters: list[str] = []
    for set_name in variable.index:
        letter = next((c for c in set_name.lower() if c.isalpha() and c not in letters), "i")
        letters.append(letter)
    return letters


def _bounded(name: str, variable: Variable) -> str:
    domain = _DOMAINS[variable.domain]
    lower = (
        ""
        if variable.domain == "binary" and variable.lower is None
        else _bound(variable.lower if variable.lower is not None else 0)
    )
    upper = _bound(variable.upper) if variable.upper is not None else ""
    if upper:
        before = f"{lower} \\le " if lower else ""
        return f"{before}{name} \\le {upper},\\; {name} \\in {domain}"
    if lower and variable.domain == "continuous":
        return f"{name} \\ge {lower}"
    return f"{name} \\ge {lower},\\; {name} \\in {domain}" if lower else f"{name} \\in {domain}"


def _bound(bound: float | str) -> str:
    if isinstance(bound, str):
        return "" if infinite_bound(bound) is not None else expression_latex(bound)
    return number_text(float(bound))


def expression_latex(text: str) -> str:
    """Return an expression as LaTeX; one that cannot be read is shown as text."""
    try:
        return _write(parse_expression(text).root, 0)
    except ExpressionError:
        return f"\\text{{{escape_text(text)}}}"


def escape_text(text: str) -> str:
    r"""Return text for `\text{...}`: nothing in it is a command any more."""
    kept = "".join(c if c.isprintable() else " " for c in text)
    replaced = {**_SPECIAL, "\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}", "<": "{<}", ">": "{>}"}
    return "".join(replaced.get(character, character) for character in kept)


def _name(name: str) -> str:
    """Return a name: single letters as they are, a trailing number as a subscript, words upright."""
    match = re.fullmatch(r"([A-Za-z])_?(\d+)", name)
    if match:
        return f"{match.group(1)}_{{{match.group(2)}}}"
    if len(name) == 1:
        return name
    return f"\\mathit{{{''.join(_SPECIAL.get(c, c) for c in name)}}}"


def _write(node: Node, around: int) -> str:
    text = _plain(node)
    return f"\\left({text}\\right)" if precedence(node) < around else text


def _plain(node: Node) -> str:  # noqa: C901 - one case for each kind of node
    match node:
        case Number():
            return number_text(node.value).replace("e", r"\mathrm{e}")
        case Text():
            return f"\\text{{{escape_text(node.value)}}}"
        case Name():
            return _name(node.name)
        case Index():
            return f"{_name(node.name)}_{{{', '.join(_write(index, CONDITIONAL) for index in node.indices)}}}"
        case Addition():
            return _addition(node)
        case Arithmetic():
            return _arithmetic(node)
        case Comparison():
            first, *rest = [_write(operand, ADDITION) for operand in node.operands]
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
            return f"{_BIG[node.function]}_{{{_clauses(node.clauses)}}} {_write(node.body, PRODUCT)}"
        case Sequence():
            return f"({', '.join(_write(item, CONDITIONAL) for item in node.items)})"
        case Comprehension():
            return f"\\{{ {_write(node.body, CONDITIONAL)} : {_clauses(node.clauses)} \\}}"


def _addition(node: Addition) -> str:
    parts = []
    for place, (sign, term) in enumerate(node.terms):
        text = _write(term, SIGN if place == 0 and sign < 0 else PRODUCT)
        if isinstance(term, Number) and term.value < 0 and (place or sign < 0):
            text = f"({text})"
        parts.append(("-" if sign < 0 else "") + text if place == 0 else f" {'+' if sign > 0 else '-'} {text}")
    return "".join(parts)


def _arithmetic(node: Arithmetic) -> str:
    left, right = node.left, node.right
    match node.operator:
        case "/":
            return f"\\frac{{{_write(left, CONDITIONAL)}}}{{{_write(right, CONDITIONAL)}}}"
        case "**":
            return f"{_write(left, POWER + 1)}^{{{_write(right, CONDITIONAL)}}}"
        case "*":
            sign = r" \cdot " if isinstance(right, Number) else r" \, "
            return f"{_write(left, PRODUCT)}{sign}{_write(right, PRODUCT + 1)}"
        case "//":
            return f"\\lfloor {_write(left, CONDITIONAL)} / {_write(right, POWER)} \\rfloor"
        case "%":
            return f"{_write(left, PRODUCT)} \\bmod {_write(right, PRODUCT + 1)}"


def _call(node: Call) -> str:
    inside = ", ".join(_write(argument, CONDITIONAL) for argument in node.arguments)
    match node.function:
        case "abs" | "len":
            return f"\\left|{inside}\\right|"
        case "ceil":
            return f"\\lceil {inside} \\rceil"
        case "floor":
            return f"\\lfloor {inside} \\rfloor"
        case "sqrt":
            return f"\\sqrt{{{inside}}}"
        case _:
            name = _FUNCTIONS.get(node.function, f"\\operatorname{{{node.function}}}")
            return f"{name}\\left({inside}\\right)"


def _clauses(clauses: tuple[Clause, ...]) -> str:
    parts = []
    for clause in clauses:
        targets = [_name(target) for target in clause.targets]
        inside = targets[0] if len(targets) == 1 else f"({', '.join(targets)})"
        parts.append(f"{inside} \\in {_write(clause.iterable, OR)}")
        parts += [_write(condition, AND) for condition in clause.conditions]
    return ",\\, ".join(parts)
