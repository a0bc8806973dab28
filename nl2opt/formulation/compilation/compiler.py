"""Compiles a formulation to the flat model that solvers take, and finds everything that is wrong on the way.

Checking and compiling are one mechanism, so that what the checker accepts is exactly what compiles.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from nl2opt.formulation.checks.names import own_indices
from nl2opt.formulation.compilation.assemble import (
    Auxiliary,
    RowFamily,
    assemble,
    column_names,
    end_to_end,
    linear_coefficients,
    quadratic_terms,
)
from nl2opt.formulation.compilation.attachment import attached, range_findings
from nl2opt.formulation.compilation.bounds import own_frame
from nl2opt.formulation.compilation.compiled import Compilation, CompiledFormulation
from nl2opt.formulation.compilation.declaration import Declaration
from nl2opt.formulation.compilation.known_data import KnownData
from nl2opt.formulation.compilation.lowering import lower
from nl2opt.formulation.compilation.reformulation import reformulate
from nl2opt.formulation.compilation.remarks import Remarks
from nl2opt.formulation.compilation.review import review
from nl2opt.formulation.compilation.rows import rows_of
from nl2opt.formulation.compilation.semicontinuous import semicontinuous_rows
from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import root_frame
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Polynomial
from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.limits import Limits, usual_limits
from nl2opt.formulation.objectives import Stage, objective_elements, stages_of
from nl2opt.formulation.schema import Formulation
from solvers import Kind, NonlinearTerms, ObjectiveStage, Sense

_KINDS: Final = {
    "continuous": Kind.CONTINUOUS,
    "semicontinuous": Kind.CONTINUOUS,
    "integer": Kind.INTEGER,
    "binary": Kind.BINARY,
}


def compile_formulation(formulation: Formulation, *, limits: Limits | None = None) -> Compilation:
    """Compile a formulation; every fault becomes a finding, none an exception.

    Args:
        formulation: what is compiled.
        limits: how large it may be; `None` for the usual limits.
    """
    return _Compiler(formulation, limits or usual_limits()).compile()


class _Compiler:
    """One compilation: collects findings while it fills the context and the rows."""

    def __init__(self, formulation: Formulation, limits: Limits) -> None:
        self.formulation = formulation
        self.context = Context(limits=limits)
        self.remarks = Remarks(formulation)
        self.declaration = Declaration(formulation, self.context, self.remarks)
        self.domains = {variable.name: variable.domain for variable in formulation.variables}

    def compile(self) -> Compilation:
        """Build the data, the columns and the rows; the findings say what failed."""
        with np.errstate(all="ignore"):  # what overflows is found out by its value
            return self._compile()

    def _compile(self) -> Compilation:
        KnownData(self.formulation, self.context, self.remarks).build()
        bounds = [self.declaration.declare(variable) for variable in self.formulation.variables]
        self.context.definitions.first = self.declaration.n_columns
        bodies = self.objectives()
        families = self.constraints()
        extra = self.semicontinuous_families() if self.declaration.least else []
        compiled = None
        if not self.remarks.has_errors:
            compiled = self.assembled(bounds, bodies, families, extra)
        return Compilation(tuple(self.remarks.findings), compiled)

    def assembled(
        self,
        bounds: list[tuple[FloatArray, FloatArray]],
        bodies: list[Polynomial],
        families: list[RowFamily],
        extra: list[RowFamily],
    ) -> CompiledFormulation | None:
        """Build the model; `None` when it shows errors.

        Args:
            bounds: of the columns of each variable.
            bodies: the objectives.
            families: the rows of the constraints.
            extra: the rows that domains demand.
        """
        definitions, objectives = self.context.definitions, self.formulation.objectives
        stages = stages_of(objectives)
        totals = [stage.total(objectives, bodies) for stage in stages]
        auxiliary_families: tuple[RowFamily, ...] = ()
        columns: Auxiliary | None = None
        nonlinear: NonlinearTerms | None = None
        roots: tuple[int | None, ...] = (None,) * len(totals)
        defined, exact = np.empty(0, np.int64), np.empty(0, np.bool_)
        n_columns = self.declaration.n_columns
        all_families = families
        if definitions.entries or self.context.constructs.ranges:
            sizes = [table.size for table in self.context.variables.values()]
            box = end_to_end([low for low, _ in bounds], sizes), end_to_end([high for _, high in bounds], sizes)
            senses = [stage.sense for stage in stages]
            name = column_names(list(self.context.variables.items()))
            found = reformulate(definitions, [*families, *extra], list(zip(totals, senses, strict=True)), box, name)
            self.remarks.findings += [*found.findings, *range_findings(self.context.constructs, found.box)]
            if self.remarks.has_errors:
                return None
            lowered = lower(definitions, found, [*families, *extra], totals)
            all_families, totals, columns = list(lowered.families), list(lowered.objectives), lowered.auxiliary
            nonlinear, roots, defined = lowered.nonlinear, lowered.objective_roots, lowered.defined
            families, auxiliary_families = all_families[: len(families)], (*extra, *found.families)
            exact = found.exact[definitions.first :]
            if self.context.constructs.globals:
                columns = self.with_whole_kinds(columns, defined)
            n_columns += len(columns.kind)
        model = assemble(
            self.formulation.title,
            stages[0].sense if stages else Sense.MINIMIZE,
            [_KINDS[variable.domain] for variable in self.formulation.variables],
            bounds,
            list(self.context.variables.items()),
            totals[0] if totals else Polynomial(np.asarray(0.0)),
            all_families,
            auxiliary=columns,
            nonlinear=nonlinear,
        )
        model = attached(
            model, all_families, self.context.constructs, partial(_placed, self.declaration.n_columns, defined)
        )
        self.remarks.findings += review(model, all_families, has_objective=bool(objectives))
        if self.remarks.has_errors:
            return None
        return CompiledFormulation(
            self.formulation, model, self.context, tuple(families), tuple(self.remarks.assumptions), auxiliary_families,
            tuple(_stage(*each, n_columns) for each in zip(stages, totals, roots, strict=True)), tuple(bodies),
            defined, exact,
        )  # fmt: skip

    def with_whole_kinds(self, columns: Auxiliary, defined: IntArray) -> Auxiliary:
        """Call maxima of whole numbers integer columns: solvers of global constraints take no others."""
        definitions, kind = self.context.definitions, columns.kind.copy()
        for definition in definitions.entries:
            first = np.arange(definition.first, definition.columns.stop)[:1]
            if definition.is_extremum and definitions.is_whole(first, self.is_declared_whole):
                places = defined[
                    definition.columns.start - definitions.first : definition.columns.stop - definitions.first
                ]
                kind[places[places >= 0] - self.declaration.n_columns] = Kind.INTEGER
        return replace(columns, kind=kind)

    def semicontinuous_families(self) -> list[RowFamily]:
        """Return the rows of all semicontinuous variables."""
        families: list[RowFamily] = []
        for variable in self.formulation.variables:
            table = self.context.variables.get(variable.name)
            if variable.name in self.declaration.least and table is not None:
                frame = own_frame(variable, own_indices(variable, self.formulation), table.dimensions)
                least = self.declaration.least[variable.name]
                families += semicontinuous_rows(variable.name, table, least, frame, self.context.definitions)
        return families

    # -- rows -----------------------------------------------------------------------------------------

    def objectives(self) -> list[Polynomial]:
        """Evaluate each objective, in one row; one that cannot be used becomes 0."""
        nothing = Polynomial(np.asarray(0.0))
        bodies = []
        for element, objective in objective_elements(self.formulation):
            body: Polynomial | None = None
            if self.remarks.usable(element, "expression", objective.expression):
                self.context.definitions.element = element
                body = self.remarks.attempt(element, "expression", partial(self.evaluated, objective.expression))
            bodies.append(body or nothing)
        return bodies

    def evaluated(self, text: str) -> Polynomial:
        expression = parse_expression(text)
        return Evaluator(self.context, expression).polynomial(expression.root, root_frame())

    def constraints(self) -> list[RowFamily]:
        families: list[RowFamily] = []
        for constraint in self.formulation.enabled_constraints:
            element = f"constraints.{constraint.name}"
            if not self.remarks.usable(element, "expression", constraint.expression):
                continue

            self.context.definitions.element = element

            def build(name: str = constraint.name, text: str = constraint.expression) -> list[RowFamily]:
                return rows_of(name, parse_expression(text), self)

            families += self.remarks.attempt(element, "expression", build) or []
        return families

    # -- what rows ask for ------------------------------------------------------------------------------

    def warn(self, code: str, element: str, message: str, *, text: str = "", where: str = "", mend: str = "") -> None:
        """Add a warning."""
        self.remarks.warn(code, element, message, text=text, where=where, mend=mend)

    def assume(self, text: str, element: str) -> None:
        """Record an assumption."""
        self.remarks.assume(text, element)

    def is_whole(self, columns: ColumnArray) -> bool:
        """Whether columns belong to integer or binary variables only, or are maxima and the like of such."""
        return self.context.definitions.is_whole(columns, self.is_declared_whole)

    def is_binary(self, columns: ColumnArray) -> bool:
        """Whether columns belong to binary variables only, or are choices."""
        declared = columns < self.context.definitions.first
        domains = self.domains_of(columns[declared])
        return domains <= {"binary"} and self.context.definitions.is_binary(columns[~declared])

    def is_declared_whole(self, columns: ColumnArray) -> bool:
        return self.domains_of(columns) <= {"integer", "binary"}

    def domains_of(self, columns: ColumnArray) -> set[str]:
        """Return the domains of the variables that some columns belong to."""
        return {
            self.domains[name]
            for name, table in self.context.variables.items()
            if np.any((columns >= table.offset) & (columns < table.offset + table.size))
        }


def _placed(first: int, defined: IntArray, columns: IntArray) -> IntArray:
    """Return the columns of the model of columns of the compilation; -1 stays.

    Args:
        first: the first column that is not declared.
        defined: for each defined column that of the model.
        columns: of the compilation.
    """
    if not len(defined):
        return columns
    return np.where(columns < first, columns, defined[np.maximum(columns - first, 0)])


def _stage(stage: Stage, body: Polynomial, root: int | None, n_columns: int) -> ObjectiveStage:
    return ObjectiveStage(
        sense=stage.sense,
        coefficients=linear_coefficients(body, n_columns),
        constant=float(np.sum(body.constant)),
        quadratic=quadratic_terms(body),
        nonlinear_root=root,
        tolerance=stage.tolerance,
        name=stage.name,
    )
