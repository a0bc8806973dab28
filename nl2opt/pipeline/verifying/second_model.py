"""Has a second model written from the problem alone: a program, or another formulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from nl2opt.chat.base import ChatModel, WritingStyle
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.candidate import ProgramCandidate
from nl2opt.pipeline.program.judging import SECOND_SECONDS, Judge
from nl2opt.pipeline.program.search import ProgramSearch
from nl2opt.pipeline.search import FormulationSearch
from nl2opt.pipeline.trace import Attempt
from nl2opt.pipeline.verifying.subject import Means, Subject
from nl2opt.text.numbers import TextNumber
from nl2opt.verification.data_points import MovableFormulation, moved_program
from nl2opt.verification.moves import Mover
from solvers import Model, Solution, SolversError
from solvers.sandbox import Isolation
from solvers.sandbox.inside.families import DEFAULT_FAMILY
from solvers.sandbox.pool import shared_pool

_MOVING_SECONDS: Final = 30.0
Moved = Callable[[TextNumber, float], float | None]
"""Returns the optimum of the second model with a number of the text multiplied; `None` where that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Second:
    """A model that was written without sight of the formulation.

    Attributes:
        kind: what it is.
        model: the flat model.
        solution: of it.
        doubts: what is doubtful about it by itself.
        moved: see `Moved`.
    """

    kind: Literal["program", "formulation"]
    model: Model
    solution: Solution
    doubts: Sequence[str]
    moved: Moved

    @property
    def words(self) -> str:
        """What it is: `a program`."""
        return "a program" if self.kind == "program" else "a second formulation"

    @property
    def name(self) -> str:
        """What it is called behind that: `the program`."""
        return f"the{self.words[1:]}"


def written_second(subject: Subject, means: Means) -> tuple[Second | None, str]:
    """Have a second model written from the problem alone.

    Where programs can be run safely, it is a program; else, or where that comes to nothing, another formulation: in the
    other writing style, or in the own one of another language model.

    Returns:
        The second model, or `None` and why.

    Raises:
        ChatError: the language model could not be asked.
    """
    assert means.writing is not None
    refusal = "" if _has_sandbox() else "Programs cannot be run safely here."
    if not refusal:
        second, refusal = _program(subject, means, means.writing)
        if second is not None:
            return second, ""
    style = _second_style(means, means.writing)
    takes = 1 if style == "indexed" else 2
    if means.budget.calls_left < takes or means.budget.seconds_left <= 0:
        return None, refusal
    second, why = _formulation(subject, means, means.writing, style)
    return second, f"{refusal} {why}".strip()


def program_as_second(program: str, subject: Subject, means: Means) -> tuple[Second | None, str]:
    """Return a program that was written from the problem alone already, as the second model; or why it is none."""
    judge = Judge(options=_within(means, means.options), run=means.run, on_event=means.on_event, cancel=means.cancel)
    try:
        candidate = judge.judged(program, Attempt(round=1), subject.problem)
    except SolversError as error:
        return None, str(error)
    second = _second_of(candidate, subject, means)
    return second, "" if second is not None else f"The program came to no solution. {candidate.why_not_solved}".rstrip()


def _has_sandbox() -> bool:
    try:
        return shared_pool().isolation(DEFAULT_FAMILY) is not Isolation.NONE
    except SolversError:
        return False


def _program(subject: Subject, means: Means, chat_model: ChatModel) -> tuple[Second | None, str]:
    """Let a chat model write a program from the problem alone."""
    corrections = means.verify.corrections
    rounds = means.options.rounds if corrections is None else corrections
    options = _within(means, replace(means.options, rounds=rounds))
    search = ProgramSearch(
        subject.problem, chat_model, options, run=means.run, on_event=means.on_event, cancel=means.cancel
    )  # fmt: skip
    found = search.run()
    means.attempts += [replace(attempt, chosen=False) for attempt in found.attempts]
    if found.failure is not None and found.best is None:
        raise found.failure
    second = _second_of(found.best, subject, means) if found.best is not None else None
    if second is not None:
        return second, ""
    last = " ".join(found.attempts[-1].feedback) if found.attempts else ""
    said = found.not_a_problem or found.refusal or last
    return None, f"No program came to a solution. {said}".strip()


def _second_of(candidate: ProgramCandidate, subject: Subject, means: Means) -> Second | None:
    again = candidate.again
    if again is None:
        return None
    judge = Judge(options=_within(means, means.options), run=means.run, cancel=means.cancel)

    def moved(datum: TextNumber, factor: float) -> float | None:
        text = moved_program(candidate.text, subject.problem, datum, factor)
        if text is None or means.budget.seconds_left <= 0:
            return None
        try:
            found = judge.judged(text, Attempt(round=1)).again
        except SolversError:
            return None
        return found.solution.objective if found is not None and found.solution.is_optimal else None

    return Second(
        kind="program", model=again.model, solution=again.solution, doubts=candidate.attempt.feedback, moved=moved
    )  # fmt: skip


def _second_style(means: Means, chat_model: ChatModel) -> WritingStyle:
    """Return the writing style of a second formulation: the other one, or the own one of another language model."""
    if means.has_another_writer:
        return chat_model.style
    return "indexed" if (means.options.style or chat_model.style) == "scalar" else "scalar"


def _formulation(
    subject: Subject, means: Means, chat_model: ChatModel, style: WritingStyle
) -> tuple[Second | None, str]:
    """Let a chat model write another formulation from the problem alone.

    Raises:
        ChatError: it could not be asked.
    """
    options = _within(means, replace(means.options, rounds=0, style=style))
    search = FormulationSearch(
        subject.problem, chat_model, style, options, on_event=means.on_event, cancel=means.cancel
    )  # fmt: skip
    found = search.run()
    means.attempts += [replace(attempt, chosen=False) for attempt in found.trace.attempts]
    best = found.best
    if best is None or best.compiled is None or best.solution is None:
        return None, "No second formulation came to a solution."
    movable = MovableFormulation.of(best.compiled.formulation, subject.problem)
    mover = Mover(movable, solver=options.solver, seconds=means.budget.at_most(_MOVING_SECONDS), cancel=means.cancel)

    def moved(datum: TextNumber, factor: float) -> float | None:
        outlook = mover.moved(datum, factor)
        return outlook.objective if outlook is not None else None

    doubts = best.attempt.feedback
    return Second(kind="formulation", model=best.compiled.model, solution=best.solution, doubts=doubts, moved=moved), ""


def _within(means: Means, options: FormulateOptions) -> FormulateOptions:
    """Return options whose time limit ends with the budget."""
    wanted = options.solve.time_limit_seconds
    seconds = means.budget.at_most(SECOND_SECONDS if wanted is None else wanted)
    return replace(options, solve=replace(options.solve, time_limit_seconds=seconds))
