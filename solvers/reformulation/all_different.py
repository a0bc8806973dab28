"""Members that must differ, written as an assignment of values."""

from __future__ import annotations

import numpy as np

from solvers.global_constraints import AllDifferent
from solvers.reformulation.extension import Entries, Extension
from solvers.reformulation.values import ValueColumns


def write_all_different(extension: Extension, constraint: AllDifferent, values: ValueColumns) -> None:
    """Let at most one member have each value; exactly one where there are as many values as members.

    Williams and Yan, Representations of the all_different predicate of constraint satisfaction in integer
    programming, INFORMS Journal on Computing 13 (2001).
    """
    found = values.occurrences(constraint.members)
    different, place = np.unique(found.value, return_inverse=True)
    constant = found.column < 0
    taken = np.bincount(place[constant], minlength=len(different))
    possible = np.bincount(place, minlength=len(different))
    all_taken = len(different) == len(constraint.members)
    needed = possible > 1
    row_of_value = np.where(needed, np.cumsum(needed) - 1, -1)
    row = row_of_value[place]
    written = (row >= 0) & ~constant
    upper = 1.0 - taken[needed].astype(np.float64)
    numbers = different[needed]
    name = constraint.name or "all_different"
    extension.add_rows(
        len(numbers),
        Entries.joined((row[written], found.column[written], 1.0)),
        upper if all_taken else -np.inf,
        upper,
        lambda k: f"{numbers[k]:g} once in {name}",
    )
