from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.runs import run_file
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from tests.app.cases import PROBLEM
from tests.app.web.cases import HOSTILE, INFEASIBLE, NUMBERS_OF_NO_ONE, WITHOUT_A_NUMBER, answered
from tests.app.web.pages import asked, ended, opened, press, run_of, shown, source, text, tones

GREEN = "rgb(46, 125, 50)"


def test_a_checked_optimum_is_green_with_its_evidence(llm: str) -> None:
    page = asked(PROBLEM)
    assert tones(page) == ["good"]
    shown_text = text(page)
    assert "Optimal · checked" in shown_text
    assert "Maximum $3,600" in shown_text
    assert "All 5 numbers of the text are used." in shown_text
    assert "land_limit: the sum over every crop c of area[c] is at most land" in shown_text
    assert any(r"\sum_{c \in \mathit{CROP}}" in str(item.value) for item in page.latex)
    assert any("import pyomo" in str(item.value) for item in page.code)
    assert [button.label for button in page.get("download_button")] == [
        "Answer (JSON)", "Values (Excel)", "LP model", "MPS model", "LaTeX", "Program",
    ]  # fmt: skip


def test_a_doubtful_answer_is_amber_and_names_the_check(llm: str) -> None:
    page = asked(NUMBERS_OF_NO_ONE)
    assert tones(page)[0] == "doubtful"
    assert "not verified" in text(page)
    assert "Not used: 77." in text(page)
    assert GREEN not in source(page)


def test_a_claim_of_a_program_is_not_green(llm: str, tmp_path: Path) -> None:
    answer = replace(answered(PROBLEM, tmp_path), status=Status.CLAIMED)
    answer.save()
    page = opened(run=answer.id)
    assert tones(page) == ["doubtful"]
    assert "Claimed by a program, and not confirmed" in text(page)
    assert GREEN not in source(page)


def test_a_failed_check_is_named_at_the_top(llm: str, tmp_path: Path) -> None:
    failed = Evidence(
        name="program", kind=EvidenceKind.SOLVING, outcome=Outcome.FAILED, text="The program comes to 3,500."
    )
    answer = answered(PROBLEM, tmp_path)
    replace(answer, evidence=(*answer.evidence, failed), verdict="not verified").save()
    page = opened(run=answer.id)
    assert tones(page) == ["doubtful"]
    assert "The program comes to 3,500." in source(page).partition("Values")[0]


def test_what_is_infeasible_has_no_values_but_reasons(llm: str) -> None:
    page = asked(INFEASIBLE)
    assert tones(page)[0] == "bad"
    shown_text = text(page)
    assert "These 2 cannot all hold" in shown_text
    assert "Raise land from 10 to 20, by 10. The objective is then $6,600." in shown_text
    assert "Values" not in shown_text
    assert "Values (Excel)" not in [button.label for button in page.get("download_button")]


def test_a_kept_no_can_be_asked_for_its_reasons(llm: str, tmp_path: Path) -> None:
    page = opened(run=answered(INFEASIBLE, tmp_path).id)
    assert "cannot all hold" not in text(page)
    press(page, "What excludes each other, and what would do?")
    assert "These 2 cannot all hold" in text(ended(page))


def test_sensitivity_is_found_out_on_demand_and_kept(llm: str) -> None:
    page = asked(PROBLEM)
    assert "Sensitivity" not in text(page)
    press(page, "What would one unit more of each limit be worth?")
    assert "One more unit in `land_limit` would add $300 to the objective" in text(ended(page))
    assert [analysis.key for analysis in Answer.load(run_of(page)).analyses] == ["sensitivity"]


def test_an_unreachable_language_model_is_amber_and_the_text_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_LLM", "openai:m")
    monkeypatch.setenv("NL2OPT_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("NL2OPT_TIMEOUT_SECONDS", "1")
    page = asked(PROBLEM)
    assert tones(page) == ["doubtful"]
    assert "The language model could not be asked" in text(page)
    assert "Ask again when the language model answers, or choose another one." in text(page)
    press(page, "Change the text and ask again")
    assert page.text_area(key="problem").value == PROBLEM


def test_no_text_becomes_markup_on_the_page(llm: str) -> None:
    page = asked(f"{HOSTILE} on 10 hectares")
    for item in (*page.markdown, *page.caption, *page.header):
        assert "evil.example" not in str(item.value)
    assert "<img" not in source(page)
    assert "javascript:alert(1)" in text(page)
    for item in page.latex:
        assert str(item.value).strip().count("\n") == 2
        assert str(item.value).count("$$") - str(item.value).count(r"\$\$") == 2


def test_zeros_are_hidden_until_they_are_asked_for(llm: str, tmp_path: Path) -> None:
    answer = answered(PROBLEM, tmp_path)
    content = json.loads(run_file(answer.id).read_text())
    content["values"]["tables"]["area"] = [[["wheat"], 0], [["maize"], 6]]
    run_file(answer.id).write_text(json.dumps(content))
    page = opened(run=answer.id)
    assert ">maize<" in source(page)
    assert ">wheat<" not in source(page)
    page.toggle(key="zeros").set_value(True)
    assert ">wheat<" in source(shown(page))


def test_many_values_become_a_grid_and_files_on_demand(llm: str, tmp_path: Path) -> None:
    answer = answered(PROBLEM, tmp_path)
    content = json.loads(run_file(answer.id).read_text())
    content["values"]["tables"]["area"] = [[[f"field {number}"], number] for number in range(6000)]
    run_file(answer.id).write_text(json.dumps(content))
    page = opened(run=answer.id)
    assert len(page.dataframe[0].value) == 5999
    assert not page.get("download_button")
    page.toggle(key="write").set_value(True)
    assert page.get("download_button") or shown(page).get("download_button")


@pytest.mark.parametrize("run", ["../../etc/passwd", "/etc/passwd", "20200101-000000-abcdef", "<script>"])
def test_a_run_that_is_not_there_is_said(llm: str, run: str) -> None:
    page = opened(run=run)
    assert "There is no such run." in text(page)
    assert "root:" not in text(page)
    press(page, "Ask something")
    assert page.text_area(key="problem").value == ""


def test_a_number_that_nobody_gives_is_asked_for(llm: str) -> None:
    page = asked(WITHOUT_A_NUMBER)
    assert tones(page) == ["doubtful"]
    assert "Numbers are missing" in text(page)
    assert "work in days: how long the crew is there" in text(page)
    assert "Add the numbers to it, or attach a table that has them" in text(page)


def test_a_page_that_fails_says_so_without_a_traceback(
    llm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("division by zero")

    answer = answered(PROBLEM, tmp_path)
    monkeypatch.setattr("app.web.run_view.show_answer", broken)
    page = opened(run=answer.id)
    assert tones(page) == ["bad"]
    assert "This page failed in a way that nobody foresaw." in text(page)
    assert "Traceback" not in text(page)
    assert "ZeroDivisionError" in caplog.text


def test_a_damaged_run_is_said(llm: str, tmp_path: Path) -> None:
    answer = answered(PROBLEM, tmp_path)
    run_file(answer.id).write_text('{"store_version": 1}')
    page = opened(run=answer.id)
    assert tones(page) == ["bad"]
    assert "is damaged" in text(page)
