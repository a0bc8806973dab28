"""Coefficients that are too small or too large for a solver."""

from __future__ import annotations

import numpy as np

from solvers.model import Model


def refused_coefficient(model: Model, solver: str, *, smallest: float, largest: float) -> str | None:
    """Return in words which coefficient of the rows a solver does not take; `None` where it takes all.

    Args:
        model: what is to be solved.
        solver: its name.
        smallest: coefficients up to this size are too small, unless they are 0; 0 for no limit.
        largest: coefficients from this size on are too large.
    """
    sizes = np.abs(model.row_values)
    outside = np.flatnonzero((sizes > 0) & ((sizes <= smallest) | (sizes >= largest)))
    if not len(outside):
        return None
    entry = int(outside[0])
    row = model.name_of_row(int(np.searchsorted(model.row_starts, entry, side="right")) - 1)
    column = model.name_of_column(int(model.row_columns[entry]))
    taken = f"between {smallest:g} and {largest:g}" if smallest else f"up to {largest:g}"
    return (
        f"{solver} takes coefficients {taken}; {column} has {model.row_values[entry]:g} in the row {row}. Choose other "
        "units."
    )
