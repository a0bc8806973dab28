from __future__ import annotations

import pytest

import nl2opt
from app.web import asking
from app.web.asking import Request, require, what_is_sent
from nl2opt.errors import SettingsError
from nl2opt.settings import load_settings
from solvers.sandbox import Pool
from solvers.sandbox.inside.layers import SECCOMP
from tests.app.cases import PROBLEM


@pytest.fixture
def _no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_sealed", [])
    monkeypatch.setattr("solvers.sandbox.Pool", lambda at_once: Pool(at_once=at_once, without=frozenset({SECCOMP})))


@pytest.mark.usefixtures("_no_sandbox")
def test_without_a_sandbox_no_program_is_asked_for(llm: str) -> None:
    for route in ("program", "both"):
        with pytest.raises(SettingsError, match=r"This machine has no sandbox.*Choose the route `formulation`"):
            require(Request(problem=PROBLEM, route=route))
    require(Request(problem=PROBLEM))


def test_with_a_sandbox_programs_are_welcome(llm: str) -> None:
    require(Request(problem=PROBLEM, route="program"))


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(problem=PROBLEM, llm="opnai:x"), "Did you mean `openai:x`"),
        (Request(problem=PROBLEM, llm="openai:"), "needs the name of a model"),
        (Request(problem=PROBLEM, route="bot"), "Did you mean 'both'"),
        (
            Request(problem=PROBLEM, route="both", tables=nl2opt.read_tables({"a": {"b": [1]}})),
            "for the route `formulation`",
        ),
        (Request(problem=PROBLEM, time_limit=-1.0), "time_limit_seconds"),
    ],
)
def test_what_makes_no_sense_is_said(llm: str, request_: Request, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        require(request_)


def test_what_is_sent_is_said_in_one_sentence() -> None:
    settings = load_settings(llm_base_url="http://localhost:8000/v1", llm_api_key="sk-secret")
    assert what_is_sent("local", settings, has_tables=False) == (
        "The embedded language model reads your text; nothing leaves this machine."
    )
    sent = what_is_sent("openai:big", settings, has_tables=True)
    assert "is sent to the language model big at http://localhost:8000/v1" in sent
    assert "the names, units and ranges of the tables' columns and three of their rows" in sent
    assert "sk-secret" not in sent
    assert "api.openai.com" in what_is_sent("openai:big", load_settings(), has_tables=False)
