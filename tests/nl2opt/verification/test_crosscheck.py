from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nl2opt import Formulation
from nl2opt.verification.crosscheck import crosscheck_evidence, run_program
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome

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
    outcome, text = said(crosscheck_evidence(formulation("x"), 4.0, timeout_seconds=0.05))
    assert (outcome, text) == (Outcome.NOT_RUN, "The Pyomo program took longer than 0.05 seconds.")


def test_program_that_cannot_be_started_was_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    outcome, text = said(crosscheck_evidence(formulation("x"), 4.0))
    assert outcome is Outcome.NOT_RUN
    assert "could not be started" in text


def test_curved_models_are_run_too() -> None:
    outcome, _ = said(crosscheck_evidence(formulation("x + y", "x * x + y * y <= 8"), 4.0))
    assert outcome is Outcome.PASSED


def test_what_no_program_can_say_was_not_run() -> None:
    outcome, text = said(crosscheck_evidence(formulation("x", "either(x <= 4, x >= 9)"), 4.0))
    assert outcome is Outcome.NOT_RUN
    assert "`either` cannot be written as a pyomo program" in text


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


def test_output_of_a_program_comes_back_with_its_error_last() -> None:
    output = run_program("print('begun'); raise KeyError('x')", timeout_seconds=60)
    assert output.startswith("begun\n")
    assert output.rstrip().endswith("KeyError: 'x'")


def test_program_gets_no_keys_and_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "NL2OPT_API_KEY", "HF_TOKEN", "PYTHONPATH", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret-value")
    monkeypatch.setenv("LANG", "C.UTF-8")
    output = run_program("import os; print(os.environ)", timeout_seconds=60)
    assert "secret-value" not in output
    assert "'LANG': 'C.UTF-8'" in output


def test_program_runs_in_an_empty_folder_of_its_own_that_is_gone_afterwards() -> None:
    program = "import os, pathlib; print(os.getcwd()); print(os.listdir()); print(pathlib.Path.home())"
    folder, files, home = run_program(program, timeout_seconds=60).splitlines()
    assert files == "['program.py']"
    assert home == folder
    assert not Path(folder).exists()


def test_endless_program_is_stopped() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_program("while True: pass", timeout_seconds=0.3)
