"""No step after an answer shows a language model a cell of an attached table that it was not shown before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import nl2opt
from nl2opt import Answer, Change, Formulation, SettingsError
from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.pipeline.after.what_if import WhatIf
from tests.nl2opt.tables.plants import CITIES, PLANTS, plan

HIDDEN = ("Zuydcoote", "Quimper", "213.71", "43.71", "77.93")
DATA: dict[str, Any] = {
    "plants": {"plant": list(PLANTS), "supply [t]": [300, 120, 450, 213.71]},
    "cities": {"city": list(CITIES), "need [t]": [60, 70, 50, 43.71, 77.93]},
    "prices": [{"from": p, "to": c, "price": 700.13 + i} for i, p in enumerate(PLANTS) for c in CITIES],
}
ANSWER = nl2opt.run(Formulation.from_dict(plan()), data=DATA)
GOOD = {"kind": "add", "path": "constraints", "value": {"name": "x", "expression": "ship['Lyon', 'Paris'] >= 3"}}


def changes(*found: dict[str, Any]) -> str:
    return json.dumps({"changes": list(found)})


def asked(answer: Answer, *replies: str) -> str:
    llm = ScriptedChatModel(replies, style="indexed")
    answer.revise("something else, please", llm=llm)
    return "\n".join(message.content for request in llm.requests for message in request)


def what_if(answer: Answer, words: str) -> Answer:
    found = answer.what_if(words)
    assert isinstance(found, WhatIf)
    return found.answer


def hidden_in(text: str) -> list[str]:
    return [cell for cell in HIDDEN if cell in text]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({**GOOD, "value": {"name": "x", "expression": "ship['Lyon', 'Zuydcoot'] >= 3"}}, "Did you mean `…`?"),
        ({"kind": "set", "path": "parameters.need.index", "value": ["PLANT"]}, "is not in the set `PLANT`"),
        ({"kind": "add", "path": "parameters", "value": {"name": "h", "value": "need['Zuydcot'] / 2"}}, "`…`"),
        ({"kind": "remove", "path": "parameters.need.table"}, "need"),
    ],
)
def test_what_is_wrong_with_a_change_is_told_without_cells(fault: dict[str, Any], told: str) -> None:
    said = asked(ANSWER, changes(fault), changes(GOOD))
    assert told in said.rpartition("These changes cannot be used")[2]
    assert hidden_in(said) == []


@pytest.mark.parametrize("words", ["need[Paris] up 10 %", "need up 10 %, supply up 1", "need[Zuydcoote] = 5"])
def test_what_is_changed_of_a_table_stays_out_of_prompts(words: str, tmp_path: Path) -> None:
    answer = what_if(ANSWER, words)
    assert answer.formulation is not None
    assert answer.formulation.has_cells
    for found in (answer, Answer.load(answer.save(tmp_path / "a.json"))):
        assert hidden_in(asked(found, changes(GOOD))) == []
        llm = ScriptedChatModel([])
        assert "cells of attached tables" in found.explain(llm=llm).note
        assert llm.requests == []


def test_names_of_elements_that_a_change_brings_stay_out_of_prompts() -> None:
    limited = ANSWER.formulation
    assert limited is not None
    most = {"name": "most", "index": ["CITY"], "default": 90}
    limited = limited.apply(Change(kind="add", path="parameters", value=most))
    row = {"name": "cap", "expression": "sum(ship[p, c] for p in PLANT) <= most[c] for c in CITY"}
    answer = nl2opt.run(limited.apply(Change(kind="add", path="constraints", value=row)))
    for words in ("most[Zuydcoote] = 80", "most up 10 %"):
        assert hidden_in(asked(what_if(answer, words), changes(GOOD))) == []


def test_another_field_of_a_table_is_changed_and_its_cells_stay_cells() -> None:
    formulation = ANSWER.formulation
    assert formulation is not None
    changed = formulation.apply(
        [
            Change(kind="set", path="parameters.need.description", value="what it needs"),
            Change(kind="set", path="sets.CITY.description", value="where it goes"),
        ]
    )
    assert changed.solve().objective == pytest.approx(ANSWER.objective)
    assert hidden_in(changed.to_json()) == []
    assert hidden_in(changed.without_cells().describe()) == []
    unbound = formulation.apply(Change(kind="remove", path="sets.CITY.table"))
    assert hidden_in(unbound.to_json()) == []


def test_a_plan_that_was_changed_says_what_it_takes_instead_of_a_table(tmp_path: Path) -> None:
    answer = what_if(ANSWER, "need[Paris] = 61")
    assert answer.formulation is not None
    again = nl2opt.run(answer.formulation.save(tmp_path / "plan.json"), data=DATA)
    assert again.objective == pytest.approx(answer.objective)
    assert "need: what stands in the formulation was taken, and not what the table holds." in again.data_notes


def test_a_program_is_not_written_from_a_formulation_with_cells() -> None:
    llm = ScriptedChatModel(["no"])
    with pytest.raises(SettingsError, match="cells of attached tables"):
        nl2opt.solve("Ship it.", llm=llm, route="program", formulation=ANSWER.formulation)
    assert llm.requests == []


def test_a_reading_that_leads_back_to_a_table_stays_out_of_prompts(tmp_path: Path) -> None:
    free = [
        {"kind": "set", "path": "parameters.price.value", "value": {}},
        {"kind": "set", "path": "parameters.price.default", "value": 1},
    ]
    alternative = {"text": "shipping is cheap", "changes": free}
    readings = [{"text": "prices hold", "element": "price", "alternatives": [alternative]}]
    taken = nl2opt.run(Formulation.from_dict(plan(assumptions=readings)), data=DATA).take(1)
    for found in (taken, Answer.load(taken.save(tmp_path / "a.json"))):
        said = asked(found, changes(GOOD))
        assert "You said: shipping is cheap" in said
        assert hidden_in(said) == []
