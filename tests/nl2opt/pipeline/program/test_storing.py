from __future__ import annotations

import json
from pathlib import Path

import pytest

from nl2opt.errors import StoreError
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.report import markdown_report
from tests.nl2opt.pipeline.cases import RIGHT as ROWS
from tests.nl2opt.pipeline.cases import VARIABLES, answered
from tests.nl2opt.pipeline.program.cases import MISSPELT, RIGHT, WITHOUT_SOLD, programmed, said


@pytest.mark.parametrize("replies", [[said(MISSPELT), said(RIGHT)], [said(WITHOUT_SOLD)], ["no"], [said(MISSPELT)]])
def test_an_answer_by_a_program_is_read_back_as_it_was(replies: list[str], tmp_path: Path) -> None:
    answer = programmed(replies, rounds=1)
    again = Answer.load(answer.save(tmp_path / "a.json"))
    assert again.to_dict() == answer.to_dict()
    assert (again.route, again.program, again.program_run) == ("program", answer.program, answer.program_run)
    assert [attempt.program for attempt in again.trace.attempts] == [a.program for a in answer.trace.attempts]
    assert str(again) == str(answer)
    assert markdown_report(again) == markdown_report(answer)


def test_answers_of_earlier_versions_are_read(tmp_path: Path) -> None:
    path = answered([VARIABLES, ROWS, ROWS]).save(tmp_path / "a.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["route"], content["program_run"]
    for attempt in content["trace"]["attempts"]:
        del attempt["program"]
    path.write_text(json.dumps(content), encoding="utf-8")
    again = Answer.load(path)
    assert (again.route, again.program_run, again.trace.attempts[0].program) == ("formulation", None, "")
    assert again.program is not None
    assert "pyomo" in again.program


@pytest.mark.parametrize("broken", [{"route": "roundabout"}, {"program_run": []}, {"program_run": {"kind": "x"}}])
def test_what_makes_no_sense_is_damage(broken: dict[str, object], tmp_path: Path) -> None:
    path = programmed([said(RIGHT)]).save(tmp_path / "a.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **broken}), encoding="utf-8")
    with pytest.raises(StoreError, match="damaged"):
        Answer.load(path)


def test_the_values_are_tables_and_files(tmp_path: Path) -> None:
    answer = programmed([said(RIGHT)])
    assert answer.frames()["make"].to_dict("list") == {"index_1": ["chairs", "tables"], "value": [100, 40]}
    written = answer.export(tmp_path / "values.csv").read_text(encoding="utf-8")
    assert written == "variable,index_1,value\nmake,chairs,100\nmake,tables,40\n"
    assert answer.export(tmp_path / "values.xlsx").stat().st_size > 1000
    with pytest.raises(StoreError, match="no formulation"):
        answer.export(tmp_path / "model.lp")
