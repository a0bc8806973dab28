"""What can be asked of every solver."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solvers.check import DEFAULT_TOLERANCE

TIGHTEST_TOLERANCE = 1e-10
"""The least tolerance that can be asked of a solver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOptions:
    """Limits and tolerances.

    Attributes:
        time_limit_seconds: wall clock after which the solver stops, at least 0; `None` for no limit.
        relative_gap: at which relative gap an integer model counts as solved, at least 0; solutions are called
            optimal only up to a gap of 1e-6.
        feasibility_tolerance: what is asked of the solver, from 1e-10 to the 1e-6 that the re-check accepts.
        threads: how many the solver may use, at least 1; `None` leaves it to the solver.
        seed: of the solver's random choices, from 0 to 2**31 - 1.

    Raises:
        ValueError: a number out of its range.
    """

    time_limit_seconds: float | None = None
    relative_gap: float = 0.0
    feasibility_tolerance: float = 1e-7
    threads: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what a solver would ignore or misread."""
        ranges: dict[str, tuple[float | None, float, float]] = {
            "time_limit_seconds": (self.time_limit_seconds, 0.0, math.inf),
            "relative_gap": (self.relative_gap, 0.0, math.inf),
            "feasibility_tolerance": (self.feasibility_tolerance, TIGHTEST_TOLERANCE, DEFAULT_TOLERANCE),
            "threads": (self.threads, 1, 2**31 - 1),
            "seed": (self.seed, 0, 2**31 - 1),
        }
        for name, (value, lowest, highest) in ranges.items():
            if value is not None and not lowest <= value <= highest:
                raise ValueError(f"{name} is {value!r}; it must lie between {lowest:g} and {highest:g}")


DEFAULT_OPTIONS = SolveOptions()
