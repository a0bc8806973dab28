"""Says how a run ended, from what the host did and what the kernel says of the child."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass

from solvers.errors import SandboxError
from solvers.sandbox.limits import MEGABYTE, Limits
from solvers.sandbox.printed import printed_solution
from solvers.sandbox.program_run import ClaimedSolution, GuestException, ProgramRun, RunKind
from solvers.sandbox.report import Report
from solvers.sandbox.worker import Worker

_MEMORY_SIGNS = ("bad_alloc", "MemoryError", "Cannot allocate memory", "out of memory")
_REFUSED_KINDS = ("PermissionError", "OSError", "BlockingIOError", "ApplicationError", "RuntimeError")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a run that has ended.

    Attributes:
        ending: what the worker says of it, which is what the kernel says.
        report: what the child says of it.
        output, errors: what it wrote.
        stopped: why the host stopped it; `None` when it did not.
    """

    ending: Mapping[str, object]
    report: Report
    output: str
    errors: str
    stopped: RunKind | None

    @property
    def exit_code(self) -> int | None:
        """Of the child; `None` when a signal ended it."""
        code = self.ending["exit_code"]
        return code if isinstance(code, int) else None

    @property
    def signal(self) -> str:
        """The signal that ended it; empty when none did."""
        number = self.ending["signal"]
        if not isinstance(number, int) or not number:
            return ""
        try:
            return signal.Signals(number).name
        except ValueError:  # most of the real-time signals have no name
            return f"signal {number}"

    @property
    def cpu_seconds(self) -> float:
        """Of all its threads."""
        return float(str(self.ending["cpu_seconds"]))

    @property
    def refused(self) -> tuple[str, ...]:
        """Names of the calls that it was refused."""
        names = self.ending["refused"]
        return tuple(map(str, names)) if isinstance(names, list) else ()


def concluded(worker: Worker, limits: Limits, told: Told, *, seconds: float) -> ProgramRun:
    """Return the run.

    Raises:
        SandboxError: it could not be begun.
    """
    if "failure" in told.ending:
        raise SandboxError(f"{told.ending['failure']} Free some memory or disk space, then run the program again.")
    if not told.ending["sealed"]:
        raise SandboxError(f"The program was not run, since its process could not be sealed. {told.errors[-300:]}")
    kind, message = _ending(limits, told)
    return ProgramRun(
        kind=kind,
        message=message,
        output=told.output,
        errors=told.errors,
        claimed_exception=told.report.exception,
        claimed_solutions=told.report.solutions or _printed(kind, told.output),
        notes=told.report.notes,
        forbidden_calls=told.refused,
        exit_code=told.exit_code,
        signal=told.signal,
        seconds=seconds,
        cpu_seconds=told.cpu_seconds,
        peak_memory_bytes=int(str(told.ending["peak_memory_bytes"])),
        isolation=worker.isolation,
        layers=worker.layers,
    )


def _printed(kind: RunKind, output: str) -> tuple[ClaimedSolution, ...]:
    """Return what the output says of an optimum, for want of model objects."""
    found = printed_solution(output) if kind is RunKind.FINISHED else None
    return () if found is None else (found,)


def _ending(limits: Limits, told: Told) -> tuple[RunKind, str]:
    stopped = _stopped(limits, told)
    if stopped is not None:
        return stopped
    exception = told.report.exception
    if told.signal == "SIGSYS" or (told.exit_code != 0 and told.refused and _is_over_refusal(exception)):
        calls = ", ".join(told.refused) or "a call that no program may make"
        return RunKind.FORBIDDEN, f"The program did what it may not do: {calls}."
    if _ran_out_of_memory(told):
        most = limits.memory_bytes // MEGABYTE
        return RunKind.MEMORY, f"The program asked for more than the {most} MB of memory that it may have."
    if told.signal:
        return RunKind.KILLED, f"The program crashed or was stopped from outside ({told.signal})."
    if told.exit_code == 0:
        return RunKind.FINISHED, "The program came to its end."
    if exception is None:
        return RunKind.EXCEPTION, f"The program ended itself with code {told.exit_code}."
    where = f" in line {exception.frames[-1].line}" if exception.frames else ""
    if exception.kind == "SystemExit":
        return RunKind.EXCEPTION, f"The program ended itself{where} with code {told.exit_code}."
    return RunKind.EXCEPTION, f"The program stopped{where}: {exception.kind}: {exception.message}".rstrip(": ") + "."


def _stopped(limits: Limits, told: Told) -> tuple[RunKind, str] | None:
    """Say which limit ended the run; `None` when none did."""
    cpu_seconds = limits.cpu_seconds
    if told.stopped is RunKind.CANCELLED:
        return RunKind.CANCELLED, "The run was stopped."
    if told.stopped is RunKind.OUTPUT_LIMIT:
        return told.stopped, f"The program wrote more than {limits.output_bytes:,} bytes of output."
    if told.ending["stopped"] == "folder":
        most = f"{limits.folder_bytes // MEGABYTE} MB in {limits.folder_files:,} files"
        return RunKind.OUTPUT_LIMIT, f"The program wrote more than {most}."
    if told.ending["stopped"] == "refusals":
        return RunKind.FORBIDDEN, f"The program kept trying what it may not do: {', '.join(told.refused)}."
    if told.stopped is RunKind.TIMEOUT:
        return told.stopped, f"The program took longer than {limits.seconds:g} seconds."
    if told.signal == "SIGXCPU" or (cpu_seconds and told.signal == "SIGKILL" and told.cpu_seconds >= cpu_seconds):
        return RunKind.TIMEOUT, f"The program took more than {told.cpu_seconds:.0f} seconds of the processors."
    return None


def _is_over_refusal(exception: GuestException | None) -> bool:
    return exception is None or exception.kind in _REFUSED_KINDS


def _ran_out_of_memory(told: Told) -> bool:
    exception = told.report.exception
    if exception is not None and exception.kind in ("MemoryError", "_ArrayMemoryError"):
        return True
    return told.signal in ("SIGABRT", "SIGSEGV") and any(sign in told.errors for sign in _MEMORY_SIGNS)
