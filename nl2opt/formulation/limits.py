"""How large a formulation may be, so that a slip of the pen does not take all memory of a machine."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Final

from nl2opt.errors import SettingsError
from nl2opt.settings_file import settings_content, settings_file

_PREFIX: Final = "NL2OPT_"
_MAX_DIGITS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is refused as too large; what is refused says the limit.

    Attributes:
        json_bytes: length of the JSON text of a formulation.
        set_elements: elements of a set, and members of all sets of a family together.
        table_entries: numbers of a parameter that are stored, and columns of a variable.
        data_bytes: size of an attached file; workbooks may be four times as large when unpacked.
    """

    json_bytes: int = 50_000_000
    set_elements: int = 5_000_000
    table_entries: int = 200_000_000
    data_bytes: int = 500_000_000


DEFAULT_LIMITS: Final = Limits()
LIMIT_NAMES: Final = tuple(field.name for field in fields(Limits))
"""Keys of the settings file that raise or lower a limit: `set_elements = 20_000_000`."""
LIMIT_VARIABLES: Final = tuple(f"{_PREFIX}{name.upper()}" for name in LIMIT_NAMES)
"""Environment variables that do so, and come first: `NL2OPT_SET_ELEMENTS=20000000`."""


def usual_limits() -> Limits:
    """Return the limits that hold where none are given: those of the environment, of the settings file, the defaults.

    Raises:
        SettingsError: a limit is not a whole number above 0, or the settings file cannot be read.
    """
    in_file = settings_content()
    stated = {}
    for name, variable in zip(LIMIT_NAMES, LIMIT_VARIABLES, strict=True):
        text = os.environ.get(variable, "").strip()
        if text:
            number = int(text) if text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS else text
            stated[name] = _limit(number, f"the environment variable {variable}")
        elif name in in_file:
            stated[name] = _limit(in_file[name], f"`{name}` in {settings_file()}")
    return Limits(**stated) if stated else DEFAULT_LIMITS


def _limit(value: object, place: str) -> int:
    """Return a limit.

    Args:
        value: what was written.
        place: where, for the message.

    Raises:
        SettingsError: it is not a whole number above 0.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise SettingsError(f"Wrong value for {place}: a limit is a whole number above 0 (it is {value!r}).")
    return value
