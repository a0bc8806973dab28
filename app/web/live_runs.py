"""The runs of this process. They belong to no browser tab: a refresh, a second tab or a closed one loses nothing.

Each run is written to the run store when it begins, with the person's text, and again when it ends.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nl2opt.errors import Nl2optError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.web.asking import Request
    from app.web.stages import Stages
    from nl2opt.pipeline.answer import Answer

_log = logging.getLogger(__name__)
_KEPT: Final = 30
"""Ended runs that stay in memory, with what the solver left, so that an analysis need not solve again."""
STOPPED: Final = "The run was stopped before it had ended; this is what had been found by then."
_BEGUN: Final = "The run had not ended when nl2opt was ended."
_CONFLICT: Final = "Looking for what excludes each other"


class LiveRun:
    """One run, from the button to the answer.

    Attributes:
        id: of the run and of its answer.
        request: what was asked for.
        stages: what it has been doing.
        cancel: set it to stop.
        answer: `None` until there is one.
        failure: why there is none; empty otherwise.
        fault: why the answer could not be kept; empty when it was.
        analysing: what is being found out about the answer, for people; empty when nothing is.
        is_deleted: whether a person deleted it: nothing more is kept of it.
    """

    def __init__(self, run: str, created: str, request: Request, stages: Stages) -> None:
        self.id = run
        self.created = created
        self.request = request
        self.stages = stages
        self.cancel = threading.Event()
        self.answer: Answer | None = None
        self.failure = ""
        self.fault = ""
        self.analysing = ""
        self.is_deleted = False
        self._ended = threading.Event()

    @property
    def is_running(self) -> bool:
        """Whether there is neither an answer nor a failure yet."""
        return not self._ended.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; return whether it came."""
        return self._ended.wait(seconds)

    def end(self) -> None:
        """Say that answer or failure are there."""
        self.stages.end()
        self._ended.set()


