"""Names of variables that have none but those of the program: `make`, `ship[a,b]`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

_DEPTH: Final = 3


def names_in(namespace: Mapping[str, Any], kind: str, place: Callable[[Any], int]) -> dict[int, str]:
    """Return the name by which a program calls each variable, by its place in the model.

    Args:
        namespace: of the program.
        kind: name of the class of variables.
        place: of a variable in the model.
    """
    found: dict[int, str] = {}
    for name, value in list(namespace.items()):
        if not name.startswith("_"):
            for variable, label in _members(value, name, kind, _DEPTH):
                found.setdefault(place(variable), label)
    return found


def _members(value: Any, label: str, kind: str, depth: int) -> Iterator[tuple[Any, str]]:
    if type(value).__name__ == kind:
        yield value, label
    elif depth and isinstance(value, Mapping):
        for key, item in list(value.items()):
            index = ",".join(map(str, key)) if isinstance(key, tuple) else str(key)
            yield from _members(item, _joined(label, index), kind, depth - 1)
    elif depth and isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for number, item in enumerate(value):
            yield from _members(item, _joined(label, str(number)), kind, depth - 1)


def _joined(label: str, index: str) -> str:
    return f"{label[:-1]},{index}]" if label.endswith("]") else f"{label}[{index}]"
