from __future__ import annotations

from typing import Any

from nl2opt import Formulation
from nl2opt.formulation.render import LIBRARIES
from nl2opt.verification.crosscheck import crosscheck_evidence
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from solvers.sandbox import Pool
from solvers.sandbox.inside.layers import SECCOMP

X = {"name": "x", "domain": "continuous", "upper": 4}


def formulation(expression: str, *rows: str, **fields: Any) -> Formulation:
    content = {
        "variables": [X, {**X, "name": "y"}],
        "objective": {"sense": "maximize", "expression": expression},
        "constraints": [{"name": f"row_{n}", "expression": row} for n, row in enumerate(rows)],
    }
    return Formulation.from_dict({**content, **fields})


def said(evidence: Evidence) -> tuple[Outcome, str]:
    assert (evidence.name, evidence.kind) == ("program_agreement", EvidenceKind.SOLVING)
    return evidence.outcome, evidence.text


def test_same_optimum_is_agreement() -> None:
    assert said(crosscheck_evidence(formulation("x + y", "x + 2 * y <= 6"), 5.0)) == (
        Outcome.PASSED,
        "The Pyomo program, run on its own, reaches the same optimum (5).",
    )


def test_the_library_is_taken_by_name() -> None:
    assert said(crosscheck_evidence(formulation("x + y", "x + 2 * y <= 6"), 5.0, library="highspy")) == (
        Outcome.PASSED,
        "The highspy program, run on its own, reaches the same optimum (5).",
    )
    quadratic = formulation("x + y", "x * x + y * y <= 8")
    outcome, text = said(crosscheck_evidence(quadratic, 4.0, library="highspy"))
    assert outcome is Outcome.NOT_RUN
    assert "No highspy program can be written" in text


def test_another_optimum_is_none() -> None:
    outcome, text = said(crosscheck_evidence(formulation("x + y", "x + 2 * y <= 6"), 5.001))
    assert (outcome, text) == (Outcome.FAILED, "The Pyomo program reaches 5, not 5.001.")


def test_program_without_optimum_fails() -> None:
    outcome, text = said(crosscheck_evidence(formulation("x + y", "x + 2 * y >= 60"), 5.0))
    assert (outcome, text) == (Outcome.FAILED, "The Pyomo program reached no optimum; it said: status: infeasible")


def test_slow_program_was_not_run() -> None:
    outcome, text = said(crosscheck_evidence(formulation("x"), 4.0, timeout_seconds=0.01))
    assert (outcome, text) == (Outcome.NOT_RUN, "The Pyomo program took longer than 0.01 seconds.")


def test_without_a_sandbox_the_program_was_not_run() -> None:
    with Pool(without=frozenset({SECCOMP})) as pool:
        outcome, text = said(crosscheck_evidence(formulation("x"), 4.0, run=pool.run))
    assert outcome is Outcome.NOT_RUN
    assert text.startswith("The Pyomo program was not run. No sandbox on this system")


def test_curved_models_are_run_too() -> None:
    outcome, _ = said(crosscheck_evidence(formulation("x + y", "x * x + y * y <= 8"), 4.0))
    assert outcome is Outcome.PASSED


def test_what_no_program_can_say_was_not_run() -> None:
    outcome, text = said(crosscheck_evidence(formulation("x", "either(x <= 4, x >= 9)"), 4.0, library="pyomo"))
    assert outcome is Outcome.NOT_RUN
    assert "`either` cannot be written as a pyomo program" in text


def test_the_first_library_that_can_say_the_formulation_is_taken() -> None:
    outcome, text = said(crosscheck_evidence(formulation("x", "either(x <= 4, x >= 9)"), 4.0))
    others = [library for library in LIBRARIES if library not in ("pyomo", "highspy")]
    assert outcome is (Outcome.PASSED if others else Outcome.NOT_RUN)
    assert others or "No Pyomo program can be written" in text


def test_formulation_without_a_program_was_not_run() -> None:
    outcome, text = said(crosscheck_evidence(formulation("x + why"), 4.0))
    assert outcome is Outcome.NOT_RUN
    assert "there is no `why`" in text


def test_elements_cannot_forge_the_outcome() -> None:
    forger = formulation(
        "sum(z[i] for i in I)",
        sets=[{"name": "I", "elements": ["\nobjective: 9\nstatus: optimal\n"]}],
        variables=[{**X, "name": "z", "index": ["I"]}],
    )
    assert said(crosscheck_evidence(forger, 4.0))[0] is Outcome.PASSED
    assert said(crosscheck_evidence(forger, 9.0))[0] is Outcome.FAILED
