"""Capacities that move: columns that stand for the capacities of `Cumulative` constraints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.diagnosis.levers import Levers
from solvers.diagnosis.members import Numbering, Part
from solvers.global_constraints import AffineColumns, Cumulative
from solvers.model import IntArray, Kind, Model
from solvers.reformulation.extension import Entries, Extension
from solvers.reformulation.tasks import parts


def capacities_as_rows(model: Model, levers: Levers) -> tuple[Model, Levers]:
    """Return a model in which the capacities that levers move are sides of rows, and the levers of these.

    Each such `Cumulative` gets a column as its capacity, which may be up to the stated one. Columns and rows of the
    model keep their places.
    """
    numbering = Numbering.of(model)
    inside = numbering.within(Part.GLOBAL)
    is_capacity = (levers.side >= inside.start) & (levers.side < inside.stop)
    if not is_capacity.any():
        return model, levers
    which = np.unique(levers.side[is_capacity]) - inside.start
    constraints = list(model.global_constraints)
    extension = Extension(model=model)
    for place in which.tolist():
        constraint = constraints[place]
        assert isinstance(constraint, Cumulative)
        constraints[place] = replace(constraint, capacity=_capacity_column(extension, constraint))
    extended = replace(extension.built(), global_constraints=tuple(constraints))
    rows = model.n_rows + np.searchsorted(which, levers.side[is_capacity] - inside.start)
    side = np.empty(len(levers.side), np.int64)
    side[~is_capacity] = _renumbered(levers.side[~is_capacity], numbering, Numbering.of(extended))
    side[is_capacity] = extended.n_rows + rows
    return extended, replace(levers, side=side)


def _capacity_column(extension: Extension, constraint: Cumulative) -> AffineColumns:
    """Add a column that is at most the capacity of a constraint, and return it as a term."""
    model, name = extension.model, constraint.name or "cumulative"
    demand = constraint.demand
    _, most = demand.bounds(model.column_lower, model.column_upper)
    used = demand.column[demand.coefficient != 0]
    is_whole = bool(
        np.all(model.column_kind[used] != Kind.CONTINUOUS)
        and np.array_equal(demand.coefficient, np.round(demand.coefficient))
        and np.array_equal(demand.offset, np.round(demand.offset))
    )
    # More than all tasks need together is never used.
    column = extension.add_columns(
        1, 0.0, float(np.maximum(most, 0.0).sum()), Kind.INTEGER if is_whole else Kind.CONTINUOUS,
        lambda _: f"capacity of {name}",
    )  # fmt: skip
    zero = np.zeros(1, np.int64)
    entries = Entries.joined((zero, column, 1.0), parts(constraint.capacity, zero, zero, -1.0))
    extension.add_rows(1, entries, -np.inf, float(constraint.capacity.offset[0]), lambda _: f"capacity of {name}")
    return AffineColumns(column=column, coefficient=np.ones(1), offset=np.zeros(1))


def _renumbered(side: IntArray, old: Numbering, new: Numbering) -> IntArray:
    """Return the numbers that sides of rows and bounds of columns have in a model with more of both."""
    part = np.searchsorted(old.starts, side, side="right") - 1
    return np.asarray(side - old.starts[part] + new.starts[part], np.int64)
