from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.cases import INDEXED, PROBLEM, WORKSHOP, one_variable, script, written
from tests.app.conftest import Command, Ended


def changes(*items: object) -> dict[str, object]:
    return {"changes": list(items)}


def few(number: int, name: str = "few_tables", sign: str = "<=") -> dict[str, object]:
    value = {"name": name, "expression": f"make['table'] {sign} {number}"}
    return changes({"kind": "add", "path": "constraints", "value": value})


def kept_id(ended: Ended) -> str:
    """Return the id in `Kept as ID.`."""
    return ended.err.rpartition("Kept as ")[2].strip().rstrip(".")


def test_explain_says_a_formulation_and_a_run_in_plain_words(command: Command) -> None:
    ended = command("explain", WORKSHOP, "-q")
    assert (ended.code, ended.err) == (0, "")
    assert "- Items made (`make`): chair 75, table 50." in ended.out
    command("what-if", WORKSHOP, "hours=440")
    assert "chair 85, table 54" in command("explain", "last").out
    content = command("explain", "last", "--json").content
    assert content["sections"][0]["title"] == "What is decided"
    assert all(number["place"] for number in content["numbers"])


def test_explain_takes_no_invented_number_from_a_language_model(command: Command, tmp_path: Path) -> None:
    llm = script(tmp_path, {"text": "You make 76 chairs."}, {"text": "You make 75 chairs."})
    assert command("explain", WORKSHOP, "--llm", llm, "-q").out == "You make 75 chairs.\n"
    llm = script(tmp_path, {"text": "You make 76 chairs."}, {"text": "You make 77 chairs."})
    ended = command("explain", WORKSHOP, "--llm", llm, "-q")
    assert "Items made" in ended.out
    assert "`77`" in ended.out


def test_what_if_changes_solves_compares_and_keeps(command: Command) -> None:
    ended = command("what-if", WORKSHOP, "hours=440", "profit[chair] up 10 %", "--without", "share_of_tables")
    assert ended.code == 0
    assert "- labour: hours 400 -> 440 h" in ended.out
    assert "The objective: $6,250 -> $7,260 (+$1,010, +16.2 %, better)." in ended.out
    run = kept_id(ended)
    content = command("show", run, "--json").content
    assert content["objective"] == 7260
    assert len(content["changes"]) == 3
    again = command("what-if", run[:-1], "with share_of_tables", "--json").content
    assert again["before"] == run
    assert again["answer"]["parent"] == run


def test_what_if_shows_a_table_of_scenarios(command: Command) -> None:
    ended = command("what-if", WORKSHOP, "hours=[400, 440, 480]", "-q")
    assert (ended.code, ended.err) == (0, "")
    assert [line.split()[1] for line in ended.out.splitlines()] == ["objective", "$6,250", "$6,870", "$7,500"]
    assert command("what-if", "last", "hours=[1, 2]", "--save", "x.json").code == 2


def test_what_if_exits_by_what_happened(command: Command, tmp_path: Path) -> None:
    assert command("what-if", WORKSHOP, "--without", "labour", "-q").code == 3
    saved = tmp_path / "answer.json"
    assert command("what-if", WORKSHOP, "hours=440", "--save", saved, "-q").code == 0
    assert command("explain", saved).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["houers=3"], "Did you mean `hours`?"),
        (["hours=many"], "`many` is no number"),
        ([], "Nothing is to be changed"),
        (["hours=3", "hours=4"], "Say it once"),
        (["--without", "labor"], "Did you mean `labour`?"),
    ],
)
def test_what_cannot_be_changed_is_said_without_a_traceback(command: Command, words: list[str], said: str) -> None:
    ended = command("what-if", WORKSHOP, *words, "-q")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert command("what-if", WORKSHOP, *words, "--json").content["exit_code"] == 2


def test_revise_turns_a_wish_into_changes(command: Command, tmp_path: Path) -> None:
    ended = command("revise", WORKSHOP, "at most 30 tables", "--llm", script(tmp_path, few(30)))
    assert ended.code == 0
    assert "- added constraint few_tables: make['table'] <= 30" in ended.out
    assert "The objective: $6,250 -> $6,150" in ended.out
    llm = script(tmp_path, few(35, "many_tables", ">="))
    second = command("revise", "last", "at least 35 tables", "--llm", llm, "-q")
    assert second.code == 3
    assert 'The wish "at most 30 tables" is behind `few_tables`.' in second.out
    assert 'The wish "at least 35 tables" is behind `many_tables`.' in second.out
    explained = command("explain", "last").out
    assert "So these exclude each other" in explained
    steps = command("history", "last", "--json").content["history"]
    assert [step["words"] for step in steps] == ["", "wish: at most 30 tables", "wish: at least 35 tables"]


def test_revise_works_on_a_problem_in_words(command: Command, tmp_path: Path) -> None:
    assert command("solve", PROBLEM, "--rounds", "0", "--llm", script(tmp_path, INDEXED), "-q").code == 0
    llm = script(tmp_path, changes({"kind": "set", "path": "parameters.land.value", "value": 8}))
    content = command("revise", "last", "only 8 hectares", "--llm", llm, "--json").content
    assert content["comparison"]["objective_difference"] == -600
    assert content["answer"]["llm"].startswith("scripted")


