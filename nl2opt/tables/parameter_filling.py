"""Fills parameters with the numbers that attached tables give, joined by the elements of their indices."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nl2opt.formulation.evaluation.elements import FloatArray, IntArray, SetTable
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Parameter, Set
from nl2opt.formulation.values.keyed import entry_text
from nl2opt.tables.column_work import SHOWN
from nl2opt.tables.joining import labels_of_set
from nl2opt.tables.key_columns import KeyWork
from nl2opt.tables.scalar_filling import ScalarWork
from nl2opt.tables.table import Column, Table

WRITTEN_ENTRIES: Final = 10_000
"""Values up to this size are objects with keys, which people read and change; larger ones are arrays."""
_SPARSE: Final = 4


@dataclass(frozen=True, slots=True)
class Filling:
    """A parameter with the numbers of its table; `None` where something is wrong, which the findings say."""

    parameter: Parameter | None
    findings: list[Finding]
    notes: list[str]


def filled_parameter(
    declared: Parameter, table: Table, dimensions: Sequence[SetTable], sets: Sequence[Set], *, most: int
) -> Filling:
    """Return a parameter with the numbers that its table gives.

    Args:
        declared: the parameter.
        table: that it names.
        dimensions: the elements of the sets it is indexed by.
        sets: these sets as they are declared.
        most: values that a parameter without a default may have.
    """
    work: ScalarWork | _TableWork
    if dimensions:
        work = _TableWork(declared, table, dimensions, sets)
        value = work.indexed(most)
    else:
        work = ScalarWork(declared, table)
        value = work.scalar()
    if value is None or any(finding.is_error for finding in work.findings):
        return Filling(None, work.findings, work.notes)
    return Filling(declared.from_table(value, work.unit), work.findings, work.notes)


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """Numbers of a table with their places.

    Attributes:
        table: that they come from.
        flat: (k,) places in the product of the sets.
        numbers: (k,) the numbers; NaN for empty cells.
        rows: (k,) of the table.
        columns: of the table.
        column_of: (k,) for each entry the number of its column among these.
    """

    table: Table
    flat: IntArray
    numbers: FloatArray
    rows: IntArray
    columns: list[Column]
    column_of: IntArray

    def address(self, entry: int) -> str:
        """Return where the cell of an entry stands."""
        return self.table.address(int(self.rows[entry]), self.columns[int(self.column_of[entry])])


class _TableWork(KeyWork):
    """The filling of a parameter with an index."""

    def indexed(self, most: int) -> Any:
        """Return the numbers for each element of the product of the sets.

        Args:
            most: values that a parameter without a default may have.
        """
        size = math.prod(dimension.size for dimension in self.dimensions)
        arity = sum(dimension.arity for dimension in self.dimensions)
        if size > most and self.declared.default is None:
            message = f"the parameter would have {size:,} values, more than {most:,}"
            self.fail("too_large", message, mend="Index it by the pairs that the table has, or give a `default`.")
            return None
        keys = self.key_columns()
        if keys is None:
            return None
        is_wide = len(keys) == arity - self.dimensions[-1].arity and self.dimensions[-1].arity == 1
        if not is_wide and len(keys) != arity:
            message = (
                f"`keys` names {len(keys)} columns, the index ({', '.join(self.declared.index)}) has {arity} parts"
            )
            mend = "Name one column for each part; all but the last set's for a table that is wide."
            self.fail("keys", message, field="keys", mend=mend)
            return None
        entries = self.wide_entries(keys) if is_wide else self.long_entries(keys)
        return None if entries is None else self.value_of(entries, size)

    def long_entries(self, keys: list[Column]) -> _Entries | None:
        """Return the entries of a table with a row for each."""
        column = self.value_column(keys)
        if column is None:
            return None
        flat, rows = self.places(keys, self.dimensions)
        numbers = self.numbers(column, rows)
        if numbers is None:
            return None
        return _Entries(self.table, flat, numbers[rows], rows, [column], np.zeros(len(rows), np.int64))

    def wide_entries(self, keys: list[Column]) -> _Entries | None:
        """Return the entries of a table with rows for the first sets and columns for the last one."""
        last = self.dimensions[-1]
        labels = labels_of_set(last)[0].tolist()
        found = [self.table.find(str(label)) for label in labels]
        gone = [str(label) for label, column in zip(labels, found, strict=True) if column is None]
        if gone and self.declared.default is None:
            message = f"{len(gone)} of {len(labels)} elements of `{last.name}` have no column in `{self.table.name}`"
            mend = "Add the columns, or give a `default`."
            self.fail("missing_key", message, text=", ".join(map(repr, gone[:SHOWN])), mend=mend)
            return None
        if not keys and self.table.n_rows != 1:
            message = f"the table `{self.table.name}` has {self.table.n_rows:,} rows, and nothing says which one counts"
            self.fail("keys", message, field="keys", mend="Name the columns that hold the elements in `keys`.")
            return None
        flat, rows = np.zeros(1, np.int64), np.zeros(1, np.int64)
        if keys:
            flat, rows = self.places(keys, self.dimensions[:-1])
        there = [place for place, column in enumerate(found) if column is not None]
        columns = [column for column in found if column is not None]
        numbers = [self.numbers(column, rows) for column in columns]
        if any(part is None for part in numbers) or not columns:
            return None
        return _Entries(
            self.table,
            (flat[None, :] * last.size + np.array(there)[:, None]).ravel(),
            np.concatenate([part[rows] for part in numbers if part is not None]),
            np.tile(rows, len(columns)),
            columns,
            np.repeat(np.arange(len(columns)), len(rows)),
        )

    def value_of(self, entries: _Entries, size: int) -> Any:
        """Return the value that entries make; says what stands twice, is missing or empty."""
        if self.says_repeated(entries):
            return None
        flat, numbers = entries.flat, entries.numbers
        empty = np.isnan(numbers)
        if empty.any():
            where = entries.address(int(np.argmax(empty)))
            message = f"{int(empty.sum()):,} cell{'s are' if empty.sum() != 1 else ' is'} empty"
            if self.declared.default is None:
                self.fail("empty_cell", message, where=where, mend="Fill them in, or give a `default`.")
                return None
            self.warn("empty_cell", f"{message}, and the default was taken", where=where)
            flat, numbers = flat[~empty], numbers[~empty]
        if len(flat) < size and self.declared.default is None:
            present = np.zeros(size, np.bool_)
            present[flat] = True
            gone = np.flatnonzero(~present)
            are = "is" if len(gone) == 1 else "are"
            message = f"{len(gone):,} of {size:,} values {are} not in the table `{self.table.name}`"
            text = "; ".join(entry_text(self.dimensions, int(place)) for place in gone[:SHOWN])
            self.fail("missing_key", message, text=text, mend="Add the rows, or give a `default`.")
            return None
        is_sparse = self.declared.default is not None and size > max(WRITTEN_ENTRIES, _SPARSE * len(flat))
        if is_sparse or size <= WRITTEN_ENTRIES:
            return self.keyed(flat, numbers)
        values = np.full(size, np.nan if self.declared.default is None else float(self.declared.default))
        values[flat] = numbers
        return values.reshape([dimension.size for dimension in self.dimensions])

    def says_repeated(self, entries: _Entries) -> bool:
        """Say which entries stand more than once; return whether any does."""
        order = np.argsort(entries.flat, kind="stable")
        flat = entries.flat[order]
        twice = np.flatnonzero(flat[1:] == flat[:-1])
        if not len(twice):
            return False
        first, second = int(order[twice[0]]), int(order[twice[0] + 1])
        where = f"{entries.address(first)} and {entries.address(second)}"
        stand = "key stands" if len(twice) == 1 else "keys stand"
        message = f"{len(twice):,} {stand} more than once in `{self.table.name}`"
        text = entry_text(self.dimensions, int(flat[twice[0]]))
        mend = "Leave the repeated rows out, or add up what belongs together."
        self.fail("repeated_key", message, text=text, where=where, mend=mend)
        return True

    def keyed(self, flat: IntArray, numbers: FloatArray) -> dict[str, float | int]:
        """Return the entries as an object with a key for each, in the order of the sets."""
        order = np.argsort(flat, kind="stable")
        rest = flat[order]
        parts: list[list[Any]] = []
        for dimension in reversed(self.dimensions):
            rest, place = np.divmod(rest, dimension.size)
            parts = [[label[place] for label in labels_of_set(dimension)], *parts]
        columns = [column for group in parts for column in group]
        keys = [part[0] if len(part) == 1 else _joined(part) for part in zip(*columns, strict=True)]
        values = numbers[order]
        whole = bool(len(values)) and bool(np.all(values == np.floor(values))) and float(np.abs(values).max()) < 2**53
        plain = values.astype(np.int64).tolist() if whole else values.tolist()
        return dict(zip(keys, plain, strict=True))


def _joined(parts: tuple[Any, ...]) -> str:
    return json.dumps(list(parts), ensure_ascii=False) if any("," in part for part in parts) else ",".join(parts)
