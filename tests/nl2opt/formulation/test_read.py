from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import FormulationError
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Formulation
from tests.nl2opt.formulation.formulations import ITEM, MAKE, WORKSHOP, Content, changed, findings, only, with_rows

TEXT = json.dumps(WORKSHOP)


def faults(text: str | bytes) -> tuple[Finding, ...]:
    with pytest.raises(FormulationError) as caught:
        Formulation.from_json(text)
    return caught.value.findings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("\n", "not JSON"),
        ('{"title": "a",\n', "line 2"),
        (TEXT[:200], "not JSON"),
        (TEXT + " That is all.", "Extra data"),
        (TEXT + TEXT, "Extra data"),
        ("```json\n" + TEXT, "not JSON"),
        ("\ufeff" + TEXT, "BOM"),
        (b"\xff\xfe\xff", "decode"),
        ('{"a": NaN}', "`NaN`"),
        ('{"a": -Infinity}', "`-Infinity`"),
        ('{"a": 1, "a": 2}', "`a` stands twice"),
        ('{"title": "\\ud800"}', "half a character"),
        ('{"a": ' + "9" * 5000 + "}", "too many digits"),
        ("[" * 100_000, "too deep"),
        ('{"a":' * 100_000, "too deep"),
    ],
)
def test_what_is_not_json_is_said(text: str | bytes, words: str) -> None:
    (finding,) = faults(text)
    assert finding.code == "not_json"
    assert words in finding.message


@pytest.mark.parametrize("text", ["[]", '"text"', "3", "null", "true"])
def test_a_formulation_is_an_object(text: str) -> None:
    assert [f.code for f in faults(text)] == ["not_an_object"]


def test_a_large_file_is_read() -> None:
    count = 100_000
    content = {
        "sets": [{"name": "I", "elements": f"range({count})"}],
        "parameters": [{"name": "p", "index": ["I"], "value": list(range(count))}],
        "variables": [{"name": "x", "index": ["I"], "domain": "continuous", "lower": 0, "upper": "p[i]"}],
        "objective": None,
    }
    assert [f.code for f in Formulation.from_json(json.dumps(content)).check()] == ["unused_variable"]


@pytest.mark.parametrize("depth", [50, 800])
def test_values_that_nest_deep_are_a_finding(depth: int) -> None:
    value = "[" * depth + "1" + "]" * depth
    text = json.dumps(with_rows(sets=[ITEM], parameters=[{"name": "p", "index": ["ITEM"], "value": 0}]))
    formulation = Formulation.from_json(text.replace('"value": 0', f'"value": {value}'))
    assert [f.code for f in formulation.check() if f.is_error] == ["length"]


@pytest.mark.parametrize(
    ("content", "element", "code", "mend"),
    [
        ({"objective": None}, "", "missing_field", ""),
        ({"variables": [], "objective": None}, "", "no_variables", ""),
        ({"variables": [MAKE]}, "", "missing_field", "null when any feasible point"),
        (changed(WORKSHOP, "constraints", 0, for_all="i"), "constraints.labour", "unknown_field", "`... for i in I`"),
        (changed(WORKSHOP, "constraints", 0, formula="x"), "constraints.labour", "unknown_field", "The fields are"),
        (changed(WORKSHOP, "variables", 0, domian="integer"), "variables.make", "unknown_field", "`domain`?"),
        ({**WORKSHOP, "variabels": []}, "", "unknown_field", "Did you mean `variables`?"),
        (changed(WORKSHOP, "variables", 0, domain="int"), "variables.make", "not_one_of", "Did you mean `integer`?"),
        (changed(WORKSHOP, "variables", 0, domain="real"), "variables.make", "not_one_of", "`continuous`"),
        (changed(WORKSHOP, "variables", 0, domain=None), "variables.make", "null", '"continuous"'),
        (changed(WORKSHOP, "variables", 0, lower=None), "variables.make", "null", '"-inf"'),
        (changed(WORKSHOP, "sets", 0, elements=None), "sets.ITEM", "null", ""),
        (changed(WORKSHOP, "sets", 0, elements=3), "sets.ITEM", "type", "`range(1, 13)`"),
        (changed(WORKSHOP, "sets", 0, name=None), "sets.1", "null", "name"),
        (changed(WORKSHOP, "variables", 0, index="ITEM"), "variables.make", "type", ""),
        (changed(WORKSHOP, "variables", 0, upper=[1]), "variables.make", "type", ""),
        (changed(WORKSHOP, "variables", 0, upper=float("nan")), "variables.make", "value", ""),
        (changed(WORKSHOP, "constraints", 0, expression=5), "constraints.labour", "type", ""),
        ({**WORKSHOP, "sets": {"ITEM": ["a"]}}, "", "type", ""),
        ({**WORKSHOP, "sets": ["ITEM"]}, "sets.1", "type", ""),
        ({**WORKSHOP, "objective": []}, "objective", "objectives", "at least one objective"),
        ({**WORKSHOP, "objective": "max x"}, "", "type", ""),
        ({**WORKSHOP, "objective": {"sense": "minimize"}}, "objective", "missing_field", ""),
        ({**WORKSHOP, "version": 2}, "", "not_one_of", ""),
        ({**WORKSHOP, "title": None}, "", "null", ""),
    ],
)  # fmt: skip
def test_each_fault_names_its_element_and_its_mend(content: Content, element: str, code: str, mend: str) -> None:
    found = [finding for finding in findings(content) if finding.is_error]
    assert {(finding.element, finding.code) for finding in found} == {(element, code)}
    assert mend in found[0].mend


