"""Reads a program that a person hands over."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path
from typing import Final

from solvers.errors import ProgramError

SUFFIX: Final = ".py"
_MOST_BYTES: Final = 10_000_000
"""Far more than the sandbox runs, and far less than what fills the memory."""


def program_text(program: str | Path) -> str:
    """Return the text of a program: of a file, or the text itself.

    Args:
        program: the path of a file, as a `Path` or a line that ends in `.py`; or the text.

    Raises:
        solvers.ProgramError: it is no text, or too long.
        OSError: the file cannot be read.
    """
    if isinstance(program, str) and ("\n" in program or not program.strip().endswith(SUFFIX)):
        return program
    path = Path(program.strip()) if isinstance(program, str) else program
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ProgramError(f"{path} is too long for a program (more than {_MOST_BYTES // 1_000_000} MB).")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise ProgramError(f"{path} is no text of a program ({error}).") from error
