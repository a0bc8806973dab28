from __future__ import annotations

import pytest

import nl2opt
from nl2opt import Answer, Formulation
from nl2opt.pipeline.tables import long_frame, row_frame
from tests.nl2opt.formulation.test_gallery import GALLERY, formulation_named

SHIPPING = {
    "sets": [{"name": "FROM", "elements": ["=a", "b"]}, {"name": "value", "elements": [1, 2]}],
    "variables": [
        {"name": "ship", "index": ["FROM", "value"], "domain": "integer", "lower": 0},
        {"name": "level", "domain": "continuous", "lower": "-inf"},
        {"name": "none", "index": ["EMPTY"], "domain": "continuous", "lower": 0},
    ],
    "objective": {"sense": "minimize", "expression": "level + sum(ship[i, j] for i in FROM for j in value)"},
    "constraints": [
        {"name": "demand", "expression": "2 <= sum(ship[i, j] for i in FROM) <= 7 for j in value"},
        {"name": "peak", "expression": "max(ship['b', 1], ship['b', 2]) <= level"},
        {"name": "least", "expression": "ship['b', j] >= 1 for j in value"},
    ],
}


def answered() -> Answer:
    content = {**SHIPPING, "sets": [*SHIPPING["sets"], {"name": "EMPTY", "elements": "[i for i in FROM if 1 > 2]"}]}
    answer = nl2opt.run(Formulation.from_dict(content))
    assert answer.objective == pytest.approx(5)
    return answer


def test_each_variable_is_a_table_with_its_index() -> None:
    frames = answered().frames()
    assert list(frames) == ["ship", "level", "none"]
    assert list(frames["ship"].columns) == ["FROM", "value_2", "value"]
    assert frames["ship"]["FROM"].tolist() == ["=a", "=a", "b", "b"]
    assert frames["ship"]["value"].sum() == 4
    assert frames["level"].to_dict("list") == {"value": [1.0]}
    assert (list(frames["none"].columns), len(frames["none"])) == (["EMPTY", "value"], 0)


def test_an_index_that_names_a_set_twice_keeps_both_columns() -> None:
    content = {
        "sets": [{"name": "I", "elements": ["a", "b"]}],
        "variables": [{"name": "x", "index": ["I", "I"], "domain": "binary"}],
        "objective": {"sense": "maximize", "expression": "x['a', 'b']"},
    }
    frame = nl2opt.run(Formulation.from_dict(content)).frames()["x"]
    assert frame.columns.tolist() == ["I", "I_2", "value"]
    assert frame["I_2"].tolist() == ["a", "b", "a", "b"]


def test_all_values_fit_into_one_table() -> None:
    frame = long_frame(answered())
    assert list(frame.columns) == ["variable", "index_1", "index_2", "value"]
    assert frame.iloc[-1].tolist() == ["level", "", "", 1.0]
    assert len(frame) == 5


def test_rows_have_activity_and_slack_where_functions_stand_too() -> None:
    frame = row_frame(answered())
    assert frame["constraint"].tolist() == ["demand", "demand", "peak", "least", "least"]
    assert frame["row"].tolist()[0] == "demand[1]"
    assert frame["activity"].tolist() == [2.0, 2.0, 0.0, 1.0, 1.0]
    assert frame["slack"].tolist() == pytest.approx([0.0] * 5)
    assert frame["upper"].isna().tolist() == [False, False, False, True, True]


@pytest.mark.parametrize("name", [name for name, entry in GALLERY.items() if entry["status"] == "optimal"])
def test_no_row_of_the_gallery_is_violated(name: str) -> None:
    answer = nl2opt.run(formulation_named(name))
    frame = row_frame(answer)
    assert (frame["slack"] >= -1e-6 * (1 + frame["activity"].abs())).all()


def test_the_slack_of_an_alternative_that_is_not_taken_is_empty() -> None:
    variable = {"domain": "integer", "lower": 0, "upper": 9}
    content = {
        "variables": [{"name": "x", **variable}, {"name": "y", **variable}],
        "objective": {"sense": "maximize", "expression": "x + 2 * y"},
        "constraints": [{"name": "one", "expression": "either(x <= 2, y <= 3)"}],
    }
    frame = row_frame(nl2opt.run(Formulation.from_dict(content)))
    assert frame["activity"].tolist() == [2.0, 9.0]
    assert frame["slack"].isna().tolist() == [False, True]


def test_without_a_point_there_is_nothing_in_the_tables() -> None:
    row = {"name": "no", "expression": "x >= 2"}
    variable = {"name": "x", "domain": "continuous", "lower": 0, "upper": 1}
    answer = nl2opt.run(Formulation.from_dict({"variables": [variable], "objective": None, "constraints": [row]}))
    assert answer.frames() == {}
    assert len(long_frame(answer)) == len(row_frame(answer)) == 0
