"""Cross-check: the rendered program, run in the sandbox, must reach the same optimum."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from nl2opt.errors import FormulationError
from nl2opt.formulation.render import LIBRARIES, LIBRARY_NAMES
from nl2opt.formulation.schema import Formulation
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from solvers import SolversError
from solvers.sandbox import Limits, ProgramRun, RunKind, run_program

PROGRAM_AGREEMENT: Final = "program_agreement"
"""Name of the check that the rendered program reaches the same optimum."""
DEFAULT_SECONDS: Final = 120.0
_TOLERANCE: Final = 1e-6
_PREFERRED: Final = ("pyomo", "pyscipopt", "ortools", "highspy")
"""The libraries in the order in which they are tried: those first that say most."""
RunProgram = Callable[..., ProgramRun]
"""Runs a program as `solvers.sandbox.run_program` does."""


def crosscheck_evidence(
    formulation: Formulation,
    objective: float,
    later: Sequence[float] = (),
    *,
    gap: float = 0.0,
    library: str | None = None,
    timeout_seconds: float = DEFAULT_SECONDS,
    run: RunProgram = run_program,
) -> Evidence:
    """Render a formulation as a program, run it in the sandbox, and compare the optimum.

    The program is made of validated identifiers and literals only, so it is ours and not the language
    model's; it is run in the sandbox all the same.

    Whatever happens to the program is evidence and no exception.

    Args:
        formulation: what was solved.
        objective: the optimum that was found the direct way.
        later: where there are several objectives, the optima of the later ones, in the order in which they are solved.
        gap: how far from the best possible the optimum that was found may be, as a share; the program's may be so much
            further away.
        library: the modelling library of the program; `None` for the first one that can say the formulation.
        timeout_seconds: after which the program is stopped.
        run: what runs the program.
    """
    names = [library] if library is not None else _tried()
    program, chosen, refusals = "", "", []
    for chosen in names:
        try:
            program = formulation.to_program(chosen)
            break
        except (FormulationError, ValueError) as error:
            refusals.append(f"No {LIBRARY_NAMES.get(chosen, chosen)} program can be written ({error}).")
            if not _is_of_the_library(error):
                break
    name = LIBRARY_NAMES.get(chosen, chosen)
    if not program:
        return _evidence(Outcome.NOT_RUN, refusals[0])
    try:
        ended = run(program, limits=Limits(seconds=timeout_seconds))
    except SolversError as error:
        return _evidence(Outcome.NOT_RUN, f"The {name} program was not run. {error}")
    if ended.kind is RunKind.TIMEOUT:
        return _evidence(Outcome.NOT_RUN, f"The {name} program took longer than {timeout_seconds:g} seconds.")
    found = _objective(ended.output) if ended.is_finished else None
    if found is None:
        said = ended.message
        if ended.is_finished:
            said = f"it said: {(ended.output.strip().splitlines()[-1:] or ['nothing'])[0][:200]}"
        return _evidence(Outcome.FAILED, f"The {name} program reached no optimum; {said}")
    for ours, theirs in zip((objective, *later), (found, *_later(ended.output)), strict=False):
        if abs(theirs - ours) > (_TOLERANCE + gap) * max(1.0, abs(ours)):
            return _evidence(Outcome.FAILED, f"The {name} program reaches {theirs:g}, not {ours:g}.")
    reached = f"{found:g}, which is within the gap" if gap else f"the same optimum ({found:g})"
    return _evidence(Outcome.PASSED, f"The {name} program, run on its own, reaches {reached}.")


def _tried() -> list[str]:
    known = [library for library in _PREFERRED if library in LIBRARIES]
    return [*known, *(library for library in LIBRARIES if library not in known)]


def _is_of_the_library(error: Exception) -> bool:
    """Whether only this library cannot say the formulation, so that another one may."""
    if not isinstance(error, FormulationError):
        return False
    return all(f.code.startswith("not_in_") for f in error.findings if f.is_error) and bool(error.findings)


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
    return Evidence(name=PROGRAM_AGREEMENT, kind=EvidenceKind.SOLVING, outcome=outcome, text=text)
