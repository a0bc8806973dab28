from __future__ import annotations

import io
import re
import threading
import time

import pytest
from rich.console import Console

from app.progress import ProgressView, progress_on_stderr
from nl2opt.chat.base import LoadingModel, TokensArrived, WaitingToRetry
from nl2opt.pipeline.events import PipelineEvent, Step, StepStarted
from solvers import Incumbent, Progress


def _plain(*events: PipelineEvent, quiet: bool = False) -> str:
    """Return what is written about events where there is no terminal."""
    out = io.StringIO()
    with ProgressView(Console(file=out, width=40), quiet=quiet) as view:
        for event in events:
            view(event)
    return out.getvalue()


def _at_terminal(*events: PipelineEvent, seconds: float = 0.4) -> str:
    """Return what is written about events at a terminal, control sequences included."""
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=True, color_system=None, _environ={"TERM": "xterm"})
    with ProgressView(console, quiet=False) as view:
        for event in events:
            view(event)
        time.sleep(seconds)
    return out.getvalue()


def test_a_line_for_each_step_that_takes_time() -> None:
    events = [StepStarted(step=step) for step in Step]
    assert _plain(*events) == (
        "writing the formulation\nsolving the model\nwriting a program\nmending the program\nrunning the program\n"
        "turning the wish into changes\nrewriting the explanation\n"
    )


def test_mending_a_program_says_what_is_wrong_with_it() -> None:
    assert _plain(StepStarted(step=Step.MEND_PROGRAM, round=2, reason="Line 3 stopped it.")) == (
        "mending the program, attempt 2: Line 3 stopped it.\n"
    )


def test_a_correction_says_its_number_and_its_reason() -> None:
    reason = "The number 12 is not used: a sentence that is longer than the line is wide, and stays one line"
    line = f"writing the formulation, attempt 2: {reason}\n"
    assert _plain(StepStarted(step=Step.FORMULATE, round=2, reason=reason)) == line


@pytest.mark.parametrize(
    "event",
    [
        TokensArrived("maximize"),
        Incumbent(objective=3.0, bound=None, gap=None, seconds=0.1),
        Progress(objective=3.0, bound=4.0, nodes=7, seconds=0.1),
        Progress(objective=None, bound=None, nodes=7, seconds=0.1),
    ],
)
def test_what_comes_often_takes_no_line_without_a_terminal(event: PipelineEvent) -> None:
    assert _plain(event) == ""


def test_waiting_for_the_endpoint_is_said() -> None:
    event = WaitingToRetry(reason="Nothing answers at http://localhost:1.", wait_seconds=2.4, attempt=1)
    assert _plain(event) == "Nothing answers at http://localhost:1. Trying again in 2 s.\n"


def test_fetching_takes_about_ten_lines_without_a_terminal() -> None:
    total = 1_117_000_000
    events = [LoadingModel(what="Qwen", done=done, total=total) for done in range(1_000_000, total + 1, 1_000_000)]
    lines = _plain(*events, LoadingModel(what="Qwen", done=total, total=total)).splitlines()
    assert lines[0] == "fetching Qwen: 0% of 1,117 MB"
    assert lines[-1] == "fetching Qwen: 100% of 1,117 MB"
    assert 10 <= len(lines) <= 12


def test_loading_is_said_once() -> None:
    assert _plain(LoadingModel(what="local:qwen")) == "loading local:qwen\n"


@pytest.mark.parametrize(
    "event",
    [StepStarted(step=Step.SOLVE), LoadingModel(what="a"), WaitingToRetry(reason="", wait_seconds=1, attempt=1)],
)
def test_quiet_says_nothing(event: PipelineEvent) -> None:
    assert _plain(event, quiet=True) == ""


def test_a_terminal_shows_step_time_tokens_and_their_text() -> None:
    shown = _at_terminal(StepStarted(step=Step.FORMULATE), TokensArrived('{"sense": '), TokensArrived('"maximize"}'))
    assert re.search(r"writing the formulation \(\d+ s, 2 tokens\)", shown)
    assert '{"sense": "maximize"}' in shown


def test_a_terminal_shows_only_the_end_of_a_long_completion() -> None:
    shown = _at_terminal(TokensArrived("begin" + "x" * 1000 + "end"))
    assert "xend" in shown
    assert "begin" not in shown


def test_a_new_step_begins_anew() -> None:
    shown = _at_terminal(TokensArrived("old text"), StepStarted(step=Step.SOLVE))
    assert shown.rfind("solving the model (") > shown.rfind("old text")


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (LoadingModel(what="Qwen", done=500, total=1000), "fetching Qwen [###############...............] 50%"),
        (Incumbent(objective=12.5, bound=None, gap=None, seconds=0.1), "best so far 12.5"),
        (Progress(objective=12.5, bound=20.0, nodes=70, seconds=0.1), "best so far 12.5, 70 nodes"),
    ],
)
def test_a_terminal_shows_how_far_the_work_is(event: PipelineEvent, text: str) -> None:
    assert text in _at_terminal(event)


def test_a_language_model_cannot_steer_the_terminal() -> None:
    shown = _at_terminal(TokensArrived("\x1b]0;title\x07"))
    assert "\ufffd]0;title\ufffd" in shown
    assert "\x1b]0;" not in shown


def test_a_terminal_that_cannot_take_lines_back_gets_plain_ones() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system=None, _environ={"TERM": "dumb"})
    with ProgressView(console, quiet=False) as view:
        view(StepStarted(step=Step.SOLVE))
    assert out.getvalue() == "solving the model\n"


def test_nothing_is_left_at_the_terminal_and_an_error_passes() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, _environ={"TERM": "xterm"})
    view = ProgressView(console, quiet=False)

    def work() -> None:
        with view:
            view(StepStarted(step=Step.SOLVE))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert out.getvalue().endswith("\x1b[2K")
    assert "\x1b[?25h" in out.getvalue()


def test_events_may_come_from_many_threads() -> None:
    with ProgressView(Console(file=io.StringIO()), quiet=False) as view:
        threads = [threading.Thread(target=lambda: [view(TokensArrived("x")) for _ in range(500)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert " s, 4000 tokens)" in view._picture().plain


def test_the_commands_write_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_on_stderr(quiet=False) as view:
        view(StepStarted(step=Step.SOLVE))
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", "solving the model\n")
