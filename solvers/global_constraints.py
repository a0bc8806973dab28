"""Global constraints: demands on many columns at once, as constraint programming knows them.

Their terms follow the Global Constraint Catalogue (Beldiceanu, Carlsson and Rampon): alldifferent, disjunctive (here
`NoOverlap`), cumulative, circuit. Members are affine in one column each, so that `queen[i] + i` needs no column of
its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.errors import ModelError

_FloatArray = NDArray[np.float64]
_IntArray = NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AffineColumns:
    """Terms `coefficient * x[column] + offset`, one column each.

    Attributes:
        column: int (k,); -1 for a constant.
        coefficient: float64 (k,); 0 for a constant.
        offset: float64 (k,).
    """

    column: _IntArray
    coefficient: _FloatArray
    offset: _FloatArray

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self.column)

    def value(self, x: _FloatArray) -> _FloatArray:
        """Return the value of each term (k,) at a point (n,)."""
        if not len(x):
            return self.offset.copy()
        return self.coefficient * x[np.maximum(self.column, 0)] + self.offset

    def bounds(self, lower: _FloatArray, upper: _FloatArray) -> tuple[_FloatArray, _FloatArray]:
        """Return the least and the largest value of each term (k,), given the bounds of the columns (n,)."""
        if not len(lower):
            return self.offset.copy(), self.offset.copy()
        constant, place = self.coefficient == 0, np.maximum(self.column, 0)
        ends = [
            np.where(constant, 0.0, self.coefficient * np.where(constant, 0.0, side[place])) + self.offset
            for side in (lower, upper)
        ]
        return np.minimum(*ends), np.maximum(*ends)

    def validate(self, n_columns: int, name: str) -> None:
        """Check that the arrays fit together and to a model.

        Raises:
            ModelError: they do not; the text says which.
        """
        k = len(self.column)
        if self.coefficient.shape != (k,) or self.offset.shape != (k,):
            raise ModelError(f"{name} has arrays of different lengths")
        if k and (self.column.min() < -1 or self.column.max() >= n_columns):
            raise ModelError(f"{name} names a column outside 0 to {n_columns - 1}")
        if not (np.isfinite(self.coefficient).all() and np.isfinite(self.offset).all()):
            raise ModelError(f"{name} holds a number that is not finite")
        if np.any(self.coefficient[self.column < 0]):
            raise ModelError(f"{name} gives a constant a coefficient")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AllDifferent:
    """No two members have the same value; members are whole.

    Attributes:
        members: k terms.
        name: for people.
    """

    members: AffineColumns
    name: str = ""

    def violation(self, x: _FloatArray) -> float:
        """Return how many members have the value of an earlier one at a point (n,)."""
        values = np.round(self.members.value(x), 6)
        return float(len(values) - len(np.unique(values)))

    def terms(self) -> tuple[AffineColumns, ...]:
        """Return all terms."""
        return (self.members,)

    def validate(self, n_columns: int) -> None:
        """Check that it fits to a model; `ModelError` otherwise."""
        self.members.validate(n_columns, self.name or "all_different")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoOverlap:
    """No two tasks run at the same moment: of any two, one ends before the other starts.

    Attributes:
        start: k terms, when each task starts.
        size: k terms, how long it takes, at least 0; tasks of size 0 may stand anywhere but within another.
        name: for people.
    """

    start: AffineColumns
    size: AffineColumns
    name: str = ""

    def violation(self, x: _FloatArray) -> float:
        """Return the longest overlap of two tasks at a point (n,), relative to max(1, largest end)."""
        start, size = self.start.value(x), self.size.value(x)
        order = np.lexsort((size, start))
        ends = (start + size)[order]
        latest = np.maximum.accumulate(ends)
        overlap = latest[:-1] - start[order][1:]
        return _relative(max(float(overlap.max(initial=0.0)), float((-size).max(initial=0.0))), ends)

    def terms(self) -> tuple[AffineColumns, ...]:
        """Return all terms."""
        return self.start, self.size

    def validate(self, n_columns: int) -> None:
        """Check that it fits to a model; `ModelError` otherwise."""
        _validate_tasks(self, n_columns, self.name or "no_overlap")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cumulative:
    """At every moment the tasks that run need at most the capacity together.

    Attributes:
        start: k terms, when each task starts.
        size: k terms, how long it takes, at least 0.
        demand: k terms, what it needs while it runs, at least 0.
        capacity: one term.
        name: for people.
    """

    start: AffineColumns
    size: AffineColumns
    demand: AffineColumns
    capacity: AffineColumns
    name: str = ""

    def violation(self, x: _FloatArray) -> float:
        """Return by how much the capacity is exceeded at most at a point (n,), relative to max(1, capacity)."""
        start, size, demand = self.start.value(x), self.size.value(x), self.demand.value(x)
        capacity = self.capacity.value(x)
        runs = size > 0
        begins, ends, needs = start[runs], (start + size)[runs], demand[runs]
        # What runs changes at starts only upwards, so looking there is enough; a start within 1e-6 of an end is after.
        at_start = (begins[None, :] <= begins[:, None] + 1e-9) & (ends[None, :] > begins[:, None] + 1e-6)
        most = float((at_start @ needs).max(initial=0.0))
        negative = max(float((-size).max(initial=0.0)), float((-demand).max(initial=0.0)))
        return _relative(max(most - float(capacity[0]), negative), capacity)

    def terms(self) -> tuple[AffineColumns, ...]:
        """Return all terms."""
        return self.start, self.size, self.demand, self.capacity

    def validate(self, n_columns: int) -> None:
        """Check that it fits to a model; `ModelError` otherwise."""
        name = self.name or "cumulative"
        _validate_tasks(self, n_columns, name)
        self.demand.validate(n_columns, name)
        self.capacity.validate(n_columns, name)
        if len(self.demand) != len(self.start) or len(self.capacity) != 1:
            raise ModelError(f"{name} needs one demand for each task and one capacity")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Circuit:
    """The chosen arcs form one circuit that visits each node once.

    A node whose arc to itself is chosen is left out of the circuit.

    Attributes:
        tail, head: int (k,), the nodes of each arc, numbered from 0 without gaps.
        column: int (k,), the binary column that chooses it.
        name: for people.
    """

    tail: _IntArray
    head: _IntArray
    column: _IntArray
    name: str = ""

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(max(self.tail.max(initial=-1), self.head.max(initial=-1))) + 1

    def violation(self, x: _FloatArray) -> float:
        """Return how many nodes the circuit misses at a point (n,): 0 where the chosen arcs form one circuit."""
        chosen = np.round(x[self.column]) == 1
        following = np.full(self.n_nodes, -1)
        tail, head = self.tail[chosen], self.head[chosen]
        once = len(np.unique(tail)) == len(np.unique(head)) == len(tail) == self.n_nodes
        if not once:
            return float(max(1, self.n_nodes - len(np.unique(tail))))
        following[tail] = head
        visited = np.flatnonzero(following != np.arange(self.n_nodes))
        if not len(visited):
            return 0.0
        node, seen = int(following[visited[0]]), 1
        while node != visited[0]:
            node, seen = int(following[node]), seen + 1
        return float(len(visited) - seen)

    def terms(self) -> tuple[AffineColumns, ...]:
        """Return all terms."""
        ones = np.ones(len(self.column))
        return (AffineColumns(column=self.column, coefficient=ones, offset=np.zeros(len(self.column))),)

    def validate(self, n_columns: int) -> None:
        """Check that it fits to a model; `ModelError` otherwise."""
        name = self.name or "circuit"
        k = len(self.column)
        if self.tail.shape != (k,) or self.head.shape != (k,):
            raise ModelError(f"{name} has arrays of different lengths")
        if k and min(self.tail.min(), self.head.min()) < 0:
            raise ModelError(f"{name} names a node below 0")
        if k and (self.column.min() < 0 or self.column.max() >= n_columns):
            raise ModelError(f"{name} names a column outside 0 to {n_columns - 1}")


GlobalConstraint = AllDifferent | NoOverlap | Cumulative | Circuit


def _validate_tasks(tasks: NoOverlap | Cumulative, n_columns: int, name: str) -> None:
    tasks.start.validate(n_columns, name)
    tasks.size.validate(n_columns, name)
    if len(tasks.start) != len(tasks.size):
        raise ModelError(f"{name} needs one size for each start")


def _relative(amount: float, scale: _FloatArray) -> float:
    return max(amount, 0.0) / max(1.0, float(np.abs(scale).max(initial=0.0)))
