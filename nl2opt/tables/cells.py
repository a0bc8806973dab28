"""The cells that attached tables gave a formulation: counted, and kept beside it in an answer's file."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Any, Final

import numpy as np

from nl2opt.formulation.schema import Formulation

STORED_CELLS: Final = 200_000
"""Of formulations with more cells an answer's file keeps the bindings only."""


def cell_count(formulation: Formulation) -> int:
    """Return how many values attached tables gave a formulation."""
    sets = sum(len(declared.elements) for declared in formulation.sets if declared.origin == "table")
    return sets + sum(cell_count_of(p.value) for p in formulation.parameters if p.origin == "table")


def cell_count_of(value: Any) -> int:
    """Return how many numbers a value holds."""
    if isinstance(value, np.ndarray):
        return int(value.size)
    return len(value) if isinstance(value, Sized) else 1


def stored_cells(formulation: Formulation | None) -> dict[str, Any] | None:
    """Return the cells as JSON; `None` where there are none, or too many."""
    if formulation is None or not 0 < cell_count(formulation) <= STORED_CELLS:
        return None
    return {
        "sets": {d.name: d.elements for d in formulation.sets if d.origin == "table"},
        "parameters": {p.name: [_plain(p.value), p.unit] for p in formulation.parameters if p.origin == "table"},
    }


def with_stored_cells(formulation: Formulation | None, cells: Mapping[str, Any] | None) -> Formulation | None:
    """Return a formulation with the cells that were kept beside it."""
    if formulation is None or not cells:
        return formulation
    sets = [d.from_table(cells["sets"][d.name]) if d.name in cells["sets"] else d for d in formulation.sets]
    kept = cells["parameters"]
    parameters = [p.from_table(*kept[p.name]) if p.name in kept else p for p in formulation.parameters]
    return formulation.model_copy(update={"sets": sets, "parameters": parameters})


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value
