from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.cases import INDEXED, WORKSHOP, one_variable, script, written
from tests.app.conftest import Command

CONFLICTING = one_variable("x >= 5", "x <= 3")
HINT = "add --conflict"


@pytest.fixture
def conflicting(tmp_path: Path) -> Path:
    return written(tmp_path / "conflicting.json", CONFLICTING)


def test_an_infeasible_answer_says_how_to_learn_why(command: Command, conflicting: Path) -> None:
    ended = command("run", conflicting)
    assert ended.code == 3
    assert HINT in ended.err
    assert HINT not in ended.out


def test_conflict_and_repairs_stand_behind_the_answer(command: Command, conflicting: Path) -> None:
    ended = command("run", conflicting, "--conflict")
    assert ended.code == 3
    lines = [line.strip() for line in ended.out.splitlines()]
    begin = lines.index("Why there is no answer")
    assert lines[begin + 1 : begin + 4] == [
        "These 2 cannot all hold; without any one of them the others can:",
        "- row_0 (x >= 5): at least 5",
        "- row_1 (x <= 3): at most 3",
    ]
    repairs = lines[lines.index("What would do") + 1 :]
    assert repairs[0].startswith("The least that has to move: ")
    both = "\n".join(repairs)
    assert "Lower the number 5 in row_0 to 3, by 2. The objective is then 3." in both
    assert "Raise the number 3 in row_1 to 5, by 2. The objective is then 5." in both
    assert HINT not in ended.err


def test_json_holds_conflict_and_repairs_in_the_one_object(command: Command, conflicting: Path) -> None:
    ended = command("run", conflicting, "--conflict", "--json")
    content = json.loads(ended.out)
    assert [member["element"] for member in content["conflict"]["members"]] == [
        "constraints.row_0",
        "constraints.row_1",
    ]
    assert {repair["amount"] for repair in content["repairs"]} == {2.0}
    assert HINT not in ended.err


def test_an_answer_with_values_has_no_conflict(command: Command) -> None:
    ended = command("run", WORKSHOP, "--conflict", "--json")
    content = json.loads(ended.out)
    assert (ended.code, content["conflict"], content["repairs"]) == (0, None, [])
    assert "Why there is no answer" not in command("run", WORKSHOP, "--conflict").out


def test_without_time_it_says_so(command: Command, conflicting: Path) -> None:
    ended = command("run", conflicting, "--conflict", "--time-limit", "0")
    assert ended.code == 3
    assert "Traceback" not in ended.err


def test_an_unbounded_answer_shows_what_runs_away(command: Command, tmp_path: Path) -> None:
    ended = command("run", written(tmp_path / "unbounded.json", one_variable("x >= 1")))
    assert ended.code == 3
    said = " ".join(ended.out.split())
    assert "x can grow without end: no constraint limits it from above; the objective grows by 1 for each 1." in said


def test_a_problem_in_words_is_diagnosed_as_well(command: Command, tmp_path: Path) -> None:
    row = {"name": "least", "expression": "area['wheat'] >= 11"}
    impossible = {**INDEXED, "constraints": [*INDEXED["constraints"], row]}
    ended = command(
        "solve", "A farm has 10 ha of land and needs 11.", "--llm", script(tmp_path, *[impossible] * 4), "--conflict"
    )
    assert ended.code == 3
    assert "- land_limit (area['wheat'] + area['maize'] <= 10): at most 10" in ended.out
