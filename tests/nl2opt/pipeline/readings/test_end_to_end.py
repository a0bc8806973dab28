from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import nl2opt
from nl2opt import Answer, Choice, Question, SettingsError
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.readings import finding
from nl2opt.pipeline.readings.finding import open_assumptions
from nl2opt.pipeline.readings.reading import End
from tests.nl2opt.pipeline.readings.scripts import solved, solved_indexed
from tests.nl2opt.pipeline.readings.texts import DIET, FLEET, HEAT, STORED, UNLIMITED, WEEKS


def test_an_answer_says_what_it_would_be_if_the_text_meant_something_else() -> None:
    answer = solved(DIET)
    assert answer.objective == 13
    first = answer.alternatives[0]
    assert (first.number, first.text, first.moves) == (1, "servings may be fractional", True)
    assert first.objective == pytest.approx(862.5 / 71)
    assert first.difference == pytest.approx(862.5 / 71 - 13)
    assert first.quote.startswith("How many servings")
    page = str(answer)
    assert "What if you meant\n  1. servings may be fractional: 12.14788732 instead of 13" in page
    assert "nl2opt change FORMULATION.json --set variables.bread.domain=continuous" in page
    assert f"answer.take(1), or: nl2opt take {answer.id} 1" in page
    assert '- "more than" includes the limit itself (starch) (makes no difference)' in page
    assert answer.verdict == "checked, 1 assumption"


def test_a_reading_that_is_taken_is_solved_and_no_longer_open() -> None:
    answer = solved(DIET)
    for which in (1, answer.alternatives[0].text, answer.alternatives[0]):
        new = answer.take(which)
        assert new.objective == pytest.approx(862.5 / 71)
        assert new.problem == DIET.text
        assert new.trace is answer.trace
        assert [a.text for a in new.assumptions if a.text.startswith("You said")] == [
            "You said: servings may be fractional"
        ]
        assert new.verdict == "checked"
        assert "What if you meant" not in str(new)


def test_what_was_said_leads_back() -> None:
    new = solved(DIET).take(1)
    assert new.formulation is not None
    said = new.formulation.assumptions[-1]
    back = new.formulation.apply(said.alternatives[0].edits)
    assert back.solve().objective == 13


def test_a_reading_that_is_not_there_is_refused_with_those_that_are() -> None:
    answer = solved(DIET)
    with pytest.raises(SettingsError, match="no reading 9; there are: 1: servings may be fractional; 2: "):
        answer.take(9)
    without = solved(DIET, readings=0)
    assert without.alternatives == ()
    with pytest.raises(SettingsError, match="no other readings"):
        without.take(1)


def test_readings_outlive_the_run(tmp_path: Path) -> None:
    answer = solved(DIET)
    loaded = Answer.load(answer.save(tmp_path / "diet.json"))
    assert loaded.alternatives == answer.alternatives
    assert str(loaded) == str(answer)
    assert loaded.take(1).objective == pytest.approx(862.5 / 71)
    content = json.loads((tmp_path / "diet.json").read_text())
    del content["alternatives"]
    (tmp_path / "older.json").write_text(json.dumps(content))
    assert Answer.load(tmp_path / "older.json").alternatives == ()


def test_other_programs_get_the_readings() -> None:
    plain = solved(DIET).to_dict()["alternatives"]
    assert json.loads(json.dumps(plain))[0]["options"].startswith("--set variables.bread.domain=continuous")


def test_a_reading_under_which_there_is_no_best_answer_comes_first() -> None:
    answer = solved(HEAT)
    first = answer.alternatives[0]
    assert (first.text, first.end, first.moves) == ("two may be negative", End.UNBOUNDED, True)
    assert "two may be negative: the objective could improve without end" in str(answer)


def test_a_limit_that_no_row_demands_can_be_added() -> None:
    answer = solved(UNLIMITED, rounds=0)
    new = answer.take("tables <= 40 is demanded, too")
    assert (answer.objective, new.objective) == (6400, 6200)
    assert new.formulation is not None
    assert new.formulation.constraints[-1].source.startswith("At most 40 tables")


def test_an_amount_per_week_can_be_multiplied() -> None:
    answer = solved_indexed(WEEKS)
    assert answer.take("100 is for each week: 400 in 4 weeks").objective == 50 * 30 + 30 * 155


def test_what_has_no_other_reading_that_could_be_solved_stays_open() -> None:
    answer = solved_indexed(STORED)
    assert answer.verdict == "checked, 1 assumption"
    assert any("there is nothing of level before the first period" in a.text for a in answer.assumptions)


def test_a_formulation_that_was_given_has_no_words_to_doubt() -> None:
    answer = nl2opt.run(FLEET.read())
    assert {a.text for a in answer.assumptions} == {"vans is not negative", "trucks is not negative"}
    assert all(reading.end is not End.NOT_TRIED for reading in answer.alternatives)


