"""Solves a formulation without a language model."""

from __future__ import annotations

import threading

from nl2opt.formulation.compiler import compile_formulation
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation
from solvers import OnSolverEvent, Solution, SolveOptions, solve


def solve_formulation(
    formulation: Formulation,
    *,
    solver: str = "auto",
    options: SolveOptions | None = None,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
    limits: Limits | None = None,
) -> Solution:
    """Compile and solve a formulation.

    Raises:
        FormulationError: it has no single meaning; the findings say why.
        solvers.SolversError: no back end takes the model, or the one that was asked for does not.
    """
    compiled = compile_formulation(formulation, limits=limits).require()
    return solve(compiled.model, solver=solver, options=options or SolveOptions(), on_event=on_event, cancel=cancel)
