"""Runs over mappings `{(i, j): ... for i in I for j in J}`: a value for each element of a product of sets."""

from __future__ import annotations

import numpy as np

from nl2opt.formulation.evaluation.clauses import expand
from nl2opt.formulation.evaluation.element_values import element_of
from nl2opt.formulation.evaluation.elements import IntArray, SetTable
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import Frame, root_frame
from nl2opt.formulation.evaluation.set_values import first_repeated
from nl2opt.formulation.language.parser import ExpressionError
from nl2opt.formulation.language.syntax import Comprehension
from nl2opt.formulation.language.syntax import Sequence as SequenceNode
from nl2opt.formulation.values.keyed import entry_text


def run_over_keys(
    evaluator: Evaluator, mapping: Comprehension, dimensions: tuple[SetTable, ...]
) -> tuple[Frame, IntArray]:
    """Run over the clauses of a mapping.

    Args:
        evaluator: of the expression.
        mapping: with a key.
        dimensions: the sets that the keys are elements of.

    Returns:
        The frame, and for each of its rows the position of its key in the product of the sets.

    Raises:
        ExpressionError: a key is not in its set, has another number of parts, or stands twice.
    """
    assert mapping.key is not None
    text = evaluator.expression.text
    frame, _ = expand(evaluator, root_frame(), mapping.clauses)
    keys = mapping.key.items if isinstance(mapping.key, SequenceNode) else (mapping.key,)
    elements = [element_of(evaluator, key, frame) for key in keys]
    given, wanted = sum(e.arity for e in elements), sum(table.arity for table in dimensions)
    if given != wanted:
        sets = ", ".join(table.name for table in dimensions)
        raise ExpressionError("key", f"the key has {given} parts, the index ({sets}) has {wanted}", text=text)
    flat = np.zeros(frame.size, np.int64)
    codes = [column for e in elements for column in e.codes()]
    for table in dimensions:
        place = table.positions(codes[: table.arity])
        del codes[: table.arity]
        if place.min(initial=0) < 0:
            row = int(np.argmax(place < 0))
            raise ExpressionError("unknown_key", f"a key is not in the set `{table.name}`", where=frame.describe(row))
        flat = flat * table.size + place
    _refuse_repeated(frame, flat, dimensions)
    return frame, flat


def _refuse_repeated(frame: Frame, flat: IntArray, dimensions: tuple[SetTable, ...]) -> None:
    """Refuse a mapping that gives two values for one key, of which Python would take the last."""
    if np.all(flat[1:] > flat[:-1]):
        return
    twice = first_repeated((flat,))
    if twice is not None:
        message = f"the mapping gives two values for {entry_text(dimensions, int(flat[twice]))}"
        raise ExpressionError("repeated_key", message, where=frame.describe(twice))
