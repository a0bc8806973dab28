"""Looks for a program: write, run, solve its model again, doubt, and mend or write another one.

A strong chat model mends its program by what it is told. A small one that is told of a mistake repeats it, or spoils
the rest: it writes another program, until the best has no doubts and two have the same optimum.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nl2opt.chat.base import ChatModel
from nl2opt.errors import ChatError
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.agreement import Agreement
from nl2opt.pipeline.asking import RecordedAsk
from nl2opt.pipeline.events import OnPipelineEvent, Step
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.candidate import ProgramCandidate
from nl2opt.pipeline.program.feedback import short
from nl2opt.pipeline.program.judging import Judge, RunProgram
from nl2opt.pipeline.program.writer import ProgramDraft, ProgramWriter
from nl2opt.pipeline.trace import Attempt, Trace
from solvers import SolversError
from solvers.sandbox import RunKind, run_program


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProgramFound:
    """What came of looking for a program.

    Attributes:
        attempts: in order; the chosen one is marked.
        best: the chosen candidate; `None` when no program could be read.
        not_a_problem: why there is no decision problem in the text; empty when there is.
        failure: why the chat model could not be asked, or asked again; `None` when it could.
        refusal: why programs cannot be run here; empty when they can.
        agreement: how many of the programs that were written anew have the optimum of the best, and how many there are;
            `None` where the chat model is asked for one only, or the best has none.
    """

    attempts: tuple[Attempt, ...]
    best: ProgramCandidate | None
    not_a_problem: str = ""
    failure: ChatError | None = None
    refusal: str = ""
    agreement: Agreement | None = None


class ProgramSearch:
    """One search: the candidates so far, and what is done with them.

    Attributes:
        candidates: in order, judged.
        drafts: what the chat model wrote, in the same order.
        mended: candidates that came of telling the chat model what is wrong with another one.
        ask: asks the chat model, and keeps the requests of the round that runs.
        failure, refusal, not_a_problem: see `ProgramFound`.
    """

    def __init__(
        self,
        problem: str,
        chat_model: ChatModel,
        options: FormulateOptions,
        *,
        formulation: Formulation | None = None,
        run: RunProgram = run_program,
        on_event: OnPipelineEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        self.problem = problem
        self.chat_model = chat_model
        self.options = options
        self.style = options.style or chat_model.style
        self.writer = ProgramWriter(problem, self.style, formulation)
        self.judge = Judge(options=options, run=run, on_event=on_event, cancel=cancel)
        self.candidates: list[ProgramCandidate] = []
        self.drafts: list[ProgramDraft] = []
        self.mended: set[ProgramCandidate] = set()
        self.ask = RecordedAsk(
            chat_model, timeout_seconds=options.timeout_seconds, on_event=on_event, cancel=cancel
        )  # fmt: skip
        self.failure: ChatError | None = None
        self.refusal = ""
        self.not_a_problem = ""

    @property
    def draws_again(self) -> bool:
        """Whether the chat model is a small one, which is asked for several programs."""
        return self.style == "scalar"

    def run(self) -> ProgramFound:
        """Write programs until another one would add nothing, or all rounds are used."""
        for number in range(1, self.options.rounds + 2):
            if not self.round(number) or self.is_settled():
                break
        return self.found()

    def is_settled(self) -> bool:
        """Whether another program would add nothing."""
        if not self.draws_again:
            is_stuck = self.repeated() and self.candidates[-1].has_optimum
            return is_stuck or not self.candidates[-1].attempt.feedback
        best = self.best()
        return best is not None and not best.attempt.feedback and self.support(best) > 1

    def reconsider(self, points: Sequence[str]) -> ProgramFound:
        """Tell the chat model of doubts that came from elsewhere, once; the program that it writes then is chosen.

        Where what it writes comes to nothing, the program that was chosen before stays.
        """
        before = self.found()
        if before.best is None or self.failure is not None or self.refusal:
            return before
        place = self.candidates.index(before.best)
        self.round(len(self.candidates) + 1, self.drafts[place], points)
        last = self.candidates[-1]
        return self.found(last if last.standing[0] <= before.best.standing[0] else before.best)

    def found(self, best: ProgramCandidate | None = None) -> ProgramFound:
        """Return what is known by now; the best is chosen where none is given."""
        best = best if best is not None else self.best()
        attempts = tuple(replace(c.attempt, chosen=c is best) for c in self.candidates)
        return ProgramFound(
            attempts=attempts,
            best=best,
            not_a_problem=self.not_a_problem,
            failure=self.failure,
            refusal=self.refusal,
            agreement=self.agreement(best) if self.draws_again and best is not None and best.has_optimum else None,
        )

    def best(self) -> ProgramCandidate | None:
        """Return the candidate of best standing, then of most support, then the first; `None` where none was read."""
        readable = [candidate for candidate in self.candidates if candidate.text]
        if not readable:
            return None
        return min(readable, key=lambda one: (*one.standing, -self.support(one), one.attempt.round))

    def agreement(self, candidate: ProgramCandidate) -> Agreement:
        """Count the programs that were written anew, and those among them whose models have the same optimum."""
        return Agreement(count=self.support(candidate), drafts=len(self.candidates) - len(self.mended - {candidate}))

    def support(self, candidate: ProgramCandidate) -> int:
        """Count the programs whose models have the same optimum, itself included; 0 where it has none.

        A program that was mended counts for itself only: it repeats the reading of the one before it.
        """
        if not candidate.has_optimum:
            return 0
        drawn = [other for other in self.candidates if other is candidate or other not in self.mended]
        return sum(candidate.has_optimum_of(other) for other in drawn)

    def round(self, number: int, draft: ProgramDraft | None = None, points: Sequence[str] = ()) -> bool:
        """Write a program and judge it; return whether another round may follow."""
        self.ask.begin()
        try:
            written = self.written(number, draft, points)
        except ChatError as error:
            self.failure = error
            return False
        self.drafts.append(written)
        candidate = self.judged(written, number)
        self.candidates.append(candidate)
        if written.is_mended:
            self.mended.add(candidate)
        is_over = bool(self.not_a_problem or self.refusal)
        return not is_over and (candidate.run is None or candidate.run.kind is not RunKind.CANCELLED)

    def judged(self, written: ProgramDraft, number: int) -> ProgramCandidate:
        """Run what the chat model wrote, where it is a program, and say what is doubtful about it."""
        attempt = Attempt(round=number, exchanges=tuple(self.ask.exchanges), feedback=written.faults)
        if not written.text:
            if written.not_a_problem and not any(candidate.text for candidate in self.candidates):
                self.not_a_problem = written.not_a_problem
                attempt = replace(attempt, outcome="not a problem")
            return ProgramCandidate(attempt=attempt)
        try:
            return self.judge.judged(written.text, attempt, self.problem)
        except SolversError as error:
            self.refusal = str(error)
            attempt = replace(attempt, program=written.text, outcome="not run", feedback=(str(error),))
            return ProgramCandidate(attempt=attempt, text=written.text)

    def written(self, number: int, draft: ProgramDraft | None, points: Sequence[str]) -> ProgramDraft:
        """Ask for the first program, for a better one, or, where the last correction changed nothing, for a new one."""
        is_told = draft is not None
        if draft is None and self.drafts:
            points = self.candidates[-1].attempt.feedback
            draft = self.drafts[-1] if not self.draws_again and not self.repeated() else None
        self.judge.started(Step.MEND_PROGRAM if draft is not None else Step.WRITE_PROGRAM, number, short(points))
        if draft is None:
            return self.writer.write(self.ask, sample=number if self.drafts else 0)
        earlier = [] if is_told else [short(candidate.attempt.feedback) for candidate in self.candidates[:-1]]
        return self.writer.revise(self.ask, draft, points, [line for line in dict.fromkeys(earlier) if line])

    def repeated(self) -> bool:
        """Whether the last correction changed nothing, so that another would not either."""
        return len(self.drafts) > 1 and self.drafts[-1].said == self.drafts[-2].said

    def trace(self, found: ProgramFound) -> Trace:
        """Return every attempt."""
        return Trace(
            problem=self.problem, llm=self.chat_model.name, style=self.chat_model.style, attempts=found.attempts
        )
