"""Lays out the lines of a program: comments, tables of data and calls, folded when they are long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.formulation.render.literals import comment_text

LINE: Final = 110
_TABLE: Final = 100
_ITEMS_ON_A_LINE: Final = 40
_INDENT: Final = "    "

Pieces = list[str]
"""A piece of code cut where it may be folded; joined by spaces it is the code on one line."""


def commented(*texts: str) -> Iterator[str]:
    """Yield texts of people as one line of comment; nothing when all of them are empty."""
    line = comment_text(" ".join(text for text in texts if text))
    if line:
        yield f"# {line}"


def assigned(name: str, opening: str, items: Sequence[str], closing: str) -> str:
    """Return an assignment of a list or dict, on one line when it fits, else in filled lines."""
    short = f"{name} = {opening}{', '.join(items)}{closing}" if len(items) < _ITEMS_ON_A_LINE else ""
    if short and len(short) <= _TABLE:
        return short
    lines = _filled([f"{item}," for item in items], _INDENT, _TABLE)
    return "\n".join([f"{name} = {opening}", *lines, closing])


def assigned_pieces(name: str, pieces: Pieces) -> str:
    """Return an assignment of an expression, folded in parentheses when it is long."""
    short = f"{name} = {' '.join(pieces)}"
    if len(short) <= LINE or len(pieces) == 1:
        return short
    return "\n".join([f"{name} = (", *_filled(pieces, _INDENT), ")"])


def called(head: str, arguments: Sequence[Pieces], *, indent: str = "") -> str:
    """Return a call on one line when it fits, else with a line or more for each argument."""
    short = f"{indent}{head}({', '.join(' '.join(pieces) for pieces in arguments)})"
    if len(short) <= LINE:
        return short
    lines = [f"{indent}{head}("]
    for pieces in arguments:
        lines += _filled([*pieces[:-1], f"{pieces[-1]},"], indent + _INDENT)
    return "\n".join([*lines, f"{indent})"])


def enclosed(opening: str, pieces: Pieces, closing: str) -> Pieces:
    """Return pieces with something before the first and something behind the last."""
    parts = [f"{opening}{pieces[0]}", *pieces[1:]]
    return [*parts[:-1], f"{parts[-1]}{closing}"]


def _filled(pieces: Sequence[str], indent: str, width: int = LINE) -> list[str]:
    """Return pieces as lines that are as full as they may be; a piece that is too long has a line of its own."""
    lines: list[str] = []
    line = indent
    for piece in pieces:
        if len(line) + len(piece) > width and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += f"{piece} "
    return [*lines, line.rstrip()]
