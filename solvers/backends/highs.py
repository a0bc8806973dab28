"""HiGHS: linear, mixed-integer linear and convex quadratic models.

Huangfu and Hall, Parallelizing the dual revised simplex method, Mathematical Programming Computation 10
(2018). The interface is highspy 1.13.1, whose facts that matter here: it stops integer models at a relative
gap of 1e-4 unless told otherwise; it reads the lower triangle of the Hessian only; after a limit it may hand
out a point that violates rows; its duals are those of the model in its own sense.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np

from solvers.backends.hessian import is_convex, lower_triangle
from solvers.backends.worker import run_interruptibly
from solvers.check import check_point
from solvers.errors import SolversError, UnsupportedModelError
from solvers.events import Incumbent, OnSolverEvent, Progress
from solvers.features import Feature
from solvers.model import FloatArray, Kind, Model, Sense
from solvers.options import SolveOptions
from solvers.solution import OPTIMALITY_GAP, Solution, Termination

_ROW_WISE: Final = 2
_TRIANGULAR: Final = 1
_MESSAGES: Final = {
    Termination.OPTIMAL: "A proven optimum was found.",
    Termination.INFEASIBLE: "No values satisfy all constraints at once.",
    Termination.UNBOUNDED: "The objective can improve without end: a limit is missing.",
    Termination.INFEASIBLE_OR_UNBOUNDED: "The model is infeasible or unbounded; the solver could not tell which.",
    Termination.LIMIT: "The time limit was reached before an optimum was proven.",
    Termination.INTERRUPTED: "The solver was interrupted before an optimum was proven.",
    Termination.ERROR: "The solver failed.",
}


class Highs:
    """The HiGHS back end."""

    name = "highs"
    features = frozenset({Feature.INTEGER, Feature.QUADRATIC_OBJECTIVE})

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Solve a valid linear, mixed-integer linear or convex quadratic model."""
        _require_convex(model)
        stop = threading.Event()
        run = _Run(model, options, on_event, cancel, stop)
        return run_interruptibly(run.solve, stop)


def _require_convex(model: Model) -> None:
    if model.quadratic_objective is None:
        return
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    if is_convex(model.quadratic_objective, sign) is False:
        shape = "convex" if sign > 0 else "concave"
        raise UnsupportedModelError(
            f"highs can only {model.sense} a quadratic objective that is {shape}, and this one is not."
        )


@cache
def _core() -> Any:
    """Return the compiled module of highspy, imported when the first model is solved."""
    from highspy import _core

    return _core


def load(model: Model) -> Any:
    """Hand a linear or quadratic model over to HiGHS, and return the HiGHS object that holds it.

    Raises:
        SolversError: HiGHS does not accept it.
    """
    core = _core()
    highs = core._Highs()
    highs.setOptionValue("output_flag", False)
    terms = model.quadratic_objective
    empty = np.empty(0, np.int32)
    starts, rows, values = lower_triangle(terms, model.n_columns) if terms is not None else (empty, empty, np.empty(0))
    integrality = (model.column_kind != Kind.CONTINUOUS).astype(np.int32)
    status = highs.passModel(
        model.n_columns,
        model.n_rows,
        len(model.row_values),
        len(values),
        _ROW_WISE,
        _TRIANGULAR,
        1 if model.sense is Sense.MINIMIZE else -1,
        model.objective_constant,
        model.objective,
        model.column_lower,
        model.column_upper,
        model.row_lower,
        model.row_upper,
        model.row_starts.astype(np.int32),
        model.row_columns.astype(np.int32, copy=False),
        model.row_values,
        starts,
        rows,
        values,
        integrality,
    )
    if status == core.HighsStatus.kError:
        raise SolversError("HiGHS does not accept the model.")
    return highs


