"""Reads formulations from JSON and says every structural fault as a finding."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from nl2opt.errors import FormulationError
from nl2opt.formulation.findings import Finding, did_you_mean
from nl2opt.formulation.limits import Limits, usual_limits
from nl2opt.formulation.objectives import no_objectives
from nl2opt.formulation.schema import (
    Alternative,
    Assumption,
    Change,
    Constraint,
    Formulation,
    Objective,
    Parameter,
    Set,
    Variable,
)

_PARTS: Final[dict[str, type[BaseModel]]] = {
    "sets": Set,
    "parameters": Parameter,
    "variables": Variable,
    "objective": Objective,
    "constraints": Constraint,
    "assumptions": Assumption,
    "alternatives": Alternative,
    "change": Change,
    "changes": Change,
}


_FOR_ALL: Final = re.compile(r"for(_?(all|each|every))?$|foreach|indices|index$|over$", re.IGNORECASE)
"""Names under which clauses are written beside an expression instead of into it."""


_LARGE_NUMBER: Final = re.compile(rb"\d[eE]\+?\d{3}|\d{300}")
"""What a number that is too large for a float looks like, among others."""
_HALF_CHARACTER: Final = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")


class _JsonFaultError(ValueError):
    """What Python's reader of JSON lets pass; the text says what is wrong."""


def formulation_from_json(text: str | bytes, *, limits: Limits | None = None) -> Formulation:
    """Read a formulation from JSON text; see `Formulation.from_json`."""
    most = (limits or usual_limits()).json_bytes
    if len(text) > most:
        message = f"the JSON has {len(text):,} characters, more than the limit of {most:,}"
        mend = "Write data by rules (`range`, mappings, a `default`), or raise the limit `json_bytes`."
        raise FormulationError([Finding(code="too_large", message=message, mend=mend)])
    try:
        raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        read_float = _finite if _LARGE_NUMBER.search(raw) else None
        content = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant, parse_float=read_float)
    except json.JSONDecodeError as error:
        line = error.doc.split("\n")[error.lineno - 1].strip()[:80]
        message = f"this is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise FormulationError([Finding(code="not_json", message=message, text=line)]) from None
    except (_JsonFaultError, UnicodeDecodeError) as error:
        raise FormulationError([Finding(code="not_json", message=str(error))]) from None
    except ValueError:  # Python reads whole numbers of at most some thousand digits
        message = "the JSON holds a number of too many digits"
        raise FormulationError([Finding(code="not_json", message=message)]) from None
    except RecursionError:
        raise FormulationError([Finding(code="not_json", message="the JSON nests too deep")]) from None
    written = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if _HALF_CHARACTER.search(written) and not _is_unicode(content):
        message = "the JSON holds half a character (a lone surrogate such as \\ud800), which no file can hold"
        raise FormulationError([Finding(code="not_json", message=message)])
    return formulation_from_dict(content)


def _is_unicode(content: object) -> bool:
    """Whether all texts can be written as UTF-8."""
    try:
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def formulation_from_dict(content: object) -> Formulation:
    """Read a formulation from plain objects; see `Formulation.from_dict`."""
    if not isinstance(content, Mapping):
        kind = type(content).__name__
        message = f"a formulation is a JSON object, this is a {kind}"
        raise FormulationError([Finding(code="not_an_object", message=message)])
    findings = list(_null_bounds(content))
    if content.get("objective") == []:
        findings.append(no_objectives())
    try:
        formulation = Formulation.model_validate(content)
    except ValidationError as error:
        findings += [_finding(detail, content) for detail in error.errors(include_url=False)]
    if findings:
        raise FormulationError(_once(findings))
    return formulation


def _null_bounds(content: Mapping[str, Any]) -> Iterator[Finding]:
    """Refuse lower bounds of null: it may mean 0 as well as none."""
    variables = content.get("variables")
    for place, variable in enumerate(variables if isinstance(variables, list) else [], start=1):
        if isinstance(variable, Mapping) and "lower" in variable and variable["lower"] is None:
            element = f"variables.{variable.get('name') or place}"
            mend = _missing("lower")
            yield Finding(code="null", element=element, field="lower", message="null is not a value", mend=mend)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _JsonFaultError(f"the key `{twice}` stands twice in one object")
    return content


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _JsonFaultError(f'`{digits[:20]}` is too large; leave an infinite bound out or write "inf"')
    return number


