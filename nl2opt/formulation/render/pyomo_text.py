"""Writes expressions for Pyomo: functions of decision variables as Pyomo's own, maxima by functions of the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from nl2opt.formulation.compilation.compiler import CompiledFormulation
from nl2opt.formulation.language.precedence import CONDITIONAL
from nl2opt.formulation.language.syntax import Aggregate, Call, Index, Name, Node, Span, walk
from nl2opt.formulation.render.folding import Pieces
from nl2opt.formulation.render.python_text import PythonText

EXTREMUM_NAMES: Final = ("largest", "smallest", "absolute", "extrema", "choices", "extremum_rows")
"""Names that the functions below use."""
_FUNCTIONS: Final = {"max": "largest", "min": "smallest", "abs": "absolute"}
_SMOOTH: Final = ("exp", "log", "sqrt", "sin", "cos")
_IMPORT: Final = "from pyomo.contrib.fbbt.fbbt import compute_bounds_on_expr"
_LARGEST: Final = '''
model.extrema = pyo.VarList()
model.choices = pyo.VarList(domain=pyo.Binary)
model.extremum_rows = pyo.ConstraintList()


def largest(arguments, exact=True):
    """Return a variable that is the largest of some expressions.

    Where nothing gains from a value that is too large, the rows that keep it from being too small suffice, and
    `exact=False` leaves it at that. Else a binary variable for each argument picks the one that is attained.
    """
    arguments = list(arguments)
    infinity = float("inf")
    bounds = [compute_bounds_on_expr(argument) for argument in arguments]
    lower = [-infinity if bound is None else bound for bound, _ in bounds]
    upper = [infinity if bound is None else bound for _, bound in bounds]
    first = lower.index(max(lower))
    kept = [k for k in range(len(arguments)) if k == first or upper[k] > lower[first]]
    if len(kept) == 1:
        return arguments[first]
    value = model.extrema.add()
    if lower[first] > -infinity:
        value.setlb(lower[first])
    if max(upper) < infinity:
        value.setub(max(upper))
    for k in kept:
        model.extremum_rows.add(value >= arguments[k])
    if exact:
        chosen = {k: model.choices.add() for k in kept}
        model.extremum_rows.add(sum(chosen.values()) == 1)
        for k in kept:
            gap = max(0, max(upper[other] for other in kept if other != k) - lower[k])
            model.extremum_rows.add(value <= arguments[k] + gap * (1 - chosen[k]))
    return value
'''
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


class PyomoText(PythonText):
    """Writes nodes for Pyomo.

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
        if not (is_extremum or node.function in _SMOOTH) or not self.holds_decision(node):
            return super()._call(node)
        arguments = ", ".join(self._write(argument, CONDITIONAL) for argument in node.arguments)
        if node.function in _SMOOTH:
            return f"pyo.{node.function}({arguments})"
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


def extremum_imports(used: Iterable[str]) -> Iterator[str]:
    """Yield the import that the functions of a program need."""
    if used:
        yield _IMPORT


def extremum_functions(used: set[str]) -> Iterator[str]:
    """Yield the functions that a program calls."""
    if used:
        yield _LARGEST.rstrip("\n")
    if "smallest" in used:
        yield _SMALLEST.rstrip("\n")
    if "absolute" in used:
        yield _ABSOLUTE.rstrip("\n")
    if used:
        yield "\n"
