from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.web.live_runs import live_runs
from nl2opt.settings import Settings
from tests.app.conftest import COMMAND
from tests.app.web.cases import script_file

QUICK = {"NL2OPT_VERIFY": "quick", "NL2OPT_READINGS": "0"}
"""What is verified beyond these pages' concern, where there is such a setting."""
QUICK = {name: value for name, value in QUICK.items() if name.removeprefix("NL2OPT_").lower() in Settings.model_fields}


@pytest.fixture
def llm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make the scripted chat model that of the settings."""
    name = script_file(tmp_path)
    for variable, value in QUICK.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("NL2OPT_LLM", name)
    return name


@pytest.fixture(autouse=True)
def _no_run_stays() -> Iterator[None]:
    yield
    live_runs().stop_all(10.0)


@dataclass
class Served:
    """A server of the page, in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    folder: Path
    said: list[str] = field(default_factory=list)


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment with folders of its own, and no setting of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NL2OPT_", "OPENAI_"))}
    own = {"HOME": str(folder), "NL2OPT_CACHE_DIR": str(folder / "cache"), "NL2OPT_RUNS_DIR": str(folder / "runs")}
    return {**kept, **own, **QUICK, "NL2OPT_LLM": script_file(folder), **more}


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Start servers; they are ended with the module."""
    started: list[Served] = []

    def begin(**more: str) -> Served:
        folder, port = tmp_path_factory.mktemp("served"), free_port()
        process = subprocess.Popen(
            [*COMMAND, "app", "--port", str(port), "--no-browser"],
            env=environment(folder, **more), cwd=folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        served = Served(process, f"http://127.0.0.1:{port}", folder)
        started.append(served)
        wait_for(served)
        return served

    yield begin
    for served in started:
        served.process.terminate()
    for served in started:
        try:
            served.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            served.process.kill()
            served.process.communicate()


def wait_for(served: Served, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if served.process.poll() is not None:
            pytest.fail(f"the server ended: {served.process.communicate()[0]}")
        try:
            with urllib.request.urlopen(f"{served.url}/_stcore/health", timeout=1) as reply:  # noqa: S310 - it is ours
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server was not there after {seconds} s ({sys.executable})")
