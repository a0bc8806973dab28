"""Watches the libraries while a program runs, and reads its models when it has ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any, Final

from solvers.sandbox.inside.harvest import (
    cp_sat_models,
    highs_models,
    linear_solver_models,
    mathopt_models,
    pyomo_models,
    scip_models,
)
from solvers.sandbox.inside.harvest.imports import when_imported
from solvers.sandbox.inside.harvest.memory import Memory
from solvers.sandbox.inside.harvest.renaming import Renaming
from solvers.sandbox.inside.harvest.stand_ins import StandIn, is_missing
from solvers.sandbox.model_text import MOST_TEXT

_READERS: Final[Mapping[str, ModuleType]] = {
    module.LIBRARY: module
    for module in (
        pyomo_models, highs_models, cp_sat_models, mathopt_models, linear_solver_models, scip_models,
    )
}  # fmt: skip


class Collection:
    """What is remembered of one program."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._renaming = Renaming()
        self._memory = Memory()

    def begin(self, notes: list[str], *, rename_solvers: bool) -> None:
        """Begin a program; the arguments are those of `install`."""
        self._renaming.is_on, self._renaming.notes = rename_solvers, notes
        self._memory.clear()

    def watch(self) -> None:
        """Let the libraries tell what the program does; those that it never imports are left alone."""
        memory = self._memory
        renaming = self._renaming
        watchers: dict[ModuleType, Callable[[], None]] = {
            pyomo_models: partial(pyomo_models.watch, memory, self._stand_in),
            highs_models: partial(highs_models.watch, memory),
            cp_sat_models: partial(cp_sat_models.watch, memory),
            mathopt_models: partial(mathopt_models.watch, memory, renaming),
            linear_solver_models: partial(linear_solver_models.watch, memory, renaming),
            scip_models: partial(scip_models.watch, memory),
        }
        when_imported({module.TRIGGER: watch for module, watch in watchers.items()})

    def read(self, namespace: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what can be read of the last models."""
        told: list[dict[str, Any]] = []
        room = MOST_TEXT
        with _silence():
            if pyomo_models.TRIGGER in sys.modules:
                with contextlib.suppress(Exception):
                    pyomo_models.made_otherwise(namespace, self._memory)
            for entry in self._memory.last_first():
                try:
                    found = _READERS[entry.library].found(entry.model, entry.detail, namespace)
                    is_nothing = found is None or (not entry.solved and found.is_empty)
                    content = None if is_nothing else found.told(room)
                except BaseException as error:  # noqa: BLE001 - the objects are the program's, and may do anything
                    why = f"It could not be read: {type(error).__name__}."
                    content = {"library": entry.library, "status": "unknown", "why_no_model": why}
                if content is not None:
                    told.append(content)
                    room -= len(content["model"]["text"]) if "model" in content else 0
        return told

    def _stand_in(self, name: str, make: Callable[[str], Any], options: Mapping[str, Any]) -> StandIn | None:
        is_wanted = self._renaming.is_on and is_missing(name)
        return StandIn(name, make, self._renaming.told, options) if is_wanted else None


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let nothing that is done meanwhile write to the outputs of the program."""
    library = ctypes.CDLL(None)
    kept = []
    try:
        library.fflush(None)
        nothing = os.open(os.devnull, os.O_WRONLY)
        for output in (1, 2):
            kept.append((output, os.dup(output)))
            os.dup2(nothing, output)
        os.close(nothing)
    except OSError:  # a program that has used up all descriptors
        pass
    streams = sys.stdout, sys.stderr
    try:
        yield
    finally:
        with contextlib.suppress(BaseException):
            for stream in streams:
                stream.flush()
            library.fflush(None)
        for output, saved in kept:
            os.dup2(saved, output)
            os.close(saved)
