"""The scalar writing style: a named variable for each decision, plain numbers in the expressions.

Small language models write this far better than sets and tables. A draft in this style is turned into a
formulation here; `nl2opt.formulation.lift` then names its numbers.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nl2opt.errors import FormulationError
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import (
    PREDICATES,
    Arithmetic,
    Call,
    Comparison,
    Comprehension,
    Name,
    Node,
    Number,
)
from nl2opt.formulation.read import formulation_from_dict
from nl2opt.formulation.schema import RESERVED_NAMES, Formulation
from nl2opt.pipeline.mending import mend_expression

_NAME_CHARACTERS: Final = 60
"""Longer names are cut, so that those of the parameters made from them are not too long."""


@dataclass(frozen=True, slots=True)
class ScalarReading:
    """A formulation read from a draft, and what was mended on the way, in words."""

    formulation: Formulation
    repairs: tuple[str, ...]


def read_scalar(content: Mapping[str, Any]) -> ScalarReading:
    """Turn a draft in the scalar style into a formulation.

    What has a single meaning but is not of the expression language (`40%`, `1,200`, `2x`, `=`) is mended;
    every repair is told.

    Args:
        content: objects as `json.loads` gives them: `variables`, `objective` and `constraints`.

    Raises:
        FormulationError: the draft has faults that only its author can mend.
    """
    repairs: list[str] = []
    variables = [_variable(item) for item in _objects(content, "variables")]
    domains = {str(item.get("name")): item for item in variables}
    constraints = []
    definitions: dict[str, str] = {}
    taken = set(domains)
    for item in _objects(content, "constraints"):
        words = _text(item, "name") or "constraint"
        text = mend_expression(_text(item, "expression"), words, repairs)
        root = _parsed(text)
        whole = _demanded_whole(root)
        if whole is not None and whole in domains:
            repairs.append(f"'{words}' (`{text}`) was read as the domain of {whole}")
            if domains[whole].get("domain") == "continuous":
                domains[whole]["domain"] = "integer"
        elif root is not None and not _is_demand(root):
            definitions[identifier(words)] = text
            repairs.append(f"'{words}' compares nothing (`{text}`), so it is no constraint; left out")
        else:
            extra = {
                key: value for key, value in item.items() if key not in ("name", "expression") and value is not None
            }
            name = unique(identifier(words), taken)
            constraints.append({"description": words, **extra, "name": name, "expression": text})
    draft: dict[str, Any] = {"variables": variables, "constraints": constraints}
    if "objective" in content:
        draft["objective"] = _objective(content["objective"], set(domains), definitions, repairs)
    return ScalarReading(formulation_from_dict(draft), tuple(repairs))


def _objects(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return a list of objects; one that is left out has none.

    Raises:
        FormulationError: it is not a list of objects.
    """
    value = content.get(key, [])
    if not isinstance(value, list):
        raise FormulationError([Finding(code="type", element=key, message="it must be a list of objects")])
    findings = [
        Finding(code="type", element=f"{key}.{place}", message="it must be an object", text=str(item)[:60])
        for place, item in enumerate(value, start=1)
        if not isinstance(item, Mapping)
    ]
    if findings:
        raise FormulationError(findings)
    return value


def _text(item: Mapping[str, Any], key: str) -> str:
    """Return a text; empty when it is left out or null."""
    value = item.get(key)
    return "" if value is None else str(value)


def _variable(item: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what is known of a variable; a bound of null means none."""
    variable = {key: value for key, value in item.items() if value is not None}
    if isinstance(variable.get("name"), str):
        variable["name"] = identifier(variable["name"])
    return variable


def _objective(written: Any, names: set[str], definitions: Mapping[str, str], repairs: list[str]) -> Any:
    """Mend an objective, and put in the definition where it is only the name of one; anything else is kept."""
    if isinstance(written, list):
        return [_objective(item, names, definitions, repairs) for item in written]
    if not isinstance(written, Mapping):
        return written
    text = mend_expression(_text(written, "expression"), "objective", repairs)
    root = _parsed(text)
    if isinstance(root, Name) and root.name not in names and root.name in definitions:
        text = definitions[root.name]
        repairs.append(f"the objective `{root.name}` is `{text}`, as defined among the constraints")
    return {**written, "expression": text}


def _is_demand(root: Node) -> bool:
    """Whether an expression can be a constraint."""
    return isinstance(root, Comparison | Comprehension) or (isinstance(root, Call) and root.function in PREDICATES)


def _parsed(text: str) -> Node | None:
    try:
        return parse_expression(text).root
    except ExpressionError:
        return None


def _demanded_whole(root: Node | None) -> str | None:
    """Return the variable that `x % 1 == 0` demands to be whole; `None` for any other row."""
    match root:
        case Comparison(operands=(Arithmetic("%", Name(name), Number(1)), Number(0)), operators=("==",)):
            return name
        case _:
            return None


def identifier(words: str) -> str:
    """Return words as a name of the expression language: `Share of tables` becomes `share_of_tables`."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).lower())
    name = "".join(character if f"a{character}".isidentifier() else " " for character in plain)
    name = re.sub(" +", "_", name).strip("_")[:_NAME_CHARACTERS].rstrip("_") or "unnamed"
    if not name.isidentifier():
        name = unicodedata.normalize("NFKC", f"n{name}")
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED_NAMES else name


def unique(name: str, taken: set[str]) -> str:
    """Return the name, numbered when it is taken, and mark it as taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate)
    return candidate
