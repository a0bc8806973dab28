"""Runs rendered programs, many in one process since starting one takes most of the time."""

from __future__ import annotations

from collections.abc import Sequence

from nl2opt import Formulation
from nl2opt.verification.crosscheck import run_program

_END = "-- end of program --"


def outcomes_of_programs(formulations: Sequence[Formulation]) -> list[tuple[str, float | None]]:
    """Return for each formulation the status and the objective that its Pyomo program prints."""
    programs = [formulation.to_program() for formulation in formulations]
    together = "\n".join(
        [
            "import traceback",
            f"for text in {programs!r}:",
            "    try:",
            "        exec(text, {'__name__': '__main__'})",
            "    except Exception:",
            "        print('status: ' + traceback.format_exc().replace('\\n', ' | '))",
            f"    print({_END!r})",
        ]
    )
    printed = run_program(together, timeout_seconds=120).split(_END)[:-1]
    assert len(printed) == len(programs)
    return [_outcome(text) for text in printed]


def outcome_of_solving(formulation: Formulation) -> tuple[str, float | None]:
    """Return the same for the direct way."""
    solution = formulation.solve()
    return solution.termination.value, solution.objective


def _outcome(printed: str) -> tuple[str, float | None]:
    facts = dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)
    return facts["status"], float(facts["objective"]) if "objective" in facts else None
