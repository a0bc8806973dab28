from __future__ import annotations

import pytest

from app.exit_codes import ExitCode, exit_code_of_error, exit_code_of_status
from nl2opt.errors import (
    ChatTimeoutError,
    FormulationError,
    Nl2optError,
    NoFormulationError,
    ProblemError,
    SettingsError,
    StoreError,
)
from nl2opt.pipeline.answer import Status
from nl2opt.pipeline.trace import Trace

NOTHING_TO_SOLVE = (Status.MISSING_DATA, Status.NO_FORMULATION, Status.PROGRAM_FAILED, Status.NOT_RUN)
NO_OPTIMUM = set(Status) - {Status.SOLVED, Status.LLM_UNREACHABLE, *NOTHING_TO_SOLVE}


def test_the_codes_are_those_that_scripts_rely_on() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 130, 141]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.SOLVED, 0),
        *((status, 4) for status in NOTHING_TO_SOLVE),
        (Status.LLM_UNREACHABLE, 5),
        *((status, 3) for status in sorted(NO_OPTIMUM)),
    ],
)
def test_every_status_has_its_code(status: Status, code: int) -> None:
    assert exit_code_of_status(status) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProblemError("x"), 2),
        (SettingsError("x"), 2),
        (StoreError("x"), 2),
        (FormulationError([]), 4),
        (NoFormulationError("x", Trace(problem="", llm="", style="")), 4),
        (ChatTimeoutError("x"), 5),
        (Nl2optError("x"), 2),
    ],
)
def test_every_error_has_its_code(error: Nl2optError, code: int) -> None:
    assert exit_code_of_error(error) == code
