"""Solves a model with the back end that suits it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from solvers.backends.outcome import Report, believed
from solvers.errors import MissingSolverError
from solvers.events import OnSolverEvent
from solvers.model import Model
from solvers.options import DEFAULT_OPTIONS, TIGHTEST_TOLERANCE, SolveOptions
from solvers.registry import choose
from solvers.solution import Solution, Termination


def solve(
    model: Model,
    *,
    solver: str = "auto",
    options: SolveOptions = DEFAULT_OPTIONS,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
) -> Solution:
    """Solve a model.

    Args:
        model: what is to be solved.
        solver: name of a back end, or `auto`.
        options: limits and tolerances.
        on_event: called with incumbents and progress of integer models, and with each iteration of Clarabel and
            Ipopt, from the thread that solves; what it raises stops the solver and is raised again.
        cancel: set it to stop the solver; the best point found so far is returned. HiGHS cannot be stopped
            while it solves a quadratic model.

    Returns:
        Why it stopped and what was found; infeasible, unbounded and limits are among the values.

    Raises:
        ModelError: the arrays do not make a model.
        UnknownSolverError: there is no such back end.
        MissingSolverError: the package of the back end is not installed.
        UnsupportedModelError: the back end, or every one, does not take the model; the text says why.
    """
    model.validate()
    choice = choose(model, solver)
    started = time.perf_counter()
    try:
        solution = choice.back_end.solve(choice.model, options=options, on_event=on_event, cancel=cancel)
    except ImportError as error:
        back_end = choice.back_end
        raise MissingSolverError.of_package(back_end.title, back_end.install, error) from error
    if choice.model is not model:
        found, solution = solution, restored(model, solution, options)
        if found.is_optimal and solution.termination is Termination.ERROR:
            strict = _strict(options, time.perf_counter() - started)
            found = choice.back_end.solve(choice.model, options=strict, on_event=on_event, cancel=cancel)
            solution = restored(model, replace(found, seconds=time.perf_counter() - started), options)
    return replace(solution, reason=choice.reason)


def _strict(options: SolveOptions, spent_seconds: float) -> SolveOptions:
    """Return options with the tightest tolerance, for what is left of the time.

    A big constant multiplies a solver's tolerance: with 1e6, a binary column that is 1e-7 off lets its row go by 0.1.
    """
    limit = options.time_limit_seconds
    left = None if limit is None else max(0.0, limit - spent_seconds)
    return replace(options, feasibility_tolerance=TIGHTEST_TOLERANCE, time_limit_seconds=left)


def restored(model: Model, solution: Solution, options: SolveOptions) -> Solution:
    """Return the solution of a model, given that of a rewritten one whose first columns are the model's.

    The point is checked again, against the model itself. Duals and ray are not handed on: they are those of other rows.
    """
    report = Report(
        termination=solution.termination,
        raw_status=solution.raw_status,
        values=solution.values,
        bound=solution.bound,
        message=solution.message,
    )
    return believed(model, report, options=options, solver=solution.solver, seconds=solution.seconds)
