"""Ipopt as a back end: local optima of smooth nonlinear models, called optimal only where the model is convex.

Wächter and Biegler, On the implementation of an interior-point filter line-search algorithm for large-scale nonlinear
programming, Mathematical Programming 106 (2006). CasADi brings it, and its derivatives.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np

from solvers.backends.conic import conic
from solvers.backends.convexity import why_not_convex
from solvers.backends.hessian import lower_triangle
from solvers.backends.ipopt_load import NonlinearProgram, first_defined, program_of, starts, with_heads_above_zero
from solvers.backends.outcome import Report, settled
from solvers.backends.run import SolverRun, interruptible
from solvers.backends.unboundedness import steepest_ray, without_objective
from solvers.check import check_point
from solvers.events import OnSolverEvent, Progress
from solvers.features import Feature
from solvers.model import FloatArray, Model, Sense
from solvers.options import SolveOptions
from solvers.solution import Solution, Termination

_TOLERANCE: Final = 1e-9
_MAX_ITERATIONS: Final = 3000
_LARGE: Final = 1e3
"""Where a side is larger, a convex model without an optimum is tried again with all sides made smaller."""
_FEASIBLE: Final = 1e-6
"""Up to this violation an iterate counts as feasible."""
_CLEARLY_VIOLATED: Final = 1e-5
"""From this violation on the nearest point of a convex model says that there is no feasible one."""


class Ipopt:
    """The Ipopt back end."""

    name = "ipopt"
    title = "Ipopt"
    package = "casadi"
    install = "casadi"
    is_chosen = False
    suits = "smooth nonlinear models, of which it finds local optima"
    features = frozenset(
        {
            Feature.CONTINUOUS,
            Feature.QUADRATIC_OBJECTIVE,
            Feature.QUADRATIC_ROWS,
            Feature.NONLINEAR,
            Feature.CONE,
        }
    )

    def refusal(self, model: Model) -> str | None:
        """Return `None`: it takes every model with these features."""
        return None

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Look for a local optimum of a valid model with continuous columns; each iteration can be the last.

        It begins in the middle of the columns' bounds, or at 0 where there are none. The optimum counts as proven
        where the model is linear or convex in its squares and cones; elsewhere it is a local one without a bound.
        """
        raised = with_heads_above_zero(model)
        solution = interruptible(_Run, raised, options=options, on_event=on_event, cancel=cancel)
        return _without_added_bounds(solution, model)


