"""Levers: numbers that may change, and the sides, bounds and capacities that move with each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvers.diagnosis.members import BoolArray, Numbering, Part, demanded
from solvers.global_constraints import Cumulative, GlobalConstraint
from solvers.model import FloatArray, IntArray, Model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levers:
    """What may move: with k levers and e sides that they move.

    Attributes:
        cost: float64 (k,), above 0, of one unit of each lever in either direction.
        lowest, highest: float64 (k,), at most and at least 0: how far each may go down and up.
        side: int (e,), numbers of sides of rows, bounds of columns and `Cumulative` constraints, of which the capacity
            moves; see `solvers.diagnosis.members`.
        lever: int (e,), the lever that moves each.
        rate: float64 (e,), by how much the side rises for each unit of the lever.
    """

    cost: FloatArray
    lowest: FloatArray
    highest: FloatArray
    side: IntArray
    lever: IntArray
    rate: FloatArray

    @property
    def count(self) -> int:
        """Number of levers."""
        return len(self.cost)

    @classmethod
    def of_sides(cls, model: Model, movable: BoolArray | None = None, weight: FloatArray | None = None) -> Levers:
        """Return one lever for each side that may move, which moves it outwards only.

        Args:
            model: whose sides they are.
            movable: bool (total,), which; `None` for both sides of all rows and no bounds of columns.
            weight: float64 (total,), the cost of one unit; `None` for 1 everywhere.
        """
        numbering = Numbering.of(model)
        kept = demanded(model)
        if movable is None:
            kept[int(numbering.starts[2]) :] = False
        else:
            kept &= movable
        kept[int(numbering.starts[4]) :] = False
        sides = np.flatnonzero(kept)
        is_lower = np.zeros(numbering.total, bool)
        is_lower[numbering.within(Part.ROW_LOWER)] = True
        is_lower[numbering.within(Part.COLUMN_LOWER)] = True
        return cls(
            cost=np.ones(len(sides)) if weight is None else weight[sides],
            lowest=np.zeros(len(sides)),
            highest=np.full(len(sides), np.inf),
            side=sides,
            lever=np.arange(len(sides)),
            rate=np.where(is_lower[sides], -1.0, 1.0),
        )

    def alone(self, lever: int) -> Levers:
        """Return the same levers, of which only one moves."""
        is_other = np.arange(self.count) != lever
        return replace(self, lowest=np.where(is_other, 0.0, self.lowest), highest=np.where(is_other, 0.0, self.highest))

    def moving(self, sides: IntArray) -> NDArray[np.int64]:
        """Return the levers that move any of some sides, ascending."""
        return np.unique(self.lever[np.isin(self.side, sides)]).astype(np.int64)


def within(levers: Levers, reach: float) -> Levers:
    """Return the same levers, each of which goes at most so far."""
    return replace(
        levers, lowest=np.maximum(levers.lowest, -reach), highest=np.minimum(levers.highest, reach)
    )  # fmt: skip


def moved(model: Model, levers: Levers, amount: FloatArray) -> Model:
    """Return a model with its sides moved.

    Args:
        model: as it is.
        levers: its levers.
        amount: float64 (k,), by how much each lever goes up.
    """
    numbering = Numbering.of(model)
    shift = np.bincount(levers.side, weights=levers.rate * amount[levers.lever], minlength=numbering.total)
    return replace(
        model,
        row_lower=model.row_lower + shift[numbering.within(Part.ROW_LOWER)],
        row_upper=model.row_upper + shift[numbering.within(Part.ROW_UPPER)],
        column_lower=model.column_lower + shift[numbering.within(Part.COLUMN_LOWER)],
        column_upper=model.column_upper + shift[numbering.within(Part.COLUMN_UPPER)],
        global_constraints=tuple(
            _with_capacity(constraint, float(more))
            for constraint, more in zip(model.global_constraints, shift[numbering.within(Part.GLOBAL)], strict=True)
        ),
    )


def _with_capacity(constraint: GlobalConstraint, more: float) -> GlobalConstraint:
    if not more or not isinstance(constraint, Cumulative):
        return constraint
    capacity = constraint.capacity
    return replace(constraint, capacity=replace(capacity, offset=capacity.offset + more))
