"""The order of sets: `first(S)`, `last(S)`, `prev(S, t)`, `next(S, t)` and `ord(S, t)`, which counts from 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation.element_values import element_of
from nl2opt.formulation.evaluation.elements import Elements, FloatArray, IntArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.set_values import Spans, depends_on_row, refuse_arity, set_of, spans
from nl2opt.formulation.language.syntax import Call

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator


def ordered_element(evaluator: Evaluator, node: Call, frame: Frame) -> Elements:
    """Return the element that `first`, `last`, `prev` or `next` names in each row of a frame."""
    if node.function in ("prev", "next"):
        return _neighbour(evaluator, node, frame)
    if len(node.arguments) != 1:
        raise evaluator.fail(node, "arguments", f"`{node.function}` takes one set")
    found = spans(evaluator, node.arguments[0], frame)
    empty = found.begin == found.end
    if empty.any():
        raise evaluator.fail(node, "empty_set", "the set is empty", frame=frame, row=int(np.argmax(empty)))
    return Elements(found.table, found.begin if node.function == "first" else found.end - 1)


def ordinal(evaluator: Evaluator, node: Call, frame: Frame) -> FloatArray:
    """Return where in a set an element stands, counted from 1, for each row of a frame."""
    found = spans(evaluator, node.arguments[0], frame)
    place = _place(evaluator, node, found, frame)
    return np.asarray(place - found.begin + 1, np.float64)


def size_of_set(evaluator: Evaluator, node: Call, frame: Frame) -> FloatArray:
    """Return how many elements a set has (n,), or () when all rows share it."""
    if len(node.arguments) != 1:
        raise evaluator.fail(node, "arguments", "`len` takes one set")
    if not depends_on_row(node.arguments[0], frame):
        return np.asarray(float(set_of(evaluator, node.arguments[0]).size))
    found = spans(evaluator, node.arguments[0], frame)
    return np.asarray(found.end - found.begin, np.float64)


def _neighbour(evaluator: Evaluator, node: Call, frame: Frame) -> Elements:
    """Return the element some steps before or after another one."""
    found = spans(evaluator, node.arguments[0], frame)
    place = _place(evaluator, node, found, frame)
    steps = _steps(evaluator, node, frame)
    target = place - steps if node.function == "prev" else place + steps
    if node.cyclic:
        return Elements(found.table, found.begin + (target - found.begin) % np.maximum(found.end - found.begin, 1))
    outside = (target < found.begin) | (target >= found.end)
    if outside.any():
        row = int(np.argmax(outside))
        set_text, element_text = (evaluator.expression.quote(part) for part in node.arguments[:2])
        back = (node.function == "prev") == (steps[row] > 0)
        side, end = ("before", "first") if back else ("after", "last")
        label = found.table.label(int(place[row]))
        call = evaluator.expression.quote(node).removesuffix(")").rstrip()
        raise evaluator.fail(
            node,
            "no_neighbour",
            f"there is no element {abs(int(steps[row]))} {side} {label!r} in `{set_text}`",
            frame=frame,
            row=row,
            mend=f"Exclude this case with a filter, as in `if {element_text} != {end}({set_text})`, "
            f"or write `{call}, cyclic=True)`.",
        )
    return Elements(found.table, target)


def _place(evaluator: Evaluator, node: Call, found: Spans, frame: Frame) -> IntArray:
    """Return the position of the element that stands as second argument; it must be in the set."""
    set_node, element_node = node.arguments[:2]
    element = element_of(evaluator, element_node, frame)
    refuse_arity(evaluator, element, set_node, found.table, quoted=element_node)
    place = np.broadcast_to(found.place(element), (frame.size,))
    outside = place < 0
    if outside.any():
        row = int(np.argmax(outside))
        inside = [found.table.label(at) for at in range(int(found.begin[row]), int(found.end[row]))[:6]]
        more = ", ..." if found.end[row] - found.begin[row] > len(inside) else ""
        listed = ", ".join(map(repr, inside)) + more or "which is empty"
        message = f"{element.label(row)!r} is not in the set `{evaluator.expression.quote(set_node)}` ({listed})"
        raise evaluator.fail(node, "index_out_of_set", message, frame=frame, row=row)
    return place


def _steps(evaluator: Evaluator, node: Call, frame: Frame) -> IntArray:
    """Return the number of steps (n,); 1 where none is given."""
    if len(node.arguments) == 2:
        return np.ones(frame.size, np.int64)
    steps = np.broadcast_to(evaluator.number(node.arguments[2], frame), (frame.size,))
    broken = (steps != np.round(steps)) | (np.abs(steps) > np.iinfo(np.int32).max)
    if broken.any():
        row = int(np.argmax(broken))
        message = f"the number of steps {steps[row]:g} is not a whole number"
        if steps[row] == np.round(steps[row]):
            message = f"{steps[row]:g} steps are too many"
        raise evaluator.fail(node, "arguments", message, frame=frame, row=row)
    return steps.astype(np.int64)
