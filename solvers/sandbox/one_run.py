"""One run of a program on a worker: hands it over, reads its outputs, keeps its time, and says how it ended."""

from __future__ import annotations

import os
import select
import socket
import stat
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from solvers.errors import ProgramError
from solvers.sandbox.conclusion import Told, concluded
from solvers.sandbox.inside.request import MAX_PACKET, RunDescriptors, RunRequest, unpacked
from solvers.sandbox.limits import Limits
from solvers.sandbox.program_run import ProgramRun, RunKind
from solvers.sandbox.report import read_report
from solvers.sandbox.shown import plain_text
from solvers.sandbox.worker import Worker, WorkerLostError, WorkerStuckError

Data = Mapping[str, bytes | str | Path]
"""What a program may read: files by name, each as its content or as the path of a file that is copied."""

_REPORT_BYTES: Final = 32 * 1024 * 1024
_KEPT_OUTPUT: Final = 1024 * 1024
_CHUNK: Final = 65_536
_LOOK_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 15.0
"""Within which a worker says that a run has ended that it was told to stop."""
_MOST_DATA: Final = 200
_MOST_NAMES: Final = 16_000
_MOST_DATA_BYTES: Final = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is run.

    Attributes:
        source: the program.
        data: files that it may read.
        limits: within which.
        seed: of random numbers.
        rename_solvers: whether solvers that are not there are replaced by some that are.
    """

    source: bytes
    data: Data
    limits: Limits
    seed: int = 0
    rename_solvers: bool = True


def run_on(worker: Worker, job: Job, cancel: threading.Event | None = None) -> ProgramRun:
    """Run a program.

    Raises:
        WorkerLostError: the worker ended before the run did.
        ProgramError: a data file cannot be read, or has a name that is none.
        SandboxError: the run could not be begun.
    """
    started = time.perf_counter()
    with ExitStack() as stack:
        data = [_data_descriptor(stack, name, content) for name, content in _files(job.data)]
        source = _in_memory(stack, "program", job.source)
        report = _in_memory(stack, "report", b"")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stack.callback(ours.close)
        (output, output_end), (errors, errors_end) = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
        stack.callback(os.close, output)
        stack.callback(os.close, errors)
        descriptors = RunDescriptors(theirs.fileno(), source, output_end, errors_end, report, tuple(data))
        try:
            worker.start(_request(job, data), descriptors)
        finally:
            theirs.close()
            os.close(output_end)
            os.close(errors_end)
        watch = _Watch(ours, output, errors, job.limits, cancel)
        try:
            ending = watch.until_the_end()
        except WorkerStuckError:
            worker.kill()
            raise
        told = Told(
            ending=ending,
            report=read_report(_content(report)),
            output=plain_text(watch.texts[output]),
            errors=plain_text(watch.texts[errors]),
            stopped=watch.stopped,
        )
        return concluded(worker, job.limits, told, seconds=time.perf_counter() - started)


def _request(job: Job, data: list[int]) -> RunRequest:
    limits = job.limits
    cpu_seconds = limits.cpu_seconds or limits.seconds * (os.cpu_count() or 1)
    data_bytes = sum(os.fstat(descriptor).st_size for descriptor in data)
    if data_bytes > _MOST_DATA_BYTES:
        raise ProgramError(
            f"The data files have {data_bytes:,} bytes; at most {_MOST_DATA_BYTES:,} can be handed over."
        )
    return RunRequest(
        cpu_seconds=cpu_seconds,
        memory_bytes=limits.memory_bytes,
        folder_bytes=limits.folder_bytes,
        folder_files=limits.folder_files,
        file_bytes=max(limits.folder_bytes + data_bytes, _REPORT_BYTES),
        descriptors=limits.descriptors,
        tasks=limits.tasks,
        seed=job.seed,
        data=tuple(job.data),
        data_bytes=data_bytes,
        rename_solvers=job.rename_solvers,
    )


def _files(data: Data) -> list[tuple[str, bytes | str | Path]]:
    if len(data) > _MOST_DATA:
        raise ProgramError(f"{len(data)} data files are handed over; at most {_MOST_DATA} can be.")
    for name in data:
        if not name or name != os.path.basename(name) or name in (".", "..") or "\0" in name or _size(name) > 200:
            raise ProgramError(f"A data file cannot be called {name!r}: it needs a plain file name, without folders.")
    if sum(map(_size, data)) > _MOST_NAMES:
        raise ProgramError(f"The names of the data files are too long: together they may have {_MOST_NAMES:,} bytes.")
    return list(data.items())


def _size(name: str) -> int:
    """Return the bytes of a name.

    Raises:
        ProgramError: it is no Unicode text.
    """
    return len(_encoded(name, f"A data file cannot be called {name!r}: the name"))


def _encoded(text: str, subject: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ProgramError(f"{subject} is no Unicode text: half a character stands at {error.start}.") from error


def _data_descriptor(stack: ExitStack, name: str, content: bytes | str | Path) -> int:
    if not isinstance(content, Path):
        if isinstance(content, str):
            content = _encoded(content, f"The data file {name!r}")
        return _in_memory(stack, "data", content)
    try:
        descriptor = os.open(content, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise ProgramError(f"The data file {name!r} cannot be read: {error.strerror}.") from error
    stack.callback(os.close, descriptor)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise ProgramError(
            f"The data file {name!r} is no ordinary file: a folder, a device or a pipe cannot be copied."
        )
    return descriptor


def _in_memory(stack: ExitStack, name: str, content: bytes) -> int:
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _content(report: int) -> bytes:
    size = min(os.fstat(report).st_size, _REPORT_BYTES)
    return os.pread(report, size, 0)


@dataclass(slots=True)
class _Watch:
    """Reads the outputs of a run and keeps its time until the worker says that it has ended.

    Attributes:
        control: to the worker.
        output, errors: where the two outputs are read.
        limits: of the run.
        cancel: set to stop.
        stopped: why this side stopped the run; `None` when it did not.
        stopped_at: when.
    """

    control: socket.socket
    output: int
    errors: int
    limits: Limits
    cancel: threading.Event | None
    stopped: RunKind | None = None
    stopped_at: float = 0.0
    texts: dict[int, bytearray] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)

    def until_the_end(self) -> dict[str, object]:
        """Return what the worker says of the end.

        Raises:
            WorkerLostError: the worker ended.
        """
        for descriptor in (self.output, self.errors):
            os.set_blocking(descriptor, False)
            self.texts[descriptor], self.sizes[descriptor] = bytearray(), 0
        poll = select.poll()
        for watched in (self.control.fileno(), self.output, self.errors):
            poll.register(watched, select.POLLIN)
        deadline = time.monotonic() + self.limits.seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                self._stop(RunKind.TIMEOUT)
            if self.cancel is not None and self.cancel.is_set():
                self._stop(RunKind.CANCELLED)
            if self.stopped is not None and time.monotonic() > self.stopped_at + _PATIENCE_SECONDS:
                raise WorkerStuckError
            wait = _LOOK_SECONDS if self.cancel is not None or self.stopped is not None or left <= 0 else left
            for descriptor, _ in poll.poll(wait * 1000):
                if descriptor == self.control.fileno():
                    return self._ending()
                if not self._read(descriptor):
                    poll.unregister(descriptor)

    def _stop(self, kind: RunKind) -> None:
        if self.stopped is None:
            self.stopped, self.stopped_at = kind, time.monotonic()
            with suppress(OSError):  # it may have ended just now: then its ending can be read
                self.control.send(b"stop")

    def _read(self, descriptor: int) -> bool:
        """Read what is there; return whether more may come."""
        try:
            chunk = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return True
        text = self.texts[descriptor]
        text += chunk[: max(0, _KEPT_OUTPUT - len(text))]
        self.sizes[descriptor] += len(chunk)
        if self.sizes[descriptor] > self.limits.output_bytes:
            self._stop(RunKind.OUTPUT_LIMIT)
        return bool(chunk)

    def _ending(self) -> dict[str, object]:
        text = b""
        for _ in range(2):  # where our word to stop came too late to be read, the first try fails, the next does not
            with suppress(OSError):
                text = self.control.recv(MAX_PACKET)
                break
        if not text:
            raise WorkerLostError
        for descriptor in (self.output, self.errors):  # what is left in the pipe; nobody can write any more
            while self.sizes[descriptor] <= self.limits.output_bytes and self._read_rest(descriptor):
                pass
        return unpacked(text)

    def _read_rest(self, descriptor: int) -> bool:
        before = self.sizes[descriptor]
        self._read(descriptor)
        return self.sizes[descriptor] > before
