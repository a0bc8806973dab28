"""Shadow prices of linear models in both directions, and the ranges within which prices and points hold.

The optimal value of a linear model is piecewise linear in each side. At a kink, where the optimum is degenerate, the
dual that a simplex method hands out is one of many, and the ranges of its basis are too narrow (Gal, Shadow prices and
sensitivity analysis in linear programming under degeneracy, OR Spektrum 8, 1986; Jansen, de Jong, Roos and Terlaky,
Sensitivity analysis in linear programming: just be careful!, European Journal of Operational Research 101, 1997). So
nothing here is read from a basis. Everything is the optimum of a small change of the model:

- With T the directions in which the optimal point may move (the *tangent cone*), the price of a side when it moves up
  is the best change of the objective over T with that side moved by 1. Moved down, it is the price on the other side.
- A price holds as far as a point exists that is feasible with the moved side and whose objective follows the price.
- A point stays optimal while a coefficient of the objective rises or falls by no more than the best change of the
  objective over the directions of T in which its column moves by 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from solvers.backends.highs_hot import HotModel, Optimum
from solvers.model import FloatArray, IntArray, Model, Sense
from solvers.solution import Termination

ACTIVE_TOLERANCE: Final = 1e-7
"""Up to this distance, relative to max(1, |side|), a side or a bound counts as met."""
_ROUNDING: Final = 1e-9
"""What is nearer to 0, relative to the numbers that it is made of, is 0."""
_SLACK: Final = 4e-16
"""By how much, relative to its terms, the objective may miss the price: the rounding of large numbers."""
_NEVER: Final = (Termination.LIMIT, Termination.INTERRUPTED, Termination.ERROR)

BoolArray = NDArray[np.bool_]
Side = Literal["lower", "upper", "both"]


class NotFinished(Exception):  # noqa: N818 - no error: the time was up
    """The time was up, or the caller stopped it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SidePrice:
    """What one side of a row is worth.

    Attributes:
        row: of the model.
        side: which side; `both` for an equation, whose sides move together.
        value: of the side as it is.
        price_up: change of the objective, as stated, per unit when the side moves up; `None` where nothing is feasible
            then.
        price_down: the same at the other side of a kink: by how much the objective falls per unit when the side moves
            down; `None` where nothing is feasible then. Where the optimum is not degenerate, it equals `price_up`.
        lower, upper: how far the side may go down and up until these prices end; infinite where they never end.
    """

    row: int
    side: Side
    value: float
    price_up: float | None
    price_down: float | None
    lower: float
    upper: float

    @property
    def is_two_sided(self) -> bool:
        """Whether one price holds in both directions."""
        if self.price_up is None or self.price_down is None:
            return False
        return abs(self.price_up - self.price_down) <= 1e-7 * max(1.0, abs(self.price_up), abs(self.price_down))


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRange:
    """Within which values of its coefficient in the objective the optimal point stays optimal.

    Attributes:
        column: of the model.
        cost: the coefficient.
        lower, upper: of the range; infinite where it has no end. One of them is the coefficient itself where another
            point is optimal too.
    """

    column: int
    cost: float
    lower: float
    upper: float

    @property
    def is_tight(self) -> bool:
        """Whether another point, with another value of the column, is optimal too."""
        near = _ROUNDING * max(1.0, abs(self.cost))
        return self.cost - self.lower <= near or self.upper - self.cost <= near


