"""Values that a person gives for parameters: by name, or in a filled-in list of what is missing."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from nl2opt.tables.table import Table

LIST_COLUMNS: Final = ("parameter", "index", "value")
"""Columns of the list of missing data in a CSV file."""


def values_of_list(table: Table) -> dict[str, Any] | None:
    """Return the values in a filled-in list: by parameter a number, or an object of numbers by index.

    Returns:
        `None` when the table is no such list.
    """
    names = [name.casefold() for name in table.column_names]
    if names[: len(LIST_COLUMNS)] != list(LIST_COLUMNS):
        return None
    parameter, index, value = table.columns[:3]
    labels, keys = parameter.labels(), index.labels()
    numbers = value.numbers if value.numbers is not None else np.full(table.n_rows, np.nan)
    found: dict[str, Any] = {}
    for row in range(table.n_rows):
        number = float(numbers[row])
        if np.isnan(number):
            continue
        plain = int(number) if number == int(number) else number
        if keys[row] == "":
            found[str(labels[row])] = plain
        else:
            entries = found.setdefault(str(labels[row]), {})
            if isinstance(entries, dict):
                entries[str(keys[row])] = plain
    return found
