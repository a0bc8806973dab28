"""The values of a program's variables, by the names that the program gave them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from nl2opt.pipeline.values import Entry, Number, Values
from solvers import Kind, Model

_MEMBER: Final = re.compile(r"(?P<base>[^\[\]()]+?)[\[(](?P<index>[^\[\]()]*)[\])]")
_NOTHING: Final = 1e-12


def values_of_names(values: Mapping[str, float], whole: frozenset[str] = frozenset()) -> Values:
    """Return values by variable; `make[chair]` and `make[table]` are one variable `make` with an index.

    Names that are written otherwise, and families whose members have indices of different lengths, stay as they are.

    Args:
        values: by name.
        whole: names of those that are whole numbers.
    """
    families: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name in values:
        found = _MEMBER.fullmatch(name)
        if found is not None:
            index = tuple(part.strip().strip("'\"") for part in found["index"].split(","))
            families.setdefault(found["base"], []).append((name, index))
    folded: dict[str, str] = {}
    for base, members in families.items():
        indices = [index for _, index in members]
        is_one = len({len(index) for index in indices}) == 1 and len(set(indices)) == len(indices)
        if is_one and base not in values:
            folded |= {name: base for name, _ in members}
    tables: dict[str, Number | list[Entry]] = {}
    index_names: dict[str, list[str]] = {}
    for name, value in values.items():
        base = folded.get(name, "")
        if not base:
            tables[name] = _number(value, name in whole)
        elif base not in tables:
            tables[base] = [(index, _number(values[member], member in whole)) for member, index in families[base]]
            index_names[base] = [f"index_{part + 1}" for part in range(len(families[base][0][1]))]
    return Values(tables, index_names)


def _number(value: float, is_whole: bool) -> Number:
    return round(value) if is_whole else 0.0 if abs(value) < _NOTHING else value


def whole_names(model: Model) -> frozenset[str]:
    """Return the names of the columns that are whole."""
    places = (model.column_kind != Kind.CONTINUOUS).nonzero()[0].tolist()
    return frozenset(model.name_of_column(column) for column in places)
