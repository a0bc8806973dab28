"""Both routes: a formulation and a program of one problem, each written without the other, and compared."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from nl2opt.chat.base import ChatModel
from nl2opt.errors import ChatError
from nl2opt.formulation.words.quantities import number
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.clock import Clock
from nl2opt.pipeline.events import OnPipelineEvent, Step, StepStarted
from nl2opt.pipeline.formulate import require_problem
from nl2opt.pipeline.gap_words import gap_in_words, unproven_in_words
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.answering import program_answer
from nl2opt.pipeline.program.judging import RunProgram
from nl2opt.pipeline.program.search import ProgramFound, ProgramSearch
from nl2opt.pipeline.readings.finding import open_assumptions
from nl2opt.pipeline.search import FormulationSearch, Search
from nl2opt.pipeline.solve import answer_of_search, unreachable_answer
from nl2opt.pipeline.trace import Trace
from nl2opt.verification.evidence import (
    INDEPENDENT_AGREEMENT,
    OPTIMUM_AGREEMENT,
    TOLD_AGREEMENT,
    Evidence,
    EvidenceKind,
    Outcome,
    verdict,
)
from nl2opt.verification.model_comparison import NamedModel, demand_the_same, differences
from solvers import Model, Solution, Termination
from solvers.sandbox import run_program

_TOLERANCE: Final = 1e-6
_ENDS: Final = (Termination.OPTIMAL, Termination.INFEASIBLE, Termination.UNBOUNDED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Side:
    """What one route has come to.

    Attributes:
        name: `the formulation` or `the program`.
        model, solution: of it; `None` where there is none that was solved.
        doubts: how much is doubtful about it.
        asked_gap: up to which distance from the best possible it was to be solved.
    """

    name: str
    model: Model | None
    solution: Solution | None
    doubts: int
    asked_gap: float

    @property
    def is_known(self) -> bool:
        """Whether it came to an end that can be compared."""
        return self.solution is not None and (self.solution.termination in _ENDS or self.is_within_gap)

    @property
    def is_within_gap(self) -> bool:
        """Whether it stopped within the gap that was asked for, which counts like an optimum."""
        found = self.solution
        is_stopped = found is not None and found.termination is Termination.LIMIT and found.objective is not None
        return is_stopped and found is not None and found.gap is not None and found.gap <= self.asked_gap

    @property
    def objective(self) -> float | None:
        """The optimum, or what is within the gap that was asked for; `None` where there is neither."""
        if self.solution is None or not (self.solution.is_optimal or self.is_within_gap):
            return None
        return self.solution.objective

    @property
    def tolerance(self) -> float:
        """How far its objective may be from the best, as a share."""
        return (self.solution.gap or 0.0) if self.solution is not None and self.is_within_gap else 0.0

    def end(self) -> str:
        """Say what it came to: `reaches 6,200`, `is infeasible`."""
        assert self.solution is not None
        if self.objective is not None:
            near = f" within a gap of {gap_in_words(self.objective, self.tolerance)}" if self.tolerance else ""
            return f"reaches {number(self.objective)}{near}"
        return f"is {self.solution.termination.value.replace('_', ' ')}"


def answer_both(
    problem: str,
    chat_model: ChatModel,
    options: FormulateOptions,
    *,
    crosscheck: bool = False,
    run: RunProgram = run_program,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Answer a problem by a formulation and by a program, and compare them.

    The program is written from the problem alone, so that an agreement means something. A disagreement is told once to
    the side that has more doubts, or to the program; what stays of it is a warning. The answer is that of the
    formulation, unless this came to nothing or has doubts that the program has not.

    Arguments, errors and what is returned are those of `answer_by_program`; with `crosscheck` the formulation is
    rendered as a program, and that is run as well.
    """
    clock = Clock.start()
    text = require_problem(problem)
    style = options.style or chat_model.style
    formulations = FormulationSearch(text, chat_model, style, options, on_event=on_event, cancel=cancel)
    try:
        search = formulations.run()
    except ChatError as error:
        trace = Trace(problem=text, llm=chat_model.name, style=style)
        return replace(unreachable_answer(clock, error, trace, cancel), route="both")
    programs = ProgramSearch(text, chat_model, options, run=run, on_event=on_event, cancel=cancel)
    is_over = bool(search.not_a_problem) or (cancel is not None and cancel.is_set())
    found = programs.found() if is_over else programs.run()
    if on_event is not None:
        on_event(StepStarted(step=Step.COMPARE))
    gap = options.solve.relative_gap
    sides = _formulation_side(search, gap), _program_side(found, gap)
    told = ""
    if not is_over and all(side.is_known for side in sides) and not _agree(*sides):
        if sides[0].doubts > sides[1].doubts and formulations.can_be_told:
            search = formulations.reconsider(_told(sides[1], sides[0]))
            told = sides[0].name
        else:
            found = programs.reconsider(_told(sides[0], sides[1]))
            told = sides[1].name
        sides = _formulation_side(search, gap), _program_side(found, gap)
    by_formulation = answer_of_search(
        clock, text, search, options, crosscheck=crosscheck, on_event=on_event, cancel=cancel
    )  # fmt: skip
    trace = replace(search.trace, attempts=(*search.trace.attempts, *found.attempts))
    by_program = program_answer(clock, trace, found, text, cancel)
    answer = by_formulation if is_over else _joined(by_formulation, by_program, sides, told)
    return replace(answer, route="both", trace=trace, program_run=by_program.program_run, seconds=clock.seconds())