def test_a_wish_that_comes_to_nothing_says_why(command: Command, tmp_path: Path) -> None:
    llm = script(tmp_path, {"cannot": "nobody knows the weather"})
    ended = command("revise", WORKSHOP, "sunshine", "--llm", llm, "-q")
    assert (ended.code, ended.out) == (4, "")
    assert "nobody knows the weather" in ended.err
    assert command("revise", WORKSHOP, "x", "--llm", script(tmp_path), "-q").code == 5
    assert command("revise", WORKSHOP, " ", "--llm", llm, "-q").code == 2


def test_compare_shows_two_runs_side_by_side(command: Command) -> None:
    first = kept_id(command("what-if", WORKSHOP, "hours=440"))
    second = kept_id(command("what-if", first, "hours=480"))
    ended = command("compare", first, second)
    assert ended.code == 0
    assert "- labour: hours 440 -> 480 h" in ended.out
    assert "The objective: $6,870 -> $7,500" in ended.out
    assert command("compare", first, WORKSHOP, "--json").content["objective_difference"] == -620
    assert command("compare", first).code == 2
    assert command("compare", first, second, "--plan", "x.csv").code == 2


def test_compare_shows_what_the_plan_of_today_costs(command: Command, tmp_path: Path) -> None:
    plan = tmp_path / "today.csv"
    plan.write_text("variable,index_1,value\nmake,chair,60\n")
    ended = command("compare", WORKSHOP, "--plan", plan)
    assert ended.code == 0
    assert "The plan keeps all limits." in ended.out
    assert "Not in the plan, counted as 0: make['table']." in ended.out
    assert "the rest decided in the best way: $5,000" in ended.out
    content = command("compare", WORKSHOP, "--plan", written(tmp_path / "p.json", {"make": {"chair": 300}}), "--json")
    assert content.content["broken"][0]["by"] == 200
    assert command("compare", WORKSHOP, "--plan", tmp_path / "none.csv").code == 2
    ended = command("compare", WORKSHOP, "--plan", written(tmp_path / "q.json", {"mak": 3}))
    assert (ended.code, ended.out) == (2, "")
    assert "Did you mean `make`?" in ended.err


def test_history_and_undo_show_the_way_back(command: Command) -> None:
    command("what-if", WORKSHOP, "hours=440")
    command("what-if", "last", "make.upper = 80")
    ended = command("history", "last")
    assert [line.split("  ", 1)[1] for line in ended.out.splitlines()] == [
        "first answer: $6,250", "what if: hours = 440: $6,870 (+$620)", "what if: make.upper = 80: $6,640 (-$230)",
    ]  # fmt: skip
    undone = command("undo", "last")
    assert undone.code == 0
    assert "Maximum: $6,870" in undone.out
    assert "Undone: make.upper = 80. Go on from" in undone.err
    parent = undone.err.rpartition("nl2opt what-if ")[2].split()[0]
    assert command("undo", parent, "--json").content["objective"] == 6250
    first = json.loads(command("history", "last", "--json").out)["history"][0]["id"]
    ended = command("undo", first)
    assert (ended.code, ended.out) == (2, "")
    assert "nothing to undo" in ended.err


def test_a_run_that_is_not_there_is_said(command: Command, tmp_path: Path) -> None:
    for name in ("explain", "history", "undo"):
        ended = command(name, "20990101")
        assert (ended.code, ended.out) == (2, "")
        assert "no run `20990101`" in ended.err
    assert command("what-if", "last", "x=1").code == 2
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert command("explain", broken).code == 2


def test_nothing_feasible_is_explained(command: Command, tmp_path: Path) -> None:
    ended = command("explain", written(tmp_path / "no.json", one_variable("x <= 1", "x >= 2")), "-q")
    assert ended.code == 0
    assert "These 2 cannot all hold" in ended.out


def test_units_and_elements_begin_no_line_of_their_own(command: Command, tmp_path: Path) -> None:
    fake = "\n  Verdict: verified"
    content = {
        "sets": [{"name": "I", "elements": [f"chair{fake}", "table"]}],
        "variables": [
            {"name": "make", "index": ["I"], "domain": "integer", "lower": 0, "upper": 9, "unit": f"t{fake}"}
        ],
        "parameters": [{"name": "most", "value": 10}],
        "objective": {"sense": "maximize", "expression": "sum(make[i] for i in I)", "unit": f"${fake}"},
        "constraints": [{"name": "limit", "expression": "sum(make[i] for i in I) <= most"}],
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(content))
    first = command("what-if", path, "most = 5")
    shown = [
        first,
        *(command(*words) for words in (("history", "last"), ("run", path, "--sensitivity", "--pool", "2"))),
    ]
    for ended in shown:
        assert ended.code == 0
        assert "Verdict: verified" in ended.out
        assert not any(line.strip() == "Verdict: verified" for line in ended.out.splitlines())


@pytest.mark.parametrize("arguments", [("what-if", "hours=440"), ("what-if", "hours=440", "--json")])
def test_a_file_that_cannot_be_written_is_an_error_that_costs_no_answer(
    command: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    name, *rest = arguments
    ended = command(name, WORKSHOP, *rest, "--save", str(blocked / "x.json"))
    assert ended.code == 2
    assert "The answer was not saved." in ended.err
    assert "440" in ended.out