@dataclass(slots=True)
class _Run(SolverRun):
    """One model on its way through Ipopt."""

    failure: BaseException | None = None

    def solve(self) -> Solution:
        known = settled(self.model, solver=_solver(), seconds=self.seconds())
        if known is not None:
            return known
        if self.is_cancelled():
            return self.without_point(Termination.INTERRUPTED, "not started")
        if self.seconds_left() <= 0.0:
            return self.believed(Report(termination=Termination.LIMIT, raw_status="not started"))
        is_convex = why_not_convex(self.model) is None
        solution = self.attempt(1.0, is_convex)
        size = self.largest_side()
        if is_convex and size > _LARGE and solution.raw_status not in _FINAL:
            return self.attempt(size, is_convex)
        return solution

    def largest_side(self) -> float:
        """Return the size of the largest finite side or bound."""
        model = self.model
        sides = np.concatenate((model.row_lower, model.row_upper, model.column_lower, model.column_upper))
        return float(np.abs(sides[np.isfinite(sides)]).max(initial=0.0))

    def attempt(self, size: float, is_convex: bool) -> Solution:
        """Run the model, with columns and sides divided by `size`."""
        program = program_of(self.model, size)
        raw, result = self.run(program)
        if self.failure is not None:
            raise self.failure
        return self.read(raw, result, program, is_convex)

    def run(self, program: NonlinearProgram) -> tuple[str, dict[str, Any]]:
        import casadi

        model = self.model
        listener = _listener()(lambda x: self.called(program.size * x), model.n_columns, len(program.lower))
        options = {
            "print_time": False,
            "show_eval_warnings": False,
            "iteration_callback": listener,
            "ipopt": self.settings(),
        }
        lower, upper = program.sides(int(np.sum(model.column_lower < model.column_upper)))
        solver = casadi.nlpsol("solver", "ipopt", program.functions, options)
        result = solver(
            x0=first_defined(model, starts(model, self.options.seed)) / program.size,
            lbx=model.column_lower / program.size, ubx=model.column_upper / program.size, lbg=lower, ubg=upper,
        )  # fmt: skip
        return str(solver.stats()["return_status"]), result

    def settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "print_level": 0,
            "sb": "yes",
            "tol": _TOLERANCE,
            "constr_viol_tol": min(1e-8, self.options.feasibility_tolerance),
            "dual_inf_tol": 1e-6,
            "compl_inf_tol": 1e-8,
            "bound_relax_factor": 1e-10,
            "max_iter": _MAX_ITERATIONS,
            # Bounds from 1e19 on would count as none.
            "nlp_lower_bound_inf": -1e300,
            "nlp_upper_bound_inf": 1e300,
        }
        if np.isfinite(self.seconds_left()):
            # It takes no limit of 0, and writing the functions down takes time, too.
            settings["max_wall_time"] = max(1e-3, self.seconds_left())
        return settings

    def called(self, x: FloatArray) -> bool:
        """Hear of an iteration, and return whether to stop."""
        # Another thread may wait to set `cancel`.
        time.sleep(0)
        if self.on_event is not None and self.failure is None:
            try:
                self.on_event(self.progress(x))
            except BaseException as error:  # noqa: BLE001 - raised again when Ipopt has stopped
                self.failure = error
        return self.failure is not None or self.is_cancelled()

    def progress(self, x: FloatArray) -> Progress:
        is_feasible = check_point(self.model, x, tolerance=_FEASIBLE).accepted
        objective = self.model.objective_value(x) if is_feasible else None
        return Progress(objective=objective, bound=None, nodes=0, seconds=self.seconds())

    def seconds_left(self) -> float:
        limit = self.options.time_limit_seconds
        return np.inf if limit is None else limit - self.seconds()

    # -- reading --------------------------------------------------------------------------------------

    def read(self, raw: str, result: dict[str, Any], program: NonlinearProgram, is_convex: bool) -> Solution:
        values = program.size * np.array(result["x"], np.float64).ravel()
        if raw == "Infeasible_Problem_Detected" and is_convex and self.is_clearly_violated(values):
            return self.believed(Report(termination=Termination.INFEASIBLE, raw_status=raw))
        if raw not in _FINAL and is_convex and self.ray() is not None:
            return self.unbounded(raw)
        termination, message = _TERMINATIONS.get(raw, (Termination.ERROR, f"Ipopt failed: {raw.replace('_', ' ')}."))
        if termination is Termination.LOCALLY_OPTIMAL and is_convex:
            termination = Termination.OPTIMAL
        multipliers = np.array(result["lam_g"], np.float64).ravel()[: self.model.n_rows]
        sign = -1.0 if self.model.sense is Sense.MINIMIZE else 1.0
        return self.believed(
            Report(
                termination=termination, raw_status=raw, values=values, message=message, proves_gap=True,
                row_dual=sign * program.row_scale * multipliers + 0.0,
                reduced_cost=sign * np.array(result["lam_x"], np.float64).ravel() + 0.0,
            )
        )  # fmt: skip

    def is_clearly_violated(self, values: FloatArray) -> bool:
        return check_point(self.model, values).max_violation > _CLEARLY_VIOLATED

    def solver(self) -> str:
        return _solver()

    def again(self, model: Model) -> Solution:
        return _Run(model, self.options, None, self.cancel, self.stop, self.started).solve()

    def ray(self) -> FloatArray | None:
        """Return a direction that is checked to improve for ever; `None` where there is none, or rows are curved."""
        model = self.model
        if model.quadratic_rows is not None or model.cones is not None or not model.objective.any():
            return None
        found = self.again(_without_curvature(steepest_ray(model)))
        return None if found.values is None else conic(model).proves_unbounded(found.values)

    def unbounded(self, raw: str) -> Solution:
        feasible = self.again(without_objective(self.model))
        if not feasible.has_point:
            return replace(feasible, seconds=self.seconds())
        ray = self.ray() if self.model.is_linear else None
        return self.believed(Report(termination=Termination.UNBOUNDED, raw_status=raw, ray=ray))


