"""Tells whether the unit in a header is that of a parameter."""

from __future__ import annotations

import math

from nl2opt.formulation.checks.units import can_read_units, read_unit


def unit_clash(wanted: str, found: str) -> str:
    """Say how the unit of a column differs from the one that a parameter states.

    Args:
        wanted: unit of the parameter.
        found: unit of the header.

    Returns:
        Words that follow the name of the column; empty where they agree, one is not stated, or pint is not installed.
    """
    if not wanted or not found or not can_read_units():
        return ""
    one, other = read_unit(wanted), read_unit(found)
    if one is None or other is None:
        return ""
    if one.dimensions != other.dimensions:
        return f"is in {found}, the parameter in {wanted}"
    if math.isclose(one.scale, other.scale, rel_tol=1e-9):
        return ""
    factor = _factor(one.scale / other.scale)
    return f"is in {found}, the parameter in {wanted}: the numbers would be wrong by a factor of {factor}"


def _factor(ratio: float) -> str:
    return f"{max(ratio, 1 / ratio):,.6g}"
