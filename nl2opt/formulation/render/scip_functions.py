"""The functions that a PySCIPOpt program brings along, where it uses them."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.render.program_functions import ProgramFunctions

_TEXTS: Final = {
    "demand": '''def demand(relation):
    """Take a row in which no variable may be left: it is plainly true or false then."""
    if relation is not True:
        model.addCons(pyscipopt.quicksum([]) >= 1 if relation is False else relation)
''',
    "demand_if": '''def demand_if(binary, relation, value=1):
    """Demand a row where a binary variable has a value."""
    if relation is False:
        model.addCons(binary == 1 - value)
    elif relation is not True:
        if relation.expr.degree() > 1:  # SCIP takes only linear rows under a condition
            body = model.addVar(lb=None)
            model.addCons(body == relation.expr)
            relation = (body >= relation._lhs if relation._rhs is None else
                        body <= relation._rhs if relation._lhs is None else body == relation._rhs)
        if relation._lhs is not None and relation._rhs is not None:  # SCIP takes only one side under a condition
            model.addConsIndicator(relation.expr >= relation._lhs, binvar=binary, activeone=value == 1)
            relation = relation.expr <= relation._rhs
        model.addConsIndicator(relation, binvar=binary, activeone=value == 1)
''',
    "either": '''def either(*alternatives):
    """Demand at least one of several lists of rows."""
    chosen = [model.addVar(vtype="B") for _ in alternatives]
    model.addCons(pyscipopt.quicksum(chosen) >= 1)
    for binary, relations in zip(chosen, alternatives):
        for relation in relations:
            demand_if(binary, relation)
''',
    "largest": '''def largest(arguments, exact=True):
    """Return a variable that is the largest of some expressions.

    Where nothing gains from a value that is too large, the rows that keep it from being too small suffice, and
    `exact=False` leaves it at that. Else max(a, b) is (a + b + |a - b|) / 2.
    """
    arguments = list(arguments)
    if not exact:
        value = model.addVar(lb=None)
        for argument in arguments:
            model.addCons(value >= argument)
        return value
    value = arguments[0]
    for argument in arguments[1:]:
        larger = model.addVar(lb=None)
        model.addCons(2 * larger == value + argument + abs(value - argument))
        value = larger
    return value
''',
    "smallest": '''def smallest(arguments, exact=True):
    """Return minus the largest of the negatives."""
    return -largest([-argument for argument in arguments], exact)
''',
    "absolute": '''def absolute(argument, exact=True):
    """Return the larger of an expression and its negative."""
    return largest([argument, -argument], exact)
''',
    "piecewise": '''def piecewise(argument, points):
    """Return the value at an argument of the straight lines through some points, between which it must lie."""
    weights = [model.addVar(ub=1) for _ in points]
    model.addConsSOS2(weights)
    model.addCons(pyscipopt.quicksum(weights) == 1)
    model.addCons(pyscipopt.quicksum(weight * place for weight, (place, _) in zip(weights, points)) == argument)
    return pyscipopt.quicksum(weight * height for weight, (_, height) in zip(weights, points))
''',
    "all_different": '''def all_different(members):
    """Demand that no two whole numbers are equal."""
    for first, second in itertools.combinations(members, 2):
        either([first <= second - 1], [first >= second + 1])
''',
    "no_overlap": '''def no_overlap(tasks):
    """Demand that of any two tasks, each a start and a size, one ends before the other starts."""
    for (first, size), (second, other) in itertools.combinations(tasks, 2):
        either([first + size <= second], [second + other <= first])
    for _, size in tasks:
        if not isinstance(size, (int, float)):
            model.addCons(size >= 0)
''',
    "soc": '''def soc(radius, members):
    """Demand that a radius is at least the Euclidean norm of some variables."""
    model.addCons(pyscipopt.sqrt(pyscipopt.quicksum(member * member for member in members)) <= radius)
''',
}
_CALLS: Final = {
    "either": ("demand_if",), "smallest": ("largest",), "absolute": ("largest",),
    "all_different": ("demand_if", "either"), "no_overlap": ("demand_if", "either"),
}  # fmt: skip
SCIP_FUNCTIONS: Final = ProgramFunctions(_TEXTS, _CALLS)
