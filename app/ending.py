"""How a command ends: every error becomes a sentence and an exit code."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nl2opt.errors import FormulationError


def guarded(command: Callable[[], object], *, as_json: bool) -> int:
    """Run a command and return its exit code; no traceback reaches a person.

    Args:
        command: returns the exit code, or raises.
        as_json: whether an error is said on stdout, too, for those who read JSON there.
    """
    try:
        from app.exit_codes import ExitCode, exit_code_of_error
        from nl2opt.errors import FormulationError, Nl2optError
        from solvers.errors import SolversError
    except ImportError as error:
        return failed(str(error), 1, as_json)
    try:
        result = command()
    except FormulationError as error:
        return failed(_faults(error), ExitCode.NO_FORMULATION, as_json)
    except Nl2optError as error:
        return failed(str(error), exit_code_of_error(error), as_json)
    except SolversError as error:
        return failed(str(error), ExitCode.USAGE, as_json)
    except KeyboardInterrupt:
        result = ExitCode.INTERRUPTED
    except SystemExit:
        # Typer and Rich end so when the program that read the output went away.
        return ExitCode.NO_READER
    except Exception as error:  # noqa: BLE001 - sorted by kind below
        return _other_failure(error, as_json)
    if result == ExitCode.INTERRUPTED:
        return failed("Interrupted.", ExitCode.INTERRUPTED, as_json)
    return result if isinstance(result, int) else 0


def _faults(error: FormulationError) -> str:
    from app.output import finding_lines

    codes = {finding.code for finding in error.findings if finding.is_error}
    library = next(iter(codes)).removeprefix("not_in_") if len(codes) == 1 else ""
    is_rendering = codes == {f"not_in_{library}"}
    head = f"The formulation cannot be rendered to {library}:" if is_rendering else "The formulation cannot be solved:"
    return "\n".join([head, *finding_lines(error.findings)])


def _other_failure(error: Exception, as_json: bool) -> int:
    """Say a usage error of the command line, a failure of the system, or one that nobody foresaw."""
    message_of = getattr(error, "format_message", None)
    if message_of is not None:
        path = getattr(getattr(error, "ctx", None), "command_path", "nl2opt")
        message = str(message_of()).rstrip(".").replace(": Value error, ", ": ")
        # Without arguments the help was printed, and there is nothing to add.
        return failed(f"{message}. See: {path} --help" if message else "", getattr(error, "exit_code", 2), as_json)
    if type(error).__name__ == "Abort":
        return failed("Interrupted.", 130, as_json)
    if isinstance(error, OSError):
        if error.errno == errno.EPIPE:
            return 141
        return failed(f"{error.strerror or error}: {error.filename or 'output'}.", 2, as_json)
    if os.environ.get("NL2OPT_DEBUG"):
        raise error
    kind = type(error).__name__
    return failed(
        f"nl2opt failed in a way that nobody foresaw ({kind}: {error}). "
        "Set NL2OPT_DEBUG=1 to see where, and report it.",
        1,
        as_json,
    )


def failed(message: str, code: int, as_json: bool = False) -> int:
    """Say an error on stderr, and on stdout as JSON for those who read that; return the exit code."""
    from app.output import print_json, print_note

    if as_json:
        empty = dict.fromkeys(("objective", "values", "formulation", "program", "usage", "seconds"))
        content: dict[str, Any] = {
            "status": "error", "message": message, "exit_code": int(code), **empty,
            "evidence": [], "verdict": "not verified", "warnings": [], "attempts": [],
        }  # fmt: skip
        # The error may be that stdout takes nothing.
        with contextlib.suppress(OSError):
            print_json(content)
    if message:
        with contextlib.suppress(OSError):
            print_note(message)
    return int(code)
