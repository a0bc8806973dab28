"""Elastic models: sides that give way, at a cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from solvers.diagnosis.levers import Levers
from solvers.diagnosis.members import BoolArray, Numbering, Part
from solvers.model import FloatArray, IntArray, Kind, Model, Sense
from solvers.nonlinear import NonlinearTerms


@dataclass(slots=True)
class _Entries:
    """Entries of a matrix, as they come."""

    rows: list[IntArray] = field(default_factory=list)
    columns: list[IntArray] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)

    def add(self, rows: IntArray, columns: IntArray, values: FloatArray | float) -> None:
        self.rows.append(rows)
        self.columns.append(columns)
        self.values.append(np.broadcast_to(np.asarray(values, np.float64), rows.shape))

    def by_row(self, n_rows: int) -> tuple[IntArray, IntArray, FloatArray]:
        """Return where rows start, columns and values; entries of one place are added up."""
        rows, columns, values = (np.concatenate(parts) for parts in (self.rows, self.columns, self.values))
        order = np.lexsort((columns, rows))
        rows, columns, values = rows[order], columns[order], values[order]
        is_new = np.append(True, (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1]))[: len(rows)]
        first = np.flatnonzero(is_new)
        totals = np.asarray(np.add.reduceat(values, first) if len(first) else np.empty(0), np.float64)
        starts = np.append(0, np.cumsum(np.bincount(rows[first], minlength=n_rows)))
        return starts, np.asarray(columns[first], np.int64), totals


def elastic(model: Model, levers: Levers) -> tuple[Model, int]:
    """Return a model of the cheapest way to move levers so that all demands can be met.

    Brown and Graves, Elastic programming: a new approach to large-scale mixed integer optimisation, ORSA/TIMS meeting
    (1975); Chinneck, Feasibility and Infeasibility in Optimization (2008), chapter 6. Each lever becomes two columns,
    how far it goes up and how far down. Where a row has two sides, a column of its own stands for the row's value.

    Returns:
        The model, whose first columns are those of the model that was given, and the number of the column at which the
            levers' columns begin: k for up, then k for down.
    """
    numbering = Numbering.of(model)
    m, n, k = model.n_rows, model.n_columns, levers.count
    held = np.concatenate([model.row_lower, model.row_upper, model.column_lower, model.column_upper])
    exists = np.isfinite(held[levers.side])
    side, lever, rate = levers.side[exists], levers.lever[exists], levers.rate[exists]
    is_moved = np.zeros(numbering.total, bool)
    is_moved[side] = True
    lower, upper, least, most = (
        is_moved[numbering.within(part)]
        for part in (Part.ROW_LOWER, Part.ROW_UPPER, Part.COLUMN_LOWER, Part.COLUMN_UPPER)
    )
    two_sided = np.flatnonzero((lower | upper) & np.isfinite(model.row_lower) & np.isfinite(model.row_upper))
    first = n + len(two_sided)
    entries = _Entries()
    entries.add(model.entry_rows(), model.row_columns, model.row_values)
    entries.add(two_sided, n + np.arange(len(two_sided)), -1.0)

    # New rows: both sides of the columns that stand for rows, then the bounds that move.
    row_of_side = np.full(numbering.total, -1)
    row_of_side[: 2 * m] = np.tile(np.arange(m), 2)
    bounds = np.flatnonzero(np.concatenate([least, most]))
    new = m + np.arange(2 * len(two_sided) + len(bounds))
    of_lower, of_upper, of_bounds = np.split(new, [len(two_sided), 2 * len(two_sided)])
    row_of_side[two_sided], row_of_side[m + two_sided] = of_lower, of_upper
    row_of_side[2 * m + bounds] = of_bounds
    for rows in (of_lower, of_upper):
        entries.add(rows, n + np.arange(len(two_sided)), 1.0)
    entries.add(of_bounds, bounds % max(n, 1), 1.0)
    entries.add(row_of_side[side], first + lever, -rate)
    entries.add(row_of_side[side], first + k + lever, rate)

    is_two = np.zeros(m, bool)
    is_two[two_sided] = True
    side_of = held[2 * m + bounds]
    row_lower = [np.where(is_two, 0.0, model.row_lower), model.row_lower[two_sided], np.full(len(two_sided), -np.inf)]
    row_upper = [np.where(is_two, 0.0, model.row_upper), np.full(len(two_sided), np.inf), model.row_upper[two_sided]]
    row_lower.append(np.where(bounds < n, side_of, -np.inf))
    row_upper.append(np.where(bounds < n, np.inf, side_of))
    total = m + len(new)
    starts, columns, values = entries.by_row(total)
    free = np.full(len(two_sided), np.inf)
    kind = Kind.INTEGER if _is_whole(model, levers) else Kind.CONTINUOUS
    column_lower, column_upper = _freed(model, least, most, _reach(levers, numbering.total)[2 * m : 2 * m + 2 * n])
    return replace(
        model,
        sense=Sense.MINIMIZE,
        column_lower=np.concatenate([column_lower, -free, np.zeros(2 * k)]),
        column_upper=np.concatenate([column_upper, free, levers.highest, -levers.lowest]),
        column_kind=np.append(model.column_kind, np.full(len(two_sided) + 2 * k, kind, np.uint8)),
        objective=np.concatenate([np.zeros(first), levers.cost, levers.cost]),
        objective_constant=0.0,
        quadratic_objective=None,
        nonlinear=_without_objective(model),
        row_starts=starts,
        row_columns=columns,
        row_values=values,
        row_lower=np.concatenate(row_lower),
        row_upper=np.concatenate(row_upper),
        column_name=lambda column: model.name_of_column(column) if column < n else f"move{column - n}",
        row_name=lambda row: model.name_of_row(row) if row < m else f"moved{row - m}",
    ), first  # fmt: skip


def _reach(levers: Levers, total: int) -> FloatArray:
    """Return how far each side (total,) can move at most; infinite where a lever of it has no end."""
    farthest = np.maximum(levers.highest, -levers.lowest)
    moving = (farthest[levers.lever] > 0) & (levers.rate != 0)
    size = np.abs(levers.rate[moving]) * farthest[levers.lever[moving]]
    return np.bincount(levers.side[moving], weights=size, minlength=total).astype(np.float64)


def _is_whole(model: Model, levers: Levers) -> bool:
    """Whether levers may be whole columns at no loss.

    That is so where all numbers of a model are whole, and each side has one lever, which moves it one to one: the
    least amount that a whole point asks for is whole then.
    """
    if not np.all(model.column_kind != Kind.CONTINUOUS):
        return False
    if model.nonlinear is not None or model.quadratic_rows is not None or model.cones is not None:
        return False
    numbers = [
        model.row_values, model.row_lower, model.row_upper, model.column_lower, model.column_upper, levers.lowest,
        levers.highest,
    ]  # fmt: skip
    if not all(np.array_equal(part, np.round(part)) for part in numbers):
        return False
    return len(np.unique(levers.side)) == len(levers.side) and bool(np.all(np.abs(levers.rate) == 1.0))


def _freed(model: Model, least: BoolArray, most: BoolArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of columns as far out as they can move; those of binary columns stay within 0 and 1.

    Args:
        model: with the columns.
        least: bool (n,), which lower bounds move.
        most: bool (n,), which upper bounds move.
        reach: float64 (2 n,), how far lower and upper bounds move.
    """
    is_binary = model.column_kind == Kind.BINARY
    down, up = np.split(reach, 2)
    lower = np.where(is_binary, 0.0, model.column_lower - down)
    upper = np.where(is_binary, 1.0, model.column_upper + up)
    return np.where(least, lower, model.column_lower), np.where(most, upper, model.column_upper)


def _without_objective(model: Model) -> NonlinearTerms | None:
    nonlinear = model.nonlinear
    if nonlinear is None or not len(nonlinear.row):
        return None
    return replace(nonlinear, objective_root=None)
