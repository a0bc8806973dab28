"""What a person or the machine gives that no run can be made of."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from solvers.errors import NoSandboxError, ProgramError, SandboxError
from solvers.sandbox import Limits, Pool, RunKind
from solvers.sandbox.inside.layers import LANDLOCK, NAMESPACES, SECCOMP
from solvers.sandbox.wording import NOT_RUN


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Workers."""
    with Pool(at_once=2) as pool:
        yield pool


@pytest.mark.parametrize(
    "source", ["", " \n", b"\xef\xbb\xbf", "x = 1\0", "x" * 5_000_000, "x = '\ud800'"], ids=range(6)
)
def test_what_is_no_program_is_refused(pool: Pool, source: str | bytes) -> None:
    with pytest.raises(ProgramError):
        pool.run(source)


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("print(1)\r\nprint(2)\r\n", "1\n2\n"),
        ("# coding: latin-1\nprint('ä')", "ä\n"),
        (b"# coding: latin-1\nprint('\xe4')", "ä\n"),
    ],
)
def test_line_ends_and_cookies(pool: Pool, source: str | bytes, output: str) -> None:
    assert pool.run(source).output == output


@pytest.mark.parametrize("source", ["Here is the program:", b"\xff\xfe", b"# coding: nothing\nx"])
def test_what_is_not_python_is_an_exception(pool: Pool, source: str | bytes) -> None:
    run = pool.run(source)
    assert run.kind is RunKind.EXCEPTION
    assert run.claimed_exception is not None


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 10**30, True])
@pytest.mark.parametrize("name", ["seconds", "memory_bytes", "folder_bytes", "folder_files", "output_bytes", "tasks"])
def test_limits_that_nothing_can_be_held_to(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: value})  # type: ignore[arg-type]


def test_data_that_cannot_be_copied(pool: Pool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "large", "wb") as file:
        file.truncate(1 << 40)
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "none", tmp_path / "large", Path("/dev/zero")):
        with pytest.raises(ProgramError):
            pool.run("pass", data={"data": path})
    for name in ("", "..", "a/b", "a\0", "\ud800", "ä" * 101):
        with pytest.raises(ProgramError):
            pool.run("pass", data={name: b""})
    with pytest.raises(ProgramError):
        pool.run("pass", data={"data": "\ud800"})
    with pytest.raises(ProgramError):
        pool.run("pass", data={f"{number:0200}": b"" for number in range(200)})
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "file").write_text("4")
    assert pool.run("print(open('data').read())", data={"data": tmp_path / "link"}).output == "4\n"


@pytest.mark.parametrize("without", [frozenset({SECCOMP}), frozenset({LANDLOCK, NAMESPACES})], ids=["filter", "walls"])
def test_without_a_sandbox_nothing_is_run_unless_it_is_said(without: frozenset[str]) -> None:
    with Pool(without=without) as pool, pytest.raises(NoSandboxError) as caught:
        pool.run("print(1)")
    assert str(caught.value) == NOT_RUN
    with Pool(without=without, unsafe_no_sandbox=True) as pool:
        assert pool.run("print(1)").output == "1\n"


def test_without_room_for_the_folder_the_run_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Pool(without=frozenset({NAMESPACES})) as pool:
        pool.isolation("pyomo")
        (jobs,) = tmp_path.iterdir()
        jobs.rmdir()
        with pytest.raises(SandboxError, match="private folder"):
            pool.run("pass")


def test_a_worker_that_is_killed_is_replaced_once() -> None:
    with Pool(at_once=1) as pool:
        pool.isolation("pyomo")
        waiting = pool.submit("import time\ntime.sleep(1)\nprint(4)")
        time.sleep(0.3)
        os.kill(pool._workers["pyomo"].pid, signal.SIGKILL)
        run = waiting.result()
        assert (run.kind, run.output, run.attempts) == (RunKind.FINISHED, "4\n", 2)


def test_a_worker_that_does_not_answer_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.sandbox.one_run._PATIENCE_SECONDS", 0.5)
    with Pool(at_once=1) as pool:
        pool.isolation("pyomo")
        children = Path(f"/proc/{pool._workers['pyomo'].pid}/task/{pool._workers['pyomo'].pid}/children")
        (zygote,) = map(int, children.read_text(encoding="ascii").split())
        waiting = pool.submit("import time\ntime.sleep(9)", limits=Limits(seconds=1))
        time.sleep(0.3)
        os.kill(zygote, signal.SIGSTOP)
        run = waiting.result()
        assert (run.kind, run.attempts) == (RunKind.TIMEOUT, 2)


def test_many_runs_at_once_can_be_stopped() -> None:
    cancel = threading.Event()
    with Pool(at_once=40) as pool:
        futures = [pool.submit("import time\ntime.sleep(60)", cancel=cancel) for _ in range(160)]
        served = [pool.submit(f"print({number})") for number in range(40)]
        time.sleep(1)
        cancel.set()
        assert {future.result().kind for future in futures} == {RunKind.CANCELLED}
        assert [future.result().output for future in served] == [f"{number}\n" for number in range(40)]
