"""What the runs of all solvers have in common: when they stop, what is believed of them, and models that stand in."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TypeVar

from solvers.backends.outcome import Report, believed
from solvers.backends.worker import run_interruptibly
from solvers.events import OnSolverEvent
from solvers.model import Model
from solvers.options import SolveOptions
from solvers.solution import Solution, Termination


@dataclass(slots=True)
class SolverRun(ABC):
    """One model on its way through a solver.

    Attributes:
        model: what is solved.
        options: limits and tolerances.
        on_event: hears of incumbents and progress; `None` for nobody.
        cancel: set by a person to stop; `None` when nobody can.
        stop: set on Ctrl-C.
        started: when the run began, in seconds of `time.perf_counter`; runs of models that stand in share it.
    """

    model: Model
    options: SolveOptions
    on_event: OnSolverEvent | None
    cancel: threading.Event | None
    stop: threading.Event
    started: float = field(default_factory=time.perf_counter)

    @abstractmethod
    def solve(self) -> Solution:
        """Solve the model."""

    @abstractmethod
    def solver(self) -> str:
        """Return name and version of the solver."""

    def is_cancelled(self) -> bool:
        """Return whether the run shall stop."""
        return self.stop.is_set() or (self.cancel is not None and self.cancel.is_set())

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self.started

    def believed(self, report: Report) -> Solution:
        """Return what is left of a report when it is re-checked against the model."""
        return believed(self.model, report, options=self.options, solver=self.solver(), seconds=self.seconds())

    def without_point(self, termination: Termination, raw: str) -> Solution:
        """Return a solution that says only why the solver stopped."""
        return self.believed(Report(termination=termination, raw_status=raw))


Run = TypeVar("Run", bound=SolverRun)


def interruptible(
    run: type[Run],
    model: Model,
    *,
    options: SolveOptions,
    on_event: OnSolverEvent | None,
    cancel: threading.Event | None,
) -> Solution:
    """Run a model through a solver so that Ctrl-C stops it."""
    stop = threading.Event()
    return run_interruptibly(run(model, options, on_event, cancel, stop).solve, stop)
