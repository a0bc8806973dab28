"""Tasks that must not overlap, written as one decision for each two of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from solvers.errors import UnsupportedModelError
from solvers.global_constraints import NoOverlap
from solvers.model import FloatArray, Kind
from solvers.reformulation.extension import Extension
from solvers.reformulation.tasks import Tasks, demand_at_least_zero, demand_order

MOST_PAIRS: Final = 20_000


def write_no_overlap(extension: Extension, constraint: NoOverlap, lower: FloatArray, upper: FloatArray) -> None:
    """Let a binary column say for each two tasks which comes first, and demand that it end before the other starts.

    Pairs that cannot overlap by their bounds are left out.

    Manne, On the job-shop scheduling problem, Operations Research 8 (1960).

    Raises:
        UnsupportedModelError: there are too many pairs.
    """
    tasks = Tasks.of(extension, constraint, "no_overlap", lower, upper)
    demand_at_least_zero(
        extension, tasks.size, lower, upper, lambda k: f"size of {tasks.task_name(k)} at least 0 in {tasks.name}"
    )
    first, second = np.triu_indices(len(tasks), 1)
    latest_end = tasks.latest + tasks.longest
    apart = (latest_end[first] <= tasks.earliest[second]) | (latest_end[second] <= tasks.earliest[first])
    first, second = first[~apart], second[~apart]
    if len(first) > MOST_PAIRS:
        raise UnsupportedModelError(
            f"{tasks.name} has {len(first)} pairs of tasks that could overlap; up to {MOST_PAIRS} are written as rows. "
            "State tighter bounds for the starts, or take fewer tasks."
        )
    order = extension.add_columns(
        len(first), 0.0, 1.0, Kind.BINARY,
        lambda k: f"{tasks.task_name(int(first[k]))} before {tasks.task_name(int(second[k]))} in {tasks.name}",
    )  # fmt: skip
    demand_order(extension, tasks, (first, second), order, 1)
    demand_order(extension, tasks, (second, first), order, 0)
