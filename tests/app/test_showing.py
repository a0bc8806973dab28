from __future__ import annotations

import json
from pathlib import Path

import pytest

from nl2opt.pipeline import solve as pipeline
from tests.app.cases import INDEXED, PROBLEM, WORKSHOP, one_variable, script, written
from tests.app.conftest import Command


def test_a_kept_answer_is_shown_as_it_was_without_solving(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "answer.json"
    page = command("run", WORKSHOP, "-q", "--sensitivity", "--pool", "2", "--save", kept).out

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(pipeline, "solve_compiled", never)
    ended = command("show", kept)
    assert (ended.code, ended.out, ended.err) == (0, page, "")
    assert "\nSensitivity\n" in page
    content = command("show", kept, "--json").content
    assert content["pool"]["solutions"][1]["objective"] == 6240


def test_a_conflict_is_kept_and_the_exit_code_as_well(command: Command, tmp_path: Path) -> None:
    plan = written(tmp_path / "plan.json", one_variable("x <= 1", "x >= 2"))
    assert command("run", plan, "-q", "--conflict", "--save", tmp_path / "no.json").code == 3
    ended = command("show", tmp_path / "no.json")
    assert ended.code == 3
    assert "Why there is no answer" in ended.out


def test_a_kept_answer_is_exported(command: Command, tmp_path: Path) -> None:
    command("run", WORKSHOP, "-q", "--pool", "2", "--save", tmp_path / "answer.json")
    assert command("show", tmp_path / "answer.json", "--export", tmp_path / "out.json").code == 0
    assert "pool" in json.loads((tmp_path / "out.json").read_text())


def test_the_run_store_keeps_analyses(command: Command, tmp_path: Path) -> None:
    llm = script(tmp_path, INDEXED)
    content = command("solve", PROBLEM, "--rounds", "0", "--llm", llm, "--sensitivity", "--json").content
    assert command("show", content["id"], "--json").content["sensitivity"] == content["sensitivity"]


def test_what_is_no_kept_answer_is_refused(command: Command, tmp_path: Path) -> None:
    ended = command("show", WORKSHOP)
    assert (ended.code, ended.out, ended.err) == (2, "", f"{WORKSHOP} is not a stored answer.\n")
    ended = command("show", "nothing")
    assert ended.code == 2
    assert "There is no file and no run `nothing`" in ended.err