def _no_constant(word: str) -> float:
    raise _JsonFaultError(f'`{word}` is not a number; leave an infinite bound out or write "inf"')


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Keep one finding for each place and code: a union reports each of its branches."""
    return list({(f.element, f.field, f.code, f.message): f for f in findings}.values())


def _finding(detail: ErrorDetails, content: Mapping[str, Any]) -> Finding:
    """Say one of pydantic's complaints in the words of a formulation."""
    location = detail["loc"]
    element, field, part = _place(location, content)
    kind = detail["type"]
    text = _short(detail["input"])
    if kind == "extra_forbidden":
        name = str(location[-1])
        known = [f.alias or key for key, f in part.model_fields.items()]
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        mend = f"Did you mean `{near[0]}`?" if near else "The fields are: " + ", ".join(known) + "."
        if _FOR_ALL.match(name):
            mend = "Write the clauses into the expression: `... for i in I`."
        return Finding(code="unknown_field", element=element, message=f"unknown field `{name}`", mend=mend)
    if kind == "missing":
        message = f"the field `{location[-1]}` is missing"
        return Finding(code="missing_field", element=element, message=message, mend=_missing(str(location[-1])))
    if detail["input"] is None:
        return Finding(code="null", element=element, field=field, message="null is not a value", mend=_missing(field))
    if kind == "literal_error":
        expected = detail.get("ctx", {}).get("expected", "")
        words = re.findall(r"'([^']+)'", expected)
        begins = [word for word in words if text and word.startswith(text.lower()[:3])]
        mend = f"Did you mean `{begins[0]}`?" if begins else did_you_mean(str(detail["input"]), words)
        message = f"`{text}` is not one of {expected}"
        return Finding(code="not_one_of", element=element, field=field, message=message, mend=mend)
    if kind == "value_error":
        message = f"`{text}`: {detail['msg'].removeprefix('Value error, ')}"
        return Finding(code="value", element=element, field=field, message=message)
    if field == "elements" and kind in ("list_type", "string_type", "dict_type"):
        message = f"`{text}` is neither a list of elements nor an expression"
        mend = "Write a list, or a text such as `range(1, 13)`; for a family of sets an object."
        return Finding(code="type", element=element, field=field, message=message, mend=mend)
    if (kind == "too_short" and field == "variables") or (kind == "too_short" and not element):
        return Finding(code="no_variables", message="there are no variables, so there is nothing to decide")
    mend = _missing(field) if field == "priority" else ""
    return Finding(code="type", element=element, field=field, message=f"{detail['msg']}, not `{text}`", mend=mend)


def _missing(field: str) -> str:
    """Say what belongs into a field that is missing."""
    return {
        "domain": 'Write "continuous", "integer" or "binary".',
        "objective": "Write an object with `sense` and `expression`, or null when any feasible point will do.",
        "lower": 'Write 0, another number, or "-inf" for a free variable.',
        "sense": 'Write "minimize" or "maximize".',
        "priority": "Write a whole number; the largest is optimised first.",
        "name": "Give it a name of letters, digits and `_`.",
    }.get(field, "")


def _place(location: tuple[int | str, ...], content: Mapping[str, Any]) -> tuple[str, str, type[BaseModel]]:
    """Turn pydantic's location into the element's path, the field, and the part of the schema."""
    part: type[BaseModel] = Formulation
    path: list[str] = []
    field = ""
    current: Any = content
    for step in location:
        if isinstance(step, int):
            current = current[step] if isinstance(current, list) and step < len(current) else None
            name = current.get("name") if isinstance(current, Mapping) else None
            if field:
                path.append(field)
                field = ""
            path.append(str(name) if name else str(step + 1))
        elif isinstance(current, Mapping) and (step in current or step in part.model_fields):
            if field:
                path.append(field)
            field = step
            part = _PARTS.get(step, part)
            current = current.get(step)
    if field in ("objective", "change") and isinstance(current, Mapping):
        path.append(field)
        field = ""
    return ".".join(path), field, part


def _short(value: object) -> str:
    try:
        text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    except (RecursionError, ValueError, TypeError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."
