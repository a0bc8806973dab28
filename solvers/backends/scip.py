"""SCIP: nonlinear and mixed-integer nonlinear models to global optimality.

Bolusani et al., The SCIP Optimization Suite 9.0, arXiv 2402.17702 (2024); Bestuzheva et al., Global optimization of
mixed-integer nonlinear programs with SCIP 8, Journal of Global Optimization 91 (2025). The interface is PySCIPOpt 6.3
with SCIP 10, whose facts that matter here: it takes linear objectives only, so that the rest of one is held by a
variable; it takes rows and whole numbers with a tolerance of 1e-6 unless told otherwise; it reads numbers from 1e20 on
as infinite; it catches Ctrl-C for itself unless told otherwise; it uses one thread.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Final

import numpy as np

from solvers.backends.outcome import Report, finite, settled
from solvers.backends.run import SolverRun, interruptible
from solvers.backends.scip_expressions import scip
from solvers.backends.scip_load import Loaded, load, refusal_of
from solvers.backends.scip_watch import Reporter, interrupt
from solvers.backends.unboundedness import steepest_ray, without_objective
from solvers.backends.watch import watched
from solvers.backends.whole_bounds import with_whole_bounds
from solvers.events import OnSolverEvent
from solvers.features import Feature
from solvers.model import FloatArray, Model
from solvers.nonlinear import Operator
from solvers.options import SolveOptions
from solvers.solution import OPTIMALITY_GAP, Solution, Termination

_TIGHT_TOLERANCE: Final = 1e-8
"""For linear models whose optimum is lost when integer columns are rounded. From 1e-8 down SoPlex may write to the
terminal that it cannot be that exact, where its linear programs are unstable."""
_CURVED_TOLERANCE: Final = 1e-9
"""For nonlinear models: the tolerance of the objective's row, times its coefficients, adds to the gap."""
_CURVED_GAP: Final = OPTIMALITY_GAP / 2
"""At which gap a nonlinear model counts as solved: SCIP may search for ever for the digits behind it."""
_ENDLESS: Final = 1e19
"""From this size on an objective is endless: a tenth of what SCIP reads as infinite."""
_TERMINATIONS: Final = {
    "optimal": Termination.OPTIMAL,
    # Whether the gap is small enough to be called optimal is judged by the bound.
    "gaplimit": Termination.OPTIMAL,
    "infeasible": Termination.INFEASIBLE,
    "unbounded": Termination.UNBOUNDED,
    "inforunbd": Termination.INFEASIBLE_OR_UNBOUNDED,
    "userinterrupt": Termination.INTERRUPTED,
    "timelimit": Termination.LIMIT,
    "memlimit": Termination.LIMIT,
}


