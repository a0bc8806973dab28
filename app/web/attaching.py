"""Tables that are attached on the page: the one place that knows how they reach `nl2opt.solve`."""

from __future__ import annotations

import inspect
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

SUFFIXES: Final = ("csv", "tsv", "xlsx", "xls", "json", "parquet")
_NO_NAME: Final = re.compile(r"[^\w.-]+")

_folders: Final[list[Path]] = []


class Upload(Protocol):
    """A file that a browser sent."""

    name: str

    def getvalue(self) -> bytes:
        """Return the whole content."""
        ...


def can_attach() -> bool:
    """Whether `nl2opt.solve` takes tables."""
    import nl2opt

    return "data" in inspect.signature(nl2opt.solve).parameters


def kept(uploads: Sequence[Upload]) -> dict[str, Path]:
    """Write files to a folder of their own, and return them by the names that the formulation can use.

    A name from a browser is no path here: what is no letter, digit, dot or dash becomes an underscore.
    """
    if not uploads:
        return {}
    folder = Path(tempfile.mkdtemp(prefix="nl2opt-tables-"))
    _folders.append(folder)
    found: dict[str, Path] = {}
    for upload in uploads:
        file = Path(_NO_NAME.sub("_", Path(upload.name).name).lstrip(".") or "table")
        name, number = file.stem, 2
        while name in found:
            name, number = f"{file.stem}_{number}", number + 1
        path = folder / f"{name}{file.suffix}"
        path.write_bytes(upload.getvalue())
        found[name] = path
    return found


def remove_all() -> None:
    """Delete the files of this process: an answer may need its tables as long as the page can change it."""
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def arguments(tables: Mapping[str, Path]) -> dict[str, Any]:
    """Return what `nl2opt.solve` is given of the tables."""
    return {"data": dict(tables)} if tables else {}
