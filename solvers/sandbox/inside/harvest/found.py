"""What was read from one model of a program, and how it is put into the report."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from solvers.errors import SolversError
from solvers.exchange import mps_writer
from solvers.exchange.flat import flattened
from solvers.exchange.rewriting import rewritten_for
from solvers.exchange.safe_names import safe_names
from solvers.model import Model
from solvers.sandbox.model_text import ADDED

MOST_COLUMNS: Final = 100_000
_MOST_ENTRIES: Final = 1_500_000
_OBJECTIVE: Final = "obj"
_WITH_POINT: Final = ("optimal", "feasible", "limit", "unknown")


class NoModelError(Exception):
    """A model cannot be written; the text is one sentence that says why."""


@dataclass(slots=True, kw_only=True)
class Found:
    """What one model object says.

    Attributes:
        library: whose object it is.
        status: see `solvers.sandbox.ClaimedSolution`.
        sense: the same.
        objective: of the point; `None` without one.
        values: by name.
        model: the flat model, its columns named as in `values`; `None` where it cannot be told.
        why_no_model: where there is none.
        n_stated: how many of its first columns are the program's variables; `None` for all.
    """

    library: str
    status: str
    sense: str = ""
    objective: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    model: Model | None = None
    why_no_model: str = ""
    n_stated: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the program put nothing into the model."""
        return self.model is not None and not self.model.n_columns and not self.model.n_rows

    def told(self, room: int) -> dict[str, Any]:
        """Return plain objects for the report.

        Args:
            room: characters that the text of the model may have.
        """
        has_point = self.status in _WITH_POINT
        content: dict[str, Any] = {
            "library": self.library,
            "status": self.status,
            "sense": self.sense,
            "objective": _finite(self.objective) if has_point else None,
            "values": _finite_values(self.values) if has_point else {},
        }
        if self.model is None:
            return content | {"why_no_model": self.why_no_model}
        try:
            n_stated = self.model.n_columns if self.n_stated is None else self.n_stated
            return content | {"model": written(self.model, room, n_stated)}
        except NoModelError as error:
            return content | {"why_no_model": str(error)}
        except SolversError as error:
            return content | {"why_no_model": str(error)[:400]}


def _finite(value: float | None) -> float | None:
    number = None if value is None else float(value)
    return number if number is not None and math.isfinite(number) else None


def _finite_values(values: Mapping[str, float]) -> dict[str, float]:
    if len(values) > MOST_COLUMNS:
        return {}
    return {name: number for name, value in values.items() if (number := _finite(value)) is not None}


def written(model: Model, room: int, n_stated: int) -> dict[str, Any]:
    """Return the text of an MPS file, and the names of the columns by those in the file.

    The names of rows stand in comments at the top, as our own writers put them there. Nothing is read back here: the
    host does so. So do the names of columns that stand for no variable of the program.

    Args:
        model: whose first columns are the program's variables.
        room: characters that the text may have.
        n_stated: how many columns are the program's variables.

    Raises:
        NoModelError: it is too large.
        SolversError: the format cannot hold it.
    """
    _refuse_large(model.n_columns, len(model.row_values))
    rewriting = rewritten_for(model, "MPS")
    content = rewriting.model
    _refuse_large(content.n_columns, len(content.row_values))
    flat = flattened(content, format_name="MPS", split=mps_writer.split_rows(content))
    names = [content.name_of_column(place) for place in range(content.n_columns)]
    origins = [content.name_of_row(row) for row in flat.origin.tolist()]
    columns = safe_names(names, prefix="x")
    rows = safe_names(origins, prefix="r", taken=(_OBJECTIVE, *columns))
    body = mps_writer.mps_text(
        replace(flat.model, column_name=columns.__getitem__, row_name=rows.__getitem__), columns, rows, _OBJECTIVE
    )
    heading = "".join(
        [
            f"* name map: row {safe} is {json.dumps(name)}\n"
            for safe, name in zip(rows, origins, strict=True)
            if safe != name
        ]
        + [f"{ADDED}{safe}\n" for safe in columns[n_stated:]]
    )
    if len(heading) + len(body) > room:
        raise NoModelError(f"Its text would have more than {room // 1_000_000} MB.")
    changed = {safe: name for safe, name in zip(columns, names, strict=True) if safe != name}
    return {"format": "mps", "text": heading + body, "names": changed}


def _refuse_large(columns: int, entries: int) -> None:
    if columns > MOST_COLUMNS or entries > _MOST_ENTRIES:
        raise NoModelError(f"It is too large to be read: {columns:,} variables and {entries:,} coefficients.")


def distinct(names: Sequence[str], *, unnamed: str) -> list[str]:
    """Return names of which no two are the same and none is empty.

    Args:
        names: as the program gave them.
        unnamed: what precedes the number of one without a name.
    """
    if len(set(names)) == len(names) and all(names):
        return list(names)
    used = set(names)
    seen: set[str] = set()
    found = []
    for place, name in enumerate(names):
        chosen = name or f"{unnamed}{place}"
        number = 2
        while chosen in seen or (chosen != name and chosen in used):
            chosen, number = f"{name or f'{unnamed}{place}'} ({number})", number + 1
        seen.add(chosen)
        found.append(chosen)
    return found
