"""The values of a plan as columns of the model: names and entries are looked up, numbers are read."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nl2opt.errors import ChangeError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.context import VariableTable
from nl2opt.formulation.evaluation.elements import BoolArray, FloatArray
from nl2opt.formulation.findings import Finding, did_you_mean

_MOST_FINDINGS: Final = 20
_Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PlanValues:
    """The values of a plan.

    Attributes:
        values: float64 (n,) for the declared columns; 0 where none is given.
        is_given: bool (n,).
    """

    values: FloatArray
    is_given: BoolArray


def plan_values(plan: Mapping[str, Any], compiled: CompiledFormulation) -> PlanValues:
    """Return the values of a plan as columns.

    Args:
        plan: by variable a number, or an object of entries, nested or with joined keys; `make[chair]` names one.
        compiled: the formulation.

    Raises:
        ChangeError: a name or entry is unknown, a value is no finite number, or nothing is given; everything at once.
    """
    values = np.zeros(compiled.n_declared)
    is_given = np.zeros(compiled.n_declared, np.bool_)
    findings: list[Finding] = []
    places: dict[str, dict[_Parts, int]] = {}
    for name, value in plan.items():
        variable, parts = _named(str(name))
        table = compiled.variables.get(variable)
        if table is None:
            mend = did_you_mean(variable, compiled.variables)
            findings.append(_finding(f"there is no decision `{variable}` in the formulation", mend))
            continue
        if variable not in places:
            places[variable] = _columns(table)
        for entry, number in _entries(value, parts):
            column = _column(variable, entry, places[variable], findings)
            amount = _number(variable, entry, number, findings)
            if column is None or amount is None:
                continue
            if is_given[column]:
                findings.append(_finding(f"`{_label(variable, entry)}` is given twice", "Give it once."))
            values[column], is_given[column] = amount, True
    if findings:
        more = len(findings) - _MOST_FINDINGS
        shown = findings[:_MOST_FINDINGS]
        raise ChangeError([*shown, _finding(f"... and {more:,} more", "")] if more > 0 else shown)
    if not is_given.any():
        known = ", ".join(f"`{name}`" for name in compiled.variables)
        raise ChangeError([_finding("the plan gives no values", f"The decisions are: {known}.")])
    return PlanValues(values, is_given)


def _named(name: str) -> tuple[str, _Parts]:
    """Return the variable and the index of a name such as `make['chair']`."""
    text = name.strip()
    if not text.endswith("]") or "[" not in text:
        return text, ()
    variable, _, index = text[:-1].partition("[")
    return variable.strip(), _split(index)


def _split(key: Any) -> _Parts:
    if isinstance(key, tuple | list):
        return tuple(str(part) for part in key)
    text = str(key).strip()
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError:
            listed = None
        if isinstance(listed, list):
            return tuple(map(str, listed))
    return tuple(part.strip().strip("'\"") for part in text.strip("()").split(","))


def _entries(value: Any, parts: _Parts) -> Iterator[tuple[_Parts, Any]]:
    """Yield the entries below a key with their numbers."""
    if hasattr(value, "to_dict") and not isinstance(value, Mapping):
        value = value.to_dict()  # a pandas Series
    if not isinstance(value, Mapping):
        yield parts, value
        return
    for key, item in value.items():
        whole = str(key) if isinstance(key, str) else key
        yield from _entries(item, (*parts, *(_split(whole))))


def _columns(table: VariableTable) -> dict[_Parts, int]:
    """Return the column of each entry, by the texts of its elements."""
    labels: list[_Parts] = [()]
    for dimension in table.dimensions:
        parts = [tuple(map(str, label)) if isinstance(label, tuple) else (str(label),) for label in dimension.labels()]
        labels = [label + part for label in labels for part in parts]
    return {label: table.offset + place for place, label in enumerate(labels)}


def _column(name: str, entry: _Parts, known: Mapping[_Parts, int], findings: list[Finding]) -> int | None:
    column = known.get(entry)
    if column is None and len(entry) > 1 and len(next(iter(known), ())) == 1:
        # An element with a comma in it.
        column = next((place for (element,), place in known.items() if _split(element) == entry), None)
    if column is None:
        first = next(iter(known), ())
        if len(entry) != len(first):
            example = f"`{_label(name, first)}`"
            message = f"`{name}` has {len(first) or 'no'} ind{'ex' if len(first) == 1 else 'ices'}"
            findings.append(_finding(f"{message}, and `{_label(name, entry)}` names {len(entry)}", f"Write {example}."))
        else:
            mend = did_you_mean(_label(name, entry), [_label(name, parts) for parts in list(known)[:1000]])
            findings.append(_finding(f"there is no entry `{_label(name, entry)}`", mend))
    return column


def _number(name: str, entry: _Parts, value: Any, findings: list[Finding]) -> float | None:
    """Return a number; `None` where it is none."""
    text = value.strip().replace("−", "-") if isinstance(value, str) else value
    try:
        number = float(text) if not isinstance(text, bool) else float(int(text))
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isfinite(number):
        return number
    shown = " ".join(str(value).split())[:60]
    findings.append(
        _finding(f"`{_label(name, entry)}` is `{shown}`, which is no finite number", "Give a number such as 12.5.")
    )
    return None


def _label(name: str, entry: _Parts) -> str:
    return f"{name}[{', '.join(entry)}]" if entry else name


def _finding(message: str, mend: str) -> Finding:
    return Finding(code="plan", message=message, mend=mend)
