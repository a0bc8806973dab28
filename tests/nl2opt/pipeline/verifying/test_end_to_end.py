"""From a problem in words to the word that its answer earns."""

from __future__ import annotations

import json
from typing import Any

import nl2opt
from nl2opt.chat.scripted import Reply, ScriptedChatModel
from nl2opt.verification.evidence import INDEPENDENT_AGREEMENT, VERIFIED, Evidence, Outcome
from tests.nl2opt.pipeline.cases import OPTIMUM, PROBLEM, indexed, scripted
from tests.nl2opt.pipeline.program.cases import RIGHT, said

DIRECTIONS = json.dumps({"directions": [{"quote": "there are 400 hours", "number": 400, "if_it_rises": "better"}]})
NO_REMARKS = json.dumps({"remarks": []})
REMARK = {"kind": "turned", "quote": "At most 40 tables can be sold", "constraint": "market", "why": "at most means <="}


def found(answer: nl2opt.Answer, name: str) -> Evidence:
    (item,) = [item for item in answer.evidence if item.name == name]
    return item


def solved(*replies: str | Reply, verify: Any = None, **options: Any) -> tuple[nl2opt.Answer, ScriptedChatModel]:
    chat = scripted(*replies, style="indexed")
    return nl2opt.solve(PROBLEM, llm=chat, verify=verify, **options), chat


def test_a_right_answer_climbs_to_verified_and_stops_there() -> None:
    answer, chat = solved(indexed(), DIRECTIONS, said(RIGHT), NO_REMARKS)
    assert (answer.objective, answer.verdict) == (OPTIMUM, VERIFIED)
    passed = [item.name for item in answer.evidence if item.outcome is Outcome.PASSED]
    assert passed == [
        "point", "numbers", "second_solver", "plausibility", "directions", "program_agreement", "asked_directions",
        "independent_agreement",
    ]  # fmt: skip
    assert "SCIP" in found(answer, "second_solver").text
    assert found(answer, "not_run").text == "Not run: the judge (the answer is verified already)."
    assert len(chat.requests) == 3
    assert found(answer, INDEPENDENT_AGREEMENT).calls == 1
    # The second writer saw the problem alone.
    assert chat.requests[2][-1].content == PROBLEM
    assert all("make[" not in message.content.split("END OF")[0] for message in chat.requests[1])
    assert len(answer.trace.checks) == 2
    assert "Verdict: verified" in str(answer)
