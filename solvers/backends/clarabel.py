"""Clarabel as a back end: an interior-point method for linear, convex quadratic and second-order cone models.

Goulart and Chen, Clarabel: An interior-point solver for conic programs with quadratic objectives,
https://arxiv.org/abs/2405.12762.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from solvers.backends.coefficients import refused_coefficient
from solvers.backends.conic import ConicProgram, conic
from solvers.backends.convexity import why_not_convex
from solvers.backends.outcome import Report, settled
from solvers.backends.run import SolverRun, interruptible
from solvers.backends.unboundedness import without_objective
from solvers.check import check_point
from solvers.events import OnSolverEvent, Progress
from solvers.features import Feature
from solvers.model import FloatArray, Model, Sense
from solvers.options import SolveOptions
from solvers.solution import OPTIMALITY_GAP, Solution, Termination

_TOLERANCE: Final = 1e-11
"""Asked of residuals and gap: the values at a curved optimum are as exact as the root of the gap."""
_RESIDUAL: Final = 1e-6
"""Up to this residual an iterate counts as feasible, and its dual objective as a bound."""
_CERTIFICATE: Final = 1e-12
"""Asked of the proofs that a model is infeasible or unbounded, which are checked."""
_MAX_ITERATIONS: Final = 400

_LARGEST_COEFFICIENT: Final = 1e15
"""From here on it was seen to call bounded models unbounded."""


class Clarabel:
    """The Clarabel back end."""

    name = "clarabel"
    title = "Clarabel"
    package = "clarabel"
    install = "clarabel"
    is_chosen = True
    suits = "linear models, convex quadratic models and second-order cones"
    features = frozenset({Feature.CONTINUOUS, Feature.QUADRATIC_OBJECTIVE, Feature.QUADRATIC_ROWS, Feature.CONE})

    def refusal(self, model: Model) -> str | None:
        """Return why a model with these features is not taken: it is not convex, or has coefficients too large."""
        too_large = refused_coefficient(model, self.name, smallest=0.0, largest=_LARGEST_COEFFICIENT)
        if too_large is not None:
            return too_large
        reason = why_not_convex(model)
        return None if reason is None else f"clarabel takes convex models: {reason}."

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Solve a valid convex model with continuous columns; each iteration is an event and can be the last."""
        return interruptible(_Run, model, options=options, on_event=on_event, cancel=cancel)


