"""What neither LP nor MPS files have a place for, written as rows, with a record of what was added for what."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from solvers.adaptation import REWRITES, adapted, rewriting
from solvers.errors import ExchangeError, UnsupportedModelError
from solvers.exchange.flat import HELD
from solvers.features import features_of
from solvers.model import IntArray, Model
from solvers.reformulation.constraints import name_of_constraint


@dataclass(frozen=True, slots=True, eq=False)
class Rewriting:
    """A model, and the same in terms that files can hold: the columns and rows of the first lead those of the second.

    Attributes:
        stated: the model.
        model: the same without conditional rows, cones and global constraints; `stated` itself where it has none.
    """

    stated: Model
    model: Model

    def added_columns(self, names: Sequence[str]) -> dict[str, str]:
        """Return for what constraint each added column stands, by its name in the file.

        Args:
            names: of all columns in the file.
        """
        places = range(self.stated.n_columns, self.model.n_columns)
        return {names[place]: self.model.origin_of_column(place) for place in places}

    def added_rows(self, names: Sequence[str], rows: IntArray) -> dict[str, str]:
        """Return for what constraint each added row stands, by its name in the file.

        Args:
            names: of all rows in the file.
            rows: the row of the rewritten model that each is.
        """
        return {
            name: self.model.origin_of_row(row)
            for name, row in zip(names, rows.tolist(), strict=True)
            if row >= self.stated.n_rows
        }

    def without_rewritten(self, rows: IntArray) -> list[int]:
        """Return those of some rows of the rewritten model that were stated, and not under a condition."""
        stated = rows[rows < self.stated.n_rows]
        if self.stated.indicators is not None:
            stated = np.setdiff1d(stated, self.stated.indicators.row)
        found: list[int] = stated.tolist()
        return found

    def summary(self, columns: Mapping[str, str], rows: Mapping[str, str]) -> Iterator[str]:
        """Yield what was rewritten, and how many columns and rows each constraint has become.

        Args:
            columns: what was added for which constraint, by name.
            rows: the same of rows.
        """
        if self.model is self.stated:
            return
        yield f"rewritten exactly: {rewriting(self.stated, self.model)}"
        n_columns, n_rows = Counter(columns.values()), Counter(rows.values())
        for name in dict.fromkeys([*self.rewritten_names(), *n_columns, *n_rows]):
            parts = [
                f"{count} added {what}{'s' * (count != 1)}"
                for what, count in (("column", n_columns[name]), ("row", n_rows[name]))
                if count
            ]
            yield f"rewritten: {json.dumps(name)} as {' and '.join(parts) or 'nothing, since the bounds see to it'}"

    def rewritten_names(self) -> Iterator[str]:
        """Yield the names of the constraints that were rewritten; of cones, those of their rows."""
        yield from map(name_of_constraint, self.stated.global_constraints)
        if self.stated.indicators is not None:
            yield from map(self.stated.name_of_row, np.unique(self.stated.indicators.row).tolist())


def rewritten_for(model: Model, format_name: str) -> Rewriting:
    """Return a model without what files cannot hold.

    Args:
        model: a valid model.
        format_name: for messages.

    Raises:
        ExchangeError: something cannot be rewritten exactly; the text says what, where, and what to do.
    """
    missing = features_of(model) - HELD
    if missing - REWRITES.keys():
        return Rewriting(model, model)  # which is refused by its name when it is written
    try:
        return Rewriting(model, adapted(model, HELD))
    except UnsupportedModelError as error:
        raise ExchangeError(f"{format_name} files cannot hold {' and '.join(sorted(missing))}. {error}") from error
