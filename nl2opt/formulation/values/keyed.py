"""Reads nested lists and objects by their keys: JSON's texts, also where the elements of the sets are numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from nl2opt.formulation.evaluation.elements import SetTable, integer_of
from nl2opt.formulation.findings import did_you_mean
from nl2opt.formulation.language.parser import ExpressionError


class Sink(Protocol):
    """Takes what stands in a table, entry by entry."""

    def put(self, flat: int, item: Any, where: str) -> None:
        """Take an entry.

        Args:
            flat: position in the product of the sets.
            item: what stands there.
            where: its keys, for messages.
        """


class Keys:
    """Positions of a set's elements by the keys of JSON, which are texts even where elements are numbers."""

    def __init__(self, table: SetTable) -> None:
        self.table = table
        labels = [label if isinstance(label, tuple) else (label,) for label in table.labels()]
        self.place_of = {label: place for place, label in enumerate(labels)}
        self.components = [set(column) for column in zip(*labels, strict=True)]

    def split(self, key: object, wanted: int) -> list[Any]:
        """Split a key into elements: a list, `"a,b"` or `"(a, b)"`; a key of one part may hold commas."""
        if isinstance(key, tuple | list):
            return list(key)
        if wanted == 1 or not isinstance(key, str):
            return [key]
        text = key.strip()
        if text.startswith("["):
            parts = _listed(text)
            if parts is not None:
                return parts
        if text[:1] + text[-1:] in ("()", "[]"):
            text = text[1:-1]
        return [part.strip().strip("'\"") for part in text.split(",")]

    def is_component(self, key: object, parts: Sequence[Any], place: int) -> bool:
        """Whether a key with commas in it is one component of an element, and no whole element."""
        return len(parts) > place + 1 and key in self.components[place] and tuple(parts) not in self.place_of

    def place(self, parts: Sequence[Any], key: object) -> int:
        """Return the position of the element whose components are `parts`."""
        place = self.place_of.get(tuple(parts))
        if place is None:
            place = self.place_of.get(tuple(map(self._read, self.components, parts)))
        if place is None:
            known = [",".join(map(str, label)) for label in list(self.place_of)[:1000]]
            raise ExpressionError(
                "unknown_key",
                f"the key {short(key)} is not in the set `{self.table.name}`",
                text=str(key),
                mend=did_you_mean(str(key), known),
            )
        return place

    @staticmethod
    def _read(component: set[Any], part: Any) -> Any:
        if not isinstance(part, str) or part in component:
            return part
        text = part.strip()
        number = integer_of(text)
        return number if number is not None and number in component else text


def fill_joined(sink: Sink, value: Mapping[Any, Any], dimensions: tuple[SetTable, ...]) -> None:
    """Read an object whose keys name all indices at once: `"a,b"`."""
    arity = sum(table.arity for table in dimensions)
    keys = [Keys(table) for table in dimensions]
    for key, item in value.items():
        parts = keys[0].split(key, arity)
        if len(parts) != arity:
            raise ExpressionError(
                "key",
                f"the key {short(key)} has {len(parts)} parts, there are {arity} indices",
                text=str(key),
                mend=_mend_key(keys),
            )
        flat = 0
        for one in keys:
            group, parts = parts[: one.table.arity], parts[one.table.arity :]
            flat = flat * one.table.size + one.place(group, key)
        sink.put(flat, item, f"key {short(key)}")


def _listed(text: str) -> list[Any] | None:
    """Return the elements that a JSON list in a key names; `None` when it names none."""
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_key = isinstance(parts, list) and all(isinstance(part, str | int) for part in parts)
    return parts if is_key else None


def _mend_key(keys: Sequence[Keys]) -> str:
    """Say how a key of several parts is written."""
    with_comma = any("," in str(part) for one in keys for component in one.components for part in component)
    if with_comma:
        return 'An element holds a comma, so write the key as a list: `["a", "b, c"]`.'
    return 'Join the elements by a comma, as in `"a,b"`, or nest the objects.'


def fill(sink: Sink, value: Any, keys: Sequence[Keys], offset: int, where: str, begun: tuple[Any, ...] = ()) -> None:
    """Read nested lists and objects, one level for each set, or for each component of a set of tuples.

    Args:
        sink: where the entries go.
        value: what stands at this level.
        keys: of the sets that are still to come.
        offset: position in the product of the sets so far.
        where: the keys so far, for messages.
        begun: components of an element of the first set that outer levels gave.
    """
    if not keys:
        sink.put(offset, value, where)
        return
    first, rest = keys[0], keys[1:]
    table = first.table
    if isinstance(value, Mapping):
        for key, item in value.items():
            parts = (*begun, *first.split(key, table.arity - len(begun)))
            if isinstance(item, Mapping) and first.is_component(key, parts, len(begun)):
                parts = (*begun, key)
            deeper = f"{where}, {table.name} = {key!r}" if where else f"{table.name} = {key!r}"
            if len(parts) == table.arity:
                fill(sink, item, rest, offset * table.size + first.place(parts, key), deeper)
            elif len(parts) < table.arity and isinstance(item, Mapping):
                fill(sink, item, keys, offset, deeper, parts)
            else:
                message = f"the key {short(key)} does not name an element of `{table.name}`, of {table.arity} parts"
                raise ExpressionError("key", message, text=str(key), where=where)
    elif isinstance(value, list | tuple | np.ndarray) and not begun:
        if len(value) != table.size:
            raise ExpressionError(
                "length",
                f"the list has {len(value)} entries, the set `{table.name}` has {table.size} elements",
                text=short(value),
                where=where,
                mend="Give one entry for each element, in the order of the set.",
            )
        for place, item in enumerate(value):
            label = f"{table.name} = {table.label(place)!r}"
            deeper = f"{where}, {label}" if where else label
            fill(sink, item, rest, offset * table.size + place, deeper)
    else:
        raise ExpressionError(
            "not_a_table",
            f"{short(value)} stands where values for each element of `{table.name}` are expected",
            where=where,
            mend="Give an object with one entry for each element.",
        )


def entry_text(dimensions: Sequence[SetTable], flat: int) -> str:
    """Say which entry of a table is meant: `ITEM = 'chair', T = 3`."""
    labels = []
    for table in reversed(dimensions):
        flat, place = divmod(flat, table.size)
        labels.append(f"{table.name} = {table.label(place)!r}")
    return ", ".join(reversed(labels))


def short(value: object) -> str:
    """Return a value as JSON writes it, cut when it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (RecursionError, ValueError, TypeError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."
