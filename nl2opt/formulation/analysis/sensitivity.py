"""What the optimum of a formulation is worth, in its own names: which constraints hold it back, and by how much."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nl2opt.errors import FormulationError
from nl2opt.formulation.analysis.side_units import side_units
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.solve import solve_compiled
from solvers import Method, Solution, SolveOptions, Termination
from solvers import Sensitivity as ModelSensitivity
from solvers import sensitivity as model_sensitivity
from solvers.sensitivity import DEFAULT_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintRow:
    """One row of a constraint at the optimum.

    Prices and changes are those of the objective as stated: positive where it rises.

    Attributes:
        name: of the constraint.
        index: the values of its loop variables; empty when it has none.
        label: name and index, as in `supply['north']`.
        left: value of what is compared, with everything that is decided on the left.
        relation: `<=`, `>=` or `=`: how it compares to the right side.
        right: the side that is met, or the nearest.
        unit: of the sides; empty where it is not stated.
        slack: how far apart they are, at least 0.
        is_binding: whether the side is met.
        price_up, price_down: change of the objective per unit as the right side moves up, and per unit on the other
            side, moving down: the same number where one shadow price holds in both directions. `None` where nothing is
            feasible then, or the row was not looked at.
        lower, upper: from where to where the right side may move while these prices hold; `None` where not known.
        step: by which the right side was moved, in models that have no prices; `None` where it was not.
        change_up, change_down: change of the objective with the right side moved up and down by the step; `None` where
            there is no optimum then, or it was not moved.
        is_possible_up, is_possible_down: whether anything is feasible with the side moved up, and down; `None` where
            not known.
    """

    name: str
    index: Mapping[str, Any]
    label: str
    left: float
    relation: str
    right: float
    unit: str
    slack: float
    is_binding: bool
    price_up: float | None = None
    price_down: float | None = None
    lower: float | None = None
    upper: float | None = None
    step: float | None = None
    change_up: float | None = None
    change_down: float | None = None
    is_possible_up: bool | None = None
    is_possible_down: bool | None = None

    @property
    def shadow_price(self) -> float | None:
        """The price, where one holds in both directions; `None` where not."""
        up, down = self.price_up, self.price_down
        if up is None or down is None or abs(up - down) > 1e-7 * max(1.0, abs(up), abs(down)):
            return None
        return up


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableEntry:
    """One variable, or one entry of an indexed one, at the optimum.

    Attributes:
        name: of the variable.
        index: the elements of its sets; empty for a scalar one.
        label: name and index, as in `make['chair']`.
        value: at the optimum.
        unit: as the formulation states it.
        reduced_cost: change of the objective as stated for each unit that the variable is moved up from the bound that
            holds it; 0 for one that no bound holds. `None` where the model has no prices.
        cost: its coefficient in the objective.
        cost_lower, cost_upper: from where to where this may move while the optimal values stay optimal; infinite where
            there is no end. `None` where the model has no prices, or the entry was not looked at.
    """

    name: str
    index: tuple[Any, ...]
    label: str
    value: float
    unit: str
    reduced_cost: float | None = None
    cost: float | None = None
    cost_lower: float | None = None
    cost_upper: float | None = None


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What the optimum of a formulation is worth; `str()` says it in plain English.

    Attributes:
        compiled: the formulation, compiled.
        found: the same for the rows and columns of the model, as arrays.
    """

    compiled: CompiledFormulation
    found: ModelSensitivity

    @property
    def solution(self) -> Solution:
        """The point that everything is about."""
        return self.found.solution

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what holds in one direction only, and on what was left out."""
        return self.found.notes

    @cached_property
    def constraints(self) -> tuple[ConstraintRow, ...]:
        """One entry for each row of each constraint that compares something; empty without a point."""
        return tuple(self._constraint_rows())

    @cached_property
    def variables(self) -> tuple[VariableEntry, ...]:
        """One entry for each variable, or entry of an indexed one; empty without a point."""
        return tuple(self._variable_entries())

    def constraint(self, name: str) -> list[ConstraintRow]:
        """Return the rows of one constraint.

        Raises:
            KeyError: there is no such constraint, or it has no rows.
        """
        rows = [row for row in self.constraints if row.name == name]
        if not rows:
            raise KeyError(name)
        return rows

    def __str__(self) -> str:
        from nl2opt.formulation.analysis.sensitivity_words import sentences

        return "\n".join(sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON objects; what is infinite or not known is null."""
        return {
            "method": self.found.method.value,
            "constraints": [_plain(asdict(row) | {"shadow_price": row.shadow_price}) for row in self.constraints],
            "variables": [_plain(asdict(entry)) for entry in self.variables],
            "notes": list(self.notes),
        }

    def _constraint_rows(self) -> Iterator[ConstraintRow]:
        found, model = self.found, self.compiled.model
        if found.solution.values is None:
            return
        units = side_units(self.compiled.formulation)
        activity = model.activity(found.solution.values)
        prices = {price.row: price for price in found.prices}
        steps = {step.row: step for step in found.steps}
        row = 0
        for family in self.compiled.families:
            for place in range(family.size):
                right = float(found.side[row])
                if math.isfinite(right):
                    price, step = prices.get(row), steps.get(row)
                    extra: dict[str, Any] = {}
                    if price is not None:
                        extra = {
                            "price_up": price.price_up, "price_down": price.price_down, "lower": price.lower,
                            "upper": price.upper, "is_possible_up": price.price_up is not None,
                            "is_possible_down": price.price_down is not None,
                        }  # fmt: skip
                    elif step is not None:
                        extra = {
                            "step": step.step, "change_up": step.change_up, "change_down": step.change_down,
                            "is_possible_up": step.termination_up is not Termination.INFEASIBLE,
                            "is_possible_down": step.termination_down is not Termination.INFEASIBLE,
                        }  # fmt: skip
                    elif found.method is Method.PRICES and not found.is_binding[row]:
                        extra = {"price_up": 0.0, "price_down": 0.0}
                    yield ConstraintRow(
                        name=family.name,
                        index={name: elements.label(place) for name, elements in family.frame.variables.items()},
                        label=family.label(place),
                        left=float(activity[row]) + 0.0,
                        relation=_relation(float(model.row_lower[row]), float(model.row_upper[row]), right),
                        right=right,
                        unit=units.get(family.name, ""),
                        slack=float(found.slack[row]),
                        is_binding=bool(found.is_binding[row]),
                        **extra,
                    )
                row += 1

    def _variable_entries(self) -> Iterator[VariableEntry]:
        solution, model = self.found.solution, self.compiled.model
        if solution.values is None:
            return
        has_prices = self.found.method is Method.PRICES
        ranges = {cost.column: cost for cost in self.found.cost_ranges}
        for variable in self.compiled.formulation.variables:
            table = self.compiled.variables[variable.name]
            sizes = tuple(dimension.size for dimension in table.dimensions)
            for place in range(table.size):
                column = table.offset + place
                places = np.unravel_index(place, sizes) if sizes else ()
                cost = ranges.get(column)
                yield VariableEntry(
                    name=variable.name,
                    index=tuple(d.label(int(at)) for d, at in zip(table.dimensions, places, strict=True)),
                    label=model.name_of_column(column),
                    value=float(solution.values[column]),
                    unit=variable.unit,
                    reduced_cost=float(solution.reduced_cost[column])
                    if has_prices and solution.reduced_cost is not None
                    else None,
                    cost=float(model.objective[column]) if has_prices else None,
                    cost_lower=cost.lower if cost is not None else None,
                    cost_upper=cost.upper if cost is not None else None,
                )


