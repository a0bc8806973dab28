"""What the command line's exit codes mean."""

from __future__ import annotations

import enum
from typing import Final

from nl2opt.errors import (
    ChatError,
    FormulationError,
    Nl2optError,
    NoFormulationError,
    ProblemError,
    SettingsError,
    StoreError,
)
from nl2opt.pipeline.answer import Status


class ExitCode(enum.IntEnum):
    """0 solved, 2 usage, 3 no optimum, 4 no usable formulation, 5 language model not reachable."""

    SOLVED = 0
    USAGE = 2
    NO_OPTIMUM = 3
    NO_FORMULATION = 4
    LLM_UNREACHABLE = 5
    INTERRUPTED = 130


_OF_STATUS: Final = {
    Status.SOLVED: ExitCode.SOLVED,
    Status.NO_FORMULATION: ExitCode.NO_FORMULATION,
    Status.LLM_UNREACHABLE: ExitCode.LLM_UNREACHABLE,
}
_OF_ERROR: Final[tuple[tuple[type[Nl2optError], ExitCode], ...]] = (
    (ProblemError, ExitCode.USAGE),
    (SettingsError, ExitCode.USAGE),
    (StoreError, ExitCode.USAGE),
    (FormulationError, ExitCode.NO_FORMULATION),
    (NoFormulationError, ExitCode.NO_FORMULATION),
    (ChatError, ExitCode.LLM_UNREACHABLE),
)


def exit_code_of_status(status: Status) -> ExitCode:
    """Return the exit code for an answer."""
    return _OF_STATUS.get(status, ExitCode.NO_OPTIMUM)


def exit_code_of_error(error: Nl2optError) -> ExitCode:
    """Return the exit code for an error."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), ExitCode.USAGE)
