from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nl2opt.pipeline.runs import run_file, run_ids
from tests.app.cases import PROBLEM
from tests.app.web.cases import HOSTILE, answered
from tests.app.web.pages import history, press, shown, source, text


def test_without_runs_the_page_says_what_to_do(llm: str) -> None:
    page = history()
    assert "There are no runs yet." in text(page)
    press(page, "Ask something")
    assert page.text_area(key="problem").value == ""


def test_runs_are_shown_found_and_opened(llm: str, tmp_path: Path) -> None:
    answer = answered(PROBLEM, tmp_path)
    replace(answer, id="20200101-000000-abcdef", problem=f"{HOSTILE} 1,000 loaves", formulation=None).save()
    page = history()
    assert "solved · $3,600 · checked" in text(page)
    assert "<img" not in source(page)
    page.text_input(key="words").set_value("loaves")
    assert "hectares" not in text(shown(page))
    page.text_input(key="words").set_value("nothing of the kind")
    assert "No run holds these words." in text(shown(page))
    page.text_input(key="words").set_value("hectares")
    press(shown(page), "Open")
    assert "Maximum $3,600" in text(page)


def test_a_run_is_deleted(llm: str, tmp_path: Path) -> None:
    answer = answered(PROBLEM, tmp_path)
    page = press(history(), "Delete it")
    assert not run_file(answer.id).exists()
    assert "There are no runs yet." in text(page)


def test_a_damaged_run_can_be_deleted(llm: str) -> None:
    run = "20200101-000000-abcdef"
    run_file(run).parent.mkdir(parents=True)
    run_file(run).write_text("{")
    page = history()
    assert "cannot be read" in text(page)
    press(page, "Delete it")
    assert run_ids() == []


def test_many_runs_are_shown_in_parts(llm: str, tmp_path: Path) -> None:
    answer = answered(PROBLEM, tmp_path)
    for number in range(30):
        replace(answer, id=f"20200101-000000-{number:06x}").save()
    page = history()
    assert len([button for button in page.button if button.label == "Open"]) == 20
    press(page, "Show more")
    assert len([button for button in page.button if button.label == "Open"]) == 31
