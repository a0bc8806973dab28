"""What came of one run of a program."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class RunKind(enum.StrEnum):
    """How a run ended. The host decides it, by facts that the program cannot write."""

    FINISHED = "finished"
    """The program came to its end."""
    EXCEPTION = "exception"
    """It stopped with an exception, or ended itself with a code other than 0."""
    TIMEOUT = "timeout"
    """It took longer, or more of the processor, than it may."""
    MEMORY = "memory"
    """It asked for more memory than it may have."""
    KILLED = "killed"
    """It crashed, or something outside stopped it."""
    FORBIDDEN = "forbidden"
    """It failed over something that programs may not do; `ProgramRun.forbidden_calls` says what."""
    OUTPUT_LIMIT = "output_limit"
    """It wrote more than it may."""
    CANCELLED = "cancelled"
    """The person who asked for the run stopped it."""


class Isolation(enum.StrEnum):
    """How far a program is kept from the machine."""

    FULL = "full"
    REDUCED = "reduced"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in the program's own code.

    Attributes:
        line: number, from 1.
        function: that is running there; `<module>` outside functions.
        text: of the line.
    """

    line: int
    function: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestException:
    """An exception that the program did not catch, as the program's process tells it.

    Attributes:
        kind: name of its class.
        message: its text, shortened.
        frames: the last places in the program's own code, innermost last; empty where there are none.
        hints: what helps to mend it, such as the real signature of the function that was called wrongly.
    """

    kind: str
    message: str
    frames: tuple[Frame, ...] = ()
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """The flat model that a program built, as a text of an exchange format.

    Attributes:
        format: `mps` or `lp`.
        text: the file.
        names: names of the columns by their names in the file, where these differ.
    """

    format: str
    text: str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedSolution:
    """What the program's own objects say of a model and its solution; nothing of it is proven.

    Attributes:
        library: whose object it was read from: `pyomo`, `highspy`, `cp_sat`, `mathopt`, `pywraplp`, `pyscipopt`, or
            `print` where only the program's text output speaks of an optimum.
        status: `optimal`, `infeasible`, `unbounded`, `infeasible_or_unbounded`, `feasible`, `limit`, `not_solved` or
            `unknown`.
        sense: `minimize`, `maximize`; empty where there is no objective, or it is not known.
        objective: of the point; `None` without one.
        values: of the variables by name, those that the library can tell; empty without a point.
        model: the model itself; `None` where it cannot be written to a file.
        why_no_model: where there is none, one sentence that says why.
    """

    library: str
    status: str
    sense: str = ""
    objective: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    model: ModelFile | None = None
    why_no_model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRun:
    """What came of one run of a program.

    Whatever begins with `claimed` comes out of the program's own process, where the program may have forged it: it
    becomes worth something only when the model is solved again, or the point checked, outside.

    Attributes:
        kind: how it ended.
        message: one sentence for a person.
        output: what it printed, decoded, without control characters; shortened to the first megabyte.
        errors: what it wrote to its error output, in the same way.
        claimed_exception: that it did not catch; `None` when there is none.
        claimed_solutions: read from the model objects that it left behind, the last one solved first.
        notes: what the host did to let it run, such as calling another solver than the program named.
        forbidden_calls: names of system calls that were refused, each once, in the order of the first.
        exit_code: `None` when a signal ended it.
        signal: that ended it, `SIGSEGV`; empty when none did.
        seconds: wall clock, from request to result, without waiting in a queue.
        cpu_seconds: of the run.
        peak_memory_bytes: resident, libraries included.
        isolation: how far it was kept from the machine.
        layers: the parts of the isolation that were on.
        attempts: how often it was run: 2 where the first worker was lost.
    """

    kind: RunKind
    message: str
    output: str = ""
    errors: str = ""
    claimed_exception: GuestException | None = None
    claimed_solutions: tuple[ClaimedSolution, ...] = ()
    notes: tuple[str, ...] = ()
    forbidden_calls: tuple[str, ...] = ()
    exit_code: int | None = None
    signal: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0
    isolation: Isolation = Isolation.NONE
    layers: tuple[str, ...] = ()
    attempts: int = 1

    @property
    def is_finished(self) -> bool:
        """Whether the program came to its end."""
        return self.kind is RunKind.FINISHED
