"""Which rows, bounds and whole numbers a plan does not keep, and by how much."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from nl2opt.formulation.analysis.side_units import side_units
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.logic import CHOICE
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.words.quantities import with_unit
from solvers import Kind
from solvers.check import DEFAULT_TOLERANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A limit that a plan breaks.

    Attributes:
        label: of the row, or of the decision.
        kind: `row`, `bound`, `whole` or `demand`.
        value: what it is there; `None` for a demand that is no comparison.
        limit: what is allowed; `None` likewise.
        by: how far it is beyond that.
        text: the same in one sentence.
    """

    label: str
    kind: str
    value: float | None
    limit: float | None
    by: float
    text: str


def broken_limits(compiled: CompiledFormulation, point: FloatArray) -> Iterator[Broken]:
    """Yield what a point (n,) of the model does not keep: rows, bounds, whole numbers, demands on many decisions."""
    found = [*_broken_rows(compiled, point), *_broken_columns(compiled, point)]
    yield from found
    model = compiled.model
    demands = [
        Broken(
            label=constraint.name, kind="demand", value=None, limit=None, by=float(constraint.violation(point)),
            text=f"{constraint.name or 'a demand on many decisions at once'} is not kept",
        )
        for constraint in model.global_constraints
        if constraint.violation(point) > DEFAULT_TOLERANCE
    ]  # fmt: skip
    yield from demands
    if model.cones is not None and (model.cones.violations(point) > DEFAULT_TOLERANCE).any():
        yield Broken(label="", kind="demand", value=None, limit=None, by=0.0, text="a cone is not kept")
    if not np.isfinite(point).all():
        yield Broken(
            label="", kind="demand", value=None, limit=None, by=0.0,
            text="a function has no value at this plan, such as a logarithm of 0",
        )  # fmt: skip


def _broken_rows(compiled: CompiledFormulation, point: FloatArray) -> Iterator[Broken]:
    model, units = compiled.model, side_units(compiled.formulation)
    count = sum(family.size for family in compiled.families)
    with np.errstate(all="ignore"):
        activity = model.activity(point)[:count]
    lower, upper = model.row_lower[:count], model.row_upper[:count]
    size = np.maximum(1.0, np.abs(np.where(np.isfinite(activity), activity, 1.0)))
    beyond = np.maximum(np.maximum(lower - activity, activity - upper), 0.0)
    is_broken = ~(beyond <= DEFAULT_TOLERANCE * size)
    if model.indicators is not None:
        is_broken &= model.indicators.demanded(point, model.n_rows)[:count]
    families = [family for family in compiled.families for _ in range(family.size)]
    for row in np.flatnonzero(is_broken).tolist():
        label, family = model.name_of_row(row), families[row]
        if family.part == CHOICE:
            yield Broken(
                label=label, kind="demand", value=None, limit=None, by=float(beyond[row]),
                text=f"{label}: none of its alternatives holds",
            )  # fmt: skip
            continue
        if not math.isfinite(activity[row]):
            text = f"{label} has no value at this plan"
            yield Broken(label=label, kind="row", value=None, limit=None, by=0.0, text=text)
            continue
        is_above = activity[row] > upper[row]
        limit = float(upper[row] if is_above else lower[row])
        word = "exactly" if lower[row] == upper[row] else "at most" if is_above else "at least"
        yield _beyond(label, "row", float(activity[row]), limit, word, units.get(family.name, ""))


def _broken_columns(compiled: CompiledFormulation, point: FloatArray) -> Iterator[Broken]:
    model, count, unit = compiled.model, compiled.n_declared, units_of(compiled)
    x, lower, upper = point[:count], model.column_lower[:count], model.column_upper[:count]
    tolerance = DEFAULT_TOLERANCE * np.maximum(1.0, np.abs(x))
    for column in np.flatnonzero((x < lower - tolerance) | (x > upper + tolerance)).tolist():
        is_above = x[column] > upper[column]
        limit = float(upper[column] if is_above else lower[column])
        label = model.name_of_column(column)
        yield _beyond(label, "bound", float(x[column]), limit, "at most" if is_above else "at least", unit(column))
    fraction = np.abs(x - np.round(x))
    whole = model.column_kind[:count] != Kind.CONTINUOUS
    for column in np.flatnonzero(whole & (fraction > DEFAULT_TOLERANCE)).tolist():
        label, value = model.name_of_column(column), float(x[column])
        yield Broken(
            label=label, kind="whole", value=value, limit=None, by=float(fraction[column]),
            text=f"{label} is {with_unit(clear(value), unit(column))}, and must be whole",
        )  # fmt: skip


def _beyond(label: str, kind: str, value: float, limit: float, word: str, unit: str) -> Broken:
    by = abs(value - limit)
    amount = with_unit(clear(by), unit)
    way = "too much" if value > limit else "too little"
    text = f"{label}: {with_unit(clear(value), unit)}, {word} {with_unit(clear(limit), unit)}: {amount} {way}"
    return Broken(label=label, kind=kind, value=value, limit=limit, by=by, text=text)


def units_of(compiled: CompiledFormulation) -> Callable[[int], str]:
    """Return what tells the unit of a column."""
    stated = {variable.name: variable.unit for variable in compiled.formulation.variables}
    tables = sorted(compiled.variables.items(), key=lambda item: item[1].offset)

    def unit(column: int) -> str:
        return next((stated[name] for name, table in reversed(tables) if table.offset <= column), "")

    return unit


def clear(value: float) -> float:
    """Return a number without the dust of arithmetic."""
    return 0.0 if abs(value) < 1e-9 else float(f"{value:.10g}")
