"""Solves a formulation without a language model."""

from __future__ import annotations

import threading

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation
from solvers import OnSolverEvent, Solution, SolveOptions, solve, solve_in_order


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
    return solve_compiled(compiled, solver=solver, options=options, on_event=on_event, cancel=cancel)


def solve_compiled(
    compiled: CompiledFormulation,
    *,
    solver: str = "auto",
    options: SolveOptions | None = None,
    on_event: OnSolverEvent | None = None,
    cancel: threading.Event | None = None,
) -> Solution:
    """Solve a compiled formulation; several objectives one after the other, see `solvers.solve_in_order`.

    Raises:
        solvers.SolversError: no back end takes the model, or the one that was asked for does not.
    """
    options = options or SolveOptions()
    if len(compiled.stages) <= 1:
        return solve(compiled.model, solver=solver, options=options, on_event=on_event, cancel=cancel)
    return solve_in_order(
        compiled.model, compiled.stages, solver=solver, options=options, on_event=on_event, cancel=cancel
    )
