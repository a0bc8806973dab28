"""A table that was read: columns of numbers and texts that know where each of their cells stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.findings import Finding, did_you_mean

TextArray = NDArray[Any]
"""Texts, as an array of objects; an empty cell is the empty text."""
Kind = Literal["number", "text"]
_NOT_A_WORD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """A column of a table.

    Attributes:
        name: by which formulations call it, unique in its table: the header without its unit.
        header: as it stands in the file.
        unit: that the header states, as in `cost [$/t]`; empty when it states none.
        place: number of the column in its file, from 0.
        numbers: float64 (n,), NaN where a cell is empty or no number; `None` for a column of texts.
        texts: (n,) what stands in the cells, or `None` for a column that was read as nothing but numbers.
        faults: positions (k,) of cells of a column of numbers that hold something else.
        doubt: why its numbers cannot be told, where they could be read in two ways; empty when they can.
        is_private: whether a language model is shown nothing of it but its name and unit.
    """

    name: str
    header: str
    unit: str = ""
    place: int = 0
    numbers: FloatArray | None = None
    texts: TextArray | None = None
    faults: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    doubt: str = ""
    is_private: bool = False

    @property
    def kind(self) -> Kind:
        """Whether the column holds numbers or texts."""
        return "text" if self.numbers is None else "number"

    @property
    def is_whole(self) -> bool:
        """Whether all of its numbers are whole; false for a column of texts or without any number."""
        if self.numbers is None:
            return False
        stated = self.numbers[~np.isnan(self.numbers)]
        return bool(len(stated)) and bool(np.all(stated == np.floor(stated)))

    @property
    def is_empty(self) -> BoolArray:
        """Which cells are empty, bool (n,)."""
        if self.texts is not None:
            return np.asarray(self.texts == "", np.bool_)
        assert self.numbers is not None
        return np.isnan(self.numbers)

    def cell_text(self, row: int) -> str:
        """Return a cell as text."""
        if self.texts is not None:
            return str(self.texts[row])
        assert self.numbers is not None
        return number_text(float(self.numbers[row]))

    def labels(self) -> TextArray:
        """Return the cells as texts that name elements (n,): whole numbers without a point, `""` for empty cells."""
        if self.numbers is None or len(self.faults):
            assert self.texts is not None
            return self.texts
        labels = np.full(len(self.numbers), "", object)
        stated = ~np.isnan(self.numbers)
        if self.is_whole and (not stated.any() or float(np.abs(self.numbers[stated]).max()) < 2**53):
            labels[stated] = list(map(str, self.numbers[stated].astype(np.int64).tolist()))
        elif self.texts is not None:
            return self.texts
        else:
            labels[stated] = list(map(number_text, self.numbers[stated].tolist()))
        return labels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A table that was read.

    Attributes:
        name: by which formulations call it.
        source: the file it comes from, without its folder; empty for what was given in memory.
        sheet: of a workbook; empty for other files.
        columns: in the order of the file.
        lines: number of each row in its file (n,), from 1.
        notes: what was taken for granted on the way in, in sentences.
        findings: what is doubtful about it.
    """

    name: str
    source: str = ""
    sheet: str = ""
    columns: tuple[Column, ...] = ()
    lines: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows, without the header."""
        return len(self.lines)

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]

    @property
    def place(self) -> str:
        """Where the table stands: `costs.xlsx!Sheet1`, or its name for one that was given in memory."""
        return "!".join(part for part in (self.source, self.sheet) if part) or self.name

    def address(self, row: int, column: Column) -> str:
        """Return where a cell stands: `costs.xlsx!Sheet1!B4`; row 3 of `cost` for what was given in memory."""
        if not self.source or self.source.endswith((".parquet", ".json")):
            return f"{self.place}, row {int(self.lines[row])}, column {column.header}"
        return f"{self.place}!{column_letters(column.place)}{int(self.lines[row])}"

    def find(self, name: str) -> Column | None:
        """Return the column of a name, or of a header; capital letters, blanks and signs may differ."""
        for column in self.columns:
            if name in (column.name, column.header):
                return column
        plain = plain_word(name)
        alike = [column for column in self.columns if plain and plain_word(column.name) == plain]
        alike = alike or [column for column in self.columns if plain and plain_word(column.header) == plain]
        return alike[0] if len(alike) == 1 else None

    def suggestion(self, name: str) -> str:
        """Return "Did you mean ...?" for the name of a column that is not there."""
        return did_you_mean(name, self.column_names)


class Tables(Mapping[str, Table]):
    """The tables that are attached, by name, and values that were given for parameters by name."""

    def __init__(self, tables: Mapping[str, Table], values: Mapping[str, Any] | None = None) -> None:
        """Hold tables.

        Args:
            tables: by name.
            values: numbers for parameters, by their names.
        """
        self._tables = dict(tables)
        self.values_given: dict[str, Any] = dict(values or {})

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    @property
    def is_empty(self) -> bool:
        """Whether neither tables nor values were given."""
        return not self._tables and not self.values_given

    def with_values(self, values: Mapping[str, Any]) -> Tables:
        """Return the tables with more values."""
        return Tables(self._tables, {**self.values_given, **values})

    @property
    def notes(self) -> tuple[str, ...]:
        """What was read, and what was taken for granted on the way: a sentence each."""
        return tuple(note for table in self._tables.values() for note in (read_sentence(table), *table.notes))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is doubtful about the tables."""
        return tuple(finding for table in self._tables.values() for finding in table.findings)


def read_sentence(table: Table) -> str:
    """Say what a table is: its name, size and place."""
    rows, columns = table.n_rows, len(table.columns)
    size = f"{rows:,} row{'s' * (rows != 1)}, {columns:,} column{'s' * (columns != 1)}"
    return f"Table {table.name}: {size}" + (f", from {table.place}." if table.source else ".")


def plain_word(text: str) -> str:
    """Return a name without what people write differently: capital letters, blanks, signs."""
    return _NOT_A_WORD.sub("", text.casefold())


def column_letters(place: int) -> str:
    """Return the letters of a column of a sheet: A for 0, AB for 27."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def number_text(value: float) -> str:
    """Return a number without a needless point; empty for NaN."""
    if np.isnan(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
