"""Attaches conditions, global constraints and cones to the flat model, once all columns have their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.compilation.intervals import Interval, bounds_of_polynomials
from nl2opt.formulation.evaluation.constructs import AffineMembers, Constructs, GlobalDemand, RangeDemand
from nl2opt.formulation.evaluation.elements import IntArray
from nl2opt.formulation.findings import Finding
from solvers import (
    AffineColumns,
    AllDifferent,
    Circuit,
    Cones,
    Cumulative,
    GlobalConstraint,
    IndicatorRows,
    Model,
    NoOverlap,
)

PlaceColumns = Callable[[IntArray], IntArray]
"""Gives columns of the compilation their columns of the model; -1 stays."""
_ROUNDING = 1e-9


def attached(model: Model, families: Sequence[RowFamily], constructs: Constructs, place: PlaceColumns) -> Model:
    """Return a model with the conditions of its rows, and with what is demanded beside rows.

    Args:
        model: as it was assembled.
        families: its rows, in order.
        constructs: what was met beside comparisons.
        place: gives columns of the compilation their columns of the model.
    """
    conditional = any(family.condition is not None for family in families)
    if not conditional and not constructs.globals and not constructs.cones:
        return model
    found = (one for demand in constructs.globals for one in _global_constraints(demand, place))
    return replace(
        model,
        indicators=_indicators(families, place) if conditional else None,
        cones=_cones(constructs, place),
        global_constraints=tuple(found),
    )


def range_findings(constructs: Constructs, box: Interval) -> list[Finding]:
    """Return what is wrong with arguments of functions that may lie outside of where these have a value.

    Args:
        constructs: what was met beside comparisons.
        box: bounds of all columns, declared and defined.
    """
    return [finding for demand in constructs.ranges for finding in _range_finding(demand, box)]


def _range_finding(demand: RangeDemand, box: Interval) -> Iterator[Finding]:
    found = bounds_of_polynomials(demand.body, demand.frame.size, box)
    slack = _ROUNDING * np.maximum(1.0, np.maximum(np.abs(demand.lower), np.abs(demand.upper)))
    outside = (found.lower < demand.lower - slack) | (found.upper > demand.upper + slack)
    if not outside.any():
        return
    row = int(np.argmax(outside))
    reach = f"from {found.lower[row]:g} to {found.upper[row]:g}"
    points = f"from {demand.lower[row]:g} to {demand.upper[row]:g}"
    yield Finding(
        code="outside_points",
        element=demand.element,
        field="expression",
        message=f"`{demand.text}` may lie {reach}, and the points of `piecewise` run {points}",
        text=demand.text,
        where=demand.frame.describe(row),
        mend="Give the variable bounds within the points, or add points.",
    )


def _indicators(families: Sequence[RowFamily], place: PlaceColumns) -> IndicatorRows:
    rows, columns, values = [], [], []
    begin = 0
    for family in families:
        if family.condition is not None:
            rows.append(begin + np.arange(family.size))
            columns.append(place(family.condition.column))
            values.append(np.full(family.size, family.condition.value, np.uint8))
        begin += family.size
    return IndicatorRows(row=np.concatenate(rows), column=np.concatenate(columns), value=np.concatenate(values))


def _cones(constructs: Constructs, place: PlaceColumns) -> Cones | None:
    if not constructs.cones:
        return None
    columns, sizes = [], []
    for demand in constructs.cones:
        counts = np.bincount(demand.owner, minlength=len(demand.head))
        begins = np.cumsum(counts) - counts
        # The head of each cone stands before its members, which are in the order of their owners.
        columns.append(np.insert(place(demand.members), begins, place(demand.head)))
        sizes.append(counts + 1)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(sizes))])
    return Cones(starts=starts, columns=np.concatenate(columns))


def _global_constraints(demand: GlobalDemand, place: PlaceColumns) -> Iterator[GlobalConstraint]:
    """Yield one global constraint for each row of the frame that has members."""
    bounds = np.searchsorted(demand.owner, np.arange(demand.frame.size + 1))
    for row in range(demand.frame.size):
        inside, name = slice(bounds[row], bounds[row + 1]), demand.label(row)
        if inside.start == inside.stop:
            continue
        members = [_affine(part, inside, place) for part in demand.members]
        match demand.kind:
            case "all_different":
                yield AllDifferent(members=members[0], name=name)
            case "no_overlap":
                yield NoOverlap(start=members[0], size=members[1], name=name)
            case "cumulative":
                assert demand.capacity is not None
                capacity = _affine(demand.capacity, slice(row, row + 1), place)
                yield Cumulative(start=members[0], size=members[1], demand=members[2], capacity=capacity, name=name)
            case "circuit":
                assert demand.nodes is not None
                ends = np.concatenate([nodes[inside] for nodes in demand.nodes])
                numbers = np.unique(ends, return_inverse=True)[1]
                tail, head = np.split(numbers, 2)
                yield Circuit(tail=tail, head=head, column=members[0].column, name=name)


def _affine(members: AffineMembers, inside: slice, place: PlaceColumns) -> AffineColumns:
    return AffineColumns(
        column=place(members.column[inside]),
        coefficient=members.coefficient[inside],
        offset=members.offset[inside],
    )
