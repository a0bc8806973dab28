"""Solves linear models with one of the solvers of OR-Tools' MathOpt.

The interface is OR-Tools 9.15, whose messages are filled from arrays and read into arrays. Its facts that matter here:
duals and reduced costs are those of the objective as stated; presolve may leave open whether a model is infeasible or
unbounded; an error of a solver reaches `mathopt.solve` as an `AttributeError`, so that the function below it is called.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from solvers.backends.outcome import Report, settled
from solvers.backends.run import SolverRun
from solvers.backends.unboundedness import steepest_ray, without_objective
from solvers.backends.watch import watched
from solvers.backends.worker import run_interruptibly
from solvers.errors import SolversError
from solvers.model import FloatArray, Model, Sense
from solvers.options import SolveOptions
from solvers.solution import Solution, Termination

PACKAGE: Final = "ortools"
INSTALL: Final = "ortools~=9.15.6755"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One of the solvers.

    Attributes:
        title: for people.
        solver_type: its name in MathOpt.
        configure: sets what only this solver knows, given MathOpt's `SolveParameters`, the options and the model.
        has_exact_duals: whether its optimum is proven by duals that are exact but for rounding.
    """

    title: str
    solver_type: str
    configure: Callable[[Any, SolveOptions, Model], None]
    has_exact_duals: bool


def solve_linear(engine: Engine, model: Model, *, options: SolveOptions, cancel: threading.Event | None) -> Solution:
    """Solve a valid linear model without integer columns."""
    stop = threading.Event()
    run = _Run(model, options, None, cancel, stop, engine=engine)
    return run_interruptibly(run.solve, stop)


@dataclass(slots=True)
class _Run(SolverRun):
    """One model on its way through MathOpt, in as many runs as it takes to be sure of the answer."""

    engine: Engine = field(kw_only=True)

    def solve(self) -> Solution:
        known = settled(self.model, solver=self.solver(), seconds=self.seconds())
        if known is not None:
            return known
        if self.is_cancelled():
            return self.without_point(Termination.INTERRUPTED, "not started")
        solution = self.read(self.run())
        if solution.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
            solution = self.tell_apart(solution)
        if solution.termination is Termination.UNBOUNDED:
            solution = replace(solution, ray=self.ray(), seconds=self.seconds())
        return solution

    def run(self) -> Any:
        from ortools.math_opt.core.python import solver
        from ortools.math_opt.python import mathopt
        from ortools.util.python import solve_interrupter
        from pybind11_abseil.status import StatusNotOk

        parameters = mathopt.SolveParameters()
        if self.options.time_limit_seconds is not None:
            left = max(0.0, self.options.time_limit_seconds - self.seconds())
            # What a timedelta does not hold is no limit.
            if left < datetime.timedelta.max.total_seconds():
                parameters.time_limit = datetime.timedelta(seconds=left)
        self.engine.configure(parameters, self.options, self.model)
        interrupter = solve_interrupter.SolveInterrupter()
        with watched(interrupter.interrupt, self.is_cancelled):
            try:
                return solver.solve(
                    message_of(self.model),
                    mathopt.SolverType[self.engine.solver_type].value,
                    mathopt.StreamableSolverInitArguments().to_proto(),
                    parameters.to_proto(),
                    mathopt.ModelSolveParameters().to_proto(),
                    None,
                    mathopt.CallbackRegistration().to_proto(),
                    None,
                    interrupter.pybind_interrupter,
                )
            except StatusNotOk as error:
                raise SolversError(f"{self.engine.title} does not accept the model: {error}") from error

    def solver(self) -> str:
        return f"{self.engine.title} {_version()}"

    # -- reading ------------------------------------------------------------------------------------------

    def read(self, result: Any) -> Solution:
        """Read status, point and duals, believe none of them, and say what is left."""
        from ortools.math_opt import result_pb2

        raw = result_pb2.TerminationReasonProto.Name(result.termination.reason).removeprefix("TERMINATION_REASON_")
        termination = _TERMINATIONS.get(raw, Termination.ERROR)
        if self.is_cancelled() and termination is Termination.LIMIT:
            termination = Termination.INTERRUPTED
        is_optimal = termination is Termination.OPTIMAL
        found = result.solutions[0] if result.solutions else None
        values = row_dual = reduced_cost = None
        if found is not None and found.HasField("primal_solution"):
            values = _dense(found.primal_solution.variable_values, self.model.n_columns)
        if is_optimal and found is not None and found.HasField("dual_solution"):
            row_dual = _dense(found.dual_solution.dual_values, self.model.n_rows)
            reduced_cost = _dense(found.dual_solution.reduced_costs, self.model.n_columns)
        bound = float(result.termination.objective_bounds.dual_bound)
        report = Report(
            termination=termination,
            raw_status=raw,
            values=values,
            bound=bound if is_optimal and np.isfinite(bound) else None,
            row_dual=row_dual,
            reduced_cost=reduced_cost,
            proves_gap=self.engine.has_exact_duals,
        )
        return self.believed(report)

    # -- cases that the solvers leave to us ---------------------------------------------------------------

    def tell_apart(self, solution: Solution) -> Solution:
        """Tell infeasible from unbounded by solving without the objective."""
        feasible = self.other(without_objective(self.model))
        if feasible.has_point:
            return self.believed(Report(termination=Termination.UNBOUNDED, raw_status=solution.raw_status))
        return replace(solution, termination=feasible.termination, message=feasible.message, seconds=feasible.seconds)

    def ray(self) -> FloatArray | None:
        """Return the direction of steepest improvement that leaves all rows and bounds satisfied for ever."""
        steepest = self.other(steepest_ray(self.model))
        return steepest.values if steepest.objective else None

    def other(self, model: Model) -> Solution:
        """Solve another model within the same limits."""
        return _Run(model, self.options, None, self.cancel, self.stop, self.started, engine=self.engine).solve()


