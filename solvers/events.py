"""What happens while a solver runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Incumbent:
    """A better point was found.

    Attributes:
        objective: of the new point, as the solver counts it.
        bound: no point can be better than this; `None` when not known yet.
        gap: relative distance of the two; `None` when not known yet.
        seconds: since the start.
    """

    objective: float
    bound: float | None
    gap: float | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The solver is still at work.

    Attributes:
        objective: of the best point; `None` before the first.
        bound: no point can be better than this; `None` when not known.
        nodes: nodes of the search tree looked at.
        seconds: since the start.
    """

    objective: float | None
    bound: float | None
    nodes: int
    seconds: float


SolverEvent = Incumbent | Progress
OnSolverEvent = Callable[[SolverEvent], None]
