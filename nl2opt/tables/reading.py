"""Reads tables from files: CSV, Excel, Parquet and JSON, by the ending of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from nl2opt.errors import DataError
from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.limits import Limits, usual_limits
from nl2opt.tables.numbers import Decimal
from nl2opt.tables.table import Table

READERS: Final[Mapping[str, str]] = {
    ".csv": "reading_text", ".tsv": "reading_text", ".txt": "reading_text", ".tab": "reading_text",
    ".xlsx": "reading_sheets", ".xlsm": "reading_sheets", ".xls": "reading_sheets", ".xlsb": "reading_sheets",
    ".ods": "reading_sheets", ".parquet": "reading_records", ".pq": "reading_records", ".json": "reading_records",
}  # fmt: skip
"""The module that reads files of each ending."""
Read = tuple[list[Table], dict[str, Any]]
"""Tables of a file, and values for parameters."""


def read_file(path: Path, *, decimal: Decimal | None = None, limits: Limits | None = None) -> Read:
    """Read the tables of a file; each is called by its sheet, or by the file where there is one only.

    Args:
        path: of the file.
        decimal: the sign before decimals in texts, where a person has said it.
        limits: how large it may be; `None` for the usual limits.

    Returns:
        The tables, and values for parameters, which a filled-in list of missing data holds.

    Raises:
        DataError: the file is not there, too large, of no known kind, or damaged.
    """
    ending = path.suffix.lower()
    if ending not in READERS:
        mend = did_you_mean(ending, READERS) if ending else ""
        known = "Tables are read from CSV, Excel, Parquet and JSON files"
        raise data_error(
            "file_kind", path.name, f"`{path.name}` is no file of tables that can be read", f"{known}. {mend}".rstrip()
        )
    most = (limits or usual_limits()).data_bytes
    try:
        if path.is_dir():
            raise data_error("no_file", path.name, f"{path} is a folder", "Name the file in it.")
        size = path.stat().st_size
        require_size(path.name, size, most)
        reader: Callable[..., Read] = import_module(f"nl2opt.tables.{READERS[ending]}").read
        tables, values = reader(path, decimal=decimal, most=most)
    except FileNotFoundError:
        near = did_you_mean(path.name, _files_beside(path))
        raise data_error("no_file", path.name, f"there is no file {path}", near if "Did" in near else "") from None
    except MemoryError:
        raise data_error(
            "memory", path.name, f"{path.name} does not fit into the memory", "Leave out what is not needed."
        ) from None
    except OSError as error:
        raise data_error("unreadable", path.name, f"{path} cannot be read ({error.strerror or error})") from error
    if len(tables) == 1:
        tables = [replace(tables[0], name=path.stem)]
    return tables, values


def require_size(name: str, size: int, most: int) -> None:
    """Refuse what is larger than the limit.

    Raises:
        DataError: it is.
    """
    if size > most:
        message = f"{name} has {size:,} bytes, more than the limit of {most:,}"
        raise data_error("too_large", name, message, "Leave out what is not needed, or raise the limit `data_bytes`.")


def data_error(code: str, file: str, message: str, mend: str = "") -> DataError:
    """Return the error of a file that cannot be read."""
    return DataError([Finding(code=code, element=f"files.{file}", message=message, mend=mend)])


def _files_beside(path: Path) -> list[str]:
    try:
        return sorted(other.name for other in path.parent.iterdir() if other.suffix.lower() in READERS)[:1000]
    except OSError:
        return []
