"""Fills a parameter without an index from a table: one row, or the row of its name."""

from __future__ import annotations

import numpy as np

from nl2opt.tables.column_work import ColumnWork
from nl2opt.tables.set_filling import unknown_column
from nl2opt.tables.table import Column, plain_word


class ScalarWork(ColumnWork):
    """The filling of a parameter without an index."""

    def scalar(self) -> float | int | None:
        """Return the number of a parameter without an index: of a one-row table, or of the row of its name."""
        table = self.table
        labelled = next((column for column in table.columns if column.kind == "text" and not column.doubt), None)
        if self.declared.keys:
            labelled = table.find(self.declared.keys[0])
            if labelled is None:
                self.findings.append(unknown_column(self.declared.keys[0], table, self.element, "keys"))
                return None
        column = self.value_column(() if labelled is None else (labelled,))
        if column is None:
            return None
        if table.n_rows == 1 and self.declared.row is None:
            row = 0
        else:
            found = self.labelled_row(labelled)
            if found is None:
                return None
            row = found
        numbers = self.numbers(column, np.array([row]))
        if numbers is None or np.isnan(numbers[row]):
            if numbers is not None:
                self.fail("empty_cell", "the cell is empty", where=table.address(row, column))
            return None
        return _plain(float(numbers[row]))

    def labelled_row(self, labelled: Column | None) -> int | None:
        """Return the row that is called like the parameter, or as `row` says."""
        wanted = self.declared.row or self.declared.name
        if labelled is None:
            mend = "Give it an index, or a table of one row."
            self.fail(
                "many_rows",
                f"the table `{self.table.name}` has {self.table.n_rows:,} rows and none of them has a name",
                mend=mend,
            )
            return None
        labels = [str(label) for label in labelled.labels()]
        rows = [row for row, label in enumerate(labels) if label == wanted]
        rows = rows or [row for row, label in enumerate(labels) if plain_word(label) == plain_word(wanted)]
        if len(rows) == 1:
            return rows[0]
        if rows:
            where = f"{self.table.address(rows[0], labelled)} and {self.table.address(rows[1], labelled)}"
            self.fail("repeated_key", f"{len(rows)} rows are called `{wanted}`", where=where)
        else:
            mend = f"Name the row by `row`, as it stands in the column {labelled.name}."
            self.fail("missing_key", f"no row of `{self.table.name}` is called `{wanted}`", mend=mend)
        return None


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 2**53 else value
