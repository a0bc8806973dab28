"""From a search for a formulation, or a formulation, to an answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nl2opt.errors import ChatError, FormulationError
from nl2opt.formulation.analysis.runaway import runaway
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.agreement import Agreement
from nl2opt.pipeline.analyses import Solved
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.attached import with_placeholders, with_table_words, without_repeats
from nl2opt.pipeline.clock import Clock
from nl2opt.pipeline.events import OnPipelineEvent, Step, StepStarted
from nl2opt.pipeline.formulate import no_formulation_message
from nl2opt.pipeline.gap_words import unproven_in_words
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.readings.finding import Readings, find_readings
from nl2opt.pipeline.readings.stated import with_checked_alternatives
from nl2opt.pipeline.search import Search
from nl2opt.pipeline.status import STATUS
from nl2opt.pipeline.trace import Trace
from nl2opt.pipeline.values import Values
from nl2opt.tables.binding import Binding, bind
from nl2opt.tables.missing import missing_values
from nl2opt.tables.table import Tables
from nl2opt.verification.checks import draft_evidence, local_evidence, number_evidence, point_evidence
from nl2opt.verification.crosscheck import crosscheck_evidence
from nl2opt.verification.evidence import Evidence, verdict
from solvers import Solution, SolversError, Termination


def unreachable_answer(clock: Clock, error: ChatError, trace: Trace, cancel: threading.Event | None) -> Answer:
    """Return the answer where the chat model could not be asked."""
    return _without_formulation(clock, _failure_status(cancel), str(error), trace)


def answer_of_search(
    clock: Clock,
    problem: str,
    search: Search,
    options: FormulateOptions,
    *,
    crosscheck: bool = False,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Return the answer that a search for a formulation has come to.

    Args:
        clock: since when.
        problem: in words.
        search: that ended.
        options: how the formulation was looked for and solved.
        crosscheck: whether the rendered program is run as well, in a process of its own.
        on_event: called with steps, tokens and solver events.
        cancel: set it to stop.

    Returns:
        The answer, whatever happened; its status says what.
    """
    best = search.best
    if search.lacking is not None and search.lacking.binding is not None:
        return lacking_answer(clock, search.lacking.binding, search.trace)
    if best is None or best.compiled is None:
        status = Status.NO_FORMULATION if search.failure is None else _failure_status(cancel)
        return _without_formulation(clock, status, no_formulation_message(search), search.trace)
    warnings = [*best.attempt.repairs, *_warnings(best.attempt.findings)]
    if search.failure is not None:
        warnings.append(f"The language model could not be asked again: {search.failure}")
    data_notes = best.binding.notes if best.binding is not None else ()
    compiled, notes = with_checked_alternatives(best.compiled)
    outcome = _Outcome(compiled, best.solution, best.refusal)
    readings = _readings(problem, outcome, options, on_event, cancel)
    if on_event is not None:
        on_event(StepStarted(step=Step.VERIFY))
    evidence = _evidence(problem, outcome, search.agreement, crosscheck, best.gap)
    answer = _answer(clock, outcome, search.trace, evidence, [*warnings, *notes], readings)
    return replace(answer, data_notes=data_notes)


