"""The plan of today beside an answer: what it is worth by our own arithmetic, what it breaks, what would be saved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nl2opt.formulation.analysis.sensitivity_words import objective_noun
from nl2opt.formulation.analysis.side_units import side_units
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.logic import CHOICE
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.formulation.objectives import SENSES, objective_name, stages_of
from nl2opt.formulation.solve import solve_compiled
from nl2opt.formulation.words.quantities import number, with_unit
from nl2opt.pipeline.after.comparison import SHOWN, ValueChange, is_same, percent, signed
from nl2opt.pipeline.after.plan_values import PlanValues, plan_values
from nl2opt.pipeline.after.points import compiled_of, point_of
from nl2opt.pipeline.tables import with_functions
from solvers import Kind, Solution, SolveOptions, SolversError
from solvers.check import DEFAULT_TOLERANCE

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Answer

_COMPLETION_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A limit that a plan breaks.

    Attributes:
        label: of the row, or of the decision.
        kind: `row`, `bound`, `whole` or `demand`.
        value: what it is there; `None` for a demand that is no comparison.
        limit: what is allowed; `None` likewise.
        by: how far it is beyond that.
        text: the same in one sentence.
    """

    label: str
    kind: str
    value: float | None
    limit: float | None
    by: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The best that a plan can be completed to, where it leaves decisions open.

    Attributes:
        objective: `None` where nothing is feasible, or nothing was found in time.
        status: the solver's termination.
        values: the decisions that were open, where they are not 0.
    """

    objective: float | None
    status: str
    values: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanComparison:
    """A plan beside an answer.

    Attributes:
        objective_name: what the objective is called.
        unit: of the objective.
        sense: `maximize`, `minimize`, or empty.
        plan_objective: of the plan, by our own arithmetic; `None` without an objective, or where it has no value.
        answer_objective: of the answer; `None` without a point.
        values: what the answer decides otherwise: before is the plan.
        unchanged: how many values are the same.
        broken: the rows, bounds and whole numbers that the plan does not keep.
        missing: the decisions that the plan does not name, counted as 0.
        completion: what it can be completed to; `None` where nothing is missing.
    """

    objective_name: str
    unit: str
    sense: str
    plan_objective: float | None
    answer_objective: float | None
    values: tuple[ValueChange, ...]
    unchanged: int
    broken: tuple[Broken, ...]
    missing: tuple[str, ...]
    completion: Completion | None

    @property
    def is_feasible(self) -> bool:
        """Whether the plan keeps all limits."""
        return not self.broken

    @property
    def saving(self) -> float | None:
        """By how much the answer is better than the plan, at least 0 for a plan that keeps all limits."""
        if self.plan_objective is None or self.answer_objective is None or not self.sense:
            return None
        difference = self.answer_objective - self.plan_objective
        return difference if self.sense == "maximize" else -difference

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield the comparison in words, one thing a line."""
        yield from self._objective_lines()
        if self.broken:
            yield f"The plan breaks {number(len(self.broken))} limit{'s' * (len(self.broken) != 1)}:"
            yield from _some([broken.text for broken in self.broken])
        else:
            yield "The plan keeps all limits."
        if self.missing:
            names = ", ".join(self.missing[:SHOWN])
            more = f" and {len(self.missing) - SHOWN:,} more" if len(self.missing) > SHOWN else ""
            yield f"Not in the plan, counted as 0: {names}{more}."
        yield from self._completion_lines()
        yield from self._table()

    def _objective_lines(self) -> Iterator[str]:
        name = f"{self.objective_name[0].upper()}{self.objective_name[1:]}"
        if self.plan_objective is None:
            if self.sense:
                yield f"{name} has no value at this plan."
            return
        plan = with_unit(_clear(self.plan_objective), self.unit)
        if self.answer_objective is None:
            yield f"{name} of the plan: {plan}. The answer has no point to compare with."
            return
        best = with_unit(_clear(self.answer_objective), self.unit)
        if is_same(self.plan_objective, self.answer_objective):
            yield f"{name} is {plan} in both."
            return
        difference = self.answer_objective - self.plan_objective
        share = percent(difference, self.plan_objective)
        yield f"{name}: {plan} in the plan -> {best} in the answer ({signed(difference, self.unit)}{share})."
        if self.saving is not None and self.saving < 0 and self.broken:
            yield "The plan looks better than the answer only because it breaks limits."

    def _completion_lines(self) -> Iterator[str]:
        if self.completion is None:
            return
        if self.completion.objective is None:
            word = "cannot be completed: whatever the rest is, some limit is broken"
            if self.completion.status != "infeasible":
                word = f"could not be completed ({self.completion.status.replace('_', ' ')})"
            yield f"With its values held, the plan {word}."
            return
        best = with_unit(_clear(self.completion.objective), self.unit)
        yield f"With its values held and the rest decided in the best way: {best}."
        yield from _some(
            [f"{value.label} = {with_unit(_clear(value.after or 0.0), value.unit)}" for value in self.completion.values]
        )

    def _table(self) -> Iterator[str]:
        if not self.values:
            yield "The answer decides nothing otherwise."
            return
        yield "What the answer decides otherwise:"
        rows = [("", "plan", "answer")]
        rows += [
            (
                value.label,
                with_unit(_clear(value.before or 0.0), value.unit),
                with_unit(_clear(value.after or 0.0), value.unit),
            )
            for value in self.values[:SHOWN]
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for label, plan, best in rows:
            yield f"  {label:<{widths[0]}}  {plan:>{widths[1]}}  {best:>{widths[2]}}".rstrip()
        if len(self.values) > SHOWN:
            yield f"  ... and {len(self.values) - SHOWN:,} more"

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON objects."""
        completion = self.completion
        return {
            "plan_objective": self.plan_objective,
            "answer_objective": self.answer_objective,
            "saving": self.saving,
            "is_feasible": self.is_feasible,
            "values": [{"label": v.label, "plan": v.before, "answer": v.after, "unit": v.unit} for v in self.values],
            "unchanged": self.unchanged,
            "broken": [
                {"label": b.label, "kind": b.kind, "value": b.value, "limit": b.limit, "by": b.by, "text": b.text}
                for b in self.broken
            ],
            "missing": list(self.missing),
            "completion": None
            if completion is None
            else {
                "objective": completion.objective,
                "status": completion.status,
                "values": {value.label: value.after for value in completion.values},
            },
            "text": str(self),
        }


def compare_plan(answer: Answer, plan: Mapping[str, Any]) -> PlanComparison:
    """Compare a plan with an answer; see `Answer.compare`.

    Raises:
        ChangeError: a name of the plan is unknown or a value no number, or the answer has no formulation.
        FormulationError: the formulation has no single meaning.
    """
    compiled = compiled_of(answer, "compare a plan with")
    given = plan_values(plan, compiled)
    model = compiled.model
    point = np.zeros(model.n_columns)
    point[: compiled.n_declared] = given.values
    with np.errstate(all="ignore"):
        point = with_functions(compiled, point)
    best = point_of(answer)
    values, unchanged = _differences(compiled, given.values, best.x if best is not None else None)
    names = [model.name_of_column(column) for column in np.flatnonzero(~given.is_given).tolist()]
    objectives = compiled.formulation.objectives
    return PlanComparison(
        objective_name=objective_noun(compiled.formulation),
        unit=objectives[0].unit if objectives else "",
        sense=objectives[0].sense if objectives else "",
        plan_objective=_objective(compiled, point),
        answer_objective=answer.objective if objectives else None,
        values=values,
        unchanged=unchanged,
        broken=tuple(_broken(compiled, point)),
        missing=tuple(names),
        completion=_completion(compiled, given) if names else None,
    )


def _objective(compiled: CompiledFormulation, point: FloatArray) -> float | None:
    """Return the objective of the largest priority at a point."""
    objectives = compiled.formulation.objectives
    if not objectives:
        return None
    with np.errstate(all="ignore"):
        values = compiled.objective_values(point)
    first = stages_of(objectives)[0]
    named = [(objectives[place], values[objective_name(objectives, place)]) for place in first.places]
    if len(named) == 1:
        total = named[0][1]
    else:  # objectives of one priority are added up with their weights, in the sense of the first
        signs = [1.0 if SENSES[objective.sense] is first.sense else -1.0 for objective, _ in named]
        total = sum(
            sign * float(objective.weight) * value for sign, (objective, value) in zip(signs, named, strict=True)
        )
    return total if math.isfinite(total) else None


def _differences(
    compiled: CompiledFormulation, plan: FloatArray, best: FloatArray | None
) -> tuple[tuple[ValueChange, ...], int]:
    if best is None:
        return (), 0
    best = best[: compiled.n_declared]
    differs = np.abs(plan - best) > 1e-9 * np.maximum(1.0, np.maximum(np.abs(plan), np.abs(best)))
    columns = np.flatnonzero(differs).tolist()
    units = _units(compiled)
    changed = tuple(
        ValueChange(
            label=compiled.model.name_of_column(column), before=float(plan[column]), after=float(best[column]),
            unit=units(column),
        )
        for column in columns
    )  # fmt: skip
    return changed, len(plan) - len(columns)


def _units(compiled: CompiledFormulation) -> Any:
    """Return what tells the unit of a column."""
    stated = {variable.name: variable.unit for variable in compiled.formulation.variables}
    tables = sorted(compiled.variables.items(), key=lambda item: item[1].offset)

    def unit(column: int) -> str:
        return next((stated[name] for name, table in reversed(tables) if table.offset <= column), "")

    return unit


# -- what the plan breaks ---------------------------------------------------------------------------


def _broken(compiled: CompiledFormulation, point: FloatArray) -> Iterator[Broken]:
    found = [*_broken_rows(compiled, point), *_broken_columns(compiled, point)]
    yield from found
    model = compiled.model
    demands = [
        Broken(
            label=constraint.name, kind="demand", value=None, limit=None, by=float(constraint.violation(point)),
            text=f"{constraint.name or 'a demand on many decisions at once'} is not kept",
        )
        for constraint in model.global_constraints
        if constraint.violation(point) > DEFAULT_TOLERANCE
    ]  # fmt: skip
    yield from demands
    if model.cones is not None and (model.cones.violations(point) > DEFAULT_TOLERANCE).any():
        yield Broken(label="", kind="demand", value=None, limit=None, by=0.0, text="a cone is not kept")
    if not np.isfinite(point).all():
        yield Broken(
            label="", kind="demand", value=None, limit=None, by=0.0,
            text="a function has no value at this plan, such as a logarithm of 0",
        )  # fmt: skip


def _broken_rows(compiled: CompiledFormulation, point: FloatArray) -> Iterator[Broken]:
    model, units = compiled.model, side_units(compiled.formulation)
    count = sum(family.size for family in compiled.families)
    with np.errstate(all="ignore"):
        activity = model.activity(point)[:count]
    lower, upper = model.row_lower[:count], model.row_upper[:count]
    size = np.maximum(1.0, np.abs(np.where(np.isfinite(activity), activity, 1.0)))
    beyond = np.maximum(np.maximum(lower - activity, activity - upper), 0.0)
    is_broken = ~(beyond <= DEFAULT_TOLERANCE * size)
    if model.indicators is not None:
        is_broken &= model.indicators.demanded(point, model.n_rows)[:count]
    families = [family for family in compiled.families for _ in range(family.size)]
    for row in np.flatnonzero(is_broken).tolist():
        label, family = model.name_of_row(row), families[row]
        if family.part == CHOICE:
            yield Broken(
                label=label, kind="demand", value=None, limit=None, by=float(beyond[row]),
                text=f"{label}: none of its alternatives holds",
            )  # fmt: skip
            continue
        if not math.isfinite(activity[row]):
            text = f"{label} has no value at this plan"
            yield Broken(label=label, kind="row", value=None, limit=None, by=0.0, text=text)
            continue
        is_above = activity[row] > upper[row]
        limit = float(upper[row] if is_above else lower[row])
        word = "exactly" if lower[row] == upper[row] else "at most" if is_above else "at least"
        yield _beyond(label, "row", float(activity[row]), limit, word, units.get(family.name, ""))


def _broken_columns(compiled: CompiledFormulation, point: FloatArray) -> Iterator[Broken]:
    model, count, unit = compiled.model, compiled.n_declared, _units(compiled)
    x, lower, upper = point[:count], model.column_lower[:count], model.column_upper[:count]
    tolerance = DEFAULT_TOLERANCE * np.maximum(1.0, np.abs(x))
    for column in np.flatnonzero((x < lower - tolerance) | (x > upper + tolerance)).tolist():
        is_above = x[column] > upper[column]
        limit = float(upper[column] if is_above else lower[column])
        label = model.name_of_column(column)
        yield _beyond(label, "bound", float(x[column]), limit, "at most" if is_above else "at least", unit(column))
    fraction = np.abs(x - np.round(x))
    whole = model.column_kind[:count] != Kind.CONTINUOUS
    for column in np.flatnonzero(whole & (fraction > DEFAULT_TOLERANCE)).tolist():
        label, value = model.name_of_column(column), float(x[column])
        yield Broken(
            label=label, kind="whole", value=value, limit=None, by=float(fraction[column]),
            text=f"{label} is {with_unit(_clear(value), unit(column))}, and must be whole",
        )  # fmt: skip


def _beyond(label: str, kind: str, value: float, limit: float, word: str, unit: str) -> Broken:
    by = abs(value - limit)
    amount = with_unit(_clear(by), unit)
    way = "too much" if value > limit else "too little"
    text = f"{label}: {with_unit(_clear(value), unit)}, {word} {with_unit(_clear(limit), unit)}: {amount} {way}"
    return Broken(label=label, kind=kind, value=value, limit=limit, by=by, text=text)


# -- completing it ----------------------------------------------------------------------------------


def _completion(compiled: CompiledFormulation, given: PlanValues) -> Completion:
    """Hold what is given, and decide the rest in the best way."""
    model, count = compiled.model, compiled.n_declared
    lower, upper = model.column_lower.copy(), model.column_upper.copy()
    held, values = np.flatnonzero(given.is_given), given.values
    outside = (values < lower[:count] - DEFAULT_TOLERANCE) | (values > upper[:count] + DEFAULT_TOLERANCE)
    if (outside & given.is_given).any():
        return Completion(objective=None, status="infeasible", values=())
    # Within the bounds, so that a rounding of the plan does not leave them.
    fixed = np.clip(values[held], lower[held], upper[held])
    lower[held] = upper[held] = fixed
    try:
        solution: Solution = solve_compiled(
            replace(compiled, model=replace(model, column_lower=lower, column_upper=upper)),
            options=SolveOptions(time_limit_seconds=_COMPLETION_SECONDS),
        )
    except SolversError as error:
        return Completion(objective=None, status=str(error), values=())
    if solution.values is None:
        return Completion(objective=None, status=solution.termination.value, values=())
    units = _units(compiled)
    free = np.flatnonzero(~given.is_given & (np.abs(solution.values[:count]) > 1e-9)).tolist()
    return Completion(
        objective=_objective(compiled, solution.values),
        status=solution.termination.value,
        values=tuple(
            ValueChange(
                label=model.name_of_column(column),
                before=None,
                after=float(solution.values[column]),
                unit=units(column),
            )
            for column in free
        ),
    )


def _clear(value: float) -> float:
    return 0.0 if abs(value) < 1e-9 else float(f"{value:.10g}")


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"- {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"- ... and {len(lines) - SHOWN:,} more"
