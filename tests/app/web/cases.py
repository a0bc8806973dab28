"""Problems and scripts of a chat model for the tests of the web page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.options import FormulateOptions
from tests.app.cases import INDEXED, PROBLEM, market_split
from tests.nl2opt.pipeline.cases import answer_problem

START_PAGE = Path(__file__).parents[3] / "app" / "web" / "start_page.py"
LAND = "two fields of land"
INFEASIBLE = f"{PROBLEM} {LAND} At least 20 hectares must be used."
NUMBERS_OF_NO_ONE = "A farm asks for the best use of 10 hectares, and 77 tractors wait."
ENDLESS = "Split 40 goods among 5 markets so that each gets about half of its share."
HOSTILE = (
    "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> $$\\frac12$$ [click](javascript:alert(1)) \u202e"
)
"""A text that Markdown, HTML, LaTeX and the direction of writing would make something of."""


def infeasible() -> dict[str, Any]:
    more = [*INDEXED["constraints"], {"name": "used", "expression": "sum(area[c] for c in CROP) >= 20"}]
    return {**INDEXED, "constraints": more}


def hostile() -> dict[str, Any]:
    """Return a formulation whose texts and elements try to be markup."""
    crops = [HOSTILE, "maize"]
    return {
        **INDEXED,
        "title": HOSTILE,
        "sets": [{"name": "CROP", "elements": crops, "description": HOSTILE}],
        "parameters": [
            {"name": "gain", "index": ["CROP"], "value": dict(zip(crops, (300, 400), strict=True)), "unit": "$/ha"},
            {"name": "days", "index": ["CROP"], "value": dict(zip(crops, (0, 2), strict=True))},
            {"name": "land", "value": 10, "description": HOSTILE},
            {"name": "work", "value": 12},
        ],
        "variables": [{**INDEXED["variables"][0], "description": HOSTILE, "unit": "<b>ha</b>"}],
        "assumptions": [{"text": HOSTILE}],
    }


WITH_TABLE = "Which orders should be taken to earn most? The van carries 900 kilograms; the orders stand in the table."
ORDERS = b"order,weight [kg],earns [$],customer\nA,250,300,Berta\nB,180,190,Ulf\nC,320,400,Ida\nD,410,450,Zacharias\n"
FROM_TABLE: dict[str, Any] = {
    "sets": [{"name": "ORDER", "table": "orders", "column": "order"}],
    "parameters": [
        {"name": "weight", "index": ["ORDER"], "table": "orders", "column": "weight", "keys": ["order"]},
        {"name": "earns", "index": ["ORDER"], "table": "orders", "column": "earns", "keys": ["order"]},
        {"name": "most", "value": 900, "unit": "kg"},
    ],
    "variables": [{"name": "take", "index": ["ORDER"], "domain": "binary"}],
    "objective": {"sense": "maximize", "expression": "sum(earns[o] * take[o] for o in ORDER)", "unit": "$"},
    "constraints": [{"name": "carries", "expression": "sum(weight[o] * take[o] for o in ORDER) <= most"}],
}
"""Maximum 940: the orders A, B and D of the table."""

LACKING: dict[str, Any] = {"name": "work", "missing": True, "unit": "days", "description": "how long the crew is there"}
WITHOUT_A_NUMBER = "A farm grows wheat for $300 and maize for $400 on 10 hectares; nobody says for how many days."

REPLIES: list[dict[str, Any]] = [
    {"when": HOSTILE.split()[0], "text": hostile()},
    {"when": LAND, "text": infeasible()},
    {"when": "tractors", "text": INDEXED},
    {"when": "stand in the table", "text": FROM_TABLE},
    {"when": "nobody says", "text": {**INDEXED, "parameters": [*INDEXED["parameters"][:3], LACKING]}},
    {"when": "Split 40 goods", "text": market_split()},
    {"when": "hectares", "text": INDEXED},
    {"when": "poem", "text": {"not_a_problem": "it asks for a poem"}},
]
"""What the scripted chat model says to what."""


def script_file(folder: Path) -> str:
    """Write the script and return how the settings call it."""
    file = folder / "script.json"
    file.write_text(json.dumps({"style": "indexed", "replies": REPLIES}), encoding="utf-8")
    return f"scripted:{file}"


def answered(problem: str, folder: Path) -> Answer:
    """Return what the pipeline says to a problem, kept in the run store."""
    model = ScriptedChatModel.from_file(Path(script_file(folder).partition(":")[2]))
    answer = answer_problem(problem, model, FormulateOptions(rounds=0))
    answer.save()
    return answer
