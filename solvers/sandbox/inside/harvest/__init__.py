"""Reads models and solutions from the objects that a program leaves behind."""

from __future__ import annotations

from typing import Any

from solvers.sandbox.inside.harvest.collection import Collection

_collection = Collection()
_watched: list[bool] = []


def prepare() -> None:
    """Watch the libraries that are there; what a worker has done is done in all of its children."""
    if not _watched:
        _watched.append(True)
        _collection.watch()


def install(notes: list[str], *, rename_solvers: bool) -> None:
    """Prepare to remember the models that the program makes.

    Args:
        notes: what people should know is added to them.
        rename_solvers: whether solvers that are not there are replaced by some that are.
    """
    prepare()
    _collection.begin(notes, rename_solvers=rename_solvers)


def collected(namespace: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what can be read, the model that was solved last first, without a word on the outputs.

    Args:
        namespace: of the program.
    """
    return _collection.read(namespace)
