from __future__ import annotations

import json
from typing import Any

import pytest

from nl2opt import Change, Formulation, FormulationError
from nl2opt.formulation.analysis.repairs import Repair
from tests.nl2opt.formulation.analysis.infeasible import HOURS, ODD, TRANSPORT
from tests.nl2opt.formulation.formulations import WORKSHOP, Content, with_rows


def repairs(content: Content, *movable: str) -> tuple[Repair, ...]:
    """Return the repairs, each of which makes the formulation feasible."""
    formulation = Formulation.from_dict(content)
    found = formulation.repairs(movable or None)
    for repair in found:
        solution = formulation.apply(repair.changes).solve()
        assert solution.has_point
        assert repair.objective is None or solution.objective == pytest.approx(repair.objective)
    return found


def edits(repair: Repair) -> list[tuple[str, Any]]:
    return [(change.path, change.value) for change in repair.changes]


def test_each_number_of_the_conflict_alone_with_its_price() -> None:
    found = repairs(TRANSPORT)
    assert all(repair.amount == pytest.approx(30) and repair.is_alone and repair.is_least for repair in found)
    prices = {edits(repair)[0]: repair.objective for repair in found}
    assert prices == {
        ("parameters.supply.value.0", 130): 220,
        ("parameters.supply.value.1", 110): 250,
        ("parameters.demand.value.berlin", 90): 190,
        ("parameters.demand.value.paris", 60): 220,
    }
    assert "Lower demand['berlin'] from 120 to 90, by 30 t. The cost is then $190." in map(str, found)


def test_the_first_is_the_least_in_all() -> None:
    # Added up, the first two rows say 0 >= 8.
    content = with_rows("x - n >= 4", "n - x >= 4", "x >= a", parameters=[{"name": "a", "value": -3}])
    assert repairs(content)[0].amount == pytest.approx(8)
    both = with_rows("x <= 1", "x >= 3", "n <= 1", "n >= 2")
    first, *alone = repairs(both)
    assert first.amount == pytest.approx(3)
    assert len(first.moves) == 2
    assert alone == []


def test_who_asks_chooses_what_may_move() -> None:
    (repair,) = repairs(HOURS, "hours")
    assert edits(repair) == [("parameters.hours.value", 28)]
    assert str(repair) == "Raise hours from 24 to 28, by 4 h. The objective is then 10."
    (other,) = repairs(HOURS, "constraints.c2")
    assert edits(other) == [("constraints.c2.expression", "x >= 8")]


def test_a_bound_moves_but_not_that_of_a_domain() -> None:
    content = with_rows(
        "x + n >= 25", "x <= cap", parameters=[{"name": "cap", "value": 50}],
        variables=[
            {"name": "x", "domain": "continuous", "upper": 10}, {"name": "n", "domain": "integer", "upper": "most"}
        ],
    )  # fmt: skip
    content["parameters"] = [*content["parameters"], {"name": "most", "value": 10}]
    found = {edits(repair)[0] for repair in repairs(content)}
    assert found == {
        ("constraints.c1.expression", "x + n >= 20"), ("variables.x.upper", 15), ("parameters.most.value", 15)
    }  # fmt: skip
    below = with_rows("x <= -2")
    assert {edits(repair)[0] for repair in repairs(below)} == {("constraints.c1.expression", "x <= 0")}
    assert {edits(repair)[0] for repair in repairs(below, "x.lower")} == {("variables.x.lower", -2)}


def test_a_side_that_is_computed_gets_an_amount_added() -> None:
    content = with_rows("x >= 30", "x <= 2*hours", parameters=[{"name": "hours", "value": 10}])
    assert ("constraints.c2.expression", "x <= 2*hours + 10") in [edits(repair)[0] for repair in repairs(content)]


def test_a_parameter_that_does_other_things_too_is_left_alone() -> None:
    content = with_rows("a*x <= a", "x >= 3", parameters=[{"name": "a", "value": 2}])
    assert {edits(repair)[0] for repair in repairs(content, "c1")} == {("constraints.c1.expression", "a*x <= a + 4")}


