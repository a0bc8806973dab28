"""Finds the columns of a table that hold the elements of a parameter's indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nl2opt.formulation.evaluation.elements import IntArray, SetTable
from nl2opt.formulation.schema import Parameter, Set
from nl2opt.tables.column_work import SHOWN, ColumnWork
from nl2opt.tables.joining import MISSING, labels_of_set, positions_in_set
from nl2opt.tables.set_filling import unknown_column
from nl2opt.tables.table import Column, Table, TextArray


class KeyWork(ColumnWork):
    """The filling of a parameter with an index: its keys, and the places of rows among the elements."""

    def __init__(self, declared: Parameter, table: Table, dimensions: Sequence[SetTable], sets: Sequence[Set]) -> None:
        """Prepare.

        Args:
            declared: the parameter.
            table: that it names.
            dimensions: the elements of the sets it is indexed by.
            sets: these sets as they are declared.
        """
        super().__init__(declared, table)
        self.dimensions = list(dimensions)
        self.sets = list(sets)

    def key_columns(self) -> list[Column] | None:
        """Return the columns that hold the elements of the indices; `None` where they cannot be told."""
        if self.declared.keys is not None:
            columns = []
            for name in self.declared.keys:
                column = self.table.find(name)
                if column is None:
                    self.findings.append(unknown_column(name, self.table, self.element, "keys"))
                else:
                    columns.append(column)
            return columns if len(columns) == len(self.declared.keys) else None
        found: list[Column] = []
        unknown: list[str] = []
        for place, (declared, dimension) in enumerate(zip(self.sets, self.dimensions, strict=True)):
            columns = self.named_columns(declared, dimension.arity, found)
            if not columns and dimension.arity == 1:
                columns = self.overlapping_column(dimension, found)
            if not columns and place == len(self.sets) - 1 and self.is_wide(dimension):
                return found
            if not columns:
                unknown.append(declared.name)
            found += columns
        if unknown:
            said = " and ".join(f"`{name}`" for name in unknown)
            message = f"it cannot be told which column of `{self.table.name}` holds the elements of {said}"
            columns_there = ", ".join(f"`{name}`" for name in self.table.column_names[:12])
            self.fail("no_keys", message, field="keys", mend=f"Name it in `keys`; the columns are {columns_there}.")
            return None
        return found

    def named_columns(self, declared: Set, arity: int, used: Sequence[Column]) -> list[Column]:
        """Return the columns that are called like a set, or like the column that the set comes from."""
        names = declared.column if isinstance(declared.column, list) else [declared.column or ""]
        tries = [names, *([[word] for word in _spellings(declared.name)] if arity == 1 else [])]
        for words in tries:
            columns = [self.table.find(word) for word in words if word and word != "*"]
            if len(columns) == arity and all(column is not None and column not in used for column in columns):
                return [column for column in columns if column is not None]
        return []

    def overlapping_column(self, dimension: SetTable, used: Sequence[Column]) -> list[Column]:
        """Return the one column most of whose cells are elements of a set."""
        fits = []
        for column in self.table.columns:
            if column in used or (column.kind == "number" and not column.is_whole):
                continue
            labels = column.labels()
            labels = labels[labels != ""]
            if len(labels) and 2 * int((positions_in_set([labels], dimension) != MISSING).sum()) > len(labels):
                fits.append(column)
        if len(fits) != 1 or (self.declared.column is not None and self.table.find(self.declared.column) is fits[0]):
            return []
        self.notes.append(
            f"{self.declared.name}: the column {fits[0].name} of {self.table.name} was taken for {dimension.name}."
        )
        return fits

    def is_wide(self, dimension: SetTable) -> bool:
        """Whether the headers of the table are elements of a set."""
        if self.declared.column is not None or dimension.arity != 1:
            return False
        known = set(labels_of_set(dimension)[0].tolist())
        return any(name in known for name in self.table.column_names)

    def places(self, keys: list[Column], dimensions: Sequence[SetTable]) -> tuple[IntArray, IntArray]:
        """Return the place of each row in the product of the sets, and the rows whose elements are all known."""
        flat = np.zeros(self.table.n_rows, np.int64)
        known = np.ones(self.table.n_rows, np.bool_)
        left = list(keys)
        for dimension in dimensions:
            columns, left = left[: dimension.arity], left[dimension.arity :]
            cells = [column.labels() for column in columns]
            place = positions_in_set(cells, dimension)
            empty = np.logical_or.reduce([np.asarray(part == "", np.bool_) for part in cells])
            strange = (place == MISSING) & ~empty
            if strange.any():
                self.unknown_elements(dimension, columns, cells, strange)
            known &= place != MISSING
            flat = flat * dimension.size + np.maximum(place, 0)
        rows = np.flatnonzero(known)
        return flat[rows], rows

    def unknown_elements(
        self, dimension: SetTable, columns: list[Column], cells: list[TextArray], strange: Any
    ) -> None:
        """Say which cells name no element of a set; where they differ in spelling only, that is an error."""
        import pandas as pd

        rows = np.flatnonzero(strange)
        names = (
            pd.Series(list(zip(*(part[rows] for part in cells), strict=True)))
            if len(cells) > 1
            else pd.Series(cells[0][rows])
        )
        distinct = names.drop_duplicates()
        where = self.table.address(int(rows[0]), columns[0])
        what = f"{len(distinct):,} value{'s' * (len(distinct) != 1)} of `{columns[0].name}` in `{self.table.name}`"
        if dimension.arity == 1:
            known = {_folded(label): label for label in labels_of_set(dimension)[0].tolist()}
            pairs = [(name, known[_folded(name)]) for name in distinct.head(10_000) if _folded(name) in known]
            if pairs:
                said = ", ".join(f"{name!r} for {label!r}" for name, label in pairs[:SHOWN])
                values = f"{len(pairs):,} value{'s' * (len(pairs) != 1)}"
                which = f"{values} of `{columns[0].name}` in `{self.table.name}`"
                message = f"{which} differ from elements of `{dimension.name}` by capital letters or blanks only"
                mend = "Write them the same way in both places, or let the set take its elements from this column."
                self.fail("spelling", message, text=said, where=where, mend=mend)
                return
        shown = ", ".join(repr(name) for name in distinct.head(SHOWN))
        self.warn(
            "unknown_key",
            f"{what} are not in the set `{dimension.name}`, and their rows were left out",
            text=shown,
            where=where,
        )


def _folded(label: Any) -> str:
    return " ".join(str(label).split()).casefold()


def _spellings(name: str) -> list[str]:
    lower = name.casefold()
    return [
        name,
        f"{name}s",
        *([name[:-1]] if lower.endswith("s") else []),
        *([f"{name[:-3]}y"] if lower.endswith("ies") else []),
    ]
