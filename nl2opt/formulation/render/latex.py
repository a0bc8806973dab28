"""Renders a formulation as LaTeX mathematics: amsmath only, so that notebooks show it as it is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from nl2opt.formulation.names import infinite_bound, own_indices
from nl2opt.formulation.parser import ExpressionError, parse_expression
from nl2opt.formulation.precedence import (
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
from nl2opt.formulation.schema import Formulation, Variable
from nl2opt.formulation.syntax import (
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
_NUMBERED: Final = re.compile(r"([A-Za-z])_?(\d+)")
_LETTERS: Final = "ijklmnpqrst"
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
    for number, constraint in enumerate(formulation.enabled_constraints):
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
    arities = {declared.name: _arity(declared.elements) for declared in formulation.sets}
    for variable in formulation.variables:
        groups = _own_letters(variable, formulation, arities)
        letters = [_name(letter) for group in groups for letter in group]
        name = _subscripted(variable.name, letters) if letters else _name(variable.name)
        clauses = ",\\, ".join(
            f"{_targets(group)} \\in {_name(set_name)}" for group, set_name in zip(groups, variable.index, strict=False)
        )
        tail = f" && \\forall\\, {clauses}" if clauses else " &&"
        yield f"& {_bounded(name, variable)}{tail}"


def _arity(elements: object) -> int:
    """Return how many components the elements of a set have, as far as that stands in the formulation."""
    first = elements[0] if isinstance(elements, list) and elements else None
    return len(first) if isinstance(first, list | tuple) else 1


def _own_letters(variable: Variable, formulation: Formulation, arities: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Return for each set of a variable the names of its indices: those that its bounds use, else one letter each."""
    own = list(own_indices(variable, formulation))
    if variable.as_ is not None:
        groups = []
        for place, set_name in enumerate(variable.index):
            is_last = place == len(variable.index) - 1
            count = len(own) if is_last else arities.get(set_name, 1)
            groups.append(tuple(own[:count]))
            del own[:count]
        return groups
    if any(isinstance(b, str) and infinite_bound(b) is None for b in (variable.lower, variable.upper)):
        return [(name,) for name in own]
    letters: list[str] = []
    for set_name in variable.index:
        choices = [c for c in set_name.lower() if c.isalpha()] + list(_LETTERS)
        letters.append(next((c for c in choices if c not in letters), "i"))
    return [(letter,) for letter in letters]


def _targets(names: tuple[str, ...]) -> str:
    return _name(names[0]) if len(names) == 1 else f"({', '.join(map(_name, names))})"


def _bounded(name: str, variable: Variable) -> str:
    membership = f"{name} \\in {_DOMAINS[variable.domain]}"
    is_binary = variable.domain == "binary"
    lower = _bound(variable.lower) if variable.lower is not None else "" if is_binary else "0"
    upper = _bound(variable.upper) if variable.upper is not None else ""
    if upper:
        before = f"{lower} \\le " if lower else ""
        return f"{before}{name} \\le {upper},\\; {membership}"
    if not lower:
        return membership
    return f"{name} \\ge {lower}" if variable.domain == "continuous" else f"{name} \\ge {lower},\\; {membership}"


def _bound(bound: float | str) -> str:
    """Return a bound; empty where there is none."""
    if isinstance(bound, str):
        return "" if infinite_bound(bound) is not None else expression_latex(bound)
    return _number(float(bound)) if math.isfinite(bound) else ""


def _number(value: float) -> str:
    """Return a number; powers of ten written out, so that no `e` reads as a letter."""
    mantissa, _, exponent = number_text(value).partition("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if exponent else mantissa


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
    match = _NUMBERED.fullmatch(name)
    if match:
        return f"{match.group(1)}_{{{match.group(2)}}}"
    if len(name) == 1:
        return name
    return f"\\mathit{{{''.join(_SPECIAL.get(c, c) for c in name)}}}"


def _subscripted(name: str, indices: Iterable[str]) -> str:
    text = _name(name)
    base = f"{{{text}}}" if _NUMBERED.fullmatch(name) else text  # x_{1}_{i} is no LaTeX
    return f"{base}_{{{', '.join(indices)}}}"


def _write(node: Node, around: int) -> str:
    text = _plain(node)
    return f"\\left({text}\\right)" if _precedence(node) < around else text


def _precedence(node: Node) -> int:
    """Return how tightly a node binds on paper: a big sign takes all that follows, a power of ten is a product."""
    if isinstance(node, Aggregate):
        return PRODUCT
    if isinstance(node, Number) and "e" in number_text(node.value):
        return PRODUCT if node.value >= 0 else SIGN - 1
    return precedence(node)


def _takes_what_follows(node: Node) -> bool:
    """Whether the last thing written is under a big sign, which would take in what is written behind it."""
    if isinstance(node, Arithmetic) and node.operator == "*":
        return _takes_what_follows(node.right)
    return isinstance(node, Aggregate)


def _plain(node: Node) -> str:  # noqa: C901 - one case for each kind of node
    match node:
        case Number():
            return _number(node.value)
        case Text():
            return f"\\text{{{escape_text(node.value)}}}"
        case Name():
            return _name(node.name)
        case Index():
            return _subscripted(node.name, [_write(index, CONDITIONAL) for index in node.indices])
        case Addition():
            return _addition(node)
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
            return f"{_BIG[node.function]}_{{{_clauses(node.clauses)}}} {_write(node.body, PRODUCT)}"
        case Sequence():
            return f"\\left({', '.join(_write(item, CONDITIONAL) for item in node.items)}\\right)"
        case Comprehension():
            return f"\\{{ {_write(node.body, CONDITIONAL)} : {_clauses(node.clauses)} \\}}"
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
    sets = 1 if node.function in (*ORDERED, "len") else 0
    parts = [_set(part) if place < sets else _write(part, CONDITIONAL) for place, part in enumerate(node.arguments)]
    inside = ", ".join(parts)
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
            name += r"_{\text{cyclic}}" if node.cyclic else ""
            return f"{name}\\left({inside}\\right)"


def _clauses(clauses: tuple[Clause, ...]) -> str:
    parts = []
    for clause in clauses:
        parts.append(f"{_targets(clause.targets)} \\in {_set(clause.iterable)}")
        parts += [_write(condition, AND) for condition in clause.conditions]
    return ",\\, ".join(parts)
