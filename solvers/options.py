"""What can be asked of every solver."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOptions:
    """Limits and tolerances.

    Attributes:
        time_limit_seconds: wall clock after which the solver stops; `None` for no limit.
        relative_gap: at which relative gap an integer model counts as solved; solutions are called
            optimal only up to a gap of 1e-6.
        feasibility_tolerance: what is asked of the solver, tighter than what the re-check accepts.
        threads: `None` leaves it to the solver.
        seed: of the solver's random choices.
    """

    time_limit_seconds: float | None = None
    relative_gap: float = 0.0
    feasibility_tolerance: float = 1e-7
    threads: int | None = None
    seed: int = 0


DEFAULT_OPTIONS = SolveOptions()
