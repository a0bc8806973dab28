"""Fills sets with the elements that columns of attached tables give."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from nl2opt.formulation.findings import Finding, Severity, did_you_mean
from nl2opt.formulation.schema import Set
from nl2opt.tables.finding_tables import TableFinder
from nl2opt.tables.table import Column, Table, TextArray

HEADERS: Final = "*"
"""As `column` of a set: the headers of the columns of numbers are its elements."""


def filled_set(declared: Set, finder: TableFinder) -> tuple[Set, list[Finding]]:
    """Return a set with the elements of its table, and what is wrong or doubtful; unchanged where it is wrong."""
    element = f"sets.{declared.name}"
    assert declared.table is not None
    table = finder.find(declared.table)
    if table is None:
        return declared, [finder.unknown(declared.table, element)]
    wanted = _column_names(declared, table)
    if not wanted:
        mend = did_you_mean(declared.name, table.column_names)
        message = f"the column of the table `{declared.table}` that holds the elements is not named"
        return declared, [Finding(code="no_column", element=element, field="column", message=message, mend=mend)]
    if wanted == [HEADERS]:
        return declared.from_table(_headers(table)), []
    columns, findings = _columns(wanted, table, element)
    if len(columns) < len(wanted):
        return declared, findings
    return declared.from_table(_elements(columns, table, element, findings)), findings


def _column_names(declared: Set, table: Table) -> list[str]:
    if isinstance(declared.column, list):
        return declared.column
    if declared.column is not None:
        return [declared.column]
    own = table.find(declared.name)
    return [own.name] if own is not None else []


def _columns(wanted: list[str], table: Table, element: str) -> tuple[list[Column], list[Finding]]:
    columns, findings = [], []
    for name in wanted:
        column = table.find(name)
        if column is None:
            findings.append(unknown_column(name, table, element))
        else:
            columns.append(column)
    return columns, findings


def unknown_column(name: str, table: Table, element: str, field: str = "column") -> Finding:
    """Say that a table has no column of a name."""
    message = f"the table `{table.name}` has no column `{name}`"
    return Finding(code="unknown_column", element=element, field=field, message=message, mend=table.suggestion(name))


def _headers(table: Table) -> list[Any]:
    names = [column.name for column in table.columns if column.kind == "number"]
    return [int(name) for name in names] if names and all(name.isdigit() for name in names) else list(names)


def _elements(columns: list[Column], table: Table, element: str, findings: list[Finding]) -> list[Any]:
    """Return the distinct elements in the order of appearance; rows with an empty cell are left out, and told."""
    import pandas as pd

    labels = [column.labels() for column in columns]
    stated = np.logical_and.reduce([np.asarray(part != "", np.bool_) for part in labels])
    if not stated.all():
        row = int(np.argmin(stated))
        empty = next(column for column, part in zip(columns, labels, strict=True) if part[row] == "")
        count = int((~stated).sum())
        rows = "rows of `{0}` without an element were" if count != 1 else "row of `{0}` without an element was"
        message = f"{count:,} {rows.format(table.name)} left out"
        where = table.address(row, empty)
        findings.append(
            Finding(severity=Severity.WARNING, code="empty_key", element=element, message=message, where=where)
        )
    if not stated.any():
        findings.append(
            Finding(
                severity=Severity.WARNING,
                code="no_elements",
                element=element,
                message=f"the table `{table.name}` gives no elements",
            )
        )
    kept = [part[stated] for part in labels]
    if len(kept) == 1:
        return _typed(np.asarray(pd.unique(kept[0]), object), columns[0])
    distinct = pd.DataFrame(dict(enumerate(kept))).drop_duplicates()
    parts = [_typed(distinct[place].to_numpy(object), column) for place, column in enumerate(columns)]
    return [list(parts_of_one) for parts_of_one in zip(*parts, strict=True)]


def _typed(labels: TextArray, column: Column) -> list[Any]:
    """Return labels as elements: whole numbers where the column holds nothing else."""
    whole = column.is_whole and not len(column.faults)
    return list(map(int, labels.tolist())) if whole else list(labels.tolist())
