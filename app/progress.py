"""Shows a person who waits which step runs, and the tokens as they arrive. Writes to stderr only."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from nl2opt.chat.base import LoadingModel, TokensArrived, WaitingToRetry
from nl2opt.pipeline.events import PipelineEvent, Step, StepStarted
from solvers import Incumbent, Progress

_TAIL = 160
_STEPS = {
    Step.FORMULATE: "writing the formulation",
    Step.CHECK: "checking it",
    Step.SOLVE: "solving it",
    Step.VERIFY: "verifying the answer",
}


class ProgressView:
    """One or two lines that change while the pipeline runs; plain lines where there is no terminal."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._live = Live(console=console, refresh_per_second=8, transient=True, redirect_stdout=False)
        self._lock = threading.Lock()
        self._step = "starting"
        self._detail = ""
        self._tokens = 0

    def __enter__(self) -> ProgressView:
        if not self._quiet and self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, event: PipelineEvent) -> None:
        """Take in an event; called from any thread."""
        if self._quiet:
            return
        with self._lock:
            changed = self._take(event)
            if self._live.is_started:
                self._live.update(self._picture())
            elif changed:
                self._console.print(changed, style="dim", highlight=False, markup=False)

    def _take(self, event: PipelineEvent) -> str:
        """Update the picture; return a line worth printing where there is no terminal."""
        match event:
            case StepStarted():
                self._step = _STEPS[event.step]
                if event.round > 1:
                    self._step += f", attempt {event.round}"
                self._tokens, self._detail = 0, ""
                if event.reason and event.step is Step.FORMULATE:
                    return f"{self._step}: {event.reason}"
                return self._step if event.step in (Step.FORMULATE, Step.SOLVE) else ""
            case TokensArrived():
                self._tokens += 1
                self._detail = (self._detail + event.text)[-_TAIL:]
            case WaitingToRetry():
                self._detail = f"{event.reason} Trying again in {event.wait_seconds:.0f} s."
                return self._detail
            case LoadingModel():
                self._detail = _loading(event)
                return self._detail if not event.done else ""
            case Incumbent():
                self._detail = f"best so far {event.objective:g}"
            case Progress():
                if event.objective is not None:
                    self._detail = f"best so far {event.objective:g}, {event.nodes} nodes"
        return ""

    def _picture(self) -> Text:
        count = f" ({self._tokens} tokens)" if self._tokens else ""
        text = Text(f"{self._step}{count}\n", style="bold")
        text.append(" ".join(self._detail.split()), style="dim")
        return text


def _loading(event: LoadingModel) -> str:
    if event.total and event.done:
        share = event.done / event.total
        bar = "#" * int(30 * share)
        return f"fetching {event.what} [{bar:<30}] {share:.0%} of {event.total / 1e6:,.0f} MB"
    return f"loading {event.what}"
