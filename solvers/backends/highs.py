"""HiGHS: linear, mixed-integer linear and convex quadratic models.

Huangfu and Hall, Parallelizing the dual revised simplex method, Mathematical Programming Computation 10
(2018). The interface is highspy 1.13.1, whose facts that matter here: it stops integer models at a relative
gap of 1e-4 unless told otherwise; it takes whole numbers and rows of integer models with a tolerance of 1e-6
unless told otherwise, so that with a big constant `x <= 1e7*used` it lets `used = 3e-7` pass for 0; it reads the
lower triangle of the Hessian only; after a limit it may hand out a point that violates rows; it drops coefficients
up to 1e-9 and takes bounds from 1e20 for infinite unless told otherwise; an option out of range is ignored but for
a status; its duals are those of the model in its own sense.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np

from solvers.backends.highs_load import INSTALL, core, load, refusal_of, set_option
from solvers.backends.outcome import Report, finite, relative_gap, settled, whole_columns
from solvers.backends.run import SolverRun, interruptible
from solvers.backends.unboundedness import steepest_ray, without_objective
from solvers.backends.whole_bounds import with_whole_bounds
from solvers.check import check_point
from solvers.events import Incumbent, OnSolverEvent, Progress
from solvers.features import Feature
from solvers.model import FloatArray, Model
from solvers.options import SolveOptions
from solvers.solution import Solution, Termination

_TIGHT_TOLERANCE: Final = 1e-10
"""The tightest tolerance that HiGHS takes, for models whose optimum is lost when integer columns are rounded."""


class Highs:
    """The HiGHS back end."""

    name = "highs"
    title = "HiGHS"
    package = "highspy"
    install = INSTALL
    is_chosen = True
    suits = "linear, mixed-integer linear and convex quadratic models"
    features = frozenset({Feature.CONTINUOUS, Feature.INTEGER, Feature.QUADRATIC_OBJECTIVE})

    def refusal(self, model: Model) -> str | None:
        """Return why a model with these features is not taken: not convex, coefficients too small or too large."""
        return refusal_of(model)

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Solve a valid linear, mixed-integer linear or convex quadratic model.

        A quadratic model cannot be cancelled, and only integer models report events.
        """
        return interruptible(_Run, model, options=options, on_event=on_event, cancel=cancel)


