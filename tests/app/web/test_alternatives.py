from __future__ import annotations

from pathlib import Path

import pytest

from nl2opt.pipeline.answer import Answer
from tests.app.web.pages import asked, ended, press, run_of, text

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(autouse=True)
def _diet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_LLM", f"scripted:{EXAMPLES / 'diet.replies.json'}")
    monkeypatch.setenv("NL2OPT_VERIFY", "quick")


def test_another_reading_that_moves_the_answer_is_shown_and_taken() -> None:
    page = asked((EXAMPLES / "diet.txt").read_text())
    first = run_of(page)
    assert "servings may be fractional: 12.14788732 instead of 13" in text(page)
    press(page, "Take this")
    ended(page)
    assert "Minimum 12.14788732" in text(page)
    assert "You said: servings may be fractional" in text(page)
    assert run_of(page) != first
    assert Answer.load(first).objective == pytest.approx(13)
    assert Answer.load(run_of(page)).objective == pytest.approx(12.14788732)
