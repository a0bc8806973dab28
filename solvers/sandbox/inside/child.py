"""The child of a worker: seals itself, then runs one program, and ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
import tempfile
from typing import Final, NoReturn

from solvers.sandbox.inside import system_calls as system
from solvers.sandbox.inside.families import seed_random_numbers
from solvers.sandbox.inside.landlock import restrict_files
from solvers.sandbox.inside.layers import REPORTS, Ground
from solvers.sandbox.inside.request import RunDescriptors, RunRequest, sent_descriptors
from solvers.sandbox.inside.rlimits import Taken, set_resource_limits

NOT_SEALED: Final = 97
"""Exit code of a child that could not seal itself; the program may use the same, so that it decides nothing."""
SEALED: Final = b"d"
"""What a child says to its worker, once, between sealing itself and looking at the program."""
_REPORT, _SOURCE = 3, 4
_NICE: Final = 5


def run_in_child(
    ground: Ground,
    request: RunRequest,
    descriptors: RunDescriptors,
    *,
    folder: str,
    taken: Taken,
    reports: socket.socket,
    parent: int,
) -> NoReturn:
    """Seal this process, run the program, write the report, and end.

    Args:
        ground: of the worker.
        request: what is run, within which limits.
        descriptors: of the run.
        folder: private to the run.
        taken: what the libraries take.
        reports: where the descriptor on which refused calls are reported is sent.
        parent: number of the worker, as this process sees it.
    """
    code = NOT_SEALED
    try:
        _end_with(parent)
        os.setsid()
        _copy_data(request, descriptors, folder)
        _arrange(descriptors, reports)
        os.chdir(folder)
        _clean_surroundings(folder)
        seed_random_numbers(request.seed)
        _seal(ground, request, folder, taken)
        from solvers.sandbox.inside.guest import run_guest

        code = run_guest(_SOURCE, _REPORT, rename_solvers=request.rename_solvers)
    except BaseException as error:  # noqa: BLE001 - nothing of the worker may run on in the child
        with contextlib.suppress(BaseException):
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)


def _end_with(parent: int) -> None:
    """Have the kernel kill this process when the worker ends, where no namespace does."""
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(NOT_SEALED)  # it has ended before we asked


def _copy_data(request: RunRequest, descriptors: RunDescriptors, folder: str) -> None:
    """Copy the data files into the private folder."""
    for name, descriptor in zip(request.data, descriptors.data, strict=True):
        with open(os.path.join(folder, name), "xb") as file:
            place, left = 0, os.fstat(descriptor).st_size
            while left and (done := os.sendfile(file.fileno(), descriptor, place, left)):
                place, left = place + done, left - done


_KEPT: Final = 5


def _arrange(descriptors: RunDescriptors, reports: socket.socket) -> None:
    """Put the descriptors in their places, close all others, and keep `reports` open for a moment."""
    nothing = os.open("/dev/null", os.O_RDWR)  # one of its own: what is set on a shared one stays for the next run
    moved = [
        fcntl.fcntl(descriptor, fcntl.F_DUPFD, _KEPT + 1)
        for descriptor in (
            nothing, descriptors.output, descriptors.errors, descriptors.report, descriptors.source, reports.fileno(),
        )
    ]  # fmt: skip
    reports.detach()
    for place, descriptor in enumerate(moved):
        os.dup2(descriptor, place)
    os.closerange(_KEPT + 1, max(os.sysconf("SC_OPEN_MAX"), 4096))


def _clean_surroundings(folder: str) -> None:
    os.environ.update({"HOME": folder, "TMPDIR": folder, "PWD": folder})
    tempfile.tempdir = folder
    sys.argv = ["program.py"]
    sys.path.insert(0, folder)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - they live as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115


def _seal(ground: Ground, request: RunRequest, folder: str, taken: Taken) -> None:
    """Give up every right that the program must not have; from here on the process cannot undo it.

    Raises:
        OSError: a layer of the ground does not hold.
    """
    os.nice(_NICE)
    set_resource_limits(
        cpu_seconds=request.cpu_seconds,
        memory_bytes=request.memory_bytes,
        file_bytes=request.file_bytes,
        descriptors=request.descriptors,
        tasks=request.tasks,
        taken=taken,
    )
    system.drop_capabilities()
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
    if ground.landlock:
        restrict_files(ground.landlock, ground.readable, [folder, "/dev/null"])
    reports = socket.socket(fileno=_KEPT)
    if ground.filter is not None:
        listen = REPORTS in ground.layers
        listener = ground.filter.install(os.getpid(), listen=listen)
        if listen:
            sent_descriptors(reports, [listener])
            os.close(listener)
    if ground.filter is None or REPORTS not in ground.layers:
        reports.send(SEALED)
    reports.close()