@dataclass(slots=True)
class _Run:
    """One run of HiGHS."""

    model: Model
    options: SolveOptions
    on_event: OnSolverEvent | None
    cancel: threading.Event | None
    stop: threading.Event
    started: float = 0.0

    def solve(self) -> Solution:
        self.started = time.perf_counter()
        model = self.model
        if np.any(model.column_lower > model.column_upper) or np.any(model.row_lower > model.row_upper):
            # HiGHS refuses such models instead of calling them infeasible.
            return self.without_point(Termination.INFEASIBLE, "bounds cross")
        if not model.n_columns:
            return self.constant()
        highs = load(model)
        self.configure(highs)
        highs.run()
        solution = self.read(highs)
        if solution.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
            highs.setOptionValue("presolve", "off")
            highs.run()
            solution = self.read(highs)
        if solution.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
            solution = self.tell_apart(solution)
        return solution

    def configure(self, highs: Any) -> None:
        options = self.options
        highs.setOptionValue("mip_rel_gap", options.relative_gap)
        highs.setOptionValue("mip_abs_gap", 0.0)
        highs.setOptionValue("primal_feasibility_tolerance", options.feasibility_tolerance)
        highs.setOptionValue("random_seed", options.seed)
        if options.time_limit_seconds is not None:
            spent = time.perf_counter() - self.started
            highs.setOptionValue("time_limit", max(0.0, options.time_limit_seconds - spent))
        if options.threads is not None:
            _core()._Highs.resetGlobalScheduler(True)
            highs.setOptionValue("threads", options.threads)
        self.listen(highs)

    def listen(self, highs: Any) -> None:
        """Subscribe to what HiGHS reports; its quadratic solver reports nothing and cannot be stopped."""
        kinds = _core().cb.HighsCallbackType
        interrupts = (
            kinds.kCallbackSimplexInterrupt,
            kinds.kCallbackIpmInterrupt,
            kinds.kCallbackMipInterrupt,
        )
        reports = (kinds.kCallbackMipImprovingSolution, kinds.kCallbackMipLogging)

        def called(kind: Any, message: str, out: Any, into: Any, user_data: Any) -> None:
            if into is not None and kind in interrupts and self.is_cancelled():
                into.user_interrupt = True
            elif self.on_event is not None and kind == kinds.kCallbackMipImprovingSolution:
                self.on_event(self.incumbent(out))
            elif self.on_event is not None and kind == kinds.kCallbackMipLogging:
                self.on_event(self.progress(out))

        highs.setCallback(called, None)
        for kind in interrupts:
            highs.startCallback(kind)
        if self.on_event is not None and self.model.is_integer:
            for kind in reports:
                highs.startCallback(kind)

    def is_cancelled(self) -> bool:
        return self.stop.is_set() or (self.cancel is not None and self.cancel.is_set())

    def incumbent(self, out: Any) -> Incumbent:
        objective, bound = float(out.objective_function_value), _finite(out.mip_dual_bound)
        return Incumbent(objective=objective, bound=bound, gap=_gap(objective, bound), seconds=self.seconds())

    def progress(self, out: Any) -> Progress:
        return Progress(
            objective=_finite(out.mip_primal_bound),
            bound=_finite(out.mip_dual_bound),
            nodes=int(out.mip_node_count),
            seconds=self.seconds(),
        )

    def seconds(self) -> float:
        return time.perf_counter() - self.started

    # -- reading --------------------------------------------------------------------------------------

    def read(self, highs: Any) -> Solution:
        """Read status and point, believe neither, and say what is left of them."""
        status = highs.getModelStatus()
        raw = str(highs.modelStatusToString(status))
        termination = _terminations().get(status, Termination.ERROR)
        if self.is_cancelled() and termination is Termination.LIMIT:
            termination = Termination.INTERRUPTED
        info, result = highs.getInfo(), highs.getSolution()
        found = self.accepted_point(result) if termination in _MAY_HAVE_POINT else None
        if found is None:
            if termination is Termination.OPTIMAL:
                message = "The solver reported an optimum, but its point violates the model by our own check."
                return replace(self.without_point(Termination.ERROR, raw), message=message)
            solution = self.without_point(termination, raw)
            return replace(solution, ray=self.ray(highs)) if termination is Termination.UNBOUNDED else solution
        values, violation = found
        objective = self.model.objective_value(values)
        bound = self.bound(termination, info, objective)
        gap = _gap(objective, bound)
        message = _MESSAGES[termination]
        if termination is Termination.OPTIMAL and (gap is None or gap > OPTIMALITY_GAP):
            termination, message = (
                Termination.LIMIT,
                "The gap that was asked for was reached; no optimum was proven.",
            )
        duals = self.duals(result) if termination is Termination.OPTIMAL else (None, None)
        return Solution(
            termination=termination, values=values, objective=objective, bound=bound, gap=gap,
            row_activity=self.model.activity(values), row_dual=duals[0], reduced_cost=duals[1],
            max_violation=violation, seconds=self.seconds(), solver=_solver(), raw_status=raw, message=message,
        )  # fmt: skip

    def bound(self, termination: Termination, info: Any, objective: float) -> float | None:
        if self.model.is_integer:
            return _finite(info.mip_dual_bound)
        return objective if termination is Termination.OPTIMAL else None

    def accepted_point(self, result: Any) -> tuple[FloatArray, float] | None:
        """Return the point with integer columns rounded, and its violation; `None` when it is refused."""
        if not result.value_valid:
            return None
        values = np.array(result.col_value, np.float64)
        whole = self.model.column_kind != Kind.CONTINUOUS
        candidates = [np.where(whole, np.round(values), values) + 0.0, values] if whole.any() else [values]
        for candidate in candidates:
            check = check_point(self.model, candidate)
            if check.accepted:
                return candidate, check.max_violation
        return None

    def duals(self, result: Any) -> tuple[FloatArray | None, FloatArray | None]:
        if self.model.is_integer or not result.dual_valid:
            return None, None
        return np.array(result.row_dual, np.float64), np.array(result.col_dual, np.float64)

    def ray(self, highs: Any) -> FloatArray | None:
        if self.model.is_integer:
            return None
        _, has_ray, ray = highs.getPrimalRay()
        return np.array(ray, np.float64) if has_ray else None

    # -- cases that HiGHS leaves to us ------------------------------------------------------------------

    def tell_apart(self, solution: Solution) -> Solution:
        """Tell infeasible from unbounded by solving without the objective."""
        neutral = replace(
            self.model,
            objective=np.zeros(self.model.n_columns),
            objective_constant=0.0,
            quadratic_objective=None,
        )
        feasible = _Run(neutral, self.options, None, self.cancel, self.stop).solve()
        if feasible.has_point:
            return self.without_point(Termination.UNBOUNDED, solution.raw_status)
        return replace(solution, termination=feasible.termination, message=feasible.message)

    def constant(self) -> Solution:
        """Judge a model without columns: its rows hold or not."""
        values = np.empty(0)
        check = check_point(self.model, values)
        if not check.accepted:
            return self.without_point(Termination.INFEASIBLE, "no columns")
        objective = self.model.objective_constant
        return Solution(
            termination=Termination.OPTIMAL, values=values, objective=objective, bound=objective, gap=0.0,
            row_activity=self.model.activity(values), max_violation=check.max_violation, seconds=self.seconds(),
            solver=_solver(), raw_status="no columns", message=_MESSAGES[Termination.OPTIMAL],
        )  # fmt: skip

    def without_point(self, termination: Termination, raw: str) -> Solution:
        return Solution(
            termination=termination,
            seconds=self.seconds(),
            solver=_solver(),
            raw_status=raw,
            message=_MESSAGES[termination],
        )


_MAY_HAVE_POINT: Final = frozenset({Termination.OPTIMAL, Termination.LIMIT, Termination.INTERRUPTED})


@cache
def _terminations() -> dict[Any, Termination]:
    status = _core().HighsModelStatus
    return {
        status.kOptimal: Termination.OPTIMAL,
        status.kModelEmpty: Termination.OPTIMAL,
        status.kInfeasible: Termination.INFEASIBLE,
        status.kUnbounded: Termination.UNBOUNDED,
        status.kUnboundedOrInfeasible: Termination.INFEASIBLE_OR_UNBOUNDED,
        status.kTimeLimit: Termination.LIMIT,
        status.kIterationLimit: Termination.LIMIT,
        status.kSolutionLimit: Termination.LIMIT,
        status.kInterrupt: Termination.INTERRUPTED,
        status.kHighsInterrupt: Termination.INTERRUPTED,
    }


@cache
def _solver() -> str:
    return f"HiGHS {_core()._Highs().version()}"


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def _gap(objective: float, bound: float | None) -> float | None:
    return None if bound is None else abs(objective - bound) / max(1.0, abs(objective))
