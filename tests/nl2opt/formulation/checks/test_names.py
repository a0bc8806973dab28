from __future__ import annotations

from typing import Any

import pytest

from nl2opt.formulation.checks.names import expression_fields, infinite_bound, own_indices
from nl2opt.formulation.schema import Formulation
from tests.nl2opt.formulation.formulations import ITEM, MAKE, WORKSHOP, X, changed, findings, only, with_rows

SETS = [ITEM, {"name": "T", "elements": [1, 2]}]
SCALAR = {"name": "hours", "value": 400}
NEED = {"name": "need", "index": ["ITEM"], "value": [2, 5]}
PARTS: dict[str, Any] = {"sets": SETS, "parameters": [SCALAR, NEED], "variables": [MAKE, X]}


@pytest.mark.parametrize(
    ("parts", "element"),
    [
        ({"sets": [ITEM, ITEM]}, "sets.ITEM"),
        ({"sets": SETS, "parameters": [{"name": "ITEM", "value": 1}]}, "parameters.ITEM"),
        ({"sets": SETS, "variables": [{**X, "name": "ITEM"}]}, "variables.ITEM"),
        ({"parameters": [SCALAR, SCALAR]}, "parameters.hours"),
        ({"parameters": [{"name": "x", "value": 1}]}, "variables.x"),
        ({"variables": [X, X]}, "variables.x"),
    ],
)
def test_a_name_that_is_used_twice_is_refused(parts: dict[str, Any], element: str) -> None:
    finding = only(with_rows(**parts), "name_clash")
    assert (finding.element, finding.mend) == (element, "Rename one of them.")
    assert f"`{element.split('.')[1]}`" in finding.message


def test_constraints_of_one_name_are_refused() -> None:
    constraint = {"name": "labour", "expression": "x <= 1"}
    finding = only({"variables": [X], "objective": None, "constraints": [constraint] * 3}, "name_clash")
    assert str(finding) == "constraints.labour: 3 constraints have the name `labour`. Rename them."


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("make[hours] <= 1 for hours in ITEM", "hides the parameter `hours`"),
        ("make[x] <= 1 for x in ITEM", "hides the variable `x`"),
        ("make[T] <= 1 for T in ITEM", "hides the set `T`"),
        ("sum(make[i] for i in ITEM for i in ITEM) <= 1", "hides an outer one"),
        ("sum(make[i] for i in ITEM) <= need[i] for i in ITEM", "hides an outer one"),
        ("sum(x for (hours, j) in ITEM) <= 1", "hides the parameter `hours`"),
    ],
)
def test_a_loop_variable_that_hides_a_name_is_refused(text: str, hidden: str) -> None:
    finding = only(with_rows(text, **PARTS), "hidden_name")
    assert (finding.element, finding.field, finding.mend) == ("constraints.c1", "expression", "Rename it.")
    assert hidden in finding.message
    assert finding.text in text


def test_an_index_of_a_bound_that_hides_a_name_wants_another() -> None:
    item = {"name": "item", "elements": ["a"]}
    variable = {"name": "y", "index": ["item"], "domain": "continuous", "lower": 0, "upper": "cap[item]"}
    parameters = [{"name": "cap", "index": ["item"], "value": [1]}]
    content = with_rows(sets=[item], parameters=parameters, variables=[variable])
    finding = only(content, "hidden_name")
    assert (finding.element, finding.field) == ("variables.y", "upper")
    assert "`as`" in finding.mend
    assert not [f for f in findings(changed(content, "variables", 0, **{"as": ["i"], "upper": "cap[i]"})) if f.is_error]


def test_a_bound_that_does_not_use_its_indices_hides_nothing() -> None:
    variable = {"name": "y", "index": ["item"], "domain": "continuous", "lower": 0, "upper": "cap"}
    content = with_rows(
        sets=[{"name": "item", "elements": ["a"]}], parameters=[{"name": "cap", "value": 1}], variables=[variable]
    )
    assert not [f for f in findings(content) if f.is_error]


@pytest.mark.parametrize(
    ("text", "code", "says", "mend"),
    [
        ("maek['chair'] <= 1", "unknown_name", "`maek`", "`make`"),
        ("x <= hour", "unknown_name", "`hour`", "`hours`"),
        ("Make['chair'] <= 1", "unknown_name", "`Make`", "`make`"),
        ("make[chair] <= 1", "unknown_name", "element of `ITEM`", "`'chair'`"),
        ("make[i] <= 1", "unknown_name", "`i`", ""),
        ("sum(make[i] for i in ITEMS) <= 1", "unknown_set", "`ITEMS`", "`ITEM`"),
        ("sum(make[i] for i in ITEM if i in TT) <= 1", "unknown_set", "`TT`", ""),
        ("x <= len(ITEMS)", "unknown_set", "`ITEMS`", "`ITEM`"),
        ("x <= ITEM", "set_as_number", "`ITEM`", ""),
        ("make <= 1", "needs_index", "indexed by ITEM", "`make[...]`"),
        ("x <= need", "needs_index", "indexed by ITEM", "`need[...]`"),
        ("x['chair'] <= 1", "not_indexable", "`x`", "`x` alone"),
        ("x <= hours[1]", "not_indexable", "`hours`", "`hours` alone"),
        ("x <= ITEM[1]", "not_indexable", "`ITEM`", ""),
    ],
)
def test_a_misused_name_is_said_with_its_mend(text: str, code: str, says: str, mend: str) -> None:
    finding = only(with_rows(text, **PARTS), code)
    assert (finding.element, finding.field) == ("constraints.c1", "expression")
    assert says in finding.message
    assert mend in finding.mend
    assert finding.text
    assert finding.text in text


