"""Arrays of a product of loops that are not written out: what repeats is held once, and spread when it is needed.

In the frame of `for i in I for j in J` the position of `i` is the same for all of J, and that of `j` repeats for each
of I. Held as a `Spread`, neither costs anything, and what is computed from one of them is computed |I| or |J| times
instead of |I| * |J| times. `Repeated` does the same for the rows that a product extends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spread:
    """An array whose entry r is `base[r // after % len(base)]`.

    Attributes:
        entries: (k,), the entries that differ; a range from 0 where they are positions in order, as those of a whole
            set, or those at the beginning of a product of sets.
        before: how often the whole of it repeats.
        after: how often each entry repeats in a row.
    """

    entries: NDArray[Any] | range
    before: int = 1
    after: int = 1

    def __len__(self) -> int:
        return self.before * len(self.entries) * self.after

    @cached_property
    def base(self) -> NDArray[Any]:
        """The entries as an array; made once."""
        return np.arange(len(self.entries)) if isinstance(self.entries, range) else self.entries

    @cached_property
    def array(self) -> NDArray[Any]:
        """The array written out; made once."""
        if self.before == self.after == 1:
            return self.base
        return np.broadcast_to(self.base[:, None], (self.before, len(self.base), self.after)).reshape(-1)

    def of(self, entries: NDArray[Any]) -> Spread:
        """Return another array that is spread in the same way."""
        return Spread(entries, self.before, self.after)

    def take(self, rows: IntArray) -> NDArray[Any]:
        """Return the entries at some rows."""
        if self.before == self.after == 1:
            return rows if isinstance(self.entries, range) else self.entries[rows]
        return self.array[rows]


@dataclass(frozen=True, slots=True)
class Repeated:
    """The rows 0, 1, ..., count - 1, each `width` times in a row."""

    count: int
    width: int

    def __len__(self) -> int:
        return self.count * self.width

    def array(self) -> IntArray:
        """Return the rows written out."""
        return np.repeat(np.arange(self.count), self.width)


Rows = IntArray | Repeated
"""For each row of a frame, a row of the frame that it extends."""
Places = IntArray | Spread
"""For each row of a frame, a position."""

ONCE: Final = Repeated(1, 1)


def written_out(places: Places) -> NDArray[Any]:
    """Return an array, spread or not, as an array."""
    return places.array if isinstance(places, Spread) else places


def rows_written_out(rows: Rows) -> IntArray:
    """Return rows as an array."""
    return rows.array() if isinstance(rows, Repeated) else rows


def distinct_part(places: Places) -> NDArray[Any]:
    """Return an array that holds each value of another at least once; shorter where that one repeats itself."""
    return places.base if isinstance(places, Spread) else places


def taken(places: Places, rows: Rows) -> Places:
    """Return the entries at some rows."""
    if isinstance(rows, Repeated):
        if rows.width == 1:
            return places
        if not len(rows):
            return written_out(places)[:0]
        if isinstance(places, Spread):
            return Spread(places.entries, places.before, places.after * rows.width)
        return Spread(places, 1, rows.width)
    return places.take(rows) if isinstance(places, Spread) else places[rows]


def chained(outer: Rows, inner: Rows) -> Rows:
    """Return `outer[inner]`: rows of a frame that was extended twice."""
    if isinstance(outer, Repeated):
        if isinstance(inner, Repeated):
            return Repeated(outer.count, outer.width * inner.width)
        return inner if outer.width == 1 else inner // outer.width
    return np.repeat(outer, inner.width) if isinstance(inner, Repeated) else outer[inner]


def place_in_product(outer: Places, size: int, inner: Places) -> Places:
    """Return `outer * size + inner`, spread like the two where that is possible."""
    if isinstance(outer, Spread) and isinstance(inner, Spread):
        if _is_whole_product(outer, size, inner):
            return Spread(range(len(outer.entries) * size), outer.before, inner.after)
        together = _added(outer.of(outer.base * size), inner)
        if together is not None:
            return together
    flat = written_out(outer) * size
    flat += written_out(inner)
    return flat


def _is_whole_product(outer: Spread, size: int, inner: Spread) -> bool:
    """Whether two loops, one right inside the other, run over the whole of their sets in order."""
    in_order = isinstance(outer.entries, range) and isinstance(inner.entries, range) and len(inner.entries) == size
    return in_order and outer.after == size * inner.after


def _added(a: Spread, b: Spread) -> Spread | None:
    """Return the sum of two spread arrays, spread; `None` when their repetitions do not nest."""
    if len(a.base) == len(b.base) and a.after == b.after:
        return a.of(a.base + b.base)
    for one, other in ((a, b), (b, a)):
        if len(one.base) == 1:
            return other.of(one.base + other.base) if one.base[0] else other
    slow, fast = (a, b) if a.after > b.after else (b, a)
    gap, rest = divmod(slow.after, len(fast.base) * fast.after)
    if rest or not gap:
        return None
    sums = slow.base[:, None, None] + fast.base
    if gap > 1:
        sums = np.broadcast_to(sums, (len(slow.base), gap, len(fast.base)))
    return Spread(sums.reshape(-1), slow.before, fast.after)


def row_sums(rows: Rows, numbers: FloatArray, size: int) -> FloatArray:
    """Add numbers, (k,) or (), up by row.

    Args:
        rows: (k,), the row of each number.
        numbers: float64.
        size: number of rows.
    """
    if isinstance(rows, Repeated):
        if numbers.ndim == 0:
            return np.full(size, float(numbers) * rows.width)
        return np.asarray(numbers.reshape(size, rows.width).sum(axis=1))
    weights = np.broadcast_to(numbers, rows.shape)
    return np.asarray(np.bincount(rows, weights=weights, minlength=size), np.float64)
