"""The values of the variables, by name, as people and pandas want them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.elements import FloatArray

if TYPE_CHECKING:
    import pandas as pd

Number = int | float
Entry = tuple[tuple[Any, ...], Number]


class Values(Mapping[str, Any]):
    """Values by variable: a number for a scalar variable, a pandas Series for an indexed one.

    Whole numbers are `int` where the variable's domain is integer or binary.
    """

    def __init__(self, tables: Mapping[str, Number | list[Entry]], index_names: Mapping[str, list[str]]) -> None:
        """Hold values.

        Args:
            tables: by variable a number, or (index, value) pairs in the order of the sets.
            index_names: by variable the names of its index sets, one for each part of the index.
        """
        self._tables = dict(tables)
        self._index_names = dict(index_names)

    @classmethod
    def of(cls, compiled: CompiledFormulation, values: FloatArray) -> Values:
        """Read the values of all variables out of a point."""
        tables: dict[str, Number | list[Entry]] = {}
        index_names: dict[str, list[str]] = {}
        for variable in compiled.formulation.variables:
            table = compiled.variables[variable.name]
            numbers = _plain(values[table.offset : table.offset + table.size], variable.domain != "continuous")
            if not table.dimensions:
                tables[variable.name] = numbers[0]
                continue
            labels: list[tuple[Any, ...]] = [()]
            for dimension in table.dimensions:
                parts = [label if isinstance(label, tuple) else (label,) for label in dimension.labels()]
                labels = [label + part for label in labels for part in parts]
            tables[variable.name] = list(zip(labels, numbers, strict=True))
            index_names[variable.name] = [
                dimension.name if dimension.arity == 1 else f"{dimension.name}_{part + 1}"
                for dimension in table.dimensions
                for part in range(dimension.arity)
            ]
        return cls(tables, index_names)

    def __getitem__(self, name: str) -> Number | pd.Series[Any]:
        table = self._tables[name]
        if not isinstance(table, list):
            return table
        import pandas as pd

        names = self._index_names[name]
        parts = [[key[part] for key, _ in table] for part in range(len(names))]
        index = pd.MultiIndex.from_arrays(parts, names=names) if len(parts) > 1 else pd.Index(parts[0], name=names[0])
        numbers = [value for _, value in table]
        return pd.Series(numbers, index=index, name=name, dtype=None if numbers else "float64")

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __repr__(self) -> str:
        return f"Values({self.to_plain()!r})"

    def entries(self, name: str) -> list[Entry]:
        """Return the (index, value) pairs of a variable; a scalar one has the empty index."""
        table = self._tables[name]
        return table if isinstance(table, list) else [((), table)]

    def index_names(self, name: str) -> list[str]:
        """Return the name of each part of a variable's index; empty for a scalar one."""
        return list(self._index_names.get(name, []))

    def to_plain(self) -> dict[str, Any]:
        """Return values as JSON objects.

        The parts of an index are joined by commas, as in the tables of a formulation; where a part holds a
        comma itself, the key is a JSON list.
        """
        return {
            name: {_key(key): value for key, value in table} if isinstance(table, list) else table
            for name, table in self._tables.items()
        }

    def to_store(self) -> dict[str, Any]:
        """Return everything as JSON, for `from_store`."""
        tables = {
            name: [[list(key), value] for key, value in table] if isinstance(table, list) else table
            for name, table in self._tables.items()
        }
        return {"tables": tables, "index_names": self._index_names}

    @classmethod
    def from_store(cls, content: Mapping[str, Any]) -> Values:
        """Read what `to_store` wrote."""
        tables = {
            name: [(tuple(key), value) for key, value in table] if isinstance(table, list) else table
            for name, table in content["tables"].items()
        }
        return cls(tables, content["index_names"])


def _key(index: tuple[Any, ...]) -> str:
    parts = [str(part) for part in index]
    if len(parts) > 1 and any("," in part for part in parts):
        return json.dumps(list(index), ensure_ascii=False)
    return ",".join(parts)


def _plain(values: FloatArray, whole: bool) -> list[Number]:
    """Return Python numbers; near-zeros of the solver's arithmetic become 0."""
    return [round(v) if whole else (0.0 if abs(v) < 1e-12 else v) for v in values.tolist()]