@dataclass(slots=True)
class _Run(SolverRun):
    """One model on its way through HiGHS, in as many runs as it takes to be sure of the answer."""

    def solve(self) -> Solution:
        model = with_whole_bounds(self.model)
        known = settled(model, solver=_solver(), seconds=self.seconds())
        if known is not None:
            return known
        if self.is_cancelled():
            return self.without_point(Termination.INTERRUPTED, "not started")
        highs = load(model)
        self.configure(highs)
        highs.run()
        if self.is_lost_by_rounding(highs):
            set_option(highs, "mip_feasibility_tolerance", _TIGHT_TOLERANCE)
            highs.clearSolver()
            highs.run()
        solution = self.read(highs)
        if solution.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
            set_option(highs, "presolve", "off")
            highs.run()
            solution = self.read(highs)
        if solution.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
            solution = self.tell_apart(solution)
        if solution.termination is Termination.UNBOUNDED:
            solution = replace(solution, ray=self.ray(), seconds=self.seconds())
        return solution

    def configure(self, highs: Any) -> None:
        options = self.options
        set_option(highs, "mip_rel_gap", float(options.relative_gap))
        set_option(highs, "mip_abs_gap", 0.0)
        set_option(highs, "primal_feasibility_tolerance", float(options.feasibility_tolerance))
        set_option(highs, "mip_feasibility_tolerance", float(options.feasibility_tolerance))
        # Its quadratic solver may go round for ever when it bends the objective so that the optimum is unique.
        set_option(highs, "qp_regularization_value", 0.0)
        set_option(highs, "random_seed", options.seed)
        if options.time_limit_seconds is not None:
            # The clock of HiGHS runs on from one run of a model to the next.
            set_option(highs, "time_limit", max(0.0, options.time_limit_seconds - self.seconds()))
        if options.threads is not None:
            core()._Highs.resetGlobalScheduler(True)
            set_option(highs, "threads", options.threads)
        self.listen(highs)

    def listen(self, highs: Any) -> None:
        """Subscribe to what HiGHS reports; its quadratic solver reports nothing and cannot be stopped."""
        kinds = core().cb.HighsCallbackType
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
            # HiGHS reports progress only when it writes its log, which `load` keeps off the console.
            set_option(highs, "output_flag", True)
            for kind in reports:
                highs.startCallback(kind)

    def incumbent(self, out: Any) -> Incumbent:
        objective, bound = float(out.objective_function_value), finite(out.mip_dual_bound)
        return Incumbent(objective=objective, bound=bound, gap=relative_gap(objective, bound), seconds=self.seconds())

    def progress(self, out: Any) -> Progress:
        return Progress(
            objective=finite(out.mip_primal_bound),
            bound=finite(out.mip_dual_bound),
            nodes=int(out.mip_node_count),
            seconds=self.seconds(),
        )

    # -- reading --------------------------------------------------------------------------------------

    def read(self, highs: Any) -> Solution:
        """Read status and point, believe neither, and say what is left of them."""
        status = highs.getModelStatus()
        raw = str(highs.modelStatusToString(status))
        termination = _terminations().get(status, Termination.ERROR)
        if self.is_cancelled() and termination is Termination.LIMIT:
            termination = Termination.INTERRUPTED
        info, result = highs.getInfo(), highs.getSolution()
        is_integer = self.model.is_integer
        duals = self.duals(result)
        report = Report(
            termination=termination,
            raw_status=raw,
            values=np.array(result.col_value, np.float64) if result.value_valid else None,
            bound=finite(info.mip_dual_bound) if is_integer else None,
            row_dual=duals[0],
            reduced_cost=duals[1],
            proves_gap=not is_integer,
        )
        return self.believed(report)

    def solver(self) -> str:
        return _solver()

    def is_lost_by_rounding(self, highs: Any) -> bool:
        """Whether the optimum lived on integer columns that are not quite whole."""
        if not self.model.is_integer or highs.getModelStatus() != core().HighsModelStatus.kOptimal:
            return False
        point = whole_columns(self.model, np.array(highs.getSolution().col_value, np.float64))
        return not check_point(self.model, point).accepted

    def duals(self, result: Any) -> tuple[FloatArray | None, FloatArray | None]:
        if self.model.is_integer or not result.dual_valid:
            return None, None
        row_dual = np.array(result.row_dual, np.float64)[: self.model.n_rows]
        return row_dual + 0.0, np.array(result.col_dual, np.float64) + 0.0

    # -- cases that HiGHS leaves to us ------------------------------------------------------------------

    def tell_apart(self, solution: Solution) -> Solution:
        """Tell infeasible from unbounded by solving without the objective."""
        neutral = without_objective(self.model)
        feasible = _Run(neutral, self.options, None, self.cancel, self.stop, self.started).solve()
        if feasible.has_point:
            return self.without_point(Termination.UNBOUNDED, solution.raw_status)
        return replace(solution, termination=feasible.termination, message=feasible.message, seconds=feasible.seconds)

    def ray(self) -> FloatArray | None:
        """Return the direction of steepest improvement that leaves all rows and bounds satisfied for ever.

        HiGHS has one only where the simplex method met it. For integer models it is a ray of the relaxation.
        """
        if not self.model.is_linear:
            return None
        cone = steepest_ray(self.model)
        steepest = _Run(cone, self.options, None, self.cancel, self.stop, self.started).solve()
        return steepest.values if steepest.objective else None


@cache
def _terminations() -> dict[Any, Termination]:
    status = core().HighsModelStatus
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
    return f"HiGHS {core()._Highs().version()}"
