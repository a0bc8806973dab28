"""What a hostile program must not do; whether it did is looked up on the host."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from solvers.sandbox import Limits, Pool, ProgramRun, RunKind
from solvers.sandbox.inside.layers import NAMESPACES
from tests.solvers.sandbox import attacks

SHORT = Limits(seconds=1.5, memory_bytes=512 * 1024 * 1024, folder_bytes=8 * 1024 * 1024, output_bytes=1_000_000)
SECRET = "SECRET-canary-of-the-host"


@dataclass
class Host:
    """What an attack could harm.

    Attributes:
        folder: with the file that holds the secret.
        process: that sleeps.
        sockets: on which nothing may arrive, by name.
    """

    folder: Path
    process: subprocess.Popen[bytes]
    sockets: dict[str, socket.socket]

    def program(self, text: str, worker: int) -> str:
        """Fill in what stands between `@`."""
        names = {
            "SECRET": self.folder / "secret", "FOLDER": self.folder, "CANARY": self.process.pid, "HOST": os.getpid(),
            "WORKER": worker, "PORT": self.sockets["tcp"].getsockname()[1], "UDP": self.sockets["udp"].getsockname()[1],
            "UNIX": self.folder / "stream", "DATAGRAM": self.folder / "datagram", "ABSTRACT": f"nl2opt-{os.getpid()}",
        }  # fmt: skip
        for name, value in names.items():
            text = text.replace(f"@{name}@", str(value))
        return text

    def unharmed(self) -> None:
        """Check all of it."""
        secret = self.folder / "secret"
        assert secret.read_text() == SECRET
        assert secret.stat().st_mode & 0o777 == 0o600
        assert secret.stat().st_mtime > 1_000_000
        assert secret.stat().st_nlink == 1
        assert secret.stat().st_uid == os.getuid()
        assert sorted(os.listdir(self.folder)) == ["datagram", "secret", "stream"]
        assert self.process.poll() is None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        assert "State:\tS" in status
        assert "TracerPid:\t0" in status
        for one in self.sockets.values():
            with pytest.raises(BlockingIOError):
                one.accept() if one.type & 0xF == socket.SOCK_STREAM else one.recv(99)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """What an attack could harm."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    sockets = {
        "tcp": socket.socket(),
        "udp": socket.socket(type=socket.SOCK_DGRAM),
        "stream": socket.socket(socket.AF_UNIX),
    }
    for name in ("datagram", "abstract"):
        sockets[name] = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sockets["tcp"].bind(("127.0.0.1", 0))
    sockets["udp"].bind(("127.0.0.1", 0))
    sockets["stream"].bind(str(tmp_path / "stream"))
    sockets["datagram"].bind(str(tmp_path / "datagram"))
    sockets["abstract"].bind(f"\0nl2opt-{os.getpid()}")
    for one in (sockets["tcp"], sockets["stream"]):
        one.listen()
    for one in sockets.values():
        one.setblocking(False)
    process = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(600)"])
    time.sleep(0.1)
    yield Host(tmp_path, process, sockets)
    process.kill()
    process.wait()
    for one in sockets.values():
        one.close()


@pytest.fixture(scope="module", params=["full", "reduced"])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    """Workers of each mode that this machine has."""
    without = frozenset({NAMESPACES}) if request.param == "reduced" else frozenset()
    with Pool(without=without, at_once=8) as pool:
        yield pool
        assert pool.run("print('served')").output == "served\n"


def attack(pool: Pool, host: Host, programs: dict[str, str]) -> dict[str, ProgramRun]:
    """Run attacks, all at once, and check that nothing came of them."""
    pool.isolation("pyomo")
    worker = pool._workers["pyomo"]
    runs = pool.map([host.program(text, worker.pid) for text in programs.values()], limits=SHORT)
    told = dict(zip(programs, runs, strict=True))
    host.unharmed()
    assert worker.is_alive
    assert all(run.attempts == 1 for run in told.values())
    assert {name: run.output for name, run in told.items() if "SECRET" in run.output + run.errors} == {}
    assert worker._process.poll() is None
    return told


@pytest.mark.parametrize("group", ["FILES", "NETWORK", "PROCESSES", "UNDOING"])
def test_nothing_outside_is_reached(pool: Pool, host: Host, group: str) -> None:
    attack(pool, host, getattr(attacks, group))


def test_floods_end_within_their_limits(pool: Pool, host: Host) -> None:
    before = set(Path("/tmp").glob("nl2opt-jobs-*/*"))  # noqa: S108 - where workers keep private folders
    started = time.monotonic()
    told = attack(pool, host, attacks.FLOODS)
    assert time.monotonic() - started < 25
    assert not {name: run for name, run in told.items() if run.kind is RunKind.FINISHED}
    assert told["blocked signals"].kind is RunKind.TIMEOUT
    assert told["output"].kind is RunKind.OUTPUT_LIMIT
    assert set(Path("/tmp").glob("nl2opt-jobs-*/*")) <= before  # noqa: S108


def test_forged_reports_are_read_without_harm(pool: Pool, host: Host) -> None:
    told = attack(pool, host, attacks.FORGERIES)
    assert told["code of the child"].exit_code == 97
    assert told["code of the child"].kind is RunKind.EXCEPTION
    assert told["nameless signal"].signal == "signal 40"
    assert told["many parts"].notes == ()
    assert "\x1b" not in told["control codes"].output
    told["half characters"].claimed_solutions[0].model.text.encode()  # type: ignore[union-attr]


def test_the_next_run_is_not_poisoned(pool: Pool, host: Host) -> None:
    attack(pool, host, attacks.POISON)
    assert pool.run(attacks.AFTER_POISON).output == "clean\n"


def test_another_run_is_served_while_refused_calls_flood(pool: Pool) -> None:
    flood = pool.submit(attacks.FLOODS["refused calls"])
    assert pool.run("print(1)", limits=Limits(seconds=5)).kind is RunKind.FINISHED
    ended = flood.result()
    assert ended.kind is RunKind.FORBIDDEN
    assert ended.forbidden_calls == ("socket",)


@pytest.mark.parametrize("mode", ["full", "reduced"])
def test_nothing_survives_a_host_that_is_killed(tmp_path: Path, mode: str) -> None:
    mark = f"mark{os.getpid()}{mode}"
    without = [NAMESPACES] if mode == "reduced" else []
    code = (
        "from solvers.sandbox import Pool, Limits\nimport threading, time\n"
        f"pool = Pool(without=frozenset({without!r}))\npool.isolation('pyomo')\n"
        f"pool.submit('import ctypes, time; ctypes.CDLL(None).prctl(15, b\"{mark[:15]}\"); time.sleep(600)')\n"
        "time.sleep(0.5)\nprint('ready', flush=True)\ntime.sleep(600)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    assert _named(mark[:15])
    process.kill()
    process.wait()
    process.stdout.close()
    until = time.monotonic() + 5
    left = tmp_path if mode == "reduced" else tmp_path / "nothing"
    while (_named(mark[:15]) or (left.exists() and os.listdir(left))) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _named(mark[:15])
    assert not left.exists() or os.listdir(left) == []


def _named(name: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name:
                found.append(path.parent.name)
        except OSError:
            continue
    return found
