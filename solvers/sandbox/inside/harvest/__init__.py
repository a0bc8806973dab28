"""Reads models and solutions from the objects that a program leaves behind."""

from __future__ import annotations

from typing import Any

from solvers.sandbox.inside.harvest.collection import Collection

_collection: list[Collection] = []


def install(notes: list[str], *, rename_solvers: bool) -> None:
    """Prepare to remember the models that the program makes.

    Args:
        notes: what people should know is added to them.
        rename_solvers: whether solvers that are not there are replaced by some that are.
    """
    _collection[:] = [Collection(notes, rename_solvers=rename_solvers)]
    _collection[0].watch()


def collected(namespace: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what can be read, the model that was solved last first, without a word on the outputs.

    Args:
        namespace: of the program.
    """
    return _collection[0].read(namespace) if _collection else []
