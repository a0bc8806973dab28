from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from app import attaching
from tests.app.cases import PROBLEM, script
from tests.app.conftest import Command
from tests.nl2opt.tables.plants import CITIES, OPTIMUM, PLANTS, plan, tables
from tests.nl2opt.tables.plants import PROBLEM as SHIPPING

MISSING: dict[str, Any] = {
    "parameters": [
        {"name": "land", "value": 10, "unit": "ha"},
        {"name": "gain", "value": 300},
        {"name": "capacity", "missing": True, "unit": "t", "description": "what the barn holds"},
    ],
    "variables": [{"name": "wheat", "domain": "continuous", "lower": 0}],
    "objective": {"sense": "maximize", "expression": "gain * wheat"},
    "constraints": [
        {"name": "land_limit", "expression": "wheat <= land"},
        {"name": "barn", "expression": "2 * wheat <= capacity"},
    ],
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Write the tables of the plants: CSV, a workbook, Parquet."""
    content = tables()
    pd.DataFrame(content["plants"]).to_csv(tmp_path / "plants.csv", index=False)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "need 2026"
    for row in zip(("city", *CITIES), ("need [t]", *content["cities"]["need [t]"]), strict=True):
        sheet.append(row)
    book.save(tmp_path / "week48.xlsx")
    pd.DataFrame(content["prices"]).to_parquet(tmp_path / "prices.parquet")
    (tmp_path / "plan.json").write_text(json.dumps(plan()))
    return tmp_path


def data(files: Path) -> list[str]:
    return [
        "--data",
        f"{files}/plants.csv",
        "--data",
        f"cities={files}/week48.xlsx",
        "--data",
        f"{files}/prices.parquet",
    ]


def test_a_problem_with_files_is_solved_and_its_plan_runs_again(command: Command, files: Path) -> None:
    llm = script(files, json.dumps(plan()))
    solved = command("solve", SHIPPING, "--llm", llm, *data(files), "--plan", files / "new.json", "-q")
    assert (solved.code, solved.err) == (0, "")
    assert f"Minimum: ${OPTIMUM:,.0f}" in solved.out
    assert "Table cities: 5 rows, 2 columns, from week48.xlsx!need 2026." in solved.out
    assert "Paris" not in (files / "new.json").read_text()
    again = command("run", files / "new.json", *data(files), "--json")
    assert again.code == 0
    assert again.content["objective"] == pytest.approx(OPTIMUM)


def test_a_formulation_is_written_with_bindings_only(command: Command, files: Path) -> None:
    llm = script(files, json.dumps(plan()))
    ended = command("formulate", SHIPPING, "--llm", llm, *data(files), "-q")
    assert ended.code == 0
    written = json.loads(ended.out)
    assert written["sets"][0]["table"] == "plants"
    assert "elements" not in written["sets"][0]
    assert not any(name in ended.out for name in (*PLANTS, *CITIES))


def test_a_name_that_fits_no_table_gets_a_suggestion(command: Command, files: Path) -> None:
    named = [argument.replace("cities=", "citys=") for argument in data(files)]
    ended = command("run", files / "plan.json", *named)
    assert ended.code == 4
    assert "no table `cities` is attached. Did you mean `citys`?" in ended.err


def test_one_table_is_taken_for_the_one_that_is_needed(command: Command, files: Path) -> None:
    content = plan(
        sets=[{"name": "PLANT", "table": "week47", "column": "plant"}],
        parameters=[{"name": "supply", "index": ["PLANT"], "table": "week47", "column": "supply", "keys": ["plant"]}],
        variables=[{"name": "send", "index": ["PLANT"], "domain": "continuous", "lower": 0}],
        objective={"sense": "maximize", "expression": "sum(send[p] for p in PLANT)"},
        constraints=[{"name": "has", "expression": "send[p] <= supply[p] for p in PLANT"}],
    )
    (files / "p.json").write_text(json.dumps(content))
    ended = command("run", files / "p.json", "--data", files / "plants.csv", "--json")
    assert ended.content["objective"] == 1083
    assert (
        "The table plants was taken for `week47`, since it has the columns that are needed."
        in ended.content["data_notes"]
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [("plnts.csv", "there is no file .*plnts.csv. Did you mean `plants.csv`?"), ("plan.doc", "no file of tables")],
)
def test_a_file_that_cannot_be_read_is_told(command: Command, files: Path, name: str, words: str) -> None:
    ended = command("run", files / "plan.json", "--data", files / name)
    assert ended.code == 2
    assert ended.err.casefold().count("\n") == 1
    import re

    assert re.search(words.replace("?", r"\?"), ended.err, re.IGNORECASE)


def test_tables_says_what_was_read_and_what_is_shown(command: Command, files: Path) -> None:
    ended = command("tables", files / "plants.csv", "--private", "supply")
    assert ended.code == 0
    assert "Table plants: 4 rows, 2 columns, from plants.csv." in ended.out
    assert "A language model would be shown exactly this:" in ended.out
    assert '"private": true' in ended.out
    assert "Quimper" not in ended.out
    assert command("tables", files / "plants.csv", "--json").content["shown"].count("Lyon") == 1


def test_render_describe_and_check_take_data(command: Command, files: Path) -> None:
    assert 'CITY = ["Paris", "Lille"' in command("render", files / "plan.json", *data(files)).out
    bare = command("render", files / "plan.json")
    assert bare.code == 4
    assert "the table `plants` is not attached" in bare.err
    assert "(not attached)" in command("render", files / "plan.json", "--to", "markdown").out
    assert "which is not attached" in command("describe", files / "plan.json").out
    assert "is 300 for Lyon" in command("describe", files / "plan.json", *data(files)).out
    assert command("check", files / "plan.json", *data(files)).code == 0
    assert command("check", files / "plan.json").code == 4


def test_missing_numbers_are_listed_and_can_be_given(command: Command, files: Path) -> None:
    llm = script(files, json.dumps(MISSING), json.dumps(MISSING))
    asked = command("solve", PROBLEM, "--llm", llm, "--rounds", "0", "--template", files / "fill.json", "-q")
    assert asked.code == 4
    assert "? capacity in t: what the barn holds" in asked.out
    assert '"capacity": null' in asked.out
    assert json.loads((files / "fill.json").read_text()) == {"values": {"capacity": None}}
    (files / "m.json").write_text(json.dumps(MISSING))
    assert command("run", files / "m.json", "--set", "capacity=8", "--json").content["objective"] == 1200
    (files / "fill.json").write_text('{"values": {"capacity": 6}}')
    assert command("run", files / "m.json", "--data", files / "fill.json", "--json").content["objective"] == 900
    (files / "fill.csv").write_text("parameter,index,value,unit\ncapacity,,4,t\n")
    assert command("run", files / "m.json", "--data", files / "fill.csv", "--json").content["objective"] == 600
    given = command("run", files / "m.json", "--set", "capasity=8")
    assert "there is no parameter `capasity` to give a value to. Did you mean `capacity`?" in given.err
    assert command("run", files / "m.json", "--json").content["missing"][0]["name"] == "capacity"


def test_at_a_terminal_each_number_is_asked_for(command: Command, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "_is_terminal", lambda: True)
    (files / "m.json").write_text(json.dumps(MISSING))
    ended = command("run", files / "m.json", stdin=b"much\n8\n")
    assert ended.code == 0
    assert "capacity in t: what the barn holds" in ended.err
    assert "`much` is no number" in ended.err
    assert "Maximum: 1,200" in ended.out


def test_a_formulation_with_missing_numbers_is_written_all_the_same(command: Command, files: Path) -> None:
    llm = script(files, json.dumps(MISSING), json.dumps(MISSING))
    ended = command("formulate", PROBLEM, "--llm", llm, "--rounds", "0", "-q")
    assert ended.code == 4
    assert json.loads(ended.out)["parameters"][2]["missing"] is True
    assert "capacity in t" in ended.err


def test_an_answer_is_not_lost_where_a_file_beside_it_cannot_be_written(
    command: Command, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files / "folder").mkdir()
    (files / "m.json").write_text(json.dumps(MISSING))
    ended = command("run", files / "m.json", "--template", files / "folder")
    assert "the list of missing numbers was not written" in ended.err
    assert "capacity in t" in ended.out
    llm = script(
        files, json.dumps({**MISSING, "parameters": [*MISSING["parameters"][:2], {"name": "capacity", "value": 8}]})
    )
    ended = command("solve", PROBLEM, "--llm", llm, "--plan", files / "folder", "-q", "--verify", "quick")
    assert ended.code == 2
    assert "The plan was not written." in ended.err
    assert "Maximum: 1,200" in ended.out
    monkeypatch.setattr(attaching, "_is_terminal", lambda: True)
    ended = command("run", files / "m.json", stdin=b"[1, 2]\n")
    assert "Warning: with these numbers it cannot be solved." in ended.err
    assert "capacity in t" in ended.out


def test_what_was_run_is_the_last_run(command: Command, files: Path) -> None:
    command("run", files / "plan.json", *data(files), "-q")
    shown = command("show", "last")
    assert "Table plants: 4 rows" in shown.out
    assert command("what-if", "last", "need up 10 %", "-q").code == 0
    assert "What is decided" in command("explain", "last").out


@pytest.mark.parametrize("words", [("explain",), ("what-if", "need=3"), ("compare", "--plan", "x.csv"), ("verify",)])
def test_commands_without_tables_say_what_to_do_first(command: Command, files: Path, words: tuple[str, ...]) -> None:
    ended = command(words[0], files / "plan.json", *words[1:])
    assert ended.code == 2
    assert "nl2opt run PLAN --data FILE" in ended.err
    assert "data={" not in ended.err


def test_a_value_that_is_given_is_not_said_to_be_of_its_table(command: Command, files: Path) -> None:
    ended = command("run", files / "plan.json", *data(files), "--set", "need=[1, 2, 3, 4, 5]", "-q")
    assert "parameter need[CITY] = [1, 2, 3, 4, 5]" in ended.out
    assert "parameter supply[PLANT] = from the table plants" in ended.out


def test_wrong_use_is_told(command: Command, files: Path) -> None:
    assert "has no `=`" in command("run", files / "plan.json", "--set", "capacity").err
    assert "is no number" in command("run", files / "plan.json", "--set", "capacity=much").err
    (files / "p.py").write_text("x = 1")
    assert "takes no tables" in command("run", files / "p.py", "--data", files / "plants.csv").err
    assert "`,` or `.`" in command("run", files / "plan.json", "--data", files / "plants.csv", "--decimal", "x").err


def test_the_command_tables_has_a_help(command: Command) -> None:
    ended = command("tables", "-h")
    assert ended.code == 0
    assert "--private" in ended.out


def test_damaged_files_are_told_and_not_traced(command: Command, files: Path) -> None:
    (files / "bad.xlsx").write_bytes(b"PK\x03\x04 nothing")
    ended = command("tables", files / "bad.xlsx", files / "plants.csv")
    assert ended.code == 2
    assert ended.err.startswith("bad.xlsx cannot be read as a workbook")