def _without_added_bounds(solution: Solution, model: Model) -> Solution:
    """Return a solution with no reduced cost for the bound of 0 that a cone puts on its head."""
    if model.cones is None or solution.reduced_cost is None:
        return solution
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    is_added = np.zeros(model.n_columns, bool)
    heads = model.cones.columns[model.cones.starts[:-1]]
    is_added[heads] = model.column_lower[heads] < 0.0
    own = np.where(is_added & (sign * solution.reduced_cost > 0.0), 0.0, solution.reduced_cost)
    return replace(solution, reduced_cost=own)


def _without_curvature(model: Model) -> Model:
    """Return a model whose quadratic objective is replaced by rows: it does not change along the direction."""
    if model.quadratic_objective is None:
        return model
    n = model.n_columns
    starts_of, row, value = lower_triangle(model.quadratic_objective, n)
    column = np.repeat(np.arange(n), np.diff(np.append(starts_of, len(row))))
    mixed = row != column
    first, second = np.concatenate((row, column[mixed])), np.concatenate((column, row[mixed]))
    order = np.lexsort((second, first))
    return replace(
        model,
        quadratic_objective=None,
        row_starts=np.append(
            model.row_starts, model.row_starts[-1] + np.searchsorted(first[order], np.arange(n), side="right")
        ),
        row_columns=np.append(model.row_columns, second[order]),
        row_values=np.append(model.row_values, np.concatenate((value, value[mixed]))[order]),
        row_lower=np.append(model.row_lower, np.zeros(n)),
        row_upper=np.append(model.row_upper, np.zeros(n)),
    )


_FINAL: Final = frozenset(
    {"Solve_Succeeded", "User_Requested_Stop", "Maximum_CpuTime_Exceeded", "Maximum_WallTime_Exceeded"}
)
_STUCK: Final = "Ipopt stopped short of its tolerances; no optimum was proven."
_TERMINATIONS: Final = {
    "Solve_Succeeded": (Termination.LOCALLY_OPTIMAL, ""),
    "Solved_To_Acceptable_Level": (Termination.LIMIT, _STUCK),
    "Search_Direction_Becomes_Too_Small": (Termination.LIMIT, _STUCK),
    "Feasible_Point_Found": (Termination.LIMIT, _STUCK),
    "Restoration_Failed": (Termination.LIMIT, _STUCK),
    "Error_In_Step_Computation": (Termination.LIMIT, _STUCK),
    "Maximum_Iterations_Exceeded": (Termination.LIMIT, "Ipopt reached its limit of iterations; no optimum was proven."),
    "Maximum_CpuTime_Exceeded": (Termination.LIMIT, ""),
    "Maximum_WallTime_Exceeded": (Termination.LIMIT, ""),
    "User_Requested_Stop": (Termination.INTERRUPTED, ""),
    "Infeasible_Problem_Detected": (
        Termination.LIMIT,
        "Ipopt found no feasible point from its start; the model may still be feasible.",
    ),
    "Diverging_Iterates": (
        Termination.LIMIT,
        "The points of Ipopt run away: the objective may improve without end. It is not proven.",
    ),
    "Invalid_Number_Detected": (
        Termination.ERROR,
        "Ipopt met a point where a function is not defined; bounds that exclude such points help.",
    ),
}


@cache
def _listener() -> Any:
    """Return the class of what CasADi calls after each iteration."""
    import casadi

    class Listener(casadi.Callback):
        def __init__(self, called: Any, n_columns: int, n_rows: int) -> None:
            casadi.Callback.__init__(self)
            self.called = called
            self.sizes = {"f": 1, "x": n_columns, "lam_x": n_columns, "g": n_rows, "lam_g": n_rows}
            self.construct("listener", {})

        def get_n_in(self) -> int:
            return int(casadi.nlpsol_n_out())

        def get_n_out(self) -> int:
            return 1

        def get_name_in(self, place: int) -> str:
            return str(casadi.nlpsol_out(place))

        def get_name_out(self, place: int) -> str:
            return "stop"

        def get_sparsity_in(self, place: int) -> Any:
            size = self.sizes.get(casadi.nlpsol_out(place), 0)
            return casadi.Sparsity.dense(size, 1) if size else casadi.Sparsity(0, 0)

        def eval(self, arguments: Any) -> list[int]:
            held = {casadi.nlpsol_out(place): value for place, value in enumerate(arguments)}
            return [int(self.called(np.array(held["x"], np.float64).ravel()))]

    return Listener


@cache
def _solver() -> str:
    from importlib.metadata import version

    return f"Ipopt (CasADi {version('casadi')})"
