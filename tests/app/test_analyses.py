from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from app.analyses import share
from tests.app.cases import INDEXED, PROBLEM, WORKSHOP, market_split, one_variable, script, written
from tests.app.conftest import Command


def test_the_page_tells_sensitivity_and_solutions_after_the_answer(command: Command) -> None:
    ended = command("run", WORKSHOP, "--sensitivity", "--pool", "2", "-q")
    assert (ended.code, ended.err) == (0, "")
    answer, sensitivity, pool = ended.out.partition("\nSensitivity\n")[0], *ended.out.split("\nSensitivity\n")[
        1
    ].split("\nSolutions\n")  # fmt: skip
    assert "Maximum: $6,250" in answer
    assert "1 h more would add $10 to the objective" in sensitivity
    assert "2. $6,240: make['chair'] = 80, make['table'] = 48" in pool


def test_the_json_object_holds_them_too(command: Command) -> None:
    content = command("run", WORKSHOP, "--sensitivity", "--pool", "2", "--json").content
    assert content["sensitivity"]["method"] == "steps"
    assert content["sensitivity"]["constraints"][0]["change_up"] == 10
    assert [each["objective"] for each in content["pool"]["solutions"]] == [6250, 6240]
    assert not {"sensitivity", "pool"} & command("run", WORKSHOP, "--json").content.keys()


def test_problems_in_words_have_them_as_well(command: Command, tmp_path: Path) -> None:
    llm = script(tmp_path, INDEXED)
    content = command("solve", PROBLEM, "--rounds", "0", "--llm", llm, "--sensitivity", "--json").content
    assert [row["shadow_price"] for row in content["sensitivity"]["constraints"]] == pytest.approx([300, 50])


def test_what_cannot_be_had_leaves_the_answer(command: Command, tmp_path: Path) -> None:
    ended = command("run", written(tmp_path / "one.json", one_variable("x <= 4")), "--pool", "2", "--json")
    assert (ended.code, ended.content["objective"]) == (0, 4)
    assert "no variable is integer or binary" in ended.content["pool"]["refused"]


def test_the_solver_and_the_reason_for_it_are_told(command: Command) -> None:
    assert "  Solver: HiGHS 1.13.1: HiGHS takes linear" in command("run", WORKSHOP, "-q").out
    content = command("run", WORKSHOP, "--json").content
    assert content["solver_reason"].startswith("HiGHS takes linear")
    assert content["gap"] == 0.0


def test_a_gap_is_reached_and_never_called_optimal(command: Command, tmp_path: Path) -> None:
    file = written(tmp_path / "split.json", market_split())
    ended = command("run", file, "--gap", "2000%", "--solver", "highs", "--json")
    content = ended.content
    assert (ended.code, content["status"]) == (0, "limit")
    assert 1e-6 < content["gap"] <= 20
    page = command("run", file, "--gap", "2000%", "--solver", "highs", "-q").out
    assert "optimum was found" not in page
    assert "The gap that was asked for was reached" in page


@pytest.mark.parametrize(
    ("text", "number"), [("0.01", 0.01), ("1%", 0.01), (" 2.5 % ", 0.025), ("0", 0.0), ("1e-4", 1e-4)]
)
def test_shares_are_numbers_or_per_cent(text: str, number: float) -> None:
    assert share(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["-1", "one", "", "nan", "inf", "%", "1e999", "1 %%"])
def test_other_shares_are_refused(text: str, command: Command) -> None:
    with pytest.raises(typer.BadParameter):
        share(text)
    assert command("run", WORKSHOP, "--gap", text).code == 2


def test_the_verdict_on_a_point_within_a_gap_says_the_gap(command: Command, tmp_path: Path) -> None:
    file = written(tmp_path / "split.json", market_split())
    content = command("run", file, "--gap", "900%", "--solver", "highs", "--json").content
    assert content["status"] == "limit"
    assert re.fullmatch(r"not verified, within a gap of [\d.]+ %", content["verdict"])
