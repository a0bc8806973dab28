"""Glop: linear models, by the simplex method of OR-Tools."""

from __future__ import annotations

import threading
from typing import Any

from solvers.backends.mathopt import INSTALL, PACKAGE, Engine, solve_linear
from solvers.events import OnSolverEvent
from solvers.features import Feature
from solvers.model import Model
from solvers.options import SolveOptions
from solvers.solution import Solution


class Glop:
    """The Glop back end, a second opinion on linear models."""

    name = "glop"
    title = "Glop"
    package = PACKAGE
    install = INSTALL
    is_chosen = False
    suits = "linear models"
    features = frozenset({Feature.CONTINUOUS})

    def refusal(self, model: Model) -> str | None:
        """Return `None`: every linear model is taken."""
        return None

    def solve(
        self,
        model: Model,
        *,
        options: SolveOptions,
        on_event: OnSolverEvent | None,
        cancel: threading.Event | None,
    ) -> Solution:
        """Solve a valid linear model, in one thread; there are no events."""
        return solve_linear(_ENGINE, model, options=options, cancel=cancel)


def _configure(parameters: Any, options: SolveOptions, model: Model) -> None:
    parameters.random_seed = options.seed
    parameters.glop.primal_feasibility_tolerance = min(options.feasibility_tolerance, 1e-8)
    parameters.glop.dual_feasibility_tolerance = min(options.feasibility_tolerance, 1e-8)


_ENGINE = Engine(title="Glop", solver_type="GLOP", configure=_configure, has_exact_duals=True)
