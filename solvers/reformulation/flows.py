"""Tasks that share a capacity, as a flow of the capacity from task to task: for any starts, sizes and demands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.errors import UnsupportedModelError
from solvers.global_constraints import AffineColumns, Cumulative
from solvers.model import FloatArray, IntArray, Kind
from solvers.reformulation.extension import Entries, Extension
from solvers.reformulation.tasks import Tasks, demand_order, parts

MOST_PAIRS: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Needs:
    """What tasks need while they run: 0 for a task that takes no time.

    Attributes:
        terms: k terms.
        least, most: float64 (k,).
    """

    terms: AffineColumns
    least: FloatArray
    most: FloatArray


def write_flows(extension: Extension, constraint: Cumulative, lower: FloatArray, upper: FloatArray) -> None:
    """Let each task get what it needs from the whole capacity or from tasks that end before it starts.

    A schedule keeps the capacity if and only if there is such a flow: Artigues, Michelon and Reusser, Insertion
    techniques for static and dynamic resource-constrained project scheduling, European Journal of Operational
    Research 149 (2003). Demands and capacity may be columns.

    Raises:
        UnsupportedModelError: there are too many tasks, or neither demands nor capacity have an upper bound.
    """
    tasks = Tasks.of(extension, constraint, "cumulative", lower, upper)
    needs = _needs(extension, constraint, tasks, lower, upper)
    most_capacity = float(constraint.capacity.bounds(lower, upper)[1][0])
    runs = np.flatnonzero((tasks.longest > 0) & (needs.most > 0))
    first, second = (side.ravel() for side in np.meshgrid(runs, runs, indexing="ij"))
    possible = (first != second) & (tasks.earliest[first] + tasks.shortest[first] <= tasks.latest[second])
    first, second = first[possible], second[possible]
    if len(first) > MOST_PAIRS:
        raise UnsupportedModelError(
            f"{tasks.name} has {len(first)} pairs of tasks that can follow each other; up to {MOST_PAIRS} are written "
            "as rows. Whole starts within a short horizon, with fixed sizes and demands, would be."
        )
    largest = np.minimum(np.minimum(needs.most[first], needs.most[second]), most_capacity)
    _refuse_endless(tasks, first, largest)
    before = extension.add_columns(
        len(first), 0.0, 1.0, Kind.BINARY,
        lambda k: f"{tasks.task_name(int(first[k]))} before {tasks.task_name(int(second[k]))} in {tasks.name}",
    )  # fmt: skip
    demand_order(extension, tasks, (first, second), before, 1)
    _add_flows(extension, constraint, tasks, needs, runs, (first, second, before, largest))
    _separate(extension, tasks, needs, most_capacity, (first, second, before))


def _needs(extension: Extension, constraint: Cumulative, tasks: Tasks, lower: FloatArray, upper: FloatArray) -> _Needs:
    """Return what tasks need, with a column for each task that may take no time, and then needs nothing."""
    least, most = constraint.demand.bounds(lower, upper)
    chosen = np.flatnonzero((tasks.shortest <= 0) & (tasks.longest > 0) & (most > 0))
    count, each = len(chosen), np.arange(len(chosen))
    runs = extension.add_columns(
        count, 0.0, 1.0, Kind.BINARY, lambda k: f"{tasks.task_name(int(chosen[k]))} runs in {tasks.name}"
    )
    need = extension.add_columns(
        count, 0.0, most[chosen], Kind.CONTINUOUS,
        lambda k: f"need of {tasks.task_name(int(chosen[k]))} in {tasks.name}",
    )  # fmt: skip
    no_time = extension.add_rows(
        count, Entries.joined(parts(constraint.size, chosen, each, 1.0)), -np.inf, -constraint.size.offset[chosen],
        lambda k: f"{tasks.task_name(int(chosen[k]))} takes no time in {tasks.name}",
    )  # fmt: skip
    extension.demand_only_if(no_time, runs, 0)
    enough = extension.add_rows(
        count, Entries.joined(parts(constraint.demand, chosen, each, -1.0), (each, need, 1.0)),
        constraint.demand.offset[chosen], np.inf,
        lambda k: f"{tasks.task_name(int(chosen[k]))} needs its demand in {tasks.name}",
    )  # fmt: skip
    extension.demand_only_if(enough, runs, 1)
    demand = constraint.demand
    column, coefficient, offset = demand.column.copy(), demand.coefficient.copy(), demand.offset.copy()
    column[chosen], coefficient[chosen], offset[chosen] = need, 1.0, 0.0
    least[chosen] = 0.0
    return _Needs(
        terms=AffineColumns(column=column, coefficient=coefficient, offset=offset),
        least=np.maximum(least, 0.0),
        most=most,
    )


def _add_flows(
    extension: Extension, constraint: Cumulative, tasks: Tasks, needs: _Needs, runs: IntArray,
    pairs: tuple[IntArray, IntArray, IntArray, FloatArray],
) -> None:  # fmt: skip
    """Add what each task hands on to each that starts later, and what it gets from the whole capacity."""
    first, second, before, largest = pairs
    each, count = np.arange(len(first)), len(runs)
    flow = extension.add_columns(
        len(first), 0.0, largest, Kind.CONTINUOUS,
        lambda k: f"{tasks.name} from {tasks.task_name(int(first[k]))} to {tasks.task_name(int(second[k]))}",
    )  # fmt: skip
    fresh = extension.add_columns(
        count, 0.0, np.inf, Kind.CONTINUOUS, lambda k: f"{tasks.name} first to {tasks.task_name(int(runs[k]))}"
    )
    extension.add_rows(
        len(first), Entries.joined((each, flow, 1.0), (each, before, -largest)), -np.inf, 0.0,
        lambda k: f"{tasks.name} only from {tasks.task_name(int(first[k]))} if before "
        f"{tasks.task_name(int(second[k]))}",
    )  # fmt: skip
    place = np.full(len(tasks), -1)
    place[runs] = np.arange(count)
    needed = parts(needs.terms, runs, np.arange(count), -1.0)
    extension.add_rows(
        count, Entries.joined((place[second], flow, 1.0), (np.arange(count), fresh, 1.0), needed),
        needs.terms.offset[runs], np.inf,
        lambda k: f"{tasks.task_name(int(runs[k]))} gets what it needs of {tasks.name}",
    )  # fmt: skip
    extension.add_rows(
        count, Entries.joined((place[first], flow, 1.0), needed), -np.inf, needs.terms.offset[runs],
        lambda k: f"{tasks.task_name(int(runs[k]))} hands on what it has of {tasks.name}",
    )  # fmt: skip
    top = np.zeros(1, np.int64)
    extension.add_rows(
        1, Entries.joined((np.zeros(count, np.int64), fresh, 1.0), parts(constraint.capacity, top, top, -1.0)),
        -np.inf, constraint.capacity.offset, lambda _: f"capacity of {tasks.name}",
    )  # fmt: skip


def _separate(
    extension: Extension, tasks: Tasks, needs: _Needs, capacity: float, pairs: tuple[IntArray, IntArray, IntArray]
) -> None:
    """Demand an order of two tasks that never fit beside each other, which the flows imply only in whole numbers."""
    first, second, before = pairs
    n = max(len(tasks), 1)
    clash: NDArray[np.bool_] = (
        (needs.least[first] + needs.least[second] > capacity + 1e-9)
        & (tasks.shortest[first] > 0)
        & (tasks.shortest[second] > 0)
    )
    keys, row = np.unique(np.minimum(first, second)[clash] * n + np.maximum(first, second)[clash], return_inverse=True)
    extension.add_rows(
        len(keys), Entries.joined((row, before[clash], 1.0)), 1.0, np.inf,
        lambda k: f"{tasks.task_name(int(keys[k] // n))} and {tasks.task_name(int(keys[k] % n))} apart in {tasks.name}",
    )  # fmt: skip


def _refuse_endless(tasks: Tasks, first: IntArray, largest: FloatArray) -> None:
    endless = np.flatnonzero(np.isinf(largest))
    if len(endless):
        raise UnsupportedModelError(
            f"{tasks.name} cannot be written as linear rows: neither the demand of "
            f"{tasks.task_name(int(first[endless[0]]))} nor the capacity has an upper bound. State one."
        )
