"""What language models may say while an answer is verified."""

from __future__ import annotations

import json
from typing import Any

import nl2opt
from nl2opt.chat.scripted import Reply, ScriptedChatModel
from nl2opt.verification.evidence import Evidence
from tests.nl2opt.pipeline.cases import INDEXED, PROBLEM, indexed, scripted

DIRECTIONS = json.dumps({"directions": [{"quote": "there are 400 hours", "number": 400, "if_it_rises": "better"}]})
NO_DIRECTIONS = json.dumps({"directions": []})
NO_REMARKS = json.dumps({"remarks": []})
TURNED = indexed(constraints=[INDEXED["constraints"][0], {"name": "market", "expression": "make['table'] >= sold"}])
"""At most 40 tables became at least 40: reaches 6400."""


def remarks(*items: dict[str, Any]) -> str:
    """Return what a judge writes."""
    return json.dumps({"remarks": list(items)})


def remark(quote: str, *, kind: str = "turned", constraint: str = "market") -> dict[str, Any]:
    """Return one remark of a judge."""
    return {"kind": kind, "quote": quote, "constraint": constraint, "why": "it says so"}


def found(answer: nl2opt.Answer, name: str) -> Evidence:
    """Return the evidence of a check."""
    (item,) = [item for item in answer.evidence if item.name == name]
    return item


def solved(
    *replies: str | Reply, verify: Any = None, problem: str = PROBLEM, **options: Any
) -> tuple[nl2opt.Answer, ScriptedChatModel]:
    """Solve and verify a problem with a script in the indexed style."""
    chat = scripted(*replies, style="indexed")
    return nl2opt.solve(problem, llm=chat, verify=verify, **options), chat
