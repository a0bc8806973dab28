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
    """It applies, and was or could not be run."""
    DOES_NOT_APPLY = "does not apply"
    """There is nothing here that it could look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One check.

    Attributes:
        name: of the check, one word in snake case.
        kind: what it can see.
        outcome: what came of it.
        text: in one or two sentences.
        seconds: wall clock that it took; 0 where that was not measured.
        calls: requests to a language model that it took.
    """

    name: str
    kind: EvidenceKind
    outcome: Outcome
    text: str
    seconds: float = 0.0
    calls: int = 0

    @property
    def is_doubt(self) -> bool:
        """Whether it found something wrong, or something that a person should look at."""
        return self.outcome in (Outcome.FAILED, Outcome.DOUBTFUL)

    @property
    def line(self) -> str:
        """The text, with what the check cost where that is known."""
        if not self.seconds and not self.calls:
            return self.text
        calls = f", {self.calls} call{'s' * (self.calls != 1)} to the language model" if self.calls else ""
        return f"{self.text} ({max(self.seconds, 0.01):.2f} s{calls})"


VERIFIED = "verified"
CHECKED = "checked"
NOT_VERIFIED = "not verified"
NUMBERS = "numbers"
"""Name of the check that accounts for the numbers of the text."""
INDEPENDENT_AGREEMENT = "independent_agreement"
"""Name of the check that something written independently says the same: see `verdict`."""
OPTIMUM_AGREEMENT = "optimum_agreement"
"""Name of the check that something written independently has the same optimum, while no more than that is known."""
TOLD_AGREEMENT = "told_agreement"
"""Name of the check that two routes agree after one of them was told of the other's optimum."""


def verdict(evidence: Sequence[Evidence], *, open_assumptions: int, unproven: str = "") -> str:
    """Return the word that the evidence earns: verified, checked (with the number of open assumptions) or not verified.

    Both words need a passed check of the solving, passed number accounting, and no check that failed or doubts.
    *verified* also needs every check of the solving that applies to have been run and passed, no open assumption, and
    an independent agreement: something that was written without sight of the formulation has the same optimum **and**
    either the same structure, or still the same optimum after each of two numbers of the text was moved in both. One
    equal optimum alone may be chance: two models that differ in a row that is not binding have it, too. Moving a number
    that changes the optimum shows whether both hold it in the same way, and needs no common names or rows.
    No percentage is ever given.

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
    if any(item.is_doubt for item in evidence) or not solved or NUMBERS not in names:
        return NOT_VERIFIED
    left_out = any(item.kind is EvidenceKind.SOLVING and item.outcome is Outcome.NOT_RUN for item in evidence)
    if not left_out and INDEPENDENT_AGREEMENT in names and not open_assumptions:
        return VERIFIED
    if not open_assumptions:
        return CHECKED
    return f"{CHECKED}, {open_assumptions} assumption{'s' * (open_assumptions != 1)}"
