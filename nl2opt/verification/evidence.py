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
NUMBERS = "numbers"
"""Name of the check that accounts for the numbers of the text."""
INDEPENDENT_AGREEMENT = "independent_agreement"
"""Name of the check that something written independently reaches the same optimum."""


def verdict(evidence: Sequence[Evidence], *, open_assumptions: int, unproven: str = "") -> str:
    """Return the word that the evidence earns: verified, checked with N assumptions, or not verified.

    Both words need a passed check of the solving and passed number accounting. *verified* needs every check to
    have been run and passed, an independent agreement on the modelling among them, and no open assumption.
    *checked* needs every check that was run to pass. No percentage is ever given.

    Args:
        evidence: of all checks.
        open_assumptions: how many things the formulation takes for granted.
        unproven: what to add where the point is not proven to be the best, as in `within a gap of 2 %`.
    """
    word = _word(evidence, open_assumptions)
    return f"{word}, {unproven}" if unproven else word


def _word(evidence: Sequence[Evidence], open_assumptions: int) -> str:
    passed = [item for item in evidence if item.outcome is Outcome.PASSED]
    names = {item.name for item in passed}
    solved = any(item.kind is EvidenceKind.SOLVING for item in passed)
    doubted = any(item.outcome in (Outcome.FAILED, Outcome.DOUBTFUL) for item in evidence)
    if doubted or not solved or NUMBERS not in names:
        return NOT_VERIFIED
    if len(passed) == len(evidence) and INDEPENDENT_AGREEMENT in names and not open_assumptions:
        return VERIFIED
    plural = "" if open_assumptions == 1 else "s"
    return f"checked, {open_assumptions} assumption{plural}"
