"""What the rewrites of tasks share: names, bounds, and one task before another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solvers.global_constraints import AffineColumns, Cumulative, NoOverlap
from solvers.model import FloatArray, IntArray
from solvers.reformulation.extension import Entries, Extension

Part = tuple[IntArray, IntArray, FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tasks:
    """The tasks of a constraint, with the least and largest values of their starts and sizes.

    Attributes:
        start, size: k terms.
        earliest, latest: float64 (k,), when each may start.
        shortest, longest: float64 (k,), how long each may take.
        name: of the constraint.
        task_name: of each task.
    """

    start: AffineColumns
    size: AffineColumns
    earliest: FloatArray
    latest: FloatArray
    shortest: FloatArray
    longest: FloatArray
    name: str
    task_name: Callable[[int], str]

    @classmethod
    def of(
        cls, extension: Extension, constraint: NoOverlap | Cumulative, usual_name: str, lower: FloatArray,
        upper: FloatArray,
    ) -> Tasks:  # fmt: skip
        """Return the tasks of a constraint, given bounds of the columns (n,)."""
        earliest, latest = constraint.start.bounds(lower, upper)
        shortest, longest = constraint.size.bounds(lower, upper)
        return cls(
            start=constraint.start, size=constraint.size, earliest=earliest, latest=latest,
            shortest=np.maximum(shortest, 0.0), longest=longest, name=constraint.name or usual_name,
            task_name=namer(extension, constraint.start),
        )  # fmt: skip

    def __len__(self) -> int:
        """Return the number of tasks."""
        return len(self.start)


def namer(extension: Extension, start: AffineColumns) -> Callable[[int], str]:
    """Return what names a task: its start column, with the number of the task where several share a column."""
    columns = start.column[start.column >= 0]
    shared = np.bincount(columns, minlength=extension.model.n_columns) > 1

    def name(task: int) -> str:
        column = int(start.column[task])
        if column < 0:
            return f"task {task}"
        text = extension.model.name_of_column(column)
        return f"{text} (task {task})" if shared[column] else text

    return name


def parts(terms: AffineColumns, chosen: IntArray, row: IntArray, factor: float) -> Part:
    """Return the entries of some terms in rows, their offsets left out."""
    is_column = terms.coefficient[chosen] != 0
    kept = chosen[is_column]
    return row[is_column], terms.column[kept], factor * terms.coefficient[kept]


def demand_order(
    extension: Extension, tasks: Tasks, pairs: tuple[IntArray, IntArray], order: IntArray, value: int
) -> None:
    """Demand `start[i] + size[i] <= start[j]` of pairs (i, j), each where its binary column has a value."""
    first, second = pairs
    each = np.arange(len(first))
    entries = Entries.joined(
        parts(tasks.start, first, each, 1.0),
        parts(tasks.size, first, each, 1.0),
        parts(tasks.start, second, each, -1.0),
    )
    limit = tasks.start.offset[second] - tasks.start.offset[first] - tasks.size.offset[first]
    rows = extension.add_rows(
        len(first), entries, -np.inf, limit,
        lambda k: f"{tasks.task_name(int(first[k]))} before {tasks.task_name(int(second[k]))} in {tasks.name}",
    )  # fmt: skip
    extension.demand_only_if(rows, order, value)


def demand_at_least_zero(
    extension: Extension, terms: AffineColumns, lower: FloatArray, upper: FloatArray, name: Callable[[int], str]
) -> None:
    """Demand that terms be at least 0 where their bounds do not say so."""
    chosen = np.flatnonzero(terms.bounds(lower, upper)[0] < 0)
    entries = Entries.joined(parts(terms, chosen, np.arange(len(chosen)), 1.0))
    extension.add_rows(len(chosen), entries, -terms.offset[chosen], np.inf, lambda k: name(int(chosen[k])))
