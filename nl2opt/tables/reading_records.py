"""Reads tables from JSON and Parquet files, and from data frames, dicts and lists in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nl2opt.tables.grid import table_of_frame, without_total
from nl2opt.tables.numbers import Decimal
from nl2opt.tables.reading import data_error
from nl2opt.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

VALUES: Final = "values"
"""Key of a JSON file under which values for parameters stand."""


def read(path: Path, *, decimal: Decimal | None, most: int) -> tuple[list[Table], dict[str, Any]]:
    """Read a JSON or Parquet file; see `nl2opt.tables.reading.read_file`."""
    if path.suffix.lower() == ".json":
        return _read_json(path, decimal)
    if find_spec("pyarrow") is None:
        message = f"{path.name} cannot be read: Parquet files need pyarrow"
        raise data_error("needs_pyarrow", path.name, message, "Install it with: pip install 'nl2opt[tables]'")
    import pandas as pd

    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except (ValueError, TypeError, ArithmeticError) as error:  # what pyarrow raises are kinds of these
        raise data_error("damaged", path.name, f"{path.name} cannot be read as Parquet ({error})") from error
    return [table_of_memory(frame, path.stem, source=path.name, decimal=decimal)], {}


def _read_json(path: Path, decimal: Decimal | None) -> tuple[list[Table], dict[str, Any]]:
    content = path.read_bytes()
    try:
        data = json.loads(content.decode(json.detect_encoding(content)).removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise data_error("not_json", path.name, f"{path.name} is not JSON: {error}") from None
    if isinstance(data, dict) and set(data) == {VALUES} and isinstance(data[VALUES], dict):
        return [], _stated(data[VALUES])
    if isinstance(data, dict) and data and all(isinstance(part, list) and _are_records(part) for part in data.values()):
        parts = data.items()
        return [table_of_memory(part, name, source=path.name, sheet=name, decimal=decimal) for name, part in parts], {}
    return [table_of_memory(data, path.stem, source=path.name, decimal=decimal)], {}


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was not filled in."""
    return {name: value for name, value in values.items() if value is not None}


def _are_records(part: list[Any]) -> bool:
    return bool(part) and all(isinstance(record, dict) for record in part)


def table_of_memory(
    data: Any, name: str, *, source: str = "", sheet: str = "", decimal: Decimal | None = None
) -> Table:
    """Return the table of a data frame, of lists by column, or of records.

    Args:
        data: a pandas DataFrame, a dict of lists of the same length, or a list of dicts.
        name: of the table.
        source: file that it comes from; empty for none.
        sheet: name of the part of the file.
        decimal: the sign before decimals in texts, where a person has said it.

    Raises:
        DataError: it is none of these.
    """
    frame, notes = _frame(data, source or name)
    headers = [_header(column) for column in frame.columns]
    table = table_of_frame(
        frame, headers, range(len(headers)), name=name, source=source, sheet=sheet, decimal=decimal
    )  # fmt: skip
    from dataclasses import replace

    return without_total(replace(table, notes=(*notes, *table.notes)))


def _header(column: Any) -> str:
    parts = column if isinstance(column, tuple) else (column,)
    return " ".join(" ".join(str(part).split()) for part in parts if str(part))


def _frame(data: Any, name: str) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    if isinstance(data, pd.Series):
        data = data.to_frame()
    if isinstance(data, pd.DataFrame):
        if isinstance(data.index, pd.RangeIndex):
            return data, []
        named = [level for level in data.index.names if level is not None]
        if named:
            return data.reset_index(), [f"Table {name}: the index {', '.join(map(str, named))} was taken for columns."]
        if not pd.api.types.is_numeric_dtype(data.index):
            return data.reset_index(), [f"Table {name}: the index without a name was taken for the column index."]
        return data.reset_index(drop=True), []
    if isinstance(data, list) and _are_records(data):
        return pd.DataFrame.from_records(data), []
    if isinstance(data, Mapping) and data and all(_is_column(part) for part in data.values()):
        lengths = {str(column): len(part) for column, part in data.items()}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{column} has {length}" for column, length in list(lengths.items())[:5])
            raise data_error("lengths", name, f"the columns of {name} have different lengths: {said}")
        return pd.DataFrame({column: list(part) for column, part in data.items()}), []
    message = f"{name} is no table ({type(data).__name__})"
    mend = 'Give a pandas DataFrame, a dict of lists, a list of dicts, the path of a file; values stand under "values".'
    raise data_error("no_table", name, message, mend)


def _is_column(part: Any) -> bool:
    return hasattr(part, "__len__") and hasattr(part, "__getitem__") and not isinstance(part, str | bytes | Mapping)
