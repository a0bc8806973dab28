"""What the host asks of a worker, and how it travels: one packet of JSON, and descriptors beside it."""

from __future__ import annotations

import errno
import json
import socket
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

MAX_PACKET: Final = 65_536
MAX_DESCRIPTORS: Final = 200
_FIXED: Final = 5
_TRIES: Final = 500
_PAUSE: Final = 0.01


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run.

    Attributes:
        cpu_seconds, memory_bytes, folder_bytes, folder_files, descriptors, tasks: its limits.
        file_bytes: of the largest file that the program may write; the report counts as one.
        seed: of the random numbers.
        data: names of the data files, one for each data descriptor.
        data_bytes: how much room these take.
        rename_solvers: whether solvers that are not there are replaced by some that are.
    """

    cpu_seconds: float
    memory_bytes: int
    folder_bytes: int
    folder_files: int
    file_bytes: int
    descriptors: int
    tasks: int
    seed: int
    data: tuple[str, ...] = ()
    data_bytes: int = 0
    rename_solvers: bool = True


@dataclass(frozen=True, slots=True)
class RunDescriptors:
    """The descriptors that travel with a request.

    Attributes:
        control: on which the worker reports the end of the run, and the host may ask to stop it.
        source: the program.
        output, errors: the two outputs.
        report: where the child writes what it found in the program.
        data: the data files.
    """

    control: int
    source: int
    output: int
    errors: int
    report: int
    data: tuple[int, ...] = ()

    @property
    def all(self) -> tuple[int, ...]:
        """In the order in which they travel."""
        return (self.control, self.source, self.output, self.errors, self.report, *self.data)


def send_request(channel: socket.socket, request: RunRequest, descriptors: RunDescriptors) -> None:
    """Hand a run over.

    Raises:
        OSError: the worker is gone.
    """
    _send(channel, json.dumps(asdict(request)).encode(), descriptors.all)


def receive_request(channel: socket.socket) -> tuple[RunRequest, RunDescriptors] | None:
    """Take a run; `None` when the host has gone."""
    packet, descriptors, _, _ = socket.recv_fds(channel, MAX_PACKET, MAX_DESCRIPTORS + _FIXED)
    if not packet:
        return None
    content = json.loads(packet)
    content["data"] = tuple(content["data"])
    control, source, output, errors, report = descriptors[:_FIXED]
    return RunRequest(**content), RunDescriptors(control, source, output, errors, report, tuple(descriptors[_FIXED:]))


def packet(content: dict[str, object]) -> bytes:
    """Write a message of the worker."""
    return json.dumps(content).encode()


def unpacked(text: bytes) -> dict[str, object]:
    """Read a message of the worker.

    Raises:
        ValueError: it is none.
    """
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("no object")
    return content


def sent_descriptors(channel: socket.socket, descriptors: Sequence[int]) -> None:
    """Send descriptors alone."""
    _send(channel, b"d", descriptors)


def _send(channel: socket.socket, content: bytes, descriptors: Sequence[int]) -> None:
    """Send; the kernel bounds the descriptors of a user that are on their way, so that it may take a moment."""
    for _ in range(_TRIES):
        try:
            socket.send_fds(channel, [content], list(descriptors))
        except OSError as error:
            if error.errno != errno.ETOOMANYREFS:
                raise
            time.sleep(_PAUSE)
        else:
            return
    raise OSError(errno.ETOOMANYREFS, "too many descriptors are on their way to workers")
