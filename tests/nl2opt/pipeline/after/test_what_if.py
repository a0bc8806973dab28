from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import ChangeError
from nl2opt.formulation.schema import Change, Formulation
from nl2opt.pipeline.answer import Answer, Status
from tests.nl2opt.pipeline.after.cases import TRANSPORT, WORKSHOP, answer, one, table

ANSWER = answer()
PLAN = answer(TRANSPORT)


def changed(what: Any, of: Answer = ANSWER, **options: Any) -> Formulation:
    after = one(of.what_if(what, **options)).answer
    assert after.formulation is not None
    return after.formulation


def value_of(formulation: Formulation, name: str) -> Any:
    return next(parameter.value for parameter in formulation.parameters if parameter.name == name)


def refused(what: Any, of: Answer = ANSWER, **options: Any) -> str:
    with pytest.raises(ChangeError) as caught:
        of.what_if(what, **options)
    return str(caught.value)


def test_a_number_is_changed_solved_and_compared() -> None:
    found = one(ANSWER.what_if({"hours": 440}))
    assert found.changes == (Change(kind="set", path="parameters.hours.value", value=440),)
    assert (found.answer.objective, found.comparison.objective_before) == (6870, 6250)
    assert found.comparison.objective_difference == 620
    assert found.comparison.is_better is True
    assert [(v.label, v.before, v.after) for v in found.comparison.values] == [
        ("make[chair]", 75, 85), ("make[table]", 50, 54),
    ]  # fmt: skip
    assert found.answer.parent == ANSWER.id
    assert found.answer.changes == found.changes
    assert ANSWER.formulation == WORKSHOP
    assert "hours 400 -> 440 h" in str(found)


@pytest.mark.parametrize(
    ("what", "hours"),
    [
        ({"hours": "+10%"}, 440),
        ({"hours": "-10 %"}, 360),
        ({"hours": "up 5"}, 405),
        ({"hours": "to 420"}, 420),
        ({"hours": np.float64(410)}, 410),
        ("hours = 440", 440),
        ("hours=$440", 440),
        ("hours up 10 %", 440),
        ("hours up by 10 per cent", 440),
        ("Hours down 40", 360),
        ("hours += 40", 440),
        ("hours -= 40", 360),
        ("hours +10%", 440),
        ("raise the hours by 10 %", 440),
        ("cut hours by 100", 300),
        ("reduce hours to 300", 300),
        ("set hours to 12.5", 12.5),
        ("double hours", 800),
        ("hours doubled", 800),
        ("half hours", 200),
        ("hours halved", 200),
        ("10 % more hours", 440),
        ("40 less hours", 360),
        ("hours to 1e3.", 1000),
        ("hours up 10 h", 410),
        ("hours = 440h", 440),
        ("parameters.hours = 440", 440),
    ],
)
def test_the_little_grammar_says_what_becomes_of_a_number(what: Any, hours: float) -> None:
    assert value_of(changed(what), "hours") == pytest.approx(hours)


def test_whole_numbers_stay_whole() -> None:
    value = value_of(changed("hours up 10 %"), "hours")
    assert (value, type(value)) == (440, int)


def test_entries_are_changed_by_their_elements() -> None:
    assert value_of(changed({"profit": {"chair": 35}}), "profit") == {"chair": 35, "table": 80}
    assert value_of(changed("profit[chair] up 10 %"), "profit") == {"chair": 33, "table": 80}
    assert value_of(changed("profit['chair'] = 31"), "profit") == {"chair": 31, "table": 80}
    assert value_of(changed("profit up 10 %"), "profit") == {"chair": 33, "table": 88}
    assert value_of(changed({"demand": {"berlin": 41, "rome": "-5%"}}, PLAN), "demand") == {
        "berlin": 41, "paris": 30, "rome": 19,
    }  # fmt: skip
    assert value_of(changed("cost[north, *] up 1", PLAN), "cost") == [[4, 6, 8], [6, 4, 2]]
    assert value_of(changed({"cost": {"north": {"rome": 1}}}, PLAN), "cost") == [[3, 5, 1], [6, 4, 2]]
    assert value_of(changed({"cost": {("south", "rome"): 3}}, PLAN), "cost") == [[3, 5, 7], [6, 4, 3]]


def test_entries_that_are_not_stated_are_put_in() -> None:
    assert value_of(changed("toll[south, rome] = 2", PLAN), "toll") == {"north,rome": 1, "south,rome": 2}
    assert one(PLAN.what_if("toll up 1")).answer.objective == PLAN.objective + 90  # type: ignore[operator]