def answer_formulation(
    formulation: Formulation,
    options: FormulateOptions,
    *,
    problem: str = "",
    is_changed: bool = False,
    trace: Trace | None = None,
    crosscheck: bool = False,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
    tables: Tables | None = None,
) -> Answer:
    """Check, compile, solve and verify a formulation that is there already; no language model is asked.

    Args:
        formulation: what is solved.
        options: how it is solved.
        problem: the text that it is of; empty where there is none.
        is_changed: whether it is no longer what the text says, so that its numbers need not be those of the text.
        trace: how it came about; `None` where nothing is known.
        crosscheck: whether the rendered program is run as well, in a process of its own.
        on_event: called with steps and solver events.
        cancel: set it to stop.
        tables: that are attached, and values that are given; `None` for none.

    Raises:
        FormulationError: it has no single meaning, or the tables do not fit; the findings say why.
    """
    clock = Clock.start()
    trace = trace if trace is not None else Trace(problem=problem, llm="", style="")
    binding = bind(formulation, tables) if tables is not None else Binding(formulation=formulation)
    lacking = binding.missing or missing_values(binding.formulation)
    compilation = compile_formulation(with_placeholders(binding.formulation))
    findings = with_table_words(binding, (*binding.findings, *without_repeats(binding, compilation.findings)))
    if binding.has_errors or compilation.compiled is None:
        raise FormulationError(findings)
    if lacking:
        return with_tables_told(lacking_answer(clock, replace(binding, missing=lacking), trace), tables or Tables({}))
    compiled = compilation.compiled
    solution: Solution | None = None
    refusal = ""
    if on_event is not None:
        on_event(StepStarted(step=Step.SOLVE))
    try:
        solution = solve_compiled(
            compiled, solver=options.solver, options=options.solve, on_event=on_event, cancel=cancel
        )
    except SolversError as error:
        refusal = str(error)
    outcome = _Outcome(compiled, solution, refusal)
    readings = _readings(problem, outcome, options, on_event, cancel)
    if on_event is not None:
        on_event(StepStarted(step=Step.VERIFY))
    accounted = "" if is_changed else problem
    evidence = _evidence(accounted, outcome, None, crosscheck, options.solve.relative_gap)
    answer = replace(_answer(clock, outcome, trace, evidence, _warnings(findings), readings), data_notes=binding.notes)
    return answer if tables is None else with_tables_told(answer, tables)


def lacking_answer(clock: Clock, binding: Binding, trace: Trace) -> Answer:
    """Return the answer where a problem needs numbers that nobody gives."""
    count = len(binding.missing)
    message = f"The problem does not give {count} number{'s' * (count != 1)} that it needs: "
    message += ", ".join(item.name for item in binding.missing) + "."
    return Answer(
        id=clock.id, created=clock.created, status=Status.MISSING_DATA, message=message, problem=trace.problem,
        formulation=binding.formulation, trace=trace, seconds=clock.seconds(), missing=binding.missing,
        data_notes=binding.notes,
    )  # fmt: skip


