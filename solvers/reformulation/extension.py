"""A model with columns and rows added behind its own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from solvers.indicators import IndicatorRows
from solvers.model import FloatArray, IntArray, Kind, Model

Name = Callable[[int], str]
"""Names an added column or row by its number within what was added with it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """Coefficients of columns in rows; a column that occurs several times in a row has their sum.

    Attributes:
        row: int (k,).
        column: int (k,).
        value: float64 (k,).
    """

    row: IntArray
    column: IntArray
    value: FloatArray

    @classmethod
    def joined(cls, *parts: tuple[IntArray, IntArray, FloatArray | float]) -> Entries:
        """Return the entries of several parts: rows, columns, and coefficients or one for all of them."""
        if not parts:
            return cls(row=np.empty(0, np.int64), column=np.empty(0, np.int64), value=np.empty(0))
        return cls(
            row=np.concatenate([np.asarray(row, np.int64) for row, _, _ in parts]),
            column=np.concatenate([np.asarray(column, np.int64) for _, column, _ in parts]),
            value=np.concatenate([np.broadcast_to(value, row.shape) for row, _, value in parts]).astype(np.float64),
        )


@dataclass(frozen=True, slots=True)
class _Block:
    """Columns or rows that were added together."""

    count: int
    name: Name
    origin: Name

    def name_of(self, place: int) -> str:
        return self.name(place)

    def origin_of(self, place: int) -> str:
        return self.origin(place)


@dataclass(slots=True, eq=False)
class Extension:
    """Gathers columns and rows for a model, and builds the model that has them.

    Attributes:
        model: what they are added to.
        origin: names the constraint for which something is added from now on.
    """

    model: Model
    origin: Name = field(default=lambda _: "")
    _columns: list[tuple[FloatArray, FloatArray, NDArray[np.uint8]]] = field(default_factory=list)
    _sides: list[tuple[FloatArray, FloatArray]] = field(default_factory=list)
    _entries: list[Entries] = field(default_factory=list)
    _listed: list[tuple[IntArray, IntArray, int]] = field(default_factory=list)
    _column_blocks: list[_Block] = field(default_factory=list)
    _row_blocks: list[_Block] = field(default_factory=list)

    @property
    def n_columns(self) -> int:
        """Number of columns, those added included."""
        return self.model.n_columns + sum(block.count for block in self._column_blocks)

    @property
    def n_rows(self) -> int:
        """Number of rows, those added included."""
        return self.model.n_rows + sum(block.count for block in self._row_blocks)

    def name_of_column(self, column: int) -> str:
        """Return the name of a column, of the model or added."""
        return _named(self.model.name_of_column, self.model.n_columns, self._column_blocks, _Block.name_of)(column)

    def add_columns(
        self, count: int, lower: FloatArray | float, upper: FloatArray | float, kind: NDArray[np.uint8] | Kind,
        name: Name,
    ) -> IntArray:  # fmt: skip
        """Add columns, and return their places."""
        first = self.n_columns
        self._columns.append(
            (np.full(count, lower, np.float64), np.full(count, upper, np.float64), np.full(count, kind, np.uint8))
        )
        self._column_blocks.append(_Block(count, name, self.origin))
        return np.arange(first, first + count)

    def add_rows(
        self, count: int, entries: Entries, lower: FloatArray | float, upper: FloatArray | float, name: Name
    ) -> IntArray:
        """Add rows whose entries number them from 0, and return their places."""
        first = self.n_rows
        self.add_entries(replace(entries, row=entries.row + first))
        self._sides.append((np.full(count, lower, np.float64), np.full(count, upper, np.float64)))
        self._row_blocks.append(_Block(count, name, self.origin))
        return np.arange(first, first + count)

    def add_entries(self, entries: Entries) -> None:
        """Add to the coefficients of rows that are there already."""
        self._entries.append(entries)

    def demand_only_if(self, rows: IntArray, columns: IntArray, value: int) -> None:
        """Demand rows only where a binary column each has a value."""
        self._listed.append((rows, columns, value))

    def built(self) -> Model:
        """Return the model with all that was added."""
        model, n, m = self.model, self.n_columns, self.n_rows
        own = Entries(row=model.entry_rows(), column=model.row_columns, value=model.row_values)
        starts, columns, values = _compressed([own, *self._entries], n, m)
        added = n - model.n_columns
        return replace(
            model,
            column_lower=np.concatenate([model.column_lower, *(lower for lower, _, _ in self._columns)]),
            column_upper=np.concatenate([model.column_upper, *(upper for _, upper, _ in self._columns)]),
            column_kind=np.concatenate([model.column_kind, *(kind for _, _, kind in self._columns)]),
            objective=np.concatenate([model.objective, np.zeros(added)]),
            row_starts=starts,
            row_columns=columns,
            row_values=values,
            row_lower=np.concatenate([model.row_lower, *(lower for lower, _ in self._sides)]),
            row_upper=np.concatenate([model.row_upper, *(upper for _, upper in self._sides)]),
            indicators=self._indicators(),
            column_name=_named(model.name_of_column, model.n_columns, self._column_blocks, _Block.name_of),
            row_name=_named(model.name_of_row, model.n_rows, self._row_blocks, _Block.name_of),
            column_origin=_named(model.origin_of_column, model.n_columns, self._column_blocks, _Block.origin_of),
            row_origin=_named(model.origin_of_row, model.n_rows, self._row_blocks, _Block.origin_of),
        )

    def _indicators(self) -> IndicatorRows | None:
        old = self.model.indicators
        if not self._listed:
            return old
        listed = [] if old is None else [(old.row, old.column, old.value)]
        listed += [(rows, columns, np.full(len(rows), value, np.uint8)) for rows, columns, value in self._listed]
        row, column, value = (np.concatenate(arrays) for arrays in zip(*listed, strict=True))
        return IndicatorRows(row=row, column=column, value=value)


