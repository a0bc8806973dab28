from __future__ import annotations

import json
from typing import Any

import pytest

from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.prompts import plain_prompt, worked_examples
from nl2opt.pipeline.readings.stated import with_checked_alternatives
from tests.nl2opt.pipeline.cases import INDEXED, answered, compiled


def stated(*alternatives: Any, text: str = "items are whole", element: str = "make") -> Answer:
    assumption = {"text": text, "element": element, "alternatives": list(alternatives)}
    return answered([json.dumps({**INDEXED, "assumptions": [assumption]})], style="indexed", rounds=0)


def edit(path: str, value: Any, kind: str = "set") -> dict[str, Any]:
    return {"kind": kind, "path": path, "value": value}


FEWER = {"text": "360 hours only", "changes": [edit("parameters.hours.value", 360)]}
BOTH = {
    "text": "longer and no limit",
    "changes": [edit("parameters.hours.value", 500), {"kind": "switch_off", "path": "constraints.market"}],
}


def test_what_the_chat_model_states_is_tried() -> None:
    answer = stated(FEWER, BOTH)
    found = {reading.text: reading for reading in answer.alternatives}
    assert found["360 hours only"].objective == 40 * 80 + 80 * 30
    assert found["longer and no limit"].objective == 8000
    assert answer.verdict == "checked, 1 assumption"
    assert answer.warnings == ()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"text": "odd", "changes": [edit("parameters.time.value", 3)]}, "`time`"),
        ({"text": "odd", "changes": [edit("constraints.labour.expression", "x <= 3")]}, "`x`"),
        ({"text": "odd", "changes": [edit("parameters.hours.value", 400)]}, "it changes nothing"),
        ({"text": "odd", "changes": []}, "either `change`"),
        ({"text": "odd", "change": edit("parameters.hours.value", 1), "changes": [edit("a", 1)]}, "either `change`"),
        ({"text": "odd", "changes": [{"kind": "swap", "path": "a"}]}, "'set'"),
        ({"text": "odd", "changes": "set hours to 3"}, "list"),
        ("odd", "dictionary"),
    ],
)
def test_what_cannot_be_made_is_left_out_with_a_note_and_costs_nothing(wrong: Any, why: str) -> None:
    answer = stated(wrong, FEWER)
    assert answer.is_solved
    assert [reading.text for reading in answer.alternatives] == ["360 hours only"]
    (note,) = answer.warnings
    assert note.startswith("Another reading was left out, since it cannot be made: odd (")
    assert why in note
    assert answer.formulation is not None
    assert [each.text for each in answer.formulation.assumptions[0].alternatives] == ["360 hours only"]


def test_words_about_whole_numbers_or_signs_have_the_reading_that_they_call_for() -> None:
    assert [r.text for r in stated(text="items are whole").alternatives] == ["make may be fractional"]
    (free,) = stated(text="items are not negative").alternatives
    assert (free.changes[0].path, free.changes[0].value, free.moves) == ("variables.make.lower", "-inf", False)


def test_an_assumption_without_another_reading_stays_open() -> None:
    answer = stated(text="chairs are sold at once")
    assert answer.alternatives == ()
    assert answer.verdict == "checked, 1 assumption"


def test_a_text_among_the_assumptions_is_one() -> None:
    answer = answered([json.dumps({**INDEXED, "assumptions": ["sold at once"]})], style="indexed", rounds=0)
    assert [assumption.text for assumption in answer.assumptions] == ["sold at once"]


def test_the_worked_example_has_alternatives_that_can_be_made() -> None:
    (example,) = worked_examples("indexed")
    written = compiled(example["answer"])
    checked, notes = with_checked_alternatives(written)
    assert notes == ()
    assert checked is written
    assert Formulation.from_dict(example["answer"]).assumptions[0].alternatives
    assert '"alternatives"' in plain_prompt("indexed")
