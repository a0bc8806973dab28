"""From a problem to an answer."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nl2opt.chat.base import ChatModel
from nl2opt.errors import ChatError, NoFormulationError
from nl2opt.formulation.compiler import CompiledFormulation, compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Assumption, Formulation
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.events import OnPipelineEvent, Step, StepStarted
from nl2opt.pipeline.formulate import FormulateOptions, Search, search_formulation
from nl2opt.pipeline.trace import Trace
from nl2opt.pipeline.values import Values
from nl2opt.verification.checks import draft_evidence, number_evidence, point_evidence
from nl2opt.verification.crosscheck import crosscheck_evidence
from nl2opt.verification.evidence import NOT_VERIFIED, Evidence, verdict
from solvers import Solution, SolversError, Termination, solve

_STATUS = {
    Termination.OPTIMAL: Status.SOLVED,
    Termination.INFEASIBLE: Status.INFEASIBLE,
    Termination.UNBOUNDED: Status.UNBOUNDED,
    Termination.INFEASIBLE_OR_UNBOUNDED: Status.INFEASIBLE_OR_UNBOUNDED,
    Termination.LIMIT: Status.LIMIT,
    Termination.INTERRUPTED: Status.INTERRUPTED,
    Termination.ERROR: Status.SOLVER_ERROR,
}


@dataclass(slots=True)
class _Clock:
    """When a run began, and its id."""

    started: float
    created: str
    id: str

    @classmethod
    def start(cls) -> _Clock:
        now = datetime.now(UTC)
        return cls(
            time.perf_counter(),
            now.isoformat(timespec="seconds"),
            f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        )

    def seconds(self) -> float:
        return time.perf_counter() - self.started


def answer_problem(
    problem: str,
    chat_model: ChatModel,
    options: FormulateOptions,
    *,
    crosscheck: bool = False,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Formulate, check, compile, solve and verify a problem.

    Args:
        problem: in words.
        chat_model: which writes the formulation.
        options: how it is looked for and solved.
        crosscheck: whether the rendered program is run as well, in a process of its own.
        on_event: called with steps, tokens and solver events.
        cancel: set it to stop.

    Returns:
        The answer, whatever happened; its status says what.

    Raises:
        ProblemError: the text is empty or far too long.
    """
    clock = _Clock.start()
    try:
        search = search_formulation(problem, chat_model, options, on_event=on_event, cancel=cancel)
    except ChatError as error:
        trace = Trace(problem=problem, llm=chat_model.name, style=options.style or chat_model.style)
        return _without_formulation(clock, Status.LLM_UNREACHABLE, str(error), problem, trace)
    best = search.best
    if best is None or best.compiled is None:
        status = Status.NO_FORMULATION if search.failure is None else Status.LLM_UNREACHABLE
        return _without_formulation(clock, status, no_formulation_message(search), problem, search.trace)
    warnings = [*best.attempt.repairs, *_warnings(best.attempt.findings)]
    if search.failure is not None:
        warnings.append(f"The language model could not be asked again: {search.failure}")
    if best.solution is None:
        warnings.append(best.refusal)
    return _finished(
        clock,
        problem,
        best.compiled,
        best.solution,
        best.refusal,
        search.trace,
        warnings,
        [draft_evidence(search.agreement.count, search.agreement.drafts)] if search.agreement is not None else [],
        crosscheck,
        on_event,
    )


