"""The best solutions of a model with integer columns, and not only one of them.

Lawler's partitioning (A procedure for computing the k best solutions to discrete optimization problems, Management
Science 18, 1972): the best solution of a part of the model splits what is left of that part into parts without it, and
the next best solution is the best of all parts. An integer column with more than two values splits a part by its
bounds; the binary columns together by one row, which demands that some of them differ.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.errors import UnsupportedModelError
from solvers.events import OnSolverEvent
from solvers.model import FloatArray, IntArray, Kind, Model, Sense
from solvers.options import DEFAULT_OPTIONS, SolveOptions
from solvers.solution import OPTIMALITY_GAP, Solution, Termination
from solvers.solve import solve

BoolArray = NDArray[np.bool_]
_WHOLE_TOLERANCE: Final = 1e-9
_NO_GAP: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SolutionPool:
    """The best solutions of a model, the best first.

    Attributes:
        solutions: each with its re-checked point; no two agree in all the columns in which they were to differ.
        is_complete: whether fewer than were asked for exist, so that these are all.
        is_proven: whether no other solution is better than the last of these; not where a limit ended the first solve.
        first: what came of the model itself, which says why where there is no solution at all.
        seconds: wall clock.
        message: one sentence for a person.
    """

    solutions: tuple[Solution, ...]
    is_complete: bool
    is_proven: bool
    first: Solution
    seconds: float
    message: str

    @property
    def n_best(self) -> int:
        """How many of the solutions are as good as the best, up to a relative difference of 1e-6."""
        return sum(_is_tie(solution, self.solutions[0]) for solution in self.solutions)

    @property
    def has_all_best(self) -> bool:
        """Whether every solution that is as good as the best is among these."""
        return self.is_complete or (self.is_proven and self.n_best < len(self.solutions))


def solution_pool(
    model: Model,
    k: int,
    *,
    columns: Sequence[int] | None = None,
    first: Solution | None = None,
    solver: str = "auto",
    options: SolveOptions = DEFAULT_OPTIONS,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
) -> SolutionPool:
    """Find the k best solutions of a model that differ in its integer columns.

    Args:
        model: with integer columns. Continuous columns take their best values for each choice of these.
        k: how many, at least 1.
        columns: integer columns in which solutions are to differ; `None` for all integer columns.
        first: the solution of the model where it is known already; it is taken where it is a proven optimum that was
            found without a gap, and the model is solved otherwise.
        solver: name of a back end, or `auto`.
        options: of each solve; the time limit is that of all together, and the gap is taken for 0, since an order
            cannot be proven with one.
        on_event: as for `solve`.
        cancel: set it to stop; what was found so far is returned.

    Returns:
        The solutions; fewer than k where there are no others, or where a limit was reached.

    Raises:
        ValueError: k is less than 1.
        UnsupportedModelError: there are no integer columns to differ in, or no solver takes the model.
        SolversError: as for `solve`.
    """
    if k < 1:
        raise ValueError(f"the number of solutions must be at least 1, not {k}")
    whole = np.flatnonzero(model.column_kind != Kind.CONTINUOUS) if columns is None else np.asarray(columns, np.int64)
    if not len(whole) or np.any(model.column_kind[whole] == Kind.CONTINUOUS):
        raise UnsupportedModelError(
            "Several solutions can be listed only where they differ in whole numbers: the model has no integer or "
            "binary columns to tell them apart. Between two solutions of a continuous model there are infinitely many."
        )
    search = _Search(model, whole, solver, options, on_event, cancel)
    return search.run(k, first)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A part of the model: bounds of its columns, and points of the binary columns that are left out.

    Attributes:
        excluded: each float64 (b,), the values of the binary columns that may not all be taken.
    """

    lower: FloatArray
    upper: FloatArray
    excluded: tuple[FloatArray, ...] = ()


