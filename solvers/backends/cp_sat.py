"""CP-SAT: pure integer models, with global constraints, conditional rows and products of columns.

Perron, Didier and Gay, The CP-SAT-LP solver, CP 2023. The interface is OR-Tools 9.15, whose facts that matter here: it
counts in whole numbers of 64 bits only, so that rows and objective are scaled exactly before; it calls an optimum what
is within its gaps, of which the absolute one is 1e-4 unless told otherwise; without having begun it reports 0 as bound;
an interval does not connect its start, size and end by itself; a size or demand that may be below 0 makes a model
invalid; nodes without arcs do not count in a circuit, and a node may have one arc to itself; its callbacks come from
its own threads, where an exception ends the process; `stop_search` stops it at any time, before the first point as
well, but not before it has begun; `CpSolver.status_name()` fails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from solvers.backends.cp_sat_load import load
from solvers.backends.outcome import Report, finite, relative_gap, settled
from solvers.backends.run import SolverRun, interruptible
from solvers.backends.watch import watched
from solvers.backends.whole_bounds import with_whole_bounds
from solvers.backends.whole_model import WholeModel, whole_model
from solvers.errors import UnsupportedModelError
from solvers.events import Incumbent, OnSolverEvent, Progress, SolverEvent
from solvers.features import Feature
from solvers.model import Model
from solvers.options import SolveOptions
from solvers.solution import Solution, Termination

_MOST_WORKERS: Final = 10_000
_LARGEST_GAP: Final = 1e300
"""CP-SAT takes no larger numbers for these."""

_WRITTEN: Final[WeakKeyDictionary[Model, WholeModel]] = WeakKeyDictionary()
"""Models in whole numbers that were written to see whether they are taken, until they are solved or given up."""


class CpSat:
    """The CP-SAT back end."""

    name = "cp_sat"
    title = "CP-SAT"
    package = "ortools"
    install = "ortools~=9.15.6755"
    is_chosen = True
    suits = "integer models, scheduling and routing"
    features = frozenset({
        Feature.INTEGER,
        Feature.INDICATOR,
        Feature.GLOBAL,
        Feature.QUADRATIC_OBJECTIVE,
        Feature.QUADRATIC_ROWS,
        Feature.INTEGER_QUADRATIC,
    })  # fmt: skip

    def refusal(self, model: Model) -> str | None:
        """Return why a model is not taken: a column without a bound, or numbers that 64 bits do not hold."""
        try:
            _WRITTEN[model] = whole_model(model)
        except UnsupportedModelError as error:
            return str(error)
        return None

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Solve a valid pure integer model; events come from a thread of the solver."""
        return interruptible(_Run, model, options=options, on_event=on_event, cancel=cancel)


@dataclass(slots=True)
class _Run(SolverRun):
    """One model on its way through CP-SAT."""

    failure: BaseException | None = None
    incumbent: Incumbent | None = None
    nodes: int = 0

    def solve(self) -> Solution:
        known = settled(with_whole_bounds(self.model), solver=_solver(), seconds=self.seconds())
        if known is not None:
            return known
        if self.is_cancelled():
            return self.without_point(Termination.INTERRUPTED, "not started")
        whole = _WRITTEN.pop(self.model, None) or whole_model(self.model)
        if whole.is_contradictory:
            return self.believed(Report(termination=Termination.INFEASIBLE, raw_status="bounds contradict each other"))
        made = load(self.model, whole)
        solver = self.configured()
        callback = None
        if self.on_event is not None:
            callback = _callback_class()(self.found)
            solver.best_bound_callback = self.improved
        with watched(solver.stop_search, self.is_cancelled):
            solver.solve(made, callback)
        if self.failure is not None:
            raise self.failure
        return self.read(solver, whole, made)

    def configured(self) -> Any:
        from ortools.sat.python import cp_model

        solver, options = cp_model.CpSolver(), self.options
        parameters = solver.parameters
        parameters.relative_gap_limit = min(float(options.relative_gap), _LARGEST_GAP)
        parameters.absolute_gap_limit = 0.0
        parameters.random_seed = options.seed
        # Ctrl-C is Python's: a second handler beside it ends the process.
        parameters.catch_sigint_signal = False
        if options.threads is not None:
            parameters.num_workers = min(options.threads, _MOST_WORKERS)
        if options.time_limit_seconds is not None:
            parameters.max_time_in_seconds = max(0.0, options.time_limit_seconds - self.seconds())
        return solver

    # -- events ----------------------------------------------------------------------------------------

    def found(self, callback: Any) -> None:
        """Tell of a better point."""
        objective, bound = float(callback.objective_value), finite(callback.best_objective_bound)
        if not self.has_objective():
            objective = bound = self.model.objective_constant
        gap = relative_gap(objective, bound)
        self.nodes = int(callback.num_branches)
        self.incumbent = Incumbent(objective=objective, bound=bound, gap=gap, seconds=self.seconds())
        self.tell(self.incumbent)

    def improved(self, bound: float) -> None:
        """Tell of a better bound."""
        best = None if self.incumbent is None else self.incumbent.objective
        self.tell(Progress(objective=best, bound=finite(bound), nodes=self.nodes, seconds=self.seconds()))

    def tell(self, event: SolverEvent) -> None:
        if self.on_event is None or self.failure is not None:
            return
        try:
            self.on_event(event)
        except BaseException as error:  # noqa: BLE001 - raised again once the solver has stopped
            self.failure = error
            self.stop.set()

    def has_objective(self) -> bool:
        return bool(self.model.objective.any() or self.model.quadratic_objective is not None)

    # -- reading ---------------------------------------------------------------------------------------

    def read(self, solver: Any, whole: WholeModel, made: Any) -> Solution:
        """Read status and point, believe neither, and say what is left of them."""
        response = solver.response_proto
        raw = str(response.status.name)
        termination = _TERMINATIONS.get(raw, Termination.ERROR)
        if self.is_cancelled() and termination is Termination.LIMIT:
            termination = Termination.INTERRUPTED
        values = np.array(list(response.solution), np.float64)
        bound: float | None = self.model.objective_constant
        if len(whole.objective_columns):
            least = int(response.inner_objective_lower_bound)
            if raw == "UNKNOWN" and least == 0:
                least = whole.least_objective()
            bound = finite(least * whole.unit + self.model.objective_constant)
        report = Report(
            termination=termination,
            raw_status=raw,
            values=values if len(values) else None,
            bound=bound,
            message=f"CP-SAT does not accept the model: {made.validate() or response.solution_info}"
            if raw == "MODEL_INVALID"
            else "",
        )
        return self.believed(report)

    def solver(self) -> str:
        return _solver()


_TERMINATIONS: Final = {
    "OPTIMAL": Termination.OPTIMAL,
    "FEASIBLE": Termination.LIMIT,
    "INFEASIBLE": Termination.INFEASIBLE,
    "UNKNOWN": Termination.LIMIT,
}


@cache
def _callback_class() -> Any:
    """Return the class of callbacks, made when OR-Tools is first used."""
    from ortools.sat.python import cp_model

    class Callback(cp_model.CpSolverSolutionCallback):
        """Hands each point on."""

        def __init__(self, found: Callable[[Any], None]) -> None:
            super().__init__()
            self._found = found

        def on_solution_callback(self) -> None:
            """Called by CP-SAT at each better point."""
            self._found(self)

    return Callback


@cache
def _solver() -> str:
    return f"CP-SAT {version('ortools')}"