# -- asking -------------------------------------------------------------------------------------------


def test_the_reading_that_moves_the_answer_most_becomes_a_question() -> None:
    questions: list[Question] = []

    def ask(question: Question) -> Choice:
        questions.append(question)
        return question.choices[1]

    answer = solved(DIET, ask=ask)
    (question,) = questions
    assert question.quote.startswith("How many servings")
    assert [choice.text for choice in question.choices] == ["servings are whole numbers", "servings may be fractional"]
    assert [choice.objective for choice in question.choices] == pytest.approx([13, 862.5 / 71])
    assert answer.objective == pytest.approx(862.5 / 71)
    assert answer.verdict == "checked"


def test_a_confirmed_reading_is_recorded_and_closed() -> None:
    answer = solved(DIET, ask=lambda question: question.default)
    assert answer.objective == 13
    assert "You said: servings are whole numbers" in [a.text for a in answer.assumptions]
    assert answer.verdict == "checked"
    assert answer.formulation is not None
    again = nl2opt.run(answer.formulation)
    assert "You said: servings are whole numbers" in [a.text for a in again.assumptions]


@pytest.mark.parametrize("reply", [None, Choice("something else")])
def test_a_question_without_an_answer_stays_open(reply: Choice | None) -> None:
    answer = solved(DIET, ask=lambda question: reply)
    assert answer.objective == 13
    assert answer.verdict == "checked, 1 assumption"
    assert "servings are whole numbers is taken" in answer.warnings[-1]


def test_nobody_is_asked_where_nothing_is_open() -> None:
    def ask(question: Question) -> Choice:
        raise AssertionError(question)

    assert solved(FLEET, ask=ask).is_solved


def test_without_a_terminal_the_question_is_printed_and_the_default_taken(capsys: pytest.CaptureFixture[str]) -> None:
    answer = solved(DIET, ask=True)
    written = capsys.readouterr()
    assert written.out == ""
    assert (
        "  1. servings are whole numbers: 13\n  2. servings may be fractional: 12.14788732 instead of 13" in written.err
    )
    assert "Nobody can be asked here; 1 is taken: servings are whole numbers." in written.err
    assert answer.objective == 13
    assert "stays open" in answer.warnings[-1]


def test_who_asks_is_a_function_or_not() -> None:
    with pytest.raises(SettingsError, match="`ask` is 'yes'"):
        solved(DIET, ask="yes")


@pytest.mark.parametrize(("row", "verdict"), [("x < 9", 0), ("x < 4", 1)])
def test_a_strict_limit_of_a_continuous_quantity_is_open_where_it_is_reached(row: str, verdict: int) -> None:
    content = {
        "variables": [{"name": "x", "domain": "continuous", "lower": 0, "upper": 4}],
        "objective": {"sense": "maximize", "expression": "x"},
        "constraints": [{"name": "limit", "expression": row}],
    }
    answer = nl2opt.run(Formulation.from_dict(content))
    assert len(open_assumptions(answer.assumptions, answer.alternatives)) == verdict
    assert ("(makes no difference)" in str(answer)) == (verdict == 0)


def test_a_failure_of_readings_leaves_the_answer_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("by accident")

    monkeypatch.setattr(finding, "spotted_in", broken)
    answer = solved(DIET)
    assert answer.objective == 13
    assert "could not be looked for (ZeroDivisionError: by accident)" in answer.warnings[-1]
    assert answer.verdict == "checked, 2 assumptions"


@pytest.mark.parametrize("option", [{"readings": 3}, {"ask": True}])
def test_a_program_has_no_readings(option: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="only a program"):
        solved(DIET, route="program", **option)


@pytest.mark.parametrize("number", [-1, 101, 1.5])
def test_as_many_readings_as_make_sense(number: Any) -> None:
    with pytest.raises(SettingsError, match="`readings` is"):
        solved(DIET, readings=number)


def test_a_reading_that_is_taken_is_a_step_in_the_history() -> None:
    answer = solved(DIET)
    new = answer.take(1)
    assert new.parent == answer.id
    assert new.changes == answer.alternatives[0].changes
    assert [(edit.kind, edit.words) for edit in new.edits] == [("take", "servings may be fractional")]


def test_what_was_changed_later_has_the_readings_of_its_text() -> None:
    answer = solved(DIET)
    change = nl2opt.Change(kind="set", path="parameters.protein_minimum.value", value=31)
    again = nl2opt.Session(answer).apply(change)
    assert "servings may be fractional" in [reading.text for reading in again.alternatives if reading.moves]
    assert not any("negative" in reading.text for reading in again.alternatives if reading.moves)
