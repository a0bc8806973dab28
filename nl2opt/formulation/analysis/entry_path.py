"""Where an entry of a parameter stands in what was written: as a number, in lists, under keys or joined keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nl2opt.formulation.editing.paths import join_path
from nl2opt.formulation.evaluation.elements import SetTable
from nl2opt.formulation.schema import Change, Parameter


def entry_change(parameter: Parameter, dimensions: Sequence[SetTable], flat: int, value: int | float) -> Change | None:
    """Return the change that gives an entry of a parameter a value; `None` where there is no place for it.

    Args:
        parameter: with a number, lists or objects as its value.
        dimensions: the sets that it is indexed by.
        flat: position in the product of the sets.
        value: the new number.
    """
    starts: dict[int, int] = {}
    done = 0
    for table, place in zip(dimensions, _places(dimensions, flat), strict=True):
        starts[done] = place
        done += table.arity
    parts = [str(label) for label in entry_labels(dimensions, flat)]
    keys = _keys(parameter.value, parts, starts, 0)
    path = ["parameters", parameter.name, "value"]
    if keys is not None:
        return Change(kind="set", path=join_path([*path, *keys]), value=value)
    if parameter.default is not None and isinstance(parameter.value, Mapping) and _is_joined(parameter.value, parts):
        return Change(kind="add", path=join_path([*path, ",".join(parts)]), value=value)
    return None


def entry_labels(dimensions: Sequence[SetTable], flat: int) -> list[object]:
    """Return the elements that an entry belongs to, the components of tuples one by one."""
    labels: list[object] = []
    for table, place in zip(dimensions, _places(dimensions, flat), strict=True):
        label = table.label(place)
        labels += label if isinstance(label, tuple) else (label,)
    return labels


def _places(dimensions: Sequence[SetTable], flat: int) -> list[int]:
    """Return the position in each set of a position in their product."""
    places: list[int] = []
    for table in reversed(dimensions):
        flat, place = divmod(flat, table.size)
        places.insert(0, place)
    return places


def _keys(value: Any, parts: list[str], starts: Mapping[int, int], done: int) -> list[Any] | None:
    """Return the keys and numbers that lead to an entry; `None` when none do."""
    if done == len(parts):
        return None if isinstance(value, Mapping | list | tuple) else []
    if isinstance(value, Mapping):
        for key, item in value.items():
            taken = _taken(key, parts[done:])
            if taken:
                rest = _keys(item, parts, starts, done + taken)
                if rest is not None:
                    return [_text(key), *rest]
        return None
    if isinstance(value, list | tuple | np.ndarray) and done in starts and starts[done] < len(value):
        later = next((place for place in sorted(starts) if place > done), len(parts))
        rest = _keys(value[starts[done]], parts, starts, later)
        return None if rest is None else [starts[done], *rest]
    return None


def _taken(key: object, parts: list[str]) -> int:
    """Return how many parts a key names; 0 when it names others."""
    if str(key).strip() == parts[0]:
        return 1
    named = _split(key)
    return len(named) if named == parts[: len(named)] else 0


def _split(key: object) -> list[str]:
    if isinstance(key, tuple | list):
        return [str(part) for part in key]
    text = str(key).strip()
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError:
            listed = None
        if isinstance(listed, list):
            return [str(part) for part in listed]
    if text[:1] + text[-1:] in ("()", "[]"):
        text = text[1:-1]
    return [part.strip().strip("'\"") for part in text.split(",")]


def _is_joined(value: Mapping[Any, Any], parts: list[str]) -> bool:
    """Whether a new key may name all parts at once."""
    return all("," not in part for part in parts) and not any(
        isinstance(item, Mapping | list) for item in value.values()
    )


def _text(key: object) -> str:
    return ",".join(map(str, key)) if isinstance(key, tuple) else str(key)
