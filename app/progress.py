"""Shows a person who waits which step runs, and the tokens as they arrive. Writes to stderr only."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from app.output import printable
from nl2opt.chat.base import LoadingModel, ReadingPrompt, TokensArrived, WaitingToRetry
from nl2opt.pipeline.events import PipelineEvent, Step, StepStarted
from solvers import Incumbent, Progress

_TAIL: Final = 160
"""Characters of the completion that are shown while it arrives."""
_PARTS: Final = 10
"""Lines that a download takes where there is no terminal."""
_STEPS: Final = {
    Step.FORMULATE: "writing the formulation",
    Step.CHECK: "checking the formulation",
    Step.SOLVE: "solving the model",
    Step.READINGS: "trying other readings of the problem",
    Step.VERIFY: "verifying the answer",
    Step.WRITE_PROGRAM: "writing a program",
    Step.MEND_PROGRAM: "mending the program",
    Step.RUN_PROGRAM: "running the program",
    Step.COMPARE: "comparing the two routes",
    Step.REVISE: "turning the wish into changes",
    Step.EXPLAIN: "rewriting the explanation",
}
_SAID: Final = (
    Step.FORMULATE, Step.SOLVE, Step.WRITE_PROGRAM, Step.MEND_PROGRAM, Step.RUN_PROGRAM, Step.REVISE, Step.EXPLAIN,
)  # fmt: skip
"""The steps that take long enough for a line of their own."""


def progress_on_stderr(*, quiet: bool) -> ProgressView:
    """Return the view that the commands use."""
    return ProgressView(Console(stderr=True), quiet=quiet)


class ProgressView:
    """One or two lines that change while the pipeline runs; plain lines where there is no terminal."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        """Make a view.

        Args:
            console: where it writes.
            quiet: whether it shows nothing.
        """
        self._console = console
        self._quiet = quiet
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._step = "starting"
        self._detail = ""
        self._tokens = 0
        self._parts = 0
        self._live = Live(
            console=console, refresh_per_second=8, transient=True, redirect_stdout=False, get_renderable=self._picture
        )

    def __enter__(self) -> ProgressView:
        # A dumb terminal cannot take back a line; it gets plain ones.
        if not self._quiet and self._console.is_terminal and not self._console.is_dumb_terminal:
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
            line = self._take(event)
        if line and not self._live.is_started:
            self._console.print(printable(line), style="dim", highlight=False, markup=False, soft_wrap=True)

    def _take(self, event: PipelineEvent) -> str:
        """Update the picture; return a line worth printing where there is no terminal."""
        match event:
            case StepStarted():
                return self._take_step(event)
            case TokensArrived():
                self._tokens += 1
                self._detail = (self._detail + event.text)[-_TAIL:]
            case ReadingPrompt():
                self._detail = f"reading the problem and the instructions, {event.done:,} of {event.total:,} tokens"
            case WaitingToRetry():
                self._detail = f"{event.reason} Trying again in {event.wait_seconds:.0f} s."
                return self._detail
            case LoadingModel():
                return self._take_loading(event)
            case Incumbent():
                self._detail = f"best so far {event.objective:g}"
            case Progress():
                if event.objective is not None:
                    self._detail = f"best so far {event.objective:g}, {event.nodes} nodes"
        return ""

    def _take_step(self, event: StepStarted) -> str:
        self._step = _STEPS[event.step]
        if event.round > 1:
            self._step += f", attempt {event.round}"
        self._tokens, self._detail = 0, ""
        if event.reason and event.step is Step.VERIFY:
            self._step += f": {event.reason}"
            return self._step
        if event.reason and event.step in (Step.FORMULATE, Step.MEND_PROGRAM, Step.REVISE):
            return f"{self._step}: {event.reason}"
        return self._step if event.step in _SAID else ""

    def _take_loading(self, event: LoadingModel) -> str:
        if not event.done or not event.total:
            self._detail = f"loading {event.what}"
            return self._detail
        share = event.done / event.total
        size = f"{share:.0%} of {event.total / 1e6:,.0f} MB"
        self._detail = f"fetching {event.what} [{'#' * int(30 * share):.<30}] {size}"
        parts = 1 + int(share * _PARTS)
        if parts == self._parts:
            return ""
        self._parts = parts
        return f"fetching {event.what}: {size}"

    def _picture(self) -> Text:
        with self._lock:
            step, tokens, detail = self._step, self._tokens, self._detail
        facts = [f"{time.monotonic() - self._started:.0f} s"]
        if tokens:
            facts.append(f"{tokens} tokens")
        text = Text(f"{step} ({', '.join(facts)})\n", style="bold")
        text.append(printable(" ".join(detail.split())), style="dim")
        return text
