"""Evidence: what was checked, what came of it, and the word that it earns."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass


class EvidenceKind(enum.StrEnum):
    """What a check can see."""

    SOLVING = "solving"
    """Whether the model was solved rightly."""
    MODELLING = "modelling"
    """Whether the model is the right one."""


class Outcome(enum.StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    """It found something that a person should look at."""
    NOT_RUN = "not run"
    """It does not apply, or could not be run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One check.

    Attributes:
        name: of the check, one word in snake case.
        kind: what it can see.
        outcome: what came of it.
        text: in one or two sentences.
    """

    name: str
    kind: EvidenceKind
    outcome: Outcome
    text: str


VERIFIED = "verified"
NOT_VERIFIED = "not verified"


def verdict(evidence: Sequence[Evidence], *, open_assumptions: int) -> str:
    """Return the word that the evidence earns: verified, checked with N assumptions, or not verified.

    *verified* needs every check to pass, an independent agreement on the modelling among them, and no open
    assumption. *checked* needs every check that was run to pass, number accounting among them. No
    percentage is ever given.

    Args:
        evidence: of all checks.
        open_assumptions: how many things the formulation takes for granted.
    """
    outcomes = {item.outcome for item in evidence}
    accounted = any(item.name == "numbers" and item.outcome is Outcome.PASSED for item in evidence)
    if not evidence or outcomes & {Outcome.FAILED, Outcome.DOUBTFUL} or not accounted:
        return NOT_VERIFIED
    independent = any(item.name == "independent_agreement" and item.outcome is Outcome.PASSED for item in evidence)
    if independent and not open_assumptions:
        return VERIFIED
    plural = "" if open_assumptions == 1 else "s"
    return f"checked, {open_assumptions} assumption{plural}"
