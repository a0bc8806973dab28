"""The host's side of a worker process."""

from __future__ import annotations

import contextlib
import json
import os
import site
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

from solvers.errors import SandboxError
from solvers.sandbox.inside.folder import remove_folder
from solvers.sandbox.inside.layers import LANDLOCK, NAMESPACES, OWN_ROOT, SECCOMP
from solvers.sandbox.inside.request import MAX_PACKET, RunDescriptors, RunRequest, send_request, unpacked
from solvers.sandbox.program_run import Isolation

_OWN: Final = str(Path(__file__).resolve().parents[2])
"""Where this package lies."""
_START_SECONDS: Final = 60.0
_START: Final = (
    "import sys, json; told = json.loads(sys.argv[1]); "
    "sys.path.insert(0, told['own']); sys.path.extend(told['users']); "
    "from solvers.sandbox.inside.zygote import serve; "
    "serve(told['channel'], told['family'], told['jobs'], frozenset(told['without']))"
)
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",  # the same program does the same thing every time
    # A thread of a library that is there before a fork is missing after it, and is waited for without end.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # of pyarrow, which pandas imports where it is installed
    "PATH": "/usr/bin:/bin",
}


class WorkerLostError(Exception):
    """The worker ended before the run did."""


class WorkerStuckError(WorkerLostError):
    """The worker does not answer any more."""


class Worker:
    """A process with the libraries of one family, in which any number of runs are started.

    Attributes:
        family: whose libraries it has imported.
        layers: of the isolation, that are on.
        started: how many runs it was given.
        running: how many of them have not ended.
    """

    def __init__(self, family: str, *, without: frozenset[str] = frozenset()) -> None:
        """Start it and wait until it serves.

        Args:
            family: one of `FAMILIES`.
            without: layers that are left out on purpose, to measure or to test the others.

        Raises:
            SandboxError: it does not start.
        """
        self.family = family
        self.started = self.running = 0
        self._sending = threading.Lock()
        self._jobs = tempfile.mkdtemp(prefix="nl2opt-jobs-")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        told = {
            "own": _OWN, "users": _user_libraries(), "channel": theirs.fileno(), "family": family, "jobs": self._jobs,
            "without": sorted(without),
        }  # fmt: skip
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-B", "-c", _START, json.dumps(told)],
                pass_fds=[theirs.fileno()],
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,
            )
        finally:
            theirs.close()
        self.layers, threads = self._greeting()
        if threads != 1:
            self.close()
            raise SandboxError(f"The worker for {family} has {threads} threads after its imports; it must have one.")

    def _greeting(self) -> tuple[tuple[str, ...], int]:
        self._channel.settimeout(_START_SECONDS)
        try:
            content = unpacked(self._channel.recv(MAX_PACKET))
        except (OSError, ValueError) as error:
            said = self._said()
            self.close()
            raise SandboxError(f"The worker for {self.family} programs does not start. {said}") from error
        self._channel.settimeout(None)
        layers, threads = content.get("layers"), content.get("threads")
        assert isinstance(layers, list)
        assert isinstance(threads, int)
        return tuple(map(str, layers)), threads

    def _said(self) -> str:
        """Return the last line that the worker wrote to its error output."""
        self._errors.seek(0)
        lines = self._errors.read(100_000).decode(errors="replace").strip().splitlines()
        return f"It said: {lines[-1][:300]}" if lines else ""

    @property
    def isolation(self) -> Isolation:
        """How far its runs are kept from the machine."""
        return isolation_of(self.layers)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def start(self, request: RunRequest, descriptors: RunDescriptors) -> None:
        """Hand a run over.

        Raises:
            WorkerLostError: the worker has ended.
        """
        try:
            with self._sending:
                send_request(self._channel, request, descriptors)
        except OSError as error:
            raise WorkerLostError from error

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once, with all runs in it, where it does not answer any more."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it, with all runs in it."""
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self._channel.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        remove_folder(self._jobs)


def isolation_of(layers: tuple[str, ...]) -> Isolation:
    """Return what some layers come to.

    The filter of system calls, and one wall around the files, are the least with which a program is run.
    """
    if SECCOMP not in layers or not {LANDLOCK, OWN_ROOT} & set(layers):
        return Isolation.NONE
    return Isolation.FULL if {LANDLOCK, OWN_ROOT, NAMESPACES} <= set(layers) else Isolation.REDUCED


def _user_libraries() -> list[str]:
    """Return where a person's own libraries lie, which a worker would not look into by itself."""
    folder = site.getusersitepackages() if site.ENABLE_USER_SITE else ""
    return [folder] if os.path.isdir(folder) else []
