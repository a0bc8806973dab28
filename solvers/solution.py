"""What a solver returned: why it stopped, and what it found, kept apart."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from solvers.model import FloatArray

OPTIMALITY_GAP = 1e-6
"""Up to this relative gap between objective and bound a solution is called optimal."""


class Termination(enum.StrEnum):
    """Why the solver stopped."""

    OPTIMAL = "optimal"
    LOCALLY_OPTIMAL = "locally_optimal"
    """No point nearby is better; one further away may be."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INFEASIBLE_OR_UNBOUNDED = "infeasible_or_unbounded"
    LIMIT = "limit"
    INTERRUPTED = "interrupted"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """What a solver returned.

    Attributes:
        termination: why it stopped.
        values: float64 (n,), the best point found; `None` when none was found, or the one handed out
            violates the model by our own arithmetic. Integer columns hold whole numbers exactly.
        objective: of `values`, by our own arithmetic; `None` without values.
        stage_objectives: the values of all objectives, in order, where several were asked for by `solve_in_order`;
            empty otherwise.
        bound: no point can be better than this, as the solver proved it; `None` when not known.
        gap: |objective - bound| / max(1, |objective|); `None` when either is not known.
        row_activity: float64 (m,), the rows at `values`; `None` without values.
        row_dual: float64 (m,), by how much the objective, as stated, changes for each unit that the row's active
            side moves up, whether it is minimised or maximised: the dual of `hours <= 40` is at least 0 when
            profit is maximised, at most 0 when cost is minimised. 0 for rows that are not active. At a kink it
            holds in one direction only. `None` for integer models and without a proven optimum.
        reduced_cost: float64 (n,), the same for the active bound of a column; `None` as for `row_dual`.
        ray: float64 (n,), a direction in which an unbounded linear model improves for ever, its largest entry 1
            in size; for integer models one of the relaxation; `None` if not known.
        max_violation: of `values`, relative, see `solvers.check_point`; `None` without values.
        seconds: wall clock.
        solver: name and version.
        raw_status: the solver's own words.
        message: one sentence for a person.
        reason: one sentence, why this solver; empty where only one was at hand.
    """

    termination: Termination
    values: FloatArray | None = None
    objective: float | None = None
    stage_objectives: tuple[float, ...] = ()
    bound: float | None = None
    gap: float | None = None
    row_activity: FloatArray | None = None
    row_dual: FloatArray | None = None
    reduced_cost: FloatArray | None = None
    ray: FloatArray | None = None
    max_violation: float | None = None
    seconds: float
    solver: str
    raw_status: str
    message: str
    reason: str = ""

    @property
    def is_optimal(self) -> bool:
        """Whether a proven optimum was found and re-checked."""
        return self.termination is Termination.OPTIMAL

    @property
    def has_point(self) -> bool:
        """Whether a feasible point was found and re-checked."""
        return self.values is not None
