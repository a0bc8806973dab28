"""The functions that a MathOpt program brings along, where it uses them."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.render.program_functions import ProgramFunctions

_TEXTS: Final = {
    "demand": '''def demand(relation):
    """Take a row in which no variable may be left: it is plainly true or false then."""
    if relation is not True:
        model.add_linear_constraint(mathopt.LinearExpression() >= 1 if relation is False else relation)
''',
    "square": '''def square(expression):
    """Return the product of an expression with itself."""
    return expression * expression
''',
    "demand_if": '''def demand_if(binary, relation, value=1):
    """Demand a linear inequality where a binary variable has a value."""
    if relation is False:
        model.add_linear_constraint(binary == 1 - value)
    elif relation is not True:
        model.add_indicator_constraint(indicator=binary, activate_on_zero=value == 0, implied_constraint=relation)
''',
    "either": '''def either(*alternatives):
    """Demand at least one of several lists of linear inequalities."""
    chosen = [model.add_binary_variable() for _ in alternatives]
    model.add_linear_constraint(mathopt.fast_sum(chosen) >= 1)
    for binary, relations in zip(chosen, alternatives):
        for relation in relations:
            demand_if(binary, relation)
''',
    "span": '''def span(expression):
    """Return the least and the largest value of an expression within the bounds of its variables."""
    flat = mathopt.as_flat_linear_expression(expression)
    lower = upper = flat.offset
    for variable, coefficient in flat.terms.items():
        if coefficient:
            ends = (coefficient * variable.lower_bound, coefficient * variable.upper_bound)
            lower, upper = lower + min(ends), upper + max(ends)
    return lower, upper
''',
    "largest": '''def largest(arguments, exact=True):
    """Return a variable that is the largest of some expressions.

    Where nothing gains from a value that is too large, the rows that keep it from being too small suffice, and
    `exact=False` leaves it at that. Else the value is also at most one of them.
    """
    arguments = list(arguments)
    bounds = [span(argument) for argument in arguments]
    value = model.add_variable(lb=max(low for low, _ in bounds), ub=max(high for _, high in bounds))
    for argument in arguments:
        model.add_linear_constraint(value >= argument)
    if exact:
        either(*([value <= argument] for argument in arguments))
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
    weights = [model.add_variable(lb=0) for _ in points]
    pieces = [model.add_binary_variable() for _ in points[1:]]
    model.add_linear_constraint(mathopt.fast_sum(weights) == 1)
    model.add_linear_constraint(mathopt.fast_sum(pieces) == 1)
    for weight, left, right in zip(weights, [0, *pieces], [*pieces, 0]):
        model.add_linear_constraint(weight <= left + right)
    model.add_linear_constraint(mathopt.fast_sum(w * place for w, (place, _) in zip(weights, points)) == argument)
    return mathopt.fast_sum(w * height for w, (_, height) in zip(weights, points))
''',
    "all_different": '''def all_different(members):
    """Demand that no two whole numbers are equal."""
    for first, second in itertools.combinations(members, 2):
        either([first <= second - 1], [first >= second + 1])
''',
    "no_overlap": '''def no_overlap(tasks):
    """Demand that of any two tasks, each a start and a size of at least 0, one ends before the other starts."""
    for (first, size), (second, other) in itertools.combinations(tasks, 2):
        either([first + size <= second], [second + other <= first])
    for _, size in tasks:
        if not isinstance(size, (int, float)):
            model.add_linear_constraint(size >= 0)
''',
}
_CALLS: Final = {
    "either": ("demand_if",),
    **dict.fromkeys(("largest", "smallest", "absolute"), ("demand_if", "either", "span", "largest")),
    "all_different": ("demand_if", "either"), "no_overlap": ("demand_if", "either"),
}  # fmt: skip
MATHOPT_FUNCTIONS: Final = ProgramFunctions(_TEXTS, _CALLS)
CONDITIONAL_FUNCTIONS: Final = frozenset({"demand_if", "either", "all_different", "no_overlap"})
"""Those whose rows are taken by SCIP only."""
