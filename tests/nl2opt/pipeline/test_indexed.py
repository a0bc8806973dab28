from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.chat.base import NO_USAGE, Completion, Finish, Message
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.drafting import Draft
from nl2opt.pipeline.indexed import read_draft
from tests.nl2opt.pipeline.cases import INDEXED, indexed
from tests.nl2opt.pipeline.test_completion import JSON

SAID = (Message("user", "the problem"),)


def read(text: str, finish: Finish = Finish.STOP) -> Draft:
    return read_draft(Completion(text=text, finish=finish, usage=NO_USAGE, model="m"), SAID)


def test_a_whole_formulation_is_read() -> None:
    draft = read(f"```json\n{indexed()}\n```")
    assert draft.formulation == Formulation.from_dict(INDEXED)
    assert draft.faults == ()
    assert draft.conversation == SAID


def test_nulls_that_can_only_mean_none_are_dropped() -> None:
    variable = {**INDEXED["variables"][0], "upper": None, "unit": None, "description": None, "as": None}
    assert read(indexed(variables=[variable])).formulation == Formulation.from_dict(INDEXED)


def test_a_lower_bound_of_null_is_a_fault() -> None:
    draft = read(indexed(variables=[{**INDEXED["variables"][0], "lower": None}]))
    assert draft.formulation is None
    assert "variables.make.lower: null" in draft.faults[0]


def test_every_fault_is_told() -> None:
    draft = read(indexed(constraints=[{"name": "c", "expression": "1 <= 2", "for_all": "i in I"}], objective={}))
    assert len(draft.faults) == 3
    assert draft.conversation == SAID


def test_a_text_without_decision_is_no_problem() -> None:
    assert read('{"not_a_problem": "a story"}').not_a_problem == "a story"
    assert read('{"not_a_problem": ""}').not_a_problem
    assert not read(indexed(not_a_problem="")).not_a_problem


def test_an_answer_that_was_cut_off_is_told_so() -> None:
    (fault,) = read(indexed()[:100], Finish.LENGTH).faults
    assert fault == "The answer was cut off because it was too long. Write it again, shorter."


def test_a_whole_object_before_the_cut_counts() -> None:
    assert read(f"{indexed()} And so on, and so", Finish.LENGTH).formulation is not None


@given(part=st.sampled_from([*INDEXED, "version", "more"]), value=JSON)
@settings(max_examples=50, deadline=None)
def test_whatever_is_written_is_a_formulation_or_a_fault(part: str, value: Any) -> None:
    draft = read(json.dumps({**INDEXED, part: value}))
    assert (draft.formulation is None) == bool(draft.faults)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"a": {}}'])
def test_what_is_no_formulation_is_a_fault(text: str) -> None:
    assert read(text).faults
