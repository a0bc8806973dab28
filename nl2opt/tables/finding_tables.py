"""Finds the attached table that a formulation names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.schema import Formulation
from nl2opt.tables.table import Table, Tables, plain_word


class TableFinder:
    """The attached tables by the names that one formulation has for them.

    Attributes:
        notes: where a table was taken that has another name.
    """

    def __init__(self, formulation: Formulation, tables: Tables) -> None:
        self.tables = tables
        self.notes: list[str] = []
        self._wanted = _wanted(formulation)
        self._found = {name: self._look_for(name, columns) for name, columns in self._wanted.items()}

    def find(self, name: str) -> Table | None:
        """Return the table of a name; `None` when there is none."""
        return self._found.get(name)

    def unused(self) -> list[str]:
        """Say which of the attached tables the formulation does not name."""
        used = {table.name for table in self._found.values() if table is not None}
        return [f"The table {name} is not used." for name in self.tables if self.tables[name].name not in used]

    def unknown(self, name: str, element: str) -> Finding:
        """Say that no table of a name is attached."""
        if not self.tables:
            mend = "Attach it: data={...} in Python, --data FILE on the command line."
            return Finding(
                code="no_table",
                element=element,
                field="table",
                message=f"the table `{name}` is not attached",
                mend=mend,
            )
        message = f"no table `{name}` is attached"
        mend = did_you_mean(name, self.tables) + f" A file takes a name by `{name}=FILE`, or data={{{name!r}: ...}}."
        return Finding(code="unknown_table", element=element, field="table", message=message, mend=mend.strip())

    def _look_for(self, name: str, columns: Iterable[str]) -> Table | None:
        if name in self.tables:
            return self.tables[name]
        plain = plain_word(PurePath(name).stem if PurePath(name).suffix else name)
        alike = [key for key in self.tables if plain_word(key) == plain or plain_word(key.rpartition(".")[2]) == plain]
        if len(alike) == 1:
            return self.tables[alike[0]]
        if len(self._wanted) == len(self.tables) == 1:
            only = next(iter(self.tables.values()))
            if all(only.find(column) is not None for column in columns):
                self.notes.append(
                    f"The table {only.name} was taken for `{name}`, since it has the columns that are needed."
                )
                return only
        return None


def _wanted(formulation: Formulation) -> dict[str, list[str]]:
    """Return the tables that a formulation names, each with the columns that it needs of it."""
    wanted: dict[str, list[str]] = {}
    for declared in formulation.sets:
        if declared.table is not None:
            columns = [declared.column] if isinstance(declared.column, str) else declared.column or []
            wanted.setdefault(declared.table, []).extend(column for column in columns if column != "*")
    for parameter in formulation.parameters:
        if parameter.table is not None and parameter.value is None:
            columns = [*(parameter.keys or ()), *([parameter.column] if parameter.column else ())]
            wanted.setdefault(parameter.table, []).extend(columns)
    return wanted
