"""Does something to a library as soon as a program has it, and nothing to those that it does not use."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Then = Callable[[], None]


def when_imported(then: Mapping[str, Then]) -> None:
    """Call functions by module: those of modules that are there at once, the others when they are imported."""
    waiting = {}
    for name, function in then.items():
        if name in sys.modules:
            _call(function)
        else:
            waiting[name] = function
    if waiting:
        sys.meta_path.insert(0, _Finder(waiting))


def _call(function: Then) -> None:
    with contextlib.suppress(ImportError, AttributeError):  # a library of another version: it is left as it is
        function()


class _Finder:
    def __init__(self, waiting: dict[str, Then]) -> None:
        self._waiting = waiting

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a module that is waited for by the other finders."""
        if name not in self._waiting:
            return None
        then = self._waiting.pop(name)
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is not None:
                _follow(spec.loader, then)
                return spec
        return None


def _follow(loader: Any, then: Then) -> None:
    former = getattr(loader, "exec_module", None)
    if former is None:
        return

    def exec_module(module: ModuleType) -> None:
        former(module)
        _call(then)

    with contextlib.suppress(AttributeError):
        loader.exec_module = exec_module
