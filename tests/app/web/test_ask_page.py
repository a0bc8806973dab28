from __future__ import annotations

import pytest

from app.web.ask_view import examples
from app.web.live_runs import live_runs
from tests.app.cases import PROBLEM
from tests.app.web.cases import ENDLESS
from tests.app.web.pages import history, opened, press, run_of, shown, text, tones


def test_an_example_fills_the_box(llm: str) -> None:
    page = opened()
    assert {"Bakery", "Transport", "Overbooked"} <= set(examples())
    press(page, "Bakery")
    assert str(page.text_area(key="problem").value).startswith("A bakery bakes rye loaves and wheat loaves. A rye loaf")


def test_an_empty_box_is_not_sent(llm: str) -> None:
    page = press(opened(), "Solve")
    assert tones(page) == ["doubtful"]
    assert "There is no problem yet." in text(page)
    assert "run" not in page.query_params


def test_what_is_sent_follows_the_language_model(llm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_LLM_BASE_URL", "http://localhost:9/v1")
    monkeypatch.setenv("NL2OPT_LLM_API_KEY", "sk-very-secret")
    page = opened()
    assert "nothing leaves this machine" in text(page)
    page.selectbox(key="llm").set_value("local")
    assert "It is fetched once before the first answer (1,117 MB)." in text(shown(page))
    page.selectbox(key="llm").set_value("endpoint")
    shown(page)
    page.text_input(key="llm-model").set_value("big")
    shown(page)
    assert "is sent to the language model big at http://localhost:9/v1" in text(page)
    assert "sk-very-secret" not in str(page)


def test_what_cannot_be_begun_is_said_and_the_text_stays(llm: str) -> None:
    page = opened()
    page.text_area(key="problem").set_value(PROBLEM)
    page.selectbox(key="llm").set_value("endpoint")
    shown(page)
    press(page, "Solve")
    assert tones(page) == ["doubtful"]
    assert "`openai` needs the name of a model" in text(page)
    assert page.text_area(key="problem").value == PROBLEM


def test_options_reach_the_run(llm: str) -> None:
    page = opened()
    page.text_area(key="problem").set_value(PROBLEM)
    page.selectbox(key="solver").set_value("scip")
    page.number_input(key="time-limit").set_value(7.5)
    press(page, "Solve")
    live = live_runs().get(run_of(page))
    assert live is not None
    assert (live.request.solver, live.request.time_limit, live.request.route) == ("scip", 7.5, "formulation")
    assert live.wait(30)
    assert live.answer is not None
    assert "SCIP was asked for." in live.answer.solver_reason


def test_a_run_at_work_is_found_again_from_the_form(llm: str) -> None:
    page = opened()
    page.text_area(key="problem").set_value(ENDLESS)
    press(page, "Solve")
    run = run_of(page)
    assert "At work for" in text(page)
    other = opened()
    assert f"A run is at work: {ENDLESS}" in text(other)
    press(other, "Show it")
    assert run_of(other) == run
    press(other, "Stop")
    live = live_runs().get(run)
    assert live is not None
    assert live.wait(30)
    assert "Interrupted" in text(shown(other))
    assert tones(other)[0] == "doubtful"


def test_settings_that_make_no_sense_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_ROUNDS", "many")
    assert "Wrong value for the environment variable NL2OPT_ROUNDS" in text(opened())
    assert "Wrong value for the environment variable NL2OPT_ROUNDS" in text(history())
