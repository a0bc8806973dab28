"""Why a formulation has no best solution: which variables run away, and which limit would stop them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nl2opt.formulation.analysis.conflict import variable_of_column
from nl2opt.formulation.analysis.sensitivity_words import objective_noun
from nl2opt.formulation.analysis.stopping import stopping_bounds
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.formulation.words.expression_words import listed
from nl2opt.formulation.words.quantities import number, with_unit
from solvers import Sense, Solution, SolveOptions, Termination

_NOTHING: Final = 1e-9
_SHOWN: Final = 5
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RunawayVariable:
    """A variable that changes without end.

    Attributes:
        name: `make['chair']`.
        variable: `make`.
        rate: by how much it changes for each step; the largest in size of all is 1.
        is_free: whether no constraint limits it in this direction, whatever the others do.
    """

    name: str
    variable: str
    rate: float
    is_free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Runaway:
    """A direction in which an unbounded formulation improves for ever.

    Attributes:
        variables: those that change, fastest first.
        objective: by how much the objective changes for each step.
        bounds: what would stop it: `an upper bound on x`, all of them together; empty where none were found.
        objective_name: what it is called.
        objective_unit: as stated; may be empty.
    """

    variables: tuple[RunawayVariable, ...]
    objective: float
    objective_name: str
    objective_unit: str = ""
    bounds: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(self.sentences())

    def sentences(self) -> Iterator[str]:
        """Yield what runs away, why, and what would stop it."""
        rise = "grows" if self.objective > 0 else "falls"
        by = with_unit(abs(_rounded(self.objective)), one_line(self.objective_unit))
        if len(self.variables) == 1:
            (only,) = self.variables
            way = "grow" if only.rate > 0 else "fall"
            side = "above" if only.rate > 0 else "below"
            each = f" for each {number(abs(_rounded(only.rate)))}" if abs(only.rate) != 1 else " for each 1"
            yield (
                f"{only.name} can {way} without end: no constraint limits it from {side}; "
                f"{self.objective_name} {rise} by {by}{each}."
            )
            yield from self._stop("")
            return
        shown = self.variables[:_SHOWN]
        more = f" and {len(self.variables) - _SHOWN:,} more" if len(self.variables) > _SHOWN else ""
        steps = [f"{v.name} by {'+' if v.rate > 0 else '-'}{number(abs(_rounded(v.rate)))}" for v in shown]
        yield (
            f"{len(self.variables)} variables can change together without end, in each step "
            f"{listed(steps) if not more else ', '.join(steps) + more}; {self.objective_name} {rise} by {by} each time."
        )
        free = [variable for variable in shown if variable.is_free]
        if free:
            yield f"No constraint limits {listed([f'{v.name} from {_side(v)}' for v in free])}."
        yield from self._stop("or a constraint that ties them to what is available")

    def _stop(self, otherwise: str) -> Iterator[str]:
        if self.bounds:
            what = listed(list(self.bounds))
            between = f", {otherwise}," if otherwise else ""
            yield f"{what[0].upper()}{what[1:]}{between} would stop it."

    def to_dict(self) -> dict[str, Any]:
        """Return the direction as JSON objects."""
        return {
            "variables": [
                {"name": v.name, "variable": v.variable, "rate": v.rate, "is_free": v.is_free} for v in self.variables
            ],
            "objective": self.objective,
            "bounds": list(self.bounds),
            "text": str(self),
        }


def formulation_runaway(
    formulation: Formulation,
    *,
    options: SolveOptions | None = None,
    cancel: threading.Event | None = None,
    limits: Limits | None = None,
) -> Runaway | None:
    """Solve a formulation, and return the direction in which it improves for ever; `None` where it does not.

    Raises:
        FormulationError: it has no single meaning; the findings say why.
        solvers.SolversError: no back end takes the model.
    """
    compiled = compile_formulation(formulation, limits=limits).require()
    return runaway(compiled, solve_compiled(compiled, options=options, cancel=cancel))


def runaway(compiled: CompiledFormulation, solution: Solution) -> Runaway | None:
    """Return the direction in which an unbounded formulation improves for ever.

    Returns:
        `None` where the solution is another one, or the solver gave no direction: nonlinear and quadratic models.
    """
    if solution.termination is not Termination.UNBOUNDED or solution.ray is None or not compiled.stages:
        return None
    model, ray = compiled.model, solution.ray
    columns = np.flatnonzero(np.abs(ray[: compiled.n_declared]) > _NOTHING)
    if not len(columns):
        return None
    columns = columns[np.argsort(-np.abs(ray[columns]), kind="stable")]
    scale = float(np.abs(ray[columns]).max())
    variables = tuple(
        RunawayVariable(
            name=model.name_of_column(column),
            variable=variable_of_column(compiled, column),
            rate=float(ray[column]) / scale,
            is_free=_is_free(compiled, column, bool(ray[column] > 0)),
        )
        for column in columns.tolist()
    )
    first = max(compiled.formulation.objectives, key=lambda objective: objective.priority)
    rate = float(model.objective @ ray) / scale
    improves = rate if model.sense is Sense.MAXIMIZE else -rate
    return Runaway(
        variables=variables,
        objective=rate if improves > 0 else 0.0,
        objective_name=objective_noun(compiled.formulation),
        objective_unit=first.unit,
        bounds=tuple(
            f"{'an upper' if rises else 'a lower'} bound on {model.name_of_column(column)}"
            for column, rises in stopping_bounds(model, ray)
        ),
    )


def _is_free(compiled: CompiledFormulation, column: int, rises: bool) -> bool:
    """Whether no linear row and no bound limits a column in a direction."""
    model = compiled.model
    bound = model.column_upper[column] if rises else model.column_lower[column]
    entries = np.flatnonzero((model.row_columns == column) & (model.row_values != 0))
    rows = model.entry_rows()[entries]
    pushes_up = (model.row_values[entries] > 0) == rises
    limited = np.where(pushes_up, np.isfinite(model.row_upper[rows]), np.isfinite(model.row_lower[rows]))
    return bool(not np.isfinite(bound) and not limited.any())


def _side(variable: RunawayVariable) -> str:
    return "above" if variable.rate > 0 else "below"


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}") + 0.0
