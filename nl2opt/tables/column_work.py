"""What is said while a parameter is filled from a table, and which column holds its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nl2opt.formulation.evaluation.elements import FloatArray, IntArray
from nl2opt.formulation.findings import Finding, Severity, did_you_mean
from nl2opt.formulation.schema import Parameter
from nl2opt.tables.set_filling import unknown_column
from nl2opt.tables.table import Column, Table
from nl2opt.tables.unit_clash import unit_clash

SHOWN: Final = 3
"""Cells, keys or elements that one finding names."""


class ColumnWork:
    """The filling of one parameter from the columns of a table.

    Attributes:
        findings: what is wrong or doubtful; only their `text` may hold what stands in cells.
        notes: what was taken for granted.
        unit: that the header of the column states.
    """

    def __init__(self, declared: Parameter, table: Table) -> None:
        """Prepare.

        Args:
            declared: the parameter.
            table: that it names.
        """
        self.declared = declared
        self.table = table
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.unit = ""

    @property
    def element(self) -> str:
        """The element that findings are about."""
        return f"parameters.{self.declared.name}"

    def value_column(self, keys: Sequence[Column]) -> Column | None:
        """Return the column that holds the numbers."""
        name = self.declared.column
        if name is not None:
            column = self.table.find(name)
            if column is None:
                self.findings.append(unknown_column(name, self.table, self.element))
            return column
        own = self.table.find(self.declared.name)
        if own is not None and own not in keys:
            return own
        others = [
            column for column in self.table.columns if column not in keys and (column.kind == "number" or column.doubt)
        ]
        if len(others) == 1:
            return others[0]
        mend = did_you_mean(self.declared.name, [column.name for column in others])
        self.fail(
            "no_column",
            f"the column of `{self.table.name}` that holds the numbers is not named",
            field="column",
            mend=mend,
        )
        return None

    def numbers(self, column: Column, rows: IntArray) -> FloatArray | None:
        """Return the numbers of a column; says which of the cells that are needed hold none."""
        if column.doubt:
            mend = "Say which sign stands before decimals: decimal=',' in Python, --decimal , on the command line."
            self.fail(
                "ambiguous_number",
                f"the column `{column.header}` of `{self.table.name}` cannot be read: it may mean two things",
                text=column.doubt,
                mend=mend,
            )
            return None
        faults = column.faults if column.numbers is not None else np.flatnonzero(~column.is_empty)
        faults = np.intersect1d(faults, rows)
        if len(faults):
            shown = "; ".join(
                f"{column.cell_text(row)!r} in {self.table.address(row, column)}" for row in faults[:SHOWN].tolist()
            )
            hold = "cell of `{0}` holds" if len(faults) == 1 else "cells of `{0}` hold"
            message = f"{len(faults):,} {hold.format(column.header)} no number"
            self.fail(
                "not_a_number",
                message,
                text=shown,
                where=self.table.address(int(faults[0]), column),
                mend="Write numbers there.",
            )
            return None
        if column.numbers is None:
            self.fail("empty_cell", f"the column `{column.header}` of `{self.table.name}` is empty")
            return None
        clash = unit_clash(self.declared.unit, column.unit)
        if clash:
            mend = f"Convert the column, or state the unit `{column.unit}`: numbers are never converted by themselves."
            self.fail("unit", f"the column `{column.header}` of `{self.table.name}` {clash}", field="unit", mend=mend)
        self.unit = self.unit or column.unit
        return column.numbers

    def fail(
        self, code: str, message: str, *, field: str = "value", text: str = "", where: str = "", mend: str = ""
    ) -> None:
        """Add an error; only `text` may hold what stands in cells."""
        self.findings.append(
            Finding(code=code, element=self.element, field=field, message=message, text=text, where=where, mend=mend)
        )

    def warn(self, code: str, message: str, *, text: str = "", where: str = "") -> None:
        """Add a warning; only `text` may hold what stands in cells."""
        self.findings.append(
            Finding(severity=Severity.WARNING, code=code, element=self.element, message=message, text=text, where=where)
        )
