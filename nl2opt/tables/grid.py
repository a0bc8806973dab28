"""Finds the table in a grid of raw cells: its header, its columns and rows, what is empty, and what is a total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nl2opt.formulation.evaluation.elements import IntArray
from nl2opt.formulation.findings import Finding, Severity
from nl2opt.tables.columns import ColumnReading, column_of, split_header
from nl2opt.tables.numbers import Decimal
from nl2opt.tables.table import Column, Table, column_letters

if TYPE_CHECKING:
    import pandas as pd

_LOOKED_AT: Final = 25
"""Rows among which the header is looked for."""
_TITLES: Final = 4
"""Rows among which a row of texts is looked for below one with numbers, such as a title with a year."""
_YEARS: Final = range(1900, 2101)
_WIDE_ENOUGH: Final = 0.6
_NUMBER: Final = re.compile(r"^[\s$€£¥(+\-−]*\d[\d.,'’\s\u00a0]*[\s%€$£¥)]*$")
_TOTAL: Final = re.compile(
    r"^\W*(?:grand\s+|sub-?)?(?:totals?|sums?|summe|gesamt(?:summe)?|subtotals?|insgesamt|total général)\W*$", re.I
)
_BLANK: Final = re.compile(r"^[^\S\n]+$", re.MULTILINE)
_LONGEST_HEADER: Final = 200


def table_of_grid(
    grid: pd.DataFrame, *, name: str, source: str, sheet: str = "", decimal: Decimal | None = None,
    notes: Sequence[str] = (), findings: Sequence[Finding] = (),
) -> Table:  # fmt: skip
    """Return the table in a grid.

    Args:
        grid: raw cells, without a header, from the first cell of the file on.
        name: of the table.
        source: file that it comes from.
        sheet: of a workbook.
        decimal: the sign before decimals in texts, where a person has said it.
        notes: what was taken for granted before.
        findings: what is doubtful already.
    """
    said, doubts = list(notes), list(findings)
    place = "!".join(part for part in (source, sheet) if part)
    empty = _empty_cells(grid)
    header = _header_row(grid, empty)
    start = 0 if header is None else header + 1
    if header:
        said.append(f"{place}: the header stands in row {header + 1}; what is above it was left out.")
    body, body_empty = grid.iloc[start:], empty[start:]
    columns = [
        c for c in range(grid.shape[1]) if not body_empty[:, c].all() or (header is not None and not empty[header, c])
    ]
    rows = ~body_empty[:, columns].all(axis=1) if columns else np.zeros(len(body), np.bool_)
    last = int(np.flatnonzero(rows).max(initial=-1))
    if not rows[: last + 1].all():
        count = int((~rows[: last + 1]).sum())
        said.append(f"{place}: {count:,} empty row{'s were' if count != 1 else ' was'} left out.")
    kept = body.iloc[np.flatnonzero(rows), columns]
    if header is None and columns:
        message = f"{place} has no header, so its columns are called column_1 and so on"
        doubts.append(_warning("no_header", name, message, "Write names above the columns."))
    headers = ["" if header is None else _header_text(grid.iloc[header, c]) for c in columns]
    table = table_of_frame(
        kept, headers, columns, name=name, source=source, sheet=sheet, decimal=decimal, is_headless=header is None,
        lines=np.flatnonzero(rows) + start + 1,
    )  # fmt: skip
    table = replace(table, notes=(*said, *table.notes), findings=(*doubts, *table.findings))
    return without_total(table)


def table_of_frame(
    frame: pd.DataFrame, headers: Sequence[str], places: Sequence[int], *, name: str, source: str, sheet: str = "",
    decimal: Decimal | None = None, lines: IntArray | None = None, is_headless: bool = False,
) -> Table:  # fmt: skip
    """Return the table of a frame whose headers are known.

    Args:
        frame: the cells below the headers.
        headers: one for each column; an empty one gets a name.
        places: number of each column in its file.
        name: of the table.
        source: file that it comes from.
        sheet: of a workbook.
        decimal: the sign before decimals in texts, where a person has said it.
        lines: number of each row in its file; `None` to count from 1.
        is_headless: whether nobody expects headers.
    """
    said: list[str] = []
    doubts: list[Finding] = []
    names = _unique_names(headers, places, name, is_headless, doubts)
    readings = _read(frame, names, headers, places, decimal, None)
    signs = {reading.decimal for reading in readings} - {None}
    if len(signs) == 1 and decimal is None:
        readings = _read(frame, names, headers, places, decimal, next(iter(signs)), readings)
    for reading in readings:
        said += [f"{name}: {note[:1].lower()}{note[1:]}" for note in reading.notes]
    lines = np.arange(1, len(frame) + 1) if lines is None else lines
    return Table(
        name=name, source=source, sheet=sheet, columns=tuple(reading.column for reading in readings),
        lines=np.asarray(lines, np.int64), notes=tuple(said), findings=tuple(doubts),
    )  # fmt: skip


def _read(
    frame: pd.DataFrame, names: Sequence[tuple[str, str]], headers: Sequence[str], places: Sequence[int],
    decimal: Decimal | None, hint: Decimal | None, before: Sequence[ColumnReading] = (),
) -> list[ColumnReading]:  # fmt: skip
    """Read all columns; with a hint those again that showed no convention of their own."""
    readings = []
    for number, (name, unit) in enumerate(names):
        if before and (before[number].decimal is not None or not (before[number].column.doubt or before[number].notes)):
            readings.append(before[number])
            continue
        readings.append(
            column_of(
                frame.iloc[:, number],
                name=name,
                header=headers[number] or name,
                unit=unit,
                place=places[number],
                decimal=decimal,
                hint=hint,
            )
        )
    return readings


def _empty_cells(grid: pd.DataFrame) -> Any:
    """Return which cells are empty, blanks included, bool (rows, columns)."""
    import pandas as pd

    empty = np.empty(grid.shape, np.bool_)
    for number in range(grid.shape[1]):
        column = grid.iloc[:, number]
        none = column.isna().to_numpy(np.bool_)
        if not pd.api.types.is_numeric_dtype(column.dtype):
            cells = column.to_numpy(object)
            none = none | np.asarray(cells == "", np.bool_)
            if _BLANK.search("\n".join(cell for cell in cells.tolist() if isinstance(cell, str))):
                none = none | np.array([isinstance(cell, str) and not cell.strip() for cell in cells], np.bool_)
        empty[:, number] = none
    return empty


def _header_row(grid: pd.DataFrame, empty: Any) -> int | None:
    """Return the row of the header: the first wide one that holds texts and no numbers; `None` when there is none.

    A row of a text and of years or numbers that count up is one, too, unless a row of texts follows soon.
    """
    count = min(_LOOKED_AT, len(grid))
    filled = (~empty[:count]).sum(axis=1)
    width = int(filled.max(initial=0))
    wide = [
        row
        for row in range(count)
        if filled[row] >= max(1, _WIDE_ENOUGH * width) and not (filled[row] == 1 and width > 1)
    ]
    if not wide:
        return None
    first = wide[0]
    if _is_text(grid, empty, first):
        return first
    for row, following in pairwise(wide[1 : _TITLES + 1]):
        if _is_text(grid, empty, row) and not _is_text(grid, empty, following):
            return row
    return first if _names_periods(grid, empty, first) else None


def _is_text(grid: pd.DataFrame, empty: Any, row: int) -> bool:
    """Whether all cells of a row that are not empty are texts, and no numbers."""
    cells = [grid.iat[row, c] for c in range(grid.shape[1]) if not empty[row, c]]
    return all(isinstance(cell, str) and _NUMBER.match(cell) is None for cell in cells)


def _names_periods(grid: pd.DataFrame, empty: Any, row: int) -> bool:
    """Whether a row begins with a text or an empty cell, and goes on with years or with numbers that count up."""
    texts = [_header_text(grid.iat[row, c]) for c in range(grid.shape[1])]
    if not (empty[row, 0] or _NUMBER.match(texts[0]) is None) or len(texts) < 2:
        return False
    others = [text for text in texts[1:] if text]
    numbers = [int(text) for text in others if text.isascii() and text.isdigit()]
    words = [text for text in others if _NUMBER.match(text) is None]
    if not numbers or len(numbers) + len(words) < len(others):
        return False
    are_years = all(number in _YEARS for number in numbers)
    return are_years or (len(numbers) > 1 and all(later - earlier == 1 for earlier, later in pairwise(numbers)))


def _header_text(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell == int(cell):
        cell = int(cell)
    return " ".join(str(cell).split())[:_LONGEST_HEADER]


def _unique_names(
    headers: Sequence[str], places: Sequence[int], table: str, is_headless: bool, doubts: list[Finding]
) -> list[tuple[str, str]]:
    """Return a name and a unit for each header; of several the same, all but the first get a number."""
    names: list[tuple[str, str]] = []
    used: set[str] = set()
    for header, place in zip(headers, places, strict=True):
        plain, unit = split_header(header) if header else (f"column_{place + 1}", "")
        name = plain if plain not in used else header if header and header not in used else plain
        if not header and not is_headless:
            message = f"column {column_letters(place)} has no header and is called `{name}`"
            doubts.append(_warning("no_header", table, message, "Write a name above it."))
        number, first = 1, name
        while name in used:
            number += 1
            name = f"{first}_{number}"
        if name != first:
            where = column_letters(place)
            message = f"the header `{header}` stands over several columns; the one in {where} is called `{name}`"
            doubts.append(_warning("repeated_header", table, message, "Give each column a name of its own."))
        used.add(name)
        names.append((name, unit))
    return names


def without_total(table: Table) -> Table:
    """Return a table without a last row that adds up the others; other rows of totals are warned of."""
    texts = [column for column in table.columns if column.texts is not None]
    if not texts or not table.n_rows:
        return table
    first = texts[0]
    assert first.texts is not None
    labels = first.texts
    suspects = [row for row in np.flatnonzero(_may_be_total(labels)).tolist() if _TOTAL.match(str(labels[row]))]
    if not suspects:
        return table
    row = suspects[-1]
    where = table.address(row, first)
    if len(suspects) == 1 and row == table.n_rows - 1 and _adds_up(table, row):
        message = f"the last row ({where}) adds up the others, and was left out"
        shorter = _rows(table, np.arange(table.n_rows - 1))
        return replace(shorter, findings=(*table.findings, _warning("totals_row", table.name, message, "")))
    places = ", ".join(table.address(row, first) for row in suspects[:3])
    message = f"there may be rows of totals among the data ({places}); they were read like all others"
    mend = "Leave them out of the file, if they are none of the data."
    return replace(table, findings=(*table.findings, _warning("totals_row", table.name, message, mend)))


def _may_be_total(labels: Any) -> Any:
    import pandas as pd

    return pd.Series(labels, dtype=object).str.contains(_TOTAL).to_numpy(np.bool_)


def _adds_up(table: Table, row: int) -> bool:
    sums = [c.numbers for c in table.columns if c.numbers is not None and not np.isnan(c.numbers[row])]
    return row > 0 and any(np.isclose(np.nansum(numbers[:row]), numbers[row], rtol=1e-6) for numbers in sums)


def _rows(table: Table, rows: IntArray) -> Table:
    """Return a table of some of the rows."""
    return replace(table, lines=table.lines[rows], columns=tuple(_cells(column, rows) for column in table.columns))


def _cells(column: Column, rows: IntArray) -> Column:
    positions = np.full(int(max(rows.max(initial=-1), column.faults.max(initial=-1))) + 1, -1, np.int64)
    positions[rows] = np.arange(len(rows))
    faults = positions[column.faults]
    return replace(
        column,
        numbers=None if column.numbers is None else column.numbers[rows],
        texts=None if column.texts is None else column.texts[rows],
        faults=faults[faults >= 0],
    )


def _warning(code: str, table: str, message: str, mend: str) -> Finding:
    return Finding(severity=Severity.WARNING, code=code, element=f"tables.{table}", message=message, mend=mend)
