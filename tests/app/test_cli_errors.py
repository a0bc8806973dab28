from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

import nl2opt
from app.cli import _guarded
from nl2opt import Answer, Formulation
from tests.app.cases import INDEXED, PROBLEM, WORKSHOP, one_variable, script, written
from tests.app.conftest import Command


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("frobnicate",), "No such command 'frobnicate'. See: nl2opt --help\n"),
        (("run",), "Missing argument 'FORMULATION.json|PROGRAM.py'. See: nl2opt run --help\n"),
        (("run", "--fast", "x"), "No such option: --fast"),
        (("llms", "list", "all"), "unexpected extra argument(s) (all). See: nl2opt llms list --help\n"),
        (("run", "x", "--time-limit", "-1"), "Invalid value for '--time-limit'"),
        (("run", "x", "--time-limit", "nan"), "Invalid value for '--time-limit'"),
        (("solve", PROBLEM, "--rounds", "many"), "Invalid value for '--rounds'"),
        (("render", "x", "--to", "gams"), "Invalid value for '--to'"),
        (("render", "x", "--standalone"), "Invalid value for --standalone: only a LaTeX document stands alone"),
        (("solve", PROBLEM, "--route", "progam"), "Invalid value for '--route': 'progam' is not one of"),
    ],
)
def test_a_wrong_command_line_is_said_in_one_line(command: Command, arguments: tuple[str, ...], message: str) -> None:
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("argument", "stdin", "message"),
    [
        ("", b"", "There is no text."),
        (" \n ", b"", "There is no text."),
        ("-", b"", "There is no text."),
        ("-", b"\xff\xfe\x00", "stdin is not a text in UTF-8."),
        ("-", b"x " * 6_000_000, "stdin is too long"),
        ("-", b"word " * 40_000, "characters; at most 100,000 can be read"),
        ("word " * 40_000, b"", "characters; at most 100,000 can be read"),
        ("caf\udce9 sells 3 cakes", b"", "The problem is not text in UTF-8."),
        ("nothing.txt", b"", "There is no file nothing.txt"),
        ("bakery", b"", "There is no file bakery, and one word is not a problem"),
        ("my bakery.txt", b"", "There is no file my bakery.txt."),
        ("binary.txt", b"", "binary.txt is not a text in UTF-8."),
        ("folder", b"", "folder is a folder"),
        ("plan.json", b"", "Solve it with: nl2opt run plan.json"),
    ],
)
@pytest.mark.parametrize("name", ["solve", "formulate"])
def test_what_is_no_problem_in_words_is_refused_before_anything_is_asked(
    command: Command, folder: Path, name: str, argument: str, stdin: bytes, message: str
) -> None:
    llm = script(folder, INDEXED)
    ended = command(name, argument, "--llm", llm, stdin=stdin)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with files that are no problems in words."""
    monkeypatch.chdir(tmp_path)
    Path("binary.txt").write_bytes(bytes(range(256)))
    Path("folder").mkdir()
    written(Path("plan.json"), INDEXED)
    return tmp_path


def test_a_sentence_in_a_script_without_spaces_is_a_problem(command: Command, tmp_path: Path) -> None:
    assert command("solve", "一家農場種小麥和玉米10公頃", "--llm", script(tmp_path, INDEXED), "--rounds", "0").code == 0


@pytest.mark.parametrize("name", ["run", "check", "render"])
@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("nothing.json", "nothing.json cannot be read (No such file or directory)."),
        ("folder", "folder cannot be read (Is a directory)."),
        ("binary.txt", "binary.txt is not a text file."),
    ],
)
def test_a_formulation_that_cannot_be_read_is_named(
    command: Command, folder: Path, name: str, argument: str, message: str
) -> None:
    ended = command(name, argument)
    assert (ended.code, ended.out, ended.err) == (2, "", message + "\n")


def test_run_says_every_fault_of_a_formulation(command: Command, tmp_path: Path) -> None:
    ended = command("run", written(tmp_path / "f.json", one_variable("x <= a", "x <= b")))
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("The formulation cannot be solved:\nerror: constraints.row_0")
    assert "error: constraints.row_1" in ended.err


@pytest.mark.parametrize(
    ("library", "row", "mend"),
    [
        ("highspy", "x ** 2 <= 5", "Render it to pyomo."),
        ("pyomo", "either(x <= 1, x >= 3)", "Render it to pyscipopt."),
    ],
)
def test_what_a_library_cannot_say_is_no_fault_of_the_formulation(
    library: str, row: str, mend: str, command: Command, tmp_path: Path
) -> None:
    ended = command("render", written(tmp_path / "f.json", one_variable(row)), "--to", library)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith(f"The formulation cannot be rendered to {library}:\nerror: constraints.row_0")
    assert mend in ended.err


@pytest.mark.parametrize("name", ["run", "solve"])
def test_an_unknown_solver_is_noticed_before_anything_is_done(command: Command, folder: Path, name: str) -> None:
    subject = {"run": "plan.json", "solve": PROBLEM}[name]
    options = ("--llm", script(folder)) if name == "solve" else ()
    ended = command(name, subject, "--solver", "higs", *options)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("There is no solver `higs`; there are: auto, highs, ")
    assert ended.err.endswith(". Did you mean `highs`?\n")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("NL2OPT_ROUNDS", "many", "the environment variable NL2OPT_ROUNDS"),
        ("NL2OPT_LLM", "lokal", "Did you mean `local`?"),
        ("NL2OPT_CONFIG", "/nowhere/config.toml", "NL2OPT_CONFIG names /nowhere/config.toml, which does not exist."),
    ],
)
def test_settings_that_make_no_sense_are_named(
    command: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    ended = command("solve", PROBLEM)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_an_address_without_an_endpoint_to_use_it_is_refused(command: Command) -> None:
    ended = command("solve", PROBLEM, "--llm-base-url", "http://localhost:8000/v1")
    assert ended.code == 2
    assert "Add --llm openai:MODEL." in ended.err


def test_a_language_model_that_does_not_answer_has_an_exit_code_of_its_own(command: Command) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        ended = command("formulate", PROBLEM, "--llm", "openai:small", "--llm-base-url", address)
    assert (ended.code, ended.out) == (5, "")
    assert f"Nothing answers at {address}" in ended.err.splitlines()[-1]


@pytest.mark.parametrize("as_json", [False, True])
def test_an_answer_that_cannot_be_saved_is_still_printed(command: Command, tmp_path: Path, as_json: bool) -> None:
    (tmp_path / "file").touch()
    for arguments in (("run", WORKSHOP), ("solve", PROBLEM, "--llm", script(tmp_path, INDEXED))):
        ended = command(*arguments, "--save", tmp_path / "file" / "answer.json", *(["--json"] if as_json else []))
        assert ended.code == 2
        assert "The answer was not saved. " in ended.err
        if as_json:
            assert ended.content["status"] == "solved"
        else:
            assert "Maximum: $" in ended.out


def test_half_a_character_in_a_formulation_is_refused(command: Command, tmp_path: Path) -> None:
    formulation = {**one_variable("x <= 1"), "title": "\ud800"}
    ended = command("run", written(tmp_path / "f.json", formulation))
    assert ended.code == 4
    assert "half a character" in ended.err


def test_a_run_that_cannot_be_kept_is_a_warning(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NL2OPT_RUNS_DIR", str(tmp_path / "file" / "runs"))
    ended = command("solve", PROBLEM, "--llm", script(tmp_path, INDEXED), "--json")
    assert (ended.code, ended.content["objective"]) == (0, 3600)
    assert "Warning: the run could not be kept." in ended.err


@pytest.mark.parametrize("name", ["formulate", "render"])
def test_a_result_that_cannot_be_written_is_printed_instead(command: Command, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    arguments = {"formulate": (PROBLEM, "--llm", script(tmp_path, INDEXED)), "render": (WORKSHOP,)}[name]
    wanted = command(name, *arguments).out
    ended = command(name, *arguments, "-o", tmp_path / "file" / "out")
    assert (ended.code, ended.out) == (2, wanted)
    assert "The result was printed instead." in ended.err


def test_a_disk_that_is_full_leaves_no_half_file(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    ended = command("run", WORKSHOP, "--save", tmp_path / "answer.json")
    assert "No space left on device" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_foresaw_becomes_a_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> Answer:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(nl2opt, "run", fail)
    ended = command("run", WORKSHOP)
    assert (ended.code, ended.out) == (1, "")
    assert "nobody foresaw (ZeroDivisionError: division by zero). Set NL2OPT_DEBUG=1" in ended.err
    assert command("run", WORKSHOP, "--json").content["exit_code"] == 1


def test_what_nobody_foresaw_is_raised_for_those_who_look_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> Formulation:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(Formulation, "from_json", fail)
    monkeypatch.setenv("NL2OPT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        _guarded(["run", str(WORKSHOP)])


def test_stdin_that_is_closed_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert _guarded(["run", "-"]) == 2
    assert capsys.readouterr().err == "There is no stdin to read from.\n"


def test_control_characters_do_not_reach_the_terminal(command: Command, tmp_path: Path) -> None:
    formulation = one_variable("x <= 1")
    formulation["variables"][0]["description"] = "\x1b[2J wiped"
    ended = command("run", written(tmp_path / "f.json", formulation))
    assert "\ufffd[2J wiped" in ended.out
    assert "\x1b" not in ended.out