def with_tables_told(answer: Answer, tables: Tables) -> Answer:
    """Return an answer that says which tables were read, and what is doubtful about them."""
    warnings = dict.fromkeys([*_warnings(tables.findings), *answer.warnings])
    return replace(answer, data_notes=(*tables.notes, *answer.data_notes), warnings=tuple(warnings))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A compiled formulation, and what the solver made of it.

    Attributes:
        solution: `None` when the solver does not take the model.
        refusal: why it does not; empty when it does.
    """

    compiled: CompiledFormulation
    solution: Solution | None
    refusal: str


def _warnings(findings: Sequence[Finding]) -> list[str]:
    return [str(finding) for finding in findings if not finding.is_error]


def _failure_status(cancel: threading.Event | None) -> Status:
    """Tell a chat model that was stopped from one that cannot be asked."""
    return Status.INTERRUPTED if cancel is not None and cancel.is_set() else Status.LLM_UNREACHABLE


def _without_formulation(clock: Clock, status: Status, message: str, trace: Trace) -> Answer:
    return Answer(
        id=clock.id,
        created=clock.created,
        status=status,
        message=message,
        problem=trace.problem,
        formulation=None,
        trace=trace,
        seconds=clock.seconds(),
    )


def _evidence(
    problem: str, outcome: _Outcome, agreement: Agreement | None, crosscheck: bool, asked_gap: float
) -> tuple[Evidence, ...]:
    """Check what can be checked.

    Args:
        problem: in words; empty when a formulation was given.
        outcome: what was solved.
        agreement: of the drafts; `None` when there are not several.
        crosscheck: whether the rendered program is run as well.
        asked_gap: up to which distance from the best possible it was to be solved.
    """
    compiled, solution = outcome.compiled, outcome.solution
    evidence: list[Evidence] = []
    if solution is not None and solution.values is not None:
        evidence.append(point_evidence(compiled.model, solution))
    if solution is not None and solution.termination is Termination.LOCALLY_OPTIMAL:
        evidence.append(local_evidence(solution))
    if problem:
        evidence.append(number_evidence(problem, compiled.formulation))
    if agreement is not None:
        evidence.append(draft_evidence(agreement.count, agreement.drafts))
    if crosscheck and solution is not None and solution.objective is not None:
        reached = solution.gap if solution.gap is not None and solution.gap <= asked_gap else 0.0
        if solution.is_optimal or reached:
            later = solution.stage_objectives[1:]
            gap = 0.0 if solution.is_optimal else reached
            evidence.append(crosscheck_evidence(compiled.formulation, solution.objective, later, gap=gap))
    return tuple(evidence)


def _answer(
    clock: Clock,
    outcome: _Outcome,
    trace: Trace,
    evidence: tuple[Evidence, ...],
    warnings: Sequence[str],
    readings: Readings,
) -> Answer:
    compiled, solution = outcome.compiled, outcome.solution
    warnings = [*warnings, *readings.notes]
    answer = Answer(
        id=clock.id,
        created=clock.created,
        status=Status.SOLVER_ERROR,
        message=outcome.refusal,
        problem=trace.problem,
        formulation=compiled.formulation,
        evidence=evidence,
        assumptions=readings.assumptions,
        alternatives=readings.alternatives,
        warnings=tuple(dict.fromkeys(warnings)),
        trace=trace,
        seconds=clock.seconds(),
    )
    if solution is None:
        return answer
    answer = replace(
        answer,
        status=STATUS[solution.termination],
        message=_message(compiled, solution),
        objective=solution.objective,
        bound=solution.bound,
        gap=solution.gap,
        solver=solution.solver,
        solver_reason=solution.reason,
    )
    answer = replace(answer, solved=Solved(compiled, solution))
    if solution.values is None:
        return answer
    several = isinstance(compiled.formulation.objective, list)
    objectives = compiled.objective_values(solution.values) if several else {}
    return replace(
        answer,
        values=Values.of(compiled, solution.values),
        objectives=objectives,
        verdict=verdict(evidence, open_assumptions=readings.open_count, unproven=_unproven(solution)),
        warnings=tuple(dict.fromkeys([*warnings, *_binding_assumptions(compiled, solution, readings)])),
    )


def _message(compiled: CompiledFormulation, solution: Solution) -> str:
    """Return what the solver's outcome means; of an unbounded formulation also which variables run away."""
    away = runaway(compiled, solution)
    return solution.message if away is None else f"{solution.message} {away}"


def _unproven(solution: Solution) -> str:
    """Return what a verdict must say of a point that is not proven to be the best; empty for an optimum."""
    if solution.termination not in (Termination.LIMIT, Termination.INTERRUPTED):
        return ""
    return unproven_in_words(solution.objective, solution.gap)


def _readings(
    problem: str,
    outcome: _Outcome,
    options: FormulateOptions,
    on_event: OnPipelineEvent | None,
    cancel: threading.Event | None,
) -> Readings:
    """Find what is taken for granted, and solve the other readings."""
    if on_event is not None and options.readings:
        on_event(StepStarted(step=Step.READINGS))
    return find_readings(
        problem, outcome.compiled, outcome.solution, most=options.readings, solver=options.solver,
        options=options.solve, cancel=cancel,
    )  # fmt: skip


def _binding_assumptions(compiled: CompiledFormulation, solution: Solution, readings: Readings) -> list[str]:
    """Say where a lower bound of 0 that nobody stated holds a variable that could be meant to go below it."""
    found = []
    assert solution.values is not None
    for variable in compiled.formulation.variables:
        if variable.states_lower or readings.is_natural(variable.name):
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
