"""What must hold of every claim of an honest program."""

from __future__ import annotations

from solvers.sandbox import ClaimedSolution, Resolved, resolved


def facts(claimed: ClaimedSolution) -> tuple[str, str, str, float | None]:
    """Return library, status, sense and objective, rounded."""
    objective = None if claimed.objective is None else round(claimed.objective, 6) + 0.0
    return claimed.library, claimed.status, claimed.sense, objective


def confirmed(claimed: ClaimedSolution) -> Resolved:
    """Solve the model again; the second solve must confirm what is claimed."""
    found = resolved(claimed)
    assert found.agrees, (claimed.status, claimed.objective, found.solution)
    assert found.is_confirmed, found.claimed_point
    return found
