"""Builds the sets and parameters of a formulation, each after those that its expression names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from nl2opt.formulation.compilation.remarks import Remarks, names_in
from nl2opt.formulation.evaluation.context import Context
from nl2opt.formulation.schema import Formulation, Parameter, Set
from nl2opt.formulation.values.family_data import family_table
from nl2opt.formulation.values.tables import parameter_table, set_table


@dataclass(frozen=True, slots=True)
class _BuildStep:
    """How a set or parameter is built, and what must be there before."""

    element: str
    field: str
    needs: set[str]
    build: Callable[[], None]


class KnownData:
    """Fills a context with the sets and parameters of a formulation."""

    def __init__(self, formulation: Formulation, context: Context, remarks: Remarks) -> None:
        """Prepare; `build` does the work."""
        self.formulation = formulation
        self.context = context
        self.remarks = remarks

    def build(self) -> None:
        """Build the sets and parameters, each after those that its expression names."""
        steps: dict[str, _BuildStep] = {}
        for declared in self.formulation.sets:
            needs = set(declared.index)
            if isinstance(declared.elements, str):
                needs |= names_in(declared.elements)
            build = partial(self._build_set, declared)
            steps[declared.name] = _BuildStep(f"sets.{declared.name}", "elements", needs, build)
        for parameter in self.formulation.parameters:
            needs = set(parameter.index)
            if isinstance(parameter.value, str):
                needs |= names_in(parameter.value)
            build = partial(self._build_parameter, parameter)
            steps[parameter.name] = _BuildStep(f"parameters.{parameter.name}", "value", needs, build)
        self._run_in_order(steps)

    def _build_set(self, declared: Set) -> None:
        """Put a set, or a family of sets, into the context."""
        if declared.index:
            self.context.families[declared.name] = family_table(declared, self.context)
            return
        self.context.sets[declared.name] = set_table(declared, self.context)

    def _build_parameter(self, declared: Parameter) -> None:
        """Put a parameter into the context."""
        self.context.parameters[declared.name] = parameter_table(declared, self.context)

    def _run_in_order(self, steps: Mapping[str, _BuildStep]) -> None:
        """Run each step after those that it needs; what needs a failed one fails silently."""
        waiting = {name: step for name, step in steps.items() if name not in self.remarks.failed_names}
        while waiting:
            ready = [name for name, step in waiting.items() if not step.needs & waiting.keys()]
            if not ready:
                names = ", ".join(f"`{name}`" for name in waiting)
                message = f"{names} {'is defined by itself' if len(waiting) == 1 else 'are defined by each other'}"
                first = next(iter(waiting.values()))
                self.remarks.fail("cycle", first.element, message, field=first.field)
                self.remarks.failed_names.update(waiting)
                return
            for name in ready:
                step = waiting.pop(name)
                before = len(self.remarks.findings)
                if not step.needs & self.remarks.failed_names:
                    self.remarks.attempt(step.element, step.field, step.build)
                    if len(self.remarks.findings) == before:
                        continue
                self.remarks.failed_names.add(name)