def formulation_sensitivity(
    formulation: Formulation,
    *,
    constraints: Sequence[str] | None = None,
    step: float | None = None,
    seconds: float = DEFAULT_SECONDS,
    solver: str = "auto",
    options: SolveOptions | None = None,
    cancel: threading.Event | None = None,
    limits: Limits | None = None,
) -> Sensitivity:
    """Solve a formulation and find out what its optimum is worth; see `Formulation.sensitivity`."""
    compiled = compile_formulation(formulation, limits=limits).require()
    options = options or SolveOptions()
    solution = solve_compiled(compiled, solver=solver, options=options, cancel=cancel)
    return solved_sensitivity(
        compiled, solution, constraints=constraints, step=step, seconds=seconds, solver=solver, options=options,
        cancel=cancel,
    )  # fmt: skip


def solved_sensitivity(
    compiled: CompiledFormulation,
    solution: Solution,
    *,
    constraints: Sequence[str] | None = None,
    step: float | None = None,
    seconds: float = DEFAULT_SECONDS,
    solver: str = "auto",
    options: SolveOptions | None = None,
    cancel: threading.Event | None = None,
) -> Sensitivity:
    """Find out what an optimum is worth that is known already; see `Formulation.sensitivity`.

    Args:
        compiled: the formulation, compiled.
        solution: of it, by `solve_compiled`.
        constraints: as there, like all others.
        step: by which sides are moved.
        seconds: for everything that is solved.
        solver: name of a back end.
        options: of the solver.
        cancel: set it to stop.
    """
    found = model_sensitivity(
        compiled.model,
        solution=solution,
        stages=compiled.stages,
        rows=None if constraints is None else _rows_of(compiled, constraints),
        own_rows=sum(family.size for family in compiled.families),
        own_columns=compiled.n_declared,
        step=step,
        seconds=seconds,
        solver=solver,
        options=options or SolveOptions(),
        cancel=cancel,
    )
    return Sensitivity(compiled, found)


def _rows_of(compiled: CompiledFormulation, names: Sequence[str]) -> list[int]:
    """Return the rows of some constraints.

    Raises:
        FormulationError: there is no constraint of a name.
    """
    known = [constraint.name for constraint in compiled.formulation.constraints]
    unknown = [
        Finding(
            code="unknown_name", element="constraints", text=name, message=f"there is no constraint `{name}`",
            mend=did_you_mean(name, known),
        )
        for name in names
        if name not in known
    ]  # fmt: skip
    if unknown:
        raise FormulationError(tuple(unknown))
    starts = np.cumsum([0, *(family.size for family in compiled.families)]).tolist()
    return [
        row
        for family, start in zip(compiled.families, starts, strict=False)
        if family.name in names
        for row in range(start, start + family.size)
    ]


def _relation(lower: float, upper: float, side: float) -> str:
    if lower == upper:
        return "="
    return "<=" if side == upper else ">="


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in content.items()
    }
