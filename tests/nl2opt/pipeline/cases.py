"""One problem, and what chat models may write about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from nl2opt.chat.base import ChatModel, WritingStyle
from nl2opt.chat.scripted import Reply, ScriptedChatModel
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.verifying.answering import answer_verified
from nl2opt.pipeline.verifying.options import VerifyOptions
from nl2opt.pipeline.verifying.verify import Verifier

PROBLEM = (
    "A workshop makes chairs and tables. A chair brings a profit of $30, a table $80. A chair takes 2 hours of work, "
    "a table 5 hours, and there are 400 hours. At most 40 tables can be sold. How many of each should be made to get "
    "the largest profit?"
)
OPTIMUM = 6200.0
GAIN = "30 * chairs + 80 * tables"
HOURS = "2 * chairs + 5 * tables <= 400"
SOLD = "tables <= 40"
VARIABLES = json.dumps(
    {
        "variables": [
            {"name": "chairs", "description": "number of chairs made", "domain": "integer"},
            {"name": "tables", "description": "number of tables made", "domain": "integer"},
        ]
    }
)
NOT_A_PROBLEM = json.dumps({"not_a_problem": "it asks for a story"})
INDEXED: dict[str, Any] = {
    "title": "Workshop",
    "sets": [{"name": "ITEM", "elements": ["chair", "table"]}],
    "parameters": [
        {"name": "profit", "index": ["ITEM"], "value": {"chair": 30, "table": 80}, "unit": "$/item"},
        {"name": "need", "index": ["ITEM"], "value": {"chair": 2, "table": 5}},
        {"name": "hours", "value": 400},
        {"name": "sold", "value": 40},
    ],
    "variables": [{"name": "make", "index": ["ITEM"], "domain": "integer", "lower": 0}],
    "objective": {"sense": "maximize", "expression": "sum(profit[i] * make[i] for i in ITEM)", "unit": "$"},
    "constraints": [
        {"name": "labour", "expression": "sum(need[i] * make[i] for i in ITEM) <= hours"},
        {"name": "market", "expression": "make['table'] <= sold"},
    ],
}


def rows(*constraints: str, objective: str = GAIN) -> str:
    """Return the second reply in the scalar style, with constraints named c1, c2, ..."""
    return json.dumps(
        {
            "objective": {"sense": "maximize", "expression": objective},
            "constraints": [{"name": f"c{n}", "expression": text} for n, text in enumerate(constraints, start=1)],
        }
    )


RIGHT = rows(HOURS, SOLD)
WITHOUT_LIMIT = rows(SOLD, objective=GAIN)
"""A draft that is unbounded."""
INFEASIBLE_ROWS = rows(HOURS, SOLD, "chairs <= -3")


def indexed(**changes: Any) -> str:
    """Return a reply in the indexed style, some elements changed."""
    return json.dumps({**INDEXED, **changes})


def scripted(*replies: str | Reply, style: WritingStyle = "scalar") -> ScriptedChatModel:
    return ScriptedChatModel(replies, style=style)


def answered(
    replies: Sequence[str | Reply], *, style: WritingStyle = "scalar", problem: str = PROBLEM, **options: Any
) -> Answer:
    return answer_problem(problem, scripted(*replies, style=style), FormulateOptions(**options))


def answer_problem(problem: str, chat_model: ChatModel, options: FormulateOptions, **rest: Any) -> Answer:
    """Answer a problem; no rung of the ladder is climbed."""
    return answer_verified(
        problem, chat_model, Verifier(verify=VerifyOptions(rungs=()), options=options, **rest)
    )  # fmt: skip


def compiled(content: dict[str, Any]) -> CompiledFormulation:
    return compile_formulation(Formulation.from_dict(content)).require()
