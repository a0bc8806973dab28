"""How large a formulation may be, so that a slip of the pen does not take all memory of a machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is refused as too large; what is refused says the limit.

    Attributes:
        json_bytes: length of the JSON text of a formulation.
        set_elements: elements of a set, and members of all sets of a family together.
        table_entries: numbers of a parameter that are stored, and columns of a variable.
    """

    json_bytes: int = 50_000_000
    set_elements: int = 5_000_000
    table_entries: int = 200_000_000


DEFAULT_LIMITS = Limits()
