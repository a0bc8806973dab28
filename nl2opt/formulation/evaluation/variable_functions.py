"""Evaluates functions of decision variables: each becomes defined columns, one for each row of the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.definitions import (
    Extremum,
    NonlinearFunction,
    column_polynomial,
    interleaved,
    selected,
)
from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluation.frame import Frame, root_frame
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.evaluation.spread import written_out
from nl2opt.formulation.language.syntax import Aggregate, Arithmetic, Call, Name, Node, walk

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator

_SMOOTH: Final[dict[str, NonlinearFunction]] = {
    "exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos",
}  # fmt: skip


def known_function(evaluator: Evaluator, node: Node, frame: Frame) -> Polynomial | None:
    """Return the columns that were defined for the same node and frame before; `None` if there are none."""
    columns = frame.known_positions.get(("defined", node))
    return None if columns is None else column_polynomial(written_out(columns))


def without_loops(evaluator: Evaluator, node: Node, frame: Frame) -> Polynomial | FloatArray | None:
    """Evaluate a node once for all rows of a frame; `None` when it depends on the loop variables.

    One row suffices where no loop variable is named, and one defined column serves all rows.
    """
    if frame.size <= 1 or any(isinstance(part, Name) and part.name in frame.variables for part in walk(node)):
        return None
    names = evaluator.context.variables
    if not any(getattr(part, "name", None) in names for part in walk(node)):
        return None
    value = evaluator.value(node, root_frame())
    if not isinstance(value, Polynomial):
        return evaluator.as_number(node, value, root_frame())
    everywhere = np.zeros(frame.size, np.int64)
    spread = [
        polynomial.Terms(
            np.repeat(np.arange(frame.size), terms.count),
            tuple(np.tile(columns, frame.size) for columns in terms.columns),
            np.tile(np.broadcast_to(terms.coefficients, (terms.count,)), frame.size),
        )
        for terms in (*value.linear, *value.quadratic)
    ]
    linear, quadratic = spread[: len(value.linear)], spread[len(value.linear) :]
    constant = value.constant if value.constant.ndim == 0 else value.constant[everywhere]
    return Polynomial(np.asarray(constant), tuple(linear), tuple(quadratic))


def call_of_variables(
    evaluator: Evaluator, node: Call, arguments: list[Polynomial | FloatArray], frame: Frame
) -> Polynomial:
    """Evaluate a function of listed arguments, some of which contain decision variables."""
    function = node.function
    if function in ("min", "max"):
        extremum: Extremum = "max" if function == "max" else "min"
        if len(arguments) == 1:
            return _as_polynomial(arguments[0])
        return _defined(evaluator, extremum, arguments, node, frame)
    if function != "abs" and function not in _SMOOTH:
        raise evaluator.fail(
            node, "nonlinear_function", f"`{function}` of decision variables is not a function that solvers take",
            mend="Add an integer variable with rows that say what it is.",
        )  # fmt: skip
    if len(arguments) != 1:
        raise evaluator.fail(node, "arguments", f"`{function}` takes one argument")
    if function == "abs":
        body = _as_polynomial(arguments[0])
        return _defined(evaluator, "max", [body, body.scaled(np.asarray(-1.0))], node, frame)
    return _defined(evaluator, _SMOOTH[function], arguments, node, frame)


def aggregate_of_variables(
    evaluator: Evaluator, node: Aggregate, body: Polynomial, rows: IntArray, frame: Frame
) -> Polynomial | FloatArray:
    """Evaluate `max`, `min` or `prod` over a generator whose body contains decision variables.

    Args:
        evaluator: of the expression.
        node: the function.
        body: one polynomial for each row of the inner frame.
        rows: for each of these the row of `frame` that it belongs to, ascending.
        frame: the outer frame.
    """
    counts = np.bincount(rows, minlength=frame.size)
    if node.function == "prod":
        return _product_over(evaluator, node, body, rows, counts, frame)
    if (counts == 0).any():
        raise evaluator.fail(
            node, "empty_aggregate", f"`{node.function}` of nothing has no value", frame=frame,
            row=int(np.argmax(counts == 0)),
        )  # fmt: skip
    if (counts <= 1).all():
        return body.moved(rows, frame.size)
    extremum: Extremum = "max" if node.function == "max" else "min"
    return _recorded(evaluator, extremum, body, np.asarray(rows), node, frame)


def _product_over(
    evaluator: Evaluator, node: Aggregate, body: Polynomial, rows: IntArray, counts: IntArray, frame: Frame
) -> Polynomial | FloatArray:
    """Multiply over a generator: up to two factors as polynomials, more as a nonlinear term."""
    place = np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows]
    most = int(counts.max(initial=0))
    factors: list[Polynomial | FloatArray] = []
    for number in range(most):
        keep = place == number
        missing = np.ones(frame.size)
        missing[rows[keep]] = 0.0
        factors.append(polynomial.add([selected(body, keep).moved(rows[keep], frame.size), missing]))
    if most <= 2:
        total: Polynomial | None = Polynomial(np.asarray(1.0))
        for factor in factors:
            total = polynomial.multiply(_as_polynomial(factor), total) if total is not None else None
        if total is not None:
            return total
    return _defined(evaluator, "product", factors, node, frame)


def product_of_variables(
    evaluator: Evaluator, node: Arithmetic, left: Polynomial, right: Polynomial, frame: Frame
) -> Polynomial:
    """Multiply polynomials whose product has a degree above two."""
    return _defined(evaluator, "product", [left, right], node, frame)


def quotient_of_variables(
    evaluator: Evaluator, node: Arithmetic, left: Polynomial, right: Polynomial, frame: Frame
) -> Polynomial:
    """Divide by a polynomial."""
    return _defined(evaluator, "quotient", [left, right], node, frame)


def power_of_variables(
    evaluator: Evaluator,
    node: Arithmetic,
    base: Polynomial | FloatArray,
    exponent: Polynomial | FloatArray,
    frame: Frame,
) -> Polynomial:
    """Take a power in which base, exponent or both contain decision variables."""
    if not isinstance(base, Polynomial):
        bad = np.broadcast_to(base <= 0, (frame.size,))
        if bad.any():
            raise evaluator.fail(
                node, "domain", "a power with a variable exponent needs a base above 0", frame=frame,
                row=int(np.argmax(bad)),
            )  # fmt: skip
    return _defined(evaluator, "power", [base, exponent], node, frame)


def _as_polynomial(value: Polynomial | FloatArray) -> Polynomial:
    return value if isinstance(value, Polynomial) else Polynomial(value)


def _defined(
    evaluator: Evaluator,
    function: Extremum | NonlinearFunction,
    arguments: list[Polynomial | FloatArray] | list[Polynomial],
    node: Node,
    frame: Frame,
) -> Polynomial:
    """Record a function of listed arguments and return its columns."""
    body, owner = interleaved(arguments, frame.size)
    return _recorded(evaluator, function, body, owner, node, frame)


def _recorded(
    evaluator: Evaluator,
    function: Extremum | NonlinearFunction,
    arguments: Polynomial,
    owner: IntArray,
    node: Node,
    frame: Frame,
) -> Polynomial:
    text = " ".join(evaluator.expression.quote(node).split()) or function
    columns = evaluator.context.definitions.add(function, arguments, owner, frame, text, node.span)
    frame.known_positions["defined", node] = columns
    return column_polynomial(columns)
