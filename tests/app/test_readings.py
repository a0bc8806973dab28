from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.editing import _changes
from app.readings import how_many
from nl2opt.formulation.schema import Change
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.readings.commands import change_options
from tests.app.conftest import COMMAND, Command
from tests.nl2opt.pipeline.readings.scripts import replies
from tests.nl2opt.pipeline.readings.texts import DIET

SET = Change(kind="set", path="variables.x.domain", value="continuous")


@pytest.fixture
def llm(tmp_path: Path) -> str:
    """Return the name of a chat model that writes the diet."""
    path = tmp_path / "replies.json"
    path.write_text(json.dumps({"style": "scalar", "replies": replies(DIET)}))
    return f"scripted:{path}"


def test_the_page_lists_other_readings_with_numbers_and_commands(command: Command, llm: str) -> None:
    ended = command("solve", DIET.text, "--llm", llm, "-q")
    assert ended.code == 0
    assert "\nWhat if you meant\n  1. servings may be fractional: 12.14788732 instead of 13" in ended.out
    assert "nl2opt change FORMULATION.json --set variables.bread.domain=continuous" in ended.out
    assert "or: nl2opt take 2" in ended.out


def test_a_reading_is_taken_from_the_run_that_was_kept(command: Command, llm: str) -> None:
    first = command("solve", DIET.text, "--llm", llm, "--json").content
    taken = command("take", first["id"], "1", "--json")
    assert taken.code == 0
    assert taken.content["objective"] == pytest.approx(first["alternatives"][0]["objective"])
    assert taken.content["id"] != first["id"]
    assert "Kept in " in taken.err
    assert Answer.load(taken.content["id"]).objective == taken.content["objective"]


def test_a_reading_is_taken_from_a_file_and_saved(command: Command, llm: str, tmp_path: Path) -> None:
    file, new = tmp_path / "diet.answer.json", tmp_path / "split.answer.json"
    command("solve", DIET.text, "--llm", llm, "--save", file, "-q")
    ended = command("take", file, "1", "--save", new)
    assert "Minimum: 12.14788732" in ended.out
    assert "You said: servings may be fractional" in ended.out
    assert Answer.load(new).objective == pytest.approx(862.5 / 71)


@pytest.mark.parametrize(("number", "said"), [("9", "no reading 9; there are: 1: servings"), ("one", "valid integer")])
def test_a_reading_that_is_not_there_is_wrong_use(
    number: str, said: str, command: Command, llm: str, tmp_path: Path
) -> None:
    file = tmp_path / "diet.answer.json"
    command("solve", DIET.text, "--llm", llm, "--save", file, "-q")
    ended = command("take", file, number)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_an_answer_without_readings_says_so(command: Command, llm: str, tmp_path: Path) -> None:
    file = tmp_path / "diet.answer.json"
    command("solve", DIET.text, "--llm", llm, "--readings", "none", "--save", file, "-q")
    assert "no other readings that could be taken" in command("take", file, "1").err


def test_the_commands_on_the_page_make_the_reading(command: Command, llm: str, tmp_path: Path) -> None:
    content = command("solve", DIET.text, "--llm", llm, "--json").content
    file = tmp_path / "diet.json"
    file.write_text(json.dumps(content["formulation"]))
    for reading in content["alternatives"]:
        changed = command("change", file, *shlex.split(reading["options"]))
        ended = command("run", "-", "--json", stdin=changed.out.encode())
        if reading["end"] == "optimal":
            assert ended.content["objective"] == pytest.approx(reading["objective"])


@pytest.mark.parametrize(("given", "count"), [(["--readings", "none"], 0), (["--readings", "0"], 0), ([], 4)])
def test_as_many_are_tried_as_are_asked_for(given: list[str], count: int, command: Command, llm: str) -> None:
    assert len(command("solve", DIET.text, "--llm", llm, "--json", *given).content["alternatives"]) == count


def test_the_setting_holds_where_no_option_is_given(
    command: Command, llm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NL2OPT_READINGS", "0")
    assert command("solve", DIET.text, "--llm", llm, "--json").content["alternatives"] == []
    assert command("solve", DIET.text, "--llm", llm, "--json", "--readings", "3").content["alternatives"]
    monkeypatch.setenv("NL2OPT_READINGS", "101")
    ended = command("solve", DIET.text, "--llm", llm)
    assert ended.code == 2
    assert "NL2OPT_READINGS" in ended.err


@pytest.mark.parametrize("text", ["some", "-1", "101", "1.5", "", "٣"])
def test_other_words_for_how_many_are_refused(text: str, command: Command) -> None:
    ended = command("solve", DIET.text, f"--readings={text}")
    assert ended.code == 2
    assert "--readings" in ended.err
    assert how_many(" None ") == 0


@pytest.mark.parametrize("option", [["--readings", "3"], ["--ask"]])
def test_a_program_has_no_readings(option: list[str], command: Command, llm: str) -> None:
    ended = command("solve", DIET.text, "--llm", llm, "--route", "program", *option)
    assert ended.code == 2
    assert f"{option[0]}" in ended.err


# -- asking -------------------------------------------------------------------------------------------


def test_without_a_terminal_the_question_is_on_stderr_and_the_answer_on_stdout(command: Command, llm: str) -> None:
    ended = command("solve", DIET.text, "--llm", llm, "--ask", "--json")
    assert ended.content["objective"] == 13
    assert "2. servings may be fractional: 12.14788732 instead of 13" in ended.err
    assert "servings are whole numbers is taken" in ended.content["warnings"][-1]


def test_at_a_terminal_the_choice_decides(llm: str) -> None:
    # A real terminal, so that the question, the line that is typed and the answer meet as they do for a person.
    master, slave = pty.openpty()
    try:
        os.write(master, b"2\n")
        ended = subprocess.run(
            [*COMMAND, "solve", DIET.text, "--llm", llm, "--ask", "--json", "-q"],
            stdin=slave, stdout=subprocess.PIPE, stderr=slave, text=True, timeout=60, check=False,
        )  # fmt: skip
        shown = os.read(master, 100_000).decode()
    finally:
        os.close(master)
        os.close(slave)
    assert ended.returncode == 0
    content: dict[str, Any] = json.loads(ended.stdout)
    assert content["objective"] == pytest.approx(862.5 / 71)
    assert "You said: servings may be fractional" in [item["text"] for item in content["assumptions"]]
    assert "Which reading is meant?" in shown


# -- edits as options ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["continuous", "-inf", "5", "true", "it's x['a'] <= 3", 5, 0.25, None, [1, 2], {"name": "c", "a": "b=c"}]
)
def test_the_command_reads_what_was_written(value: Any) -> None:
    change = Change(kind="set", path='parameters."a.b".value', value=value)
    option, argument = shlex.split(change_options([change]))
    assert option == "--set"
    assert _changes([argument], None, None, None) == [change]


def test_kinds_keep_their_order_or_there_is_no_command() -> None:
    removed = Change(kind="remove", path="constraints.c")
    off = Change(kind="switch_off", path="constraints.d")
    assert change_options([SET, removed, off]) == (
        "--set variables.x.domain=continuous --remove constraints.c --switch-off constraints.d"
    )
    assert change_options([off, SET]) == ""
    assert change_options([Change(kind="replace", path="variables.x", value={})]) == ""