def test_a_number_of_several_rows_moves_them_all() -> None:
    content = with_rows(
        "y[i] <= limit for i in I", "y[i] >= least[i] for i in I",
        sets=[{"name": "I", "elements": ["u", "v"]}], variables=[{"name": "y", "index": ["I"], "domain": "integer"}],
        parameters=[{"name": "limit", "value": 3}, {"name": "least", "index": ["I"], "value": {"u": 5, "v": 7}}],
    )  # fmt: skip
    assert edits(repairs(content)[0]) == [("parameters.limit.value", 7)]


@pytest.mark.parametrize(("index", "value", "path"), [
    (["I", "J"], {"u": {"p": 3, "q": 9}, "v": {"p": 3, "q": 3}}, "parameters.cap.value.u.q"),
    (["I", "J"], {"u,p": 3, "u,q": 9, "v,p": 3, "v,q": 3}, "parameters.cap.value.u,q"),
    (["I", "J"], [[3, 9], [3, 3]], "parameters.cap.value.0.1"),
    (["I", "J"], {"u": [3, 9], "v": [3, 3]}, "parameters.cap.value.u.1"),
])  # fmt: skip
def test_entries_are_found_however_the_table_is_written(index: list[str], value: Any, path: str) -> None:
    content = with_rows(
        "y[i, j] >= cap[i, j] for i in I for j in J",
        sets=[{"name": "I", "elements": ["u", "v"]}, {"name": "J", "elements": ["p", "q"]}],
        variables=[{"name": "y", "index": index, "domain": "continuous", "upper": 5}],
        parameters=[{"name": "cap", "index": index, "value": value}],
    )
    assert (path, 5) in [edits(repair)[0] for repair in repairs(content)]


def test_an_entry_that_only_the_default_gives_is_added() -> None:
    content = with_rows(
        "y[i] >= least[i] for i in I", sets=[{"name": "I", "elements": ["u", "v"]}],
        variables=[{"name": "y", "index": ["I"], "domain": "continuous", "upper": 5}],
        parameters=[{"name": "least", "index": ["I"], "value": {"u": 1}, "default": 8}],
    )  # fmt: skip
    (repair,) = repairs(content, "least")
    assert repair.changes == (Change(kind="add", path="parameters.least.value.v", value=5),)


def test_whole_numbers_count() -> None:
    found = repairs(ODD)
    assert {edits(repair)[0] for repair in found} <= {
        ("constraints.c1.expression", "2*n == 0"), ("constraints.c1.expression", "2*n == 2")
    }  # fmt: skip
    assert found[0].amount == 1


def test_a_false_constant_row_can_be_mended() -> None:
    content = with_rows("x >= 5", "need <= 2", parameters=[{"name": "need", "value": 3}])
    assert ("parameters.need.value", 2) in [edits(repair)[0] for repair in repairs(content)]


def test_a_name_that_nothing_has_is_a_finding() -> None:
    with pytest.raises(FormulationError) as caught:
        Formulation.from_dict(HOURS).repairs(["hurs"])
    (finding,) = caught.value.findings
    assert (finding.code, finding.text, finding.mend) == ("unknown_name", "hurs", "Did you mean `hours`?")


def test_what_is_feasible_needs_none() -> None:
    assert Formulation.from_dict(WORKSHOP).repairs() == ()


def test_repairs_are_json() -> None:
    content = json.loads(json.dumps([repair.to_dict() for repair in Formulation.from_dict(TRANSPORT).repairs()]))
    assert content[0]["moves"][0]["change"]["kind"] == "set"


CONDITIONAL: Content = {
    "variables": [{"name": "b", "domain": "binary"}, {"name": "x", "domain": "integer", "lower": 0, "upper": 10}],
    "objective": {"sense": "minimize", "expression": "x"},
    "constraints": [
        {"name": "when", "expression": "implies(b == 1, x <= 3)"},
        {"name": "on", "expression": "b >= 1"},
        {"name": "need", "expression": "x >= 5"},
    ],
}
ALTERNATIVES: Content = {
    "variables": [{"name": "x", "domain": "continuous", "lower": 0, "upper": 10}],
    "objective": {"sense": "minimize", "expression": "x"},
    "constraints": [
        {"name": "gap", "expression": "either(x <= 2, x >= 8)"},
        {"name": "need", "expression": "x >= 4"},
        {"name": "cap", "expression": "x <= 6"},
    ],
}
CREW: Content = {
    "sets": [{"name": "J", "elements": ["p", "q", "r"]}],
    "parameters": [{"name": "room", "value": 2}, {"name": "size", "index": ["J"], "value": [3, 4, 5]}],
    "variables": [{"name": "start", "index": ["J"], "domain": "integer", "lower": 0, "upper": 3}],
    "objective": None,
    "constraints": [{"name": "crew", "expression": "cumulative(((start[j], size[j], 2) for j in J), room)"}],
}


