"""The ladder: climbs rungs, cheapest first, and stops when nothing more can be earned or paid."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from nl2opt.pipeline.events import Step, StepStarted
from nl2opt.pipeline.verifying.options import RUNG_WORDS
from nl2opt.pipeline.verifying.rungs import LADDER, NAME_OF_EVIDENCE, Rung, climbed
from nl2opt.pipeline.verifying.subject import Means, Subject
from nl2opt.verification.evidence import (
    INDEPENDENT_AGREEMENT,
    OPTIMUM_AGREEMENT,
    TOLD_AGREEMENT,
    VERIFIED,
    Evidence,
    EvidenceKind,
    Outcome,
    verdict,
)

NOT_RUN: Final = "not_run"
"""Name of the line that says which rungs were not climbed, and why."""
_AGREEMENTS: Final = (INDEPENDENT_AGREEMENT, OPTIMUM_AGREEMENT, TOLD_AGREEMENT)


def climb(subject: Subject, means: Means, *, open_assumptions: int) -> tuple[Evidence, ...]:
    """Climb the ladder; return the evidence so far together with what the rungs found.

    Rungs that ask a language model or start a process are left out behind a doubt, since they cannot earn it back, and
    where the answer is verified already; unless all are to be run. What was left out is one line at the end.

    Args:
        subject: what is verified.
        means: with what, and how much it may cost.
        open_assumptions: how many things the formulation takes for granted, for the word that is earned on the way.
    """
    evidence = list(subject.known)
    left_out: list[tuple[Rung, str]] = []
    for rung in LADDER:
        if _is_known(rung, evidence):
            continue
        reason = _why_not(rung, subject, means, evidence, open_assumptions)
        if reason:
            left_out.append((rung, reason))
            continue
        evidence = joined(evidence, _climbed(rung, subject, means))
    return tuple(joined(evidence, _summary(left_out)))


def joined(known: Sequence[Evidence], found: Iterable[Evidence]) -> list[Evidence]:
    """Return evidence with more, in place of that of the same check."""
    new = list(found)
    names = {item.name for item in new}
    if names & set(_AGREEMENTS):
        names |= {INDEPENDENT_AGREEMENT, OPTIMUM_AGREEMENT}
    return [*(item for item in known if item.name not in names), *new]


def _climbed(rung: Rung, subject: Subject, means: Means) -> list[Evidence]:
    if rung.is_dear and means.on_event is not None:
        means.on_event(StepStarted(step=Step.VERIFY, reason=RUNG_WORDS[rung.name]))
    started, calls = time.perf_counter(), means.budget.calls
    found = list(climbed(rung, subject, means))
    if found:
        seconds = round(time.perf_counter() - started, 3)
        found[-1] = replace(found[-1], seconds=seconds, calls=means.budget.calls - calls)
    return found


def _is_known(rung: Rung, evidence: Sequence[Evidence]) -> bool:
    """Whether there is evidence of a rung already: of the search, the cross-check or the two routes."""
    known = {item.name for item in evidence if item.outcome is not Outcome.NOT_RUN}
    if rung.name == "independent":
        return bool(known & {INDEPENDENT_AGREEMENT, TOLD_AGREEMENT})
    return NAME_OF_EVIDENCE.get(rung.name, rung.name) in known


def _why_not(rung: Rung, subject: Subject, means: Means, evidence: Sequence[Evidence], open_assumptions: int) -> str:
    """Return why a rung is not climbed; empty where it is."""
    if rung.name not in means.verify.rungs:
        return f"not part of {means.verify.level}" if means.verify.level else "not asked for"
    if rung.needs_problem and not subject.problem:
        return subject.why_no_problem
    if rung.needs_optimum and subject.optimum is None:
        return "there is no proven optimum"
    if means.cancel is not None and means.cancel.is_set():
        return "interrupted"
    if rung.is_dear and not means.verify.runs_all:
        if any(item.is_doubt for item in evidence):
            return "the answer is doubtful already"
        # A check of the solving is part of what makes an answer verified.
        is_more = rung.kind is EvidenceKind.MODELLING
        if is_more and verdict(evidence, open_assumptions=open_assumptions) == VERIFIED:
            return "the answer is verified already"
    if means.budget.seconds_left <= 0:
        return "the time is used up"
    is_written = rung.name == "independent" and bool(subject.program)
    return _why_not_asked(rung, means) if rung.asks and not is_written else ""


def _why_not_asked(rung: Rung, means: Means) -> str:
    """Return why no language model is asked; empty where one is."""
    if means.judging is None:
        return "no language model may be asked"
    if rung.needs_strength and means.judging.style == "scalar":
        return "a small language model expects the wrong ones"
    return "no call to the language model is left" if means.budget.calls_left < 1 else ""


def _summary(left_out: Sequence[tuple[Rung, str]]) -> list[Evidence]:
    """Say in one line which rungs were not climbed, and why."""
    by_reason: dict[str, list[Rung]] = {}
    for rung, reason in left_out:
        by_reason.setdefault(reason, []).append(rung)
    if not by_reason:
        return []
    parts = [f"{', '.join(RUNG_WORDS[rung.name] for rung in rungs)} ({why})" for why, rungs in by_reason.items()]
    # A check of the solving that was left out keeps the answer from being called verified.
    is_solving = any(rung.kind is EvidenceKind.SOLVING for rung, _ in left_out)
    kind = EvidenceKind.SOLVING if is_solving else EvidenceKind.MODELLING
    return [Evidence(name=NOT_RUN, kind=kind, outcome=Outcome.NOT_RUN, text=f"Not run: {'; '.join(parts)}.")]
