"""What comes of compiling: the flat model with the way back to the formulation, and the findings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.assemble import RowFamily
from nl2opt.formulation.evaluation.context import Context, VariableTable
from nl2opt.formulation.evaluation.definitions import point_with_defined, polynomial_values
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray
from nl2opt.formulation.evaluation.polynomial import Polynomial
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.objectives import objective_name
from nl2opt.formulation.schema import Assumption, Formulation
from solvers import Model, ObjectiveStage


@dataclass(frozen=True, slots=True, eq=False)
class CompiledFormulation:
    """A formulation as a flat model, with the way back from columns and rows to names.

    Attributes:
        formulation: what was compiled.
        model: the flat model.
        context: the sets, parameters and variables as tables.
        families: the rows of each constraint, in the order of the model; those that tie the columns of `max`, `min`
            and `abs` stand behind them, see `auxiliary_families`.
        auxiliary_families: these rows, and those of semicontinuous variables; each says its `element`.
        stages: the objectives in the order in which they are solved; empty when any feasible point will do.
        objective_bodies: each objective of the formulation over declared and defined columns, in one row.
        assumptions: what the formulation does not say and the compiler took for granted.
        defined_columns: for each defined column (see `Definitions`) its column of the model; -1 where it has none.
        exact_columns: for each of these whether it took binaries to make it exact.
    """

    formulation: Formulation
    model: Model
    context: Context
    families: tuple[RowFamily, ...]
    assumptions: tuple[Assumption, ...]
    auxiliary_families: tuple[RowFamily, ...] = ()
    stages: tuple[ObjectiveStage, ...] = ()
    objective_bodies: tuple[Polynomial, ...] = ()
    defined_columns: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    exact_columns: BoolArray = field(default_factory=lambda: np.empty(0, np.bool_))

    @property
    def n_declared(self) -> int:
        """Number of columns of the model that belong to variables; the others are auxiliary."""
        return self.context.definitions.first

    def element_of_row(self, row: int) -> str:
        """Return the element that a row of the model comes from: `constraints.labour`, or `objective`."""
        for family in self.families:
            if row < family.size:
                return family.element or f"constraints.{family.name}"
            row -= family.size
        for auxiliary in self.auxiliary_families:
            if row < auxiliary.size:
                return auxiliary.element
            row -= auxiliary.size
        raise IndexError("the model has no such row")

    def objective_values(self, x: FloatArray) -> dict[str, float]:
        """Return the value of each objective at a point (n,) of the model, by name.

        It is computed from the expressions; auxiliary columns do not count. Objectives without a name are called
        `objective_1`, `objective_2` and so on.
        """
        point = point_with_defined(self.context.definitions, x)
        objectives = self.formulation.objectives
        return {
            objective_name(objectives, place): float(polynomial_values(body, 1, point)[0])
            for place, body in enumerate(self.objective_bodies)
        }

    @property
    def variables(self) -> dict[str, VariableTable]:
        """Return for each variable its sets and its columns."""
        return self.context.variables


@dataclass(frozen=True, slots=True, eq=False)
class Compilation:
    """What came of compiling: the findings, and the result unless one of them is an error."""

    findings: tuple[Finding, ...]
    compiled: CompiledFormulation | None

    def require(self) -> CompiledFormulation:
        """Return the compiled formulation.

        Raises:
            FormulationError: there are errors among the findings.
        """
        if self.compiled is None:
            raise FormulationError(self.findings)
        return self.compiled