def test_a_large_table_is_changed_as_a_whole() -> None:
    size = 60
    names = [f"item {place}" for place in range(size)]
    content = {
        "sets": [{"name": "I", "elements": names}],
        "parameters": [{"name": "gain", "index": ["I"], "value": list(range(1, size + 1))}],
        "variables": [{"name": "x", "index": ["I"], "domain": "continuous", "lower": 0, "upper": 1}],
        "objective": {"sense": "maximize", "expression": "sum(gain[i] * x[i] for i in I)"},
    }
    found = one(answer(Formulation.from_dict(content)).what_if("double gain"))
    assert len(found.changes) == 1
    assert found.answer.objective == size * (size + 1)


def test_bounds_are_changed() -> None:
    assert changed("make.upper = 30").variables[0].upper == 30
    assert changed({"make.lower": 5}).variables[0].lower == 5
    assert changed("ship.upper down 10", PLAN).variables[0].upper == 35
    assert changed({"ship.upper": math.inf}, PLAN).variables[0].upper == "inf"
    assert changed("ship.upper to inf", PLAN).variables[0].upper == "inf"


def test_constraints_are_switched_and_their_numbers_changed() -> None:
    found = one(ANSWER.what_if("without labour"))
    assert found.answer.status is Status.UNBOUNDED
    assert "without end" in str(found)
    assert one(ANSWER.what_if(without="share_of_tables")).changes == (
        Change(kind="switch_off", path="constraints.share_of_tables"),
    )
    assert one(ANSWER.what_if({"hours": 440}, without=["share_of_tables"])).answer.objective == 7040
    off = one(ANSWER.what_if({"share_of_tables": False})).answer
    assert one(off.what_if("with share_of_tables")).answer.formulation == WORKSHOP
    southern = changed({"southern": 25}, PLAN).constraints[2]
    assert southern.expression == "sum(ship['south', s] for s in SHOP) >= 25"
    assert len(one(PLAN.what_if("without southern and capacity")).changes) == 2


def test_several_changes_are_made_at_once() -> None:
    found = one(ANSWER.what_if("hours up 10 %, profit[chair] to 35 and make.upper = 90; without share_of_tables"))
    assert len(found.changes) == 4
    assert found.words == "hours up 10 %, profit[chair] = 35, make.upper = 90, without share_of_tables"


def test_a_list_gives_a_table_of_scenarios() -> None:
    found = table(ANSWER.what_if({"hours": [400, 440, 480]}))
    assert [scenario.answer.objective for scenario in found] == [6250, 6870, 7500]
    assert [line.split()[:3] for line in str(found).splitlines()] == [
        ["hours", "objective", "difference"], ["400", "$6,250", "$0"], ["440", "$6,870", "+$620"],
        ["480", "$7,500", "+$1,250"],
    ]  # fmt: skip
    assert [scenario["values"] for scenario in found.to_dict()["scenarios"]] == [
        {"hours": "400"}, {"hours": "440"}, {"hours": "480"},
    ]  # fmt: skip
    both = table(ANSWER.what_if({"hours": ["-10%", "+10%"], "profit[chair]": [30, 35]}))
    assert both.labels == (("-10%", "30"), ("-10%", "35"), ("+10%", "30"), ("+10%", "35"))
    assert len(table(ANSWER.what_if("hours = [400, 440]"))) == 2
    assert len(table(ANSWER.what_if({"profit": ["-10%", "+10%"]}))) == 2