@dataclass(slots=True)
class _Run(SolverRun):
    """One model on its way through Clarabel."""

    failure: BaseException | None = None

    def solve(self) -> Solution:
        known = settled(self.model, solver=_solver(), seconds=self.seconds())
        if known is not None:
            return known
        if self.is_cancelled():
            return self.without_point(Termination.INTERRUPTED, "not started")
        program = conic(self.model)
        solution = self.attempt(program, self.sizes(program)[0])
        for size in self.sizes(program)[1:]:
            if solution.raw_status in _FINAL or solution.termination in _CONCLUSIVE:
                break
            solution = self.attempt(program, size)
        return solution

    def sizes(self, program: ConicProgram) -> list[float]:
        """Return by what the program is scaled in turn: not at all, then, where numbers are large, to size 1."""
        largest = float(np.abs(program.b).max(initial=0.0))
        if largest >= _INFINITY:
            return [largest]
        return [1.0] if largest <= _LARGE else [1.0, largest]

    def attempt(self, program: ConicProgram, size: float) -> Solution:
        result = self.run(program.scaled(size), size)
        if self.failure is not None:
            raise self.failure
        solution = self.believed(self.report(program, result, size))
        if solution.termination is Termination.INFEASIBLE:
            proved = program.proves_infeasible(
                np.array(result.z, np.float64), self.model.column_lower, self.model.column_upper
            )
            return solution if proved else self.unproved(solution, "infeasible")
        if solution.termination is Termination.UNBOUNDED:
            ray = program.proves_unbounded(np.array(result.x, np.float64))
            return self.unproved(solution, "unbounded") if ray is None else self.unbounded(solution, ray)
        return solution

    def run(self, program: ConicProgram, size: float) -> Any:
        import clarabel

        cones = [
            clarabel.ZeroConeT(program.n_equal),
            clarabel.NonnegativeConeT(program.n_at_most),
            *(clarabel.SecondOrderConeT(size) for size in program.cone_sizes),
        ]
        solver = clarabel.DefaultSolver(program.p, program.q, program.a, program.b, cones, self.settings())
        solver.set_termination_callback(lambda info: self.called(info, size))
        return solver.solve()

    def settings(self) -> Any:
        import clarabel

        settings = clarabel.DefaultSettings()
        settings.verbose = False
        settings.max_iter = _MAX_ITERATIONS
        settings.tol_feas = min(_TOLERANCE, self.options.feasibility_tolerance)
        settings.tol_gap_abs = settings.tol_gap_rel = _TOLERANCE
        settings.tol_infeas_abs = settings.tol_infeas_rel = _CERTIFICATE
        # What it solves almost is looked at by our own check and gap.
        settings.reduced_tol_feas = settings.reduced_tol_gap_abs = settings.reduced_tol_gap_rel = 1e-6
        # Rows with sides above 1e20 would be dropped.
        settings.presolve_enable = False
        if self.options.time_limit_seconds is not None:
            settings.time_limit = max(0.0, self.options.time_limit_seconds - self.seconds())
        if self.options.threads is not None:
            settings.max_threads = self.options.threads
        return settings

    def called(self, info: Any, size: float) -> bool:
        """Hear of an iteration, and return whether to stop; Clarabel prints what is raised here and goes on."""
        if self.on_event is not None and self.failure is None:
            try:
                self.on_event(self.progress(info, size))
            except BaseException as error:  # noqa: BLE001 - raised again when Clarabel has stopped
                self.failure = error
        return self.failure is not None or self.is_cancelled()

    def progress(self, info: Any, size: float) -> Progress:
        return Progress(
            objective=self.stated(info.cost_primal, size) if info.res_primal <= _RESIDUAL else None,
            bound=self.stated(info.cost_dual, size) if info.res_dual <= _RESIDUAL else None,
            nodes=0,
            seconds=self.seconds(),
        )

    def stated(self, objective: float, size: float) -> float:
        """Return an objective of Clarabel in the terms of the model."""
        return self.sign() * size * float(objective) + self.model.objective_constant

    # -- reading --------------------------------------------------------------------------------------

    def report(self, program: ConicProgram, result: Any, size: float) -> Report:
        """Say in our words what Clarabel says; a point that is nearly optimal is one if its gap says so."""
        raw = str(result.status)
        values = size * np.array(result.x, np.float64)
        duals = np.array(result.z, np.float64)
        bound = self.bound(result, size)
        termination, message = _TERMINATIONS.get(raw, (Termination.ERROR, f"Clarabel failed: {raw}."))
        if raw in _NEARLY_SOLVED:
            proved = bound is not None and self.gap(values, bound) <= OPTIMALITY_GAP
            if proved and check_point(self.model, values).accepted:
                termination, message = Termination.OPTIMAL, ""
        if termination is Termination.OPTIMAL and bound is not None:
            bound = self.within(bound, values)
        return Report(
            termination=termination, raw_status=raw, values=values, bound=bound, message=message,
            row_dual=_summed(program.dual_row, program.dual_weight * duals[program.dual_place], self.model.n_rows),
            reduced_cost=_summed(
                program.cost_column, program.cost_weight * duals[program.cost_place], self.model.n_columns
            ),
        )  # fmt: skip

    def bound(self, result: Any, size: float) -> float | None:
        """Return the dual objective as stated; `None` where the duals are not feasible enough to prove a bound."""
        if not np.isfinite(result.obj_val_dual) or not result.r_dual <= _RESIDUAL:
            return None
        return self.stated(result.obj_val_dual, size)

    def within(self, bound: float, values: FloatArray) -> float:
        """Return a bound that is not worse than a point: rounding may have put it there."""
        objective = self.model.objective_value(values)
        crossed = self.sign() * (bound - objective) > 0
        return objective if crossed and self.gap(values, bound) <= OPTIMALITY_GAP else bound

    def gap(self, values: FloatArray, bound: float) -> float:
        objective = self.model.objective_value(values)
        return abs(objective - bound) / max(1.0, abs(objective))

    def sign(self) -> float:
        return 1.0 if self.model.sense is Sense.MINIMIZE else -1.0

    def solver(self) -> str:
        return _solver()

    def unproved(self, solution: Solution, word: str) -> Solution:
        message = f"Clarabel calls the model {word}, but its proof does not hold by our own check."
        return replace(solution, termination=Termination.ERROR, message=message)

    def unbounded(self, solution: Solution, ray: FloatArray) -> Solution:
        """Tell infeasible from unbounded: the direction that Clarabel found improves from any feasible point."""
        neutral = without_objective(self.model)
        feasible = _Run(neutral, self.options, None, self.cancel, self.stop, self.started).solve()
        if not feasible.has_point:
            return replace(feasible, seconds=self.seconds())
        return replace(solution, ray=ray if self.model.is_linear else None, seconds=self.seconds())


_INFINITY: Final = 1e20
"""From this size on Clarabel takes a side for none."""
_LARGE: Final = 1e3
_FINAL: Final = frozenset({"MaxTime", "CallbackTerminated"})
_CONCLUSIVE: Final = frozenset({Termination.OPTIMAL, Termination.INFEASIBLE, Termination.UNBOUNDED})
_NEARLY_SOLVED: Final = frozenset({"AlmostSolved", "InsufficientProgress", "NumericalError", "MaxIterations"})
_STUCK: Final = "Clarabel stopped short of its tolerances: its numbers are hard for it. No optimum was proven."
_TERMINATIONS: Final = {
    "Solved": (Termination.OPTIMAL, ""),
    "PrimalInfeasible": (Termination.INFEASIBLE, ""),
    "DualInfeasible": (Termination.UNBOUNDED, ""),
    "MaxTime": (Termination.LIMIT, ""),
    "CallbackTerminated": (Termination.INTERRUPTED, ""),
    "AlmostSolved": (Termination.LIMIT, _STUCK),
    "InsufficientProgress": (Termination.LIMIT, _STUCK),
    "NumericalError": (Termination.LIMIT, _STUCK),
    "MaxIterations": (Termination.LIMIT, "Clarabel reached its limit of iterations before an optimum was proven."),
    # The proofs of both are checked.
    "AlmostPrimalInfeasible": (Termination.INFEASIBLE, ""),
    "AlmostDualInfeasible": (Termination.UNBOUNDED, ""),
}


def _summed(places: Any, weights: FloatArray, count: int) -> FloatArray:
    return np.asarray(np.bincount(places, weights=weights, minlength=count) + 0.0, np.float64)


def _solver() -> str:
    import clarabel

    return f"Clarabel {clarabel.__version__}"
