"""Reads the text of an expression into nodes.

The text is parsed by Python's own `ast` module, as syntax only: nothing is ever compiled or evaluated.
What the language does not know is refused with a message that quotes it.
"""

from __future__ import annotations

import ast
import io
import math
import unicodedata
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from nl2opt.formulation.findings import did_you_mean
from nl2opt.formulation.language.clause_spelling import with_python_clauses
from nl2opt.formulation.language.mistakes import UNKNOWN_SYNTAX, outside_texts, refuse_loose_ends, syntax_error
from nl2opt.formulation.language.mistakes import ExpressionError as ExpressionError
from nl2opt.formulation.language.syntax import (
    AGGREGATES,
    CALLED,
    NEIGHBOURS,
    ORDERED,
    PREDICATES,
    Addition,
    Aggregate,
    Arithmetic,
    ArithmeticOperator,
    Call,
    Clause,
    Comparison,
    ComparisonOperator,
    Comprehension,
    Conditional,
    Function,
    Index,
    Logic,
    Name,
    Node,
    Number,
    Sequence,
    SetOperation,
    Span,
    Text,
)

MAX_EXPRESSION_CHARACTERS: Final = 200_000
MAX_NESTING: Final = 60
"""How deep an expression may nest; a chain of additions counts once. Also how many clauses one generator may have."""

