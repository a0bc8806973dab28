"""Solves a model with the back end that suits it."""

from __future__ import annotations

import threading

from solvers.events import OnSolverEvent
from solvers.model import Model
from solvers.options import DEFAULT_OPTIONS, SolveOptions
from solvers.registry import choose
from solvers.solution import Solution


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
        on_event: called with incumbents and progress of integer models, from the thread that solves; what it
            raises stops the solver and is raised again.
        cancel: set it to stop the solver; the best point found so far is returned. HiGHS cannot be stopped
            while it solves a quadratic model.

    Returns:
        Why it stopped and what was found; infeasible, unbounded and limits are among the values.

    Raises:
        ModelError: the arrays do not make a model.
        UnknownSolverError: there is no such back end.
        UnsupportedModelError: the back end lacks a feature that the model needs, the objective is quadratic and
            not convex, or coefficients are too small or too large for it.
    """
    model.validate()
    return choose(model, solver).solve(model, options=options, on_event=on_event, cancel=cancel)
