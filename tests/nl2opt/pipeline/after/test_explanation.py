from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nl2opt.api import run
from nl2opt.errors import ChatRequestError
from nl2opt.formulation.schema import Change, Formulation
from nl2opt.pipeline.after.explanation_numbers import known_numbers
from nl2opt.pipeline.after.known import known_of
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.program.record import ProgramRecord
from tests.nl2opt.pipeline.after.cases import GALLERY, IN_HALVES, TRANSPORT, WORKSHOP, answer, of_gallery, one, scripted


def explained(formulation: Formulation) -> str:
    return str(answer(formulation).explain())


def test_the_plan_its_worth_and_its_limits_are_told() -> None:
    text = explained(IN_HALVES)
    assert "Items made (`make`): chair 75, table 50." in text
    assert "The objective is $6,250: the largest that is possible, and proven to be." in text
    assert "It is made up of make['table'] $4,000, make['chair'] $2,250." in text
    assert "`labour` is used up. One more h in `labour` would add $15.625 to the objective" in text


def test_whole_numbers_are_explained_by_what_was_solved_again() -> None:
    text = explained(WORKSHOP)
    assert "1 h more would add $10 to the objective; 1 h less would take $20 from the objective" in text
    assert "found by solving again" in text


def test_zeros_are_hidden_and_slack_is_told() -> None:
    text = explained(TRANSPORT)
    assert "north berlin" not in text
    assert "`ship`: north, berlin = 40 t; south, paris = 30 t; south, rome = 20 t (3 others are 0)." in text
    assert "`southern` is exceeded by 40 t: 50 t, at least 10 t are demanded." in text
    assert "`capacity['north']` leaves 20 t to spare: 40 t of at most 60 t." in text


def test_what_is_not_done_is_told_with_its_price() -> None:
    text = explained(TRANSPORT)
    assert "What is not done, and why" in text
    assert "`ship['north', 'rome']` is 0: each 1 of it would add" in text
    assert "It would pay if it counted below" in text
    never = WORKSHOP.apply(Change(kind="set", path="parameters.profit.value.table", value=60))
    whole = explained(never)
    assert "`make['table']` is 0: with at least 1, the objective would be $5,970 at best, worse by $30." in whole


def test_prices_that_are_not_unique_are_called_so() -> None:
    doubled = IN_HALVES.apply(
        Change(kind="add", path="constraints", value={"name": "again", "expression": "2 * make['table'] <= 100"})
    )
    assert "not unique" in explained(doubled)


def test_infeasible_answers_show_the_conflict_and_what_would_do() -> None:
    wishes = WORKSHOP.apply(
        Change(kind="add", path="constraints", value={"name": "orders", "expression": "make['table'] >= 60"})
    )
    text = explained(wishes)
    assert "These 3 cannot all hold" in text
    assert "What would do" in text


def test_unbounded_answers_show_what_runs_away() -> None:
    text = explained(WORKSHOP.apply(Change(kind="switch_off", path="constraints.labour")))
    assert "What runs away" in text
    assert "can change together without end" in text


def test_a_limit_is_told_with_the_distance() -> None:
    found = answer(WORKSHOP)
    stopped = replace(found, status=Status.LIMIT, bound=6400.0, gap=0.024, solved=None)
    text = str(stopped.explain())
    assert "not proven to be the best" in text
    assert "No plan can be better than $6,400. It is within 2.4 % of the best possible." in text


def test_claims_and_failures_have_an_explanation_too() -> None:
    from tests.nl2opt.pipeline.cases import NOT_A_PROBLEM, answered

    text = str(answered([NOT_A_PROBLEM]).explain())
    assert "There is no decision problem in the text" in text
    claim = replace(
        answered([NOT_A_PROBLEM]), status=Status.CLAIMED, message="The program claims an optimum.",
        program_run=ProgramRecord(text="print(42)", claimed_objective=42.0),
    )  # fmt: skip
    found = claim.explain()
    assert "The program says that it reaches 42. Nobody has checked it" in str(found)
    assert [number.place for number in found.numbers] == ["the program"]


def test_an_answer_that_was_read_is_explained_the_same(tmp_path: Path) -> None:
    for formulation in (WORKSHOP, IN_HALVES, TRANSPORT):
        found = answer(formulation)
        again = Answer.load(found.save(tmp_path / "answer.json"))
        assert str(again.explain()) == str(found.explain())
        assert again.explain().to_dict()["answer"] == found.id


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_every_number_of_an_explanation_exists(path: Path) -> None:
    found = of_gallery(path).explain(seconds=0.2)
    assert found.lines
    assert [number.text for number in found.numbers if not number.place] == []


def test_a_language_model_may_say_it_more_fluently() -> None:
    llm = scripted("You make 75 chairs and 50 tables, which brings $6,250. One hour more would add $10.")
    found = answer(WORKSHOP).explain(llm=llm)
    assert (
        str(found)
        == found.fluent
        == "You make 75 chairs and 50 tables, which brings $6,250. One hour more would add $10."
    )
    assert (found.note, found.llm) == ("", "scripted")
    assert {number.text for number in found.numbers} == {"75", "50", "6,250", "10"}
    assert "labour" in llm.requests[0][1].content


def test_an_invented_number_is_refused_once_and_then_the_template_is_given() -> None:
    right = "You make 75 chairs and 50 tables."
    llm = scripted("You make 75 chairs and 51 tables.", right)
    assert answer(WORKSHOP).explain(llm=llm).fluent == right
    assert "`51`" in llm.requests[1][-1].content
    stubborn = answer(WORKSHOP).explain(llm=scripted("It brings $6,300.", "It brings $6,299."))
    assert stubborn.fluent == ""
    assert "`6,299`" in stubborn.note
    assert "Items made (`make`): chair 75, table 50." in str(stubborn)
    assert stubborn.note in str(stubborn)


def test_empty_and_broken_off_texts_are_not_given() -> None:
    assert "It was empty." in answer(WORKSHOP).explain(llm=scripted("", " ")).note
    with pytest.raises(ChatRequestError):
        answer(WORKSHOP).explain(llm=scripted())


def test_wishes_are_named_among_what_is_known() -> None:
    found = one(answer(WORKSHOP).what_if("hours = 440")).answer
    known = known_numbers(known_of(found, 1.0))
    assert known.invented_in("It was $6,250 before, and is $620 more now.") == ()


@pytest.mark.parametrize("formulation", [WORKSHOP, IN_HALVES, TRANSPORT], ids=["whole", "halves", "transport"])
def test_a_number_that_was_tampered_with_is_found(formulation: Formulation) -> None:
    found = answer(formulation)
    known = known_numbers(known_of(found, 5.0))
    text = str(found.explain())
    for stated in known.stated_in(text):
        wrong = f"{stated.value * 1.0371 + 7.3131:.4f}"
        assert [number.text for number in known.invented_in(text[: stated.start] + f" {wrong} ")] == [wrong]


def test_no_language_model_is_told_an_explanation_that_holds_cells() -> None:
    plan = Formulation.from_dict({
        "parameters": [{"name": "hours", "table": "shop", "column": "hours"}],
        "variables": [{"name": "make", "domain": "continuous", "lower": 0}],
        "objective": {"sense": "maximize", "expression": "make"},
        "constraints": [{"name": "labour", "expression": "make <= hours"}],
    })  # fmt: skip
    llm = scripted()
    found = run(plan, data={"shop": {"hours": [4711]}}).explain(llm=llm)
    assert "4,711" in str(found)
    assert "no language model is shown" in found.note
    assert llm.requests == []
