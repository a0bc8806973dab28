"""Names for variables to which a program gave none: those under which it holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import numpy as np

_MOST: Final = 20_000
_DEPTH: Final = 4


def labels_of(namespace: Mapping[str, Any], place_of: Callable[[Any], int | None]) -> dict[int, str]:
    """Return names by the places of variables: `x`, `x[chair]` for a member of a dictionary, `x[0,1]` for one of lists.

    Args:
        namespace: of the program.
        place_of: the place of a variable of the model in question; `None` for everything else.
    """
    found: dict[int, str] = {}
    for name, held in list(namespace.items()):
        if name.startswith("_"):
            continue
        for index, member in islice(_members(held, (), _DEPTH), _MOST):
            place = place_of(member)
            if place is not None and place not in found:
                found[place] = f"{name}[{','.join(map(str, index))}]" if index else name
    return found


def _members(held: Any, index: tuple[Any, ...], depth: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if type(held) is dict and depth:
        for key, member in list(held.items()):
            parts = key if isinstance(key, tuple) else (key,)
            if all(isinstance(part, str | int | float) for part in parts):
                yield from _members(member, (*index, *parts), depth - 1)
    elif type(held) in (list, tuple) and depth:
        for place, member in enumerate(held):
            yield from _members(member, (*index, place), depth - 1)
    elif isinstance(held, np.ndarray) and held.dtype == object and depth:
        for position, member in np.ndenumerate(held):
            yield from _members(member, (*index, *position), 0)
    else:
        yield index, held
