from __future__ import annotations

import json
from pathlib import Path

import pytest

import nl2opt
from nl2opt.errors import ChangeError, StoreError
from nl2opt.formulation.schema import Change
from nl2opt.pipeline.after.runs import find_run, history_lines
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.runs import run_ids
from nl2opt.pipeline.store import runs_folder
from tests.nl2opt.pipeline.after.cases import added, answer, one, scripted


def test_a_session_goes_on_and_back_and_forth() -> None:
    session = nl2opt.Session(answer(), llm=scripted(added("few", "make['table'] <= 30")))
    first = session.answer
    session.what_if({"hours": 440})
    session.revise("at most 30 tables")
    session.apply(Change(kind="set", path="parameters.profit.value.chair", value=31))
    last = session.answer
    assert [step.words for step in session.history] == [
        "", "what if: hours = 440", "wish: at most 30 tables", "change: objective: profit[chair] 30 -> 31",
    ]  # fmt: skip
    assert [step.objective for step in session.history][:2] == [6250, 6870]
    assert session.undo().objective == session.history[-1].objective
    assert session.undo().objective == 6870
    assert session.redo().edits[-1].words == "at most 30 tables"
    session.redo()
    assert session.answer is last
    with pytest.raises(ChangeError, match="nothing to redo"):
        session.redo()
    for _ in range(3):
        session.undo()
    assert session.answer is first
    with pytest.raises(ChangeError, match="first answer"):
        session.undo()
    session.what_if("double hours")
    with pytest.raises(ChangeError, match="nothing to redo"):
        session.redo()
    assert session.compare(first).objective_after == session.answer.objective


def test_the_chain_is_kept_on_disk() -> None:
    session = nl2opt.Session(answer())
    session.what_if({"hours": 440})
    session.what_if("without share_of_tables")
    assert len(run_ids()) == 3
    again = nl2opt.Session("last")
    assert again.answer.id == session.answer.id
    assert again.history == session.history
    assert again.undo().objective == 6870
    assert again.undo().objective == 6250
    assert again.redo().objective == 6870
    lines = list(history_lines(session.history))
    assert lines[0].endswith("first answer: $6,250")
    assert "what if: hours = 440: $6,870 (+$620)" in lines[1]


def test_scenarios_are_kept_and_leave_the_session_where_it_is() -> None:
    session = nl2opt.Session(answer())
    session.what_if({"hours": [300, 440]})
    assert len(run_ids()) == 3
    assert session.history[-1].words == ""


def test_an_answer_is_not_lost_where_it_cannot_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("NL2OPT_RUNS_DIR", str(blocked))
    session = nl2opt.Session(answer())
    found = one(session.what_if({"hours": 440}))
    assert session.answer is found.answer
    assert "cannot be written" in session.not_kept


def test_runs_are_found_by_id_beginning_last_and_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run in"):
        find_run("last")
    first = answer()
    first.save()
    second = one(first.what_if("hours = 440")).answer
    second.save()
    assert find_run(first.id).id == first.id
    assert find_run(second.id[:-2]).id == second.id
    assert find_run("last").id == second.id
    assert find_run(str(first.save(tmp_path / "kept.json"))).id == first.id
    with pytest.raises(StoreError, match="beginning of 2 runs"):
        find_run(first.id[:8])
    with pytest.raises(StoreError, match="no file and no run"):
        find_run("2099")
    with pytest.raises(StoreError, match=r"Did you mean"):
        find_run(first.id[:-1] + "x")
    with pytest.raises(StoreError):
        find_run("")


def test_a_missing_parent_is_said() -> None:
    session = nl2opt.Session(answer())
    parent = session.answer.id
    session.what_if("hours = 440")
    (runs_folder() / f"{parent}.answer.json").unlink()
    with pytest.raises(StoreError, match=parent):
        nl2opt.Session("last").undo()


def test_older_files_without_edits_still_load(tmp_path: Path) -> None:
    file = answer().save(tmp_path / "old.json")
    content = json.loads(file.read_text())
    del content["edits"]
    file.write_text(json.dumps(content))
    assert Answer.load(file).edits == ()
    assert Answer.load(file).parent is None
    content["edits"] = [
        {"kind": "magic", "words": "", "changes": [], "parent": "x", "parent_status": "", "parent_objective": 1}
    ]
    file.write_text(json.dumps(content))
    with pytest.raises(StoreError, match="damaged"):
        Answer.load(file)


def test_an_answer_tells_its_parent_and_changes() -> None:
    first = answer()
    content = one(first.what_if("hours = 440")).answer.to_dict()
    assert content["parent"] == first.id
    assert content["changes"] == [{"kind": "set", "path": "parameters.hours.value", "value": 440}]
    assert first.to_dict()["parent"] is None
    page = str(one(first.what_if("hours = 440")).answer)
    assert "what if: hours = 440: $6,870 (+$620)" in page.partition("Steps")[2]
    assert "Steps" not in str(first)
