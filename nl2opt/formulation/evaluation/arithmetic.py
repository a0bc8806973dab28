"""Adds, multiplies, divides and takes powers: of known numbers, and of polynomials.

What exceeds degree two becomes a nonlinear term.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.evaluation.variable_functions import (
    power_of_variables,
    product_of_variables,
    quotient_of_variables,
)
from nl2opt.formulation.language.syntax import Addition, Arithmetic, Node

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator, Value


def addition(evaluator: Evaluator, node: Addition, frame: Frame) -> Value:
    """Add signed terms."""
    parts: list[Polynomial | FloatArray] = []
    for sign, term in node.terms:
        value = evaluator.value(term, frame)
        if isinstance(value, Polynomial):
            parts.append(value if sign > 0 else value.scaled(np.asarray(-1.0)))
        else:
            parts.append(sign * evaluator.as_number(term, value, frame))
    if any(isinstance(part, Polynomial) for part in parts):
        return polynomial.add(parts)
    total = np.asarray(0.0)
    for part in parts:
        assert not isinstance(part, Polynomial)
        total = np.asarray(total + part)
    return finite(evaluator, node, total, frame)


def arithmetic(evaluator: Evaluator, node: Arithmetic, frame: Frame) -> Value:
    """Multiply, divide, take remainders and powers."""
    left, right = evaluator.value(node.left, frame), evaluator.value(node.right, frame)
    if isinstance(left, Polynomial) or isinstance(right, Polynomial):
        return _polynomial_arithmetic(evaluator, node, left, right, frame)
    a, b = evaluator.as_number(node.left, left, frame), evaluator.as_number(node.right, right, frame)
    if node.operator in ("/", "//", "%"):
        _refuse_zero(evaluator, node, b, frame)
    with np.errstate(all="ignore"):
        result: FloatArray = {
            "*": np.multiply, "/": np.divide, "//": np.floor_divide, "%": np.mod, "**": np.power,
        }[node.operator](a, b)  # fmt: skip
    return finite(evaluator, node, result, frame)


def _polynomial_arithmetic(
    evaluator: Evaluator, node: Arithmetic, left: Value, right: Value, frame: Frame
) -> Polynomial:
    """Do arithmetic that involves decision variables."""
    a = left if isinstance(left, Polynomial) else Polynomial(evaluator.as_number(node.left, left, frame))
    if node.operator in ("//", "%"):
        message = f"`{node.operator}` of a decision variable is neither linear nor a function that solvers take"
        raise evaluator.fail(node, "nonlinear", message)
    if isinstance(right, Polynomial):
        if node.operator == "*":
            product = polynomial.multiply(a, right) if isinstance(left, Polynomial) else right.scaled(a.constant)
            return product if product is not None else product_of_variables(evaluator, node, a, right, frame)
        if node.operator == "/":
            return quotient_of_variables(evaluator, node, a, right, frame)
        base = left if isinstance(left, Polynomial) else a.constant
        return power_of_variables(evaluator, node, base, right, frame)
    b = evaluator.as_number(node.right, right, frame)
    if node.operator == "*":
        return a.scaled(b)
    if node.operator == "/":
        _refuse_zero(evaluator, node, b, frame)
        return a.divided(b)
    if b.ndim == 0 and float(b) in (0.0, 1.0, 2.0):
        power = [Polynomial(np.asarray(1.0)), a, polynomial.multiply(a, a)][int(b)]
        if power is not None:
            return power
    return power_of_variables(evaluator, node, a, b, frame)


def _refuse_zero(evaluator: Evaluator, node: Node, divisor: FloatArray, frame: Frame) -> None:
    """Refuse divisors of 0."""
    if np.any(divisor == 0):
        row = int(np.argmax(np.broadcast_to(divisor == 0, (frame.size,)))) if frame.size else 0
        raise evaluator.fail(node, "division_by_zero", "division by zero", frame=frame, row=row)


def finite(evaluator: Evaluator, node: Node, result: FloatArray, frame: Frame) -> FloatArray:
    """Refuse results that are not finite numbers."""
    bad = ~np.isfinite(result)
    if np.any(bad):
        row = int(np.argmax(np.broadcast_to(bad, (frame.size,)))) if frame.size else 0
        raise evaluator.fail(node, "not_finite", "the result is not a finite number", frame=frame, row=row)
    return np.asarray(result)