def message_of(model: Model) -> Any:
    """Return the `ModelProto` of a linear model."""
    from ortools.math_opt import model_pb2

    message, columns = model_pb2.ModelProto(), np.arange(model.n_columns)
    variables = message.variables
    variables.ids.extend(columns.tolist())
    variables.lower_bounds.extend(model.column_lower.tolist())
    variables.upper_bounds.extend(model.column_upper.tolist())
    variables.integers.extend([False] * model.n_columns)
    objective, priced = message.objective, np.flatnonzero(model.objective)
    objective.maximize = model.sense is Sense.MAXIMIZE
    objective.offset = model.objective_constant
    objective.linear_coefficients.ids.extend(priced.tolist())
    objective.linear_coefficients.values.extend(model.objective[priced].tolist())
    rows = message.linear_constraints
    rows.ids.extend(range(model.n_rows))
    rows.lower_bounds.extend(model.row_lower.tolist())
    rows.upper_bounds.extend(model.row_upper.tolist())
    # The columns of each row have to ascend.
    order = np.lexsort((model.row_columns, model.entry_rows()))
    order = order[model.row_values[order] != 0]
    matrix = message.linear_constraint_matrix
    matrix.row_ids.extend(model.entry_rows()[order].tolist())
    matrix.column_ids.extend(model.row_columns[order].tolist())
    matrix.coefficients.extend(model.row_values[order].tolist())
    return message


_TERMINATIONS: Final = {
    "OPTIMAL": Termination.OPTIMAL,
    "INFEASIBLE": Termination.INFEASIBLE,
    "UNBOUNDED": Termination.UNBOUNDED,
    "INFEASIBLE_OR_UNBOUNDED": Termination.INFEASIBLE_OR_UNBOUNDED,
    "IMPRECISE": Termination.LIMIT,
    "FEASIBLE": Termination.LIMIT,
    "NO_SOLUTION_FOUND": Termination.LIMIT,
}


def _dense(vector: Any, length: int) -> FloatArray:
    """Return a sparse vector of MathOpt as an array."""
    dense = np.zeros(length)
    dense[np.array(vector.ids, np.int64)] = np.array(vector.values, np.float64)
    return dense + 0.0


@cache
def _version() -> str:
    return version("ortools")