class LiveRuns:
    """The runs by their ids."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, LiveRun] = {}

    def start(self, request: Request) -> LiveRun:
        """Begin a run in a thread of its own.

        Raises:
            ProblemError, SettingsError, StoreError, solvers.SolversError: it cannot be begun; see `asking.require`.
        """
        from app.web.asking import require

        require(request)
        return self.begin(request, _solved)

    def begin(self, request: Request, work: Callable[[LiveRun], Answer]) -> LiveRun:
        """Begin a run whose answer is made by `work`, in a thread of its own."""
        from app.web.stages import Stages
        from nl2opt.pipeline.clock import Clock

        clock = Clock.start()
        run = LiveRun(clock.id, clock.created, request, Stages())
        run.fault = _kept(_begun(run))
        with self._lock:
            self._runs[run.id] = run
            self._drop_old()
        threading.Thread(target=self._work, args=(run, work), daemon=True, name=f"nl2opt-run-{run.id}").start()
        return run

    def get(self, run: str) -> LiveRun | None:
        """Return a run of this process; `None` when it is none."""
        with self._lock:
            return self._runs.get(run)

    def running(self) -> list[LiveRun]:
        """Return the runs that are at work, the newest first."""
        with self._lock:
            return [run for run in reversed(self._runs.values()) if run.is_running]

    def forget(self, run: str) -> None:
        """Let go of a run that was deleted, and keep nothing more of it."""
        with self._lock:
            gone = self._runs.pop(run, None)
        if gone is not None:
            gone.is_deleted = True

    def stop_all(self, seconds: float) -> None:
        """Stop all runs, and wait so long at most for each to be kept."""
        running = self.running()
        for run in running:
            run.cancel.set()
        for run in running:
            run.wait(seconds)

    def analyse(self, answer: Answer, title: str, analyse: Callable[[Answer], Answer]) -> LiveRun:
        """Find out more about an answer in a thread of its own, and keep it with the answer.

        Args:
            answer: of this process or from the run store.
            title: what is found out, for people.
            analyse: returns the answer with what was found.
        """
        from app.web.asking import Request
        from app.web.stages import Stages

        with self._lock:
            run = self._runs.get(answer.id)
            if run is None:
                run = LiveRun(answer.id, answer.created, Request(problem=answer.problem), Stages())
                run.answer = answer
                run.end()
                self._runs[run.id] = run
            if run.analysing:
                return run
            run.analysing = title
        threading.Thread(target=_analyse, args=(run, analyse), daemon=True, name=f"nl2opt-more-{run.id}").start()
        return run

    def _work(self, run: LiveRun, work: Callable[[LiveRun], Answer]) -> None:
        """Answer, keep the answer, and say why where nothing is feasible."""
        from nl2opt.pipeline.answer import Status

        try:
            answer = _with_stop(replace(work(run), id=run.id, created=run.created), run)
            run.fault = _kept(answer)
            if answer.status is Status.INFEASIBLE and answer.formulation is not None:
                run.analysing = _CONFLICT
            run.answer = answer
        except Exception as error:  # noqa: BLE001 - the page says it; it is the thread's outermost frame
            run.failure = _sentence(error)
            _kept(replace(_begun(run), message=run.failure))
        run.request = replace(run.request, tables=None)  # the answer has what it needs of them
        run.end()
        if run.analysing:
            _analyse(run, diagnosed)

    def _drop_old(self) -> None:
        ended = [run.id for run in self._runs.values() if not (run.is_running or run.fault or run.analysing)]
        for run in ended[: max(0, len(ended) - _KEPT)]:
            del self._runs[run]


def diagnosed(answer: Answer) -> Answer:
    """Return an infeasible answer with the conflict and the repairs."""
    from app.diagnosis_output import diagnosed as with_conflict

    return with_conflict(answer, None)


def sensitive(answer: Answer, solver: str = "auto") -> Answer:
    """Return an answer with what one unit more of each constraint is worth."""
    from app.analyses import analysed

    return analysed(answer, sensitivity=True, pool=None, solver=solver, time_limit=None, gap=None)


def _solved(run: LiveRun) -> Answer:
    import nl2opt
    from app.web.asking import settings_of

    request = run.request
    run.stages.begin("Getting ready")
    return nl2opt.solve(
        request.problem,
        solver=request.solver,
        route=request.route,
        settings=settings_of(request),
        on_event=run.stages,
        cancel=run.cancel,
        data=request.tables,
    )


def _with_stop(answer: Answer, run: LiveRun) -> Answer:
    """Say on an answer that was found nevertheless that the run was stopped."""
    from nl2opt.pipeline.answer import Status

    if not run.cancel.is_set() or answer.status is Status.INTERRUPTED:
        return answer
    return replace(answer, warnings=(STOPPED, *answer.warnings))


def _begun(run: LiveRun) -> Answer:
    """Return what the run store holds while the run is at work: the person's text."""
    from nl2opt.pipeline.answer import Answer, Status
    from nl2opt.pipeline.trace import Trace

    return Answer(
        id=run.id,
        created=run.created,
        status=Status.INTERRUPTED,
        message=_BEGUN,
        problem=run.request.problem,
        formulation=None,
        trace=Trace(problem=run.request.problem, llm="", style=""),
        seconds=0.0,
    )


def _kept(answer: Answer) -> str:
    """Write an answer to the run store; return why it could not be."""
    try:
        answer.save()
    except StoreError as error:
        return str(error)
    except UnicodeError as error:
        return f"It holds text that cannot be written as UTF-8 ({error})."
    return ""


def _analyse(run: LiveRun, analyse: Callable[[Answer], Answer]) -> None:
    assert run.answer is not None
    try:
        run.answer = analyse(run.answer)
        run.fault = "" if run.is_deleted else _kept(run.answer)
    except Exception as error:  # noqa: BLE001 - the page says it; it is the thread's outermost frame
        run.failure = _sentence(error)
    finally:
        run.analysing = ""


def _sentence(error: Exception) -> str:
    from solvers.errors import SolversError

    if isinstance(error, Nl2optError | SolversError):
        return str(error)
    _log.error("A run failed in a way that nobody foresaw.", exc_info=error)
    return f"nl2opt failed in a way that nobody foresaw ({type(error).__name__}: {error})."


_first = threading.Lock()
_only: list[LiveRuns] = []


def live_runs() -> LiveRuns:
    """Return the runs of this process."""
    with _first:
        if not _only:
            _only.append(LiveRuns())
        return _only[0]