@dataclass(slots=True)
class _Search:
    """The parts that are not yet split, the one with the best solution first."""

    model: Model
    whole: IntArray
    solver: str
    options: SolveOptions
    on_event: OnSolverEvent | None
    cancel: threading.Event | None
    started: float = field(default_factory=time.perf_counter)
    open: list[tuple[float, int, _Part, Solution]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    unproven: Solution | None = None

    def run(self, k: int, known: Solution | None) -> SolutionPool:
        """Take the best open part, k times, and split it each time for the next."""
        model = self.model
        integer = model.column_kind != Kind.CONTINUOUS
        lower = np.where(integer, np.ceil(model.column_lower - _WHOLE_TOLERANCE), model.column_lower)
        upper = np.where(integer, np.floor(model.column_upper + _WHOLE_TOLERANCE), model.column_upper)
        first = self.look_at(_Part(lower, upper), known)
        found: list[Solution] = []
        while self.open and self.unproven is None:
            _, _, part, solution = heapq.heappop(self.open)
            found.append(solution)
            if len(found) == k:
                break
            for smaller in self.split(part, solution):
                if self.unproven is None:
                    self.look_at(smaller)
        if not found and first.has_point:
            found.append(first)
        is_proven = self.unproven is None
        is_complete = is_proven and len(found) < k
        seconds = time.perf_counter() - self.started
        message = self.message(found, k, first)
        return SolutionPool(
            solutions=tuple(found), is_complete=is_complete, is_proven=is_proven or first.is_optimal, first=first,
            seconds=seconds, message=message,
        )  # fmt: skip

    def message(self, found: Sequence[Solution], k: int, first: Solution) -> str:
        """Say what the pool holds."""
        if not found:
            return first.message
        count = f"{len(found)} solution{'s' * (len(found) != 1)}"
        if not first.is_optimal:
            return f"Only one solution is known, and it is not proven to be the best. {first.message}"
        if self.unproven is not None:
            return f"The best {count} of {k} that were asked for. {self.unproven.message}"
        if len(found) < k:
            return "There is no other solution." if len(found) == 1 else f"There are {count}, and no others."
        return "The best solution." if k == 1 else f"The best {count}."

    def look_at(self, part: _Part, known: Solution | None = None) -> Solution:
        """Solve a part whose solution is not known, and put it among the open ones where it holds a solution."""
        if known is not None and known.is_optimal and known.gap is not None and known.gap <= _NO_GAP:
            return self.taken(part, known)
        limit = self.options.time_limit_seconds
        left = None if limit is None else max(0.0, limit - (time.perf_counter() - self.started))
        options = replace(self.options, relative_gap=0.0, time_limit_seconds=left)
        found = solve(
            self.within(part), solver=self.solver, options=options, on_event=self.on_event, cancel=self.cancel
        )
        return self.taken(part, _without_added_rows(found, self.model))

    def taken(self, part: _Part, solution: Solution) -> Solution:
        """Put a part among the open ones where its solution is the best of it."""
        if solution.is_optimal and solution.objective is not None:
            sign = 1.0 if self.model.sense is Sense.MINIMIZE else -1.0
            heapq.heappush(self.open, (sign * solution.objective, next(self.numbers), part, solution))
        elif solution.termination is not Termination.INFEASIBLE:
            self.unproven = solution
        return solution

    def split(self, part: _Part, solution: Solution) -> Iterator[_Part]:
        """Yield parts that hold together all solutions of a part but one, each solution once."""
        assert solution.values is not None
        lower, upper = part.lower.copy(), part.upper.copy()
        for column in self.whole[~self.is_binary()]:
            value = solution.values[column]
            if lower[column] < value:
                below = upper.copy()
                below[column] = value - 1.0
                yield replace(part, lower=lower.copy(), upper=below)
            if value < upper[column]:
                above = lower.copy()
                above[column] = value + 1.0
                yield replace(part, lower=above, upper=upper.copy())
            lower[column] = upper[column] = value
        binary = self.binary()
        if len(binary):
            yield _Part(lower, upper, (*part.excluded, solution.values[binary]))

    def is_binary(self) -> BoolArray:
        """Return which of the columns to differ in take 0 and 1 only."""
        low, high = self.model.column_lower[self.whole], self.model.column_upper[self.whole]
        only_two: BoolArray = (low > -1.0 + _WHOLE_TOLERANCE) & (high < 2.0 - _WHOLE_TOLERANCE)
        return only_two

    def binary(self) -> IntArray:
        return self.whole[self.is_binary()]

    def within(self, part: _Part) -> Model:
        """Return the model of a part: the bounds, and a row for each point that is left out."""
        model = replace(self.model, column_lower=part.lower, column_upper=part.upper)
        count = len(part.excluded)
        if not count:
            return model
        points, binary = np.array(part.excluded), self.binary()
        # The distance from a point, which must be at least 1: x where it has 0, and 1 - x where it has 1.
        signs = np.where(points > 0.5, -1.0, 1.0)
        n_rows, name_of_row = model.n_rows, model.name_of_row
        return replace(
            model,
            row_starts=np.append(model.row_starts, model.row_starts[-1] + len(binary) * np.arange(1, count + 1)),
            row_columns=np.append(model.row_columns, np.tile(binary, count).astype(model.row_columns.dtype)),
            row_values=np.append(model.row_values, signs.ravel()),
            row_lower=np.append(model.row_lower, 1.0 - (points > 0.5).sum(axis=1)),
            row_upper=np.append(model.row_upper, np.full(count, np.inf)),
            row_name=lambda row: name_of_row(row) if row < n_rows else f"another than number {row - n_rows + 1}",
        )


def _without_added_rows(solution: Solution, model: Model) -> Solution:
    """Return a solution of a part as one of the model."""
    activity = solution.row_activity
    return replace(solution, row_activity=None if activity is None else activity[: model.n_rows])


def _is_tie(one: Solution, other: Solution) -> bool:
    if one.objective is None or other.objective is None:
        return False
    return abs(one.objective - other.objective) <= OPTIMALITY_GAP * max(1.0, abs(other.objective))
