"""Stops SCIP from another thread, and tells a listener what it finds.

SCIP looks at its interrupt flag between the steps of its search, not within one linear program, and the first one may
take minutes. SCIP's library can interrupt that as well (`SCIPinterruptLP`), which PySCIPOpt does not offer.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from solvers.backends.outcome import finite, relative_gap
from solvers.backends.scip_expressions import scip
from solvers.events import Incumbent, OnSolverEvent, Progress

_PROGRESS_SECONDS: Final = 0.2


def interrupt(model: Any) -> None:
    """Interrupt SCIP from another thread, within a linear program, too.

    Args:
        model: the SCIP object, which must be solved without the lock of the interpreter (`optimizeNogil`).
    """
    stages = scip().PY_SCIP_STAGE
    if model.getStage() >= stages.TRANSFORMED:
        model.interruptSolve()
        if model.getStage() == stages.SOLVING:
            _interrupt_linear_program(model)


def _interrupt_linear_program(model: Any) -> None:
    interrupter = _interrupter()
    if interrupter is not None:
        interrupter(_pointer(model.to_ptr(False), b"scip"), 1)


@cache
def _interrupter() -> Any:
    """Return `SCIPinterruptLP` of the library that PySCIPOpt has loaded; `None` where it cannot be found."""
    package = Path(scip().__file__).parent
    for file in sorted(package.parent.glob("*yscipopt*.libs/libscip*")) + sorted(package.glob(".dylibs/libscip*")):
        try:
            function = ctypes.CDLL(str(file)).SCIPinterruptLP
        except (OSError, AttributeError):
            continue
        function.argtypes, function.restype = [ctypes.c_void_p, ctypes.c_uint], ctypes.c_int
        return function
    return None


def _pointer(capsule: Any, name: bytes) -> int | None:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    pointer: int | None = get(capsule, name)
    return pointer


@dataclass(slots=True)
class Reporter:
    """Tells a listener what SCIP finds, and keeps what the listener raises, which SCIP would swallow.

    Attributes:
        on_event: the listener.
        started: when the solve began, by `time.perf_counter`.
        failure: what the listener raised; `None` while all is well.
        reported: when progress was last reported.
    """

    on_event: OnSolverEvent
    started: float
    failure: BaseException | None = None
    reported: float = 0.0

    def attach(self, model: Any) -> None:
        """Have SCIP call this reporter."""
        kinds = scip().PY_SCIP_EVENTTYPE
        model.includeEventhdlr(_handler_class()(self.called, kinds), "reporter", "tells a listener what is found")

    def called(self, model: Any, is_better: bool) -> None:
        """Tell the listener, unless it has failed before."""
        if self.failure is not None:
            return
        try:
            if is_better:
                self.on_event(self.incumbent(model))
            elif time.perf_counter() - self.reported >= _PROGRESS_SECONDS:
                self.reported = time.perf_counter()
                self.on_event(self.progress(model))
        except BaseException as failure:  # noqa: BLE001 - it is raised again when SCIP has stopped
            self.failure = failure
            model.interruptSolve()

    def incumbent(self, model: Any) -> Incumbent:
        """Return the best point of SCIP as an event."""
        objective, bound = float(model.getPrimalbound()), finite(model.getDualbound())
        gap = relative_gap(objective, bound)
        return Incumbent(objective=objective, bound=bound, gap=gap, seconds=self.seconds())

    def progress(self, model: Any) -> Progress:
        """Return the state of SCIP as an event."""
        return Progress(
            objective=finite(model.getPrimalbound()),
            bound=finite(model.getDualbound()),
            nodes=int(model.getNNodes()),
            seconds=self.seconds(),
        )

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self.started


@cache
def _handler_class() -> Any:
    """Return the class of event handlers, whose base comes with PySCIPOpt."""

    class Handler(scip().Eventhdlr):  # type: ignore[misc]
        def __init__(self, called: Callable[[Any, bool], None], kinds: Any) -> None:
            self.called, self.kinds = called, kinds

        def eventinit(self) -> None:
            self.model.catchEvent(self.kinds.BESTSOLFOUND, self)
            self.model.catchEvent(self.kinds.NODESOLVED, self)

        def eventexec(self, event: Any) -> None:
            self.called(self.model, event.getType() == self.kinds.BESTSOLFOUND)

    return Handler
