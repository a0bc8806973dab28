"""Keeps cells that a language model was not shown out of what it is told.

Three layers: texts of findings that hold cells are left out; elements that only tables gave have other names in the
formulation that conflicts and findings are told of; and in the words that come of it, numbers and texts that the
language model has not seen before are replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Formulation, Set
from nl2opt.tables.table import Tables

_NUMBER: Final = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD: Final = re.compile(r"[^\W_]+")
_NOT_A_WORD: Final = re.compile(r"[\W_]+")
_MASK: Final = "…"


class Masking:
    """Tells what a language model knows from what only the tables hold."""

    def __init__(self, tables: Tables, known: str, *, numbers: str) -> None:
        """Prepare.

        Args:
            tables: that are attached.
            known: everything that the language model was shown or has written.
            numbers: texts whose numbers it may be told again: the problem, and what it has written. Those of first
                rows and ranges are not among them, since they may be those of other cells as well.
        """
        self._begin(known, numbers, _texts_of_tables(tables))

    @classmethod
    def of_formulation(cls, formulation: Formulation, known: str) -> Masking:
        """Prepare from the cells that a formulation holds, where its tables are no longer there.

        Args:
            formulation: with the elements that tables gave it.
            known: everything that the language model was shown or has written, none of it cells.
        """
        made = cls.__new__(cls)
        made._begin(known, known, _texts_of_sets(formulation))
        return made

    def _begin(self, known: str, numbers: str, cells: Iterable[str]) -> None:
        self._known_words = f" {_words(known)} "
        self._known_numbers = {_value(number[0]) for number in _NUMBER.finditer(numbers)}
        folded = set(map(_words, cells))
        self._cells = frozenset(cell for cell in folded if not self.is_known(cell))
        self._longest = max((cell.count(" ") + 1 for cell in self._cells), default=0)
        self._names: dict[str, str] = {}

    def finding(self, finding: Finding) -> Finding:
        """Return a finding about tables without what stands in cells."""
        return replace(finding, text="")

    def formulation(self, formulation: Formulation) -> Formulation:
        """Return a formulation in which elements that only the tables gave have other names."""
        sets = [self._renamed_set(declared) for declared in formulation.sets]
        if not self._names:
            return formulation
        parameters = [
            parameter.from_table(self._renamed_keys(parameter.value))
            if parameter.origin != "stated" and isinstance(parameter.value, Mapping)
            else parameter
            for parameter in formulation.parameters
        ]
        return formulation.model_copy(update={"sets": sets, "parameters": parameters})

    def text(self, text: str) -> str:
        """Return a text without numbers and cells that the language model does not know."""
        return self._without_cells(_NUMBER.sub(self._known_number, text))

    def is_known(self, label: str) -> bool:
        """Whether a text stands in what the language model knows."""
        words = _words(label)
        return not words or f" {words} " in self._known_words

    # -- names ----------------------------------------------------------------------------------------

    def _renamed_set(self, declared: Set) -> Set:
        if declared.origin != "table" or not isinstance(declared.elements, list):
            return declared
        return declared.from_table([self._renamed(element, declared.name) for element in declared.elements])

    def _renamed(self, element: Any, name: str) -> Any:
        if isinstance(element, list | tuple):
            return [self._renamed(part, name) for part in element]
        if not isinstance(element, str) or element in self._names:
            return self._names.get(element, element) if isinstance(element, str) else element
        if self.is_known(element):
            return element
        self._names[element] = f"{name}_no{len(self._names) + 1}"
        return self._names[element]

    def _renamed_keys(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        renamed = {}
        for key, number in value.items():
            text = str(key)
            parts = json.loads(text) if text.startswith("[") else [text] if text in self._names else text.split(",")
            renamed[",".join(self._names.get(str(part), str(part)) for part in parts)] = number
        return renamed

    # -- words ----------------------------------------------------------------------------------------

    def _known_number(self, found: re.Match[str]) -> str:
        return found[0] if _value(found[0]) in self._known_numbers else _MASK

    def _without_cells(self, text: str) -> str:
        """Replace phrases that are cells and nothing else that is known, the longest first."""
        words = list(_WORD.finditer(text))
        spans: list[tuple[int, int]] = []
        place = 0
        while place < len(words):
            for count in range(min(self._longest, len(words) - place), 0, -1):
                start, end = words[place].start(), words[place + count - 1].end()
                if _words(text[start:end]) in self._cells:
                    spans.append((start, end))
                    place += count - 1
                    break
            place += 1
        for start, end in reversed(spans):
            text = f"{text[:start]}{_MASK}{text[end:]}"
        return text


def masked_points(masking: Masking, points: Sequence[str]) -> tuple[str, ...]:
    """Return what a language model is told of doubts and faults."""
    return tuple(masking.text(point) for point in points)


def _texts_of_tables(tables: Tables) -> set[str]:
    import pandas as pd

    cells: set[str] = set()
    for table in tables.values():
        for column in table.columns:
            if column.texts is not None:
                cells.update(pd.unique(np.asarray(column.texts, object)).tolist())
    return cells


def _texts_of_sets(formulation: Formulation) -> Iterator[str]:
    """Yield the texts among the elements of sets that tables gave."""
    stack: list[Any] = [d.elements for d in formulation.sets if d.table is not None or d.origin == "table"]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping):
            stack += [*part.keys(), *part.values()]
        elif isinstance(part, list | tuple):
            stack += part


def _words(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text.casefold()).strip()


def _value(number: str) -> float:
    return abs(float(number.replace(",", "").replace("−", "-").rstrip(".")))
