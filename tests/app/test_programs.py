from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import nl2opt
from nl2opt import Answer
from solvers.sandbox import Pool
from solvers.sandbox.inside.layers import SECCOMP
from tests.app.cases import INDEXED, PROBLEM, ROWS, VARIABLES, WORKSHOP, script
from tests.app.conftest import Command

PROGRAM = """\
import pyomo.environ as pyo

model = pyo.ConcreteModel()
model.area = pyo.Var(["wheat", "maize"], domain=pyo.NonNegativeReals)
model.gain = pyo.Objective(expr=300 * model.area["wheat"] + 400 * model.area["maize"], sense=pyo.maximize)
model.land = pyo.Constraint(expr=model.area["wheat"] + model.area["maize"] <= 10)
model.work = pyo.Constraint(expr=2 * model.area["maize"] <= 12)
pyo.SolverFactory("appsi_highs").solve(model)
print("the best gain is", pyo.value(model.gain))
"""
SAID = f"```python\n{PROGRAM}```"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "plan.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def test_run_says_how_the_program_ended_what_it_claims_and_what_was_found_outside(
    command: Command, program: Path
) -> None:
    ended = command("run", program)
    assert (ended.code, ended.err) == (0, "running the program\nsolving the model\n")
    assert "Maximum: 3,600" in ended.out
    assert "finished: The program came to its end." in ended.out
    assert "claimed by the program (Pyomo): optimal, 3,600" in ended.out
    assert "solved again outside the sandbox: optimal, 3,600, the same" in ended.out
    assert "the best gain is 3600" in ended.out
    assert "area[wheat]  4" in ended.out
    assert "import pyomo" not in ended.out


def test_run_gives_the_same_as_json_and_saves_it(command: Command, program: Path, tmp_path: Path) -> None:
    ended = command("run", program, "--json", "--quiet", "--save", tmp_path / "a.json")
    assert (ended.code, ended.err) == (0, "")
    content = ended.content
    assert (content["status"], content["objective"], content["route"]) == ("solved", 3600.0, "program")
    assert content["values"] == {"area": {"wheat": 4.0, "maize": 6.0}}
    assert content["program"] == PROGRAM
    run = content["program_run"]
    assert (run["kind"], run["claimed_objective"], run["solved_objective"], run["agrees"]) == (
        "finished", 3600.0, 3600.0, True,
    )  # fmt: skip
    assert Answer.load(tmp_path / "a.json").to_dict() == content


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("x = 1 / 0\n", 4, "Line 1, `x = 1 / 0`, stopped the program: ZeroDivisionError: division by zero."),
        ("print('hello')\n", 4, "left no model behind"),
        ("while True: pass\n", 4, "The program took longer than 0.5 seconds."),
        ("x = (\n", 4, "SyntaxError"),
        ("", 2, "The program is empty."),
        (PROGRAM.replace("<= 10", "<= -1"), 3, "These exclude each other"),
        ("open('/etc/passwd')\n", 4, "The data belong into the program itself."),
    ],
)
def test_run_of_a_program_that_fails_says_why(command: Command, program: Path, text: str, code: int, said: str) -> None:
    program.write_text(text, encoding="utf-8")
    ended = command("run", program, "--time-limit", "0.5")
    assert ended.code == code
    assert said in " ".join((ended.out + ended.err).split())


def test_a_program_that_cannot_be_read_is_said(command: Command, tmp_path: Path) -> None:
    ended = command("run", tmp_path / "none.py")
    assert (ended.code, ended.out) == (2, "")
    assert "none.py cannot be read (No such file or directory)." in ended.err
    (tmp_path / "latin.py").write_bytes(b"x = '\xe4'\n")
    ended = command("run", tmp_path / "latin.py")
    assert (ended.code, "is no text of a program" in ended.err) == (2, True)


def test_a_program_in_another_encoding_is_read_by_its_cookie(command: Command, program: Path) -> None:
    program.write_bytes(b"# -*- coding: latin-1 -*-\n" + PROGRAM.encode() + b"print('\xe4')\n")
    ended = command("run", program, "-q")
    assert (ended.code, "  ä\n" in ended.out) == (0, True)


@pytest.mark.parametrize("option", ["--sensitivity", "--conflict", "--cross-check"])
def test_options_for_formulations_are_refused_on_the_program_route(command: Command, option: str) -> None:
    ended = command("solve", PROBLEM, "--route", "program", option)
    assert (ended.code, f"Invalid value for {option}: this option is for formulations" in ended.err) == (2, True)


