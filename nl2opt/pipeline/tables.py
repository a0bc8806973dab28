"""An answer as tables: the values of each variable, and the rows of the constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.evaluation.definitions import point_with_defined
from nl2opt.formulation.evaluation.elements import FloatArray
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.values import Values

if TYPE_CHECKING:
    import pandas as pd

VALUE: Final = "value"
_HELD: Final = 1e-6
"""A row that is violated by less, relative to its activity, holds."""


def value_frames(answer: Answer) -> dict[str, pd.DataFrame]:
    """Return a table of values by variable; see `Answer.frames`."""
    import pandas as pd

    values = answer.values
    if values is None:
        return {}
    frames = {}
    for name in values:
        entries = values.entries(name)
        index_names = _distinct(values.index_names(name))
        columns: dict[str, list[Any]] = {
            index_name: [key[part] for key, _ in entries] for part, index_name in enumerate(index_names)
        }
        frames[name] = pd.DataFrame({**columns, VALUE: [value for _, value in entries]})
    return frames


def long_frame(answer: Answer) -> pd.DataFrame:
    """Return all values in one table: `variable`, the parts of the index as `index_1` and so on, and `value`.

    There are as many index columns as the longest index has parts; what a shorter index lacks is empty.
    """
    import pandas as pd

    values = answer.values or Values({}, {})
    rows = [(name, key, value) for name in values for key, value in values.entries(name)]
    parts = max((len(key) for _, key, _ in rows), default=0)
    columns: dict[str, list[Any]] = {"variable": [name for name, _, _ in rows]}
    for part in range(parts):
        columns[f"index_{part + 1}"] = [key[part] if part < len(key) else "" for _, key, _ in rows]
    return pd.DataFrame({**columns, VALUE: [value for _, _, value in rows]})


def row_frame(answer: Answer) -> pd.DataFrame:
    """Return a table with one line for each row that the constraints demand.

    Its columns: `constraint`, `row` (with its loop variables), `lower` and `upper` (empty where there is no side),
    `activity` (what the row is worth at the values of the answer) and `slack` (how far the nearer side is; negative
    where it is violated, empty for a row that holds only under a condition where it does not hold). Without a point
    there are no lines; demands that are no comparisons, such as `all_different`, have none.
    """
    import pandas as pd

    names = ["constraint", "row", "lower", "activity", "upper", "slack"]
    if answer.values is None or answer.formulation is None:
        return pd.DataFrame(columns=names)
    compiled = compile_formulation(answer.formulation).require()
    model = compiled.model
    count = sum(family.size for family in compiled.families)
    activity = model.activity(point_of_values(compiled, answer.values))[:count]
    lower, upper = model.row_lower[:count], model.row_upper[:count]
    slack = np.minimum(activity - lower, upper - activity)
    if model.indicators is not None:
        # The values passed the check, so a conditional row that does not hold is not demanded.
        conditional = np.isin(np.arange(count), model.indicators.row)
        slack[conditional & (slack < -_HELD * (1.0 + np.abs(activity)))] = np.nan
    constraint = [family.name for family in compiled.families for _ in range(family.size)]
    rows = [model.name_of_row(row) for row in range(count)]
    content: dict[str, Any] = {
        "constraint": constraint, "row": rows, "lower": _sides(lower), "activity": activity, "upper": _sides(upper),
        "slack": slack,
    }  # fmt: skip
    return pd.DataFrame(content, columns=names)


def point_of_values(compiled: CompiledFormulation, values: Values) -> FloatArray:
    """Return the point of the model (n,): its variables, and what functions of them stand for; the rest is 0."""
    point = np.zeros(compiled.model.n_columns)
    for name, table in compiled.variables.items():
        point[table.offset : table.offset + table.size] = [value for _, value in values.entries(name)]
    return with_functions(compiled, point)


def with_functions(compiled: CompiledFormulation, point: FloatArray) -> FloatArray:
    """Return a point (n,) whose declared columns are given, with what functions of them stand for put in."""
    definitions = compiled.context.definitions
    point = point.copy()
    defined = point_with_defined(definitions, point)[definitions.first :]
    places = compiled.defined_columns
    point[places[places >= 0]] = defined[: len(places)][places >= 0]
    return point


def _sides(sides: FloatArray) -> FloatArray:
    return np.where(np.isfinite(sides), sides, np.nan)


def _distinct(names: Sequence[str]) -> list[str]:
    """Return names of columns that are neither equal nor `value`: `I`, `I_2`."""
    found: list[str] = []
    for name in names:
        chosen, number = name, 2
        while chosen in found or chosen == VALUE:
            chosen = f"{name}_{number}"
            number += 1
        found.append(chosen)
    return found
