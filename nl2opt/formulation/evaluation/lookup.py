"""Looks up what names and indices mean: numbers of parameters, columns of variables, places in sets."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from nl2opt.formulation.evaluation.context import ParameterTable, VariableTable
from nl2opt.formulation.evaluation.element_values import element_of
from nl2opt.formulation.evaluation.elements import MISSING, Elements, FloatArray, IntArray, SetTable
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Polynomial, Terms
from nl2opt.formulation.evaluation.spread import Places, Spread, distinct_part, place_in_product, written_out
from nl2opt.formulation.findings import MAX_COMPARED_CHARACTERS
from nl2opt.formulation.language.syntax import Index, Name

if TYPE_CHECKING:
    from nl2opt.formulation.evaluation.evaluate import Evaluator, Value


def named(evaluator: Evaluator, node: Name, frame: Frame) -> Value:
    """Return what a bare name means: a loop variable, or a scalar parameter or variable."""
    if node.name in frame.variables:
        return frame.variables[node.name]
    if node.name in evaluator.context.parameters or node.name in evaluator.context.variables:
        return entries(evaluator, Index(node.name, (), node.span), frame)
    raise evaluator.fail(node, "not_a_number", f"`{node.name}` is not a number")


def entries(evaluator: Evaluator, node: Index, frame: Frame) -> Value:
    """Return the entries of a parameter, or the columns of a variable."""
    parameter = evaluator.context.parameters.get(node.name)
    if parameter is not None:
        if not parameter.dimensions:
            return np.asarray(parameter.values[0])
        return _numbers(parameter, _positions(evaluator, node, parameter.dimensions, frame))
    variable = evaluator.context.variables.get(node.name)
    if variable is None:
        raise evaluator.fail(node, "not_a_number", f"`{node.name}` is not a parameter or variable")
    if not variable.dimensions:
        columns: ColumnArray = np.full(frame.size, variable.offset, np.int32)
    else:
        columns = _columns(variable, _positions(evaluator, node, variable.dimensions, frame))
    return Polynomial(np.asarray(0.0), (Terms(None, (columns,), np.asarray(1.0)),))


def _numbers(parameter: ParameterTable, flat: Places) -> FloatArray:
    """Return the numbers of a parameter at flat positions (n,)."""
    if not isinstance(flat, Spread):
        return parameter.at(flat)
    if isinstance(flat.entries, range) and parameter.keys is None:
        # Beside the first element of another set the positions are only the beginning of the table.
        return written_out(flat.of(parameter.values[: len(flat.entries)]))
    return written_out(flat.of(parameter.at(flat.base)))


def _columns(variable: VariableTable, flat: Places) -> ColumnArray:
    """Return the columns of a variable at flat positions (n,)."""
    if not isinstance(flat, Spread):
        return np.add(flat, variable.offset, dtype=np.int32, casting="unsafe")
    if isinstance(flat.entries, range):
        return written_out(flat.of(np.arange(variable.offset, variable.offset + len(flat.entries), dtype=np.int32)))
    return written_out(flat.of(np.add(flat.entries, variable.offset, dtype=np.int32, casting="unsafe")))


def flat_positions(evaluator: Evaluator, node: Index, dimensions: tuple[SetTable, ...], frame: Frame) -> IntArray:
    """Return the flat positions (n,) that the indices of a node name in a product of sets, written out."""
    return written_out(_positions(evaluator, node, dimensions, frame))


def _positions(evaluator: Evaluator, node: Index, dimensions: tuple[SetTable, ...], frame: Frame) -> Places:
    """Return the flat positions (n,) that the indices of a node name in a product of sets."""
    key = (tuple(id(table) for table in dimensions), node.indices)
    known = frame.known_positions.get(key)
    if known is not None:
        return known
    indices = [part for index in node.indices for part in element_of(evaluator, index, frame).components()]
    wanted, given = sum(table.arity for table in dimensions), len(indices)
    if wanted != given:
        sets = ", ".join(table.name for table in dimensions)
        raise evaluator.fail(node, "arity", f"`{node.name}` has {wanted} indices ({sets}), not {given}")
    flat: Places | None = None
    taken = 0
    for table in dimensions:
        group = indices[taken : taken + table.arity]
        taken += table.arity
        place = places(table, group)
        if place is not group[0].places and distinct_part(place).min(initial=0) < 0:
            _refuse_missing(evaluator, node, table, group, written_out(place), frame)
        flat = place if flat is None else place_in_product(flat, table.size, place)
    assert flat is not None
    frame.known_positions[key] = flat
    return flat


def places(table: SetTable, group: Sequence[Elements]) -> Places:
    """Return the positions (n,) of elements in a set; `MISSING` for those that are not in it."""
    first = group[0]
    if first.table is table and (first.component is None or _is_whole(table, group)):
        return first.places
    if len(group) == 1 and first.arity == 1:
        # Looked up once for each element of the small set, then spread over the rows.
        column = first.table.columns[first.component or 0]
        found = _lenient(table, first, table.positions((column,)))
        return first.places.of(found[first.places.base]) if isinstance(first.places, Spread) else found[first.places]
    return table.positions(tuple(codes for element in group for codes in element.codes()))


def _is_whole(table: SetTable, group: Sequence[Elements]) -> bool:
    """Whether components stand for the tuples that they were unpacked from."""
    return len(group) == table.arity and all(
        element.table is table and element.component == place and element.places is group[0].places
        for place, element in enumerate(group)
    )


def _lenient(table: SetTable, elements: Elements, places: IntArray) -> IntArray:
    """Let a literal `'1'` name the number 1, and `1` the text "1", where only one of them is in the set."""
    if elements.table.name or elements.table.size != 1 or places[0] != MISSING:
        return places
    element = elements.table.label(0)
    code = table.universe.find_other_kind(element)
    return table.positions((np.array([code]),)) if code != MISSING else places


def _nearest(group: Sequence[Elements], table: SetTable, row: int) -> str:
    """Say which element of the set a misspelt text is nearest to; empty when it is near to none."""
    label = group[0].label(row)
    if len(group) != 1 or not isinstance(label, str):
        return ""
    known = [other for other in table.labels()[:1000] if isinstance(other, str)]
    near = get_close_matches(label, known, n=1, cutoff=0.6) if len(label) <= MAX_COMPARED_CHARACTERS else []
    return f"Did you mean `{near[0]}`?" if near else ""


def _refuse_missing(
    evaluator: Evaluator, node: Index, table: SetTable, group: Sequence[Elements], places: IntArray, frame: Frame
) -> None:
    """Raise the error for an index that is not in its set."""
    row = int(np.argmax(places < 0))
    labels = ", ".join(repr(element.label(row)) for element in group)
    members = ", ".join(repr(label) for label in table.labels()[:6]) + (", ..." if table.size > 6 else "")
    raise evaluator.fail(
        node,
        "index_out_of_set",
        f"{labels} is not in the set `{table.name}` ({members or 'which is empty'})",
        frame=frame,
        row=row,
        mend=_nearest(group, table, row)
        or "Use an element of the set, or exclude this case with a filter, as in `for t in T if t > first(T)`.",
    )
