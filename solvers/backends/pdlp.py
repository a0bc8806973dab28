"""PDLP: large linear models, by a first-order method.

Applegate et al., Practical large-scale linear programming using primal-dual hybrid gradient, NeurIPS 2021. Its optimum
is one up to a tolerance: each row and each dual row is satisfied, and both objectives agree, to 1e-8 relatively. Points
are checked again to 1e-6 all the same.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from solvers.backends.mathopt import INSTALL, PACKAGE, Engine, solve_linear
from solvers.events import OnSolverEvent
from solvers.features import Feature
from solvers.model import Model
from solvers.options import SolveOptions
from solvers.solution import Solution

_TOLERANCE: Final = 1e-8


class Pdlp:
    """The PDLP back end, for linear models that are too large to factorise."""

    name = "pdlp"
    title = "PDLP"
    package = PACKAGE
    install = INSTALL
    is_chosen = False
    suits = "very large linear models, to a tolerance"
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
        """Solve a valid linear model to a relative tolerance of 1e-8; there are no events, and no seed is needed."""
        return solve_linear(_ENGINE, model, options=options, cancel=cancel)


def _configure(parameters: Any, options: SolveOptions, model: Model) -> None:
    from ortools.pdlp import solvers_pb2

    if options.threads is not None:
        # More than the model has rows or columns it calls useless, on the terminal.
        parameters.threads = max(1, min(options.threads, model.n_rows, model.n_columns))
    criteria = parameters.pdlp.termination_criteria
    # Each row by its own size, as in our own check: beside a row of millions others would be lost otherwise.
    criteria.optimality_norm = solvers_pb2.OPTIMALITY_NORM_L_INF_COMPONENTWISE
    tolerance = min(_TOLERANCE, options.feasibility_tolerance)
    criteria.simple_optimality_criteria.eps_optimal_relative = tolerance
    criteria.simple_optimality_criteria.eps_optimal_absolute = tolerance


_ENGINE = Engine(title="PDLP", solver_type="PDLP", configure=_configure, has_exact_duals=False)
