from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nl2opt.errors import ChangeError
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.after.plan_files import read_plan
from nl2opt.pipeline.answer import Answer
from tests.nl2opt.pipeline.after.cases import GALLERY, TRANSPORT, WORKSHOP, answer, of_gallery, one

ANSWER = answer()
PLAN = answer(TRANSPORT)


def test_two_answers_are_compared() -> None:
    other = one(ANSWER.what_if({"make.upper": 60})).answer
    found = ANSWER.compare(other)
    assert (found.objective_before, found.objective_after, found.is_better) == (6250, 5000, False)
    assert "The objective: $6,250 -> $5,000 (-$1,250, -20 %, worse)." in str(found)
    assert found.binds_now == ("the upper bound 60 of make['chair']",)
    assert "labour" in found.binds_no_more
    assert found.difference == ("make: upper none -> 60",)
    assert ANSWER.compare(ANSWER).to_dict()["values"] == []
    assert "Nothing is decided otherwise." in str(ANSWER.compare(ANSWER))


def test_costs_that_fall_are_better() -> None:
    found = PLAN.compare(one(PLAN.what_if("cost down 50 %")).answer)
    assert found.is_better is True


def test_an_answer_that_is_no_is_compared_too() -> None:
    endless = one(ANSWER.what_if(without="labour")).answer
    assert "There is no answer now (unbounded); before it was $6,250." in str(ANSWER.compare(endless))
    assert "before there was no answer (unbounded)" in str(endless.compare(ANSWER))
    with pytest.raises(TypeError):
        ANSWER.compare()  # type: ignore[call-overload]


def test_the_plan_of_today_is_valued_by_our_own_arithmetic() -> None:
    found = ANSWER.compare(values={"make": {"chair": 60, "table": 40}})
    assert (found.plan_objective, found.answer_objective, found.saving) == (5000, 6250, 1250)
    assert found.is_feasible
    assert found.completion is None
    assert "The objective: $5,000 in the plan -> $6,250 in the answer (+$1,250, +25 %)." in str(found)
    assert "make['chair']    60      75" in str(found)
    assert ANSWER.compare(values={"make": pd.Series({"chair": 60, "table": 40})}).saving == 1250


def test_what_a_plan_breaks_is_told_with_its_amount() -> None:
    found = ANSWER.compare(values={"make[chair]": 160.5, "make['table']": -1})
    assert [(broken.kind, broken.by) for broken in found.broken] == [("bound", 1), ("whole", 0.5)]
    assert [broken.text for broken in found.broken] == [
        "make['table']: -1, at least 0: 1 too little", "make['chair'] is 160.5, and must be whole",
    ]  # fmt: skip
    over = ANSWER.compare(values={"make": {"chair": 160, "table": 40}})
    assert over.broken[0].text == "labour: 520 h, at most 400 h: 120 h too much"
    assert "looks better than the answer only because it breaks limits" in str(over)
    assert over.to_dict()["broken"][0]["by"] == 120


def test_what_a_plan_leaves_open_counts_as_0_and_is_completed() -> None:
    found = PLAN.compare(values={"ship": {"north": {"berlin": 20, "paris": 10}}})
    assert len(found.missing) == 4
    assert {broken.label for broken in found.broken} >= {"demanded['berlin']", "southern"}
    assert found.completion is not None
    assert found.completion.objective == 20 * 3 + 10 * 5 + 20 * 6 + 20 * 4 + 0.0 + 10 * (7 + 1) + 10 * 2
    assert "With its values held and the rest decided in the best way" in str(found)
    never = PLAN.compare(values={"ship[north, berlin]": 50})
    assert never.completion is not None
    assert never.completion.status == "infeasible"
    assert "cannot be completed" in str(never)


