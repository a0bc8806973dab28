"""Lays the linear terms of rows out as sparse rows, in place where they come in the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluation.ordering import sort_in_place
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Terms

_NARROW: Final = 8


class RowLayout:
    """Sparse rows (CSR) that grow by one family of rows after the other, in arrays of their final length."""

    def __init__(self, families: Sequence[tuple[int, Sequence[Terms]]], n_columns: int) -> None:
        """Lay out families of rows.

        Args:
            families: for each, the number of its rows and their terms.
            n_columns: of the model.
        """
        room = sum(part.count for _, terms in families for part in terms)
        rows = sum(size for size, _ in families)
        self.n_columns = n_columns
        self.columns, self.values = np.empty(room, np.int32), np.empty(room)
        self.starts: NDArray[np.integer] = np.zeros(rows + 1, np.int32 if room < 2**31 else np.int64)
        self.n_rows = self.filled = 0
        for size, terms in families:
            if not self._add_regular(size, terms):
                self._add(size, terms)

    def arrays(self) -> tuple[NDArray[np.integer], ColumnArray, FloatArray]:
        """Return starts, columns and values; ascending columns within a row, no duplicates, no zeros."""
        return self.starts, self.columns[: self.filled], self.values[: self.filled]

    def _add_regular(self, size: int, terms: Sequence[Terms]) -> bool:
        """Lay rows out that all have the same number of terms, one block of terms beside the other.

        Returns:
            Whether that was possible: it is not where the columns of a row do not ascend then, or zeros must go.
        """
        if not size or any(part.rows is not None for part in terms) or not all(part.width for part in terms):
            return False
        terms = sorted(terms, key=lambda part: int(part.columns[0][0]))
        blocks = [part.columns[0].reshape(size, part.width) for part in terms]
        ascends = all((left[:, -1] < right[:, 0]).all() for left, right in pairwise(blocks))
        if not ascends or not all(map(_ascends, blocks)) or not all(part.coefficients.all() for part in terms):
            return False
        width = sum(part.width for part in terms)
        room = slice(self.filled, self.filled + size * width)
        columns, values = self.columns[room].reshape(size, width), self.values[room].reshape(size, width)
        begin = 0
        for part, block in zip(terms, blocks, strict=True):
            place = slice(begin, begin + part.width)
            columns[:, place] = block
            values[:, place] = part.coefficients.reshape(block.shape) if part.coefficients.ndim else part.coefficients
            begin += part.width
        ends = np.arange(self.filled + width, room.stop + 1, width, dtype=self.starts.dtype) if width else self.filled
        self._close(size, ends, room.stop)
        return True

    def _add(self, size: int, terms: Sequence[Terms]) -> None:
        """Lay any rows out."""
        if not terms:
            self._close(size, self.filled, self.filled)
            return
        rows, columns, values = sorted_entries(terms, self.n_columns)
        if not values.all():
            keep = values != 0
            rows, columns, values = rows[keep], columns[keep], values[keep]
        end = self.filled + len(values)
        self.columns[self.filled : end], self.values[self.filled : end] = columns, values
        self._close(size, np.bincount(rows, minlength=size).cumsum() + self.filled, end)

    def _close(self, size: int, ends: IntArray | int, end: int) -> None:
        """Note where the next rows end."""
        self.starts[self.n_rows + 1 : self.n_rows + 1 + size] = ends
        self.n_rows += size
        self.filled = end


def _ascends(block: ColumnArray) -> bool:
    """Whether the columns of each row ascend."""
    if block.shape[1] <= _NARROW:  # numpy is slow where the inner loop is short
        return all((block[:, k - 1] < block[:, k]).all() for k in range(1, block.shape[1]))
    return bool((block[:, :-1] < block[:, 1:]).all())


def sorted_entries(terms: Sequence[Terms], n_columns: int) -> tuple[IntArray, ColumnArray, FloatArray]:
    """Return the rows, columns and coefficients of linear terms, ascending by row and column.

    Terms of the same place are added up. Zeros stay.
    """
    count = sum(part.count for part in terms)
    bits = max(n_columns - 1, 1).bit_length()
    places, values = np.empty(count, np.int64), np.empty(count)  # a place is a row and a column in one number
    begin = 0
    for part in terms:
        block = slice(begin, begin + part.count)
        np.left_shift(part.explicit_rows(), bits, out=places[block])
        places[block] |= part.columns[0]
        values[block] = part.coefficients
        begin += part.count
    if not (places[1:] > places[:-1]).all():
        values = values[sort_in_place(places, int(places.max()) + 1)]
        repeats = places[1:] == places[:-1]
        if repeats.any():
            first = np.flatnonzero(np.concatenate(([True], ~repeats)))
            places, values = places[first], np.add.reduceat(values, first)
    return places >> bits, (places & ((1 << bits) - 1)).astype(np.int32), values
