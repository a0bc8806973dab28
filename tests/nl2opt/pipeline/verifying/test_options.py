from __future__ import annotations

from typing import Any

import pytest

import nl2opt
from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.errors import ProblemError, SettingsError, StoreError
from nl2opt.pipeline.verifying.budget import Budget, BudgetedChatModel, BudgetSpentError
from nl2opt.pipeline.verifying.options import LEVELS, RUNG_WORDS, RUNGS, require_verify
from nl2opt.pipeline.verifying.rungs import LADDER
from nl2opt.settings import load_settings
from tests.nl2opt.pipeline.cases import PROBLEM, indexed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"calls": -1}, "`calls` is -1; it must be a whole number from 0, or None for no limit."),
        ({"calls": 1.5}, "`calls` is 1.5"),
        ({"calls": True}, "`calls` is True"),
        ({"seconds": 0}, "`seconds` is 0; it must be a number above 0, or None for no limit."),
        ({"seconds": float("nan")}, "`seconds` is nan"),
        ({"seconds": "ten"}, "`seconds` is 'ten'"),
        ({"rungs": ("juge", "numbrs")}, "Did you mean 'judge'?"),
        ({"rungs": "judge"}, "it must be a tuple of names"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        nl2opt.VerifyOptions(**options)
    assert words in str(caught.value)


def test_every_wrong_rung_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        nl2opt.VerifyOptions(rungs=("juge", "numbrs"))
    assert "Did you mean 'judge'?" in str(caught.value)
    assert "Did you mean 'numbers'?" in str(caught.value)


@pytest.mark.parametrize("level", ["quik", "", 3, None])
def test_a_level_that_is_not_there_is_refused(level: Any) -> None:
    with pytest.raises(SettingsError, match="there are: quick, standard, thorough"):
        require_verify(level)
    chat = ScriptedChatModel([], style="indexed")
    if level is not None:
        with pytest.raises(SettingsError):
            nl2opt.solve(PROBLEM, llm=chat, verify=level)
    assert not chat.requests


def test_the_ladder_has_every_rung_in_order() -> None:
    assert tuple(rung.name for rung in LADDER) == RUNGS == tuple(RUNG_WORDS)
    assert LEVELS["quick"].calls == 0
    assert (LEVELS["standard"].calls, LEVELS["standard"].seconds) == (3, 120)
    assert (LEVELS["thorough"].calls, LEVELS["thorough"].seconds) == (None, None)


def test_the_setting_is_the_level_of_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_VERIFY", "quick")
    chat = ScriptedChatModel([indexed()], style="indexed")
    answer = nl2opt.solve(PROBLEM, llm=chat)
    assert len(chat.requests) == 1
    assert any("not part of quick" in item.text for item in answer.evidence)
    monkeypatch.setenv("NL2OPT_VERIFY", "quickly")
    with pytest.raises(SettingsError, match="NL2OPT_VERIFY"):
        load_settings()


def test_a_chat_model_asks_no_more_than_its_budget() -> None:
    budget = Budget(nl2opt.VerifyOptions(calls=1))
    chat = BudgetedChatModel(ScriptedChatModel(["one", "two"]), budget)
    assert chat.complete([_message()]).text == "one"
    with pytest.raises(BudgetSpentError, match="all 1 are used"):
        chat.complete([_message()])
    assert budget.calls == 1


def test_another_problem_than_the_answers_own_is_refused() -> None:
    answer = nl2opt.solve(PROBLEM, llm=ScriptedChatModel([indexed()], style="indexed"), verify="quick")
    with pytest.raises(ProblemError, match="The answer has a problem of its own"):
        nl2opt.verify(answer, problem="Another one.", verify="quick")


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', ""])
def test_a_file_that_is_neither_is_refused(tmp_path: Any, content: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    with pytest.raises(StoreError):
        nl2opt.verify(path)
    with pytest.raises(StoreError, match="There is no file and no run"):
        nl2opt.verify("nowhere.json")


def _message() -> Any:
    from nl2opt.chat.base import Message

    return Message("user", "say")
