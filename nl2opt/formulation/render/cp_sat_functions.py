"""The functions that a CP-SAT program brings along, where it uses them."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.render.program_functions import ProgramFunctions

_TEXTS: Final = {
    "whole": '''def whole(expression):
    """Multiply an expression by the least power of ten that makes its numbers whole, as CP-SAT wants them."""
    if isinstance(expression, (int, float)):
        return expression
    flat = cp_model.FlatFloatExpr(expression)
    numbers = [Fraction(repr(round(number, 12))) for number in (flat.offset, *flat.coeffs)]
    scale = 1
    while any((number * scale).denominator > 1 for number in numbers):
        scale *= 10
    offset, *coefficients = [int(number * scale) for number in numbers]
    return cp_model.LinearExpr.weighted_sum(flat.vars, coefficients) + offset
''',
    "span": '''def span(expression):
    """Return the least and the largest value of an expression within the bounds of its variables."""
    if isinstance(expression, int):
        return expression, expression
    flat = cp_model.FlatIntExpr(expression)
    lower = upper = flat.offset
    for variable, coefficient in zip(flat.vars, flat.coeffs):
        low, *_, high = variable.proto.domain
        ends = (coefficient * low, coefficient * high)
        lower, upper = lower + min(ends), upper + max(ends)
    return lower, upper
''',
    "product": '''def product(left, right):
    """Return a variable that is the product of two expressions."""
    corners = [a * b for a in span(left) for b in span(right)]
    value = model.new_int_var(0 if left is right and min(corners) < 0 else min(corners), max(corners), "")
    model.add_multiplication_equality(value, [left, right])
    return value
''',
    "largest": '''def largest(arguments):
    """Return a variable that is the largest of some expressions."""
    arguments = list(arguments)
    lower, upper = zip(*map(span, arguments))
    value = model.new_int_var(max(lower), max(upper), "")
    model.add_max_equality(value, arguments)
    return value
''',
    "smallest": '''def smallest(arguments):
    """Return minus the largest of the negatives."""
    return -largest([-argument for argument in arguments])
''',
    "absolute": '''def absolute(argument):
    """Return the larger of an expression and its negative."""
    return largest([argument, -argument])
''',
    "either": '''def either(*alternatives):
    """Demand at least one of several lists of rows."""
    chosen = [model.new_bool_var("") for _ in alternatives]
    model.add_bool_or(chosen)
    for literal, relations in zip(chosen, alternatives):
        for relation in relations:
            model.add(relation).only_enforce_if(literal)
''',
    "all_different": '''def all_different(members):
    """Demand that no two whole numbers are equal."""
    model.add_all_different(members)
''',
    "task": '''def task(start, size):
    """Return the interval of a task."""
    if isinstance(size, int):
        return model.new_fixed_size_interval_var(start, size, "")
    end = model.new_int_var(*span(start + size), "")
    model.add(size >= 0)
    model.add(end == start + size)
    return model.new_interval_var(start, size, end, "")
''',
    "no_overlap": '''def no_overlap(tasks):
    """Demand that of any two tasks, each a start and a size, one ends before the other starts."""
    model.add_no_overlap([task(start, size) for start, size in tasks])
''',
    "cumulative": '''def cumulative(tasks, capacity):
    """Demand that the tasks that run at one moment, each a start, a size and a need, need at most the capacity."""
    tasks = list(tasks)
    model.add_cumulative([task(start, size) for start, size, _ in tasks], [need for _, _, need in tasks], capacity)
''',
    "circuit": '''def circuit(arcs):
    """Demand that the chosen arcs form one circuit; a chosen arc from a node to itself leaves the node out."""
    arcs = list(arcs)
    numbers = {node: number for number, node in enumerate(dict.fromkeys(node for arc in arcs for node in arc[:2]))}
    model.add_circuit([(numbers[tail], numbers[head], chosen) for tail, head, chosen in arcs])
''',
}
_CALLS: Final = {
    "product": ("span",), "largest": ("span",), "smallest": ("span", "largest"), "absolute": ("span", "largest"),
    "no_overlap": ("span", "task"), "cumulative": ("span", "task"),
}  # fmt: skip
CP_SAT_FUNCTIONS: Final = ProgramFunctions(_TEXTS, _CALLS)
