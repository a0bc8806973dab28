"""The worker process: imports the libraries of one family once, then forks a sealed child for each run.

It has one thread, reads no program, and believes nothing that a child says: what it reports to the host is what the
kernel says of the child.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import select
import signal
import socket
import time
from dataclasses import dataclass, field
from typing import Final, NoReturn

from solvers.sandbox.inside import child
from solvers.sandbox.inside.families import import_family
from solvers.sandbox.inside.folder import JobFolder
from solvers.sandbox.inside.layers import REPORTS, Ground, prepared
from solvers.sandbox.inside.request import RunDescriptors, RunRequest, packet, receive_request
from solvers.sandbox.inside.rlimits import Taken
from solvers.sandbox.inside.seccomp import refused_call

_MOST_REFUSALS: Final = 1000
"""A program that is refused more often is stopped: answering it takes time from the others."""
_WATCH_SECONDS: Final = 0.05


@dataclass(slots=True)
class _Run:
    """A child that runs."""

    pid: int
    pidfd: int
    control: socket.socket
    folder: JobFolder
    reports: socket.socket | None
    is_sealed: bool = False
    listener: int = -1
    refused: dict[str, None] = field(default_factory=dict)
    refusals: int = 0
    stopped: str = ""


def serve(channel_number: int, family: str, jobs: str, without: frozenset[str]) -> None:
    """Serve runs until the host goes.

    Args:
        channel_number: descriptor of the socket to the host.
        family: whose libraries are imported.
        jobs: a folder for private folders where there are no mounts of our own.
        without: layers that are left out on purpose.
    """
    channel = socket.socket(fileno=channel_number)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each run in flight takes some descriptors
    import_family(family)
    taken = Taken.now()
    threads = len(os.listdir("/proc/self/task"))
    ground = prepared(jobs, without=without)
    gc.collect()
    gc.freeze()
    channel.send(packet({"layers": list(ground.layers), "threads": threads}))
    Zygote(channel, ground, taken).loop()


class Zygote:
    """The loop of a worker."""

    def __init__(self, channel: socket.socket, ground: Ground, taken: Taken) -> None:
        """Prepare.

        Args:
            channel: to the host.
            ground: that this process stands on.
            taken: what the libraries take.
        """
        self._channel = channel
        self._ground = ground
        self._taken = taken
        self._poll = select.poll()
        self._poll.register(channel.fileno(), select.POLLIN)
        self._by_descriptor: dict[int, _Run] = {}
        self._next_look = 0.0

    def loop(self) -> None:
        """Serve until the host goes."""
        while True:
            watched = self._watched()
            for descriptor, events in self._poll.poll(_WATCH_SECONDS * 1000 if watched else None):
                if descriptor == self._channel.fileno():
                    request = receive_request(self._channel)
                    if request is None:
                        self._end()
                    self._start(*request)
                else:
                    self._attend(descriptor, events)
            if watched:
                self._look_at_folders(watched)

    def _end(self) -> NoReturn:
        """End with all runs and all folders, whatever the host could still do."""
        runs = {run.pid: run for run in self._by_descriptor.values()}.values()
        for run in runs:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(run.pidfd, signal.SIGKILL)
        for run in runs:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(run.pid, 0)
            run.folder.remove()
        with contextlib.suppress(OSError):
            os.rmdir(self._ground.jobs)
        os._exit(0)

    def _watched(self) -> list[_Run]:
        return [run for fd, run in self._by_descriptor.items() if fd == run.pidfd and run.folder.needs_watching]

    def _look_at_folders(self, watched: list[_Run]) -> None:
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _WATCH_SECONDS
        for run in watched:
            if run.folder.is_over():
                self._stop(run, "folder")

    def _start(self, request: RunRequest, descriptors: RunDescriptors) -> None:
        control = socket.socket(fileno=descriptors.control)
        try:
            size, files = request.folder_bytes + request.data_bytes, request.folder_files + len(request.data)
            folder = JobFolder(self._ground, size=size, files=files)
        except OSError as error:
            self._say(control, {"failure": f"The private folder cannot be made: {error.strerror}."})
            self._close(descriptors)
            control.close()
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            child.run_in_child(
                self._ground, request, descriptors, folder=folder.path, taken=self._taken, reports=theirs,
                parent=parent,
            )  # fmt: skip
        theirs.close()
        self._close(descriptors)
        run = _Run(pid, os.pidfd_open(pid), control, folder, ours)
        for watched in (run.pidfd, control.fileno(), ours.fileno()):
            self._by_descriptor[watched] = run
            self._poll.register(watched, select.POLLIN)

    @staticmethod
    def _close(descriptors: RunDescriptors) -> None:
        for descriptor in descriptors.all[1:]:
            os.close(descriptor)

    def _attend(self, descriptor: int, events: int) -> None:
        run = self._by_descriptor.get(descriptor)
        if run is None:
            return
        if descriptor == run.pidfd:
            self._finish(run)
        elif run.reports is not None and descriptor == run.reports.fileno():
            self._take_listener(run, run.reports)
        elif descriptor == run.listener:
            self._take_refusal(run, events)
        else:
            with contextlib.suppress(OSError):
                run.control.recv(16)  # a word that nobody reads would take our last word with it
            self._stop(run, "host")

    def _take_listener(self, run: _Run, reports: socket.socket) -> None:
        """Take the descriptor on which refused calls of a child are reported."""
        descriptors: list[int] = []
        with contextlib.suppress(OSError):
            said, descriptors, _, _ = socket.recv_fds(reports, 1, 1, socket.MSG_DONTWAIT)
            run.is_sealed = said == child.SEALED
        self._forget(reports.fileno())
        reports.close()
        run.reports = None
        if descriptors and REPORTS in self._ground.layers:
            run.listener = descriptors[0]
            self._by_descriptor[run.listener] = run
            self._poll.register(run.listener, select.POLLIN)

    def _take_refusal(self, run: _Run, events: int) -> None:
        if not events & select.POLLIN:  # all that could be refused have ended, and to ask would wait without end
            self._forget(run.listener)
            return
        try:
            name = refused_call(run.listener)
        except OSError:  # a signal or its end took the thread out of the call before we came
            name = ""
        if name:
            run.refused[name] = None
        run.refusals += 1
        if run.refusals >= _MOST_REFUSALS:
            self._stop(run, "refusals")

    def _stop(self, run: _Run, reason: str) -> None:
        """Kill a child; the end of it is reported when the kernel says that it has ended."""
        if not run.stopped:
            run.stopped = reason
            self._forget(run.control.fileno())
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(run.pidfd, signal.SIGKILL)

    def _finish(self, run: _Run) -> None:
        _, status, usage = os.wait4(run.pid, 0)
        for descriptor in (run.pidfd, run.control.fileno(), run.listener):
            self._forget(descriptor)
        if run.reports is not None:
            self._take_listener(run, run.reports)
            self._forget(run.listener)
        os.close(run.pidfd)
        if run.listener >= 0:
            os.close(run.listener)
        run.folder.remove()
        self._say(run.control, _ending(status, usage, run))
        run.control.close()

    def _forget(self, descriptor: int) -> None:
        if self._by_descriptor.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    @staticmethod
    def _say(control: socket.socket, content: dict[str, object]) -> None:
        with contextlib.suppress(OSError):
            control.send(packet(content))


def _ending(status: int, usage: resource.struct_rusage, run: _Run) -> dict[str, object]:
    code = os.waitstatus_to_exitcode(status)
    return {
        "exit_code": code if code >= 0 else None,
        "signal": -code if code < 0 else 0,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_memory_bytes": usage.ru_maxrss * 1024,
        "refused": list(run.refused)[:50],
        "stopped": run.stopped,
        "sealed": run.is_sealed or bool(run.stopped),
    }