def _formulation_side(search: Search, asked_gap: float) -> _Side:
    best = search.best
    compiled = best.compiled if best is not None else None
    return _Side(
        name="the formulation",
        model=compiled.model if compiled is not None else None,
        solution=best.solution if best is not None else None,
        doubts=len(best.attempt.feedback) if best is not None else 0,
        asked_gap=asked_gap,
    )


def _program_side(found: ProgramFound, asked_gap: float) -> _Side:
    best = found.best
    again = best.again if best is not None else None
    return _Side(
        name="the program",
        model=again.model if again is not None else None,
        solution=again.solution if again is not None else None,
        doubts=len(best.attempt.feedback) if best is not None else 0,
        asked_gap=asked_gap,
    )


def _agree(first: _Side, second: _Side) -> bool:
    """Whether both have the same end, and the same optimum if any, as far as the gaps that were asked for tell."""
    assert first.solution is not None
    assert second.solution is not None
    ours, theirs = first.objective, second.objective
    if ours is not None and theirs is not None:
        return abs(ours - theirs) <= (_TOLERANCE + first.tolerance + second.tolerance) * max(1.0, abs(ours))
    if first.solution.termination is not second.solution.termination:
        return False
    return ours is theirs


def _differences(first: _Side, second: _Side) -> list[str]:
    if first.model is None or second.model is None:
        return []
    return differences(NamedModel(name=first.name, model=first.model), NamedModel(name=second.name, model=second.model))


def _told(other: _Side, own: _Side) -> list[str]:
    """Say to the author of one side in what the other differs."""
    return [
        f"Another model of the same problem, written independently, {other.end()}; this one {own.end()}.",
        *(line.replace(other.name, "the other model") for line in _differences(other, own)),
        "Read the problem again and find out which of the two is right. If this one is, write it again as it is.",
    ]


def _joined(by_formulation: Answer, by_program: Answer, sides: tuple[_Side, _Side], told: str) -> Answer:
    """Return the answer of the better side, with what the other one says of it."""
    ours, theirs = sides
    if not ours.is_known and not theirs.is_known:
        better = by_program if by_formulation.objective is None and by_program.objective is not None else by_formulation
        return _warned(better, [f"The other route came to: {_other(better, by_formulation, by_program).message}"])
    if not theirs.is_known:
        text = f"No program came to an end that could be compared. {by_program.message}"
        return _with_evidence(by_formulation, _evidence(INDEPENDENT_AGREEMENT, Outcome.NOT_RUN, text), [])
    if not ours.is_known:
        text = f"No formulation came to an end that could be compared. {by_formulation.message}"
        warning = "The formulation came to nothing, so this is the program's answer."
        return _with_evidence(by_program, _evidence(INDEPENDENT_AGREEMENT, Outcome.NOT_RUN, text), [warning])
    if _agree(ours, theirs):
        return _with_evidence(by_formulation, _agreement(ours, theirs, told), [])
    text = _sentence(f"{ours.name} {ours.end()}, {theirs.name} {theirs.end()}.")
    found = _differences(ours, theirs)
    evidence = _evidence(INDEPENDENT_AGREEMENT, Outcome.DOUBTFUL, " ".join([text, *found]))
    is_programs = theirs.doubts < ours.doubts
    chosen, why = (theirs, "has fewer doubtful points") if is_programs else (ours, "is preferred")
    asked = f" {_sentence(told)} was asked to mend it, and did not come to the same." if told else ""
    warnings = [f"The two routes disagree: {text}{asked} This is the answer of {chosen.name}, which {why}.", *found]
    return _with_evidence(by_program if is_programs else by_formulation, evidence, warnings)


def _other(answer: Answer, first: Answer, second: Answer) -> Answer:
    return second if answer is first else first


def _agreement(ours: _Side, theirs: _Side, told: str) -> Evidence:
    assert ours.model is not None
    assert theirs.model is not None
    end = ours.end()
    text = f"A program that was written from the problem alone {end} as well"
    if told:
        text = f"After {told} was told of the other's optimum, both routes agree: each {end}"
    if is_same := demand_the_same(ours.model, theirs.model):
        text += ", and demands exactly the same."
    else:
        text = " ".join([f"{text}. Its model is written otherwise.", *_differences(ours, theirs)])
    independent = INDEPENDENT_AGREEMENT if is_same else OPTIMUM_AGREEMENT
    return _evidence(TOLD_AGREEMENT if told else independent, Outcome.PASSED, text)


def _evidence(name: str, outcome: Outcome, text: str) -> Evidence:
    return Evidence(name=name, kind=EvidenceKind.MODELLING, outcome=outcome, text=text)


def _with_evidence(answer: Answer, evidence: Evidence, warnings: Sequence[str]) -> Answer:
    together = (*answer.evidence, evidence)
    count = len(open_assumptions(answer.assumptions, answer.alternatives))
    word = answer.verdict
    if answer.values is not None:
        is_stopped = answer.status in (Status.LIMIT, Status.INTERRUPTED)
        unproven = unproven_in_words(answer.objective, answer.gap) if is_stopped else ""
        word = verdict(together, open_assumptions=count, unproven=unproven)
    return _warned(replace(answer, evidence=together, verdict=word), warnings)


def _warned(answer: Answer, warnings: Sequence[str]) -> Answer:
    return replace(answer, warnings=tuple(dict.fromkeys([*answer.warnings, *warnings])))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
