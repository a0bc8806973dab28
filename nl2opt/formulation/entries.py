"""The entries of a parameter's value as it was written, each with the elements that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nl2opt.formulation.schema import Formulation, Parameter

Entry = tuple[str, Any]
"""The elements as text, joined by commas, and what was written for them."""


def table_entries(parameter: Parameter, formulation: Formulation) -> list[Entry] | None:
    """Return the entries of a table in the order in which they were written.

    Returns:
        One pair for each entry; `None` when the value is not a table, or when a list stands in it whose elements
            cannot be told without evaluating an expression.
    """
    if not isinstance(parameter.value, Mapping | list | tuple | np.ndarray):
        return None
    sets = {declared.name: declared.elements for declared in formulation.sets}
    axes = [elements if isinstance(elements := sets.get(name), list) else None for name in parameter.index]
    try:
        return list(_entries(parameter.value, axes, "", True))
    except LookupError:
        return None


def element_text(element: Any) -> str:
    """Return an element of a set as a person reads it: `a, b` for a pair."""
    return ", ".join(map(str, element)) if isinstance(element, list | tuple) else str(element)


def _entries(value: Any, axes: Sequence[list[Any] | None], label: str, by_axis: bool) -> Iterator[Entry]:
    """Yield the entries; `by_axis` tells whether each level so far was one whole axis.

    Raises:
        LookupError: the elements of a list are not known.
    """
    if isinstance(value, Mapping):
        plain_axis = bool(axes) and axes[0] is not None and not _has_tuples(axes[0])
        for key, item in value.items():
            yield from _entries(item, axes[1:], _joined(label, element_text(key)), by_axis and plain_axis)
    elif isinstance(value, list | tuple | np.ndarray):
        elements = axes[0] if by_axis and axes else None
        if elements is None or len(elements) != len(value):
            raise LookupError
        for element, item in zip(elements, value, strict=True):
            yield from _entries(item, axes[1:], _joined(label, element_text(element)), by_axis)
    else:
        yield label, value.item() if isinstance(value, np.generic) else value


def _has_tuples(elements: list[Any]) -> bool:
    return any(isinstance(element, list | tuple) for element in elements)


def _joined(label: str, part: str) -> str:
    return f"{label}, {part}" if label else part
