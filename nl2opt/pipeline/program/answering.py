"""From a problem to an answer on the program route, and from a program to an answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from nl2opt.chat.base import ChatModel
from nl2opt.formulation.schema import Assumption, Formulation
from nl2opt.formulation.words.expression_words import listed
from nl2opt.formulation.words.quantities import number
from nl2opt.pipeline.agreement import Agreement
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.clock import Clock
from nl2opt.pipeline.events import OnPipelineEvent, Step, StepStarted
from nl2opt.pipeline.formulate import require_problem
from nl2opt.pipeline.gap_words import unproven_in_words
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.candidate import ProgramCandidate
from nl2opt.pipeline.program.feedback import reason
from nl2opt.pipeline.program.judging import Judge, RunProgram
from nl2opt.pipeline.program.search import ProgramFound, ProgramSearch
from nl2opt.pipeline.program.values import values_of_names, whole_names
from nl2opt.pipeline.status import STATUS
from nl2opt.pipeline.trace import Attempt, Trace
from nl2opt.verification.checks import draft_evidence, point_evidence
from nl2opt.verification.evidence import NOT_VERIFIED, Evidence, EvidenceKind, Outcome, verdict
from nl2opt.verification.program_numbers import program_number_evidence
from solvers import Kind, Model, Termination
from solvers.sandbox import RunKind, run_program

SOLVED_AGAIN: Final = "solved_again"
"""Name of the check that the model of a program, solved outside the sandbox, has the optimum that it claims."""
_NAMES: Final = 6
_NOT_RUN_MEND: Final = (
    "The program is in the answer: write it to a file, read it, and then run it with "
    "`nl2opt run PROGRAM.py --unsafe-no-sandbox`, or ask again without `--route`."
)


def answer_by_program(
    problem: str,
    chat_model: ChatModel,
    options: FormulateOptions,
    *,
    formulation: Formulation | None = None,
    run: RunProgram = run_program,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Let a chat model write a program, run it in the sandbox, and solve and check its model outside.

    Args:
        problem: in words.
        chat_model: which writes the program.
        options: rounds, timeouts and the solver of the second solve; its time limit is that of the program, too.
        formulation: of the problem, told to the chat model beside it; `None` where there is none.
        run: what runs a program.
        on_event: called with steps, tokens and solver events.
        cancel: set it to stop.

    Returns:
        The answer, whatever happened; its status says what.

    Raises:
        ProblemError: the text is empty, far too long, or not Unicode.
    """
    clock = Clock.start()
    text = require_problem(problem)
    search = ProgramSearch(
        text, chat_model, options, formulation=formulation, run=run, on_event=on_event, cancel=cancel
    )  # fmt: skip
    found = search.run()
    if on_event is not None:
        on_event(StepStarted(step=Step.VERIFY))
    answer = program_answer(clock, search.trace(found), found, text, cancel)
    return replace(answer, formulation=formulation)


