"""What tables give sets and parameters, and every way in which they do not fit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt import Change, Formulation, FormulationError, MissingData, Status, read_tables
from nl2opt.api import fill_in, formulate, run, solve
from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.tables.binding import bind
from nl2opt.tables.missing import template_csv, template_json
from nl2opt.tables.profile import profile
from tests.nl2opt.tables.plants import OPTIMUM, plan, tables, written


def one(parameter: dict[str, Any], *sets: dict[str, Any], **changes: Any) -> Formulation:
    """Return a formulation with one parameter `cost`, whose sum is the objective."""
    index = parameter.get("index", [])
    letters = [chr(ord("i") + place) for place in range(len(index))]
    of = f"cost[{', '.join(letters)}]" if index else "cost"
    clauses = "".join(f" for {letter} in {name}" for letter, name in zip(letters, index, strict=True))
    content = {
        "sets": list(sets),
        "parameters": [{"name": "cost", "table": "t", **parameter}],
        "variables": [{"name": "x", "domain": "continuous", "lower": 1, "upper": 1}],
        "objective": {"sense": "minimize", "expression": f"sum({of}{clauses}) * x" if index else "cost * x"},
        **changes,
    }
    return Formulation.from_dict(content)


I = {"name": "I", "elements": ["a", "b"]}  # noqa: E741
J = {"name": "J", "elements": [1, 2]}
LONG = {"i": ["a", "a", "b", "b"], "j": [1, 2, 1, 2], "cost": [1, 2, 3, 4]}


def value(formulation: Formulation, data: Any) -> float:
    objective = formulation.solve(data={"t": data}).objective
    assert objective is not None
    return objective


def errors(formulation: Formulation, data: Any) -> list[str]:
    return [str(f) for f in formulation.check(data={"t": data}) if f.is_error]


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_long_tables_are_joined_by_their_keys_in_any_order() -> None:
    formulation = one({"index": ["I", "J"], "column": "cost", "keys": ["i", "j"]}, I, J)
    shuffled = pd.DataFrame(LONG).sample(frac=1, random_state=3)
    assert formulation.with_data({"t": shuffled}).parameters[0].value == {"a,1": 1, "a,2": 2, "b,1": 3, "b,2": 4}


def test_wide_tables_have_rows_for_the_first_index_and_columns_for_the_last() -> None:
    wide = {"i": ["b", "a"], "1": [3, 1], "2": [4, 2], "note": ["x", "y"]}
    for parameter in ({"keys": ["i"]}, {}):
        formulation = one({"index": ["I", "J"], **parameter}, I, J)
        assert formulation.with_data({"t": wide}).parameters[0].value == {"a,1": 1, "a,2": 2, "b,1": 3, "b,2": 4}
    headers = {"name": "J", "table": "t", "column": "*"}
    assert one({"index": ["I", "J"], "keys": ["i"]}, I, headers).with_data({"t": wide}).sets[1].elements == [1, 2]


def test_keys_are_found_by_names_and_by_elements() -> None:
    renamed = pd.DataFrame(LONG).rename(columns={"j": "period"})
    formulation = one({"index": ["I", "J"], "column": "cost"}, I, J)
    binding = bind(formulation, read_tables({"t": renamed}))
    assert not binding.findings
    assert binding.notes == ("cost: the column period of t was taken for J.",)
    both = {"from": ["a", "a", "b", "b"], "to": ["a", "b", "a", "b"], "cost": [1, 2, 3, 4]}
    assert "it cannot be told which column" in errors(one({"index": ["I", "I"], "column": "cost"}, I), both)[0]


def test_sets_of_tuples_and_parameters_over_them() -> None:
    arcs = {"name": "ARC", "table": "t", "column": ["i", "j"]}
    content = one(
        {"index": ["ARC"], "column": "cost", "keys": ["i", "j"]}, arcs,
        objective={"sense": "minimize", "expression": "sum(cost[i, j] for (i, j) in ARC) * x"},
    )  # fmt: skip
    data = {"i": ["a", "b"], "j": ["b", "c, d"], "cost": [1, 2]}
    filled = content.with_data({"t": data})
    assert filled.sets[0].elements == [["a", "b"], ["b", "c, d"]]
    assert value(content, data) == 3


@pytest.mark.parametrize(
    ("parameter", "data"),
    [
        ({}, {"cost": [7]}),
        ({"column": "price"}, {"price": [7], "other": [1]}),
        ({}, {"name": ["rate", "cost"], "value": [1, 7]}),
        ({"row": "Hourly rate"}, {"name": ["Hourly  Rate", "b"], "value": [7, 1]}),
        ({"keys": ["what"], "row": "b"}, {"id": ["x", "y"], "what": ["a", "b"], "value": [1, 7]}),
    ],
)
def test_single_numbers(parameter: dict[str, Any], data: Any) -> None:
    assert value(one(parameter), data) == 7


PRICED = {"cost [€/t]" if k == "cost" else k: v for k, v in LONG.items()}
ARRAY = {"index": ["I", "J"], "column": "cost", "keys": ["i", "j"]}


@pytest.mark.parametrize(
    ("parameter", "data", "words"),
    [
        (ARRAY, {"i": ["a"], "j": [1], "cost": [1]}, "3 of 4 values are not in the table `t` (in `I = 'a', J = 2; "),
        (ARRAY, {**LONG, "j": [1, 2, 1, 1]}, "more than once in `t` at t, row 3, column cost and t, row 4"),
        (ARRAY, {**LONG, "cost": [1, "much", 3, 4]}, "no number at t, row 2, column cost (in `'much'"),
        (ARRAY, {**LONG, "cost": [1, None, 3, 4]}, "1 cell is empty at t, row 2, column cost"),
        (ARRAY, {**LONG, "i": ["A", "a", "b ", "b"]}, "1 value of `i` in `t` differ"),
        ({**ARRAY, "column": "costs"}, LONG, "the table `t` has no column `costs`. Did you mean `cost`?"),
        ({**ARRAY, "keys": ["i", "k"]}, LONG, "has no column `k`"),
        ({**ARRAY, "keys": ["i", "j", "i"]}, LONG, "`keys` names 3 columns, the index (I, J) has 2 parts"),
        ({**ARRAY, "unit": "€/kg"}, PRICED, "by a factor of 1,000"),
        ({**ARRAY, "unit": "h"}, PRICED, "is in €/t, the parameter in h"),
        ({**ARRAY, "column": "i"}, LONG, "4 cells of `i` hold no number"),
        ({}, {"cost": [1, 2]}, "has 2 rows and none of them has a name"),
        ({}, {"n": ["a", "b"], "cost": [1, 2]}, "no row of `t` is called `cost`"),
        ({}, {"n": ["cost", "Cost "], "cost": [1, 2]}, ""),
        ({"column": "cost", "row": "a"}, {"n": ["a", "a"], "cost": [1, 2]}, "2 rows are called `a`"),
        ({}, {"a": [1], "b": [2]}, "the column of `t` that holds the numbers is not named"),
        ({"index": ["I", "J"], "keys": ["i"]}, {"i": ["a", "b"], "1": [1, 2]}, "1 of 2 elements of `J` have no column"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(parameter: dict[str, Any], data: Any, words: str) -> None:
    sets = (I, J) if parameter.get("index") else ()
    assert any(words in said for said in errors(one(parameter, *sets), data)) or not words, errors(
        one(parameter, *sets), data
    )


def test_elements_that_differ_in_blanks_or_capitals_are_told_with_the_mend() -> None:
    formulation = one({"index": ["I"], "column": "cost", "keys": ["i"]}, {"name": "I", "elements": ["New York", "b"]})
    (spelling, missing) = formulation.check(data={"t": {"i": ["NEW  york", "b"], "cost": [1, 2]}})
    assert (spelling.code, missing.code) == ("spelling", "missing_key")
    assert spelling.text == "'NEW  york' for 'New York'"
    assert "Write them the same way" in spelling.mend


def test_an_ambiguous_column_is_an_error_where_it_is_used_only(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('i,cost,other\na,1,"1,200"\nb,2,"2,300"\n')
    used = one({"index": ["I"], "column": "other", "keys": ["i"]}, I)
    assert codes(used.check(data=tmp_path / "t.csv")) == ["ambiguous_number"]
    assert one({"index": ["I"], "column": "cost", "keys": ["i"]}, I).solve(data=tmp_path / "t.csv").objective == 3


def test_rows_of_unknown_elements_are_left_out_and_told() -> None:
    formulation = one({"index": ["I"], "column": "cost", "keys": ["i"]}, I)
    data = {"i": ["a", "b", "c", None], "cost": [1, 2, 9, 9]}
    (warning,) = formulation.check(data={"t": data})
    assert (warning.is_error, warning.code, warning.text) == (False, "unknown_key", "'c'")
    assert value(formulation, data) == 3


def test_a_default_stands_for_what_is_not_there() -> None:
    formulation = one({**ARRAY, "default": 10}, I, J)
    assert value(formulation, {"i": ["a"], "j": [1], "cost": [1]}) == 31
    assert value(formulation, {"i": ["a", "b"], "j": [1, 2], "cost": [1, None]}) == 31


def test_a_cell_of_a_wide_table_is_named_by_its_own_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("i,1,2\na,5,6\nb,7,\n")
    (finding,) = one({"index": ["I", "J"], "keys": ["i"]}, I, J).check(data=tmp_path / "t.csv")
    assert (finding.code, finding.where) == ("empty_cell", "t.csv!C3")


def test_sets_from_columns_keep_the_order_of_appearance_and_drop_blanks() -> None:
    formulation = one(
        {"index": ["K"], "column": "cost", "keys": ["k"], "default": 0}, {"name": "K", "table": "t", "column": "k"}
    )
    data = {"k": ["z", "a", "", "z"], "cost": [1, 2, 3, 4]}
    filled = bind(formulation, read_tables({"t": data}))
    assert filled.formulation.sets[0].elements == ["z", "a"]
    assert "empty_key" in codes(filled.findings)
    assert "repeated_key" in codes(filled.findings)
    whole = one({"index": ["K"], "column": "cost", "keys": ["k"]}, {"name": "K", "table": "t", "column": "k"})
    assert whole.with_data({"t": {"k": [2.0, 1.0], "cost": [1, 2]}}).sets[0].elements == [2, 1]


def test_sets_that_depend_on_bound_parameters_are_built_in_order() -> None:
    content = one(
        {"index": ["I"], "column": "cost", "keys": ["i"]},
        I,
        {"name": "CHEAP", "elements": "[i for i in I if cost[i] < 2]"},
        parameters=[
            {"name": "cost", "table": "t", "index": ["I"], "column": "cost", "keys": ["i"]},
            {"name": "extra", "table": "t", "index": ["CHEAP"], "column": "extra", "keys": ["i"]},
        ],
        objective={"sense": "minimize", "expression": "sum(extra[i] for i in CHEAP) * x"},
    )  # fmt: skip
    assert value(content, {"i": ["a", "b"], "cost": [1, 2], "extra": [5, 6]}) == 5


def test_what_stands_in_the_formulation_comes_before_the_table() -> None:
    formulation = Formulation.from_dict(plan()).with_data(tables())
    changed = formulation.apply(Change(kind="set", path="parameters.need.value.Paris", value=0))
    assert changed.solve().objective == pytest.approx(OPTIMUM - 300)
    assert '"Paris": 0' in changed.to_json()
    assert "Paris" not in formulation.to_json()
    assert changed.solve(data=tables()).objective == pytest.approx(OPTIMUM - 300)


def test_a_large_table_is_an_array_and_says_its_ends() -> None:
    count = 150
    frame = pd.DataFrame({"i": np.repeat(np.arange(count), count), "j": np.tile(np.arange(count), count)})
    frame["cost"] = np.arange(count * count) % 7
    sets = [{"name": name, "table": "t", "column": name.lower()} for name in ("I", "J")]
    formulation = one(ARRAY, *sets)
    filled = formulation.with_data({"t": frame})
    assert isinstance(filled.parameters[0].value, np.ndarray)
    assert filled.solve().objective == frame["cost"].sum()
    assert "cost has 22,500 values of the table t, column cost: from 0 to 6" in filled.describe()
    assert "and 145 others (from a table)" in filled.describe()
    assert len(filled.to_markdown()) < 5000
    assert len(filled.to_json()) < 1000
    assert compile_formulation(filled).findings == ()


@settings(max_examples=30)
@given(st.permutations(range(6)), st.data())
def test_joins_agree_with_a_loop(order: list[int], data: st.DataObject) -> None:
    names = [f"n{place}" for place in order]
    count = data.draw(st.integers(1, 36))
    pairs = data.draw(st.permutations([(i, j) for i in names for j in names]))[:count]
    cells = {"i": [i for i, _ in pairs], "j": [j for _, j in pairs], "cost": list(range(count))}
    sets = [{"name": name, "elements": sorted(names)} for name in ("I", "J")]
    filled = one({**ARRAY, "default": -1}, *sets).with_data({"t": cells}).parameters[0].value
    expected = {f"{i},{j}": number for number, (i, j) in enumerate(pairs)}
    assert {key: number for key, number in filled.items() if number != -1} == expected


# -- what is missing ------------------------------------------------------------------------------------------

TRUCK = "ship[p, c] <= most + 0*fee[c] for p in PLANT for c in CITY"
LACKING = plan(
    parameters=[
        *plan()["parameters"],
        {"name": "most", "missing": True, "unit": "t", "description": "what a truck carries"},
        {"name": "fee", "index": ["CITY"], "missing": True},
    ],
    constraints=[*plan()["constraints"], {"name": "truck", "expression": TRUCK}],
)  # fmt: skip


def test_missing_numbers_are_a_status_and_an_error_that_says_which() -> None:
    replies = [written(**LACKING)] * 2
    answer = solve("Ship it.", llm=ScriptedChatModel(replies, style="indexed"), data=tables(), rounds=0)
    assert answer.status is Status.MISSING_DATA
    assert [item.name for item in answer.missing] == ["most", "fee"]
    assert answer.missing[1].keys[0] == "Paris"
    assert "most in t: what a truck carries" in str(answer)
    with pytest.raises(MissingData, match="most in t: what a truck carries") as error:
        formulate("Ship it.", llm=ScriptedChatModel(replies, style="indexed"), data=tables(), rounds=0)
    given_all = error.value.formulation.given(most=1000, fee=dict.fromkeys(error.value.missing[1].keys, 1))
    assert given_all.solve().objective == pytest.approx(OPTIMUM)
    filled = fill_in(answer, {"most": 1000, "fee": [1] * 5}, data=tables())
    assert filled.objective == pytest.approx(OPTIMUM)
    assert filled.problem == "Ship it."
    assert "Not in the text" not in "".join(item.text for item in filled.evidence)
    assert {item.name for item in filled.evidence} > {"point", "numbers", "second_solver", "plausibility"}
    assert filled.verdict == "checked"
    assert not answer.evidence
    assert fill_in(answer, {"most": 1000, "fee": [1] * 5}).objective == pytest.approx(OPTIMUM)


def test_given_values_fill_in_what_is_missing() -> None:
    llm = ScriptedChatModel([written(**LACKING)], style="indexed")
    answer = solve("Ship it.", llm=llm, data=tables(), values={"most": 1000, "fee": [1] * 5})
    assert answer.objective == pytest.approx(OPTIMUM)
    assert answer.formulation is not None
    assert '"value": 1000' in answer.formulation.to_json()


def test_lists_of_what_is_missing_are_filled_in_and_read(tmp_path: Path) -> None:
    formulation = Formulation.from_dict(LACKING)
    lacking = run(formulation, data=tables())
    assert lacking.status is Status.MISSING_DATA
    (tmp_path / "fill.json").write_text(template_json(lacking.missing).replace("null", "1000"))
    assert run(formulation, data={**tables(), "": tmp_path / "fill.json"}).objective == pytest.approx(OPTIMUM)
    listed = template_csv(lacking.missing)
    assert listed.splitlines()[:3] == ["parameter,index,value,unit", "most,,,t", "fee,Paris,,"]
    (tmp_path / "fill.csv").write_text(listed.replace(",,t", ",1000,t").replace(",,\n", ",1000,\n"))
    assert run(formulation, data={**tables(), "": tmp_path / "fill.csv"}).is_solved


def test_faults_beside_missing_numbers_are_told() -> None:
    broken = Formulation.from_dict(
        {**LACKING, "objective": {"sense": "minimize", "expression": "sum(prise[p] for p in PLANT)"}}
    )
    with pytest.raises(FormulationError, match="prise"):
        run(broken, data=tables())
    with pytest.raises(FormulationError, match="the problem does not give the number"):
        Formulation.from_dict(LACKING).solve(data=tables())


def test_a_profile_says_which_columns_name_each_row() -> None:
    text = profile({"t": LONG, "u": {"name": ["a", "b"], "n": [1, 2]}}).text
    assert '"unique": [["i", "j"]' in text
    assert '"unique": [["name"]]' in text
    assert profile({}).text == ""
