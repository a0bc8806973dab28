"""Reads a plan from a file: today's values of the decisions, as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from nl2opt.errors import ChangeError
from nl2opt.formulation.findings import Finding

_MOST_BYTES: Final = 50_000_000
_EXAMPLE: Final = (
    'Write a CSV file with the columns variable, index_1, value, or a JSON file such as {"make": {"chair": 60}}.'
)
_NAMES: Final = ("variable", "name", "decision")
_VALUES: Final = ("value", "amount", "quantity")


def read_plan(path: Path) -> dict[str, Any]:
    """Return the values in a file, by name of a variable or entry.

    Args:
        path: a `.json` file with values by variable, or an answer; or a CSV file with a row for each value: the
            variable, the elements of its index, and the value.

    Raises:
        ChangeError: it is neither.
        OSError: it cannot be read.
    """
    content = path.read_bytes()
    if len(content) > _MOST_BYTES:
        raise _refused(f"{path} is too long for a plan (more than {_MOST_BYTES // 1_000_000} MB)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(f"{path} is no text in UTF-8") from None
    if path.suffix.lower() == ".json" or text.lstrip().startswith("{"):
        return _of_json(text, path)
    return _of_csv(text, path)


def _of_json(text: str, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise _refused(f"{path} is not JSON ({error})") from None
    if isinstance(content, dict) and isinstance(content.get("values"), dict):
        inner = content["values"]
        content = inner["tables"] if isinstance(inner.get("tables"), dict) and "index_names" in inner else inner
        content = {name: _stored(value) for name, value in content.items()}
    if not isinstance(content, dict) or not content:
        raise _refused(f"{path} holds no values by name")
    return content


def _stored(value: Any) -> Any:
    """Return values of an answer's file as an object of entries."""
    if isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        return {tuple(index) if isinstance(index, list) else index: number for index, number in value}
    return value


def _of_csv(text: str, path: Path) -> dict[str, Any]:
    try:
        dialect: Any = csv.Sniffer().sniff(text[:10_000], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [row for row in csv.reader(io.StringIO(text), dialect) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise _refused(f"{path} is not CSV ({error})") from None
    if not rows:
        raise _refused(f"{path} is empty")
    header = [cell.strip().lower() for cell in rows[0]]
    name, value = 0, len(header) - 1
    if any(word in header for word in _VALUES):
        value = next(header.index(word) for word in _VALUES if word in header)
        name = next((header.index(word) for word in _NAMES if word in header), 0)
        rows = rows[1:]
    elif len(header) < 2:
        raise _refused(f"{path} has one column only")
    return _of_rows(rows, name, value, path)


def _of_rows(rows: Sequence[Sequence[str]], name: int, value: int, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, row in enumerate(rows, start=1):
        if len(row) <= max(name, value):
            raise _refused(f"row {number} of {path} has {len(row)} cells only")
        amount = row[value].strip()
        index = tuple(cell.strip() for n, cell in enumerate(row) if n not in (name, value) and cell.strip())
        if not amount:
            continue
        variable = row[name].strip()
        held = found.setdefault(variable, {}) if index else found
        key: Any = index if index else variable
        if not isinstance(held, dict) or key in held:
            raise _refused(f"`{variable}` stands twice in {path} (row {number})")
        held[key] = amount
    if not found:
        raise _refused(f"{path} holds no values")
    return found


def _refused(message: str) -> ChangeError:
    return ChangeError([Finding(code="plan", message=message, mend=_EXAMPLE)])
