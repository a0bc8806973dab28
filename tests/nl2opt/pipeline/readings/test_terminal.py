from __future__ import annotations

import io
import sys

import pytest

from nl2opt.pipeline.readings.asking import Choice, Question
from nl2opt.pipeline.readings.terminal import ask_at_terminal

QUESTION = Question("Which?", "how many \x1b[2J servings", (Choice("whole", 40.0, "40"), Choice("split", 39.8, "39.8")))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Choice | None, str]:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(text))
    monkeypatch.setattr(sys, "stderr", screen)
    return ask_at_terminal(QUESTION), screen.getvalue()


@pytest.mark.parametrize(("text", "place"), [("2\n", 1), ("1\n", 0), ("\n", 0), ("7\nx\n 2 \n", 1)])
def test_what_is_typed_is_chosen(text: str, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    choice, shown = typed(text, monkeypatch)
    assert choice is QUESTION.choices[place]
    assert "  2. split: 39.8" in shown
    assert ("`7` is none of them." in shown) == text.startswith("7")


def test_the_end_of_the_input_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed("", monkeypatch)[0] is None


def test_no_text_steers_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in typed("1\n", monkeypatch)[1]
