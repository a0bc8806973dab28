"""The scalar writing style: a named variable for each decision, plain numbers in the expressions.

Small language models write this far better than sets and tables. A draft in this style is turned into a
formulation here; `nl2opt.formulation.lift` then names its numbers.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nl2opt.formulation.parser import ExpressionError, parse_expression
from nl2opt.formulation.read import formulation_from_dict
from nl2opt.formulation.schema import RESERVED_NAMES, Formulation
from nl2opt.formulation.syntax import Comparison, Comprehension, Name, Node
from nl2opt.formulation.writer import to_text
from nl2opt.pipeline.mending import mend_expression

_TEXT: Final = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


SCALAR_SCHEMA: Final[dict[str, Any]] = _object(
    variables={
        "type": "array",
        "minItems": 1,
        "items": _object(
            name={"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
            description=_TEXT,
            domain={"enum": ["integer", "continuous", "binary"]},
        ),
    },
    constraints={"type": "array", "items": _object(quote=_TEXT, name=_TEXT, expression=_TEXT)},
    objective=_object(quote=_TEXT, sense={"enum": ["maximize", "minimize"]}, expression=_TEXT),
)
"""What a completion in the scalar style looks like.

The quote comes before the expression, so that a model first finds the words and then translates them.
"""


@dataclass(frozen=True, slots=True)
class ScalarReading:
    """A formulation read from a draft, and what was mended on the way, in words."""

    formulation: Formulation
    repairs: tuple[str, ...]


def read_scalar(content: Mapping[str, Any]) -> ScalarReading:
    """Turn a draft in the scalar style into a formulation.

    What has a single meaning but is not of the expression language (`40%`, `1,200`, `2x`, `=`) is mended;
    every repair is told.

    Raises:
        FormulationError: the draft has faults that only its author can mend.
    """
    repairs: list[str] = []
    variables = [_variable(item) for item in _list(content, "variables")]
    names = {str(item.get("name")) for item in variables}
    objective = dict(content["objective"]) if isinstance(content.get("objective"), Mapping) else None
    constraints = []
    definitions: dict[str, str] = {}
    taken: set[str] = set(names)
    for item in _list(content, "constraints"):
        words = str(item.get("name", "")) or "constraint"
        text = mend_expression(str(item.get("expression", "")), words, repairs)
        kind = _kind_of_row(text, names)
        if kind == "definition":
            definitions[identifier(words)] = text
            repairs.append(f"'{words}' compares nothing (`{text}`), so it is no constraint; left out")
        elif kind == "whole":
            repairs.append(f"'{words}' (`{text}`) only says that values are whole; the domain says so already")
        else:
            name = unique(identifier(words), taken)
            row = {
                "name": name,
                "expression": text,
                "description": words,
                "source": str(item.get("quote", "")),
            }
            constraints.append(row)
    if objective is not None:
        text = mend_expression(str(objective.get("expression", "")), "objective", repairs)
        text = _substituted(text, names, definitions, repairs)
        quote = str(objective.pop("quote", ""))
        objective = {**objective, "expression": text, "description": quote}
    draft = {"variables": variables, "objective": objective, "constraints": constraints}
    return ScalarReading(formulation_from_dict(draft), tuple(repairs))


def _list(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = content.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _variable(item: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what is known of a variable; a bound of null means none."""
    variable = {key: value for key, value in item.items() if value is not None}
    if isinstance(variable.get("name"), str):
        variable["name"] = identifier(variable["name"])
    return variable


def identifier(words: str) -> str:
    """Return words as a name of the expression language: `Share of tables` becomes `share_of_tables`."""
    name = re.sub(r"\W+", "_", words.strip()).strip("_").lower()[:60].rstrip("_") or "unnamed"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED_NAMES else name


def unique(name: str, taken: set[str]) -> str:
    """Return the name, numbered when it is taken, and mark it as taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate)
    return candidate


def _parsed(text: str) -> Node | None:
    try:
        return parse_expression(text).root
    except ExpressionError:
        return None


def _kind_of_row(text: str, names: set[str]) -> str:
    """Tell rows from what small models put among them: definitions without comparison, `x % 1 == 0`."""
    root = _parsed(text)
    if root is None or isinstance(root, Comprehension):
        return "row"
    if isinstance(root, Comparison):
        left = root.operands[0]
        if getattr(left, "operator", "") == "%" and to_text(root).replace(" ", "").endswith("%1==0"):
            return "whole"
        return "row"
    return "definition"


def _substituted(text: str, names: set[str], definitions: Mapping[str, str], repairs: list[str]) -> str:
    """Put in the definition where the objective is the name of one."""
    root = _parsed(text)
    if isinstance(root, Name) and root.name not in names and root.name in definitions:
        repairs.append(f"the objective `{root.name}` is `{definitions[root.name]}`, as defined among the constraints")
        return definitions[root.name]
    return text
