"""What the command line's exit codes mean."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from nl2opt.errors import (
    ChatError,
    DataError,
    FormulationError,
    MissingData,
    Nl2optError,
    NoFormulationError,
    NoRevisionError,
    ProblemError,
    SettingsError,
    StoreError,
)

if TYPE_CHECKING:
    from nl2opt.pipeline.answer import Status


class ExitCode(enum.IntEnum):
    """How a command ended."""

    SOLVED = 0
    """A proven optimum was found; or, where nothing is solved, the command did its work."""
    FAILED = 1
    """`doctor` found something wrong; or an error that nobody foresaw."""
    USAGE = 2
    """Arguments, settings or files that make no sense, or a file that cannot be written."""
    NO_OPTIMUM = 3
    """Infeasible, unbounded, a time limit, a local optimum only, a program's mere claim, or the solver failed."""
    NO_FORMULATION = 4
    """There is no formulation that can be solved, or no program that comes to a solution."""
    LLM_UNREACHABLE = 5
    """The language model could not be asked."""
    INTERRUPTED = 130
    """Ctrl-C."""
    NO_READER = 141
    """The program that read the output went away, as `head` does."""


_OF_ERROR: Final[tuple[tuple[type[Nl2optError], ExitCode], ...]] = (
    (ProblemError, ExitCode.USAGE),
    (SettingsError, ExitCode.USAGE),
    (StoreError, ExitCode.USAGE),
    (DataError, ExitCode.USAGE),
    (MissingData, ExitCode.NO_FORMULATION),
    (FormulationError, ExitCode.NO_FORMULATION),
    (NoFormulationError, ExitCode.NO_FORMULATION),
    (NoRevisionError, ExitCode.NO_FORMULATION),
    (ChatError, ExitCode.LLM_UNREACHABLE),
)


def exit_code_of_status(status: Status) -> ExitCode:
    """Return the exit code for an answer."""
    from nl2opt.pipeline.answer import Status  # not above: `nl2opt --help` would wait for it

    codes = {
        Status.SOLVED: ExitCode.SOLVED,
        Status.NO_FORMULATION: ExitCode.NO_FORMULATION,
        Status.MISSING_DATA: ExitCode.NO_FORMULATION,
        Status.PROGRAM_FAILED: ExitCode.NO_FORMULATION,
        Status.NOT_RUN: ExitCode.NO_FORMULATION,
        Status.LLM_UNREACHABLE: ExitCode.LLM_UNREACHABLE,
    }
    return codes.get(status, ExitCode.NO_OPTIMUM)


def exit_code_of_error(error: Nl2optError) -> ExitCode:
    """Return the exit code for an error."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), ExitCode.USAGE)