def answer_of_program(
    program: str,
    options: FormulateOptions,
    *,
    run: RunProgram = run_program,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Run a program that is there already, and solve and check its model outside; no language model is asked.

    Raises:
        solvers.ProgramError: the text cannot be a program.
        solvers.SandboxError: no program can be run here.
    """
    clock = Clock.start()
    judge = Judge(options=options, run=run, on_event=on_event, cancel=cancel)
    candidate = judge.judged(program, Attempt(round=1))
    trace = Trace(problem="", llm="", style="")
    found = ProgramFound(attempts=(), best=candidate)
    return program_answer(clock, trace, found, "", cancel)


def program_answer(
    clock: Clock, trace: Trace, found: ProgramFound, problem: str, cancel: threading.Event | None
) -> Answer:
    """Return the answer that a search for a program has come to."""
    best = found.best
    record = best.record() if best is not None else None
    if record is not None and found.refusal and best is not None and best.run is None:
        record = replace(record, message=found.refusal)
    answer = Answer(
        id=clock.id,
        created=clock.created,
        status=_status(found, cancel),
        message="",
        problem=problem,
        formulation=None,
        route="program",
        program_run=record,
        trace=trace,
        seconds=clock.seconds(),
    )
    answer = replace(answer, message=_message(found, answer.status), warnings=tuple(_warnings(found)))
    if best is None or best.run is None:
        return answer
    evidence = tuple(program_evidence(best, problem, found.agreement))
    answer = replace(answer, evidence=evidence)
    if best.is_claimed and best.claimed is not None:
        values = values_of_names(best.claimed.values)
        return replace(answer, objective=best.claimed.objective, values=values)
    if best.again is None:
        return answer
    solution, model = best.again.solution, best.again.model
    assumptions = tuple(_assumptions(model))
    answer = replace(
        answer,
        objective=solution.objective,
        bound=solution.bound,
        gap=solution.gap,
        solver=solution.solver,
        solver_reason=solution.reason,
        assumptions=assumptions,
    )
    if solution.values is None:
        return answer
    is_stopped = solution.termination in (Termination.LIMIT, Termination.INTERRUPTED)
    unproven = unproven_in_words(solution.objective, solution.gap) if is_stopped else ""
    word = NOT_VERIFIED
    if problem:
        word = verdict(evidence, open_assumptions=len(assumptions), unproven=unproven)
    return replace(answer, values=values_of_names(best.again.values, whole_names(model)), verdict=word)


def _status(found: ProgramFound, cancel: threading.Event | None) -> Status:
    best = found.best
    is_cancelled = cancel is not None and cancel.is_set()
    if best is not None and best.again is not None:
        return STATUS[best.again.solution.termination]
    if best is not None and best.is_claimed:
        return Status.CLAIMED
    if is_cancelled or (best is not None and best.run is not None and best.run.kind is RunKind.CANCELLED):
        return Status.INTERRUPTED
    if found.refusal:
        return Status.NOT_RUN
    if found.not_a_problem:
        return Status.NO_FORMULATION
    return Status.LLM_UNREACHABLE if found.failure is not None and best is None else Status.PROGRAM_FAILED


def _message(found: ProgramFound, status: Status) -> str:
    best = found.best
    if found.refusal and status is Status.NOT_RUN:
        return f"{found.refusal} {_NOT_RUN_MEND}"
    if found.not_a_problem:
        return f"There is no decision problem in the text: {found.not_a_problem.rstrip('.')}."
    if best is None:
        return str(found.failure) if found.failure is not None else _no_program(found)
    if best.again is not None:
        solution = best.again.solution
        return f"{solution.message} {reason(best.again.model, solution)}".rstrip()
    if status is Status.CLAIMED and best.claimed is not None:
        end = best.claimed.status.replace("_", " ")
        said = "it found an optimum" if best.claimed.objective is not None else f"its model is {end}"
        return f"The program says that {said}; nothing but its word is known. {best.why_not_solved}".strip()
    if found.attempts:
        return _no_program(found)
    points = " ".join(best.attempt.feedback)
    return points or (best.run.message if best.run is not None else "")


def _no_program(found: ProgramFound) -> str:
    tries = len(found.attempts)
    last = " ".join(found.attempts[-1].feedback) if found.attempts else "Nothing could be read."
    head = f"The language model wrote no program that comes to a solution in {tries} attempt{'s' * (tries != 1)}."
    return f"{head} Last: {last} Allow more corrections (`--rounds`), or ask again without `--route`."


def _warnings(found: ProgramFound) -> Iterator[str]:
    best = found.best
    if found.failure is not None and best is not None:
        yield f"The language model could not be asked again: {found.failure}"
    if best is None or best.run is None:
        return
    if best.claimed is not None and best.run.kind is RunKind.EXCEPTION:
        yield f"After it had built its model, the program failed: {best.run.message}"
    models = sum(claimed.library != "print" for claimed in best.run.claimed_solutions)
    if models > 1:
        yield f"The program left {models} models behind; this is the answer of the one that was solved last."
    if best.again is not None and best.again.agrees is False:
        yield from _disagreement(best)


def _disagreement(best: ProgramCandidate) -> Iterator[str]:
    assert best.claimed is not None
    assert best.again is not None
    ours, theirs = best.again.solution.objective, best.claimed.objective
    if ours is not None and theirs is not None:
        yield f"The program says {number(theirs)}; the optimum of the model that it built is {number(ours)}."
    else:
        yield (
            f"The program says that its model is {best.claimed.status.replace('_', ' ')}; it is "
            f"{best.again.solution.termination.value.replace('_', ' ')}."
        )


def program_evidence(best: ProgramCandidate, problem: str, agreement: Agreement | None) -> Iterator[Evidence]:
    """Yield what was checked of a program and its model.

    Args:
        best: the program.
        problem: in words; empty where there is none.
        agreement: of the programs that were written; `None` where one is enough.
    """
    if best.again is not None and best.again.solution.values is not None:
        yield point_evidence(best.again.model, best.again.solution)
    yield from _solving(best)
    if problem and (best.again is not None or best.is_claimed):
        yield program_number_evidence(problem, best.text)
    if agreement is not None:
        yield draft_evidence(agreement.count, agreement.drafts, same="have the same optimum")


def _solving(best: ProgramCandidate) -> Iterator[Evidence]:
    claimed, again = best.claimed, best.again
    if claimed is None:
        return
    if again is None:
        if best.is_claimed:
            text = f"This is the program's own claim, not checked. {best.why_not_solved}".strip()
            yield _evidence(Outcome.DOUBTFUL, text)
        return
    solution = again.solution
    if again.agrees:
        word = "the optimum is" if again.claimed_gap else "same optimum"
        same = f"{word} ({number(solution.objective)})" if solution.objective is not None else "same end"
        near = ""
        if again.claimed_gap and claimed.objective is not None:
            near = (
                f" The program's own solver stopped near it, at {number(claimed.objective)}, as solvers do by default."
            )
        text = f"The model that the program built was solved again outside the sandbox: {same}.{near}"
        yield _evidence(Outcome.PASSED, text)
    elif again.agrees is False:
        yield _evidence(Outcome.FAILED, " ".join(_disagreement(best)))
    elif solution.termination is Termination.OPTIMAL:
        text = "The program did not solve its model to the end; it was solved outside the sandbox."
        yield _evidence(Outcome.PASSED, text)
    elif claimed.objective is not None:
        text = (
            f"The program's own claim ({number(claimed.objective)}) could not be checked: solving its model again did "
            f"not come to an end. {solution.message}"
        )
        yield _evidence(Outcome.DOUBTFUL, text)


def _evidence(outcome: Outcome, text: str) -> Evidence:
    return Evidence(name=SOLVED_AGAIN, kind=EvidenceKind.SOLVING, outcome=outcome, text=text)


def _assumptions(model: Model) -> Iterator[Assumption]:
    """Yield what the program takes for granted of its quantities; a formulation would state it."""
    is_whole = model.column_kind != Kind.CONTINUOUS
    for places, one, many in (
        (is_whole & (model.column_kind != Kind.BINARY), "is a whole number", "are whole numbers"),
        (~is_whole, "may be a fraction", "may be fractions"),
    ):
        columns = places.nonzero()[0].tolist()
        names = [model.name_of_column(column) for column in columns[:_NAMES]]
        if names:
            more = f" and {len(columns) - _NAMES} more" if len(columns) > _NAMES else ""
            subject = f"{', '.join(names)}{more}" if more else listed(names)
            yield Assumption(text=f"{subject} {one if len(columns) == 1 else many}")