@pytest.mark.parametrize(
    "option", [["--gap", "1%"], ["--cross-check"], ["--sensitivity"], ["--pool", "2"], ["--conflict"]]
)
def test_options_for_formulations_are_refused_for_programs(command: Command, program: Path, option: list[str]) -> None:
    ended = command("run", program, *option)
    assert ended.code == 2
    assert f"Invalid value for {option[0]}: this option is for formulations" in ended.err


def test_a_formulation_needs_no_leave_to_run(command: Command) -> None:
    ended = command("run", WORKSHOP, "--unsafe-no-sandbox")
    assert (ended.code, "a formulation is no program" in ended.err) == (2, True)


def test_without_a_sandbox_nothing_is_run_until_it_is_asked_for(
    command: Command, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(source: str, *, unsafe_no_sandbox: bool = False, **options: object) -> object:
        with Pool(without=frozenset({SECCOMP}), unsafe_no_sandbox=unsafe_no_sandbox) as pool:
            return pool.run(source)

    monkeypatch.setattr("nl2opt.api.run_in_sandbox", none)
    ended = command("run", program)
    assert ended.code == 2
    assert "It was not run. Read it first, then run it with `--unsafe-no-sandbox`" in ended.err
    ended = command("run", program, "--unsafe-no-sandbox")
    assert (ended.code, "isolation none" in ended.out) == (0, True)


# -- solve --------------------------------------------------------------------------------------------


def test_solve_by_a_program_shows_program_and_progress(command: Command, tmp_path: Path) -> None:
    llm = script(tmp_path, SAID.replace("pyo.Var(", "pyo.Varr("), SAID)
    ended = command("solve", PROBLEM, "--llm", llm, "--route", "program")
    assert ended.code == 0
    assert "Maximum: 3,600" in ended.out
    assert "  import pyomo.environ as pyo\n" in ended.out
    assert "Verdict: checked, 1 assumption" in ended.out
    assert ended.err.startswith("writing a program\nrunning the program\nmending the program, attempt 2: Line 4, ")


def test_solve_by_both_routes_compares_them(command: Command, tmp_path: Path) -> None:
    llm = script(tmp_path, INDEXED, SAID)
    ended = command("solve", PROBLEM, "--llm", llm, "--route", "both", "--json")
    assert ended.code == 0
    assert (ended.content["route"], ended.content["verdict"]) == ("both", "verified")
    assert ended.content["program_run"]["text"] == PROGRAM
    assert {item["name"]: item["outcome"] for item in ended.content["evidence"]}["independent_agreement"] == "passed"


def test_solve_without_a_route_writes_a_formulation(command: Command, tmp_path: Path) -> None:
    ended = command(
        "solve", PROBLEM, "--llm", script(tmp_path, VARIABLES, ROWS, style="scalar"), "--rounds", "0", "--json"
    )
    assert (ended.content["route"], ended.content["program_run"]) == ("formulation", None)


def test_solve_without_a_usable_program_ends_in_a_message(command: Command, tmp_path: Path) -> None:
    ended = command("solve", PROBLEM, "--llm", script(tmp_path, "no", "no"), "--route", "program", "--rounds", "1")
    assert ended.code == 4
    assert "wrote no program that comes to a solution in 2 attempts" in " ".join(ended.out.split())
    assert "Traceback" not in ended.out + ended.err


def test_an_unknown_route_is_refused(command: Command) -> None:
    ended = command("solve", PROBLEM, "--route", "programm")
    assert ended.code == 2
    with pytest.raises(nl2opt.SettingsError, match="Did you mean 'program'"):
        nl2opt.solve(PROBLEM, route="programm")
    with pytest.raises(nl2opt.SettingsError, match="A formulation is told on the route `program` only"):
        nl2opt.solve(PROBLEM, formulation=nl2opt.Formulation.from_dict(INDEXED))


def test_the_python_door_takes_text_and_paths(program: Path) -> None:
    for given in (PROGRAM, program, str(program)):
        answer = nl2opt.run_program(given, time_limit=20)
        assert (answer.objective, answer.program) == (3600.0, PROGRAM)
    with pytest.raises(OSError, match=r"none\.py"):
        nl2opt.run_program("none.py")


# -- processes ----------------------------------------------------------------------------------------


def test_nothing_is_left_behind(start: Callable[..., subprocess.Popen[str]], program: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = start("run", program, "--quiet", env={**os.environ, "TMPDIR": str(temporary)})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "Maximum: 3,600" in out
    assert list(temporary.iterdir()) == []


def test_an_endless_program_is_stopped_by_ctrl_c(start: Callable[..., subprocess.Popen[str]], program: Path) -> None:
    program.write_text("while True: pass\n", encoding="utf-8")
    process = start("run", program)
    assert process.stderr is not None
    assert process.stderr.readline() == "running the program\n"
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "Interrupted.\n")
