"""What an answer keeps of a program that was written: its text, and what came of running it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from solvers.sandbox.program_run import ProgramRun

_OUTPUT: Final = 20_000
"""Characters of the output that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRecord:
    """A program and what came of it.

    Whatever begins with `claimed` is the program's own word; whatever begins with `solved` was found outside the
    sandbox, by solving the model that the program built once more.

    Attributes:
        text: of the program.
        kind: how its run ended, a value of `solvers.sandbox.RunKind`; empty when it was not run.
        message: the same in one sentence; why not, when it was not run.
        output: what it printed, shortened.
        errors: what it wrote to its error output, shortened.
        library: whose model it left behind: `pyomo`, `highspy`, `cp_sat` and so on; `print` where only its text output
            speaks of an optimum; empty where nothing does.
        sense: of the objective: `minimize` or `maximize`; empty when not known.
        claimed_status: `optimal`, `infeasible` and so on; empty where it claims nothing.
        claimed_objective: `None` where it claims none.
        solved_status: the termination of the second solve; empty where there was none.
        solved_objective: of the second solve; `None` without a point.
        agrees: whether both have the same end and optimum; `None` where one of them is missing.
        why_not_solved: why there was no second solve; empty where there was one.
        notes: what was done to let it run, such as calling another solver than it named, and what it was refused.
        isolation: how far it was kept from the machine: `full`, `reduced` or `none`.
        seconds: of the run.
    """

    text: str
    kind: str = ""
    message: str = ""
    output: str = ""
    errors: str = ""
    library: str = ""
    sense: str = ""
    claimed_status: str = ""
    claimed_objective: float | None = None
    solved_status: str = ""
    solved_objective: float | None = None
    agrees: bool | None = None
    why_not_solved: str = ""
    notes: tuple[str, ...] = ()
    isolation: str = ""
    seconds: float = 0.0

    @classmethod
    def of_run(cls, text: str, run: ProgramRun) -> ProgramRecord:
        """Return what a run alone tells."""
        return cls(
            text=text,
            kind=run.kind.value,
            message=run.message,
            output=run.output[:_OUTPUT],
            errors=run.errors[-_OUTPUT:],
            notes=(*run.notes, *_refused(run)),
            isolation=run.isolation.value,
            seconds=run.seconds,
        )

    def to_plain(self) -> dict[str, Any]:
        """Return everything as JSON objects, for `from_plain`."""
        return {**asdict(self), "notes": list(self.notes)}

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> ProgramRecord:
        """Read what `to_plain` wrote; what a later version added is passed over."""
        known = {field.name: content[field.name] for field in fields(cls) if field.name in content}
        return cls(**{**known, "notes": tuple(known.get("notes", ()))})


def _refused(run: ProgramRun) -> tuple[str, ...]:
    if not run.forbidden_calls:
        return ()
    return (f"The program was refused what it may not do: {', '.join(run.forbidden_calls)}.",)
