"""What a run has been doing: its stages with their times, the tokens as they arrive, the solver's best points."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from nl2opt.chat.base import LoadingModel, ReadingPrompt, TokensArrived, WaitingToRetry
from nl2opt.pipeline.events import PipelineEvent, Step, StepStarted
from solvers import Incumbent, Progress

_TITLES: Final[dict[str, str]] = {
    Step.FORMULATE: "Writing the formulation",
    Step.CHECK: "Checking the formulation",
    Step.SOLVE: "Solving the model",
    Step.READINGS: "Trying other readings of the text",
    Step.VERIFY: "Verifying the answer",
    Step.WRITE_PROGRAM: "Writing a program",
    Step.MEND_PROGRAM: "Mending the program",
    Step.RUN_PROGRAM: "Running the program",
    Step.COMPARE: "Comparing the two routes",
}
_KEPT_TEXT: Final = 20_000
"""Characters of a completion that are kept for the page; the trace keeps all."""
_KEPT_POINTS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A better point, or how far the search is.

    Attributes:
        seconds: since the solver started.
        objective: `None` before the first point.
        bound: `None` when not known.
        gap: `None` when not known.
        nodes: of the search tree; `None` when not told.
    """

    seconds: float
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    nodes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage, as it is now.

    Attributes:
        title: for people.
        reason: why it is done again; empty the first time.
        seconds: how long it took, or has been taking.
        is_running: whether it is still at work.
        detail: what it does just now, in words; empty where there is nothing to add.
        tokens: pieces of text that arrived.
        text: what the language model wrote, its last part.
        points: better points that the solver found, in order.
        now: how far the search is; `None` when the solver has not said.
    """

    title: str
    reason: str
    seconds: float
    is_running: bool
    detail: str
    tokens: int
    text: str
    points: tuple[Point, ...]
    now: Point | None


@dataclass(slots=True)
class _Open:
    """A stage that may still change."""

    title: str
    reason: str
    started: float
    ended: float | None = None
    detail: str = ""
    tokens: int = 0
    text: str = ""
    points: list[Point] = field(default_factory=list)
    now: Point | None = None


class Stages:
    """Takes in the events of a run, from any thread, and says at any time what was done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stages: list[_Open] = []
        self._started = time.monotonic()
        self._ended: float | None = None

    def __call__(self, event: PipelineEvent) -> None:
        """Take in an event."""
        with self._lock:
            if isinstance(event, StepStarted):
                # A step that has no title here is said by its name.
                title = _TITLES.get(event.step, event.step.value.replace("_", " ").capitalize())
                self._begin(f"{title}, attempt {event.round}" if event.round > 1 else title, event.reason)
            else:
                self._take(event)

    def begin(self, title: str) -> None:
        """Begin a stage that is none of the pipeline's."""
        with self._lock:
            self._begin(title, "")

    def end(self) -> None:
        """Say that nothing more will come."""
        with self._lock:
            self._ended = time.monotonic()
            self._close()

    @property
    def seconds(self) -> float:
        """How long the run took, or has been taking."""
        with self._lock:
            return (self._ended if self._ended is not None else time.monotonic()) - self._started

    def seen(self) -> tuple[Stage, ...]:
        """Return the stages in order, as they are now."""
        with self._lock:
            now = time.monotonic()
            return tuple(
                Stage(
                    title=stage.title,
                    reason=stage.reason,
                    seconds=(stage.ended if stage.ended is not None else now) - stage.started,
                    is_running=stage.ended is None,
                    detail=stage.detail if stage.ended is None else "",
                    tokens=stage.tokens,
                    text=stage.text,
                    points=tuple(stage.points),
                    now=stage.now,
                )
                for stage in self._stages
            )

    def _begin(self, title: str, reason: str) -> None:
        self._close()
        self._stages.append(_Open(title=title, reason=reason, started=time.monotonic()))

    def _close(self) -> None:
        if self._stages and self._stages[-1].ended is None:
            self._stages[-1].ended = time.monotonic()

    def _take(self, event: PipelineEvent) -> None:
        if not self._stages or self._stages[-1].ended is not None:
            self._begin("Getting ready", "")
        stage = self._stages[-1]
        match event:
            case TokensArrived():
                stage.tokens += 1
                stage.text = (stage.text + event.text)[-_KEPT_TEXT:]
                stage.detail = ""
            case ReadingPrompt():
                stage.detail = f"reading the problem and the instructions, {event.done:,} of {event.total:,} tokens"
            case WaitingToRetry():
                stage.tokens, stage.text = 0, ""
                stage.detail = f"{event.reason} Trying again in {event.wait_seconds:.0f} s."
            case LoadingModel():
                stage.detail = _loading(event)
            case Incumbent():
                point = Point(seconds=event.seconds, objective=event.objective, bound=event.bound, gap=event.gap)
                stage.points = [*stage.points, point][-_KEPT_POINTS:]
                stage.now = point
            case Progress():
                stage.now = Point(
                    seconds=event.seconds, objective=event.objective, bound=event.bound, nodes=event.nodes
                )  # fmt: skip


def _loading(event: LoadingModel) -> str:
    if not event.done or not event.total:
        return f"loading {event.what}"
    return f"fetching {event.what}: {event.done / event.total:.0%} of {event.total / 1e6:,.0f} MB"
