"""Turns what is asked for into changes of the formulation."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from nl2opt.errors import ChangeError
from nl2opt.formulation.analysis.entry_path import entry_change, entry_labels
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.evaluation.elements import FloatArray, IntArray, SetTable
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.syntax import Addition, Comparison, Comprehension, Node, Number
from nl2opt.formulation.language.writer import number_text
from nl2opt.formulation.schema import Change, Constraint, Formulation, Parameter, Variable
from nl2opt.pipeline.after.amounts import Amount, AmountError, amount_of, written_numbers
from nl2opt.pipeline.after.requests import Request
from nl2opt.pipeline.after.targets import (
    BoundTarget,
    ConstraintTarget,
    ParameterTarget,
    Target,
    all_entries,
    parameters_of,
    short_value,
    target_of,
)

_MOST_ENTRIES: Final = 20
"""So many entries are changed one by one; where more change, the whole table is set."""


def changes_of(requests: Sequence[Request], compiled: CompiledFormulation) -> tuple[Change, ...]:
    """Return the changes that requests ask for, without repetition.

    Raises:
        ChangeError: a name is unknown, a value makes no sense, or a number is changed twice; everything at once.
    """
    changes: list[Change] = []
    findings: list[Finding] = []
    seen: set[str] = set()
    for request in requests:
        try:
            for change in _changes(request, target_of(request.target, compiled), compiled):
                if change.path in seen:
                    message = f"`{request.text}` changes what was changed before"
                    raise ChangeError([Finding(code="twice", message=message, mend="Say it once.")])
                seen.add(change.path)
                changes.append(change)
        except ChangeError as error:
            findings += error.findings
        except AmountError as error:
            findings.append(Finding(code="amount", message=f"{request.target}: {error}"))
    if findings:
        raise ChangeError(list(dict.fromkeys(findings)))
    return tuple(changes)


def _changes(request: Request, target: Target, compiled: CompiledFormulation) -> Iterator[Change]:
    match target:
        case ConstraintTarget(constraint):
            yield _of_constraint(request, constraint, compiled.formulation)
        case BoundTarget(variable, field):
            _refuse_switch(request, f"the bound `{variable.name}.{field}`")
            yield _of_bound(variable, field, amount_of(request.value, is_bound=True))
        case ParameterTarget(parameter, entries):
            _refuse_switch(request, f"`{parameter.name}`")
            value = _without_unit(request.value, parameter.unit)
            yield from _of_parameter(parameter, entries, amount_of(value), compiled)


def _without_unit(value: Any, unit: str) -> Any:
    """Return a text such as `up 10 h` without the unit of the parameter."""
    if not isinstance(value, str) or not unit:
        return value
    text = value.strip()
    shorter = text.removesuffix(unit).rstrip()
    return shorter if shorter[-1:].isdigit() and shorter != text else value


def _refuse_switch(request: Request, what: str) -> None:
    if isinstance(request.value, bool):
        message = f"{what} is a number, which cannot be switched {'on' if request.value else 'off'}"
        mend = "Only constraints can be left out; give a number."
        raise ChangeError([Finding(code="target", message=message, text=request.text, mend=mend)])


# -- parameters -------------------------------------------------------------------------------------


def _of_parameter(
    parameter: Parameter, entries: IntArray | None, amount: Amount, compiled: CompiledFormulation
) -> Iterator[Change]:
    path = f"parameters.{parameter.name}"
    table = compiled.context.parameters[parameter.name]
    places = all_entries(table.dimensions) if entries is None else entries
    new = amount.of(table.at(places))
    if not table.dimensions:
        yield Change(kind="set", path=f"{path}.value", value=written_numbers(new)[0])
        return
    # What a table gave is changed as a whole: from now on it stands in the formulation, which comes before the table.
    if len(places) <= _MOST_ENTRIES and parameter.table is None:
        numbers = written_numbers(new)
        single = [
            entry_change(parameter, table.dimensions, place, value)
            for place, value in zip(places.tolist(), numbers, strict=True)
        ]
        found = [change for change in single if change is not None]
        if len(found) == len(single):
            yield from found
            return
    everywhere = all_entries(table.dimensions)
    values = table.at(everywhere)
    values[places] = new
    yield Change(kind="set", path=f"{path}.value", value=_table(values, table.dimensions))


def _table(values: FloatArray, dimensions: Sequence[SetTable]) -> Any:
    """Return all entries as a formulation writes them: nested lists in the order of the sets, or joined keys."""
    if all(table.arity == 1 for table in dimensions):
        nested: Any = written_numbers(values)
        for table in reversed(dimensions[1:]):
            nested = [nested[start : start + table.size] for start in range(0, len(nested), table.size)]
        return nested
    numbers = written_numbers(values)
    return {_key(entry_labels(dimensions, place)): value for place, value in enumerate(numbers)}


def _key(labels: Sequence[object]) -> str:
    parts = [str(label) for label in labels]
    if any("," in part for part in parts):
        return json.dumps(labels, ensure_ascii=False)
    return ",".join(parts)


# -- bounds -----------------------------------------------------------------------------------------


def _of_bound(variable: Variable, field: str, amount: Amount) -> Change:
    path = f"variables.{variable.name}.{field}"
    old = getattr(variable, field)
    if amount.way == "to":
        return Change(kind="set", path=path, value=_infinite_or_written(amount.value, field, variable))
    if old is None and field == "lower":
        old = 0
    is_missing = old in (None, "inf", "-inf") and variable.domain != "binary"
    if is_missing or (variable.domain == "binary" and old is None):
        raise AmountError(f"there is no {field} bound that could be moved; give a number")
    if isinstance(old, str):
        sign = f"{'-' if amount.value < 0 else '+'} {number_text(abs(amount.value))}"
        text = f"({old}) * {number_text(amount.value)}" if amount.way == "times" else f"({old}) {sign}"
        return Change(kind="set", path=path, value=text)
    return Change(kind="set", path=path, value=written_numbers(amount.of(np.array([float(old)])))[0])


def _infinite_or_written(value: float, field: str, variable: Variable) -> int | float | str:
    if math.isinf(value):
        if (value > 0) is not (field == "upper"):
            raise AmountError(f"the {field} bound cannot be {'infinite' if value > 0 else 'minus infinite'}")
        return "inf" if value > 0 else "-inf"
    if variable.domain == "binary" and not 0 <= value <= 1:
        raise AmountError(f"`{variable.name}` is 0 or 1, so its bounds lie between them")
    return written_numbers(np.array([value]))[0]


# -- constraints ------------------------------------------------------------------------------------


def _of_constraint(request: Request, constraint: Constraint, formulation: Formulation) -> Change:
    path = f"constraints.{constraint.name}"
    if isinstance(request.value, bool):
        if request.value == constraint.enabled:
            state = "on" if request.value else "off"
            message = f"the constraint `{constraint.name}` is switched {state} already"
            raise ChangeError([Finding(code="target", message=message, text=request.text)])
        if request.value:
            return Change(kind="set", path=f"{path}.enabled", value=True)
        return Change(kind="switch_off", path=path)
    amount = amount_of(request.value)
    expression = parse_expression(constraint.expression)
    sides = [
        (span, value)
        for side in _sides(expression.root)
        if (value := _literal(side)) is not None and (span := side.span)
    ]
    if len(sides) != 1:
        names = parameters_of(constraint.expression, formulation)
        known = ", ".join(f"`{name}`" for name in names)
        mend = f"Change the numbers in it: {known}. " if names else ""
        message = f"the constraint `{constraint.name}` has {'no' if not sides else 'more than one'} number as a side"
        raise ChangeError(
            [
                Finding(
                    code="target", message=message, text=short_value(constraint.expression),
                    mend=f"{mend}To leave the constraint out, write `without {constraint.name}`.",
                )
            ]
        )  # fmt: skip
    (begin, end), old = sides[0]
    new = number_text(float(amount.of(np.array([old]))[0]))
    text = expression.text
    return Change(kind="set", path=f"{path}.expression", value=f"{text[:begin]}{new}{text[end:]}")


def _sides(root: Node) -> tuple[Node, ...]:
    body = root.body if isinstance(root, Comprehension) else root
    return body.operands if isinstance(body, Comparison) else ()


def _literal(node: Node) -> float | None:
    """Return the number that a side is; `None` when it is more than a number."""
    match node:
        case Number(value):
            return float(value)
        case Addition(terms=((sign, Number(value)),)):
            return sign * float(value)
        case _:
            return None


def words_of(requests: Sequence[Request]) -> str:
    """Return what is asked for as one text."""
    return ", ".join(_words(request) for request in requests)


def _words(request: Request) -> str:
    if isinstance(request.value, bool):
        return f"{'with' if request.value else 'without'} {request.target}"
    try:
        return f"{request.target} {amount_of(request.value, is_bound=True)}"
    except AmountError:
        return f"{request.target} = {short_value(request.value)}"


def is_scenario(request: Request) -> bool:
    """Whether a request names several values, one for each scenario."""
    return isinstance(request.value, tuple)
