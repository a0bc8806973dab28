"""Global constraints written as rows, each in the way that suits its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from solvers.errors import UnsupportedModelError
from solvers.global_constraints import (
    AffineColumns,
    AllDifferent,
    Circuit,
    Cumulative,
    GlobalConstraint,
    NoOverlap,
)
from solvers.model import FloatArray, IntArray, Kind, Model
from solvers.reformulation.all_different import write_all_different
from solvers.reformulation.bounds import tightened_bounds
from solvers.reformulation.circuit import write_circuit
from solvers.reformulation.cumulative import has_moments, write_moments
from solvers.reformulation.extension import Extension, Name
from solvers.reformulation.flows import write_flows
from solvers.reformulation.no_overlap import write_no_overlap
from solvers.reformulation.tasks import demand_at_least_zero, namer
from solvers.reformulation.values import ValueColumns, n_values

MOST_VALUES: Final = 5_000
"""Up to so many pairs of a column and a value, members that differ are written as an assignment."""

_USUAL_NAMES: Final[Mapping[type, str]] = {
    AllDifferent: "all_different",
    NoOverlap: "no_overlap",
    Cumulative: "cumulative",
    Circuit: "circuit",
}
"""Of constraints that have no name of their own."""


def without_global_constraints(model: Model) -> Model:
    """Return a model whose global constraints are rows, some of them conditional.

    Members that differ become an assignment of values, tasks that do not overlap an order of each two, tasks that
    share a capacity a sum for each moment or a flow of the capacity, a circuit positions that rise along it. The
    binary columns for the values of a column are shared.

    Raises:
        UnsupportedModelError: a constraint does not fit to its columns, or would become too large.
    """
    lower, upper = tightened_bounds(model)
    extension = Extension(model=replace(model, global_constraints=()))
    constraints = [_in_pairs(model, one, lower, upper) for one in model.global_constraints]
    by_moments = [isinstance(one, Cumulative) and has_moments(extension, one, lower, upper) for one in constraints]
    valued = [
        _columns(one.members if isinstance(one, AllDifferent) else one.start)
        for one, by_moment in zip(constraints, by_moments, strict=True)
        if isinstance(one, AllDifferent) or (isinstance(one, Cumulative) and by_moment)
    ]
    columns = np.concatenate([np.empty(0, np.int64), *valued])
    values = ValueColumns.added(extension, columns, lower, upper, _users(constraints))
    for constraint, by_moment in zip(constraints, by_moments, strict=True):
        extension.origin = partial(_origin, constraint)
        match constraint:
            case AllDifferent():
                write_all_different(extension, constraint, values)
            case NoOverlap():
                write_no_overlap(extension, constraint, lower, upper)
            case Circuit():
                write_circuit(extension, constraint)
            case Cumulative():
                _demand_signs(extension, constraint, lower, upper)
                if by_moment:
                    write_moments(extension, constraint, values, lower, upper)
                else:
                    write_flows(extension, constraint, lower, upper)
    return extension.built()


def name_of_constraint(constraint: GlobalConstraint) -> str:
    """Return the name of a constraint, or what kind it is."""
    return constraint.name or _USUAL_NAMES[type(constraint)]


def _origin(constraint: GlobalConstraint, _: int) -> str:
    return name_of_constraint(constraint)


def _users(constraints: Sequence[GlobalConstraint]) -> Name:
    """Return what names the constraints that look at the values of a column."""

    def users(column: int) -> str:
        looking = (
            name_of_constraint(one)
            for one in constraints
            if (isinstance(one, AllDifferent) and column in one.members.column)
            or (isinstance(one, Cumulative) and column in one.start.column)
        )
        return ", ".join(dict.fromkeys(looking))

    return users


def _in_pairs(
    model: Model, constraint: AllDifferent | NoOverlap | Cumulative | Circuit, lower: FloatArray, upper: FloatArray
) -> AllDifferent | NoOverlap | Cumulative | Circuit:
    """Return members with too many values as tasks of size 1 that do not overlap, and everything else as it is.

    Raises:
        UnsupportedModelError: members are not whole.
    """
    if not isinstance(constraint, AllDifferent):
        return constraint
    members, name = constraint.members, constraint.name or "all_different"
    columns = _columns(members)
    fractional = columns[model.column_kind[columns] == Kind.CONTINUOUS]
    if len(fractional):
        raise UnsupportedModelError(
            f"{name} cannot be written as linear rows: {model.name_of_column(int(fractional[0]))} need not be whole. "
            "Make it an integer variable."
        )
    if n_values(columns, lower, upper) <= MOST_VALUES:
        return constraint
    whole = (members.coefficient % 1 == 0) & (members.offset % 1 == 0)
    if not whole.all():
        raise UnsupportedModelError(
            f"{name} cannot be written as linear rows: its members have too many values. State tighter bounds."
        )
    k = len(members)
    ones = AffineColumns(column=np.full(k, -1), coefficient=np.zeros(k), offset=np.ones(k))
    return NoOverlap(start=members, size=ones, name=name)


def _columns(terms: AffineColumns) -> IntArray:
    columns: IntArray = terms.column[terms.coefficient != 0]
    return columns


def _demand_signs(extension: Extension, constraint: Cumulative, lower: FloatArray, upper: FloatArray) -> None:
    """Demand sizes, demands and a capacity of at least 0."""
    name, task_name = constraint.name or "cumulative", namer(extension, constraint.start)

    def size_name(task: int) -> str:
        return f"size of {task_name(task)} at least 0 in {name}"

    def demand_name(task: int) -> str:
        return f"demand of {task_name(task)} at least 0 in {name}"

    demand_at_least_zero(extension, constraint.size, lower, upper, size_name)
    demand_at_least_zero(extension, constraint.demand, lower, upper, demand_name)
    demand_at_least_zero(extension, constraint.capacity, lower, upper, lambda _: f"capacity of {name} at least 0")
