"""Text of programs, made fit to be shown to people."""

from __future__ import annotations

import re
from typing import Final

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
"""Control characters of terminals, and those that turn the direction of text or cannot be seen."""


def plain_text(content: bytes | bytearray) -> str:
    """Decode what a program wrote; what is no UTF-8 or moves the cursor is replaced or dropped."""
    text = content.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub("", text)


def plain_line(text: object, most: int) -> str:
    """Return a text of a program as one line of limited length."""
    line = _HIDDEN.sub("", str(text)).encode("utf-8", errors="replace").decode()
    return line if len(line) <= most else f"{line[: most - 1]}…"
