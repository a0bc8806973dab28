"""The demands of a model one by one: sides of rows, bounds of columns, cones and global constraints, with numbers.

Demands are numbered in this order: lower sides of rows, upper sides of rows, lower bounds of columns, upper bounds of
columns, cones, global constraints. That a column is whole, or 0 or 1, is no demand but what the column is.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvers.cones import Cones
from solvers.indicators import IndicatorRows
from solvers.model import FloatArray, IntArray, Kind, Model, QuadraticRows

BoolArray = NDArray[np.bool_]


class Part(enum.StrEnum):
    """What kind of demand it is."""

    ROW_LOWER = "lower side of a row"
    ROW_UPPER = "upper side of a row"
    COLUMN_LOWER = "lower bound of a column"
    COLUMN_UPPER = "upper bound of a column"
    CONE = "cone"
    GLOBAL = "global constraint"


PARTS = tuple(Part)


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """One demand of a model.

    Attributes:
        part: its kind.
        place: the row, column, cone or global constraint, counted from 0.
    """

    part: Part
    place: int


@dataclass(frozen=True, slots=True, eq=False)
class Numbering:
    """Numbers for all demands of a model.

    Attributes:
        starts: int64 (7,), where the demands of each part begin, and their total.
    """

    starts: NDArray[np.int64]

    @classmethod
    def of(cls, model: Model) -> Numbering:
        """Number the demands of a model."""
        cones = 0 if model.cones is None else model.cones.n_cones
        m, n = model.n_rows, model.n_columns
        return cls(np.cumsum([0, m, m, n, n, cones, len(model.global_constraints)]))

    @property
    def total(self) -> int:
        """How many numbers there are, those of sides that are infinite included."""
        return int(self.starts[-1])

    def within(self, part: Part) -> slice:
        """Return the numbers of a part."""
        place = PARTS.index(part)
        return slice(int(self.starts[place]), int(self.starts[place + 1]))

    def number(self, member: Member) -> int:
        """Return the number of a demand."""
        return int(self.starts[PARTS.index(member.part)]) + member.place

    def member(self, number: int) -> Member:
        """Return the demand of a number."""
        place = int(np.searchsorted(self.starts, number, side="right")) - 1
        return Member(PARTS[place], number - int(self.starts[place]))


def demanded(model: Model) -> BoolArray:
    """Return which numbers are demands (total,): sides that are not infinite, and every construct.

    The bounds 0 and 1 of binary columns belong to their being binary.
    """
    binary = model.column_kind == Kind.BINARY
    constructs = Numbering.of(model).starts
    return np.concatenate([
        model.row_lower > -np.inf, model.row_upper < np.inf,
        np.where(binary, model.column_lower > 0, model.column_lower > -np.inf),
        np.where(binary, model.column_upper < 1, model.column_upper < np.inf),
        np.ones(int(constructs[-1] - constructs[-3]), bool),
    ])  # fmt: skip


def restricted(model: Model, kept: BoolArray, *, widened: float = np.inf) -> Model:
    """Return the model that makes some of the demands only, without an objective; its columns are all there.

    Args:
        model: with all of them.
        kept: bool (total,), those that are made.
        widened: what stands for infinity in the bounds that are not kept, for solvers that need finite ones.
    """
    numbering = Numbering.of(model)
    lower, upper, least, most, cones, constructs = (kept[numbering.within(part)] for part in PARTS)
    binary = model.column_kind == Kind.BINARY
    nonlinear = model.nonlinear
    neutral = replace(
        model,
        objective=np.zeros(model.n_columns),
        objective_constant=0.0,
        quadratic_objective=None,
        nonlinear=None if nonlinear is None else replace(nonlinear, objective_root=None),
        row_lower=np.where(lower, model.row_lower, -np.inf),
        row_upper=np.where(upper, model.row_upper, np.inf),
        column_lower=np.where(least, model.column_lower, np.where(binary, 0.0, -widened)),
        column_upper=np.where(most, model.column_upper, np.where(binary, 1.0, widened)),
        cones=_some_cones(model.cones, cones),
        global_constraints=tuple(
            constraint for constraint, is_kept in zip(model.global_constraints, constructs, strict=True) if is_kept
        ),
    )
    return _with_rows(neutral, np.flatnonzero(lower | upper))


def violations(model: Model, x: FloatArray) -> FloatArray:
    """Return by how much a point (n,) misses each demand (total,), relative to max(1, |side|); 0 where it is met."""
    with np.errstate(all="ignore"):
        activity = model.activity(x)
        row_lower, row_upper = (
            _relative(model.row_lower - activity, model.row_lower),
            _relative(activity - model.row_upper, model.row_upper),
        )
        least, most = (
            _relative(model.column_lower - x, model.column_lower),
            _relative(x - model.column_upper, model.column_upper),
        )
    if model.indicators is not None:
        holds = model.indicators.demanded(x, model.n_rows)
        row_lower, row_upper = np.where(holds, row_lower, 0.0), np.where(holds, row_upper, 0.0)
    cones = np.empty(0) if model.cones is None else model.cones.violations(x)
    constructs = np.array([constraint.violation(x) for constraint in model.global_constraints], np.float64)
    return np.concatenate([row_lower, row_upper, least, most, cones, constructs])


def _relative(amount: FloatArray, side: FloatArray) -> FloatArray:
    excess = np.maximum(amount, 0.0) / np.maximum(1.0, np.abs(side))
    return np.where(np.isnan(excess), np.where(np.isfinite(side), np.inf, 0.0), excess)


def _some_cones(cones: Cones | None, kept: BoolArray) -> Cones | None:
    if cones is None or not kept.any():
        return None
    sizes = np.diff(cones.starts)
    return Cones(starts=np.append(0, np.cumsum(sizes[kept])), columns=cones.columns[np.repeat(kept, sizes)])


def _with_rows(model: Model, rows: IntArray) -> Model:
    """Return the model with some of its rows, ascending."""
    if len(rows) == model.n_rows:
        return model
    new = np.full(model.n_rows, -1)
    new[rows] = np.arange(len(rows))
    entries = new[model.entry_rows()] >= 0
    counts = np.diff(model.row_starts)[rows]
    quadratic, nonlinear, indicators = model.quadratic_rows, model.nonlinear, model.indicators
    if quadratic is not None:
        kept = new[quadratic.row] >= 0
        quadratic = QuadraticRows(
            row=new[quadratic.row[kept]], first=quadratic.first[kept], second=quadratic.second[kept],
            coefficient=quadratic.coefficient[kept],
        ) if kept.any() else None  # fmt: skip
    if nonlinear is not None:
        kept = new[nonlinear.row] >= 0
        nonlinear = replace(nonlinear, row=new[nonlinear.row[kept]], root=nonlinear.root[kept]) if kept.any() else None
    if indicators is not None:
        kept = new[indicators.row] >= 0
        indicators = IndicatorRows(
            row=new[indicators.row[kept]], column=indicators.column[kept], value=indicators.value[kept]
        ) if kept.any() else None  # fmt: skip
    return replace(
        model,
        row_starts=np.append(0, np.cumsum(counts)),
        row_columns=model.row_columns[entries],
        row_values=model.row_values[entries],
        row_lower=model.row_lower[rows],
        row_upper=model.row_upper[rows],
        quadratic_rows=quadratic,
        nonlinear=nonlinear,
        indicators=indicators,
        row_name=lambda row: model.name_of_row(int(rows[row])),
    )
