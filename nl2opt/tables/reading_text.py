"""Reads tables from text files: finds the encoding and the sign between columns, and says what it took."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nl2opt.tables.grid import table_of_grid
from nl2opt.tables.numbers import Decimal
from nl2opt.tables.reading import data_error
from nl2opt.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

_SAMPLE: Final = 65_536
_SAMPLED_LINES: Final = 60
_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def read(path: Path, *, decimal: Decimal | None, most: int) -> tuple[list[Table], dict[str, Any]]:
    """Read a text file; see `nl2opt.tables.reading.read_file`."""
    content = path.read_bytes()
    encoding, words = _encoding(content, path.name)
    notes = [f"{path.name}: the encoding was taken to be {words}."] if words else []
    text = content.decode(encoding)
    del content
    if not text.strip():
        raise data_error("empty", path.name, f"{path.name} is empty")
    separator, width = _separator(text)
    if separator not in (",", "\t" if path.suffix.lower() in (".tsv", ".tab") else ","):
        notes.append(f"{path.name}: the columns are taken to be separated by {_SEPARATORS[separator]}.")
    grid = _grid(text, separator, width, path.name)
    table = table_of_grid(grid, name=path.stem, source=path.name, decimal=decimal, notes=notes)
    if not table.columns:
        raise data_error("empty", path.name, f"{path.name} holds no table")
    return _split(table)


def _encoding(content: bytes, name: str) -> tuple[str, str]:
    """Return the encoding of a text, and words for it where it is not plain UTF-8."""
    for mark, encoding, words in _MARKS:
        if content.startswith(mark):
            _require(content, encoding, name)
            return encoding, "" if encoding == "utf-8-sig" else words
    sample = content[:_SAMPLE]
    if sample.count(0):
        half = len(sample) // 2 or 1
        for encoding, zeros in (("utf-16-le", sample[1::2].count(0)), ("utf-16-be", sample[::2].count(0))):
            if zeros > 0.4 * half:
                _require(content, encoding, name)
                return encoding, "UTF-16 without a byte order mark"
        raise data_error("not_text", name, f"{name} is no text file (it holds zero bytes)")
    try:
        codecs.decode(content, "utf-8")
    except UnicodeDecodeError as error:
        try:
            codecs.decode(content, "cp1252")
        except UnicodeDecodeError:
            line = content.count(b"\n", 0, error.start) + 1
            message = f"{name} is text in an unknown encoding: line {line:,} is neither UTF-8 nor Windows-1252"
            raise data_error("encoding", name, message, "Save it as UTF-8.") from None
        return "cp1252", "Windows-1252, since it is not UTF-8"
    return "utf-8", ""


def _require(content: bytes, encoding: str, name: str) -> None:
    try:
        codecs.decode(content, encoding)
    except UnicodeDecodeError as error:
        message = f"{name} begins like {encoding.upper()}, but byte {error.start:,} does not belong to it"
        raise data_error("encoding", name, message, "Save it as UTF-8.") from None


def _separator(text: str) -> tuple[str, int]:
    """Return the sign between columns, and the largest number of columns among the first lines."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: max(sample.rfind("\n"), 1)]
    best = (0.0, ",", 1)
    for sign in _SEPARATORS:
        try:
            rows = [row for row in list(csv.reader(io.StringIO(sample), delimiter=sign))[:_SAMPLED_LINES] if any(row)]
        except csv.Error:
            continue
        widths = Counter(map(len, rows))
        if not widths or max(widths) == 1:
            continue
        usual, count = max(((w, c) for w, c in widths.items() if w > 1), key=lambda pair: pair[1] * min(pair[0], 20))
        score = count / len(rows) + 0.001 * min(usual, 50)
        if score > best[0]:
            best = (score, sign, max(widths))
    return best[1], best[2]


def _grid(text: str, separator: str, width: int, name: str) -> pd.DataFrame:
    """Read all cells as texts; a line with more cells than the others is an error."""
    import pandas as pd

    try:
        grid = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, names=list(range(width + 1)), dtype=str, index_col=False,
            keep_default_na=False, na_values=[], skip_blank_lines=False, engine="c",
        )  # fmt: skip
    except (pd.errors.ParserError, csv.Error) as error:
        said = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        message = f"{name} cannot be split into columns ({said})"
        mend = "Put cells that hold the sign between columns into quotation marks."
        raise data_error("ragged", name, message, mend) from None
    grid = grid.astype(object).fillna("")  # what short lines lack
    extra = grid[width].to_numpy(object) != ""
    if extra.any():
        line = int(np.argmax(extra)) + 1
        message = f"line {line:,} of {name} has more than {width} cells, more than the lines before it"
        mend = "Put cells that hold the sign between columns into quotation marks."
        raise data_error("ragged", name, message, mend)
    return grid.iloc[:, :width]


def _split(table: Table) -> tuple[list[Table], dict[str, Any]]:
    """Take a filled-in list of missing data for values, everything else for a table."""
    from nl2opt.tables.given import values_of_list

    values = values_of_list(table)
    return ([table], {}) if values is None else ([], values)
