"""Literals and comments in a program: text of people and language models as data, never as code."""

from __future__ import annotations

import math
import unicodedata
from typing import Final

import numpy as np

from nl2opt.formulation.evaluation.elements import Element, FloatArray
from nl2opt.formulation.language.writer import number_text

COMMENT_CHARACTERS = 300
_WITHOUT_EXPONENT: Final = 1e15


def element_literal(element: Element | tuple[Element, ...]) -> str:
    """Return a set element as a Python literal; anything unusual in a text is escaped."""
    if isinstance(element, tuple):
        inside = ", ".join(element_literal(part) for part in element)
        return f"({inside},)" if len(element) == 1 else f"({inside})"
    if isinstance(element, int):
        return str(int(element))
    return text_literal(element)


def text_literal(text: str) -> str:
    """Return a text as a Python literal in double quotes; what is invisible or turns the direction is escaped."""
    parts = []
    for character in text:
        if character in '"\\':
            parts.append(f"\\{character}")
        elif character == " " or (character.isprintable() and not _is_hidden(character)):
            parts.append(character)
        else:
            code = ord(character)
            parts.append(f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return f'"{"".join(parts)}"'


def number_literal(value: float) -> str:
    """Return a number as a Python literal.

    Raises:
        ValueError: it is not finite, which no number of a checked formulation is.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number")
    return number_text(value)


def is_written_whole(values: float | FloatArray) -> bool:
    """Whether numbers are written as whole ones of Python, without a point or an exponent."""
    return bool(np.all((np.asarray(values) % 1 == 0) & (np.abs(values) < _WITHOUT_EXPONENT)))


def one_line(text: str) -> str:
    """Return a text on one line, without hidden or control characters."""
    cleaned = "".join(" " if character.isspace() else character for character in text)
    kept = "".join(c for c in cleaned if c == " " or (c.isprintable() and not _is_hidden(c)))
    return " ".join(kept.split())


def comment_text(text: str) -> str:
    """Return a text as it may stand behind a `#`: on one line, cut when it is long."""
    line = one_line(text)
    return line if len(line) <= COMMENT_CHARACTERS else line[: COMMENT_CHARACTERS - 3] + "..."


def _is_hidden(character: str) -> bool:
    """Whether a character is invisible or turns the direction of writing."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
