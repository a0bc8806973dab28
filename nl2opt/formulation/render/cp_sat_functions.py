"""The functions that a CP-SAT program brings along, where it uses them."""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.render.program_functions import ProgramFunctions

_TEXTS: Final = {
    "scaled": '''def scaled(expression):
    """Return an expression without its constant, times a power of ten that makes it whole; the constant; the power."""
    flat = cp_model.FlatFloatExpr(cp_model.LinearExpr.sum([expression]))
    numbers = [Fraction(f"{number:.15g}") for number in flat.coeffs]
    scale = 1
    while any((number * scale).denominator > 1 for number in numbers):
        scale *= 10
    coefficients = [int(number * scale) for number in numbers]
    return cp_model.LinearExpr.weighted_sum(flat.vars, coefficients), Fraction(f"{flat.offset:.15g}"), scale
''',
    "whole": '''def whole(left, operator, right):
    """Return a row of whole numbers, as CP-SAT takes them, that says the same as one of decimals."""
    row, constant, scale = scaled(left - right)
    side = -constant * scale
    if operator == "==":
        return row == side.numerator if side.denominator == 1 else False
    return row <= side // 1 if operator == "<=" else row >= -(-side // 1)
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
    "single": '''def single(expression, least):
    """Return a number, or a variable that equals an expression, of at least some value."""
    if isinstance(expression, int):
        return expression
    lower, upper = span(expression)
    if lower >= least and isinstance(expression, cp_model.IntVar):
        return expression
    value = model.new_int_var(max(lower, least), max(upper, least), "")
    model.add(value == expression)
    return value
''',
    "task": '''def task(start, size):
    """Return the interval of a task; a size is not negative."""
    start, size = single(start, span(start)[0]), single(size, 0)
    if isinstance(size, int):
        return model.new_fixed_size_interval_var(start, size, "")
    return model.new_interval_var(start, size, single(start + size, span(start + size)[0]), "")
''',
    "no_overlap": '''def no_overlap(tasks):
    """Demand that of any two tasks, each a start and a size, one ends before the other starts."""
    model.add_no_overlap([task(start, size) for start, size in tasks])
''',
    "cumulative": '''def cumulative(tasks, capacity):
    """Demand that the tasks that run at one moment, each a start, a size and a need, need at most the capacity."""
    tasks = list(tasks)
    intervals = [task(start, size) for start, size, _ in tasks]
    model.add_cumulative(intervals, [single(need, 0) for _, _, need in tasks], capacity)
''',
    "circuit": '''def circuit(arcs):
    """Demand that the chosen arcs form one circuit; a chosen arc from a node to itself leaves the node out."""
    arcs = list(arcs)
    numbers = {node: number for number, node in enumerate(dict.fromkeys(node for arc in arcs for node in arc[:2]))}
    loops = {node: [chosen for tail, head, chosen in arcs if tail == head == node] for node in numbers}
    listed = [(numbers[tail], numbers[head], chosen) for tail, head, chosen in arcs if tail != head]
    for node, chosen in loops.items():
        if len(chosen) > 1:  # CP-SAT takes one arc from a node to itself
            chosen = [model.new_bool_var(""), *chosen]
            model.add(chosen[0] == sum(chosen[1:]))
        listed += [(numbers[node], numbers[node], literal) for literal in chosen[:1]]
    if listed:
        model.add_circuit(listed)
''',
}
_CALLS: Final = {
    "product": ("span",), "largest": ("span",), "smallest": ("span", "largest"), "absolute": ("span", "largest"),
    "no_overlap": ("span", "single", "task"), "cumulative": ("span", "single", "task"), "whole": ("scaled",),
}  # fmt: skip
CP_SAT_FUNCTIONS: Final = ProgramFunctions(_TEXTS, _CALLS)