def test_an_unknown_field_says_its_name() -> None:
    assert "`for_all`" in str(only(changed(WORKSHOP, "constraints", 0, for_all="i in ITEM"), "unknown_field"))


def test_every_fault_is_said_at_once() -> None:
    content = changed(WORKSHOP, "constraints", 0, for_all="i in ITEM")
    content = changed(content, "variables", 0, domain="whole", lower=None)
    content = {**content, "objective": {"sense": "best", "expression": "1"}, "colour": "red"}
    places = {(finding.element, finding.code) for finding in findings(content)}
    assert places == {
        ("constraints.labour", "unknown_field"),
        ("variables.make", "not_one_of"),
        ("variables.make", "null"),
        ("objective", "not_one_of"),
        ("", "unknown_field"),
    }


def test_a_fault_in_an_alternative_names_where_it_stands() -> None:
    change = {"kind": "swap", "path": "variables.make.domain"}
    assumption = {"text": "whole", "alternatives": [{"text": "not", "change": change}]}
    finding = only({**WORKSHOP, "assumptions": [assumption]}, "not_one_of")
    assert finding.element == "assumptions.1.alternatives.1.change"
    assert finding.field == "kind"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from([*WORKSHOP, "constraints", "extra"]), _JSON))
def test_any_object_is_read_or_refused_with_findings(changes: dict[str, Any]) -> None:
    try:
        found = Formulation.from_dict({**WORKSHOP, **changes}).check()
    except FormulationError as error:
        found = error.findings
    assert all(finding.message for finding in found)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.text(max_size=3))
def test_a_cut_text_is_read_or_refused_with_findings(place: int, added: str) -> None:
    try:
        found = Formulation.from_json(TEXT[:place] + added + TEXT[place + len(added) :]).check()
    except FormulationError as error:
        found = error.findings
    assert all(finding.message for finding in found)


def with_alternative(**alternative: Any) -> dict[str, Any]:
    return {**WORKSHOP, "assumptions": [{"text": "whole", "alternatives": [{"text": "not", **alternative}]}]}


CONTINUOUS = {"kind": "set", "path": "variables.make.domain", "value": "continuous"}
LONGER = {"kind": "set", "path": "parameters.hours.value", "value": 440}


def test_an_alternative_has_one_edit_or_several() -> None:
    one = Formulation.from_dict(with_alternative(change=CONTINUOUS))
    several = Formulation.from_dict(with_alternative(changes=[CONTINUOUS, LONGER]))
    assert [len(f.assumptions[0].alternatives[0].edits) for f in (one, several)] == [1, 2]
    for formulation in (one, several):
        assert Formulation.from_json(formulation.to_json()) == formulation
        assert formulation.apply(formulation.assumptions[0].alternatives[0].edits) != formulation
    assert "(set variables.make.domain to " in several.describe()
    assert " and set parameters.hours.value to 440)" in several.describe()


@pytest.mark.parametrize("given", [{}, {"changes": []}, {"change": CONTINUOUS, "changes": [LONGER]}])
def test_an_alternative_without_edits_or_with_both_is_a_fault(given: dict[str, Any]) -> None:
    finding = only(with_alternative(**given), "value")
    assert finding.element == "assumptions.1.alternatives.1"
    assert "either `change`, one edit, or `changes`, a list of them" in finding.message


def test_a_fault_in_one_of_several_edits_names_where_it_stands() -> None:
    finding = only(with_alternative(changes=[LONGER, {"kind": "swap", "path": "a"}]), "not_one_of")
    assert (finding.element, finding.field) == ("assumptions.1.alternatives.1.changes.2", "kind")
