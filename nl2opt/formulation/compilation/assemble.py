"""Assembles columns, polynomials and row families into the sparse arrays of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nl2opt.formulation.compilation.matrix import RowLayout
from nl2opt.formulation.compilation.origin import Origin
from nl2opt.formulation.evaluation.constructs import Condition
from nl2opt.formulation.evaluation.context import VariableTable
from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluation.frame import Frame
from nl2opt.formulation.evaluation.polynomial import Polynomial, Terms
from solvers import Kind, Model, NonlinearTerms, QuadraticRows, QuadraticTerms, Sense

Strictness = Literal["", "tightened", "relaxed", "mixed"]
"""How `<` and `>` were read: tightened by one on whole numbers with whole sides, relaxed to `<=` and `>=`
otherwise, mixed where some rows of a family have whole sides and others not; empty for other comparisons."""


@dataclass(frozen=True, slots=True, eq=False)
class RowFamily:
    """The rows of one comparison: `lower <= body <= upper`, one row for each row of the frame.

    The constant of `body` is already part of the sides and is ignored.

    Attributes:
        strict: how a strict comparison was read.
        condition: when the rows are demanded; `None` for always.
        part: tells the rows of one constraint apart, as in `alternative 2`; may be empty.
        element: the element that they come from; empty for the constraint of their name.
        origin: the comparison that they say; `None` where they say no comparison of an expression.
    """

    name: str
    frame: Frame
    body: Polynomial
    lower: FloatArray
    upper: FloatArray
    strict: Strictness = ""
    condition: Condition | None = field(default=None, kw_only=True)
    part: str = field(default="", kw_only=True)
    element: str = field(default="", kw_only=True)
    origin: Origin | None = field(default=None, kw_only=True)

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.lower)

    def label(self, row: int) -> str:
        """Return the name of one row: `supply['north']`."""
        labels = ", ".join(repr(elements.label(row)) for elements in self.frame.variables.values())
        name = f"{self.name}[{labels}]" if labels else self.name
        return f"{name}, {self.part}" if self.part else name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Auxiliary:
    """Columns behind those of the declared variables; no answer shows them.

    Attributes:
        lower, upper: their bounds.
        kind: values of `Kind`.
        name: the name of one, counted from 0.
    """

    lower: FloatArray
    upper: FloatArray
    kind: NDArray[np.uint8]
    name: Callable[[int], str]


def assemble(
    title: str,
    sense: Sense,
    kinds: Sequence[Kind],
    bounds: Sequence[tuple[FloatArray, FloatArray]],
    variables: Sequence[tuple[str, VariableTable]],
    objective: Polynomial,
    families: Sequence[RowFamily],
    *,
    auxiliary: Auxiliary | None = None,
    nonlinear: NonlinearTerms | None = None,
) -> Model:
    """Build the flat model.

    Args:
        title: of the model.
        sense: of the objective.
        kinds: for each variable, of all its columns.
        bounds: for each variable, lower and upper bounds of its columns, or of all alike, ().
        variables: names and columns, in the order of the columns.
        objective: in a frame of one row.
        families: the rows, in order.
        auxiliary: columns behind those of the variables; `None` when there are none.
        nonlinear: the nonlinear terms of rows and objective; `None` when there are none.
    """
    sizes = [table.size for _, table in variables]
    kind = np.repeat(np.array(kinds, np.uint8), sizes)
    bounds, column_name, n_columns = [*bounds], column_names(variables), sum(sizes)
    if auxiliary is not None:
        column_name = _with_auxiliary(column_name, n_columns, auxiliary)
        bounds.append((auxiliary.lower, auxiliary.upper))
        kind = np.append(kind, auxiliary.kind)
        sizes.append(len(auxiliary.kind))
        n_columns += sizes[-1]
    layout = RowLayout([(family.size, family.body.linear) for family in families], n_columns)
    starts, columns, values = layout.arrays()
    return Model(
        title=title,
        sense=sense,
        column_lower=end_to_end([lower for lower, _ in bounds], sizes),
        column_upper=end_to_end([upper for _, upper in bounds], sizes),
        column_kind=kind,
        objective=linear_coefficients(objective, n_columns),
        objective_constant=float(np.sum(objective.constant)),
        row_starts=starts,
        row_columns=columns,
        row_values=values,
        row_lower=np.concatenate([family.lower for family in families]) if families else np.empty(0),
        row_upper=np.concatenate([family.upper for family in families]) if families else np.empty(0),
        quadratic_objective=quadratic_terms(objective),
        quadratic_rows=_quadratic_rows(families),
        nonlinear=nonlinear,
        column_name=column_name,
        row_name=_row_names(families),
    )


def end_to_end(arrays: Sequence[FloatArray], sizes: Sequence[int]) -> FloatArray:
    """Concatenate arrays, each of its size or of the shape ()."""
    if len(arrays) == 1 and arrays[0].ndim:
        return np.ascontiguousarray(arrays[0])
    total = np.empty(sum(sizes))
    begin = 0
    for array, size in zip(arrays, sizes, strict=True):
        total[begin : begin + size] = array
        begin += size
    return total


def linear_coefficients(objective: Polynomial, n_columns: int) -> FloatArray:
    """Return the linear coefficients (n,) of an objective."""
    terms = objective.linear
    if len(terms) == 1 and terms[0].count == n_columns > 0 and terms[0].coefficients.ndim:
        columns = terms[0].columns[0]
        if columns[0] == 0 and (columns[1:] > columns[:-1]).all():
            return terms[0].coefficients  # each column once and in order, as in a sum over all of a variable
    total = np.zeros(n_columns)
    for part in terms:
        columns = part.columns[0]
        if (columns[1:] > columns[:-1]).all():  # none twice
            run = slice(columns[0], columns[-1] + 1) if len(columns) else slice(0, 0)
            total[run if run.stop - run.start == len(columns) else columns] += part.coefficients
        else:
            weights = np.broadcast_to(part.coefficients, columns.shape)
            total += np.bincount(columns, weights=weights, minlength=n_columns)
    return total


def _quadratic(terms: Sequence[Terms]) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Join quadratic terms: rows, first and second columns (first <= second), coefficients."""
    rows = np.concatenate([part.explicit_rows() for part in terms])
    a = np.concatenate([part.columns[0] for part in terms])
    b = np.concatenate([part.columns[1] for part in terms])
    values = np.concatenate([np.broadcast_to(part.coefficients, (part.count,)) for part in terms])
    return rows, np.minimum(a, b), np.maximum(a, b), values


