"""Products of variables in the objective of a highspy program, which HiGHS takes as a Hessian.

The modelling layer of highspy knows linear expressions only. In the program a product is a term with a number below
0 in place of a column; before solving, `linear_part` turns these terms into the Hessian of the objective.
"""

from __future__ import annotations

from typing import Final

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from solvers import Sense
from solvers.backends.hessian import is_convex

PRODUCT_NAMES: Final = ("product_of", "square_of", "linear_part", "products")
"""Names that the functions of the program use."""
PRODUCTS: Final = '''

products = []


def product_of(left, right):
    """Return a term that stands for the product of two expressions, by its number below 0 in place of a column."""
    products.append((h.expr(left), h.expr(right)))
    term = h.expr()
    term.idxs, term.vals = [-len(products)], [1.0]
    return term


def square_of(expression):
    """Return a term that stands for the square of an expression."""
    return product_of(expression, expression)


def linear_part(objective):
    """Return the linear part of an objective, and pass its products of variables to HiGHS as a Hessian."""
    linear, hessian = h.expr(objective.constant or 0.0), {}
    for column, weight in zip(objective.idxs, objective.vals):
        if column >= 0:
            linear.idxs.append(column)
            linear.vals.append(weight)
            continue
        left, right = products[-column - 1]
        linear.constant += weight * (left.constant or 0.0) * (right.constant or 0.0)
        for factor, other in ((left, right), (right, left)):
            linear.idxs += other.idxs
            linear.vals += [weight * (factor.constant or 0.0) * value for value in other.vals]
        for first, a in zip(left.idxs, left.vals):
            for second, b in zip(right.idxs, right.vals):
                entry = weight * a * b * (2 if first == second else 1)  # HiGHS halves the Hessian
                below = hessian.setdefault(min(first, second), {})
                below[max(first, second)] = below.get(max(first, second), 0.0) + entry
    starts, rows, entries = [], [], []
    for column in range(h.numVariables):
        starts.append(len(rows))
        for row, entry in sorted(hessian.get(column, {}).items()):
            rows.append(row)
            entries.append(entry)
    triangle = int(highspy.HessianFormat.kTriangular)
    h.passHessian(h.numVariables, len(entries), triangle, starts, rows, entries)
    return linear

'''
"""The functions of the program that stand for products of variables."""


def reason_against_products(compiled: CompiledFormulation) -> str:
    """Return why HiGHS takes no products of variables in the objective of a formulation; empty when it does."""
    model = compiled.model
    if len(compiled.stages) > 1:
        return "highspy programs take linear expressions only in a list of objectives"
    if model.nonlinear is not None or model.quadratic_objective is None:
        return "the modelling layer of highspy takes linear expressions only, and HiGHS products of two variables"
    if model.is_integer:
        return "HiGHS takes products of variables in the objective only where no variable is integer or binary"
    if is_convex(model.quadratic_objective, 1.0 if model.sense is Sense.MINIMIZE else -1.0) is False:
        return "HiGHS takes products of variables only where a convex objective is minimized or a concave one maximized"
    return ""
