"""Answers to the problems of `texts`, written by a scripted chat model."""

from __future__ import annotations

import json
from typing import Any

import nl2opt
from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.pipeline.answer import Answer
from tests.nl2opt.pipeline.readings.texts import Case


def replies(case: Case) -> list[str]:
    """Return what a chat model says in the scalar style: twice the same."""
    content = case.formulation
    variables = json.dumps({"variables": content["variables"]})
    rows = json.dumps({"objective": content["objective"], "constraints": content["constraints"]})
    return [variables, rows, rows]


def solved(case: Case, **options: Any) -> Answer:
    """Solve a case, written in the scalar style."""
    return nl2opt.solve(case.text, llm=ScriptedChatModel(replies(case), style="scalar"), **options)


def solved_indexed(case: Case, **options: Any) -> Answer:
    """Solve a case, written as one object in the indexed style."""
    llm = ScriptedChatModel([json.dumps(case.formulation)], style="indexed")
    return nl2opt.solve(case.text, llm=llm, rounds=0, **options)
