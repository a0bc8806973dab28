"""Tasks that share a capacity, moment by moment: for whole starts within a horizon."""

from __future__ import annotations

from typing import Final

import numpy as np

from solvers.global_constraints import Cumulative
from solvers.model import FloatArray, IntArray, Kind
from solvers.reformulation.extension import Entries, Extension, spans
from solvers.reformulation.tasks import Part, parts
from solvers.reformulation.values import Occurrences, ValueColumns, n_values

MOST_VALUES: Final = 5_000
"""Up to so many pairs of a task and a moment at which it may start, the rows are written moment by moment."""
MOST_ENTRIES: Final = 2_000_000
_LATER: Final = 1e-6
"""A start up to this much before an end counts as after it, as in `Cumulative.violation`."""


def has_moments(extension: Extension, constraint: Cumulative, lower: FloatArray, upper: FloatArray) -> bool:
    """Whether all tasks start at one of few moments, and take and need what is known beforehand."""
    model = extension.model
    column = constraint.start.column[constraint.start.coefficient != 0]
    if np.any(model.column_kind[column] == Kind.CONTINUOUS) or n_values(column, lower, upper) > MOST_VALUES:
        return False
    fixed = [np.array_equal(*terms.bounds(lower, upper)) for terms in (constraint.size, constraint.demand)]
    if not all(fixed):
        return False
    least, most = constraint.start.bounds(lower, upper)
    longest = constraint.size.bounds(lower, upper)[1].max(initial=0.0)
    return bool(float((most - least + 1.0).sum()) * float(longest) <= MOST_ENTRIES)


def write_moments(
    extension: Extension, constraint: Cumulative, values: ValueColumns, lower: FloatArray, upper: FloatArray
) -> None:
    """Demand at each moment at which a task may start that those that run then need at most the capacity.

    Pritsker, Watters and Wolfe, Multiproject scheduling with limited resources: a zero-one programming approach,
    Management Science 16 (1969). Moments at which even all tasks together fit are left out.
    """
    size, demand = (terms.bounds(lower, upper)[0] for terms in (constraint.size, constraint.demand))
    starts = values.occurrences(constraint.start)
    moments = np.unique(starts.value)
    begin = np.searchsorted(moments, starts.value)
    end = np.searchsorted(moments, starts.value + size[starts.term] - _LATER)
    moment, start = spans(begin, np.where(size[starts.term] > 0, np.maximum(end - begin, 0), 0))
    load = _largest_loads(moment, starts, start, demand, len(moments))
    needed = load > constraint.capacity.bounds(lower, upper)[0][0] + 1e-9
    row = np.where(needed, np.cumsum(needed) - 1, -1)[moment]
    chosen, amount = starts.column[start], demand[starts.term[start]]
    constant = np.bincount(moment[chosen < 0], weights=amount[chosen < 0], minlength=len(moments))[needed]
    written = (row >= 0) & (chosen >= 0)
    times, each = moments[needed], np.arange(int(needed.sum()))
    name = constraint.name or "cumulative"
    extension.add_rows(
        len(times),
        Entries.joined((row[written], chosen[written], amount[written]), less_capacity(constraint, each)),
        -np.inf, constraint.capacity.offset[0] - constant, lambda k: f"{name} at {times[k]:g}",
    )  # fmt: skip


def less_capacity(constraint: Cumulative, rows: IntArray) -> Part:
    """Return the entries that take the capacity away from rows, its offset left out."""
    return parts(constraint.capacity, np.zeros(len(rows), np.int64), rows, -1.0)


def _largest_loads(
    moment: IntArray, starts: Occurrences, start: IntArray, demand: FloatArray, n_moments: int
) -> FloatArray:
    """Return what all tasks that may run at a moment (n,) need together."""
    n = max(len(demand), 1)
    pairs = np.unique(moment * n + starts.term[start])
    return np.bincount(pairs // n, weights=demand[pairs % n], minlength=n_moments).astype(np.float64)
