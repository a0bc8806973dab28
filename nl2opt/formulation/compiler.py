"""Compiles a formulation to the flat model that solvers take, and finds everything that is wrong on the way.

Checking and compiling are one mechanism, so that what the checker accepts is exactly what compiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeVar

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.assemble import RowFamily, assemble
from nl2opt.formulation.bounds import bounds_of
from nl2opt.formulation.context import Context, VariableTable
from nl2opt.formulation.elements import FloatArray, SetTable
from nl2opt.formulation.evaluate import Evaluator
from nl2opt.formulation.family_data import family_table
from nl2opt.formulation.findings import Finding, Severity
from nl2opt.formulation.frame import root_frame
from nl2opt.formulation.keyed import entry_text
from nl2opt.formulation.limits import Limits, usual_limits
from nl2opt.formulation.names import NameChecker, error_finding
from nl2opt.formulation.parser import ExpressionError, parse_expression
from nl2opt.formulation.polynomial import ColumnArray, Polynomial
from nl2opt.formulation.review import review
from nl2opt.formulation.rows import rows_of
from nl2opt.formulation.schema import Alternative, Assumption, Change, Formulation, Parameter, Set, Variable
from nl2opt.formulation.syntax import Index, Name, walk
from nl2opt.formulation.tables import parameter_table, set_table
from solvers import Kind, Model, Sense

_KINDS: Final = {"continuous": Kind.CONTINUOUS, "integer": Kind.INTEGER, "binary": Kind.BINARY}
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class CompiledFormulation:
    """A formulation as a flat model, with the way back from columns and rows to names.

    Attributes:
        formulation: what was compiled.
        model: the flat model.
        context: the sets, parameters and variables as tables.
        families: the rows of each constraint, in the order of the model.
        assumptions: what the formulation does not say and the compiler took for granted.
    """

    formulation: Formulation
    model: Model
    context: Context
    families: tuple[RowFamily, ...]
    assumptions: tuple[Assumption, ...]

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
        self.findings = NameChecker(formulation).check()
        self.broken = {f"{f.element}.{f.field}" for f in self.findings if f.is_error}
        self.failed_names: set[str] = {
            f.element.split(".", 1)[1]
            for f in self.findings
            if f.is_error
            and f.element.startswith(("sets.", "parameters.", "variables."))
            and f.field not in ("lower", "upper")
        }
        self.assumptions: list[Assumption] = []
        self.domains = {variable.name: variable.domain for variable in formulation.variables}
        self.n_columns = 0

    def compile(self) -> Compilation:
        """Build the data, the columns and the rows; the findings say what failed."""
        with np.errstate(all="ignore"):  # what overflows is found out by its value
            return self._compile()

    def _compile(self) -> Compilation:
        self.data()
        bounds = [self.declare(variable) for variable in self.formulation.variables]
        objective = self.objective()
        families = self.constraints()
        compiled = None
        if not any(finding.is_error for finding in self.findings):
            model = assemble(
                self.formulation.title,
                _SENSES[self.formulation.objective.sense] if self.formulation.objective else Sense.MINIMIZE,
                [_KINDS[variable.domain] for variable in self.formulation.variables],
                bounds,
                list(self.context.variables.items()),
                objective,
                families,
            )
            self.findings += review(model, families, has_objective=self.formulation.objective is not None)
            if not any(finding.is_error for finding in self.findings):
                compiled = CompiledFormulation(
                    self.formulation, model, self.context, tuple(families), tuple(self.assumptions)
                )
        return Compilation(tuple(self.findings), compiled)

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
        return lower, upper

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

    def objective(self) -> Polynomial:
        nothing = Polynomial(np.asarray(0.0))
        objective = self.formulation.objective
        if objective is None or not self.usable("objective", "expression", objective.expression):
            return nothing

        def evaluate() -> Polynomial:
            expression = parse_expression(objective.expression)
            evaluator = Evaluator(self.context, expression)
            return evaluator.polynomial(expression.root, root_frame())

        return self.attempt("objective", "expression", evaluate) or nothing

    def constraints(self) -> list[RowFamily]:
        families: list[RowFamily] = []
        for constraint in self.formulation.enabled_constraints:
            element = f"constraints.{constraint.name}"
            if not self.usable(element, "expression", constraint.expression):
                continue

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
        """Whether columns belong to integer or binary variables only."""
        return all(
            self.domains[name] != "continuous"
            for name, table in self.context.variables.items()
            if np.any((columns >= table.offset) & (columns < table.offset + table.size))
        )


_SENSES: Final = {"minimize": Sense.MINIMIZE, "maximize": Sense.MAXIMIZE}


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
