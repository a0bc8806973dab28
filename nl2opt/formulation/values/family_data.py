"""Turns the elements of a set family into a table: an object or list of lists, or a mapping."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.evaluation.elements import IntArray, SetTable
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.family import FamilyTable
from nl2opt.formulation.evaluation.set_values import first_repeated, guard_elements
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Comprehension
from nl2opt.formulation.schema import Set
from nl2opt.formulation.values.keyed import Keys, entry_text, fill, fill_joined, short
from nl2opt.formulation.values.mapping import run_over_keys
from nl2opt.formulation.values.tables import element_columns


def family_table(declared: Set, context: Context) -> FamilyTable:
    """Return the table of a declared set family.

    Raises:
        ExpressionError: a set is missing, a key is unknown, an element is none or stands twice in a set, or the
            expression has no value.
    """
    dimensions = tuple(context.sets[name] for name in declared.index)
    size = math.prod(table.size for table in dimensions)
    guard_elements(size, context)
    if isinstance(declared.elements, str):
        owners, members = _computed(declared.elements, dimensions, context)
    else:
        owners, members = _stated(declared.elements, dimensions, context)
    guard_elements(len(owners.of_member), context)
    missing = np.flatnonzero(np.bincount(owners.given, minlength=size) == 0)
    if len(missing):
        where = entry_text(dimensions, int(missing[0]))
        message = f"{len(missing)} of {size} sets are missing, the first is the one for {where}"
        raise ExpressionError("missing_key", message, mend="Give it; an empty set is written `[]`.")
    order = np.argsort(owners.of_member, kind="stable")
    table = SetTable(declared.name, context.universe, tuple(column[order] for column in members))
    counts = np.bincount(owners.of_member, minlength=size)
    return FamilyTable(declared.name, dimensions, table, np.concatenate(([0], np.cumsum(counts))).astype(np.int64))


@dataclass(frozen=True, slots=True)
class _Owners:
    """Positions in the product of the index sets: of each set that is given, and of each member."""

    given: IntArray
    of_member: IntArray


def _computed(text: str, dimensions: tuple[SetTable, ...], context: Context) -> tuple[_Owners, tuple[IntArray, ...]]:
    """Evaluate a mapping whose values are sets."""
    expression = parse_expression(text)
    evaluator = Evaluator(context, expression)
    root = expression.root
    if not isinstance(root, Comprehension) or root.key is None:
        message = "the elements of a family of sets are an object or a mapping"
        mend = "Write `{i: [... for j in ...] for i in " + dimensions[0].name + "}`."
        raise ExpressionError("needs_mapping", message, text=text, mend=mend)
    frame, flat = run_over_keys(evaluator, root, dimensions)
    found = evaluator.members(root.body, frame)
    return _Owners(flat, flat[found.rows]), found.codes()


@dataclass(frozen=True, slots=True)
class _Lists:
    """The stated sets in the order in which they were met, each with its owner and its keys."""

    owners: list[int] = field(default_factory=list)
    lists: list[list[Any]] = field(default_factory=list)

    def put(self, flat: int, item: Any, where: str) -> None:
        """Take a set."""
        if not isinstance(item, list | tuple):
            mend = "Write `[...]`, also around a single element."
            raise ExpressionError("not_a_set", f"{short(item)} is not a list of elements", where=where, mend=mend)
        self.owners.append(flat)
        self.lists.append(list(item))


def _stated(value: Any, dimensions: tuple[SetTable, ...], context: Context) -> tuple[_Owners, tuple[IntArray, ...]]:
    """Read nested lists or objects, or an object with joined keys, whose entries are lists of elements."""
    sink = _Lists()
    keys = [Keys(table) for table in dimensions]
    arity = sum(table.arity for table in dimensions)
    is_joined = isinstance(value, Mapping) and all(
        isinstance(item, list | tuple) and len(keys[0].split(key, arity)) == arity for key, item in value.items()
    )
    if arity > 1 and is_joined:
        fill_joined(sink, value, dimensions)
    else:
        fill(sink, value, keys, 0, "")
    given = np.array(sink.owners, np.int64)
    elements = [element for members in sink.lists for element in members]
    of_member = np.repeat(given, [len(members) for members in sink.lists])
    try:
        columns = element_columns(elements, context.universe)
    except ExpressionError:
        _raise_at_owner(sink, elements[0], dimensions, context)
        raise
    twice = first_repeated((given,))
    if twice is not None:
        where = entry_text(dimensions, int(given[twice]))
        raise ExpressionError("repeated_key", "two keys name the same element", where=where)
    twice = first_repeated((of_member, *columns))
    if twice is not None:
        where, label = (
            entry_text(dimensions, int(of_member[twice])),
            repr(tuple(elements[twice]) if isinstance(elements[twice], list) else elements[twice]),
        )
        message = f"the element {label} stands twice"
        raise ExpressionError("repeated_element", message, where=where, mend="Leave one out.")
    return _Owners(given, of_member), columns


def _raise_at_owner(sink: _Lists, first: Any, dimensions: tuple[SetTable, ...], context: Context) -> None:
    """Raise the error of the first list with a fault, with its keys."""
    for owner, members in zip(sink.owners, sink.lists, strict=True):
        try:
            element_columns([first, *members], context.universe)
        except ExpressionError as error:
            error.where = entry_text(dimensions, owner)
            raise