def answer_formulation(
    formulation: Formulation,
    options: FormulateOptions,
    *,
    crosscheck: bool = False,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Check, compile, solve and verify a formulation that is there already; no language model is asked.

    Raises:
        FormulationError: it has no single meaning; the findings say why.
    """
    clock = _Clock.start()
    compilation = compile_formulation(formulation)
    compiled = compilation.require()
    trace = Trace(problem="", llm="", style="")
    solution: Solution | None = None
    refusal = ""
    if on_event is not None:
        on_event(StepStarted(step=Step.SOLVE))
    try:
        solution = solve(compiled.model, solver=options.solver, options=options.solve, on_event=on_event, cancel=cancel)
    except SolversError as error:
        refusal = str(error)
    warnings = _warnings(compilation.findings)
    return _finished(clock, "", compiled, solution, refusal, trace, warnings, [], crosscheck, on_event)


def no_formulation_message(search: Search) -> str:
    """Say why there is no usable formulation."""
    if search.not_a_problem:
        return f"There is no decision problem in the text: {search.not_a_problem.rstrip('.')}."
    if search.failure is not None:
        return str(search.failure)
    last = search.trace.attempts[-1]
    points = "; ".join(last.feedback[:3]) or "nothing could be read"
    tries = len(search.trace.attempts)
    return (
        f"The language model wrote no usable formulation in {tries} attempt{'s' if tries != 1 else ''}. Last: {points}"
    )


def formulation_of(search: Search) -> Formulation:
    """Return the chosen formulation.

    Raises:
        NoFormulationError: there is none.
        ChatError: there is none because the chat model could not be asked again.
    """
    if search.failure is not None and search.best is None:
        raise search.failure
    if search.best is None or search.best.compiled is None:
        raise NoFormulationError(no_formulation_message(search), search.trace)
    return search.best.compiled.formulation


def _warnings(findings: Sequence[Finding]) -> list[str]:
    return [str(finding) for finding in findings if not finding.is_error]


def _without_formulation(clock: _Clock, status: Status, message: str, problem: str, trace: Trace) -> Answer:
    return Answer(
        id=clock.id,
        created=clock.created,
        status=status,
        message=message,
        problem=problem,
        formulation=None,
        trace=trace,
        seconds=clock.seconds(),
    )


def _finished(
    clock: _Clock,
    problem: str,
    compiled: CompiledFormulation,
    solution: Solution | None,
    refusal: str,
    trace: Trace,
    warnings: list[str],
    draft_checks: Sequence[Evidence],
    crosscheck: bool,
    on_event: OnPipelineEvent | None,
) -> Answer:
    formulation = compiled.formulation
    assumptions = (*formulation.assumptions, *compiled.assumptions)
    values: Values | None = None
    evidence: list[Evidence] = []
    if on_event is not None:
        on_event(StepStarted(step=Step.VERIFY))
    if solution is not None and solution.values is not None:
        values = Values.of(compiled, solution.values)
        evidence.append(point_evidence(compiled.model, solution))
        warnings += _binding_assumptions(compiled, solution)
    if problem:
        evidence.append(number_evidence(problem, formulation))
    evidence += draft_checks
    if crosscheck and solution is not None and solution.is_optimal and solution.objective is not None:
        evidence.append(crosscheck_evidence(formulation, solution.objective))
    return Answer(
        id=clock.id,
        created=clock.created,
        status=_STATUS[solution.termination] if solution is not None else Status.SOLVER_ERROR,
        message=solution.message if solution is not None else refusal,
        problem=problem,
        formulation=formulation,
        objective=solution.objective if solution is not None else None,
        values=values,
        bound=solution.bound if solution is not None else None,
        evidence=tuple(evidence),
        verdict=verdict(evidence, open_assumptions=_count(assumptions)) if values is not None else NOT_VERIFIED,
        assumptions=assumptions,
        warnings=tuple(dict.fromkeys(warnings)),
        solver=solution.solver if solution is not None else "",
        trace=trace,
        seconds=clock.seconds(),
    )


def _count(assumptions: Sequence[Assumption]) -> int:
    return len({assumption.text for assumption in assumptions})


def _binding_assumptions(compiled: CompiledFormulation, solution: Solution) -> list[str]:
    """Say where a lower bound of 0 that nobody stated holds a variable."""
    found = []
    assert solution.values is not None
    for variable in compiled.formulation.variables:
        if variable.states_lower:
            continue
        table = compiled.variables[variable.name]
        columns = slice(table.offset, table.offset + table.size)
        at_zero = abs(solution.values[columns]) < 1e-9
        if solution.reduced_cost is not None:
            at_zero &= abs(solution.reduced_cost[columns]) > 1e-9
            if at_zero.any():
                found.append(
                    f"The assumption that {variable.name} is not negative decides the answer: it would go below 0."
                )
    return found