def quadratic_terms(objective: Polynomial) -> QuadraticTerms | None:
    """Return the quadratic terms of an objective; `None` when there are none."""
    if not objective.quadratic:
        return None
    _, first, second, values = _quadratic(objective.quadratic)
    if not values.any():
        return None
    return QuadraticTerms(first=first.astype(np.int32), second=second.astype(np.int32), coefficient=values)


def _quadratic_rows(families: Sequence[RowFamily]) -> QuadraticRows | None:
    parts = []
    offset = 0
    for family in families:
        if family.body.quadratic:
            rows, first, second, values = _quadratic(family.body.quadratic)
            rows, first, second, values = (part[values != 0] for part in (rows, first, second, values))
            parts.append((rows + offset, first, second, values))
        offset += family.size
    if not any(len(rows) for rows, *_ in parts):
        return None
    rows, first, second, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return QuadraticRows(
        row=rows.astype(np.int32),
        first=first.astype(np.int32),
        second=second.astype(np.int32),
        coefficient=values,
    )


def column_names(variables: Sequence[tuple[str, VariableTable]]) -> Callable[[int], str]:
    """Return what names the columns of variables: `make['chair']`."""
    offsets = np.array([table.offset for _, table in variables])

    def name(column: int) -> str:
        variable, table = variables[int(np.searchsorted(offsets, column, "right")) - 1]
        place = column - table.offset
        labels: list[object] = []
        for dimension in reversed(table.dimensions):
            place, position = divmod(place, dimension.size)
            label = dimension.label(position)
            labels[:0] = label if isinstance(label, tuple) else (label,)
        return f"{variable}[{', '.join(map(repr, labels))}]" if labels else variable

    return name


def _with_auxiliary(name: Callable[[int], str], first: int, auxiliary: Auxiliary) -> Callable[[int], str]:
    return lambda column: name(column) if column < first else auxiliary.name(column - first)


def _row_names(families: Sequence[RowFamily]) -> Callable[[int], str]:
    ends = np.cumsum([family.size for family in families])

    def name(row: int) -> str:
        place = int(np.searchsorted(ends, row, "right"))
        family = families[place]
        return family.label(row - int(ends[place]) + family.size)

    return name
