"""Says numbers and amounts to people."""

from __future__ import annotations


def number(value: float) -> str:
    """Return a number for people: whole ones without a point, others with up to ten digits."""
    if not abs(value) < 1e15:  # infinity and not-a-number too
        return f"{value:,}" if isinstance(value, int) else f"{value:.10g}"
    return f"{int(value):,}" if value == int(value) else f"{value:,.10g}"


def with_unit(value: float, unit: str) -> str:
    """Return a number with its unit, on one line; currency signs stand in front."""
    unit = " ".join(unit.split())
    if unit in ("$", "€", "£"):
        return f"{unit}{number(value)}" if value >= 0 else f"-{unit}{number(-value)}"
    return f"{number(value)} {unit}".rstrip()
