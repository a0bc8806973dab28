"""Turns raw cells into a column of numbers or texts."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nl2opt.errors import DataError
from nl2opt.formulation.findings import Finding
from nl2opt.tables.numbers import Decimal, NumberReading, plain_numbers, read_numbers, repeated
from nl2opt.tables.table import Column, TextArray, number_text

if TYPE_CHECKING:
    import pandas as pd

_UNIT: Final = re.compile(r"^(?P<name>.*?\S)\s*(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>[^()]*)\))\s*$", re.DOTALL)
_UNIT_IN_PARENTHESES: Final = re.compile(r"[$€£¥%°]|/|\bper\b|^[A-Za-zµ]{1,5}[²³23]?$")
_CODE: Final = re.compile(r"^0\d+$", re.MULTILINE)
_MOSTLY: Final = 0.5
"""Share of the cells that must be numbers for a column to be one of numbers."""
_CELL_BREAKS: Final = re.compile(r"\s+")
_NESTED: Final = frozenset({dict, list, tuple, set, np.ndarray})
_NUMERIC: Final = frozenset({"integer", "floating", "mixed-integer-float"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnReading:
    """A column, and what was taken for granted for it, in sentences."""

    column: Column
    notes: tuple[str, ...] = ()
    decimal: Decimal | None = None


def split_header(header: str) -> tuple[str, str]:
    """Return the name and the unit of a header such as `cost [$/t]` or `weight (kg)`."""
    found = _UNIT.match(header.strip())
    if found is None:
        return header.strip(), ""
    if found["square"] is not None:
        return found["name"], found["square"].strip()
    unit = found["round"].strip()
    return (found["name"], unit) if _UNIT_IN_PARENTHESES.search(unit) else (header.strip(), "")


def column_of(
    raw: pd.Series, *, name: str, header: str, unit: str, place: int, decimal: Decimal | None, hint: Decimal | None
) -> ColumnReading:
    """Read a column.

    Args:
        raw: the cells, of any types.
        name: of the column.
        header: as it stands in the file.
        unit: that the header states.
        place: number of the column in its file.
        decimal: the sign before decimals in texts, where a person has said it.
        hint: what the rest of the file shows it to be.
    """
    import pandas as pd

    def made(**content: Any) -> Column:
        return Column(name=name, header=header, unit=unit, place=place, **content)

    if pd.api.types.is_bool_dtype(raw.dtype):
        note = f"Column {header}: true and false were read as 1 and 0."
        return ColumnReading(column=made(numbers=raw.to_numpy(np.float64)), notes=(note,))
    if pd.api.types.is_numeric_dtype(raw.dtype):
        return ColumnReading(column=made(numbers=_finite(raw.to_numpy(np.float64, na_value=np.nan))))
    kind = pd.api.types.infer_dtype(raw, skipna=True)
    if kind in _NUMERIC:
        return ColumnReading(column=made(numbers=_finite(pd.to_numeric(raw).to_numpy(np.float64))))
    if kind == "boolean":
        note = f"Column {header}: true and false were read as 1 and 0."
        return ColumnReading(
            column=made(numbers=raw.astype("Float64").to_numpy(np.float64, na_value=np.nan)), notes=(note,)
        )
    if kind == "string" and decimal is None:
        plain = plain_numbers(raw)
        if plain is not None:
            return ColumnReading(column=made(numbers=plain.values), decimal=plain.decimal)
    if kind != "string":
        _refuse_nested(raw, header)
        texts = cell_texts(raw, all_text=False)
        return _number_column(texts, read_numbers(texts, decimal=decimal, hint=hint), header, made)
    codes, distinct = pd.factorize(raw.to_numpy(object), use_na_sentinel=False)
    if 2 * len(distinct) > len(raw):
        texts = cell_texts(raw, all_text=True)
        return _number_column(texts, read_numbers(texts, decimal=decimal, hint=hint), header, made)
    few = cell_texts(pd.Series(distinct, dtype=object), all_text=True)
    reading = repeated(read_numbers(few, decimal=decimal, hint=hint), codes)
    return _number_column(few[codes], reading, header, made)


def _refuse_nested(raw: pd.Series, header: str) -> None:
    """Refuse cells that hold lists or objects.

    Raises:
        DataError: there is one.
    """
    kinds = list(map(type, raw.to_numpy(object)))
    if _NESTED.isdisjoint(kinds):
        return
    row = next(row for row, kind in enumerate(kinds, start=1) if kind in _NESTED)
    message = f"the column {header} holds a list or an object in row {row:,}, where a number or a text is expected"
    raise DataError([Finding(code="nested", element="tables", message=message)])


def _number_column(texts: TextArray, reading: NumberReading, header: str, made: Any) -> ColumnReading:
    numbers = int((~np.isnan(reading.values)).sum())
    if not reading.doubt and numbers < max(1, _MOSTLY * (numbers + len(reading.faults))):
        return ColumnReading(column=made(texts=texts))
    if _CODE.search("\n".join(texts.tolist())):
        note = f"Column {header}: codes with leading zeros were kept as texts."
        return ColumnReading(column=made(texts=texts), notes=(note,))
    if reading.doubt:
        return ColumnReading(column=made(texts=texts, doubt=reading.doubt), decimal=reading.decimal)
    notes = tuple(f"Column {header} {note}." for note in reading.notes)
    keeps = len(reading.faults) > 0
    column = made(numbers=reading.values, texts=texts if keeps else None, faults=reading.faults)
    return ColumnReading(column=column, notes=notes, decimal=reading.decimal)


def cell_texts(raw: pd.Series, *, all_text: bool) -> TextArray:
    """Return cells as texts without blanks at their ends; empty cells are empty texts."""
    import pandas as pd

    if all_text:
        cells = raw.astype(object).where(raw.notna(), "").to_numpy(object)
        stripped = pd.Series(cells, dtype=object).str.strip()
        return np.asarray(stripped.to_numpy(object))
    return np.array([_text(cell) for cell in raw.astype(object).to_numpy(object)], object)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or cell != cell or str(cell) in ("NaT", "<NA>"):
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float | np.number):
        return number_text(float(cell))
    return cell.isoformat() if isinstance(cell, datetime.date) else _CELL_BREAKS.sub(" ", str(cell)).strip()


def _finite(values: Any) -> Any:
    return np.where(np.isfinite(values), values, np.nan)
