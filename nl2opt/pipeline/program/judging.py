"""Runs a program, solves its model again, and says what is doubtful."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from nl2opt.pipeline.events import OnPipelineEvent, Step, StepStarted
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.program.candidate import ProgramCandidate
from nl2opt.pipeline.program.feedback import model_points, number_points, refused_point, run_points
from nl2opt.pipeline.trace import Attempt
from solvers import SolveOptions, SolversError
from solvers.sandbox import ClaimedSolution, Limits, ProgramRun, Resolved, RunKind, resolved, run_program

DEFAULT_SECONDS: Final = 30.0
SECOND_SECONDS: Final = 60.0
"""For the second solve: a model that the program solved in its time must not hold the answer up for ever."""
_MOST_SECONDS: Final = 86_400.0
_LEAST_SECONDS: Final = 0.01
_SOLVED: Final = ("optimal", "feasible", "infeasible", "unbounded", "infeasible_or_unbounded", "limit")
"""What a solver says of a model that it was given."""
RunProgram = Callable[..., ProgramRun]
"""Runs a program as `solvers.sandbox.run_program` does, with `limits` and `cancel`."""


def limits_of(options: FormulateOptions) -> Limits:
    """Return how much a program may take: the time of the solver, 30 seconds where that has no limit."""
    wanted = options.solve.time_limit_seconds
    seconds = DEFAULT_SECONDS if wanted is None else wanted
    return Limits(seconds=min(max(seconds, _LEAST_SECONDS), _MOST_SECONDS))


def second_options(options: FormulateOptions) -> SolveOptions:
    """Return how the model is solved again: as was asked for, within a minute where no time limit was."""
    if options.solve.time_limit_seconds is not None:
        return options.solve
    return replace(options.solve, time_limit_seconds=SECOND_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Runs programs and judges them.

    Attributes:
        options: of the second solve, and of the time that a program may take.
        run: what runs a program.
        on_event: called with steps and solver events.
        cancel: set it to stop.
    """

    options: FormulateOptions
    run: RunProgram = run_program
    on_event: OnPipelineEvent | None = None
    cancel: threading.Event | None = None

    def judged(self, program: str, attempt: Attempt, problem: str = "") -> ProgramCandidate:
        """Run a program and say what came of it; the attempt is completed with it.

        Args:
            program: its text.
            attempt: so far.
            problem: whose numbers must be in the program; empty where there is none.

        Raises:
            solvers.SandboxError: no program can be run here.
            solvers.ProgramError: the text cannot be a program.
        """
        self.started(Step.RUN_PROGRAM, attempt.round)
        run = self.run(program, limits=limits_of(self.options), cancel=self.cancel)
        claimed = _left_behind(run)
        again, why_not = self.again(claimed, attempt.round)
        points = run_points(run) if claimed is None else []
        if claimed is None and run.is_finished and run.forbidden_calls:
            points.append(refused_point(run))
        if not points and run.kind is not RunKind.CANCELLED:
            points = [*model_points(claimed, again), *(number_points(problem, program) if problem else [])]
        return ProgramCandidate(
            attempt=Attempt(
                round=attempt.round,
                exchanges=attempt.exchanges,
                program=program,
                feedback=tuple(points),
                outcome=_outcome(run, claimed, again),
                objective=_objective(claimed, again),
            ),
            text=program,
            run=run,
            claimed=claimed,
            again=again,
            why_not_solved=why_not,
        )

    def again(self, claimed: ClaimedSolution | None, round: int) -> tuple[Resolved | None, str]:
        """Solve the model again; where that cannot be done, say why."""
        if claimed is None:
            return None, ""
        if claimed.model is None:
            return None, claimed.why_no_model or "The program left no model that can be read."
        self.started(Step.SOLVE, round)
        try:
            found = resolved(
                claimed, solver=self.options.solver, options=second_options(self.options), on_event=self.on_event,
                cancel=self.cancel,
            )  # fmt: skip
        except SolversError as error:
            return None, str(error)
        return found, ""

    def started(self, step: Step, round: int, reason: str = "") -> None:
        """Tell who listens that a step begins."""
        if self.on_event is not None:
            self.on_event(StepStarted(step=step, round=round, reason=reason))


def _left_behind(run: ProgramRun) -> ClaimedSolution | None:
    """Return what a program says of the model that it solved last; `None` where it left none that is whole.

    The model of a program that was stopped on its way may be half built, unless it was solved already: what stops a
    program after that, most often in a print-out of values that are not there, costs the answer nothing.
    """
    claimed = run.claimed_solutions[0] if run.claimed_solutions else None
    if claimed is None or run.is_finished:
        return claimed
    return claimed if run.kind is RunKind.EXCEPTION and claimed.status in _SOLVED else None


def _outcome(run: ProgramRun, claimed: ClaimedSolution | None, again: Resolved | None) -> str:
    if again is not None:
        return again.solution.termination.value
    if claimed is not None and claimed.objective is not None:
        return "claimed"
    return "no model" if run.is_finished else run.kind.value


def _objective(claimed: ClaimedSolution | None, again: Resolved | None) -> float | None:
    if again is not None:
        return again.solution.objective
    return claimed.objective if claimed is not None else None
