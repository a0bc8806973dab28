from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nl2opt import Answer, Formulation, __version__
from tests.app.cases import (
    FAULTY,
    INDEXED,
    PROBLEM,
    ROWS,
    VARIABLES,
    WORKSHOP,
    market_split,
    one_variable,
    script,
    written,
)
from tests.app.conftest import Command


def test_version(command: Command) -> None:
    assert command("--version").out == f"nl2opt {__version__}\n"


def test_without_arguments_the_help_is_shown_and_nothing_else(command: Command) -> None:
    ended = command()
    assert ended.code == 2
    assert "solve" in ended.out
    assert "Exit codes" in ended.out
    assert ended.err == ""


@pytest.mark.parametrize(
    "name",
    [
        "solve",
        "formulate",
        "run",
        "check",
        "render",
        "describe",
        "diff",
        "change",
        "schema",
        "doctor",
        "llms",
        "llms list",
        "llms pull",
    ],
)
def test_every_command_has_a_help(command: Command, name: str) -> None:
    ended = command(*name.split(), "-h")
    assert (ended.code, ended.err) == (0, "")
    assert f"nl2opt {name}" in ended.out


@pytest.mark.parametrize("way", ["text", "file", "stdin", "file with a byte order mark"])
def test_solve_takes_the_problem_as_text_file_or_stdin(command: Command, tmp_path: Path, way: str) -> None:
    llm = script(tmp_path, INDEXED)
    file = tmp_path / "farm.txt"
    file.write_text(PROBLEM, encoding="utf-8-sig" if "mark" in way else "utf-8")
    argument = {"text": PROBLEM, "stdin": "-"}.get(way, str(file))
    ended = command("solve", argument, "--llm", llm, stdin=PROBLEM.encode())
    assert ended.code == 0
    assert "Maximum: $3,600" in ended.out
    assert "area[wheat]  4" in ended.out


def test_solve_asks_a_small_model_in_two_steps(command: Command, tmp_path: Path) -> None:
    ended = command("solve", PROBLEM, "--llm", script(tmp_path, VARIABLES, ROWS, style="scalar"), "--rounds", "0")
    assert ended.code == 0
    assert "Maximum: 3,600" in ended.out


def test_solve_keeps_the_run_with_its_trace(command: Command, tmp_path: Path) -> None:
    ended = command("solve", PROBLEM, "--llm", script(tmp_path, INDEXED), "--json")
    kept = Answer.load(ended.content["id"])
    assert kept.objective == 3600
    assert kept.problem == PROBLEM
    assert len(kept.trace.attempts) == 1


