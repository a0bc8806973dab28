"""Reads tables from workbooks: one table a sheet, merged cells filled, formulas without values refused."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

from nl2opt.formulation.findings import Finding, Severity
from nl2opt.tables.grid import table_of_grid
from nl2opt.tables.numbers import Decimal
from nl2opt.tables.reading import data_error, require_size
from nl2opt.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

_ZIPPED: Final = (".xlsx", ".xlsm")
_CELL: Final = re.compile(rb'<c\b[^>]*?\br="([A-Z]+\d+)"[^>]*?>(.*?)</c>', re.DOTALL)
_MERGED: Final = re.compile(rb'<mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SHOWN: Final = 3
_DAMAGED: Final = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    zipfile.BadZipFile,
    ElementTree.ParseError,
)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What the values of a sheet do not show.

    Attributes:
        merged: ranges of merged cells: first and last column, first and last row, from 0.
        unknown: addresses of formulas that were saved without values.
    """

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def read(path: Path, *, decimal: Decimal | None, most: int) -> tuple[list[Table], dict[str, Any]]:
    """Read a workbook; see `nl2opt.tables.reading.read_file`."""
    ending = path.suffix.lower()
    try:
        marks = _marks(path, most) if ending in _ZIPPED else {}
        grids = _grids(path, ending)
    except _DAMAGED as error:
        message = f"{path.name} cannot be read as a workbook ({error})"
        raise data_error(
            "damaged", path.name, message, "Open it in a spreadsheet program and save it again."
        ) from error
    tables = []
    for sheet, grid in grids.items():
        if grid.empty or grid.isna().all(axis=None):
            continue
        tables.append(_table(path, str(sheet), grid, marks.get(str(sheet), _Marks()), decimal))
    tables = [table for table in tables if table.columns]
    if not tables:
        raise data_error("empty", path.name, f"{path.name} holds no table")
    return tables, {}


def _table(path: Path, sheet: str, grid: pd.DataFrame, marks: _Marks, decimal: Decimal | None) -> Table:
    place = f"{path.name}!{sheet}"
    notes: list[str] = []
    findings: list[Finding] = []
    if marks.merged:
        grid, count = _filled(grid, marks.merged)
        if count:
            notes.append(f"{place}: {count:,} merged cells were filled with the value of their first cell.")
    if marks.unknown:
        shown = ", ".join(f"{place}!{address}" for address in marks.unknown[:_SHOWN])
        more = f" and {len(marks.unknown) - _SHOWN:,} more" if len(marks.unknown) > _SHOWN else ""
        findings.append(
            Finding(
                severity=Severity.WARNING,
                code="formula_without_value",
                element=f"tables.{sheet}",
                message=f"formulas without values were read as empty cells ({shown}{more})",
                mend="Open the file in a spreadsheet program and save it again.",
            )
        )
    return table_of_grid(
        grid, name=sheet, source=path.name, sheet=sheet, decimal=decimal, notes=notes, findings=findings
    )


def _grids(path: Path, ending: str) -> Mapping[Any, pd.DataFrame]:
    """Read the raw cells of all sheets."""
    import pandas as pd

    engine: Any = "calamine" if find_spec("python_calamine") is not None else "openpyxl"
    if engine == "openpyxl" and ending not in _ZIPPED:
        message = f"{path.name} cannot be read: {ending} files need python-calamine"
        raise data_error("needs_calamine", path.name, message, "Install it with: pip install 'nl2opt[tables]'")
    try:
        return pd.read_excel(
            path, sheet_name=None, header=None, dtype=object, engine=engine, keep_default_na=False, na_values=[""]
        )
    except Exception as error:
        if type(error).__module__.startswith(("python_calamine", "openpyxl")):
            raise ValueError(str(error)) from error
        raise


def _filled(grid: pd.DataFrame, merged: list[tuple[int, int, int, int]]) -> tuple[pd.DataFrame, int]:
    """Return a grid in which merged cells all have the value of their first cell, but across the whole width."""
    cells = grid.to_numpy(object, copy=True)
    height, width = cells.shape
    count = 0
    for first, last, top, bottom in merged:
        if first >= width or top >= height or (last - first + 1 >= width and width > 1 and top == bottom):
            continue  # a heading over the whole table
        block = cells[top : bottom + 1, first : last + 1]
        count += block.size - 1
        block[:] = cells[top, first]
    import pandas as pd

    return pd.DataFrame(cells), count


def _marks(path: Path, most: int) -> dict[str, _Marks]:
    """Read what the values do not show from the sheets themselves."""
    found: dict[str, _Marks] = {}
    with zipfile.ZipFile(path) as archive:
        require_size(f"{path.name}, unpacked,", sum(info.file_size for info in archive.infolist()), 4 * most)
        for sheet, member in _members(archive):
            content = archive.read(member)
            marks = _Marks()
            for first, top, last, bottom in _MERGED.findall(content):
                marks.merged.append((_place(first), _place(last), int(top) - 1, int(bottom) - 1))
            if b"<f" in content:
                for address, inside in _CELL.findall(content):
                    if b"<f" in inside and (b"<v>" not in inside or b"<v></v>" in inside):
                        marks.unknown.append(address.decode())
            found[sheet] = marks
    return found


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet, and the file in the archive that holds it."""
    names = set(archive.namelist())
    targets = {
        relation.get("Id"): str(relation.get("Target"))
        for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - openpyxl's own
    }
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - reader does the same; expat bounds entities
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if member in names:
            yield str(sheet.get("name")), member


def _place(letters: bytes) -> int:
    """Return the number of a column from 0."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1
