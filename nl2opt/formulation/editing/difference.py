"""What turns one formulation into another: the changes, as few as tell a person what is new."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
from pydantic import BaseModel

from nl2opt.formulation.editing.edit import fields_of, model_within, plain, unique_names
from nl2opt.formulation.editing.paths import join_path
from nl2opt.formulation.schema import Change, Constraint, Formulation

MOST_ENTRIES: Final = 20
"""How many entries of a table or list are changed one by one; where more differ, the whole is set."""
_LONGEST_LIST: Final = 1000
"""Longer lists are set as a whole when they differ."""
_Keys = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What turns one formulation into another; `str` says it in words, iterating gives the changes.

    Attributes:
        before: the formulation to begin with.
        after: the one to arrive at: `before.apply(changes) == after`.
        changes: in the order in which they are made.
    """

    before: Formulation
    after: Formulation
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __str__(self) -> str:
        from nl2opt.formulation.editing.difference_words import difference_lines

        return "\n".join(difference_lines(self.before, self.after)) or "no difference"


def diff(before: Formulation, after: Formulation) -> Difference:
    """Return the changes that turn one formulation into another.

    Elements belong together when they have the same name, so that a renamed one is removed and added.
    """
    return Difference(before, after, tuple(_parts(before, after, ())))


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same data; true and false are not the numbers 1 and 0."""
    if one is other:  # as what an edit leaves alone is
        return True
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return type(one) is type(other) and np.array_equal(one, other)
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
    return bool(one == other)


def kept_names(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the most names that two lists have in common in the same order; the others are new, gone or moved.

    The longest increasing subsequence of positions, by patience sorting (Fredman 1975).
    """
    place_of = {name: place for place, name in enumerate(after)}
    common = [name for name in before if name in place_of]
    tops: list[int] = []  # the smallest last position of an increasing run of each length
    lengths = []
    for name in common:
        length = bisect_left(tops, place_of[name])
        tops[length : length + 1] = [place_of[name]]
        lengths.append(length)
    kept: list[str] = []
    wanted = len(tops) - 1
    for name, length in zip(reversed(common), reversed(lengths), strict=True):
        if length == wanted and (not kept or place_of[name] < place_of[kept[-1]]):
            kept.append(name)
            wanted -= 1
    return kept[::-1]


def _change(kind: str, keys: _Keys, value: Any = None) -> Change:
    return Change.model_validate({"kind": kind, "path": join_path(keys), "value": plain(value)})


def _parts(before: BaseModel, after: BaseModel, keys: _Keys) -> Iterator[Change]:
    """Compare two parts of the same class, field by field."""
    given = fields_of(after)
    for name, field in type(before).model_fields.items():
        one, other = getattr(before, name), getattr(after, name)
        if same(one, other):
            continue
        key = field.alias or name
        if key == "enabled" and isinstance(before, Constraint) and not other:
            yield Change(kind="switch_off", path=join_path(keys))
        elif key == "value" and isinstance(before, Change):
            yield _change("set", (*keys, key), other)
        elif isinstance(one, list) and isinstance(other, list) and field.annotation is not Any:
            yield from _lists(one, other, (*keys, key), is_parts=model_within(field.annotation) is not None)
        elif isinstance(one, BaseModel) and isinstance(other, BaseModel):
            yield from _parts(one, other, (*keys, key))
        elif _is_table(one) and _is_table(other):
            yield from _tables(one, other, (*keys, key))
        elif not field.is_required() and (key not in given or (key == "lower" and other is None)):
            yield _change("remove", (*keys, key))
        else:
            yield _change("set", (*keys, key), other)


def _lists(before: list[Any], after: list[Any], keys: _Keys, *, is_parts: bool) -> Iterator[Change]:
    if is_parts:
        names = unique_names(before), unique_names(after)
        if names[0] is not None and names[1] is not None:
            return _named(before, names[0], after, names[1], keys)
    return _entries(before, after, keys, is_parts)


def _named(
    before: Sequence[BaseModel], names: list[str], after: Sequence[BaseModel], new_names: list[str], keys: _Keys
) -> Iterator[Change]:
    """Compare lists of elements with names: remove, add in order, then change what stayed."""
    kept = set(kept_names(names, new_names))
    for name in names:
        if name not in kept:
            yield _change("remove", (*keys, name))
    for place, (name, element) in enumerate(zip(new_names, after, strict=True)):
        if name not in kept:
            yield _change("add", (*keys, place), element)
    old = dict(zip(names, before, strict=True))
    for name, element in zip(new_names, after, strict=True):
        if name in kept:
            yield from _parts(old[name], element, (*keys, name))


def _entries(before: list[Any], after: list[Any], keys: _Keys, is_parts: bool) -> Iterator[Change]:
    """Compare lists of entries without names, from the end, so that numbers stay right."""
    whole = [_change("set", keys, after)]
    if max(len(before), len(after)) > _LONGEST_LIST:
        return iter(whole)
    changes: list[Change] = []
    matcher = SequenceMatcher(None, list(map(_text, before)), list(map(_text, after)), autojunk=False)
    for _, start, end, new_start, new_end in reversed(matcher.get_opcodes()):
        common = min(end - start, new_end - new_start)
        unequal = [n for n in range(common) if not same(before[start + n], after[new_start + n])]
        kind = "replace" if is_parts else "set"
        changes += [_change("remove", (*keys, place)) for place in range(end - 1, start + common - 1, -1)]
        changes += [_change(kind, (*keys, start + n), after[new_start + n]) for n in unequal]
        changes += [
            _change("add", (*keys, start + n), after[new_start + n]) for n in range(common, new_end - new_start)
        ]
    return iter(changes if len(changes) <= MOST_ENTRIES else whole)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and all(isinstance(key, str) for key in value))


def _tables(before: Any, after: Any, keys: _Keys) -> Iterator[Change]:
    """Compare nested lists and objects of numbers, entry by entry unless many differ."""
    changes: list[Change] = []
    if not _compare(before, after, keys, changes.append) or len(changes) > MOST_ENTRIES:
        changes = [_change("set", keys, after)]
    return iter(changes)


def _compare(before: Any, after: Any, keys: _Keys, add: Callable[[Change], None]) -> bool:
    """Add the changes of entries; `False` when lists differ in length, so that positions mean something else."""
    if before is after:
        return True
    if isinstance(before, dict) and isinstance(after, dict) and _is_table(before) and _is_table(after):
        for key in before:
            if key not in after:
                add(_change("remove", (*keys, key)))
        for key, item in after.items():
            if key not in before:
                add(_change("add", (*keys, key), item))
            elif not _compare(before[key], item, (*keys, key), add):
                return False
        return True
    if isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            return False
        return all(
            _compare(one, other, (*keys, n), add) for n, (one, other) in enumerate(zip(before, after, strict=True))
        )
    if not same(before, after):
        add(_change("set", keys, after))
    return True


def _text(entry: Any) -> str:
    return json.dumps(plain(entry), sort_keys=True, default=repr)
