"""Reads large objects whose keys name elements, `{"a,b": 5}`, without a look at each key in Python.

What is not understood here is left to the reader of single keys, which says what is wrong with it.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from itertools import product, repeat
from typing import Any

import numpy as np

from nl2opt.formulation.evaluation.elements import IntArray, SetTable


def values_in_order(value: Mapping[Any, Any], tables: Sequence[SetTable]) -> list[Any] | None:
    """Return the values of an object whose joined keys are those of the product of sets, all of them and in order.

    Returns:
        `None` when they are not, or when they are not joined, because there is only one index.
    """
    size = 1
    for table in tables:
        size *= table.size
    if len(value) != size or sum(table.arity for table in tables) < 2:
        return None
    for table in tables:
        table.give_codes()
    texts = list(map(str, tables[0].universe.elements))
    if "," in "".join(texts):  # two elements may look like three
        return None
    keys = _joined_keys(tables, texts)
    return list(value.values()) if all(map(operator.eq, value, keys)) else None


def _joined_keys(tables: Sequence[SetTable], texts: Sequence[str]) -> Iterator[str]:
    """Yield the key of each entry of the product of sets; one at a time, since together they take much memory."""
    text_of = np.array([*texts, ""], object)  # never empty
    keys = [map(",".join, zip(*(text_of[column] for column in table.columns), strict=True)) for table in tables]
    return keys[0] if len(keys) == 1 else map(",".join, product(*keys))


def positions_of_keys(value: Mapping[Any, Any], tables: Sequence[SetTable]) -> IntArray | None:
    """Return the place of each key of an object in the product of sets (k,), whatever their order.

    Args:
        value: keys are elements, or elements joined by commas.
        tables: the sets.

    Returns:
        `None` when a key is not a text of so many elements, each of its set.
    """
    arity = sum(table.arity for table in tables)
    if not value or set(map(type, value)) != {str}:
        return None
    if arity == 1:
        parts: list[str] = list(value)
    elif set(map(str.count, value, repeat(","))) == {arity - 1}:
        parts = ",".join(value).split(",")
    else:
        return None
    codes = _codes(parts, tables)
    if codes is None:
        codes = _codes(list(map(str.strip, parts)), tables)
    if codes is None:
        return None
    columns = list(codes.reshape(-1, arity).T)
    flat = np.zeros(len(value), np.int64)
    for table in tables:
        places = table.positions([np.ascontiguousarray(column) for column in columns[: table.arity]])
        del columns[: table.arity]
        if places.min(initial=0) < 0:
            return None
        flat = flat * table.size + places
    return flat


def _codes(parts: list[str], tables: Sequence[SetTable]) -> IntArray | None:
    """Return the codes of elements given as texts; `None` where one is unknown, or a text and a number look alike."""
    for table in tables:
        table.give_codes()
    elements = tables[0].universe.elements
    code_of = dict(zip(map(str, elements), range(len(elements)), strict=True))
    if len(code_of) < len(elements):
        return None
    try:
        return np.fromiter(map(code_of.__getitem__, parts), np.int64, len(parts))
    except KeyError:
        return None