@pytest.mark.parametrize(
    ("parts", "element", "field"),
    [
        ({"sets": [*SETS, {"name": "S", "elements": "range(x)"}]}, "sets.S", "elements"),
        ({"parameters": [{"name": "p", "value": "2 * x"}]}, "parameters.p", "value"),
        ({"variables": [MAKE, X, {**X, "name": "y", "upper": "3 * x"}]}, "variables.y", "upper"),
        ({"variables": [MAKE, {**X, "name": "y", "lower": "make['chair']"}, X]}, "variables.y", "lower"),
    ],
)
def test_a_decision_cannot_be_data(parts: dict[str, Any], element: str, field: str) -> None:
    finding = only(with_rows(**{**PARTS, **parts}), "variable_as_constant")
    assert (finding.element, finding.field) == (element, field)


def test_unknown_sets_of_an_index_are_refused() -> None:
    finding = only(changed(WORKSHOP, "variables", 0, index=["ITEMS"]), "unknown_set")
    assert (finding.element, finding.field, finding.mend) == ("variables.make", "index", "Did you mean `ITEM`?")


@pytest.mark.parametrize(("own", "code"), [(["i", "j"], "arity"), ([], "arity"), (["i", "i"], "name_clash")])
def test_as_names_each_index_once(own: list[str], code: str) -> None:
    finding = only(changed(WORKSHOP, "variables", 0, **{"as": own}), code)
    assert (finding.element, finding.field) == ("variables.make", "as")


def test_several_faults_are_said_at_once() -> None:
    content = {
        "sets": [ITEM, {"name": "S", "elements": "ragne(3)"}],
        "parameters": [{"name": "cap", "index": ["ITEM"], "value": [1]}, {"name": "ITEM", "value": "5 kg"}],
        "variables": [{**MAKE, "index": ["ITEMS"]}, {**X, "upper": "capp"}],
        "objective": {"sense": "minimize", "expression": "cost * x"},
        "constraints": [
            {"name": "a", "expression": "x = 5"},
            {"name": "b", "expression": "2x <= 5"},
            {"name": "b", "expression": "y[i] <= z"},
        ],
    }
    places = {(f.element, f.code) for f in findings(content) if f.is_error}
    assert places == {
        ("parameters.ITEM", "name_clash"),
        ("constraints.b", "name_clash"),
        ("variables.make", "unknown_set"),
        ("sets.S", "unknown_function"),
        ("parameters.ITEM", "not_a_number"),
        ("variables.x", "unknown_name"),
        ("objective", "unknown_name"),
        ("constraints.a", "single_equals"),
        ("constraints.b", "missing_operator"),
        ("constraints.b", "unknown_name"),
    }


def test_faults_of_values_are_said_together_with_those_of_rows() -> None:
    content = with_rows("x / 0 <= 1", "make['stool'] <= 1", **PARTS)
    content = changed(content, "parameters", 1, value=[1])
    content = changed(content, "variables", 1, upper="hourz")
    places = [(f.element, f.code) for f in findings(content) if f.is_error]
    assert places == [
        ("variables.x", "unknown_name"),
        ("parameters.need", "length"),
        ("constraints.c1", "division_by_zero"),
        ("constraints.c2", "index_out_of_set"),
    ]


def test_what_stands_in_no_expression_is_a_warning() -> None:
    unused = {f.element: f.code for f in findings(with_rows("x <= 1", **PARTS))}
    assert unused == {
        "parameters.hours": "unused_parameter",
        "parameters.need": "unused_parameter",
        "variables.make": "unused_variable",
    }


@pytest.mark.parametrize(
    ("text", "bound"),
    [("inf", float("inf")), (" -Inf ", float("-inf")), ("+infinity", float("inf")), ("x", None), ("3", None)],
)
def test_infinite_bounds_are_words(text: str, bound: float | None) -> None:
    assert infinite_bound(text) == bound


def test_own_indices_are_the_sets_in_lower_case() -> None:
    formulation = Formulation.from_dict(with_rows(variables=[{**MAKE, "index": ["ITEM", "T", "ITEM"]}]))
    assert own_indices(formulation.variables[0], formulation) == ("item", "t", "item2")


def test_every_field_that_holds_an_expression_is_found() -> None:
    content = with_rows("x <= 1", objective="x", **PARTS)
    content = changed(content, "sets", 1, elements="range(3)")
    content = changed(content, "parameters", 0, value="1 + 1")
    content = changed(content, "variables", 1, lower="-inf", upper="hours")
    fields = [(f.element, f.field) for f in expression_fields(Formulation.from_dict(content))]
    assert fields == [
        ("sets.T", "elements"),
        ("parameters.hours", "value"),
        ("variables.x", "upper"),
        ("objective", "expression"),
        ("constraints.c1", "expression"),
    ]