class Ranging:
    """The optimal point of a linear model, and the two models that answer questions about it."""

    def __init__(
        self,
        model: Model,
        values: FloatArray,
        *,
        deadline: float = math.inf,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take an optimal point.

        Args:
            model: linear and continuous.
            values: float64 (n,), optimal.
            deadline: on the clock of `time.perf_counter`.
            is_cancelled: asked while HiGHS runs; whether it shall stop.
        """
        self._model = model
        self._values = values
        self._split, self._upper_row = _with_single_sides(model)
        self._scale = float(np.abs(model.objective).max(initial=0.0))
        self._size = float(np.abs(model.objective * values).sum())
        self._objective = model.objective_value(values)
        self._cone = tangent_cone(self._split, values)
        self._directions = HotModel(self._cone, deadline=deadline, is_cancelled=is_cancelled)
        self._moved = HotModel(_with_move(self._split), deadline=deadline, is_cancelled=is_cancelled)

    def price(self, row: int) -> SidePrice:
        """Return what the side of a row that is met is worth; where none is met, the nearest one.

        Raises:
            NotFinished: the time was up, or it was stopped.
        """
        side = active_side(self._model, row, float(self._model.activity(self._values)[row]))
        place = int(self._upper_row[row]) if side == "upper" else row
        value = float(self._split.row_lower[place] if side == "lower" else self._split.row_upper[place])
        ups = {direction: self._rate(place, side, direction) for direction in (1, -1)}
        reach = {direction: self._reach(place, side, direction, ups[direction]) for direction in (1, -1)}
        up, down = ups[1], ups[-1]
        return SidePrice(
            row=row, side=side, value=value, price_up=up, price_down=down, lower=value - reach[-1],
            upper=value + reach[1],
        )  # fmt: skip

    def cost_range(self, column: int) -> CostRange:
        """Return the range of a column's coefficient in the objective.

        Raises:
            NotFinished: the time was up, or it was stopped.
        """
        cost = float(self._model.objective[column])
        with_the_objective, against = self._least_change(column, 1.0), self._least_change(column, -1.0)
        down, up = with_the_objective, against
        if self._model.sense is Sense.MAXIMIZE:
            down, up = against, with_the_objective
        ends = [0.0 if abs(end) <= _ROUNDING * max(abs(cost), self._scale) else end for end in (cost - down, cost + up)]
        return CostRange(column=column, cost=cost, lower=ends[0], upper=ends[1])

    def _rate(self, row: int, side: Side, direction: int) -> float | None:
        """Return the price of a side in a direction; `None` where nothing is feasible when it moves."""
        lower, upper = float(self._cone.row_lower[row]), float(self._cone.row_upper[row])
        # A side that is not met may move a little without any effect.
        if (side == "lower" and lower == -np.inf) or (side == "upper" and upper == np.inf):
            return 0.0
        moved = (direction if side != "upper" else lower, direction if side != "lower" else upper)
        self._directions.bound_row(row, *moved)
        found = _finished(self._directions.solve())
        self._directions.bound_row(row, lower, upper)
        if found.termination is Termination.INFEASIBLE:
            return None
        rate = found.objective * direction
        terms = float(np.abs(self._model.objective * found.values).max(initial=0.0))
        return 0.0 if abs(rate) <= _ROUNDING * terms else rate

    def _reach(self, row: int, side: Side, direction: int, rate: float | None) -> float:
        """Return how far a side may move in a direction until its price ends."""
        if rate is None:
            return 0.0
        n, cut = self._model.n_columns, self._split.n_rows
        self._moved.set_coefficient(row, n, -float(direction))
        self._moved.set_coefficient(cut, n, -rate * direction)
        room = self._objective - self._model.objective_constant
        slack = _SLACK * self._size
        sides = (-np.inf, room + slack) if self._model.sense is Sense.MINIMIZE else (room - slack, np.inf)
        self._moved.bound_row(cut, *sides)
        found = _finished(self._moved.solve())
        self._moved.set_coefficient(row, n, 0.0)
        if found.termination is not Termination.OPTIMAL:
            return np.inf if found.termination is Termination.UNBOUNDED else 0.0
        return max(0.0, float(found.values[n]))

    def _least_change(self, column: int, by: float) -> float:
        """Return how much worse the objective becomes, at least, when a column moves by 1 or -1; inf if it cannot."""
        lower, upper = float(self._cone.column_lower[column]), float(self._cone.column_upper[column])
        if not lower <= by <= upper:
            return np.inf
        self._directions.bound_column(column, by, by)
        found = _finished(self._directions.solve())
        self._directions.bound_column(column, lower, upper)
        if found.termination is Termination.INFEASIBLE:
            return np.inf
        worse = found.objective if self._model.sense is Sense.MINIMIZE else -found.objective
        return max(0.0, worse) if abs(worse) > _ROUNDING * self._scale else 0.0


def active_side(model: Model, row: int, activity: float) -> Side:
    """Return which side of a row is met; the nearest one where none is."""
    lower, upper = float(model.row_lower[row]), float(model.row_upper[row])
    if lower == upper:
        return "both"
    return "lower" if activity - lower < upper - activity else "upper"


def is_met(distance: FloatArray, side: FloatArray) -> BoolArray:
    """Return where a side is met, given the distance to it (n,)."""
    met: BoolArray = np.isfinite(side) & (np.abs(distance) <= ACTIVE_TOLERANCE * np.maximum(1.0, np.abs(side)))
    return met


def tangent_cone(model: Model, values: FloatArray) -> Model:
    """Return the model of the directions in which a feasible point of a linear model may move.

    Args:
        model: linear and continuous.
        values: float64 (n,), feasible.
    """
    with np.errstate(invalid="ignore"):
        activity = model.activity(values)
        at_lower, at_upper = (is_met(activity - side, side) for side in (model.row_lower, model.row_upper))
        low, high = (is_met(values - bound, bound) for bound in (model.column_lower, model.column_upper))
    return replace(
        model,
        column_lower=np.where(low, 0.0, -np.inf),
        column_upper=np.where(high, 0.0, np.inf),
        row_lower=np.where(at_lower, 0.0, -np.inf),
        row_upper=np.where(at_upper, 0.0, np.inf),
        objective_constant=0.0,
    )


def _finished(found: Optimum) -> Optimum:
    if found.termination in _NEVER:
        raise NotFinished
    return found


def _with_single_sides(model: Model) -> tuple[Model, IntArray]:
    """Return the model with the upper sides of ranged rows in rows of their own, and the row (m,) of each of them."""
    ranged = np.flatnonzero(
        np.isfinite(model.row_lower) & np.isfinite(model.row_upper) & (model.row_lower != model.row_upper)
    )
    upper_row = np.arange(model.n_rows)
    if not len(ranged):
        return model, upper_row
    upper_row[ranged] = model.n_rows + np.arange(len(ranged))
    counts = np.diff(model.row_starts)[ranged]
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    entries = np.repeat(model.row_starts[ranged], counts) + offsets
    row_upper = model.row_upper.copy()
    row_upper[ranged] = np.inf
    split = replace(
        model,
        row_starts=np.append(model.row_starts, model.row_starts[-1] + np.cumsum(counts)),
        row_columns=np.append(model.row_columns, model.row_columns[entries]),
        row_values=np.append(model.row_values, model.row_values[entries]),
        row_lower=np.append(model.row_lower, np.full(len(ranged), -np.inf)),
        row_upper=np.append(row_upper, model.row_upper[ranged]),
    )
    return split, upper_row


def _with_move(model: Model) -> Model:
    """Return the model with one column more, which is made as large as possible, and a row for the objective."""
    columns = np.flatnonzero(model.objective)
    return replace(
        model,
        sense=Sense.MAXIMIZE,
        column_lower=np.append(model.column_lower, 0.0),
        column_upper=np.append(model.column_upper, np.inf),
        column_kind=np.append(model.column_kind, np.uint8(0)),
        objective=np.append(np.zeros(model.n_columns), 1.0),
        objective_constant=0.0,
        row_starts=np.append(model.row_starts, model.row_starts[-1] + len(columns)),
        row_columns=np.append(model.row_columns, columns.astype(model.row_columns.dtype)),
        row_values=np.append(model.row_values, model.objective[columns]),
        row_lower=np.append(model.row_lower, -np.inf),
        row_upper=np.append(model.row_upper, np.inf),
    )
