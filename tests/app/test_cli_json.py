from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.cases import FAULTY, INDEXED, PROBLEM, WORKSHOP, one_variable, script, written
from tests.app.conftest import Command, Ended

KEYS = {
    "status", "objective", "values", "formulation", "program", "evidence", "verdict", "warnings", "attempts",
    "usage", "seconds",
}  # fmt: skip


def _outcome(command: Command, folder: Path, case: str) -> Ended:
    """Run one command with `--json` that ends in the way that the case names."""
    formulation = folder / "formulation.json"

    def run(content: Any) -> tuple[str | Path, ...]:
        return ("run", written(formulation, content))

    def solve(problem: str, *replies: Any) -> tuple[str | Path, ...]:
        return ("solve", problem, "--rounds", "0", "--llm", script(folder, *replies))

    commands = {
        "solved": lambda: solve(PROBLEM, INDEXED),
        "run": lambda: ("run", WORKSHOP),
        "infeasible": lambda: run(one_variable("x <= 1", "x >= 2")),
        "unbounded": lambda: run(one_variable()),
        "faulty formulation": lambda: run(FAULTY),
        "no formulation": lambda: solve(PROBLEM, "I cannot."),
        "not a problem": lambda: solve("Roses are red.", {"not_a_problem": "it is a poem"}),
        "no language model": lambda: solve(PROBLEM),
        "no problem": lambda: solve("", INDEXED),
        "no file": lambda: ("run", folder / "nothing.json"),
        "no such option": lambda: ("run", WORKSHOP, "--fast"),
        "no such setting": lambda: ("solve", PROBLEM, "--llm", "frobnicate"),
    }
    return command(*commands[case](), "--json")


@pytest.mark.parametrize(
    ("case", "code", "status"),
    [
        ("solved", 0, "solved"),
        ("run", 0, "solved"),
        ("infeasible", 3, "infeasible"),
        ("unbounded", 3, "unbounded"),
        ("faulty formulation", 4, "error"),
        ("no formulation", 4, "no_formulation"),
        ("not a problem", 4, "no_formulation"),
        ("no language model", 5, "llm_unreachable"),
        ("no problem", 2, "error"),
        ("no file", 2, "error"),
        ("no such option", 2, "error"),
        ("no such setting", 2, "error"),
    ],
)
def test_stdout_is_one_json_object_whatever_happens(
    command: Command, tmp_path: Path, case: str, code: int, status: str
) -> None:
    ended = _outcome(command, tmp_path, case)
    content = ended.content
    assert (ended.code, content["status"]) == (code, status)
    assert set(content) >= KEYS
    assert content["message"]
    assert "Traceback" not in ended.err
    if status == "error":
        assert content["exit_code"] == code
        assert content["message"] in ended.err


def test_an_answer_tells_all_that_was_found(command: Command, tmp_path: Path) -> None:
    content = _outcome(command, tmp_path, "solved").content
    assert content["objective"] == content["bound"] == 3600
    assert content["values"] == {"area": {"wheat": 4, "maize": 6}}
    assert content["formulation"]["variables"][0]["name"] == "area"
    assert "pyo.ConcreteModel" in content["program"]
    assert [(item["name"], item["outcome"]) for item in content["evidence"]][:4] == [
        ("point", "passed"), ("numbers", "passed"), ("duality", "passed"), ("second_solver", "passed"),
    ]  # fmt: skip
    assert all(item["seconds"] >= 0 and item["calls"] in (0, 1) for item in content["evidence"])
    assert [attempt["chosen"] for attempt in content["attempts"]] == [True]
    assert content["usage"]["completion_tokens"] > 0
    assert content["seconds"] > 0


def test_what_is_not_ascii_is_escaped_so_that_any_terminal_takes_it(command: Command, tmp_path: Path) -> None:
    formulation = {**one_variable("x <= 1"), "title": "Bäckerei \u2264 \U0001f35e"}
    ended = command("run", written(tmp_path / "formulation.json", formulation), "--json")
    assert ended.out.isascii()
    assert ended.content["formulation"]["title"] == formulation["title"]


def test_check_gives_its_findings_as_json(command: Command, tmp_path: Path) -> None:
    ended = command("check", written(tmp_path / "formulation.json", FAULTY), "--json")
    assert ended.code == 4
    assert ended.content["usable"] is False
    assert {finding["element"] for finding in ended.content["findings"]} == {
        "objective", "constraints.one", "constraints.two", "parameters.limit",
    }  # fmt: skip
    assert command("check", WORKSHOP, "--json").content == {"usable": True, "findings": []}


def test_formulate_says_an_error_without_json(command: Command, tmp_path: Path) -> None:
    ended = command("formulate", PROBLEM, "--llm", script(tmp_path, "I cannot."), "--rounds", "0")
    assert (ended.code, ended.out) == (4, "")
    assert "no usable formulation in 1 attempt" in ended.err


def test_the_object_is_valid_json_to_the_letter(command: Command, tmp_path: Path) -> None:
    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    for case in ("solved", "unbounded", "no language model"):
        json.loads(_outcome(command, tmp_path, case).out, parse_constant=refuse)
