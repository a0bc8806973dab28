"""Numbers that a problem needs and nobody gives, and lists of them that a person can fill in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from nl2opt.formulation.schema import Formulation, Parameter
from nl2opt.tables.given import LIST_COLUMNS

_MOST_ENTRIES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingValue:
    """A number, or a table of numbers, that nobody gives.

    Attributes:
        name: of the parameter.
        index: names of the sets it is indexed by.
        unit: in which it is wanted; empty when the formulation states none.
        why: what it is, in the words of the formulation.
        keys: for which elements it is wanted, joined by commas; empty for a single number, or where they are not known.
    """

    name: str
    index: tuple[str, ...] = ()
    unit: str = ""
    why: str = ""
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        over = f" for each {', '.join(self.index)}" if self.index else ""
        unit = f" in {self.unit}" if self.unit else ""
        return f"{self.name}{over}{unit}" + (f": {self.why}" if self.why else "")


def missing_values(formulation: Formulation) -> tuple[MissingValue, ...]:
    """Return the numbers that a formulation says to be missing."""
    return tuple(_missing(parameter, formulation) for parameter in formulation.parameters if parameter.is_missing)


def _missing(parameter: Parameter, formulation: Formulation) -> MissingValue:
    return MissingValue(
        name=parameter.name, index=tuple(parameter.index), unit=parameter.unit,
        why=parameter.description or parameter.source, keys=_keys(parameter, formulation),
    )  # fmt: skip


def _keys(parameter: Parameter, formulation: Formulation) -> tuple[str, ...]:
    """Return the keys of all entries; none where an expression gives a set, or there are too many."""
    elements = {declared.name: declared.elements for declared in formulation.sets}
    keys = [""] if parameter.index else []
    for name in parameter.index:
        stated = elements.get(name)
        if not isinstance(stated, list) or len(keys) * len(stated) > _MOST_ENTRIES:
            return ()
        labels = [",".join(map(str, e)) if isinstance(e, list | tuple) else str(e) for e in stated]
        keys = [f"{key},{label}" if key else label for key in keys for label in labels]
    return tuple(keys)


def template_json(missing: Sequence[MissingValue]) -> str:
    """Return a list to fill in as JSON: numbers in the place of `null`."""
    values: dict[str, Any] = {item.name: dict.fromkeys(item.keys) if item.keys else None for item in missing}
    return json.dumps({"values": values}, indent=2, ensure_ascii=False) + "\n"


def template_csv(missing: Sequence[MissingValue]) -> str:
    """Return a list to fill in as CSV: a number in the last column of each line."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow((*LIST_COLUMNS, "unit"))
    for item in missing:
        for key in item.keys or ("",):
            writer.writerow((item.name, key, "", item.unit))
    return content.getvalue()
