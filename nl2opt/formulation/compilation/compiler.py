"""Compiles a formulation to the flat model that solvers take, and finds everything that is wrong on the way.

Checking and compiling are one mechanism, so that what the checker accepts is exactly what compiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal, TypeVar

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.checks.names import NameChecker, error_finding, own_indices
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
from nl2opt.formulation.compilation.bounds import bounds_of, own_frame
from nl2opt.formulation.compilation.lowering import lower
from nl2opt.formulation.compilation.reformulation import reformulate
from nl2opt.formulation.compilation.review import review
from nl2opt.formulation.compilation.rows import rows_of
from nl2opt.formulation.compilation.semicontinuous import semicontinuous_rows
from nl2opt.formulation.evaluation.context import Context, VariableTable
from nl2opt.formulation.evaluation.definitions import point_with_defined, polynomial_values
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray, IntArray, SetTable
from nl2opt.formulation.evaluation.evaluate import Evaluator
from nl2opt.formulation.evaluation.frame import root_frame
from nl2opt.formulation.evaluation.polynomial import ColumnArray, Polynomial
from nl2opt.formulation.findings import Finding, Severity
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Index, Name, walk
from nl2opt.formulation.limits import Limits, usual_limits
from nl2opt.formulation.objectives import Stage, objective_elements, objective_findings, objective_name, stages_of
from nl2opt.formulation.schema import Alternative, Assumption, Change, Formulation, Parameter, Set, Variable
from nl2opt.formulation.values.family_data import family_table
from nl2opt.formulation.values.keyed import entry_text
from nl2opt.formulation.values.tables import parameter_table, set_table
from solvers import Kind, Model, NonlinearTerms, ObjectiveStage, Sense

_KINDS: Final = {
    "continuous": Kind.CONTINUOUS,
    "semicontinuous": Kind.CONTINUOUS,
    "integer": Kind.INTEGER,
    "binary": Kind.BINARY,
}
Result = TypeVar("Result")


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


@dataclass(frozen=True, slots=True)
class _BuildStep:
    """How a set or parameter is built, and what must be there before."""

    element: str
    field: str
    needs: set[str]
    build: Callable[[], None]


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
        self.findings = [*NameChecker(formulation).check(), *objective_findings(formulation)]
        self.broken = {f"{f.element}.{f.field}" for f in self.findings if f.is_error}
        self.failed_names: set[str] = {
            f.element.split(".", 1)[1]
            for f in self.findings
            if f.is_error
            and f.element.startswith(("sets.", "parameters.", "variables."))
            and f.field not in ("lower", "upper")
        }
        self.assumptions: list[Assumption] = []
        self.least: dict[str, FloatArray] = {}
        self.domains = {variable.name: variable.domain for variable in formulation.variables}
        self.n_columns = 0

    def compile(self) -> Compilation:
        """Build the data, the columns and the rows; the findings say what failed."""
        with np.errstate(all="ignore"):  # what overflows is found out by its value
            return self._compile()

    def _compile(self) -> Compilation:
        self.data()
        bounds = [self.declare(variable) for variable in self.formulation.variables]
        self.context.definitions.first = self.n_columns
        bodies = self.objectives()
        families = self.constraints()
        extra = self.semicontinuous_families() if self.least else []
        compiled = None
        if not any(finding.is_error for finding in self.findings):
            compiled = self.assembled(bounds, bodies, families, extra)
        return Compilation(tuple(self.findings), compiled)

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
        n_columns = self.n_columns
        all_families = families
        if definitions.entries or self.context.constructs.ranges:
            sizes = [table.size for table in self.context.variables.values()]
            box = end_to_end([low for low, _ in bounds], sizes), end_to_end([high for _, high in bounds], sizes)
            senses = [stage.sense for stage in stages]
            name = column_names(list(self.context.variables.items()))
            found = reformulate(definitions, [*families, *extra], list(zip(totals, senses, strict=True)), box, name)
            self.findings += [*found.findings, *range_findings(self.context.constructs, found.box)]
            if any(finding.is_error for finding in self.findings):
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
        model = attached(model, all_families, self.context.constructs, partial(_placed, self.n_columns, defined))
        self.findings += review(model, all_families, has_objective=bool(objectives))
        if any(finding.is_error for finding in self.findings):
            return None
        return CompiledFormulation(
            self.formulation, model, self.context, tuple(families), tuple(self.assumptions), auxiliary_families,
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
                kind[places[places >= 0] - self.n_columns] = Kind.INTEGER
        return replace(columns, kind=kind)

    def attempt(self, element: str, field: str, action: Callable[[], Result]) -> Result | None:
        """Run one step; an error of the formulation becomes a finding about the element and field."""
        try:
            return action()
        except ExpressionError as error:
            self.findings.append(error_finding(error, element, field))
        except MemoryError:
            message = "the machine has not enough memory for it"
            self.findings.append(Finding(code="memory", element=element, field=field, message=message))
        return None

    # -- sets and parameters --------------------------------------------------------------------------

    def data(self) -> None:
        """Build the sets and parameters, each after those that its expression names."""
        steps: dict[str, _BuildStep] = {}
        for declared in self.formulation.sets:
            needs = set(declared.index)
            if isinstance(declared.elements, str):
                needs |= _names_in(declared.elements)
            build = partial(self.build_set, declared)
            steps[declared.name] = _BuildStep(f"sets.{declared.name}", "elements", needs, build)
        for parameter in self.formulation.parameters:
            needs = set(parameter.index)
            if isinstance(parameter.value, str):
                needs |= _names_in(parameter.value)
            build = partial(self.build_parameter, parameter)
            steps[parameter.name] = _BuildStep(f"parameters.{parameter.name}", "value", needs, build)
        self.run_in_order(steps)

    def build_set(self, declared: Set) -> None:
        """Put a set, or a family of sets, into the context."""
        if declared.index:
            self.context.families[declared.name] = family_table(declared, self.context)
            return
        self.context.sets[declared.name] = set_table(declared, self.context)

    def build_parameter(self, declared: Parameter) -> None:
        """Put a parameter into the context."""
        self.context.parameters[declared.name] = parameter_table(declared, self.context)

    def run_in_order(self, steps: Mapping[str, _BuildStep]) -> None:
        """Run each step after those that it needs; what needs a failed one fails silently."""
        waiting = {name: step for name, step in steps.items() if name not in self.failed_names}
        while waiting:
            ready = [name for name, step in waiting.items() if not step.needs & waiting.keys()]
            if not ready:
                names = ", ".join(f"`{name}`" for name in waiting)
                message = f"{names} {'is defined by itself' if len(waiting) == 1 else 'are defined by each other'}"
                first = next(iter(waiting.values()))
                self.findings.append(Finding(code="cycle", element=first.element, field=first.field, message=message))
                self.failed_names.update(waiting)
                return
            for name in ready:
                step = waiting.pop(name)
                before = len(self.findings)
                if not step.needs & self.failed_names:
                    self.attempt(step.element, step.field, step.build)
                    if len(self.findings) == before:
                        continue
                self.failed_names.add(name)

    # -- variables ------------------------------------------------------------------------------------

    def declare(self, variable: Variable) -> tuple[FloatArray, FloatArray]:
        """Give a variable its columns, and return their bounds."""
        nothing = (np.asarray(0.0), np.asarray(0.0))
        if any(name not in self.context.sets for name in variable.index):
            self.failed_names.add(variable.name)
            return nothing
        dimensions = tuple(self.context.sets[name] for name in variable.index)
        size = 1
        for table in dimensions:
            size *= table.size
        most = self.context.limits.table_entries
        if size > most:
            message = f"the variable would have {size:,} columns, more than {most:,}"
            self.findings.append(Finding(code="too_large", element=f"variables.{variable.name}", message=message))
            self.failed_names.add(variable.name)
            return nothing
        expected = sum(table.arity for table in dimensions)
        if variable.as_ is not None and len(variable.as_) != expected:
            message = f"`as` names {len(variable.as_)} indices ({', '.join(variable.as_)}), the variable has {expected}"
            element = f"variables.{variable.name}"
            self.findings.append(Finding(code="arity", element=element, field="as", message=message))
            self.failed_names.add(variable.name)
            return nothing
        self.context.variables[variable.name] = VariableTable(dimensions, self.n_columns, size)
        self.n_columns += size
        if size == 0:
            self.warn("empty", f"variables.{variable.name}", "its index set is empty, so there is nothing to decide")
        if not variable.states_lower:
            self.assumptions.append(_nonnegative(variable))
        lower, upper = self.bound(variable, "lower", dimensions, size), self.bound(variable, "upper", dimensions, size)
        self.judge_bounds(variable, lower, upper, dimensions)
        if variable.domain == "binary":
            return np.maximum(lower, 0.0), np.minimum(upper, 1.0)
        if variable.domain == "semicontinuous":
            return self.semicontinuous(variable, lower), upper
        return lower, upper

    def semicontinuous(self, variable: Variable, lower: FloatArray) -> FloatArray:
        """Note the least value of a semicontinuous variable but 0, and return the lower bound of its columns, 0."""
        element, mend = f"variables.{variable.name}", "State the least value that it has where it is not 0."
        if (lower < 0).any():
            message = "a semicontinuous variable is 0 or at least its lower bound, which must not be below 0"
            self.findings.append(Finding(code="bound", element=element, field="lower", message=message, mend=mend))
        elif not lower.any():
            message = "a semicontinuous variable without a lower bound above 0 is just a continuous one"
            self.warn("semicontinuous", element, message, mend=mend)
        self.least[variable.name] = lower
        return np.asarray(0.0)

    def semicontinuous_families(self) -> list[RowFamily]:
        """Return the rows of all semicontinuous variables."""
        families: list[RowFamily] = []
        for variable in self.formulation.variables:
            table = self.context.variables.get(variable.name)
            if variable.name in self.least and table is not None:
                frame = own_frame(variable, own_indices(variable, self.formulation), table.dimensions)
                least = self.least[variable.name]
                families += semicontinuous_rows(variable.name, table, least, frame, self.context.definitions)
        return families

    def bound(
        self, variable: Variable, side: Literal["lower", "upper"], dimensions: tuple[SetTable, ...], size: int
    ) -> FloatArray:
        """Return the bound of each column of a variable, or of all alike; without a value it becomes 0 or inf."""
        element, nothing = f"variables.{variable.name}", np.asarray(0.0 if side == "lower" else np.inf)
        bound = getattr(variable, side)
        if isinstance(bound, str) and not self.usable(element, side, bound):
            return nothing
        evaluate = partial(bounds_of, variable, side, self.formulation, self.context, dimensions, size)
        values = self.attempt(element, side, evaluate)
        return values if values is not None else nothing

    def judge_bounds(
        self, variable: Variable, lower: FloatArray, upper: FloatArray, dimensions: tuple[SetTable, ...]
    ) -> None:
        """Warn of bounds that leave nothing, and of bounds of a binary variable that do not count."""
        element = f"variables.{variable.name}"
        crossed = np.asarray(lower > upper)
        if crossed.any() and all(table.size for table in dimensions):
            column = int(np.argmax(crossed))
            where = entry_text(dimensions, column)
            low, high = (float(bound[column] if bound.ndim else bound) for bound in (lower, upper))
            message = f"the lower bound {low:g} exceeds the upper bound {high:g}"
            self.warn("crossed_bounds", element, f"{message}, so nothing is feasible", where=where)
        if variable.domain == "binary" and (np.any(lower < 0) or np.any(upper[np.isfinite(upper)] > 1)):
            message = "a binary variable is 0 or 1, so a bound outside does not count"
            self.warn("binary_bound", element, message, mend="Leave it out, or make the domain integer.")

    # -- rows -----------------------------------------------------------------------------------------

    def depends_on_failed(self, text: str) -> bool:
        """Whether an expression names something that could not be built; its own findings say enough."""
        return bool(self.failed_names) and not self.failed_names.isdisjoint(_names_in(text))

    def usable(self, element: str, field: str, text: str) -> bool:
        return f"{element}.{field}" not in self.broken and not self.depends_on_failed(text)

    def objectives(self) -> list[Polynomial]:
        """Evaluate each objective, in one row; one that cannot be used becomes 0."""
        nothing = Polynomial(np.asarray(0.0))
        bodies = []
        for element, objective in objective_elements(self.formulation):
            body: Polynomial | None = None
            if self.usable(element, "expression", objective.expression):
                self.context.definitions.element = element
                body = self.attempt(element, "expression", partial(self.evaluated, objective.expression))
            bodies.append(body or nothing)
        return bodies

    def evaluated(self, text: str) -> Polynomial:
        expression = parse_expression(text)
        return Evaluator(self.context, expression).polynomial(expression.root, root_frame())

    def constraints(self) -> list[RowFamily]:
        families: list[RowFamily] = []
        for constraint in self.formulation.enabled_constraints:
            element = f"constraints.{constraint.name}"
            if not self.usable(element, "expression", constraint.expression):
                continue

            self.context.definitions.element = element

            def build(name: str = constraint.name, text: str = constraint.expression) -> list[RowFamily]:
                return rows_of(name, parse_expression(text), self)

            families += self.attempt(element, "expression", build) or []
        return families

    # -- remarks --------------------------------------------------------------------------------------

    def warn(self, code: str, element: str, message: str, *, text: str = "", where: str = "", mend: str = "") -> None:
        """Add a warning."""
        finding = Finding(
            severity=Severity.WARNING,
            code=code,
            element=element,
            message=message,
            text=text,
            where=where,
            mend=mend,
        )
        self.findings.append(finding)

    def assume(self, text: str, element: str) -> None:
        """Record an assumption."""
        self.assumptions.append(Assumption(text=text, element=element))

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


def _names_in(text: str) -> set[str]:
    try:
        root = parse_expression(text).root
    except ExpressionError:
        return set()
    return {node.name for node in walk(root) if isinstance(node, Name | Index)}


def _nonnegative(variable: Variable) -> Assumption:
    change = Change(kind="set", path=f"variables.{variable.name}.lower", value="-inf")
    free = Alternative(text=f"{variable.name} may be negative", change=change)
    return Assumption(text=f"{variable.name} is not negative", element=variable.name, alternatives=[free])