def test_a_scenario_without_an_answer_says_so() -> None:
    found = table(PLAN.what_if({"demand[berlin]": [40, 400]}))
    assert [scenario.answer.status for scenario in found] == [Status.SOLVED, Status.INFEASIBLE]
    assert "infeasible" in str(found)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"houers": 3}, "Did you mean `hours`? What can be changed: the numbers `profit`, `need`, `hours`"),
        ({"make": 3}, "`make` is what is decided, not a number that is given. To limit it, change a bound"),
        ({"ITEM": 3}, "`ITEM` is a set, not a number"),
        ({"objective": 3}, "is what comes out"),
        ({"hours": math.nan}, "not a finite number"),
        ({"hours": math.inf}, "not a finite number"),
        ({"hours": "nan"}, "not a finite number"),
        ({"hours": "lots"}, "`lots` is no number"),
        ({"hours": None}, "is no number"),
        ({"hours": True}, "cannot be switched on"),
        ({"hours": 10**400}, "too large"),
        ({"hours": "-10"}, "write `to -10` or `down 10`"),
        ({"hours": "10%"}, "may mean a share or a change"),
        ({"hours": "1,200"}, "write 1200 for one, [1, 200] for several"),
        ({"hours": "down 200 %"}, "more than all of it"),
        ({"hours": []}, "is empty"),
        ({"profit": [30, 80]}, "a list gives scenarios, and `profit` is a table"),
        ({"profit": {"chiar": 3}}, "there is no `chiar` in `ITEM`"),
        ("profit[chair, table] = 3", "`profit` has 1 index, and here are 2"),
        ("hours[3] = 3", "is one number and has no entries"),
        ("labour[3] = 3", "cannot be changed one by one"),
        ("share_of_tables = 3", "no number as a side"),
        ("make[chair].upper = 3", "bound of one entry"),
        ("make.upper up 10 %", "no upper bound that could be moved"),
        ("make.upper = -inf", "cannot be minus infinite"),
        ("hours = 3, hours = 4", "changes what was changed before"),
        ("without labor", "Did you mean `labour`?"),
        ("with labour", "switched on already"),
        ("hours = 440 kg", "is no number"),
        ("please be nice", "is not understood"),
        ("", "Nothing is to be changed"),
        (3, "not names with values"),
        ("x" * 20_000, "characters"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(what: Any, words: str) -> None:
    assert words.lower() in refused(what).lower()


def test_elements_with_commas_and_numbers_as_elements_are_found() -> None:
    content = {
        "sets": [{"name": "C", "elements": ["New York, NY", "line 2"]}, {"name": "T", "elements": "range(1, 4)"}],
        "parameters": [
            {"name": "gain", "index": ["C"], "value": {"New York, NY": 3, "line 2": 4}},
            {"name": "most", "index": ["T"], "value": "{t: 2 * t for t in T}"},
        ],
        "variables": [{"name": "x", "index": ["C", "T"], "domain": "continuous", "lower": 0}],
        "objective": {"sense": "maximize", "expression": "sum(gain[c] * x[c, t] for c in C for t in T)"},
        "constraints": [{"name": "top", "expression": "sum(x[c, t] for c in C) <= most[t] for t in T"}],
    }
    of = answer(Formulation.from_dict(content))
    assert of.objective == 48
    for what in ({"gain": {"New York, NY": 9}}, "gain['New York, NY'] = 9", {"gain[New York, NY]": 9}):
        assert one(of.what_if(what)).answer.objective == 108
    assert one(of.what_if({"most": {3: 0}})).answer.objective == 24
    assert one(of.what_if("gain[line 2] doubled")).answer.objective == 96
    plan = of.compare(values={"x": {("New York, NY", 1): 2, "line 2": {2: 5}}})
    assert plan.plan_objective == 26
    assert [broken.label for broken in plan.broken] == ["top[2]"]


def test_a_percentage_of_zero_is_refused() -> None:
    assert "10 % of 0 is 0" in refused("toll[north, paris] up 10 %", PLAN)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ChangeError) as caught:
        ANSWER.what_if({"houers": 3, "hours": "lots", "profit[sofa]": 1})
    assert len(caught.value.findings) == 3
    assert refused({"hours": [400, "lots", "more"]}).count("no number") == 2


def test_too_many_scenarios_are_refused() -> None:
    assert "at most 200" in refused({"hours": list(range(201))})


def test_what_the_schema_refuses_is_told() -> None:
    found = one(PLAN.what_if("southern = 400"))
    assert found.answer.status is Status.INFEASIBLE
    assert f"nl2opt explain {found.answer.id}" in str(found)


def test_an_answer_without_a_formulation_says_so() -> None:
    from tests.nl2opt.pipeline.cases import NOT_A_PROBLEM, answered

    assert "has no formulation" in refused({"hours": 3}, answered([NOT_A_PROBLEM]))


def test_an_answer_that_was_read_works_the_same(tmp_path: Any) -> None:
    again = Answer.load(ANSWER.save(tmp_path / "answer.json"))
    assert again.solved is None
    found = one(again.what_if({"hours": 440}))
    assert str(found) == str(one(ANSWER.what_if({"hours": 440})))


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_no_text_does_anything_but_change_or_be_refused(text: str) -> None:
    with suppress(ChangeError):
        assert one(ANSWER.what_if(text)).changes


@settings(max_examples=50)
@given(
    st.sampled_from(["hours", "profit[chair]", "need", "make.upper"]),
    st.sampled_from(["up", "down", "to", "=", "by", "+", "more"]),
    st.floats(-1e6, 1e6).map(lambda number: f"{number:.4g}"),
    st.sampled_from(["", "%", " %", " h"]),
)
def test_no_clause_breaks_the_grammar(target: str, verb: str, number: str, unit: str) -> None:
    with suppress(ChangeError):
        assert one(ANSWER.what_if(f"{target} {verb} {number}{unit}")).changes
