"""Names that every reader of LP and MPS files takes, and the way back to the names that people gave.

HiGHS renames every row when one name holds a space, a bracket or a colon, and reads `2x` as two times `x`; others read
`e3` as a number; HiGHS takes any name that begins with `inf` for infinity. So a safe name is made of ASCII
letters, digits and `_`, begins with neither a digit nor an `e`, is no word of the formats, and is short.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

MAX_CHARACTERS: Final = 64
"""Readers take at least so many, some not more than 255."""
RESERVED: Final = frozenset(
    (
        "bin", "binaries", "binary", "bound", "bounds", "columns", "end", "endata", "free", "gen", "general",
        "generals", "inf", "infinity", "int", "integer", "integers", "lazy", "marker", "max", "maximise",
        "maximize", "maximum", "min", "minimise", "minimize", "minimum", "multi", "name", "nan", "obj",
        "objsense", "ranges", "rhs", "rows", "sec", "secs", "semi", "semis", "sos", "sos1", "sos2", "st",
        "subject", "such", "that", "to", "user",
    )
)  # fmt: skip
_SAFE: Final = re.compile(rf"(?![iI][nN][fF])[A-DF-Za-df-z][A-Za-z0-9_]{{0,{MAX_CHARACTERS - 1}}}", re.ASCII)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_]+")
_RUNS: Final = re.compile(r"_{2,}")


def safe_names(names: Sequence[str], *, prefix: str, taken: Iterable[str] = ()) -> list[str]:
    """Return a safe name for each name: the name itself where it is safe; no two are the same.

    Args:
        names: of columns, or of rows.
        prefix: one letter that is put before a name that may not stand at the beginning.
        taken: safe names that may not be used.
    """
    used = {*taken, *(name for name in names if _is_safe(name))}
    return _told_apart([name if _is_safe(name) else _plain(name, prefix) for name in names], names, used, set(taken))


def _is_safe(name: str) -> bool:
    return _SAFE.fullmatch(name) is not None and name.lower() not in RESERVED


def _plain(name: str, prefix: str) -> str:
    """Return a name in safe letters, with one in front that no reader takes for a number; cut when it is long."""
    if not name.isascii():
        name = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    part = _RUNS.sub("_", _UNSAFE.sub("_", name)).strip("_")[:MAX_CHARACTERS]
    return part if _is_safe(part) else f"{prefix}_{part}"[:MAX_CHARACTERS]


def _told_apart(plain: Sequence[str], names: Sequence[str], used: set[str], taken: set[str]) -> list[str]:
    """Number the names that are equal or taken; those that were safe already stay as they are."""
    found: list[str] = []
    kept: set[str] = set()
    next_number: dict[str, int] = {}
    for safe, name in zip(plain, names, strict=True):
        if safe == name and safe not in kept and safe not in taken:
            kept.add(safe)
            found.append(safe)
            continue
        chosen, number = safe, next_number.get(safe, 2)
        while chosen in used:
            ending = f"_{number}"
            chosen = safe[: MAX_CHARACTERS - len(ending)] + ending
            number += 1
        next_number[safe] = number
        used.add(chosen)
        found.append(chosen)
    return found
