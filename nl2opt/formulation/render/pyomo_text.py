"""Writes expressions for Pyomo: functions of decision variables as Pyomo's own, maxima by functions of the program."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.language.precedence import CONDITIONAL
from nl2opt.formulation.language.syntax import Call
from nl2opt.formulation.render.extremum_text import ExtremumText

EXTREMUM_NAMES: Final = ("largest", "smallest", "absolute", "extrema", "choices", "extremum_rows")
"""Names that the functions of the program use."""
EXTREMUM_IMPORT: Final = "from pyomo.contrib.fbbt.fbbt import compute_bounds_on_expr"
_SMOOTH: Final = ("exp", "log", "sqrt", "sin", "cos")
LARGEST: Final = '''
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
"""The function of the program that stands for a maximum."""


class PyomoText(ExtremumText):
    """Writes nodes for Pyomo."""

    library = "pyomo"

    def _call(self, node: Call) -> str:
        if node.function not in _SMOOTH or not self.holds_decision(node):
            return super()._call(node)
        arguments = ", ".join(self._write(argument, CONDITIONAL) for argument in node.arguments)
        return f"pyo.{node.function}({arguments})"
