from __future__ import annotations

import pytest

from nl2opt.verification.evidence import NOT_VERIFIED, VERIFIED, Evidence, EvidenceKind, Outcome, verdict


def check(name: str, outcome: Outcome = Outcome.PASSED) -> Evidence:
    kind = EvidenceKind.SOLVING if name in ("point", "program_agreement") else EvidenceKind.MODELLING
    return Evidence(name=name, kind=kind, outcome=outcome, text="")


POINT, NUMBERS, AGREEMENT = check("point"), check("numbers"), check("independent_agreement")


@pytest.mark.parametrize(
    ("evidence", "open_assumptions", "word"),
    [
        ((POINT, NUMBERS, AGREEMENT), 0, VERIFIED),
        ((POINT, NUMBERS, AGREEMENT), 1, "checked, 1 assumption"),
        ((POINT, NUMBERS, AGREEMENT, check("program_agreement", Outcome.NOT_RUN)), 0, "checked"),
        ((POINT, NUMBERS), 0, "checked"),
        ((POINT, NUMBERS), 2, "checked, 2 assumptions"),
        ((POINT, NUMBERS, check("program_agreement")), 0, "checked"),
        ((POINT, AGREEMENT), 0, NOT_VERIFIED),
        ((NUMBERS, AGREEMENT), 0, NOT_VERIFIED),
        ((POINT, check("numbers", Outcome.DOUBTFUL), AGREEMENT), 0, NOT_VERIFIED),
        ((POINT, check("numbers", Outcome.NOT_RUN), AGREEMENT), 0, NOT_VERIFIED),
        ((check("point", Outcome.FAILED), NUMBERS, AGREEMENT), 0, NOT_VERIFIED),
        ((POINT, NUMBERS, check("independent_agreement", Outcome.FAILED)), 0, NOT_VERIFIED),
        ((POINT, NUMBERS, AGREEMENT, check("program_agreement", Outcome.FAILED)), 0, NOT_VERIFIED),
        ((), 0, NOT_VERIFIED),
    ],
)
def test_the_word_that_evidence_earns(evidence: tuple[Evidence, ...], open_assumptions: int, word: str) -> None:
    assert verdict(evidence, open_assumptions=open_assumptions) == word


def test_a_point_that_is_not_proven_to_be_the_best_is_said_to_be_so() -> None:
    said = verdict((POINT, NUMBERS), open_assumptions=1, unproven="within a gap of 2 %")
    assert said == "checked, 1 assumption, within a gap of 2 %"
