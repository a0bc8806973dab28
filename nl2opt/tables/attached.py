"""Takes what a person attaches, files and tables in memory, for the tables of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nl2opt.errors import DataError
from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.limits import Limits
from nl2opt.tables.numbers import Decimal
from nl2opt.tables.reading import data_error, read_file
from nl2opt.tables.reading_records import table_of_memory
from nl2opt.tables.table import Table, Tables

Data = Tables | Mapping[str, Any] | str | Path | Sequence[str | Path]
"""What `data=` takes: tables by name, a file, several files, or what `read_tables` returned."""


def read_tables(
    data: Data | None,
    *,
    values: Mapping[str, Any] | None = None,
    private: Iterable[str] = (),
    decimal: Decimal | None = None,
    limits: Limits | None = None,
) -> Tables:
    """Read tables from files and from memory.

    Args:
        data: by the name of each table a file, a pandas DataFrame, a dict of lists, or a list of dicts; or files alone,
            whose tables are called by the file, or by the sheets of a workbook with several. `None` for none.
        values: numbers for parameters, by their names.
        private: columns of which a language model is shown nothing but name and unit: `salary`, or `staff.salary` for
            that of one table.
        decimal: `,` or `.`, where texts could be read in two ways.
        limits: how large files may be; `None` for the usual limits.

    Raises:
        DataError: a file or table cannot be read, or there is no such private column; every fault is a finding.
    """
    private = (private,) if isinstance(private, str) else tuple(private)
    if isinstance(data, Tables):
        return _marked(data.with_values(values or {}), private)
    if decimal not in (None, ".", ","):
        raise data_error("decimal", "decimal", f"the sign before decimals is `,` or `.`, not {decimal!r}")
    tables: dict[str, Table] = {}
    given: dict[str, Any] = {}
    faults: list[Finding] = []
    for name, source in _sources(data):
        try:
            found, found_values = _read(name, source, decimal, limits)
        except DataError as error:
            faults += error.findings
            continue
        given |= found_values
        for table in found:
            key = table.name
            if key in tables:
                other = f"{Path(table.source).stem}.{table.sheet}" if table.sheet else ""
                if not other or other in tables:
                    message = f"two tables have the name `{key}`"
                    mend = "Give them names: NAME=FILE, or a dict of files by name."
                    faults.append(Finding(code="name_clash", element=f"tables.{key}", message=message, mend=mend))
                    continue
                key = other
            tables[key] = replace(table, name=key)
    if faults:
        raise DataError(faults)
    return _marked(Tables(tables, {**given, **(values or {})}), private)


def _sources(data: Data | None) -> Iterable[tuple[str, Any]]:
    if data is None:
        return []
    if isinstance(data, Mapping):
        return [(str(name), source) for name, source in data.items()]
    if isinstance(data, str | Path):
        return [("", data)]
    if isinstance(data, Sequence):
        return [("", source) for source in data]
    return [("table", data)]


def _read(name: str, source: Any, decimal: Decimal | None, limits: Limits | None) -> tuple[list[Table], dict[str, Any]]:
    if not isinstance(source, str | Path):
        return [table_of_memory(source, name or "table", decimal=decimal)], {}
    tables, values = read_file(Path(source), decimal=decimal, limits=limits)
    if name and len(tables) == 1:
        tables = [replace(tables[0], name=name)]
    elif name:
        tables = [replace(table, name=f"{name}.{table.name}") for table in tables]
    return tables, values


def _marked(tables: Tables, private: Iterable[str]) -> Tables:
    """Return the tables with columns marked as private."""
    marked = dict(tables)
    faults = []
    for wanted in private:
        table_name, _, column_name = wanted.rpartition(".")
        names = [table_name] if table_name in marked else list(marked)
        looked_for = column_name if table_name in marked else wanted
        found = [(name, column) for name in names if (column := marked[name].find(looked_for)) is not None]
        if not found:
            known = [column for table in marked.values() for column in table.column_names]
            message, mend = f"there is no column `{wanted}` to keep private", did_you_mean(looked_for, known)
            faults.append(Finding(code="unknown_column", element="tables", message=message, mend=mend))
        for name, column in found:
            columns = [replace(c, is_private=True) if c is column else c for c in marked[name].columns]
            marked[name] = replace(marked[name], columns=tuple(columns))
    if faults:
        raise DataError(faults)
    return Tables(marked, tables.values_given)
