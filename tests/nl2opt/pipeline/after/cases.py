"""One workshop, whole and in halves, and what chat models may write about wishes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import nl2opt
from nl2opt.chat.base import WritingStyle
from nl2opt.chat.scripted import Reply, ScriptedChatModel
from nl2opt.formulation.schema import Change, Formulation
from nl2opt.pipeline.after.what_if import Scenarios, WhatIf
from nl2opt.pipeline.answer import Answer

ROOT = Path(__file__).parents[4]
WORKSHOP = Formulation.from_json((ROOT / "examples" / "workshop.json").read_text(encoding="utf-8"))
"""Maximum 6250 at 75 chairs and 50 tables."""
IN_HALVES = WORKSHOP.apply(Change(kind="set", path="variables.make.domain", value="continuous"))
TRANSPORT = Formulation.from_dict(
    {
        "sets": [
            {"name": "PLANT", "elements": ["north", "south"]},
            {"name": "SHOP", "elements": ["berlin", "paris", "rome"]},
        ],
        "parameters": [
            {"name": "supply", "index": ["PLANT"], "value": [60, 50], "unit": "t"},
            {"name": "demand", "index": ["SHOP"], "value": {"berlin": 40, "paris": 30, "rome": 20}, "unit": "t"},
            {"name": "cost", "index": ["PLANT", "SHOP"], "value": [[3, 5, 7], [6, 4, 2]], "unit": "$/t"},
            {"name": "toll", "index": ["PLANT", "SHOP"], "value": {"north,rome": 1}, "default": 0},
        ],
        "variables": [
            {"name": "ship", "index": ["PLANT", "SHOP"], "domain": "continuous", "lower": 0, "upper": 45, "unit": "t"}
        ],
        "objective": {
            "sense": "minimize", "unit": "$", "description": "cost",
            "expression": "sum((cost[p, s] + toll[p, s]) * ship[p, s] for p in PLANT for s in SHOP)",
        },
        "constraints": [
            {"name": "capacity", "expression": "sum(ship[p, s] for s in SHOP) <= supply[p] for p in PLANT"},
            {"name": "demanded", "expression": "sum(ship[p, s] for p in PLANT) >= demand[s] for s in SHOP"},
            {"name": "southern", "expression": "sum(ship['south', s] for s in SHOP) >= 10"},
        ],
    }
)  # fmt: skip


def answer(formulation: Formulation = WORKSHOP) -> Answer:
    return nl2opt.run(formulation)


GALLERY = sorted((ROOT / "tests" / "nl2opt" / "formulation" / "gallery").glob("*.json"))


@cache
def of_gallery(path: Path) -> Answer:
    return nl2opt.run(Formulation.from_json(path.read_text(encoding="utf-8")), time_limit=5)


def one(found: WhatIf | Scenarios) -> WhatIf:
    assert isinstance(found, WhatIf)
    return found


def table(found: WhatIf | Scenarios) -> Scenarios:
    assert isinstance(found, Scenarios)
    return found


def added(name: str, expression: str) -> str:
    """Return the completion of a strong model that adds one constraint."""
    value = {"name": name, "expression": expression}
    return changes({"kind": "add", "path": "constraints", "value": value})


def changes(*items: Any) -> str:
    return json.dumps({"changes": list(items)})


def scripted(*replies: str | Reply, style: WritingStyle = "indexed") -> ScriptedChatModel:
    return ScriptedChatModel(replies, style=style)
