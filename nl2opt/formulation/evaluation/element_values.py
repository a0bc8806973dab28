"""Reads nodes as elements of sets: literals, tuples, `first(T)`, loop variables, whole numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation.elements import MAX_INTEGER, Element, Elements, SetTable
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.evaluation.spread import Repeated, Spread, taken
from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.syntax import ORDERED, Call, Name, Node, Number, Text, walk
from nl2opt.formulation.language.syntax import Sequence as SequenceNode

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator


def literal_elements(evaluator: Evaluator, node: Text | Number, frame: Frame) -> Elements:
    """Return a text, as the same element in every row."""
    value = literal_element(node)
    if value is None:
        raise evaluator.fail(node, "element", f"`{evaluator.expression.quote(node)}` cannot be an element of a set")
    code = evaluator.context.universe.intern([value])
    table = SetTable("", evaluator.context.universe, (code,))
    return Elements(table, taken(np.zeros(1, np.int64), Repeated(1, frame.size)))


def element_of(evaluator: Evaluator, node: Node, frame: Frame) -> Elements:
    """Return the value of a node as elements of sets."""
    if isinstance(node, Text | Number):
        return literal_elements(evaluator, node, frame)
    if isinstance(node, SequenceNode):
        return _tuple_element(evaluator, node, frame)
    if isinstance(node, Name):
        return _computed_element(evaluator, node, frame)
    return _of_one_loop(evaluator, node, frame) or _computed_element(evaluator, node, frame)


def _of_one_loop(evaluator: Evaluator, node: Node, frame: Frame) -> Elements | None:
    """Return an index such as `t - 1` that depends on one loop of a product, computed once for each of its elements.

    Returns:
        `None` when it depends on more, or has no value: it is then computed, or said, for each row.
    """
    named = {part.name for part in walk(node) if isinstance(part, Name)} & frame.variables.keys()
    loops = {id(elements.places): elements.places for elements in map(frame.variables.__getitem__, named)}
    places = next(iter(loops.values())) if loops else Spread(range(1), 1, frame.size)
    if len(loops) > 1 or not isinstance(places, Spread) or not frame.size:
        return None
    once = Spread(places.entries)
    loop = {name: replace(frame.variables[name], places=once) for name in named}
    try:
        found = _computed_element(evaluator, node, Frame(len(places.entries), loop))
    except ExpressionError:
        return None
    return Elements(found.table, places.of(found.positions), found.component)


def _computed_element(evaluator: Evaluator, node: Node, frame: Frame) -> Elements:
    """Return a loop variable, an element beside another one, or a whole number, as elements of sets."""
    if isinstance(node, Call) and node.function in ORDERED and node.function != "ord":
        return evaluator.ordered_element(node, frame)
    value = evaluator.value(node, frame)
    if isinstance(value, Elements):
        return value
    if isinstance(value, Polynomial):
        raise evaluator.fail(node, "variable_as_index", "a decision variable cannot be an index")
    numbers = np.broadcast_to(evaluator.as_number(node, value, frame), (frame.size,))
    if not np.array_equal(numbers, np.round(numbers)):
        row = int(np.argmax(numbers != np.round(numbers)))
        raise evaluator.fail(
            node,
            "fractional_index",
            f"the index {numbers[row]:g} is not a whole number",
            frame=frame,
            row=row,
        )
    distinct, positions = np.unique(numbers, return_inverse=True)
    if np.abs(distinct).max(initial=0) > MAX_INTEGER:
        raise evaluator.fail(node, "element", "the number is too large to be an element of a set")
    codes = evaluator.context.universe.intern([int(number) for number in distinct])
    return Elements(SetTable("", evaluator.context.universe, (codes,)), positions.astype(np.int64))


def _tuple_element(evaluator: Evaluator, node: SequenceNode, frame: Frame) -> Elements:
    """Return a written-out tuple as elements."""
    if not node.items:
        raise evaluator.fail(node, "element", "an empty tuple cannot be an element of a set")
    columns = [codes for item in node.items for codes in element_of(evaluator, item, frame).codes()]
    return Elements(SetTable("", evaluator.context.universe, tuple(columns)), np.arange(frame.size))


def literal_element(node: Node) -> Element | None:
    """Return the element that a literal names; `None` for other nodes."""
    match node:
        case Text():
            return node.value
        case Number() if node.value == int(node.value) and abs(node.value) <= MAX_INTEGER:
            return int(node.value)
        case _:
            return None
