"""The text of a program, as it is handed to the sandbox."""

from __future__ import annotations

from typing import Final

from solvers.errors import ProgramError

MAX_SOURCE_BYTES: Final = 2_000_000


def program_bytes(source: str | bytes) -> bytes:
    """Return the bytes of a program; whether it is Python, the sandbox finds out.

    A byte order mark is dropped, and line ends are made one character; a cookie that names another encoding than
    UTF-8 is honoured for bytes, and means nothing for a text, which has been decoded already.

    Raises:
        ProgramError: it is empty, too long, holds NUL characters, or is no Unicode text.
    """
    if isinstance(source, str):
        try:
            content = source.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ProgramError(
                f"The program is no Unicode text: half a character stands at position {error.start}."
            ) from error
        content = _without_cookie(content)
    else:
        content = source
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise ProgramError("The program is empty.")
    if len(content) > MAX_SOURCE_BYTES:
        raise ProgramError(
            f"The program has {len(content):,} bytes; at most {MAX_SOURCE_BYTES:,} are run. "
            "Large data belong in a data file."
        )
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise ProgramError(f"The program holds a NUL character in line {line}; it is no text.")
    return content.replace(b"\r\n", b"\n")


def _without_cookie(content: bytes) -> bytes:
    """Take the meaning from comments of the first two lines that name an encoding: the text is UTF-8."""
    lines = content.split(b"\n", 2)
    for place, line in enumerate(lines[:2]):
        if line.lstrip().startswith(b"#"):
            lines[place] = line.replace(b"coding", b"c0ding")
    return b"\n".join(lines)
