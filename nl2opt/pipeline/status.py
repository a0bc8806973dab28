"""The status of an answer, by why a solver stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nl2opt.pipeline.answer import Status
from solvers import Termination

STATUS: Final[Mapping[Termination, Status]] = {
    Termination.OPTIMAL: Status.SOLVED,
    Termination.LOCALLY_OPTIMAL: Status.LOCALLY_OPTIMAL,
    Termination.INFEASIBLE: Status.INFEASIBLE,
    Termination.UNBOUNDED: Status.UNBOUNDED,
    Termination.INFEASIBLE_OR_UNBOUNDED: Status.INFEASIBLE_OR_UNBOUNDED,
    Termination.LIMIT: Status.LIMIT,
    Termination.INTERRUPTED: Status.INTERRUPTED,
    Termination.ERROR: Status.SOLVER_ERROR,
}
