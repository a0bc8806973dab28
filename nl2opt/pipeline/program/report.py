"""A program and its run as a part of the page that people read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.words.quantities import number
from nl2opt.pipeline.program.record import ProgramRecord

_SHOWN_LINES: Final = 80
_SHOWN_OUTPUT: Final = 30
_LIBRARIES: Final = {
    "pyomo": "Pyomo", "highspy": "highspy", "cp_sat": "CP-SAT", "mathopt": "MathOpt", "pywraplp": "pywraplp",
    "pyscipopt": "PySCIPOpt", "print": "its print-out",
}  # fmt: skip


def program_sections(record: ProgramRecord, *, shows_text: bool) -> list[tuple[str, list[str]]]:
    """Return titles and lines.

    Args:
        record: the program and its run.
        shows_text: whether the program is shown; a person who wrote it knows it.
    """
    found: list[tuple[str, list[str]]] = []
    if shows_text:
        found.append(("Program", _first(record.text.splitlines(), _SHOWN_LINES)))
    found.append(("Program run", list(_run(record))))
    output = _first(record.output.splitlines(), _SHOWN_OUTPUT)
    if output:
        found.append(("Output of the program", output))
    return found


def _first(lines: list[str], most: int) -> list[str]:
    more = len(lines) - most
    return lines if more <= 0 else [*lines[:most], f"... {more} more line{'s' * (more != 1)}"]


def _run(record: ProgramRecord) -> Iterator[str]:
    if not record.kind:
        yield f"not run: {record.message}"
        return
    yield f"{record.kind.replace('_', ' ')}: {record.message}"
    yield f"{record.seconds:.2f} s, isolation {record.isolation}"
    yield from record.notes
    last = record.errors.strip().splitlines()[-1:]
    if last and record.kind != "finished":
        yield f"its error output ends: {last[0]}"
    if record.claimed_status:
        claimed = _outcome(record.claimed_status, record.claimed_objective)
        yield f"claimed by the program ({_LIBRARIES.get(record.library, record.library)}): {claimed}"
    else:
        yield "claimed by the program: nothing; it left no model and no optimum"
    if record.solved_status:
        same = {True: ", the same", False: ", NOT the same", None: ""}[record.agrees]
        yield f"solved again outside the sandbox: {_outcome(record.solved_status, record.solved_objective)}{same}"
    elif record.why_not_solved:
        yield f"not solved again: {record.why_not_solved}"


def _outcome(status: str, objective: float | None) -> str:
    words = status.replace("_", " ")
    return words if objective is None else f"{words}, {number(objective)}"
