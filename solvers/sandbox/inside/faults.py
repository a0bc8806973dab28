"""Describes an exception of a program: where in the program, and what would help to mend it."""

from __future__ import annotations

import contextlib
import linecache
import traceback
from types import TracebackType
from typing import Any, Final

from solvers.sandbox.inside.hints import hints_for

_FRAMES: Final = 3
_MESSAGE: Final = 2000


def described(error: BaseException, program: str, text: bytes) -> dict[str, Any]:
    """Return an exception as plain objects.

    Args:
        error: that the program did not catch.
        program: file name of the program in tracebacks.
        text: the program.
    """
    frames = _own_frames(error.__traceback__, program)
    if isinstance(error, SyntaxError) and error.filename == program and error.lineno:
        lines = text.decode("utf-8", errors="replace").splitlines()
        line = lines[error.lineno - 1].strip() if error.lineno <= len(lines) else ""
        frames = [{"line": error.lineno, "function": "<module>", "text": line}]
    try:
        message = str(error.msg if isinstance(error, SyntaxError) else error)[:_MESSAGE]
    except BaseException:  # noqa: BLE001 - the class may be the program's
        message = ""
    hints: list[str] = []
    with contextlib.suppress(BaseException):  # the objects are the program's, and may do anything
        hints = hints_for(error, program, text.decode("utf-8", errors="replace"))
    return {"kind": type(error).__name__, "message": message, "frames": frames, "hints": hints}


def _own_frames(trace: TracebackType | None, program: str) -> list[dict[str, Any]]:
    """Return the last frames in the program's own code."""
    found = [
        {"line": line, "function": frame.f_code.co_name, "text": linecache.getline(program, line).strip()}
        for frame, line in traceback.walk_tb(trace)
        if frame.f_code.co_filename == program
    ]
    return found[-_FRAMES:]
