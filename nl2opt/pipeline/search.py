"""Looks for a formulation: draft, check, compile, solve, doubt, and draft again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nl2opt.chat.base import ChatModel, WritingStyle
from nl2opt.errors import ChatError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.lift import lift
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.agreement import Agreement
from nl2opt.pipeline.asking import RecordedAsk
from nl2opt.pipeline.attached import AttachedData, with_placeholders, without_repeats
from nl2opt.pipeline.candidate import MISSING_DATA, Candidate
from nl2opt.pipeline.consensus import Ballot, combined
from nl2opt.pipeline.drafting import Draft, Writer
from nl2opt.pipeline.events import OnPipelineEvent, Step, StepStarted
from nl2opt.pipeline.feedback import missing_demands, number_points, solution_points
from nl2opt.pipeline.indexed import IndexedWriter
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.pruning import pruned
from nl2opt.pipeline.scalar_writer import ScalarWriter
from nl2opt.pipeline.trace import Attempt, Trace
from nl2opt.tables.binding import Binding
from nl2opt.tables.table import Tables
from solvers import SolversError, Termination

_SCALAR: Writer = ScalarWriter()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """What came of looking for a formulation.

    Attributes:
        trace: every attempt; the chosen one is marked.
        best: the chosen candidate; `None` when no attempt could be read.
        not_a_problem: why there is no decision problem in the text; empty when there is.
        agreement: how many drafts demand what the chosen one demands; `None` when the writing style wants
            one draft only, or no draft is usable.
        failure: why the chat model could not be asked again; `None` when it could.
        lacking: the chosen candidate where it needs numbers that nobody gives; there is no `best` then.
    """

    trace: Trace
    best: Candidate | None
    not_a_problem: str = ""
    agreement: Agreement | None = None
    failure: ChatError | None = None
    lacking: Candidate | None = None


class FormulationSearch:
    """One search: the candidates so far, and what is done with them.

    Attributes:
        candidates: drafts in order, judged; the combination of them, if any, last.
        ballots: what the usable ones demand.
        ask: asks the chat model, and keeps the requests of the round that runs.
        completed: candidates whose missing rows were asked for.
    """

    def __init__(
        self,
        problem: str,
        chat_model: ChatModel,
        style: WritingStyle,
        options: FormulateOptions,
        *,
        on_event: OnPipelineEvent | None,
        cancel: threading.Event | None,
        tables: Tables | None = None,
    ) -> None:
        self.problem = problem
        self.data = AttachedData(problem, tables if tables is not None else Tables({}))
        self.writer: Writer = _SCALAR if style == "scalar" else IndexedWriter(with_tables=bool(self.data.tables))
        self.chat_model = chat_model
        self.style = style
        self.options = options
        self.on_event = on_event
        self.cancel = cancel
        self.candidates: list[Candidate] = []
        self.ballots: dict[Candidate, Ballot] = {}
        self.ask = RecordedAsk(
            chat_model, timeout_seconds=options.timeout_seconds, on_event=on_event, cancel=cancel
        )  # fmt: skip
        self.completed: set[Candidate] = set()

    def run(self) -> Search:
        """Draft until another round would add nothing, and choose.

        Raises:
            ChatError: the chat model could not be asked for a first draft.
        """
        writer = self.writer
        failure: ChatError | None = None
        for number in range(1, self.options.rounds + 2):
            try:
                draft = self.drafted(writer, number)
            except ChatError as error:
                if not self.candidates:
                    raise
                failure = error
                break
            if draft.not_a_problem and all(candidate.compiled is None for candidate in self.candidates):
                attempt = Attempt(round=number, exchanges=tuple(self.ask.exchanges), outcome="not a problem")
                self.candidates.append(Candidate(attempt=attempt, draft=draft))
                return Search(trace=self.trace(None), best=None, not_a_problem=draft.not_a_problem)
            self.candidates.append(self.mended(self.judged(draft, number), writer))
            if self.settled(writer):
                break
        if writer.draws_again and all(candidate.attempt.feedback for candidate in self.candidates):
            self.combine()
        return self.found(failure)

    @property
    def can_be_told(self) -> bool:
        """Whether the writing style lets the chat model correct a draft, rather than draw another one."""
        return not self.writer.draws_again

    def reconsider(self, points: Sequence[str]) -> Search:
        """Tell the chat model of doubts that came from elsewhere, once; the draft that it writes then is chosen.

        Where it comes to nothing, or the writing style knows no corrections, what was chosen before stays.
        """
        before = self.found(None)
        if before.best is None or not self.can_be_told:
            return before
        number = len(self.candidates) + 1
        self.started(Step.FORMULATE, number, points[0] if points else "")
        self.ask.begin()
        try:
            draft = self.writer.revise(self.ask, before.best.draft, points, number)
        except ChatError as error:
            return replace(before, failure=error)
        self.candidates.append(self.judged(draft, number))
        last = self.candidates[-1]
        return self.found(None, last if _standing(last)[0] <= _standing(before.best)[0] else before.best)

    def found(self, failure: ChatError | None, best: Candidate | None = None) -> Search:
        """Return what is known by now; the best candidate is chosen where none is given."""
        best = best if best is not None else min(self.candidates, key=self.rank)
        usable = best if best.compiled is not None else None
        lacking = best if best.lacks_data else None
        agreeing = self.agreeing(best) if usable is not None and self.writer.draws_again else None
        trace = self.trace(usable or lacking)
        return Search(trace=trace, best=usable, agreement=agreeing, failure=failure, lacking=lacking)

    def drafted(self, writer: Writer, number: int) -> Draft:
        """Ask for the first draft, or for another one with what is known by now."""
        last = self.candidates[-1] if self.candidates else None
        feedback = last.attempt.feedback if last is not None else ()
        self.started(Step.FORMULATE, number, feedback[0] if feedback else "")
        self.ask.begin()
        if last is None:
            return writer.write(self.ask, self.data.asked)
        if not writer.draws_again:
            return writer.revise(self.ask, last.draft, feedback, number)
        best = min(self.candidates, key=self.rank)
        missing = self.missing(best)
        if missing:
            self.completed.add(best)
            return writer.revise(self.ask, best.draft, (), number, missing=missing)
        return writer.revise(self.ask, self.candidates[0].draft, feedback, number)

    def missing(self, candidate: Candidate) -> list[str]:
        """Return the demands of the problem that a candidate has no row for; empty when it was completed before."""
        if candidate.compiled is None or candidate.draft.formulation is None or candidate in self.completed:
            return []
        return missing_demands(self.problem, candidate.draft.formulation)

    def settled(self, writer: Writer) -> bool:
        """Whether another round would add nothing: no doubts are left, or the writer repeats itself."""
        *earlier, last = self.candidates
        if writer.draws_again:
            best = min(self.candidates, key=self.rank)
            return not best.attempt.feedback and self.agreeing(best).count > 1
        repeated = bool(earlier) and _same(earlier[-1], last)
        return not last.attempt.feedback or repeated

    def ballot(self, candidate: Candidate) -> Ballot | None:
        """Return what a draft demands; `None` when it is not usable."""
        if candidate.compiled is None or candidate.draft.formulation is None:
            return None
        if candidate not in self.ballots:
            self.ballots[candidate] = Ballot.of(candidate.draft.formulation, candidate.compiled)
        return self.ballots[candidate]

    def agreeing(self, candidate: Candidate) -> Agreement:
        """Count the drafts that demand exactly what a candidate demands."""
        own = self.ballot(candidate)
        drafts = [other for other in self.candidates if not other.attempt.combined]
        ballots = [ballot for ballot in map(self.ballot, drafts) if ballot is not None]
        count = sum(own is not None and own.agrees_with(other) for other in ballots)
        return Agreement(count=count, drafts=len(drafts))

    def combine(self) -> None:
        """Add the combination of what more than half of the drafts demand, where it is none of them."""
        ballots = [ballot for ballot in map(self.ballot, self.candidates) if ballot is not None]
        formulation = combined(ballots) if len(ballots) > 2 else None
        if formulation is None:
            return
        self.ask.begin()
        draft = Draft(formulation=formulation)
        candidate = self.judged(draft, len(self.candidates) + 1)
        if self.agreeing(candidate).count == 0:
            attempt = replace(candidate.attempt, combined=True)
            self.candidates.append(replace(candidate, attempt=attempt))

    def rank(self, candidate: Candidate) -> tuple[int, int, bool, int, int]:
        """Order candidates: by their standing, then most support, then the first."""
        return (*_standing(candidate), -self.support(candidate), candidate.attempt.round)

    def support(self, candidate: Candidate) -> int:
        """Count the drafts that demand the same; the first, which was drawn without chance, counts twice."""
        if candidate.attempt.combined:
            return len(self.candidates)
        own, first = self.ballot(candidate), self.ballot(self.candidates[0])
        return self.agreeing(candidate).count + (own is not None and first is not None and own.agrees_with(first))

    def started(self, step: Step, number: int, reason: str = "") -> None:
        """Tell who listens that a step begins."""
        if self.on_event is not None:
            self.on_event(StepStarted(step=step, round=number, reason=reason))

    def judged(self, draft: Draft, number: int) -> Candidate:
        """Check, compile and solve a draft, and say what is doubtful about it."""
        attempt = Attempt(round=number, exchanges=tuple(self.ask.exchanges), repairs=draft.repairs)
        if draft.formulation is None:
            return Candidate(attempt=replace(attempt, feedback=draft.faults), draft=draft)
        self.started(Step.CHECK, number)
        binding = self.data.bind(draft.formulation)
        compilation = compile_formulation(with_placeholders(binding.formulation))
        findings = (*binding.findings, *without_repeats(binding, compilation.findings))
        attempt = replace(attempt, formulation=draft.formulation, findings=findings)
        if compilation.compiled is None or binding.has_errors:
            points = self.told(binding, findings, draft)
            return Candidate(attempt=replace(attempt, feedback=points), draft=draft, binding=binding)
        if binding.missing:
            points = tuple(number_points(self.problem, binding.formulation))
            attempt = replace(attempt, feedback=points, outcome=MISSING_DATA)
            return Candidate(attempt=attempt, draft=draft, binding=binding)
        compiled = compilation.compiled
        if self.style == "scalar":
            compiled = compile_formulation(lift(draft.formulation, self.problem)).require()
            attempt = replace(attempt, formulation=compiled.formulation)
        self.started(Step.SOLVE, number)
        try:
            solution = solve_compiled(
                compiled, solver=self.options.solver, options=self.options.solve,
                on_event=self.on_event, cancel=self.cancel,
            )  # fmt: skip
        except SolversError as error:
            refusal = str(error)
            points = self.told(binding, findings, draft, compiled, lambda _: [refusal])
            attempt = replace(attempt, feedback=points, outcome="refused by the solver")
            return Candidate(attempt=attempt, draft=draft, compiled=compiled, refusal=refusal, binding=binding)
        numbers = number_points(self.problem, binding.formulation)
        if solution.termination in (Termination.INFEASIBLE, Termination.UNBOUNDED):
            points = self.told(
                binding, findings, draft, compiled, lambda model: solution_points(model, solution), numbers
            )
        else:
            points = tuple(numbers)
        attempt = replace(attempt, outcome=solution.termination.value, objective=solution.objective, feedback=points)
        gap = self.options.solve.relative_gap
        return Candidate(
            attempt=attempt, draft=draft, compiled=compiled, solution=solution, gap=gap, binding=binding
        )  # fmt: skip

    def told(
        self,
        binding: Binding,
        findings: Sequence[Finding],
        draft: Draft,
        compiled: CompiledFormulation | None = None,
        of_model: Callable[[CompiledFormulation], Sequence[str]] | None = None,
        others: Sequence[str] = (),
    ) -> tuple[str, ...]:
        """Return what the chat model is told of a draft; see `AttachedData.told`."""
        written = [message.content for message in draft.conversation if message.role == "assistant"]
        return self.data.told(binding, findings, written, compiled, of_model, others)

    def mended(self, candidate: Candidate, writer: Writer) -> Candidate:
        """Return the candidate without the rows that the problem does not ask for, where it is better for it."""
        formulation = candidate.draft.formulation
        if not writer.draws_again or not self.options.rounds or candidate.compiled is None or formulation is None:
            return candidate
        infeasible = candidate.attempt.outcome == Termination.INFEASIBLE.value
        shorter = pruned(formulation, self.problem, infeasible=infeasible)
        if shorter is None:
            return candidate
        repairs = (*candidate.draft.repairs, *shorter[1])
        draft = replace(candidate.draft, formulation=shorter[0], repairs=repairs)
        mended = self.judged(draft, candidate.attempt.round)
        is_better = mended.has_optimum and _standing(mended) <= _standing(candidate)
        return mended if is_better else candidate

    def trace(self, best: Candidate | None) -> Trace:
        """Return every attempt, the best one marked as chosen."""
        attempts = tuple(replace(c.attempt, chosen=c is best) for c in self.candidates)
        return Trace(problem=self.problem, llm=self.chat_model.name, style=self.style, attempts=attempts)


def _standing(candidate: Candidate) -> tuple[int, int, bool]:
    """Order candidates by themselves: by what came of them, then fewest doubts, then an optimum before none.

    That nothing satisfies all rows is one doubt, as a number that is not used is one: some problems have no answer.
    """
    if candidate.compiled is None:
        kind = 1 if candidate.lacks_data else 3
    elif candidate.solution is None:
        kind = 2
    else:
        infeasible = candidate.solution.termination is Termination.INFEASIBLE
        kind = 0 if candidate.has_optimum or infeasible else 1
    return kind, len(candidate.attempt.feedback), not candidate.has_optimum


def _same(first: Candidate, second: Candidate) -> bool:
    """Whether a correction changed nothing, so that another would not either."""
    return first.draft.formulation is not None and first.draft.formulation == second.draft.formulation
