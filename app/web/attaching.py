"""Tables that are attached on the page: from files of a browser to what `nl2opt.solve` takes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from nl2opt.tables.table import Tables

SUFFIXES: Final = ("csv", "tsv", "xlsx", "xls", "ods", "json", "parquet")
_NO_NAME: Final = re.compile(r"[^\w.-]+")


class Upload(Protocol):
    """A file that a browser sent."""

    name: str

    def getvalue(self) -> bytes:
        """Return the whole content."""
        ...


def read(uploads: Sequence[Upload], private: Sequence[str] = ()) -> Tables | None:
    """Return the tables of some files, as `nl2opt.solve` takes them; `None` without files.

    Args:
        uploads: the files.
        private: columns, as in `staff.salary`, of which the language model is shown nothing but name and unit.

    Raises:
        DataError: a file cannot be read; every fault is a finding.
    """
    import nl2opt

    if not uploads:
        return None
    with tempfile.TemporaryDirectory(prefix="nl2opt-tables-") as folder:
        return nl2opt.read_tables(written(uploads, Path(folder)), private=private)


def written(uploads: Sequence[Upload], folder: Path) -> list[Path]:
    """Write files to a folder, and return their paths.

    A name from a browser is no path here: what is no letter, digit, dot or dash becomes an underscore.
    """
    found: list[Path] = []
    for upload in uploads:
        name = Path(_NO_NAME.sub("_", Path(upload.name).name).lstrip(".") or "table")
        path, number = folder / name, 2
        while path in found:
            path, number = folder / f"{name.stem}_{number}{name.suffix}", number + 1
        path.write_bytes(upload.getvalue())
        found.append(path)
    return found


def columns(tables: Tables) -> list[str]:
    """Return the columns of tables, each with its table."""
    return [f"{name}.{column}" for name, table in tables.items() for column in table.column_names]


def seen(tables: Tables) -> str:
    """Return exactly what a language model is shown of tables."""
    import nl2opt

    return nl2opt.profile(tables).text
