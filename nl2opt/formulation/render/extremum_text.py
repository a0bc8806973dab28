"""Writes maxima, minima and absolute values of decision variables as calls of functions of the program.

Modelling libraries do not know them exactly: the functions `largest`, `smallest` and `absolute`, which stand in the
program itself, add a variable with the rows, and where it takes them the binary variables, that make it exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.language.precedence import CONDITIONAL
from nl2opt.formulation.language.syntax import Aggregate, Call, Index, Name, Node, Span, walk
from nl2opt.formulation.render.folding import Pieces
from nl2opt.formulation.render.python_text import PythonText

_FUNCTIONS: Final = {"max": "largest", "min": "smallest", "abs": "absolute"}
_SMALLEST: Final = '''

def smallest(arguments, exact=True):
    """Return minus the largest of the negatives."""
    return -largest([-argument for argument in arguments], exact)
'''
_ABSOLUTE: Final = '''

def absolute(argument, exact=True):
    """Return the larger of an expression and its negative."""
    return largest([argument, -argument], exact)
'''


class ExtremumText(PythonText):
    """Writes nodes for libraries to which functions of the program give maxima.

    Attributes:
        exact: spans of the maxima, minima and absolute values that take binary variables, in the expression that
            is being written.
        used: the functions of the program that anything written calls.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Prepare; see `PythonText`."""
        super().__init__(*arguments, **options)
        self.exact: frozenset[Span] = frozenset()
        self.used: set[str] = set()

    def holds_decision(self, node: Node) -> bool:
        """Whether a node's value hangs on decision variables."""
        if self._variables_are_zero:
            return False
        return any(isinstance(part, Name | Index) and part.name in self._prefixed for part in walk(node))

    def _call(self, node: Call) -> str:
        is_extremum = node.function == "abs" or (node.function in _FUNCTIONS and len(node.arguments) > 1)
        if not is_extremum or not self.holds_decision(node):
            return super()._call(node)
        arguments = ", ".join(self._write(argument, CONDITIONAL) for argument in node.arguments)
        listed = arguments if node.function == "abs" else f"[{arguments}]"
        return f"{self._named(node.function)}({listed}{self._precision(node)})"

    def _aggregate(self, node: Aggregate) -> Pieces:
        if node.function not in _FUNCTIONS or not self.holds_decision(node):
            return super()._aggregate(node)
        previous = self._scope
        clauses = self._clauses(node.clauses)
        parts = [*self._pieces(node.body, CONDITIONAL), *clauses]
        self._scope = previous
        precision = self._precision(node)
        opening, closing = ("((", f"){precision})") if precision else ("(", ")")
        first = f"{self._named(node.function)}{opening}{parts[0]}"
        parts = [first, *parts[1:]]
        return [*parts[:-1], f"{parts[-1]}{closing}"]

    def _named(self, function: str) -> str:
        self.used.add(_FUNCTIONS[function])
        return _FUNCTIONS[function]

    def _precision(self, node: Node) -> str:
        return "" if node.span in self.exact else ", exact=False"


def exact_spans(compiled: CompiledFormulation, element: str) -> frozenset[Span]:
    """Return where in the expression of an element maxima, minima and absolute values take binary variables."""
    definitions = compiled.context.definitions
    return frozenset(
        definition.span
        for definition in definitions.entries
        if definition.element == element
        and compiled.exact_columns[definition.first - definitions.first :][: definition.size].any()
    )


def extremum_functions(largest: str, used: set[str]) -> Iterator[str]:
    """Yield the functions that a program calls, given that for `largest` in the terms of its library."""
    if used:
        yield largest.rstrip("\n")
    if "smallest" in used:
        yield _SMALLEST.rstrip("\n")
    if "absolute" in used:
        yield _ABSOLUTE.rstrip("\n")
    if used:
        yield "\n"
