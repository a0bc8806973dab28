"""Looks for a program: write, run, solve its model again, doubt, and mend."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nl2opt.chat.base import ChatModel, Completion, CompletionOptions, Message
from nl2opt.errors import ChatError
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.events import OnPipelineEvent, Step
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.candidate import ProgramCandidate
from nl2opt.pipeline.program.feedback import short
from nl2opt.pipeline.program.judging import Judge, RunProgram
from nl2opt.pipeline.program.writer import ProgramDraft, ProgramWriter
from nl2opt.pipeline.trace import Attempt, Exchange, Trace
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
    """

    attempts: tuple[Attempt, ...]
    best: ProgramCandidate | None
    not_a_problem: str = ""
    failure: ChatError | None = None
    refusal: str = ""


class ProgramSearch:
    """One search: the candidates so far, and what is done with them.

    Attributes:
        candidates: in order, judged.
        drafts: what the chat model wrote, in the same order.
        exchanges: requests of the round that runs.
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
        self.writer = ProgramWriter(problem, formulation)
        self.judge = Judge(options=options, run=run, on_event=on_event, cancel=cancel)
        self.candidates: list[ProgramCandidate] = []
        self.drafts: list[ProgramDraft] = []
        self.exchanges: list[Exchange] = []
        self.failure: ChatError | None = None
        self.refusal = ""
        self.not_a_problem = ""

    def run(self) -> ProgramFound:
        """Write programs until one has no doubts, or all rounds are used."""
        for number in range(1, self.options.rounds + 2):
            if not self.round(number) or not self.candidates[-1].attempt.feedback:
                break
            if self.repeated() and self.candidates[-1].has_optimum:
                break
        return self.found()

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
        readable = [candidate for candidate in self.candidates if candidate.text]
        if best is None and readable:
            best = min(readable, key=lambda candidate: (*candidate.standing, candidate.attempt.round))
        attempts = tuple(replace(c.attempt, chosen=c is best) for c in self.candidates)
        return ProgramFound(
            attempts=attempts,
            best=best,
            not_a_problem=self.not_a_problem,
            failure=self.failure,
            refusal=self.refusal,
        )

    def round(self, number: int, draft: ProgramDraft | None = None, points: Sequence[str] = ()) -> bool:
        """Write a program and judge it; return whether another round may follow."""
        self.exchanges = []
        try:
            written = self.written(number, draft, points)
        except ChatError as error:
            self.failure = error
            return False
        attempt = Attempt(round=number, exchanges=tuple(self.exchanges), feedback=written.faults)
        self.drafts.append(written)
        if not written.text:
            if written.not_a_problem and not any(candidate.text for candidate in self.candidates):
                self.not_a_problem = written.not_a_problem
                attempt = replace(attempt, outcome="not a problem")
            self.candidates.append(ProgramCandidate(attempt=attempt))
            return not self.not_a_problem
        try:
            candidate = self.judge.judged(written.text, attempt, self.problem)
        except SolversError as error:
            self.refusal = str(error)
            attempt = replace(attempt, program=written.text, outcome="not run", feedback=(str(error),))
            self.candidates.append(ProgramCandidate(attempt=attempt, text=written.text))
            return False
        self.candidates.append(candidate)
        return candidate.run is None or candidate.run.kind is not RunKind.CANCELLED

    def written(self, number: int, draft: ProgramDraft | None, points: Sequence[str]) -> ProgramDraft:
        """Ask for the first program, for a better one, or, where the last correction changed nothing, for a new one."""
        is_told = draft is not None
        if draft is None and self.drafts:
            draft, points = self.drafts[-1], self.candidates[-1].attempt.feedback
        self.judge.started(Step.MEND_PROGRAM if draft is not None else Step.WRITE_PROGRAM, number, short(points))
        if draft is None:
            return self.writer.write(self.ask)
        if self.repeated() and not is_told:
            return self.writer.write(self.ask, sample=number)
        earlier = [] if is_told else [short(candidate.attempt.feedback) for candidate in self.candidates[:-1]]
        return self.writer.revise(self.ask, draft, points, [line for line in dict.fromkeys(earlier) if line])

    def repeated(self) -> bool:
        """Whether the last correction changed nothing, so that another would not either."""
        return len(self.drafts) > 1 and self.drafts[-1].said == self.drafts[-2].said

    def ask(
        self,
        messages: Sequence[Message],
        *,
        json_schema: Mapping[str, Any] | None,
        max_tokens: int,
        temperature: float = 0.0,
        sample: int = 0,
        shared_messages: int = 0,
    ) -> Completion:
        """Ask the chat model, and keep the exchange; see `Ask`."""
        options = CompletionOptions(
            json_schema=json_schema, max_tokens=max_tokens, temperature=temperature, sample=sample,
            timeout_seconds=self.options.timeout_seconds, shared_messages=shared_messages,
        )  # fmt: skip
        completion = self.chat_model.complete(
            messages, options=options, on_event=self.judge.on_event, cancel=self.judge.cancel
        )
        self.exchanges.append(Exchange(messages=tuple(messages), completion=completion))
        return completion

    def trace(self, found: ProgramFound) -> Trace:
        """Return every attempt."""
        return Trace(
            problem=self.problem, llm=self.chat_model.name, style=self.chat_model.style, attempts=found.attempts
        )
