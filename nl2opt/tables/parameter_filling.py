"""Fills parameters with the numbers that attached tables give, joined by the elements of their indices."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nl2opt.formulation.evaluation.elements import FloatArray, IntArray, SetTable
from nl2opt.formulation.findings import Finding, Severity, did_you_mean
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Parameter, Set
from nl2opt.formulation.values.keyed import entry_text
from nl2opt.tables.joining import MISSING, labels_of_set, positions_in_set
from nl2opt.tables.set_filling import unknown_column
from nl2opt.tables.table import Column, Table, TextArray, number_text, plain_word
from nl2opt.tables.unit_clash import unit_clash

WRITTEN_ENTRIES: Final = 10_000
"""Values up to this size are objects with keys, which people read and change; larger ones are arrays."""
_SHOWN: Final = 3
_SPARSE: Final = 4


@dataclass(frozen=True, slots=True)
class Filling:
    """A parameter with the numbers of its table; `None` where something is wrong, which the findings say."""

    parameter: Parameter | None
    findings: list[Finding]
    notes: list[str]


def filled_parameter(
    declared: Parameter, table: Table, dimensions: Sequence[SetTable], sets: Sequence[Set], limits: Limits
) -> Filling:
    """Return a parameter with the numbers that its table gives.

    Args:
        declared: the parameter.
        table: that it names.
        dimensions: the elements of the sets it is indexed by.
        sets: these sets as they are declared.
        limits: how large it may be.
    """
    work = _Work(declared, table, list(dimensions), list(sets), limits)
    value = work.scalar() if not dimensions else work.indexed()
    if value is None or any(finding.is_error for finding in work.findings):
        return Filling(None, work.findings, work.notes)
    return Filling(declared.from_table(value, work.unit), work.findings, work.notes)


class _Work:
    """The filling of one parameter."""

    def __init__(
        self, declared: Parameter, table: Table, dimensions: list[SetTable], sets: list[Set], limits: Limits
    ) -> None:
        self.declared = declared
        self.table = table
        self.dimensions = dimensions
        self.sets = sets
        self.limits = limits
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.unit = ""

    # -- a single number ------------------------------------------------------------------------------

    def scalar(self) -> float | int | None:
        """Return the number of a parameter without an index: of a one-row table, or of the row of its name."""
        table = self.table
        labelled = next((column for column in table.columns if column.kind == "text" and not column.doubt), None)
        if self.declared.keys:
            labelled = table.find(self.declared.keys[0])
            if labelled is None:
                self.findings.append(unknown_column(self.declared.keys[0], table, self.element, "keys"))
                return None
        column = self.value_column(() if labelled is None else (labelled,))
        if column is None:
            return None
        if table.n_rows == 1 and self.declared.row is None:
            row = 0
        else:
            found = self.labelled_row(labelled)
            if found is None:
                return None
            row = found
        numbers = self.numbers(column, np.array([row]))
        if numbers is None or np.isnan(numbers[row]):
            if numbers is not None:
                self.fail("empty_cell", "the cell is empty", where=table.address(row, column))
            return None
        return _plain(float(numbers[row]))

    def labelled_row(self, labelled: Column | None) -> int | None:
        """Return the row that is called like the parameter, or as `row` says."""
        wanted = self.declared.row or self.declared.name
        if labelled is None:
            mend = "Give it an index, or a table of one row."
            self.fail(
                "many_rows",
                f"the table `{self.table.name}` has {self.table.n_rows:,} rows and none of them has a name",
                mend=mend,
            )
            return None
        labels = [str(label) for label in labelled.labels()]
        rows = [row for row, label in enumerate(labels) if label == wanted]
        rows = rows or [row for row, label in enumerate(labels) if plain_word(label) == plain_word(wanted)]
        if len(rows) == 1:
            return rows[0]
        if rows:
            where = f"{self.table.address(rows[0], labelled)} and {self.table.address(rows[1], labelled)}"
            self.fail("repeated_key", f"{len(rows)} rows are called `{wanted}`", where=where)
        else:
            mend = f"Name the row by `row`, as it stands in the column {labelled.name}."
            self.fail("missing_key", f"no row of `{self.table.name}` is called `{wanted}`", mend=mend)
        return None

    # -- tables ---------------------------------------------------------------------------------------

    def indexed(self) -> Any:
        """Return the numbers for each element of the product of the sets."""
        size = math.prod(dimension.size for dimension in self.dimensions)
        arity = sum(dimension.arity for dimension in self.dimensions)
        keys = self.key_columns(arity)
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
        if entries is None:
            return None
        return self.value_of(*entries, size)

    def key_columns(self, arity: int) -> list[Column] | None:
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

    def long_entries(self, keys: list[Column]) -> tuple[IntArray, FloatArray, IntArray, Column] | None:
        """Return places and numbers of a table with a row for each entry, their rows, and the column."""
        column = self.value_column(keys)
        if column is None:
            return None
        flat, rows = self.places(keys, self.dimensions)
        numbers = self.numbers(column, rows)
        if numbers is None:
            return None
        return flat, numbers[rows], rows, column

    def wide_entries(self, keys: list[Column]) -> tuple[IntArray, FloatArray, IntArray, Column] | None:
        """Return places and numbers of a table with rows for the first sets and columns for the last one."""
        last = self.dimensions[-1]
        labels = labels_of_set(last)[0].tolist()
        columns = [self.table.find(str(label)) for label in labels]
        gone = [str(label) for label, column in zip(labels, columns, strict=True) if column is None]
        if gone and self.declared.default is None:
            message = f"{len(gone)} of {len(labels)} elements of `{last.name}` have no column in `{self.table.name}`"
            mend = "Add the columns, or give a `default`."
            self.fail("missing_key", message, text=", ".join(map(repr, gone[:_SHOWN])), mend=mend)
            return None
        if not keys and self.table.n_rows != 1:
            message = (
                f"the table `{self.table.name}` has {self.table.n_rows:,} rows, and nothing says which of them counts"
            )
            self.fail("keys", message, field="keys", mend="Name the columns that hold the elements in `keys`.")
            return None
        flat, rows = self.places(keys, self.dimensions[:-1]) if keys else (np.zeros(1, np.int64), np.zeros(1, np.int64))
        places, numbers, of_rows = [], [], []
        shown: Column | None = None
        for position, column in enumerate(columns):
            found = None if column is None else self.numbers(column, rows)
            if column is None or found is None:
                continue
            shown = shown or column
            places.append(flat * last.size + position)
            numbers.append(found[rows])
            of_rows.append(rows)
        if shown is None:
            return None
        return np.concatenate(places), np.concatenate(numbers), np.concatenate(of_rows), shown

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
                said = ", ".join(f"{name!r} for {label!r}" for name, label in pairs[:_SHOWN])
                message = f"{len(pairs):,} value{'s' * (len(pairs) != 1)} of `{columns[0].name}` in `{self.table.name}` differ from elements of `{dimension.name}` by capital letters or blanks only"
                mend = "Write them the same way in both places, or let the set take its elements from this column."
                self.fail("spelling", message, text=said, where=where, mend=mend)
                return
        shown = ", ".join(repr(name) for name in distinct.head(_SHOWN))
        self.warn(
            "unknown_key",
            f"{what} are not in the set `{dimension.name}`, and their rows were left out",
            text=shown,
            where=where,
        )

    def value_of(self, flat: IntArray, numbers: FloatArray, rows: IntArray, column: Column, size: int) -> Any:
        """Return the value from places and numbers; says what stands twice, is missing or empty."""
        order = np.argsort(flat, kind="stable")
        twice = np.flatnonzero(flat[order][1:] == flat[order][:-1])
        if len(twice):
            first, second = int(rows[order[twice[0]]]), int(rows[order[twice[0] + 1]])
            where = f"{self.table.address(first, column)} and {self.table.address(second, column)}"
            message = f"{len(twice):,} key{'s' * (len(twice) != 1)} of `{self.table.name}` stand{'s' * (len(twice) == 1)} more than once"
            text = entry_text(self.dimensions, int(flat[order[twice[0]]]))
            mend = "Leave the repeated rows out, or add up what belongs together."
            self.fail("repeated_key", message, text=text, where=where, mend=mend)
            return None
        empty = np.isnan(numbers)
        if empty.any():
            row = int(rows[np.argmax(empty)])
            message = f"{int(empty.sum()):,} cell{'s are' if empty.sum() != 1 else ' is'} empty"
            if self.declared.default is None:
                self.fail(
                    "empty_cell",
                    message,
                    where=self.table.address(row, column),
                    mend="Fill them in, or give a `default`.",
                )
                return None
            self.warn("empty_cell", f"{message}, and the default was taken", where=self.table.address(row, column))
            flat, numbers = flat[~empty], numbers[~empty]
        if len(flat) < size and self.declared.default is None:
            present = np.zeros(size, np.bool_)
            present[flat] = True
            gone = np.flatnonzero(~present)
            message = f"{len(gone):,} of {size:,} values {'is' if len(gone) == 1 else 'are'} not in the table `{self.table.name}`"
            text = "; ".join(entry_text(self.dimensions, int(place)) for place in gone[:_SHOWN])
            self.fail("missing_key", message, text=text, mend="Add the rows, or give a `default`.")
            return None
        is_sparse = self.declared.default is not None and size > max(WRITTEN_ENTRIES, _SPARSE * len(flat))
        if is_sparse or size <= WRITTEN_ENTRIES:
            return self.keyed(flat, numbers)
        values = np.full(size, np.nan if self.declared.default is None else float(self.declared.default))
        values[flat] = numbers
        return values.reshape([dimension.size for dimension in self.dimensions])

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

    # -- columns --------------------------------------------------------------------------------------

    def value_column(self, keys: Sequence[Column]) -> Column | None:
        """Return the column that holds the numbers."""
        name = self.declared.column
        if name is not None:
            column = self.table.find(name)
            if column is None:
                self.findings.append(unknown_column(name, self.table, self.element))
            return column
        own = self.table.find(self.declared.name)
        if own is not None and own not in keys:
            return own
        others = [
            column for column in self.table.columns if column not in keys and (column.kind == "number" or column.doubt)
        ]
        if len(others) == 1:
            return others[0]
        mend = did_you_mean(self.declared.name, [column.name for column in others])
        self.fail(
            "no_column",
            f"the column of `{self.table.name}` that holds the numbers is not named",
            field="column",
            mend=mend,
        )
        return None

    def numbers(self, column: Column, rows: IntArray) -> FloatArray | None:
        """Return the numbers of a column; says which of the cells that are needed hold none."""
        if column.doubt:
            mend = "Say which sign stands before decimals: decimal=',' in Python, --decimal , on the command line."
            self.fail(
                "ambiguous_number",
                f"the column `{column.header}` of `{self.table.name}` cannot be read: it may mean two things",
                text=column.doubt,
                mend=mend,
            )
            return None
        faults = column.faults if column.numbers is not None else np.flatnonzero(~column.is_empty)
        faults = np.intersect1d(faults, rows)
        if len(faults):
            shown = "; ".join(
                f"{column.cell_text(row)!r} in {self.table.address(row, column)}" for row in faults[:_SHOWN].tolist()
            )
            message = f"{len(faults):,} cell{'s' * (len(faults) != 1)} of `{column.header}` hold{'s' * (len(faults) == 1)} no number"
            self.fail(
                "not_a_number",
                message,
                text=shown,
                where=self.table.address(int(faults[0]), column),
                mend="Write numbers there.",
            )
            return None
        if column.numbers is None:
            self.fail("empty_cell", f"the column `{column.header}` of `{self.table.name}` is empty")
            return None
        clash = unit_clash(self.declared.unit, column.unit)
        if clash:
            mend = f"Convert the column, or state the unit `{column.unit}`: numbers are never converted by themselves."
            self.fail("unit", f"the column `{column.header}` of `{self.table.name}` {clash}", field="unit", mend=mend)
        self.unit = self.unit or column.unit
        return column.numbers

    @property
    def element(self) -> str:
        """The element that findings are about."""
        return f"parameters.{self.declared.name}"

    def fail(
        self, code: str, message: str, *, field: str = "value", text: str = "", where: str = "", mend: str = ""
    ) -> None:
        """Add an error; only `text` may hold what stands in cells."""
        self.findings.append(
            Finding(code=code, element=self.element, field=field, message=message, text=text, where=where, mend=mend)
        )

    def warn(self, code: str, message: str, *, text: str = "", where: str = "") -> None:
        """Add a warning; only `text` may hold what stands in cells."""
        self.findings.append(
            Finding(severity=Severity.WARNING, code=code, element=self.element, message=message, text=text, where=where)
        )


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _joined(parts: tuple[Any, ...]) -> str:
    return json.dumps(list(parts), ensure_ascii=False) if any("," in part for part in parts) else ",".join(parts)


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


__all__ = ["Filling", "filled_parameter", "number_text"]
