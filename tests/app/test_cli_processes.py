"""What shows only in a process of its own: Ctrl-C, pipes, full disks, streams that are closed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nl2opt import Answer
from tests.app.cases import INDEXED, PROBLEM, WORKSHOP, market_split, script, written
from tests.app.conftest import COMMAND

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


def _interrupted(process: subprocess.Popen[str], step: str, seconds: float) -> tuple[str, str, float]:
    """Wait until a step is announced, press Ctrl-C a little later; return stdout, stderr and how long it took."""
    assert process.stderr is not None
    assert not step or process.stderr.readline() == step
    time.sleep(seconds)
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return out, err, time.monotonic() - pressed


def test_ctrl_c_stops_the_solver(start: Start, tmp_path: Path) -> None:
    process = start("run", written(tmp_path / "hard.json", market_split()), "--save", tmp_path / "answer.json")
    out, err, seconds = _interrupted(process, "solving the model\n", 1.5)
    assert (process.returncode, out, err) == (130, "", "Interrupted.\n")
    assert seconds < 10
    assert [path.name for path in tmp_path.iterdir()] == ["hard.json"]


def test_ctrl_c_stops_waiting_for_a_language_model(start: Start, tmp_path: Path, silent_server: str) -> None:
    options = ("--llm", "openai:slow", "--llm-base-url", silent_server, "--save", tmp_path / "answer.json")
    process = start("solve", PROBLEM, *options)
    out, err, seconds = _interrupted(process, "writing the formulation\n", 2.0)
    assert (process.returncode, out, err) == (130, "", "Interrupted.\n")
    assert seconds < 10
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_an_answer_is_verified_does_not_cost_the_answer(
    start: Start, tmp_path: Path, silent_server: str
) -> None:
    env = {**os.environ, "NL2OPT_LLM_BASE_URL": silent_server, "NL2OPT_LLM2": "openai:slow"}
    process = start("solve", PROBLEM, "--llm", script(tmp_path, INDEXED), env=env)
    assert process.stderr is not None
    while "a language model expects" not in (line := process.stderr.readline()):
        assert line
    out, err, seconds = _interrupted(process, "", 1.0)
    assert process.returncode == 0
    assert "Maximum: $3,600" in out
    assert "Verdict: checked" in out
    assert err == "Interrupted while verifying: this is the answer as far as it was checked.\n"
    assert seconds < 10


def test_ctrl_c_is_told_to_programs_as_json(start: Start, tmp_path: Path) -> None:
    process = start("run", written(tmp_path / "hard.json", market_split()), "--json")
    out, err, _ = _interrupted(process, "solving the model\n", 1.0)
    content = json.loads(out)
    assert (content["status"], content["exit_code"], process.returncode) == ("error", 130, 130)
    assert err == "Interrupted.\n"


@pytest.mark.parametrize("arguments", [("schema",), ("run", WORKSHOP, "--quiet"), ("run", WORKSHOP, "-q", "--json")])
def test_a_reader_that_goes_away_is_no_reason_for_a_traceback(start: Start, arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = start(*arguments, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (141, "")


def test_the_answer_is_saved_even_if_nobody_reads_it(start: Start, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = start("run", WORKSHOP, "--save", tmp_path / "answer.json", stdout=writer)
    os.close(writer)
    process.communicate(timeout=30)
    assert Answer.load(tmp_path / "answer.json").objective == 6250


def test_head_gets_its_line(start: Start) -> None:
    process = start("schema")
    assert process.stdout is not None
    head = subprocess.run(["head", "-n", "1"], stdin=process.stdout, capture_output=True, text=True, check=True)
    process.stdout.close()
    assert head.stdout == "{\n"
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(timeout=30) in (0, 141)
    process.stderr.close()


@pytest.mark.parametrize("arguments", [("schema",), ("run", WORKSHOP, "--quiet"), ("run", WORKSHOP, "-q", "--json")])
def test_a_disk_that_is_full_is_said_in_one_line(start: Start, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        process = start(*arguments, stdout=full)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (2, "No space left on device: output.\n")


def test_a_terminal_without_unicode_shows_codes_in_place_of_signs(start: Start, tmp_path: Path) -> None:
    formulation = {**INDEXED, "title": "wheat \u2264 maize"}
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    process = start("render", written(tmp_path / "f.json", formulation), "--to", "markdown", env=environment)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert r"wheat \u2264 maize" in out


def everything_on(terminal: int) -> str:
    """Read a pseudo-terminal, which gives what it has piece by piece, until all writers have closed it."""
    pieces = []
    with contextlib.suppress(OSError), os.fdopen(terminal, "rb", buffering=0) as reader:
        while piece := reader.read(4096):
            pieces.append(piece)
    return b"".join(pieces).decode()


def test_a_terminal_is_told_where_the_run_is_kept(start: Start, tmp_path: Path) -> None:
    terminal, end = os.openpty()
    options = ("--llm", script(tmp_path, INDEXED), "--json")
    process = start("solve", PROBLEM, *options, stderr=end, env={**os.environ, "COLUMNS": "300"})
    os.close(end)
    out, _ = process.communicate(timeout=30)
    shown = everything_on(terminal)
    kept = Path(os.environ["NL2OPT_RUNS_DIR"]) / f"{json.loads(out)['id']}.answer.json"
    assert kept.is_file()
    assert f"Kept, with every prompt and completion, in {kept}" in shown


def test_streams_that_are_closed_cost_nothing_but_themselves() -> None:
    command = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *COMMAND, "schema"]
    finished = subprocess.run(command, check=False, timeout=30)
    assert finished.returncode == 0