def test_solve_saves_the_answer_where_it_is_told(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "answer.json"
    command("solve", PROBLEM, "--llm", script(tmp_path, INDEXED), "--save", target)
    assert Answer.load(target).objective == 3600


def test_solve_takes_the_language_model_from_the_settings(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NL2OPT_LLM", script(tmp_path, INDEXED))
    assert command("solve", PROBLEM).code == 0


def test_formulate_writes_a_formulation_that_run_solves(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "farm.json"
    ended = command("formulate", PROBLEM, "--llm", script(tmp_path, INDEXED), "-o", target)
    assert (ended.code, ended.out) == (0, "")
    assert command("run", target, "--json").content["objective"] == 3600


def test_formulate_prints_the_formulation(command: Command, tmp_path: Path) -> None:
    ended = command("formulate", "-", "--llm", script(tmp_path, INDEXED), stdin=PROBLEM.encode())
    assert Formulation.from_json(ended.out).solve().objective == 3600


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_run_reads_a_file_or_stdin(command: Command, tmp_path: Path, encoding: str) -> None:
    content = WORKSHOP.read_text().encode(encoding)
    file = tmp_path / "workshop.json"
    file.write_bytes(content)
    for ended in (command("run", file), command("run", "-", stdin=content)):
        assert ended.code == 0
        assert "Maximum: $6,250" in ended.out
        assert "make[chair]  75" in ended.out


def test_run_with_cross_check_runs_the_pyomo_program(command: Command) -> None:
    evidence = command("run", WORKSHOP, "--cross-check", "--json").content["evidence"]
    assert [(item["name"], item["outcome"]) for item in evidence] == [
        ("point", "passed"),
        ("program_agreement", "passed"),
    ]


def test_run_saves_the_answer_where_it_is_told(command: Command, tmp_path: Path) -> None:
    command("run", WORKSHOP, "--save", tmp_path / "answer.json")
    assert Answer.load(tmp_path / "answer.json").objective == 6250


def test_check_of_a_sound_formulation(command: Command) -> None:
    ended = command("check", WORKSHOP)
    assert (ended.code, ended.out) == (0, "The formulation can be solved. 0 errors, 0 warnings.\n")


def test_check_lists_every_fault_at_once(command: Command, tmp_path: Path) -> None:
    ended = command("check", written(tmp_path / "faulty.json", FAULTY))
    assert ended.code == 4
    for place in ("`y`", "`limti`", "constraints.two", "parameters.limit"):
        assert place in ended.out
    assert ended.out.count("error: ") == 3
    assert ended.out.endswith("The formulation cannot be solved. 3 errors, 1 warning.\n")


@pytest.mark.parametrize(
    ("target", "sign"),
    [
        ("pyomo", "pyo.ConcreteModel"),
        ("highspy", "h = highspy.Highs()"),
        ("latex", r"\sum_{i \in \mathit{ITEM}}"),
        ("markdown", "# Workshop"),
    ],
)
def test_render(command: Command, tmp_path: Path, target: str, sign: str) -> None:
    printed = command("render", WORKSHOP, "--to", target).out
    assert sign in printed
    assert printed.endswith("\n")
    assert not printed.endswith("\n\n")
    assert command("render", WORKSHOP, "--to", target, "--output", tmp_path / "out").out == ""
    assert (tmp_path / "out").read_text() == printed


def test_render_writes_a_latex_document_that_stands_alone(command: Command) -> None:
    printed = command("render", WORKSHOP, "--to", "latex", "--standalone").out
    assert printed.startswith("\\documentclass{article}\n")
    assert printed.endswith("\\end{document}\n")


def test_render_writes_a_pyomo_program_if_nothing_else_is_wanted(command: Command) -> None:
    printed = command("render", WORKSHOP).out
    compile(printed, "program.py", "exec")
    assert "pyo.ConcreteModel" in printed


def test_schema_is_that_of_formulations(command: Command) -> None:
    schema = json.loads(command("schema").out)
    assert set(schema["required"]) == {"variables", "objective"}
    assert schema["additionalProperties"] is False


def test_progress_goes_to_stderr_and_quiet_silences_it(command: Command) -> None:
    loud, quiet = command("run", WORKSHOP, "--json"), command("run", WORKSHOP, "--json", "--quiet")
    assert loud.err == "solving the model\n"
    assert quiet.err == ""
    assert loud.content["values"] == quiet.content["values"]


@pytest.mark.parametrize(
    ("content", "word"),
    [(one_variable("x <= 1", "x >= 2"), "infeasible"), (one_variable(), "unbounded")],
)
def test_no_optimum_is_an_answer_with_exit_code_3(
    command: Command, tmp_path: Path, content: dict[str, Any], word: str
) -> None:
    file = written(tmp_path / "formulation.json", content)
    ended, page = command("run", file, "--json"), command("run", file)
    assert (ended.code, page.code) == (3, 3)
    assert (ended.content["status"], ended.content["values"]) == (word, None)
    assert ended.content["message"] in " ".join(page.out.split())


def test_at_a_time_limit_the_best_point_so_far_is_shown(command: Command, tmp_path: Path) -> None:
    file = written(tmp_path / "formulation.json", market_split())
    ended = command("run", file, "--time-limit", "2", "--json")
    assert (ended.code, ended.content["status"]) == (3, "limit")
    assert ended.content["objective"] >= ended.content["bound"]
    assert sum(ended.content["values"]["take"].values()) > 0
