"""Piecewise linear functions of decision variables: `piecewise(x, [(0, 0), (10, 25), (30, 45)])`.

A continuous piecewise linear function is its first piece plus, at each point where the slope changes, the change
times how far the argument is beyond the point: `max(0, x - point)` (Williams, Model Building in Mathematical
Programming, 5th ed. 2013, section 7.4, in the form of a sum of hinges). So it is written in terms of maxima,
which `reformulation` makes exact: by rows alone where convexity allows it, with binaries elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation import polynomial
from nl2opt.formulation.evaluation.clauses import expand
from nl2opt.formulation.evaluation.constructs import RangeDemand
from nl2opt.formulation.evaluation.definitions import column_polynomial, interleaved
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.evaluation.spread import rows_written_out
from nl2opt.formulation.language.syntax import Call, Comprehension, Node, Sequence

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator

_WRITTEN = "Write `piecewise(x, [(0, 0), (10, 25), (30, 45)])`."


def piecewise(evaluator: Evaluator, node: Call, frame: Frame) -> Polynomial | FloatArray:
    """Evaluate a piecewise linear function.

    The argument must lie within the points; see `RangeDemand`. Of known numbers it is a known number.
    """
    if len(node.arguments) != 2:
        message = "`piecewise` takes an argument and a list of points"
        raise evaluator.fail(node, "arguments", message, mend=_WRITTEN)
    argument, listed = node.arguments
    at, values = _points(evaluator, node, listed, frame)
    steps = np.diff(at, axis=1)
    if (steps <= 0).any():
        row = int(np.argmax((steps <= 0).any(axis=1)))
        message = "the points of `piecewise` must ascend: each begins where the one before ends"
        raise evaluator.fail(listed, "points", message, frame=frame, row=row)
    slopes = np.diff(values, axis=1) / steps
    body = evaluator.value(argument, frame)
    if not isinstance(body, Polynomial):
        numbers = np.broadcast_to(evaluator.as_number(argument, body, frame), (frame.size,))
        return _of_numbers(evaluator, argument, numbers, at, values, frame)
    text = evaluator.expression.quote(argument)
    element = evaluator.context.definitions.element
    evaluator.context.constructs.ranges.append(RangeDemand(element, text, body, frame, at[:, 0], at[:, -1]))
    parts: list[Polynomial | FloatArray] = [body.scaled(slopes[:, 0]), values[:, 0] - slopes[:, 0] * at[:, 0]]
    for place in range(1, slopes.shape[1]):
        change = slopes[:, place] - slopes[:, place - 1]
        if change.any():
            parts.append(_hinge(evaluator, node, body, at[:, place], frame).scaled(change))
    return polynomial.add(parts)


def _hinge(evaluator: Evaluator, node: Call, body: Polynomial, point: FloatArray, frame: Frame) -> Polynomial:
    """Return how far an argument is beyond a point: `max(0, x - point)`."""
    beyond = polynomial.add([body, -point])
    arguments, owner = interleaved([np.zeros(frame.size), beyond], frame.size)
    text = " ".join(evaluator.expression.quote(node).split())
    columns = evaluator.context.definitions.add("max", arguments, owner, frame, text, node.span)
    return column_polynomial(columns)


def _points(evaluator: Evaluator, node: Call, listed: Node, frame: Frame) -> tuple[FloatArray, FloatArray]:
    """Return where the points are and the values there, each (n, k) for the n rows of the frame."""
    if isinstance(listed, Sequence):
        pairs = [_pair(evaluator, item) for item in listed.items]
        if len(pairs) < 2:
            raise evaluator.fail(listed, "points", "`piecewise` needs at least two points", mend=_WRITTEN)
        at, values = (
            np.stack([np.broadcast_to(evaluator.number(pair.items[side], frame), (frame.size,)) for pair in pairs], 1)
            for side in (0, 1)
        )
        return at, values
    if not isinstance(listed, Comprehension) or listed.key is not None:
        raise evaluator.fail(listed, "points", "`piecewise` needs a list of points", mend=_WRITTEN)
    pair = _pair(evaluator, listed.body)
    inner, outer = expand(evaluator, frame, listed.clauses, listed.body)
    counts = np.bincount(rows_written_out(outer), minlength=frame.size)
    if frame.size and (counts.min() < 2 or counts.min() != counts.max()):
        row = int(np.argmax(counts < 2)) if counts.min() < 2 else int(np.argmax(counts != counts[0]))
        message = f"`piecewise` needs at least two points, and equally many everywhere; here it has {counts[row]}"
        raise evaluator.fail(listed, "points", message, frame=frame, row=row)
    shape = (frame.size, -1) if frame.size else (0, 2)
    at, values = (np.broadcast_to(evaluator.number(item, inner), (inner.size,)).reshape(shape) for item in pair.items)
    return at, values


def _pair(evaluator: Evaluator, node: Node) -> Sequence:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        raise evaluator.fail(node, "points", "a point is a pair of numbers: where, and the value there", mend=_WRITTEN)
    return node


def _of_numbers(
    evaluator: Evaluator, node: Node, numbers: FloatArray, at: FloatArray, values: FloatArray, frame: Frame
) -> FloatArray:
    outside = (numbers < at[:, 0]) | (numbers > at[:, -1])
    if outside.any():
        row = int(np.argmax(outside))
        message = f"{numbers[row]:g} lies outside the points, which run from {at[row, 0]:g} to {at[row, -1]:g}"
        raise evaluator.fail(node, "outside_points", message, frame=frame, row=row)
    found = [np.interp(number, xs, ys) for number, xs, ys in zip(numbers, at, values, strict=True)]
    return np.array(found, np.float64)
