"""Writes expressions as mathematics for Markdown: between dollar signs, on one line, in a cell of a table too."""

from __future__ import annotations

import re
from typing import Final

from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Comprehension, Text, walk
from nl2opt.formulation.render.latex_math import node_latex, such_that

_PLAIN: Final = re.compile(r"[\w .,-]*")
_SIGNS: Final = str.maketrans({"|": r"\vert ", "<": r"\lt ", ">": r"\gt "})
"""Signs that end a cell or begin HTML, where a reader looks for these before it looks for mathematics."""


def expression_math(text: str, *, is_demand: bool = False) -> str | None:
    """Return an expression, or a demand with what it holds for, as mathematics.

    `None` for one that cannot be read, and for one with set elements that hold signs beside letters, digits and plain
    punctuation: readers of Markdown do not agree on what these mean between dollar signs.

    Args:
        text: the expression.
        is_demand: whether clauses at its end say for what it holds; else they make a set.
    """
    try:
        root = parse_expression(text).root
    except ExpressionError:
        return None
    if not all(_PLAIN.fullmatch(node.value) for node in walk(root) if isinstance(node, Text)):
        return None
    if is_demand and isinstance(root, Comprehension):
        latex = f"{node_latex(root.body)} \\quad \\forall\\, {such_that(root.clauses)}"
    else:
        latex = node_latex(root)
    return f"${' '.join(latex.translate(_SIGNS).split())}$"
