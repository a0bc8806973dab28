"""What constraints demand beside comparisons: global constraints, cones, conditions, ranges of functions.

They are recorded while expressions are evaluated, over declared and defined columns (see `definitions`), and become
parts of the flat model once all columns have their places.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import Polynomial

GlobalKind = Literal["all_different", "no_overlap", "cumulative", "circuit"]


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """When the rows of a family are demanded: where a binary column has a value.

    Attributes:
        column: int64 (n,), one for each row of the family.
        value: 0 or 1.
    """

    column: IntArray
    value: int


@dataclass(frozen=True, slots=True, eq=False)
class AffineMembers:
    """Terms `coefficient * x[column] + offset`, as `solvers.AffineColumns`, over columns of the compilation.

    Attributes:
        column: int64 (k,); -1 for a constant.
        coefficient, offset: float64 (k,).
    """

    column: IntArray
    coefficient: FloatArray
    offset: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class GlobalDemand:
    """Global constraints of one kind, one for each row of a frame.

    Attributes:
        kind: what is demanded.
        name: of the constraint.
        frame: its loop variables.
        owner: int64 (k,), the row of the frame that each member belongs to, ascending.
        members: of `all_different` the values; of `no_overlap` start and size; of `cumulative` start, size and
            demand; of `circuit` the binaries.
        capacity: of `cumulative`, one term for each row of the frame; `None` for others.
        nodes: of `circuit` tail and head of each arc, as codes of elements; `None` for others.
    """

    kind: GlobalKind
    name: str
    frame: Frame
    owner: IntArray
    members: tuple[AffineMembers, ...]
    capacity: AffineMembers | None = None
    nodes: tuple[IntArray, IntArray] | None = None

    def label(self, row: int) -> str:
        """Return the name of one of the constraints: `one_machine['drill']`."""
        return _label(self.name, self.frame, row)


@dataclass(frozen=True, slots=True, eq=False)
class ConeDemand:
    """Second-order cones, one for each row of a frame: a head is at least the norm of its members.

    Attributes:
        name: of the constraint.
        frame: its loop variables.
        head: int64 (n,), columns.
        owner: int64 (k,), the row of the frame that each member belongs to, ascending.
        members: int64 (k,), columns.
    """

    name: str
    frame: Frame
    head: IntArray
    owner: IntArray
    members: IntArray

    def label(self, row: int) -> str:
        """Return the name of one of the cones: `risk['north']`."""
        return _label(self.name, self.frame, row)


@dataclass(frozen=True, slots=True, eq=False)
class RangeDemand:
    """The range within which an argument must lie for a function to have a value.

    Attributes:
        element: the element whose expression it stands in.
        text: the argument, as it is written.
        body: the argument, one for each row of the frame.
        frame: the loop variables.
        lower, upper: float64 (n,).
    """

    element: str
    text: str
    body: Polynomial
    frame: Frame
    lower: FloatArray
    upper: FloatArray


@dataclass(slots=True, eq=False)
class Constructs:
    """The constructs of one compilation, in the order in which they were met."""

    globals: list[GlobalDemand] = field(default_factory=list)
    cones: list[ConeDemand] = field(default_factory=list)
    ranges: list[RangeDemand] = field(default_factory=list)


def constant_members(values: FloatArray) -> AffineMembers:
    """Return members that are known numbers (k,)."""
    return AffineMembers(np.full(len(values), -1), np.zeros(len(values)), values)


def _label(name: str, frame: Frame, row: int) -> str:
    labels = ", ".join(repr(elements.label(row)) for elements in frame.variables.values())
    return f"{name}[{labels}]" if labels else name
