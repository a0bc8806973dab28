"""Cross-check: the rendered program, run as a process of its own, must reach the same optimum."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nl2opt.errors import FormulationError
from nl2opt.formulation.render import LIBRARY_NAMES
from nl2opt.formulation.schema import Formulation
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome

DEFAULT_SECONDS = 120.0
_TOLERANCE = 1e-6
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH")
"""Environment variables that the program gets; keys and tokens are not among them."""


def crosscheck_evidence(
    formulation: Formulation,
    objective: float,
    later: Sequence[float] = (),
    *,
    library: str = "pyomo",
    timeout_seconds: float = DEFAULT_SECONDS,
) -> Evidence:
    """Render a formulation as a program, run it, and compare the optimum.

    The program is made of validated identifiers and literals only, so it is ours and not the language
    model's; it still gets a process, an empty folder and a time limit of its own, and no keys.

    Whatever happens to the program is evidence and no exception.

    Args:
        formulation: what was solved.
        objective: the optimum that was found the direct way.
        later: where there are several objectives, the optima of the later ones, in the order in which they are solved.
        library: the modelling library of the program: `pyomo`, `highspy`, `ortools` or `pyscipopt`.
        timeout_seconds: after which the program is stopped.
    """
    name = LIBRARY_NAMES.get(library, library)
    try:
        program = formulation.to_program(library)
    except (FormulationError, ValueError) as error:
        return _evidence(Outcome.NOT_RUN, f"No {name} program can be written ({error}).")
    try:
        output = run_program(program, timeout_seconds=timeout_seconds)
    except subprocess.TimeoutExpired:
        return _evidence(Outcome.NOT_RUN, f"The {name} program took longer than {timeout_seconds:g} seconds.")
    except OSError as error:
        return _evidence(Outcome.NOT_RUN, f"The {name} program could not be started ({error}).")
    found = _objective(output)
    if found is None:
        last = output.strip().splitlines()[-1:] or ["nothing"]
        said = f"it said: {last[0][:200]}"
        return _evidence(Outcome.FAILED, f"The {name} program reached no optimum; {said}")
    for ours, theirs in zip((objective, *later), (found, *_later(output)), strict=False):
        if abs(theirs - ours) > _TOLERANCE * max(1.0, abs(ours)):
            return _evidence(Outcome.FAILED, f"The {name} program reaches {theirs:g}, not {ours:g}.")
    return _evidence(Outcome.PASSED, f"The {name} program, run on its own, reaches the same optimum ({found:g}).")


def run_program(program: str, *, timeout_seconds: float) -> str:
    """Run a rendered program in a process and a folder of its own; return what it printed, errors last.

    Args:
        program: its text.
        timeout_seconds: after which it is stopped.

    Raises:
        subprocess.TimeoutExpired: it took too long and was stopped.
        OSError: it could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="nl2opt-") as folder:
        path = Path(folder) / "program.py"
        path.write_text(program, encoding="utf-8")
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        finished = subprocess.run(
            [sys.executable, "-I", str(path)],
            cwd=folder,
            env={**environment, "HOME": folder},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_seconds,
            check=False,
        )
    return finished.stdout if finished.returncode == 0 else f"{finished.stdout}\n{finished.stderr}"


def _objective(output: str) -> float | None:
    """Read the optimum from the last lines of a rendered program's print-out."""
    lines = [line.split(": ", 1) for line in output.splitlines() if ": " in line]
    facts = {key.strip(): value.strip() for key, value in lines}
    if facts.get("status") != "optimal":
        return None
    try:
        return float(facts["objective"])
    except (KeyError, ValueError):
        return None


def _later(output: str) -> list[float]:
    """Read the optima of later objectives: lines such as `objective 2: 3.5`."""
    found = re.findall(r"^objective \d+: (\S+)$", output, re.MULTILINE)
    return [float(text) for text in found]


def _evidence(outcome: Outcome, text: str) -> Evidence:
    return Evidence(name="program_agreement", kind=EvidenceKind.SOLVING, outcome=outcome, text=text)
