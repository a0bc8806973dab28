"""The entries of a parameter's value as it was written, each with the elements that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nl2opt.formulation.schema import Formulation, Parameter

Entry = tuple[tuple[Any, ...], Any]
"""The elements, texts or numbers as they were written, and what was written for them."""


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
    joined = len(axes) > 1 or axes == [None] or (len(axes) == 1 and _has_tuples(axes[0]))
    try:
        return list(_entries(parameter.value, axes, (), True, joined))
    except LookupError:
        return None


def element_text(element: Any) -> str:
    """Return an element of a set as a person reads it: `a, b` for a pair."""
    return ", ".join(map(str, element)) if isinstance(element, list | tuple) else str(element)


def _entries(
    value: Any, axes: Sequence[list[Any] | None], label: tuple[Any, ...], by_axis: bool, joined: bool
) -> Iterator[Entry]:
    """Yield the entries below one level.

    Args:
        value: what stands at this level.
        axes: the elements of the sets that are still to come; `None` where an expression gives them.
        label: the elements so far.
        by_axis: whether each level so far was one whole axis.
        joined: whether a key may name several elements, with commas between them.

    Raises:
        LookupError: the elements of a list are not known.
    """
    if isinstance(value, Mapping):
        plain_axis = bool(axes) and not _has_tuples(axes[0])
        for key, item in value.items():
            parts = _split(key) if joined else (key,)
            yield from _entries(item, axes[1:], label + parts, by_axis and plain_axis and len(parts) == 1, joined)
    elif isinstance(value, list | tuple | np.ndarray):
        elements = axes[0] if by_axis and axes else None
        if elements is None or len(elements) != len(value):
            raise LookupError
        for element, item in zip(elements, value, strict=True):
            parts = tuple(element) if isinstance(element, list | tuple) else (element,)
            yield from _entries(item, axes[1:], label + parts, by_axis, joined)
    else:
        yield label, value.item() if isinstance(value, np.generic) else value


def _split(key: Any) -> tuple[Any, ...]:
    if isinstance(key, str):
        return tuple(part.strip() for part in key.split(","))
    return key if isinstance(key, tuple) else (key,)


def _has_tuples(elements: list[Any] | None) -> bool:
    return elements is None or any(isinstance(element, list | tuple) for element in elements)