def test_functions_without_a_value_at_the_plan_are_told() -> None:
    content = {
        "variables": [{"name": "x", "domain": "continuous", "lower": 0, "upper": 5}],
        "objective": {"sense": "maximize", "expression": "log(x)"},
        "constraints": [{"name": "least", "expression": "log(x) >= 0"}],
    }
    found = answer(Formulation.from_dict(content)).compare(values={"x": 0})
    assert found.plan_objective is None
    assert "The objective has no value at this plan." in str(found)
    assert any(broken.label == "least" for broken in found.broken)
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"mak": 3}, "Did you mean `make`?"),
        ({"make": 3}, "Write `make[chair]`."),
        ({"make": {"chiar": 3}}, "Did you mean `make[chair]`?"),
        ({"make": {"chair": "many"}}, "no finite number"),
        ({"make": {"chair": None}}, "no finite number"),
        ({"make": {"chair": float("inf")}}, "no finite number"),
        ({}, "gives no values. The decisions are: `make`."),
        ({"make[chair]": 3, "make": {"chair": 4}}, "given twice"),
    ],
)
def test_plans_that_make_no_sense_are_refused(plan: dict[str, Any], words: str) -> None:
    with pytest.raises(ChangeError) as caught:
        ANSWER.compare(values=plan)
    assert words in str(caught.value)


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_the_answer_itself_is_a_plan_that_keeps_everything(path: Path) -> None:
    found = of_gallery(path)
    if found.values is None:
        with pytest.raises(ChangeError):
            found.compare(values={})
        return
    compared = found.compare(values={name: dict(found.values.entries(name)) for name in found.values})
    assert (compared.broken, compared.values, compared.missing) == ((), (), ())
    if found.objective is not None and compared.sense:
        assert compared.plan_objective == pytest.approx(found.objective, rel=1e-6, abs=1e-6)


# -- files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("long.csv", "variable,index_1,value\nmake,chair,60\nmake,table,40\n"),
        ("semicolon.csv", "Variable;Item;Value\nmake;chair;60\nmake;table;40\n"),
        ("names.csv", "make[chair],60\nmake[table],40\n"),
        ("bom.csv", "\ufeffvariable,index_1,value\nmake,chair,60\n\nmake,table,40\n"),
        ("nested.json", '{"make": {"chair": 60, "table": 40}}'),
        ("names.json", '{"make[chair]": 60, "make[table]": "40"}'),
        ("answer.json", '{"status": "solved", "values": {"make": {"chair": 60, "table": 40}}}'),
    ],
)
def test_plans_are_read_from_files(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    assert ANSWER.compare(values=read_plan(file)).plan_objective == 5000


def test_an_answer_and_its_export_are_plans(tmp_path: Path) -> None:
    for file in (ANSWER.save(tmp_path / "kept.json"), *(ANSWER.export(tmp_path / n) for n in ("a.csv", "a.json"))):
        found = ANSWER.compare(values=read_plan(file))
        assert (found.plan_objective, found.missing) == (6250, ())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "is empty"),
        ("one.csv", b"make\n", "one column"),
        ("bytes.csv", b"\xff\xfe\x00", "no text in UTF-8"),
        ("broken.json", b'{"make": ', "is not JSON"),
        ("list.json", b"[1]", "no values by name"),
        ("twice.csv", b"variable,index_1,value\nmake,chair,1\nmake,chair,2\n", "twice"),
        ("blank.csv", b"variable,index_1,value\nmake,chair,\n", "no values"),
    ],
)
def test_files_that_hold_no_plan_are_refused(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ChangeError) as caught:
        read_plan(file)
    assert words in str(caught.value)
    assert "Write a CSV file" in str(caught.value)


def test_an_answer_that_was_read_is_compared_the_same(tmp_path: Path) -> None:
    again = Answer.load(ANSWER.save(tmp_path / "answer.json"))
    plan = {"make[chair]": 60}
    assert str(again.compare(values=plan)) == str(ANSWER.compare(values=plan))
    assert str(again.compare(one(ANSWER.what_if("hours = 440")).answer)) == str(
        ANSWER.compare(one(ANSWER.what_if("hours = 440")).answer)
    )
    assert again.formulation == WORKSHOP
