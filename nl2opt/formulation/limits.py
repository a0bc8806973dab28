"""How large a formulation may be, so that a slip of the pen does not take all memory of a machine."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Final

from nl2opt.errors import SettingsError

_PREFIX: Final = "NL2OPT_"


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


DEFAULT_LIMITS: Final = Limits()
LIMIT_VARIABLES: Final = tuple(f"{_PREFIX}{field.name.upper()}" for field in fields(Limits))
"""Environment variables that raise or lower a limit: `NL2OPT_SET_ELEMENTS=20000000`."""


def usual_limits() -> Limits:
    """Return the limits that hold where none are given: those of the environment, else the defaults.

    Raises:
        SettingsError: an environment variable is not a whole number above 0.
    """
    stated = {}
    for field, variable in zip(fields(Limits), LIMIT_VARIABLES, strict=True):
        text = os.environ.get(variable, "").strip()
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and int(text) > 0):
            message = f"Wrong value for the environment variable {variable}"
            raise SettingsError(f"{message}: a limit is a whole number above 0 (it is {text!r}).")
        stated[field.name] = int(text)
    return Limits(**stated) if stated else DEFAULT_LIMITS
