"""Runs the program inside the sealed child, and writes the report on it.

The program shares this process and can do to it whatever it likes, so that nothing in the report is believed: it
is written to be useful where the program is honest.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import os
import sys
import types
from typing import Any, Final

from solvers.sandbox.inside.faults import described
from solvers.sandbox.inside.harvest import collected, install

PROGRAM: Final = "program.py"
FAILED: Final = 1


def run_guest(source: int, report: int, *, rename_solvers: bool) -> int:
    """Run a program as `__main__` and write what came of it.

    Args:
        source: descriptor of its text.
        report: descriptor that the report is written to, as JSON.
        rename_solvers: whether solvers that are not there are replaced by some that are.

    Returns:
        The exit code: 0 when the program came to its end.
    """
    with open(source, "rb") as file:
        text = file.read()
    notes: list[str] = []
    install(notes, rename_solvers=rename_solvers)
    module = types.ModuleType("__main__")
    module.__dict__["__file__"] = PROGRAM
    sys.modules["__main__"] = module
    exception, code = _run(text, module)
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
    content: dict[str, Any] = {"exception": exception, "exit": code}
    try:
        content["solutions"] = collected(module.__dict__)
    except BaseException as error:  # noqa: BLE001 - the objects are the program's, and may do anything
        notes.append(f"The program's objects could not be read: {type(error).__name__}.")
    _write(report, {**content, "notes": notes})
    return code


def _run(text: bytes, module: types.ModuleType) -> tuple[dict[str, Any] | None, int]:
    """Return the exception that the program did not catch, and the exit code."""
    try:
        code = compile(text, PROGRAM, "exec", dont_inherit=True)
        lines = text.decode("utf-8", errors="replace").splitlines(keepends=True)
        linecache.cache[PROGRAM] = (len(text), None, lines, PROGRAM)
        exec(code, module.__dict__)  # noqa: S102 - in the sealed child, which is here for nothing else
    except SystemExit as error:
        if error.code in (None, 0):
            return None, 0
        code_text = str(error.code)
        return described(error, PROGRAM, text), int(code_text) & 0xFF or FAILED if code_text.isdigit() else FAILED
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the program's
        return described(error, PROGRAM, text), FAILED
    return None, 0


def _write(report: int, content: dict[str, Any]) -> None:
    text = json.dumps(content, allow_nan=False, default=str).encode()
    place = 0
    while place < len(text):
        place += os.pwrite(report, text[place:], place)
