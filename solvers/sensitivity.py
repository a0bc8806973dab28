"""What an optimum is worth: which rows hold it back, what one unit more of each would change, and how far that goes.

For linear models by shadow prices with their exact ranges (`solvers.linear_ranging`). Other models have no such prices:
there the sides of the binding rows are moved by one step, up and down, and the model is solved again.
"""

from __future__ import annotations

import enum
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from solvers.backends.worker import run_interruptibly
from solvers.lexicographic import ObjectiveStage, solve_in_order
from solvers.linear_ranging import (
    BoolArray,
    CostRange,
    NotFinished,
    Ranging,
    Side,
    SidePrice,
    active_side,
    is_met,
)
from solvers.model import FloatArray, Model
from solvers.options import DEFAULT_OPTIONS, SolveOptions
from solvers.solution import Solution, Termination
from solvers.solve import solve

MOST_ROWS: Final = 20
"""So many binding rows are looked at unless rows are asked for."""
MOST_COLUMNS: Final = 40
DEFAULT_SECONDS: Final = 10.0


class Method(enum.StrEnum):
    """How prices were found."""

    PRICES = "prices"
    """By shadow prices with ranges: the model is linear, without integer columns."""
    STEPS = "steps"
    """By solving again with a side moved by one step."""
    NONE = "none"
    """Not at all: there is no proven optimum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideStep:
    """What the optimum becomes when one side of a row moves by a step.

    Attributes:
        row: of the model.
        side: which side; `both` for an equation.
        value: of the side as it is.
        step: by which it was moved.
        change_up, change_down: change of the objective, as stated, with the side moved up and down by the step; `None`
            where no optimum was found.
        termination_up, termination_down: how these solves ended.
    """

    row: int
    side: Side
    value: float
    step: float
    change_up: float | None
    change_down: float | None
    termination_up: Termination
    termination_down: Termination


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensitivity:
    """What an optimum is worth.

    All prices and changes are those of the objective as stated, whether it is minimised or maximised: a positive price
    says that the objective rises when the side moves up.

    Attributes:
        solution: the point that everything is about.
        method: how prices were found.
        side: float64 (m,), the side of each row that is met, or the nearest; infinite where a row has none. Empty
            without a point, like the next two.
        slack: float64 (m,), how far each row is from that side, at least 0; infinite where it has none.
        is_binding: bool (m,), whether the side is met.
        prices: of the rows that were looked at; empty for other methods.
        cost_ranges: of the columns that were looked at; empty for other methods.
        steps: of the rows that were looked at; empty for other methods.
        notes: sentences for a person: where a price holds in one direction only, what was left out.
    """

    solution: Solution
    method: Method
    side: FloatArray
    slack: FloatArray
    is_binding: BoolArray
    prices: tuple[SidePrice, ...] = ()
    cost_ranges: tuple[CostRange, ...] = ()
    steps: tuple[SideStep, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_degenerate(self) -> bool:
        """Whether a price differs between up and down."""
        return any(not price.is_two_sided for price in self.prices)

    @property
    def has_other_optima(self) -> bool:
        """Whether another point is known to be optimal too; of linear models only."""
        return any(cost.is_tight for cost in self.cost_ranges)


def sensitivity(
    model: Model,
    *,
    solution: Solution | None = None,
    stages: Sequence[ObjectiveStage] = (),
    rows: Sequence[int] | None = None,
    columns: Sequence[int] | None = None,
    own_rows: int | None = None,
    own_columns: int | None = None,
    step: float | None = None,
    seconds: float = DEFAULT_SECONDS,
    solver: str = "auto",
    options: SolveOptions = DEFAULT_OPTIONS,
    cancel: threading.Event | None = None,
) -> Sensitivity:
    """Find out which rows hold an optimum back, and what it would be worth to move their sides.

    Args:
        model: the model.
        solution: of the model; `None` to solve it first.
        stages: its objectives where several are solved in order; changes are those of the first. Empty for its own.
        rows: which are looked at; `None` for the binding ones, those with the largest duals first, at most 20.
        columns: whose cost ranges are looked at; `None` for the first 40.
        own_rows: how many of the first rows are looked at unless some are asked for; those behind them only help to
            say the others. `None` for all.
        own_columns: the same for columns.
        step: by which sides are moved in models that have no prices; `None` for 1 where the side is a whole number,
            else a tenth of the power of ten below it.
        seconds: wall clock for everything after the first solve; what is not looked at by then is left out, with a
            note.
        solver: name of a back end, or `auto`, for solving.
        options: of solving; the gap is taken for 0 when models are solved again.
        cancel: set it to stop.

    Raises:
        ValueError: a step that is not above 0.
        IndexError: a row or column that the model has not.
        SolversError: as for `solve`.
    """
    if step is not None and not 0 < step < math.inf:
        raise ValueError(f"a step is a number above 0, not {step}")
    if solution is None:
        solution = _solver_of(stages, solver, cancel)(model, options)
    if solution.values is None:
        nothing = np.empty(0)
        found = Sensitivity(
            solution=solution, method=Method.NONE, side=nothing, slack=nothing, is_binding=np.empty(0, np.bool_)
        )
        return replace(found, notes=("There is no point, so nothing can be said about it.",))
    side, slack, binding = _slacks(model, solution.values)
    found = Sensitivity(solution=solution, method=Method.NONE, side=side, slack=slack, is_binding=binding)
    if not solution.is_optimal:
        return replace(found, notes=("No optimum was proven, so only slacks are given.",))
    own_rows = model.n_rows if own_rows is None else own_rows
    own_columns = model.n_columns if own_columns is None else own_columns
    asked = _Asked(model, found, time.perf_counter() + seconds, own_rows, own_columns)
    if model.is_linear and not model.is_integer and len(stages) <= 1:
        stop = threading.Event()

        def is_cancelled() -> bool:
            return stop.is_set() or (cancel is not None and cancel.is_set())

        return run_interruptibly(lambda: asked.by_prices(rows, columns, is_cancelled), stop)
    return asked.by_steps(rows, step, replace(options, relative_gap=0.0), _solver_of(stages, solver, cancel))


@dataclass(slots=True)
class _Asked:
    """One question about a model on its way to an answer."""

    model: Model
    known: Sensitivity
    deadline: float
    own_rows: int
    own_columns: int
    notes: list[str] = field(default_factory=list)

    def chosen_rows(self, rows: Sequence[int] | None) -> list[int]:
        """Return the rows to look at: those asked for that have a side, or the binding ones that matter most."""
        if rows is not None:
            return [row for row in rows if np.isfinite(self.known.side[row])]
        binding = np.flatnonzero(self.known.is_binding[: self.own_rows])
        dual = self.known.solution.row_dual
        if dual is not None:
            binding = binding[np.argsort(-np.abs(dual[binding]), kind="stable")]
        if len(binding) > MOST_ROWS:
            self.notes.append(f"{len(binding):,} rows are binding; the {MOST_ROWS} that matter most were looked at.")
            if dual is None:
                self.notes[-1] = f"{len(binding):,} rows are binding; the first {MOST_ROWS} were looked at."
        return sorted(binding[:MOST_ROWS].tolist())

    def by_prices(
        self, rows: Sequence[int] | None, columns: Sequence[int] | None, is_cancelled: Callable[[], bool]
    ) -> Sensitivity:
        assert self.known.solution.values is not None
        if not self.model.n_columns:
            return replace(self.known, method=Method.PRICES)
        ranging = Ranging(
            self.model, self.known.solution.values, deadline=self.deadline, is_cancelled=is_cancelled
        )  # fmt: skip
        prices: list[SidePrice] = []
        ranges: list[CostRange] = []
        if columns is None:
            columns = range(min(self.own_columns, MOST_COLUMNS))
        try:
            prices += map(ranging.price, self.chosen_rows(rows))
            ranges += map(ranging.cost_range, columns)
        except NotFinished:
            self.notes.append("The time for the analysis was up; not every row and column was looked at.")
        found = replace(self.known, method=Method.PRICES, prices=tuple(prices), cost_ranges=tuple(ranges))
        if found.is_degenerate:
            self.notes.append(
                "The optimum is at a kink: some shadow prices differ between more and less, and each holds in its own "
                "direction only."
            )
        if found.has_other_optima:
            self.notes.append("Other points reach the same optimum.")
        return replace(found, notes=tuple(self.notes))

    def by_steps(
        self,
        rows: Sequence[int] | None,
        step: float | None,
        options: SolveOptions,
        solve_again: Callable[[Model, SolveOptions], Solution],
    ) -> Sensitivity:
        steps = []
        for row in self.chosen_rows(rows):
            value = float(self.known.side[row])
            size = step if step is not None else usual_step(value)
            both = [self.moved(row, by, options, solve_again) for by in (size, -size)]
            if None in both:
                self.notes.append("The time for the analysis was up; not every row was looked at.")
                break
            (change_up, up), (change_down, down) = (pair for pair in both if pair is not None)
            side = active_side(self.model, row, self.activity(row))
            found = SideStep(
                row=row, side=side, value=value, step=size, change_up=change_up, change_down=change_down,
                termination_up=up, termination_down=down,
            )  # fmt: skip
            steps.append(found)
        return replace(self.known, method=Method.STEPS, steps=tuple(steps), notes=tuple(self.notes))

    def moved(
        self,
        row: int,
        by: float,
        options: SolveOptions,
        solve_again: Callable[[Model, SolveOptions], Solution],
    ) -> tuple[float | None, Termination] | None:
        """Return the change of the objective with the side of a row moved, and how it ended; `None` out of time."""
        left = self.deadline - time.perf_counter()
        if left <= 0:
            return None
        limit = min(left, math.inf if options.time_limit_seconds is None else options.time_limit_seconds)
        moved = moved_side(self.model, row, self.activity(row), by)
        again = solve_again(moved, replace(options, time_limit_seconds=limit))
        if again.termination in (Termination.LIMIT, Termination.INTERRUPTED):
            return None
        base = self.known.solution.objective
        if not again.is_optimal or again.objective is None or base is None:
            return None, again.termination
        return again.objective - base, again.termination

    def activity(self, row: int) -> float:
        activity = self.known.solution.row_activity
        assert activity is not None
        return float(activity[row])


def moved_side(model: Model, row: int, activity: float, by: float) -> Model:
    """Return the model with the side of a row that is met, or the nearest, moved by an amount; equations move whole."""
    side = active_side(model, row, activity)
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    if side in ("lower", "both"):
        lower[row] += by
    if side in ("upper", "both"):
        upper[row] += by
    return replace(model, row_lower=lower, row_upper=upper)


def usual_step(side: float) -> float:
    """Return the step by which a side is moved: 1 for whole numbers, else a tenth of the power of ten below it."""
    if side == round(side):
        return 1.0
    return float(10.0 ** (math.floor(math.log10(abs(side))) - 1))


def _slacks(model: Model, values: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return for each row the nearest side, the distance to it, and whether it is met."""
    activity = model.activity(values)
    below, above = activity - model.row_lower, model.row_upper - activity
    side = np.where(below < above, model.row_lower, model.row_upper)
    distance = np.minimum(below, above)
    binding = is_met(distance, side) | (distance < 0)
    if model.indicators is not None:
        demanded = model.indicators.demanded(values, model.n_rows)
        distance, binding = np.where(demanded, distance, np.inf), binding & demanded
    return side, np.where(binding, 0.0, distance), binding


def _solver_of(
    stages: Sequence[ObjectiveStage], solver: str, cancel: threading.Event | None
) -> Callable[[Model, SolveOptions], Solution]:
    """Return what solves a model: for its own objective, or for several in order."""

    def solved(model: Model, options: SolveOptions) -> Solution:
        if len(stages) > 1:
            return solve_in_order(model, stages, solver=solver, options=options, cancel=cancel)
        return solve(model, solver=solver, options=options, cancel=cancel)

    return solved
