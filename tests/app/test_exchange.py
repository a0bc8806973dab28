from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.cases import WORKSHOP, one_variable, written
from tests.app.conftest import Command


def test_run_exports_to_every_format_and_still_prints_the_answer(command: Command, tmp_path: Path) -> None:
    files = [tmp_path / f"plan.{ending}" for ending in ("lp", "mps", "json", "csv", "xlsx")]
    ended = command("run", WORKSHOP, "-q", *(part for file in files for part in ("--export", file)))
    assert (ended.code, ended.err) == (0, "")
    assert "Maximum: $6,250" in ended.out
    assert all(file.stat().st_size for file in files)
    assert json.loads(files[2].read_text())["objective"] == 6250
    assert "make,chair,75" in files[3].read_text()


def test_an_unknown_ending_is_refused_before_anything_is_solved(command: Command, tmp_path: Path) -> None:
    ended = command("run", WORKSHOP, "--export", tmp_path / "plan.lp", "--export", tmp_path / "plan.pdf")
    assert (ended.code, ended.out) == (2, "")
    assert "plan.pdf does not end in one of .lp, .mps, .json, .csv, .xlsx" in ended.err
    assert not list(tmp_path.iterdir())


def test_what_could_not_be_exported_is_said_beside_the_answer(command: Command, tmp_path: Path) -> None:
    blocked = written(tmp_path / "file", {}) / "plan.csv"
    ended = command("run", WORKSHOP, "-q", "--json", "--export", blocked, "--export", tmp_path / "plan.csv")
    assert ended.code == 2
    assert ended.content["status"] == "solved"
    assert "plan.csv was not written." in ended.err
    assert (tmp_path / "plan.csv").exists()


def test_an_infeasible_model_is_exported_without_values(command: Command, tmp_path: Path) -> None:
    plan = written(tmp_path / "plan.json", one_variable("x <= 1", "x >= 2"))
    ended = command("run", plan, "-q", "--export", tmp_path / "a.csv", "--export", tmp_path / "a.lp")
    assert ended.code == 3
    assert "a.csv was not written. There are no values to export." in ended.err
    assert (tmp_path / "a.lp").exists()
    assert not (tmp_path / "a.csv").exists()


def test_an_imported_model_runs(command: Command, tmp_path: Path) -> None:
    command("run", WORKSHOP, "-q", "--export", tmp_path / "old.mps")
    ended = command("import", tmp_path / "old.mps", "-o", tmp_path / "plan.json")
    assert (ended.code, ended.out) == (0, "")
    assert "plan.json was written: a formulation with 1 set, 1 variable and 2 constraints, maximized." in ended.err
    assert command("run", tmp_path / "plan.json", "--json").content["objective"] == 6250
    assert "Maximise" in command("describe", tmp_path / "plan.json").out
    assert command("run", "-", "--json", stdin=command("import", tmp_path / "old.mps").out.encode()).code == 0


def test_import_says_what_the_file_leaves_open(command: Command, tmp_path: Path) -> None:
    (tmp_path / "old.mps").write_text(
        "NAME\nROWS\n N c\n G r\nCOLUMNS\n M 'MARKER' 'INTORG'\n x c 1 r 1\nRHS\nENDATA\n"
    )
    ended = command("import", tmp_path / "old.mps")
    assert ended.code == 0
    assert ended.err.startswith("Note: Integer columns without bounds in the file lie within 0 and 1")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("old.lp", "min\n o: x y\nend\n", "old.lp, line 2: a sign or a comparison is missing before `y`."),
        ("old.txt", "min", "old.txt does not end in .lp or .mps"),
        ("old.mps", "", "old.mps is empty."),
    ],
)
def test_a_file_that_cannot_be_imported_is_wrong_use(
    command: Command, tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    ended = command("import", tmp_path / name)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "larger than 0 MB" in command("import", written(tmp_path / "big.lp", {}), "--max-megabytes", "0").err


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", WORKSHOP, "--export"),
        ("describe", WORKSHOP, "-o"),
        ("show", "x", "--export"),
    ],
)
def test_a_folder_that_is_not_there_is_said_before_anything_is_solved(
    command: Command, tmp_path: Path, arguments: tuple[str | Path, ...]
) -> None:
    ended = command(*arguments, tmp_path / "none" / "plan.json")
    assert (ended.code, ended.out) == (2, "")
    assert f"The folder {tmp_path / 'none'} does not exist" in ended.err
    assert not (tmp_path / "none").exists()


def job_shop() -> dict[str, Any]:
    """Three jobs of 3, 2 and 4 on one machine, and a set-up of 1 that costs 2 to be spared: the best is 9 + 1."""
    return {
        "title": "Shop",
        "sets": [{"name": "JOB", "elements": ["a", "b", "c"]}],
        "parameters": [{"name": "hours", "index": ["JOB"], "value": {"a": 3, "b": 2, "c": 4}}],
        "variables": [
            {"name": "start", "index": ["JOB"], "domain": "integer", "upper": 20},
            {"name": "end", "domain": "integer", "upper": 30},
            {"name": "on", "domain": "binary"},
            {"name": "setup", "domain": "continuous", "upper": 5},
        ],
        "objective": {"sense": "minimize", "expression": "end + setup + 2 * on"},
        "constraints": [
            {"name": "machine", "expression": "no_overlap((start[j], hours[j]) for j in JOB)"},
            {"name": "last", "expression": "start[j] + hours[j] <= end for j in JOB"},
            {"name": "cold", "expression": "implies(on == 0, setup >= 1)"},
            {"name": "order", "expression": "either(start['a'] >= 2, start['b'] >= 3)"},
        ],
    }


@pytest.mark.parametrize("suffix", ["lp", "mps"])
def test_a_job_shop_comes_back_from_a_model_file_with_the_same_optimum(
    command: Command, tmp_path: Path, suffix: str
) -> None:
    plan = written(tmp_path / "shop.json", job_shop())
    file, back = tmp_path / f"shop.{suffix}", tmp_path / "back.json"
    content = command("run", plan, "--json", "--export", file).content
    assert content["objective"] == 10
    assert "pyscipopt" in content["program"]
    ended = command("import", file, "-o", back)
    assert ended.code == 0
    assert ended.err.startswith(f"{back} was written: a formulation with ")
    assert command("run", back, "--json").content["objective"] == 10
