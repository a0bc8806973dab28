"""Runs rendered programs as programs, many in one child process since starting one takes most of the time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nl2opt import Formulation

Outcome = tuple[str, float | None]
"""The status, and the objective where there is one."""
_END = "-- end of program --"
_RUNNER = """
import runpy, traceback
from pathlib import Path
for path in sorted(Path({folder!r}).iterdir()):
    try:
        runpy.run_path(str(path), run_name="__main__")
    except Exception:
        print("status: " + traceback.format_exc().replace("\\n", " | "))
    print({end!r})
"""


def outcomes_of(programs: Sequence[str]) -> list[Outcome]:
    """Return the status and the objective that each program prints."""
    with tempfile.TemporaryDirectory() as folder:
        for number, program in enumerate(programs):
            (Path(folder) / f"program_{number:05}.py").write_text(program, encoding="utf-8")
        printed = _printed(_RUNNER.format(folder=folder, end=_END), folder).split(_END)[:-1]
    assert len(printed) == len(programs)
    return [_outcome(text) for text in printed]


def outcomes_of_programs(formulations: Sequence[Formulation], library: str = "pyomo") -> list[Outcome]:
    """Return the status and the objective that the program of each formulation prints."""
    return outcomes_of([formulation.to_program(library) for formulation in formulations])


def outcome_of_solving(formulation: Formulation) -> Outcome:
    """Return the same for the direct way."""
    solution = formulation.solve()
    return solution.termination.value, solution.objective


def _outcome(printed: str) -> Outcome:
    facts = dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)
    return facts["status"], float(facts["objective"]) if "objective" in facts else None


def _printed(program: str, folder: str) -> str:
    """Return what a program prints, run by a fresh Python as people run it."""
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return ended.stdout