class Scip:
    """The SCIP back end."""

    name = "scip"
    title = "SCIP"
    package = "pyscipopt"
    install = "pyscipopt~=6.3"
    is_chosen = True
    suits = "nonlinear models, integers beside them, and conditions, to global optimality"
    features = frozenset(set(Feature) - {Feature.GLOBAL})

    def refusal(self, model: Model) -> str | None:
        """Return why a model with these features is not taken: numbers too small or too large."""
        return refusal_of(model)

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Solve a valid model without global constraints; SCIP uses one thread and gives no duals.

        A nonlinear objective that improves without end, or columns without bounds in it, may keep SCIP searching for
        ever: such models need bounds, or a time limit. A power with a variable exponent is read as
        `exp(exponent * log(base))`: its base is above 0.
        """
        return interruptible(_Run, model, options=options, on_event=on_event, cancel=cancel)


@dataclass(slots=True)
class _Run(SolverRun):
    """One model on its way through SCIP, in as many runs as it takes to be sure of the answer."""

    def solve(self) -> Solution:
        model = with_whole_bounds(self.model)
        known = settled(model, solver=_solver(), seconds=self.seconds())
        if known is not None:
            return known
        if self.is_cancelled():
            return self.without_point(Termination.INTERRUPTED, "not started")
        loaded = load(model)
        if loaded.is_false:
            return self.without_point(Termination.INFEASIBLE, "a constant row is false")
        reporter = self.configure(loaded.scip)
        solution = self.run(loaded, reporter)
        if self.is_lost(loaded, solution):
            loaded.scip.freeTransform()
            tight = _TIGHT_TOLERANCE if _is_flat(self.model) else _CURVED_TOLERANCE
            loaded.scip.setParam("numerics/feastol", min(tight, self.options.feasibility_tolerance))
            again = self.run(loaded, reporter)
            solution = again if again.has_point else solution
        if solution.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
            solution = self.tell_apart(solution)
        if solution.termination is Termination.UNBOUNDED:
            solution = replace(solution, ray=self.ray(), seconds=self.seconds())
        return solution

    def configure(self, model: Any) -> Reporter | None:
        options, tolerance, gap = self.options, self.options.feasibility_tolerance, self.options.relative_gap
        if not _is_flat(self.model):
            gap = max(gap, _CURVED_GAP)
            if not _has_endless_columns(self.model):
                tolerance = min(tolerance, _CURVED_TOLERANCE)
            model.setParam("limits/absgap", _CURVED_GAP)
        # Each of these is accepted over the whole range of its option.
        model.setParams(
            {
                "limits/gap": float(min(gap, 1e19)),
                "numerics/feastol": float(tolerance),
                "randomization/randomseedshift": options.seed,
                "misc/catchctrlc": False,
                "timing/clocktype": 2,
                "lp/threads": 1,
                # This tightens the tolerance once more, beyond what SoPlex can meet.
                "constraints/nonlinear/tightenlpfeastol": False,
            }
        )
        if self.on_event is None:
            return None
        reporter = Reporter(self.on_event, self.started)
        reporter.attach(model)
        return reporter

    def run(self, loaded: Loaded, reporter: Reporter | None) -> Solution:
        """Run SCIP once, and read what came of it."""
        if self.options.time_limit_seconds is not None:
            left = max(0.0, self.options.time_limit_seconds - self.seconds())
            loaded.scip.setParam("limits/time", min(left, 1e20))
        with watched(partial(interrupt, loaded.scip), self.is_cancelled):
            loaded.scip.optimizeNogil()
        if reporter is not None and reporter.failure is not None:
            raise reporter.failure
        return self.read(loaded)

    # -- reading --------------------------------------------------------------------------------------

    def read(self, loaded: Loaded) -> Solution:
        """Read status and point, believe neither, and say what is left of them."""
        raw = str(loaded.scip.getStatus())
        values: FloatArray | None = None
        if loaded.scip.getNSols():
            values = loaded.values(loaded.scip.getBestSol(), self.model.n_columns)
        termination, bound = _TERMINATIONS.get(raw, Termination.ERROR), float(loaded.scip.getDualbound())
        is_endless = abs(bound) >= _ENDLESS
        if termination is Termination.OPTIMAL and is_endless:
            termination = Termination.UNBOUNDED
        bounded = None if is_endless else finite(bound)
        return self.believed(Report(termination=termination, raw_status=raw, values=values, bound=bounded))

    def solver(self) -> str:
        return _solver()

    def is_lost(self, loaded: Loaded, solution: Solution) -> bool:
        """Whether SCIP has an optimum, and our own check disagrees."""
        is_refused = solution.termination is Termination.ERROR
        return is_refused or (loaded.scip.getStatus() == "optimal" and solution.termination is Termination.LIMIT)

    # -- cases that SCIP leaves to us -------------------------------------------------------------------

    def tell_apart(self, solution: Solution) -> Solution:
        """Tell infeasible from unbounded by solving without the objective."""
        feasible = self.other(without_objective(self.model))
        if not feasible.has_point:
            termination, message = feasible.termination, feasible.message
            return replace(solution, termination=termination, message=message, seconds=feasible.seconds)
        if self.model.is_linear:
            return self.without_point(Termination.UNBOUNDED, solution.raw_status)
        message = "There are feasible points, but the solver could not tell whether the objective has a limit."
        return replace(solution, message=f"{message} Give the variables bounds.", seconds=feasible.seconds)

    def ray(self) -> FloatArray | None:
        """Return the direction of steepest improvement of a linear model."""
        if not self.model.is_linear:
            return None
        steepest = self.other(steepest_ray(self.model))
        return steepest.values if steepest.objective else None

    def other(self, model: Model) -> Solution:
        """Return the solution of a model that stands in for this one."""
        return _Run(model, self.options, None, self.cancel, self.stop, self.started).solve()


def _is_flat(model: Model) -> bool:
    """Whether every point of a model is that of a linear one, conditions included."""
    terms = (model.quadratic_objective, model.quadratic_rows, model.nonlinear, model.cones)
    return all(each is None for each in terms)


def _has_endless_columns(model: Model) -> bool:
    """Whether a column that is not linear lacks a bound: SCIP's linear programs are unstable until it has found one."""
    places = [
        *(getattr(terms, name) for terms in (model.quadratic_objective, model.quadratic_rows) if terms is not None
          for name in ("first", "second")),
        model.nonlinear.column[model.nonlinear.operator == Operator.COLUMN] if model.nonlinear is not None else [],
        model.cones.columns if model.cones is not None else [],
    ]  # fmt: skip
    columns = np.concatenate(places).astype(np.int64)
    return bool(np.isinf(model.column_lower[columns]).any() or np.isinf(model.column_upper[columns]).any())


@cache
def _solver() -> str:
    model = scip().Model()
    return f"SCIP {model.getMajorVersion()}.{model.getMinorVersion()}.{model.getTechVersion()}"
