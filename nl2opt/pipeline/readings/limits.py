"""How many other readings are solved."""

from __future__ import annotations

from typing import Final

DEFAULT_READINGS: Final = 8
"""When nothing else is said."""
MAX_READINGS: Final = 100
