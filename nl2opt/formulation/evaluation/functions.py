"""Evaluates functions: of listed arguments, `max(a, b)`, and over a generator, `sum(x[i] for i in I)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from nl2opt.formulation.evaluation.arithmetic import finite
from nl2opt.formulation.evaluation.clauses import expand
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.ordered import ordered_element, ordinal, size_of_set
from nl2opt.formulation.evaluation.piecewise import piecewise
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.evaluation.spread import row_sums, rows_written_out
from nl2opt.formulation.evaluation.variable_functions import (
    aggregate_of_variables,
    call_of_variables,
    known_function,
    without_loops,
)
from nl2opt.formulation.language.syntax import ORDERED, PREDICATES, Aggregate, Call

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator, Value

_ELEMENTWISE: Final[dict[str, Callable[[FloatArray], FloatArray]]] = {
    "abs": np.abs, "ceil": np.ceil, "cos": np.cos, "exp": np.exp, "floor": np.floor, "log": np.log,
    "sin": np.sin, "sqrt": np.sqrt,
}  # fmt: skip


def call(evaluator: Evaluator, node: Call, frame: Frame) -> Value:
    """Evaluate a function of listed arguments."""
    function = node.function
    if function == "len":
        return size_of_set(evaluator, node, frame)
    if function in ORDERED:
        return ordinal(evaluator, node, frame) if function == "ord" else ordered_element(evaluator, node, frame)
    if function in ("sum", "prod") or function == "range":
        hint = "Write `sum(x[i] for i in I)`." if function == "sum" else ""
        raise evaluator.fail(node, "needs_clauses", f"`{function}` has no value here", mend=hint)
    if function in PREDICATES:
        message, mend = f"`{function}` is a demand, not a number", "Make it a constraint of its own."
        raise evaluator.fail(node, "demand_as_value", message, mend=mend)
    if function == "piecewise":
        return piecewise(evaluator, node, frame)
    known = known_function(evaluator, node, frame) or without_loops(evaluator, node, frame)
    if known is not None:
        return known
    arguments: list[Polynomial | FloatArray] = []
    for argument in node.arguments:
        value = evaluator.value(argument, frame)
        arguments.append(value if isinstance(value, Polynomial) else evaluator.as_number(argument, value, frame))
    numbers = [value for value in arguments if not isinstance(value, Polynomial)]
    if len(numbers) < len(arguments):
        return call_of_variables(evaluator, node, arguments, frame)
    return _call_of_numbers(evaluator, node, numbers, frame)


def _call_of_numbers(evaluator: Evaluator, node: Call, numbers: list[FloatArray], frame: Frame) -> FloatArray:
    function = node.function
    if function in ("min", "max"):
        choose = np.minimum if function == "min" else np.maximum
        result = numbers[0]
        for other in numbers[1:]:
            result = np.asarray(choose(result, other))
        return result
    if function == "round":
        digits = numbers[1] if len(numbers) > 1 else np.asarray(0.0)
        if len(numbers) > 2 or digits.ndim or digits != np.round(digits) or abs(digits) > 15:
            raise evaluator.fail(node, "arguments", "`round` takes a number, and how many digits from -15 to 15")
        return np.asarray(np.round(numbers[0], int(digits)))
    if len(numbers) != 1:
        raise evaluator.fail(node, "arguments", f"`{function}` takes one argument")
    with np.errstate(all="ignore"):
        return finite(evaluator, node, _ELEMENTWISE[function](numbers[0]), frame)


def aggregate(evaluator: Evaluator, node: Aggregate, frame: Frame) -> Value:
    """Evaluate a function over a generator."""
    if node.function in ("min", "max", "prod"):
        known = known_function(evaluator, node, frame) or without_loops(evaluator, node, frame)
        if known is not None:
            return known
    inner, rows = expand(evaluator, frame, node.clauses, node.body)
    if node.function == "len":
        return row_sums(rows, np.asarray(1.0), frame.size)
    value = evaluator.value(node.body, inner)
    if isinstance(value, Polynomial):
        if node.function != "sum":
            return aggregate_of_variables(evaluator, node, value, rows_written_out(rows), frame)
        return value.moved(rows, frame.size)
    numbers = np.broadcast_to(evaluator.as_number(node.body, value, inner), (inner.size,))
    if node.function == "sum":
        return finite(evaluator, node, row_sums(rows, numbers, frame.size), frame)
    rows = rows_written_out(rows)
    start = {"prod": 1.0, "min": np.inf, "max": -np.inf}[node.function]
    total = np.full(frame.size, start)
    {"prod": np.multiply, "min": np.minimum, "max": np.maximum}[node.function].at(total, rows, numbers)
    empty = np.bincount(rows, minlength=frame.size) == 0
    if node.function != "prod" and empty.any():
        row = int(np.argmax(empty))
        raise evaluator.fail(
            node, "empty_aggregate", f"`{node.function}` of nothing has no value", frame=frame, row=row
        )
    return finite(evaluator, node, total, frame)
