from __future__ import annotations

import json
from pathlib import Path

from tests.app.cases import INDEXED, PROBLEM, WORKSHOP, script, written
from tests.app.conftest import Command

PROGRAM = """```python
import pyomo.environ as pyo

model = pyo.ConcreteModel()
model.wheat = pyo.Var(domain=pyo.NonNegativeReals)
model.maize = pyo.Var(domain=pyo.NonNegativeReals)
model.gain = pyo.Objective(expr=300 * model.wheat + 400 * model.maize, sense=pyo.maximize)
model.land = pyo.Constraint(expr=model.wheat + model.maize <= 10)
model.work = pyo.Constraint(expr=2 * model.maize <= 12)
pyo.SolverFactory("appsi_highs").solve(model)
```"""
NO_DIRECTIONS = json.dumps({"directions": []})


def outcomes(content: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {item["name"]: item["outcome"] for item in content["evidence"]}


def test_solve_verifies_its_answer(command: Command, tmp_path: Path) -> None:
    llm = script(tmp_path, INDEXED, NO_DIRECTIONS, PROGRAM)
    ended = command("solve", PROBLEM, "--llm", llm, "--json")
    assert (ended.code, ended.content["verdict"]) == (0, "verified")
    assert outcomes(ended.content)["independent_agreement"] == "passed"


def test_solve_says_which_rung_is_climbed(command: Command, tmp_path: Path) -> None:
    llm = script(tmp_path, INDEXED, NO_DIRECTIONS, PROGRAM)
    ended = command("solve", PROBLEM, "--llm", llm)
    assert "verifying the answer: an independent second model" in ended.err
    assert "Verdict: verified" in ended.out


def test_quick_asks_no_language_model_again(command: Command, tmp_path: Path) -> None:
    ended = command("solve", PROBLEM, "--llm", script(tmp_path, INDEXED), "--verify", "quick", "--json")
    assert ended.content["verdict"] == "checked"
    assert "asked_directions" not in outcomes(ended.content)


def test_another_language_model_may_judge(command: Command, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    second = script(tmp_path / "second", NO_DIRECTIONS, PROGRAM)
    ended = command("solve", PROBLEM, "--llm", script(tmp_path, INDEXED), "--llm2", second, "--json")
    assert ended.content["verdict"] == "verified"


def test_a_kept_run_is_verified_again(command: Command, tmp_path: Path) -> None:
    kept = command("solve", PROBLEM, "--llm", script(tmp_path, INDEXED), "--verify", "quick", "--json").content["id"]
    llm = script(tmp_path, NO_DIRECTIONS, PROGRAM)
    ended = command("verify", kept, "--llm", llm, "--json", "--save", tmp_path / "again.json")
    assert (ended.code, ended.content["verdict"]) == (0, "verified")
    assert command("show", tmp_path / "again.json", "--json").content["verdict"] == "verified"


def test_a_plan_gets_the_checks_of_the_solving_alone(command: Command) -> None:
    ended = command("verify", WORKSHOP, "--quiet")
    assert ended.code == 0
    assert "+ SCIP 10.0.2 reaches the same optimum ($6,250)." in ended.out or "reaches the same optimum" in ended.out
    assert "(there is no problem in words)" in " ".join(ended.out.split())


def test_the_newest_run_is_verified_by_its_name(command: Command, tmp_path: Path) -> None:
    command("solve", PROBLEM, "--llm", script(tmp_path, INDEXED), "--verify", "quick", "-q")
    ended = command("verify", "last", "--verify", "quick", "-q", "--json")
    assert (ended.code, ended.content["verdict"]) == (0, "checked")
    start = ended.content["id"][:-2]
    assert command("verify", start, "--verify", "quick", "-q", "--json").content["id"] == ended.content["id"]


def test_an_answer_that_cannot_be_written_is_shown(command: Command, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    ended = command("verify", WORKSHOP, "--quiet", "--save", tmp_path / "folder")
    assert ended.code == 2
    assert "The answer was not saved." in ended.err
    assert "$6,250" in ended.out


def test_a_plan_with_its_problem_gets_all(command: Command, tmp_path: Path) -> None:
    plan = written(tmp_path / "plan.json", INDEXED)
    text = tmp_path / "farm.txt"
    text.write_text(PROBLEM)
    llm = script(tmp_path, NO_DIRECTIONS, PROGRAM)
    ended = command("verify", plan, "--problem", text, "--llm", llm, "--json")
    assert ended.content["verdict"] == "verified"


def test_a_program_has_checks_of_its_own(command: Command, tmp_path: Path) -> None:
    for option in (("--verify", "quick"), ("--llm2", "local")):
        ended = command("solve", PROBLEM, "--llm", script(tmp_path, PROGRAM), "--route", "program", *option)
        assert ended.code == 2
        assert "this option is for formulations" in ended.err


def test_what_is_not_there_or_makes_no_sense_is_said_in_a_sentence(command: Command, tmp_path: Path) -> None:
    for arguments, words in (
        (("nowhere",), "There is no file and no run `nowhere`"),
        ((WORKSHOP, "--problem", "nowhere.txt"), "There is no file nowhere.txt"),
        ((WORKSHOP, "--verify", "quik"), "--verify"),
        ((written(tmp_path / "x.json", [1]),), "not a stored answer"),
    ):
        ended = command("verify", *arguments)
        assert ended.code == 2
        assert words in ended.err
        assert "Traceback" not in ended.err
