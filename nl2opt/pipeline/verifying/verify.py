"""Verifies an answer that is there."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nl2opt.chat.base import ChatModel
from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.analyses import Solved
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.events import OnPipelineEvent, Step, StepStarted
from nl2opt.pipeline.gap_words import unproven_in_words
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.judging import RunProgram
from nl2opt.pipeline.readings.finding import open_assumptions
from nl2opt.pipeline.verifying.budget import Budget, BudgetedChatModel
from nl2opt.pipeline.verifying.kept import kept_evidence
from nl2opt.pipeline.verifying.ladder import NOT_RUN, climb, joined
from nl2opt.pipeline.verifying.options import VerifyOptions
from nl2opt.pipeline.verifying.subject import Means, Subject
from nl2opt.verification.evidence import INDEPENDENT_AGREEMENT, TOLD_AGREEMENT, Evidence, EvidenceKind, Outcome, verdict
from solvers import SolversError
from solvers.sandbox import run_program

_OF_THE_SEARCH: Final = ("drafts", TOLD_AGREEMENT)
"""What only the search could tell stays when an answer is verified again."""
_GUESSES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verifier:
    """With what answers are verified.

    Attributes:
        verify: which rungs, and what they may cost.
        options: of the solver, and of the rounds and time limits of a second model.
        chat_model: which judges; `None` where none may be asked.
        second: which writes the independent model and judges; `None` for the same.
        run: what runs programs.
        on_event: called with steps, tokens and solver events.
        cancel: set it to stop.
    """

    verify: VerifyOptions
    options: FormulateOptions
    chat_model: ChatModel | None = None
    second: ChatModel | None = None
    run: RunProgram = run_program
    on_event: OnPipelineEvent | None = None
    cancel: threading.Event | None = None

    def verified(self, answer: Answer, *, budget: Budget | None = None) -> Answer:
        """Return an answer with what the rungs found, and the word that it earns then.

        Evidence that is there already is not looked for again. An answer without a formulation stays as it is, and so
        does each where no rung is to be climbed.

        Args:
            answer: with a formulation.
            budget: what is left of one that began before; `None` begins one.
        """
        has_end = answer.status not in (Status.INTERRUPTED, Status.MISSING_DATA)
        if answer.formulation is None or not has_end or not self.verify.rungs:
            return answer
        if self.on_event is not None:
            self.on_event(StepStarted(step=Step.VERIFY))
        solved, fault = self._solved(answer)
        if solved is None:
            return _with(answer, [Evidence(
                name=NOT_RUN, kind=EvidenceKind.SOLVING, outcome=Outcome.NOT_RUN, text=f"Not verified further. {fault}"
            )])  # fmt: skip
        known = list(answer.evidence)
        if answer.solved is None and answer.objective is not None:
            known = joined(known, [kept_evidence(answer, solved)])
        means = self._means(budget or Budget(self.verify))
        subject = self._subject(answer, solved, known)
        evidence = climb(subject, means, open_assumptions=_open(answer))
        trace = replace(answer.trace, checks=(*answer.trace.checks, *means.attempts))
        found = _with(replace(answer, trace=trace, solved=solved), evidence)
        return replace(found, warnings=tuple(dict.fromkeys([*found.warnings, *_guesswork(found)])))

    def _subject(self, answer: Answer, solved: Solved, known: Sequence[Evidence]) -> Subject:
        """Return what is verified; a formulation that was changed later is not compared with the text."""
        subject = Subject(
            problem=answer.problem, compiled=solved.compiled, solution=solved.solution, known=known,
            program=_program(answer),
        )  # fmt: skip
        # Another reading of the text is still what the text says.
        if all(edit.kind == "take" for edit in answer.edits):
            return subject
        return replace(subject, problem="", program="", why_no_problem="the formulation was changed after its text")

    def again(self, answer: Answer) -> Answer:
        """Verify an answer from the beginning; what only the search could tell of it stays."""
        stays = tuple(item for item in answer.evidence if item.name in _OF_THE_SEARCH)
        return self.verified(replace(answer, evidence=stays))

    def _solved(self, answer: Answer) -> tuple[Solved | None, str]:
        """Return the compiled formulation with its solution; where there is none, why."""
        if answer.solved is not None:
            return answer.solved, ""
        assert answer.formulation is not None
        # What took longer than all checks together is not solved again without an end.
        limits = self.options.solve
        if limits.time_limit_seconds is None:
            limits = replace(limits, time_limit_seconds=self.verify.seconds)
        try:
            compiled = compile_formulation(answer.formulation).require()
            solution = solve_compiled(
                compiled, solver=self.options.solver, options=limits, on_event=self.on_event,
                cancel=self.cancel,
            )  # fmt: skip
        except (FormulationError, SolversError) as error:
            return None, str(error)
        return Solved(compiled, solution), ""

    def _means(self, budget: Budget) -> Means:
        other = self.second or self.chat_model
        asked = BudgetedChatModel(other, budget) if other is not None and self.verify.calls != 0 else None
        return Means(
            options=self.options, verify=self.verify, budget=budget, judging=asked, writing=asked,
            has_another_writer=self.second is not None, run=self.run, on_event=self.on_event, cancel=self.cancel,
        )  # fmt: skip


def _open(answer: Answer) -> int:
    """Return how many assumptions may decide the answer."""
    return len(open_assumptions(answer.assumptions, answer.alternatives))


def doubts(answer: Answer) -> int:
    """Return how many checks of an answer failed or found something doubtful."""
    return sum(item.is_doubt for item in answer.evidence)


def _with(answer: Answer, evidence: Iterator[Evidence] | list[Evidence] | tuple[Evidence, ...]) -> Answer:
    """Return an answer with evidence, and the word that it earns."""
    together = tuple(joined(answer.evidence, evidence))
    if answer.values is None:
        return replace(answer, evidence=together)
    is_stopped = answer.status in (Status.LIMIT, Status.INTERRUPTED)
    unproven = unproven_in_words(answer.objective, answer.gap) if is_stopped else ""
    word = verdict(together, open_assumptions=_open(answer), unproven=unproven)
    return replace(answer, evidence=together, verdict=word)


def _program(answer: Answer) -> str:
    """Return the program that was written from the problem alone on the route `both`; empty where there is none."""
    is_written = answer.route == "both" and answer.program_run is not None and answer.program_run.solved_status
    return answer.program_run.text if is_written and answer.program_run is not None else ""


def _guesswork(answer: Answer) -> Iterator[str]:
    """Say where a language model never came to the same optimum twice."""
    # In the indexed style a later attempt corrects an earlier one, so that only the chosen one counts.
    draws_again = answer.trace.style == "scalar"
    tries = [a for a in answer.trace.attempts if not a.combined and (draws_again or a.chosen)]
    tries += [a for a in answer.trace.checks if a.program or a.formulation is not None][-1:]
    found = [round(attempt.objective, 6) for attempt in tries if attempt.objective is not None]
    agreed = any(item.name == INDEPENDENT_AGREEMENT and item.outcome is Outcome.PASSED for item in answer.evidence)
    if len(tries) >= _GUESSES and not agreed and max(Counter(found).values(), default=0) < 2:
        yield (
            f"The language model never agreed with itself: it wrote this problem down {len(tries)} times, and no two "
            "came to the same optimum. Take the answer as a guess, or ask a larger language model."
        )
