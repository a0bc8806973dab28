"""Names of a model file as names of a formulation."""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import Final

from nl2opt.formulation.schema import MAX_NAME_CHARACTERS, RESERVED_NAMES

_OTHER: Final = re.compile(r"\W+")


class Identifiers:
    """Gives out names that a formulation takes, no two the same."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._next: dict[str, int] = {}

    def new(self, name: str, *, prefix: str) -> str:
        """Return a name like the one in a file, and keep it from being given out again.

        Args:
            name: any text.
            prefix: put before what may not stand at the beginning of a name.
        """
        plain = _OTHER.sub("_", unicodedata.normalize("NFKC", name)).strip("_")[: MAX_NAME_CHARACTERS - 8]
        is_name = plain.isidentifier() and not keyword.iskeyword(plain) and plain not in RESERVED_NAMES
        chosen = plain = plain if is_name else f"{prefix}_{plain}".rstrip("_")
        number = self._next.get(plain, 2)
        while chosen in self._used:
            chosen = f"{plain}_{number}"
            number += 1
        self._next[plain] = number
        self._used.add(chosen)
        return chosen
