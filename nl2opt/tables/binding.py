"""Binds a formulation to attached tables: sets and parameters get what their columns hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.known_data import KnownData
from nl2opt.formulation.compilation.remarks import Remarks
from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.limits import Limits, usual_limits
from nl2opt.formulation.schema import Formulation, Parameter
from nl2opt.formulation.values.tables import parameter_table
from nl2opt.tables.finding_tables import TableFinder
from nl2opt.tables.missing import MissingValue, missing_values
from nl2opt.tables.parameter_filling import filled_parameter
from nl2opt.tables.seen import element_changes
from nl2opt.tables.set_filling import filled_set
from nl2opt.tables.table import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A formulation with what attached tables give.

    Attributes:
        formulation: filled as far as it goes.
        findings: what is wrong or doubtful; of what stands in cells only their `text` speaks.
        notes: what was taken for granted, and which elements are new or gone.
        missing: numbers that nobody gives.
    """

    formulation: Formulation
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[MissingValue, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether something is wrong with the tables."""
        return any(finding.is_error for finding in self.findings)

    def require(self) -> Formulation:
        """Return the formulation.

        Raises:
            FormulationError: something is wrong with the tables.
        """
        if self.has_errors:
            raise FormulationError(self.findings)
        return self.formulation


def needs_binding(formulation: Formulation) -> bool:
    """Whether a formulation names tables that have not been bound."""
    return any(d.table is not None and d.origin != "table" and not d.elements for d in formulation.sets) or any(
        p.table is not None and p.value is None for p in formulation.parameters
    )


def bind(formulation: Formulation, tables: Tables, *, limits: Limits | None = None) -> Binding:
    """Fill sets and parameters with what attached tables hold, and with values that were given.

    What stands in the formulation itself comes before the tables. Every fault is a finding.

    Args:
        formulation: with `table` and `column` at sets and parameters.
        tables: by name, and values.
        limits: how large it may be; `None` for the usual limits.
    """
    limits = limits or usual_limits()
    formulation = formulation.unfilled()
    formulation, findings = with_values(formulation, tables.values_given)
    finder = TableFinder(formulation, tables)
    notes = [*finder.notes, *finder.unused(), *(_of_its_own(formulation) if tables else ())]
    if tables and needs_binding(formulation):
        formulation, found, said = _filled(formulation, finder, limits)
        findings += found
        notes += said
    return Binding(
        formulation=formulation, findings=tuple(findings), notes=tuple(notes), missing=missing_values(formulation)
    )  # fmt: skip


def with_values(formulation: Formulation, values: Mapping[str, Any]) -> tuple[Formulation, list[Finding]]:
    """Return a formulation with values for parameters; the findings say which names there are not."""
    known = [parameter.name for parameter in formulation.parameters]
    findings = []
    for name in values:
        if name not in known:
            message, mend = f"there is no parameter `{name}` to give a value to", did_you_mean(name, known)
            findings.append(Finding(code="unknown_parameter", element=f"parameters.{name}", message=message, mend=mend))
    if not values:
        return formulation, findings
    parameters = [p.given(values[p.name]) if p.name in values else p for p in formulation.parameters]
    return formulation.model_copy(update={"parameters": parameters}), findings


def _of_its_own(formulation: Formulation) -> Iterator[str]:
    """Say where tables are attached and what stands in the formulation comes before them."""
    held = [d.name for d in formulation.sets if d.table is not None and d.elements]
    held += [p.name for p in formulation.parameters if p.table is not None and p.value is not None]
    for name in held:
        yield f"{name}: what stands in the formulation was taken, and not what the table holds."


def _filled(
    formulation: Formulation, finder: TableFinder, limits: Limits
) -> tuple[Formulation, list[Finding], list[str]]:
    findings: list[Finding] = []
    notes: list[str] = []
    sets = []
    for declared in formulation.sets:
        if declared.table is not None and not declared.elements:
            filled, found = filled_set(declared, finder)
            findings += found
            notes += element_changes(filled)
            sets.append(filled)
        else:
            sets.append(declared)
    formulation = formulation.model_copy(update={"sets": sets})
    remarks = Remarks(formulation)
    before = len(remarks.findings)
    remarks.failed_names.update(f.element.split(".")[1] for f in findings if f.is_error)
    binder = _Binder(formulation, Context(limits=limits), remarks, finder)
    binder.build()
    findings += [f for f in remarks.findings[before:] if f.element in binder.bound] + binder.warnings
    parameters = [binder.filled.get(p.name, p) for p in formulation.parameters]
    return formulation.model_copy(update={"parameters": parameters}), findings, notes + binder.notes


class _Binder(KnownData):
    """Builds the sets and parameters in order, and fills those that tables give."""

    def __init__(self, formulation: Formulation, context: Context, remarks: Remarks, finder: TableFinder) -> None:
        super().__init__(formulation, context, remarks)
        self.finder = finder
        self.filled: dict[str, Parameter] = {}
        self.bound: set[str] = set()
        self.notes: list[str] = []
        self.warnings: list[Finding] = []
        self.declared_sets = {declared.name: declared for declared in formulation.sets}

    def _build_parameter(self, declared: Parameter) -> None:
        if declared.table is None or declared.value is not None:
            if declared.is_missing:
                self.remarks.failed_names.add(declared.name)
                return
            super()._build_parameter(declared)
            return
        element = f"parameters.{declared.name}"
        self.bound.add(element)
        table = self.finder.find(declared.table)
        if table is None:
            self.remarks.findings.append(self.finder.unknown(declared.table, element))
            return
        dimensions = [self.context.sets[name] for name in declared.index]
        sets = [self.declared_sets[name] for name in declared.index]
        filling = filled_parameter(declared, table, dimensions, sets, most=self.context.limits.table_entries)
        self.notes += filling.notes
        self.remarks.findings += [finding for finding in filling.findings if finding.is_error]
        self.warnings += [finding for finding in filling.findings if not finding.is_error]
        if filling.parameter is not None:
            self.filled[declared.name] = filling.parameter
            self.context.parameters[declared.name] = parameter_table(filling.parameter, self.context)