def test_numbers_inside_conditions_and_alternatives_move() -> None:
    assert ("constraints.when.expression", "implies(b == 1, x <= 5)") in [edits(r)[0] for r in repairs(CONDITIONAL)]
    found = [edits(repair)[0] for repair in repairs(ALTERNATIVES)]
    assert ("constraints.gap.expression", "either(x <= 4, x >= 8)") in found
    assert ("constraints.gap.expression", "either(x <= 2, x >= 6)") in found


def test_the_capacity_of_a_crew_moves() -> None:
    assert [edits(repair) for repair in repairs(CREW)] == [
        [("parameters.room.value", 4)],
        [("variables.start.upper", 7)],
    ]


def test_the_condition_itself_moves_where_it_compares_whole_numbers() -> None:
    content: Content = {
        "variables": [{"name": name, "domain": "integer", "lower": 0, "upper": 9} for name in "xy"],
        "objective": {"sense": "minimize", "expression": "x + y"},
        "constraints": [
            {"name": "when", "expression": "implies(x >= 4, y <= 1)"},
            {"name": "many", "expression": "x >= 5"},
            {"name": "some", "expression": "y >= 2"},
        ],
    }
    found = [edits(repair)[0] for repair in repairs(content)]
    assert ("constraints.when.expression", "implies(x >= 6, y <= 1)") in found
    assert ("constraints.when.expression", "implies(x >= 4, y <= 2)") in found


def test_several_numbers_of_one_text_move_in_one_change() -> None:
    variables = [{"name": "b", "domain": "binary"}, *({"name": n, "domain": "continuous", "upper": 20} for n in "xy")]
    content = with_rows("implies(b == 1, x <= 2 and y <= 3)", "b == 1", "x >= 10", "y >= 11", variables=variables)
    (repair,) = repairs(content, "c1")
    assert edits(repair) == [("constraints.c1.expression", "implies(b == 1, x <= 10 and y <= 11)")]
    assert len(repair.moves) == 2
    (chained,) = repairs(with_rows("x + 2 <= n <= 3", "n == 10", "x == 12"), "c1")
    assert edits(chained) == [("constraints.c1.expression", "x + 2 - 4 <= n <= 10")]


def test_a_number_is_told_by_the_comparison_that_it_stands_in() -> None:
    texts = [str(repair) for repair in repairs(ALTERNATIVES)]
    assert "Raise the number 2 of `x <= 2` in gap to 4, by 2. The objective is then 4." in texts
    crew = {**CREW, "constraints": [{"name": "crew", "expression": "cumulative(((start[j], 5, 2) for j in J), 2)"}]}
    assert str(repairs(crew)[0]) == "Raise the capacity 2 in crew to 6, by 4. There are values then."


def test_each_element_of_a_large_conflict_has_its_turn() -> None:
    """Thirty steps of three hours do not fit: only the last number, behind all the others, does alone."""
    content: Content = {
        "sets": [{"name": "T", "elements": "range(1, 31)"}],
        "parameters": [{"name": "hours", "index": ["T"], "value": [3] * 30}],
        "variables": [{"name": "at", "index": ["T"], "domain": "continuous", "lower": 0}],
        "objective": None,
        "constraints": [
            {"name": "order", "expression": "at[t] >= at[t - 1] + hours[t - 1] for t in T if t > 1"},
            {"name": "end", "expression": "at[30] + hours[30] <= 60"},
        ],
    }
    assert [("constraints.end.expression", "at[30] + hours[30] <= 90")] in [
        edits(repair) for repair in repairs(content)
    ]