_ARITHMETIC: Final[dict[type[ast.operator], ArithmeticOperator]] = {
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
_COMPARISON: Final[dict[type[ast.cmpop], ComparisonOperator]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.GtE: ">=",
    ast.Gt: ">",
    ast.In: "in",
    ast.NotIn: "not in",
}
_SIGNS: Final = str.maketrans({"≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "·": "*", "−": "-", "∈": " in "})


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read: its text (clauses in Python's spelling) and its root node."""

    text: str
    root: Node

    def quote(self, node: Node | Clause) -> str:
        """Return the piece of text that a node came from."""
        start, end = node.span
        return " ".join(self.text[start:end].split())


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Read an expression.

    Beside Python's own spelling of generator clauses, `i in I, j in J if i != j` after the expression,
    `for all i in I` and the signs ≤ ≥ ≠ are understood.

    Args:
        text: one expression, comparison, or comparison with generator clauses at its end.

    Raises:
        ExpressionError: the text is empty, too long, nests too deep, or is not of the language.
    """
    if not text.strip():
        raise ExpressionError("empty_expression", "the expression is empty")
    if len(text) > MAX_EXPRESSION_CHARACTERS:
        raise ExpressionError(
            "expression_too_long",
            f"the expression has {len(text):,} characters, more than {MAX_EXPRESSION_CHARACTERS:,}",
            mend="Write it with sets, parameters and `sum`.",
        )
    plain = outside_texts(text, lambda piece: piece.translate(_SIGNS))
    refuse_loose_ends(plain)
    tree = _parse(plain)
    if tree is None or isinstance(tree, ast.Tuple):
        rewritten = with_python_clauses(plain)
        if rewritten != plain:
            again = _parse(rewritten)
            if again is not None and not isinstance(again, ast.Tuple):
                return _Reader(rewritten).read(again)
    if tree is None:
        raise syntax_error(plain)
    return _Reader(plain).read(tree)


def _parse(text: str) -> ast.expr | None:
    """Parse the text inside parentheses; `None` when it is not Python's syntax."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    except (RecursionError, MemoryError) as error:
        message = "the expression nests too deep, or is a chain of thousands of terms"
        raise ExpressionError("too_deep", message, mend="Write it with sets, parameters and `sum`.") from error


def _too_deep() -> ExpressionError:
    return ExpressionError("too_deep", f"the expression nests more than {MAX_NESTING} deep", mend="Use `sum`.")


def _flat(index: ast.expr) -> list[ast.expr]:
    """Return the parts of an index, those of tuples in it included."""
    if isinstance(index, ast.Tuple | ast.List | ast.Set):
        return [part for item in index.elts for part in _flat(item)]
    return [index]


class _Reader:
    """Turns Python's syntax tree into nodes of the language."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_starts = [0]
        self.lines = io.StringIO(text, newline="").readlines()  # as Python's tokenizer counts lines
        for line in self.lines:
            self.line_starts.append(self.line_starts[-1] + len(line))
        self.depth = 0
        self.character_of_byte: dict[int, list[int]] = {}

    def read(self, tree: ast.expr) -> Expression:
        return Expression(self.text, self.node(tree))

    def span(self, tree: ast.expr) -> Span:
        return (
            self.offset(tree.lineno, tree.col_offset),
            self.offset(tree.end_lineno or tree.lineno, tree.end_col_offset or tree.col_offset),
        )

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a line and a column that `ast` counts in bytes of UTF-8."""
        shift = 1 if line == 1 else 0  # the parenthesis that was put in front
        if line > len(self.lines):
            return len(self.text)
        content = self.lines[line - 1]
        characters = column - shift
        if not content.isascii():
            characters = self.characters(line)[max(0, characters)]
        return min(len(self.text), self.line_starts[line - 1] + max(0, characters))

    def characters(self, line: int) -> list[int]:
        """Return for each byte of a line, and for its end, the character that it belongs to."""
        if line not in self.character_of_byte:
            content = self.lines[line - 1]
            self.character_of_byte[line] = [
                *(place for place, character in enumerate(content) for _ in character.encode()),
                *[len(content)] * 2,  # the end, and the end after the parenthesis that was put in front
            ]
        return self.character_of_byte[line]

    def refuse(self, tree: ast.expr, message: str, *, code: str = "unknown_syntax", mend: str = "") -> ExpressionError:
        start, end = self.span(tree)
        return ExpressionError(code, message, text=" ".join(self.text[start:end].split()), mend=mend)

    def node(self, tree: ast.expr) -> Node:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise _too_deep()
        try:
            return self._node(tree)
        finally:
            self.depth -= 1

    def _node(self, tree: ast.expr) -> Node:  # noqa: C901 - one case for each kind of syntax
        span = self.span(tree)
        match tree:
            case ast.Constant():
                return self.constant(tree)
            case ast.Name(id=name):
                return Name(unicodedata.normalize("NFKC", name), span)
            case ast.BinOp(op=ast.Add() | ast.Sub()) | ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return self.addition(tree)
            case ast.BinOp():
                return self.arithmetic(tree)
            case ast.UnaryOp(op=ast.Not()):
                return Logic("not", (self.node(tree.operand),), span)
            case ast.BoolOp():
                word: Literal["and", "or"] = "and" if isinstance(tree.op, ast.And) else "or"
                return Logic(word, tuple(self.node(value) for value in tree.values), span)
            case ast.Compare():
                return self.comparison(tree)
            case ast.IfExp():
                return Conditional(self.node(tree.test), self.node(tree.body), self.node(tree.orelse), span)
            case ast.Subscript():
                return self.index(tree)
            case ast.Call():
                return self.call(tree)
            case ast.Tuple() | ast.List() | ast.Set():
                return Sequence(tuple(self.node(item) for item in tree.elts), span)
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
                clauses, distinct = self.clauses(tree.generators), isinstance(tree, ast.SetComp)
                return Comprehension(self.node(tree.elt), clauses, None, span, distinct=distinct)
            case ast.DictComp():
                return Comprehension(self.node(tree.value), self.clauses(tree.generators), self.node(tree.key), span)
            case ast.NamedExpr():
                raise self.refuse(tree, "`:=` has no meaning in an expression", mend="Write `==` for equality.")
            case ast.Attribute():
                raise self.refuse(tree, "a dot after a name has no meaning here", mend="Write `name[index]`.")
            case _:
                what = UNKNOWN_SYNTAX.get(type(tree), f"`{type(tree).__name__}`")
                raise self.refuse(tree, f"{what} has no meaning in an expression")

    def constant(self, tree: ast.Constant) -> Node:
        value = tree.value
        if isinstance(value, str):
            return Text(value, self.span(tree))
        if isinstance(value, bool):
            return Number(float(value), self.span(tree))
        if isinstance(value, int | float):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if not math.isfinite(number):
                raise self.refuse(tree, "the number is too large", code="number_too_large")
            return Number(number, self.span(tree))
        raise self.refuse(tree, "this is neither a number nor a text")

    def addition(self, tree: ast.BinOp | ast.UnaryOp) -> Node:
        """Flatten a chain of + and -, without recursion along the chain."""
        terms: list[tuple[Literal[1, -1], Node]] = []
        stack: list[tuple[Literal[1, -1], ast.expr]] = [(1, tree)]
        while stack:
            sign, current = stack.pop()
            opposite: Literal[1, -1] = -1 if sign == 1 else 1
            match current:
                case ast.BinOp(op=ast.Add()):
                    stack += [(sign, current.right), (sign, current.left)]
                case ast.BinOp(op=ast.Sub()):
                    stack += [(opposite, current.right), (sign, current.left)]
                case ast.UnaryOp(op=ast.USub()):
                    stack.append((opposite, current.operand))
                case ast.UnaryOp(op=ast.UAdd()):
                    stack.append((sign, current.operand))
                case _:
                    terms.append((sign, self.node(current)))
        if len(terms) == 1 and isinstance(terms[0][1], Number):
            return Number(terms[0][0] * terms[0][1].value, self.span(tree))
        return Addition(tuple(terms), self.span(tree))

    def arithmetic(self, tree: ast.BinOp) -> Node:
        if isinstance(tree.op, ast.BitOr | ast.BitAnd):
            sign: Literal["|", "&"] = "|" if isinstance(tree.op, ast.BitOr) else "&"
            return SetOperation(sign, self.node(tree.left), self.node(tree.right), self.span(tree))
        operator = _ARITHMETIC.get(type(tree.op))
        if operator is None:
            mend = "Write `**` for a power." if isinstance(tree.op, ast.BitXor) else ""
            raise self.refuse(tree, "this operator is not part of the expression language", mend=mend)
        return Arithmetic(operator, self.node(tree.left), self.node(tree.right), self.span(tree))

    def comparison(self, tree: ast.Compare) -> Node:
        operators = []
        for operator in tree.ops:
            word = _COMPARISON.get(type(operator))
            if word is None:
                raise self.refuse(tree, "`is` does not compare numbers", mend="Write `==`.")
            operators.append(word)
        operands = (tree.left, *tree.comparators)
        return Comparison(tuple(self.node(operand) for operand in operands), tuple(operators), self.span(tree))

    def index(self, tree: ast.Subscript) -> Node:
        indices: list[ast.expr] = []
        base: ast.expr = tree
        while isinstance(base, ast.Subscript):  # x[i][j] and x[(i, j)] mean x[i, j]
            indices[:0] = _flat(base.slice)
            base = base.value
        if not isinstance(base, ast.Name):
            raise self.refuse(tree, "only a parameter, a variable or a set can be indexed")
        if not indices:
            raise self.refuse(tree, "there is no index between the brackets")
        for index in indices:
            if isinstance(index, ast.Slice | ast.Starred):
                raise self.refuse(tree, "a slice has no meaning here", mend="Write `sum(... for i in SET)`.")
        name = unicodedata.normalize("NFKC", base.id)
        return Index(name, tuple(self.node(index) for index in indices), self.span(tree))

    def call(self, tree: ast.Call) -> Node:
        if isinstance(tree.func, ast.Subscript | ast.Call) or not isinstance(tree.func, ast.Name):
            raise self.refuse(tree, "this cannot be called", mend="Write `a * (b)` for a product.")
        name = tree.func.id
        if name not in CALLED:
            mend = did_you_mean(name, CALLED) or "Write `a * (b)` for a product, `x[i]` for an index."
            raise self.refuse(tree, f"`{name}` is not a function", code="unknown_function", mend=mend)
        function: Function = name
        cyclic = self.cyclic(tree, function)
        if any(isinstance(argument, ast.Starred) for argument in tree.args):
            raise self.refuse(tree, f"`{name}` takes plain arguments only")
        if function in PREDICATES or function == "piecewise":
            if not tree.args:
                raise self.refuse(tree, f"`{name}` needs an argument")
            return Call(function, tuple(self.node(argument) for argument in tree.args), self.span(tree))
        if (function == "ord" and len(tree.args) != 2) or (function in NEIGHBOURS and len(tree.args) not in (2, 3)):
            steps = "" if function == "ord" else ", an element and, where it is more than one, the number of steps"
            message = f"`{name}` takes a set{steps or ' and an element'}"
            raise self.refuse(tree, message, code="arguments", mend=f"Write `{name}(SET, element)`.")
        generator = tree.args[0] if len(tree.args) == 1 else None
        is_listed = isinstance(generator, ast.ListComp) and function in ("first", "last")
        if isinstance(generator, ast.GeneratorExp | ast.ListComp) and not is_listed:
            if function not in AGGREGATES:
                raise self.refuse(tree, f"`{name}` does not take a generator")
            return Aggregate(function, self.node(generator.elt), self.clauses(generator.generators), self.span(tree))
        takes_set = function == "len" or function in ORDERED
        if not takes_set and any(isinstance(argument, ast.SetComp) for argument in tree.args):
            raise self.refuse(tree, f"`{name}` does not take a set", mend="Leave the braces out.")
        if not tree.args:
            raise self.refuse(tree, f"`{name}` needs an argument")
        arguments = tuple(self.node(argument) for argument in tree.args)
        return Call(function, arguments, self.span(tree), cyclic=cyclic)

    def cyclic(self, tree: ast.Call, function: Function) -> bool:
        """Return what `cyclic=` says, the one keyword of the language."""
        for keyword in tree.keywords:
            if function not in NEIGHBOURS:
                raise self.refuse(tree, f"`{function}` takes plain arguments only")
            if keyword.arg != "cyclic":
                mend = did_you_mean(str(keyword.arg), ["cyclic"])
                raise self.refuse(tree, f"`{function}` knows no `{keyword.arg or '**'}`", mend=mend)
            if not isinstance(keyword.value, ast.Constant) or not isinstance(keyword.value.value, bool):
                mend = f"Write `{function}(SET, element, cyclic=True)`."
                raise self.refuse(tree, "`cyclic` is `True` or `False`", code="arguments", mend=mend)
            return keyword.value.value
        return False

    def clauses(self, generators: list[ast.comprehension]) -> tuple[Clause, ...]:
        if len(generators) > MAX_NESTING:
            message = f"there are {len(generators):,} clauses in one place, more than {MAX_NESTING}"
            raise ExpressionError(
                "too_many_clauses", message, mend="Run over a set of the combinations that are meant."
            )
        for generator in generators:
            if generator.is_async:
                raise self.refuse(generator.iter, "`async` has no meaning in an expression")
        return tuple(
            Clause(
                self.targets(generator.target),
                self.node(generator.iter),
                tuple(self.node(condition) for condition in generator.ifs),
                (self.span(generator.target)[0], self.span(generator.iter)[1]),
            )
            for generator in generators
        )

    def targets(self, tree: ast.expr) -> tuple[str, ...]:
        match tree:
            case ast.Name(id=name):
                return (unicodedata.normalize("NFKC", name),)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                names = tuple(name for item in items for name in self.targets(item))
                if len(set(names)) != len(names):
                    raise self.refuse(tree, "a loop variable stands twice in one clause")
                return names
            case _:
                raise self.refuse(tree, "a loop variable must be a plain name")