def rows_emptied(model: Model, rows: IntArray) -> Model:
    """Return a model in which some rows keep their places and demand nothing."""
    is_empty = np.zeros(model.n_rows, bool)
    is_empty[rows] = True
    kept = ~is_empty[model.entry_rows()]
    counts = np.where(is_empty, 0, np.diff(model.row_starts))
    return replace(
        model,
        row_starts=np.concatenate(([0], np.cumsum(counts))),
        row_columns=model.row_columns[kept],
        row_values=model.row_values[kept],
        row_lower=np.where(is_empty, -np.inf, model.row_lower),
        row_upper=np.where(is_empty, np.inf, model.row_upper),
    )


def spans(starts: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """Return the numbers `starts[i], starts[i] + 1, ...`, `counts[i]` of them for each i, and the i of each."""
    owner = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[owner] + within, owner


def _compressed(parts: Sequence[Entries], n: int, m: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Return starts, columns and values of rows (CSR), without zeros."""
    row = np.concatenate([part.row for part in parts]).astype(np.int64)
    column = np.concatenate([part.column for part in parts]).astype(np.int64)
    value = np.concatenate([part.value for part in parts])
    keys, place = np.unique(row * max(n, 1) + column, return_inverse=True)
    total = np.bincount(place, weights=value, minlength=len(keys)).astype(np.float64)
    keys, total = keys[total != 0.0], total[total != 0.0]
    counts = np.bincount(keys // max(n, 1), minlength=m)
    return np.concatenate(([0], np.cumsum(counts))), keys % max(n, 1), total


def _named(own: Name, n_own: int, blocks: Sequence[_Block], of: Callable[[_Block, int], str]) -> Name:
    starts = list(accumulate((block.count for block in blocks), initial=n_own))
    blocks = tuple(blocks)

    def name(place: int) -> str:
        if place < n_own:
            return own(place)
        block = bisect_right(starts, place) - 1
        return of(blocks[block], place - starts[block])

    return name
