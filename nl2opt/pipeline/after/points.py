"""The point of an answer on its compiled formulation; an answer that was read back is compiled again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nl2opt.errors import ChangeError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.words.quantities import number
from solvers import Kind

if TYPE_CHECKING:
    from nl2opt.formulation.schema import Formulation
    from nl2opt.pipeline.answer import Answer

NEAR: float = 1e-6
"""A side is met where the row is nearer than this, relative to 1 and the side."""


@dataclass(frozen=True)
class Point:
    """A point of a compiled formulation.

    Attributes:
        compiled: the formulation.
        x: float64 (n,), the columns of its model.
    """

    compiled: CompiledFormulation
    x: FloatArray

    @cached_property
    def own_rows(self) -> int:
        """How many rows the constraints have; those behind them say what functions mean."""
        return sum(family.size for family in self.compiled.families)

    @cached_property
    def activity(self) -> FloatArray:
        """Value of each row of the constraints."""
        return self.compiled.model.activity(self.x)[: self.own_rows]

    @cached_property
    def limits_met(self) -> tuple[str, ...]:
        """Which limits hold the point: rows that are no equations, and bounds other than a lower bound of 0."""
        model = self.compiled.model
        lower, upper = model.row_lower[: self.own_rows], model.row_upper[: self.own_rows]
        met = (_is_near(self.activity, lower) | _is_near(self.activity, upper)) & (lower != upper)
        names = [model.name_of_row(row) for row in np.flatnonzero(met).tolist()]
        return (*names, *self._bounds_met())

    def _bounds_met(self) -> list[str]:
        model, count = self.compiled.model, self.compiled.n_declared
        x, is_free = self.x[:count], model.column_kind[:count] != Kind.BINARY
        names = []
        for side, bound in (("upper", model.column_upper[:count]), ("lower", model.column_lower[:count])):
            met = _is_near(x, bound) & is_free & ((bound != 0) | (side == "upper"))
            names += [
                f"the {side} bound {number(float(bound[column]))} of {model.name_of_column(column)}"
                for column in np.flatnonzero(met).tolist()
            ]
        return names


def _is_near(values: FloatArray, sides: FloatArray) -> BoolArray:
    finite = np.isfinite(sides)
    known = np.where(finite, sides, 0.0)
    near: BoolArray = finite & (np.abs(values - known) <= NEAR * (1.0 + np.abs(known)))
    return near


def require_formulation(answer: Answer, what: str) -> Formulation:
    """Return the formulation of an answer.

    Raises:
        ChangeError: it has none.
    """
    if answer.formulation is None:
        raise ChangeError(
            [
                Finding(
                    code="no_formulation",
                    message=f"the answer {answer.id} has no formulation, so there is nothing to {what}",
                    mend=f"What happened: {answer.message}" if answer.message else "",
                )
            ]
        )
    return answer.formulation


def compiled_of(answer: Answer, what: str = "look at") -> CompiledFormulation:
    """Return the compiled formulation of an answer.

    Raises:
        ChangeError: it has no formulation.
        FormulationError: it has no single meaning.
    """
    if answer.solved is not None:
        return answer.solved.compiled
    return compile_formulation(require_formulation(answer, what)).require()


def point_of(answer: Answer) -> Point | None:
    """Return the point of an answer; `None` where it has no values or no formulation."""
    from nl2opt.pipeline.tables import point_of_values

    if answer.values is None or answer.formulation is None:
        return None
    if answer.solved is not None and answer.solved.solution.values is not None:
        return Point(answer.solved.compiled, answer.solved.solution.values)
    compiled = compiled_of(answer)
    return Point(compiled, point_of_values(compiled, answer.values))


def columns_of(compiled: CompiledFormulation, name: str) -> IntArray:
    """Return the columns of a variable, in the order of its index."""
    table = compiled.variables[name]
    return np.arange(table.offset, table.offset + table.size)
