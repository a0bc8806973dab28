from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt import Formulation
from nl2opt.errors import FormulationError
from nl2opt.formulation.editing.difference import diff
from nl2opt.formulation.editing.edit import inverse
from nl2opt.formulation.editing.paths import Step, join_path, split_path
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Change
from tests.nl2opt.formulation.formulations import WORKSHOP, Content
from tests.nl2opt.formulation.render.strategies import indexed_formulations, scalar_formulations

PLAN: Content = {
    **WORKSHOP,
    "parameters": [
        *WORKSHOP["parameters"],
        {"name": "cost", "index": ["ITEM", "DAY"], "value": {"chair,1": 3, "chair,2": 4, "table,1": 5, "table,2": 6}},
        {"name": "odd", "index": ["DAY"], "value": {"1": 1, "2.5": 2, "": 3, '"q': 4}},
        {"name": "grid", "index": ["ITEM", "DAY"], "value": [[1, 2], [3, 4]]},
    ],
    "sets": [*WORKSHOP["sets"], {"name": "DAY", "elements": [1, 2]}],
    "assumptions": [{"text": "whole items", "element": "make"}],
}
PLAN_F = Formulation.from_dict(PLAN)


def change(kind: str, path: str, value: Any = None) -> Change:
    return Change.model_validate({"kind": kind, "path": path, "value": value})


def reach(content: Any, *keys: Any) -> Any:
    for key in keys:
        content = content[key]
    return content


@pytest.mark.parametrize(
    ("edit", "keys", "expected"),
    [
        (change("set", "title", "Works"), ("title",), "Works"),
        (change("set", "variables.make.domain", "continuous"), ("variables", 0, "domain"), "continuous"),
        (change("set", "variables.0.upper", "hours"), ("variables", 0, "upper"), "hours"),
        (change("set", "parameters.profit.value.chair", 31), ("parameters", 0, "value", "chair"), 31),
        (change("set", "parameters.cost.value.chair,2", 9), ("parameters", 3, "value", "chair,2"), 9),
        (change("set", 'parameters.odd.value."2.5"', 9), ("parameters", 4, "value", "2.5"), 9),
        (change("set", 'parameters.odd.value.""', 9), ("parameters", 4, "value", ""), 9),
        (change("set", 'parameters.odd.value."\\"q"', 9), ("parameters", 4, "value", '"q'), 9),
        (change("set", "parameters.odd.value.1", 9), ("parameters", 4, "value", "1"), 9),
        (change("add", "parameters.odd.value.x", 9), ("parameters", 4, "value", "x"), 9),
        (change("set", "parameters.grid.value.1.0", 9), ("parameters", 5, "value", 1, 0), 9),
        (change("set", "constraints.labour.expression", "hours >= 1"), ("constraints", 0, "expression"), "hours >= 1"),
        (change("set", "sets.ITEM.elements.chair", "sofa"), ("sets", 0, "elements"), ["sofa", "table"]),
        (change("set", 'sets.DAY.elements."2"', 3), ("sets", 1, "elements"), [1, 3]),
        (change("set", "sets.DAY.elements.0", 3), ("sets", 1, "elements"), [3, 2]),
        (change("add", "sets.ITEM.elements", "sofa"), ("sets", 0, "elements"), ["chair", "table", "sofa"]),
        (change("add", "sets.ITEM.elements.0", "sofa"), ("sets", 0, "elements"), ["sofa", "chair", "table"]),
        (change("remove", "sets.ITEM.elements.chair"), ("sets", 0, "elements"), ["table"]),
        (change("set", "objective.sense", "Minimize"), ("objective", "sense"), "minimize"),
        (change("remove", "objective"), ("objective",), None),
        (change("set", "assumptions.0.text", "all whole"), ("assumptions", 0, "text"), "all whole"),
        (change("add", "assumptions.0.alternatives", {"text": "t", "change": {"kind": "remove", "path": "objective"}}),
         ("assumptions", 0, "alternatives", 0, "text"), "t"),
        (change("switch_off", "constraints.labour"), ("constraints", 0, "enabled"), False),
        (change("replace", "constraints.labour", {"name": "work", "expression": "hours >= 0"}),
         ("constraints", 0, "name"), "work"),
        (change("add", "variables", {"name": "y", "domain": "binary"}), ("variables", 1, "name"), "y"),
    ],
)  # fmt: skip
def test_a_change_does_what_it_says_and_its_inverse_undoes_it(
    edit: Change, keys: tuple[Any, ...], expected: object
) -> None:
    before = PLAN_F.model_copy(deep=True)
    after = PLAN_F.apply(edit)
    assert reach(after.model_dump(by_alias=True), *keys) == expected
    assert before == PLAN_F
    assert after != PLAN_F
    assert after.apply(edit.inverse(PLAN_F)).to_json() == PLAN_F.to_json()


def refused(*changes: Change) -> tuple[Finding, ...]:
    with pytest.raises(FormulationError) as caught:
        PLAN_F.apply(changes)
    return caught.value.findings


@pytest.mark.parametrize(
    ("edit", "message", "mend"),
    [
        (change("set", "constraints.labor.expression", "hours >= 1"), "there is no constraint `labor`",
         "Did you mean `labour`?"),
        (change("set", "labour.expression", "hours >= 1"), "there is no field `labour` in the formulation",
         "Did you mean `constraints.labour`?"),
        (change("set", "variables.make.uper", 3), "there is no field `uper` in `variables.make`",
         "Did you mean `upper`?"),
        (change("set", "parameters.profit.value.chiar", 3), "there is no key `chiar` in `parameters.profit.value`",
         "Did you mean `chair`? To put in a new key, use the kind `add`."),
        (change("remove", "sets.ITEM.elements.7"),
         "there is no entry 7 in `sets.ITEM.elements`; it has 2 entries, numbered from 0", ""),
        (change("add", "parameters.profit.value.chair", 3),
         "there is a key `chair` in `parameters.profit.value` already", "Use the kind `set` to change it."),
        (change("add", "constraints", {"name": "labour", "expression": "hours >= 1"}),
         "there is a constraint `labour` already", "Use the kind `replace` on `constraints.labour`, or another name."),
        (change("remove", "variables.make.domain"), "`variables.make.domain` must be there, so it cannot be removed",
         "Set it to something else."),
        (change("remove", "variables.make.upper"), "`variables.make.upper` is not given, so it cannot be removed", ""),
        (change("switch_off", "variables.make"), "`variables.make` cannot be switched off",
         "Only a constraint can, as in `constraints.labour`."),
        (change("replace", "variables.make.domain", "binary"),
         "`variables.make.domain` is not a whole element that can be replaced",
         "Use the kind `set` for a part of one."),
        (change("set", "title.x", 1), "`title` is a text, so there is no `x` in it", "It holds `Workshop`."),
        (change("set", "a..b", 1), "a step of the path is empty", None),
        (change("set", 'title."x', 1), "a quoted step of the path has no end", None),
    ],
)  # fmt: skip
def test_a_path_that_does_not_exist_is_said_with_what_is_there(edit: Change, message: str, mend: str | None) -> None:
    (finding,) = refused(edit)
    assert (finding.code, finding.message, finding.text) == ("path", message, edit.path)
    assert mend is None or finding.mend == mend


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_half_applied() -> None:
    before = PLAN_F.to_json()
    first, second = refused(
        change("set", "title", "new"), change("remove", "constraints.x"), change("remove", "variables.y")
    )
    assert "`x`" in first.message
    assert "`y`" in second.message
    assert PLAN_F.to_json() == before


@pytest.mark.parametrize(
    ("edit", "code", "element", "field"),
    [
        (change("set", "variables.make.domain", "whole"), "not_one_of", "variables.make", "domain"),
        (change("set", "variables.make.lower", None), "null", "variables.make", "lower"),
        (change("add", "constraints", {"name": "for", "expression": "1 <= 2"}), "value", "constraints.for", "name"),
        (change("remove", "variables.make"), "no_variables", "", ""),
        (change("add", "constraints", {"name": "c"}), "missing_field", "constraints.c", ""),
    ],
)
def test_a_value_that_the_schema_refuses_is_a_finding(edit: Change, code: str, element: str, field: str) -> None:
    (finding,) = refused(edit)
    assert (finding.code, finding.element, finding.field) == (code, element, field)


def test_two_elements_of_one_name_must_be_numbered() -> None:
    row = PLAN["constraints"][0]
    twice = Formulation.from_dict({**PLAN, "constraints": [row, {**row, "expression": "hours >= 1"}]})
    with pytest.raises(FormulationError, match=r"there are 2 of the name `labour`.*`constraints\.0`, `constraints\.1`"):
        twice.apply(change("remove", "constraints.labour"))
    rest = twice.apply(change("remove", "constraints.0"))
    assert rest.constraints[0].expression == "hours >= 1"
    assert rest.apply(change("remove", "constraints.0").inverse(twice)) == twice
    assert twice.apply(diff(twice, rest)) == rest


def test_a_renamed_element_is_found_by_its_new_name() -> None:
    rename = change("set", "constraints.labour.name", "work")
    assert rename.inverse(PLAN_F) == change("set", "constraints.work.name", "labour")


@given(st.lists(st.text(max_size=6), min_size=1, max_size=4))
@settings(max_examples=50)
def test_any_key_can_be_part_of_a_path(keys: list[str]) -> None:
    assert [step.text for step in split_path(join_path(keys))] == keys


def test_a_number_in_quotes_is_a_name() -> None:
    assert split_path('a."0".0') == (Step("a"), Step("0", quoted=True), Step("0"))


def _value(draw: st.DrawFn, old: Any) -> Any:
    if isinstance(old, dict):
        return {key: draw(st.integers(-9, 9)) for key in old}
    return draw(st.one_of(st.integers(-9, 9), st.sampled_from(["a", "x + 1"])))


@st.composite
def edited(draw: st.DrawFn) -> tuple[Formulation, list[Change]]:
    """Draw a formulation, and changes of all kinds that can be made in it one after the other."""
    formulation = draw(st.one_of(scalar_formulations(), indexed_formulations()))
    current, changes = formulation, []
    for number in range(draw(st.integers(1, 6))):
        options = [
            change("set", "title", draw(st.text("ab.\n", max_size=3))),
            change("add", f"constraints.{draw(st.integers(0, len(current.constraints)))}",
                   {"name": f"new_{number}", "expression": "1 <= 2"}),
            change("add", "parameters", {"name": f"p_{number}", "value": {"a.b": 1, "7": 2}}),
            change("set", "objective", draw(st.sampled_from([None, {"sense": "minimize", "expression": "1"}]))),
            change("set", f"variables.{current.variables[0].name}.upper", draw(st.integers(0, 9))),
            change("add", "assumptions.0", {"text": f"assumed {number}"}),
        ]  # fmt: skip
        options += [change("remove", f"constraints.{c.name}") for c in current.constraints]
        options += [change("switch_off", f"constraints.{c.name}") for c in current.constraints]
        options += [change("remove", f"variables.{v.name}") for v in current.variables[1:]]
        options += [change("remove", f"variables.{v.name}.upper") for v in current.variables if v.upper is not None]
        options += [change("set", f"parameters.{p.name}.value", _value(draw, p.value)) for p in current.parameters]
        options += [
            change("remove", join_path(["parameters", p.name, "value", key]))
            for p in current.parameters
            if isinstance(p.value, dict)
            for key in list(p.value)[:2]
        ]
        edit = draw(st.sampled_from(options))
        current = current.apply(edit)
        changes.append(edit)
    return formulation, changes


@given(edited())
@settings(max_examples=40)
def test_inverse_and_difference_hold_for_any_changes(case: tuple[Formulation, list[Change]]) -> None:
    before, changes = case
    after = before.apply(changes)
    assert after.apply(inverse(before, changes)) == before
    found = diff(before, after)
    assert before.apply(found) == after
    assert bool(found) == (before != after) == (str(found) != "no difference")
    assert all(Change.model_validate_json(c.model_dump_json()) == c for c in found)
    assert after.apply(diff(after, before)) == before


@given(indexed_formulations(), indexed_formulations(), scalar_formulations())
@settings(max_examples=25)
def test_a_difference_leads_from_anything_to_anything(a: Formulation, b: Formulation, c: Formulation) -> None:
    formulations = (a, b, c)
    for before in formulations:
        for after in formulations:
            assert Formulation.from_json(before.apply(diff(before, after)).to_json()) == after
            assert bool(str(diff(before, after)))


@given(st.permutations(["a", "b", "c", "d", "e"]), st.permutations(["a", "b", "c", "x", "e"]))
@settings(max_examples=30)
def test_order_is_part_of_a_difference(old: list[str], new: list[str]) -> None:
    def rows(names: list[str]) -> Formulation:
        return Formulation.from_dict(
            {**PLAN, "constraints": [{"name": name, "expression": "hours >= 1"} for name in names],
             "sets": [{"name": "ITEM", "elements": names}]}
        )  # fmt: skip

    before, after = rows(old), rows(new)
    assert before.apply(diff(before, after)) == after
    assert [c.name for c in before.apply(diff(before, after)).constraints] == new


def words(after: Content) -> list[str]:
    return str(diff(PLAN_F, Formulation.from_dict(after))).splitlines()


def test_a_difference_reads_as_a_person_would_say_it() -> None:
    after = json.loads(PLAN_F.apply([
        change("set", "parameters.hours.value", 440),
        change("set", "parameters.profit.value.chair", 35),
        change("set", "variables.make.domain", "continuous"),
        change("set", "constraints.labour.expression", "sum(make[i] for i in ITEM) <= 2 * hours"),
        change("add", "constraints", {"name": "stock", "expression": "make['chair'] <= 5"}),
        change("add", "sets.ITEM.elements", "sofa"),
        change("set", "title", "Works"),
    ]).to_json())  # fmt: skip
    assert words(after) == [
        "title Workshop -> Works",
        "ITEM: added sofa",
        "objective: profit[chair] 30 -> 35",
        "labour: hours 400 -> 440",
        "make: domain integer -> continuous",
        "labour: expression",
        "    before: sum(need[i] * make[i] for i in ITEM) <= hours",
        "    after:  sum(make[i] for i in ITEM) <= 2 * hours",
        "added constraint stock: make['chair'] <= 5",
    ]
    back = str(diff(Formulation.from_dict(after), PLAN_F))
    assert "removed constraint stock: make['chair'] <= 5" in back


def test_many_entries_are_summarised_and_set_at_once() -> None:
    size = 40
    content = {**PLAN, "sets": [{"name": "DAY", "elements": list(range(size))}]}
    before, after = (
        Formulation.from_dict(
            {**content, "parameters": [{"name": "need", "index": ["DAY"], "value": [n + step for n in range(size)]}]}
        )
        for step in (0, 2)
    )
    assert str(diff(before, after)) == "labour: need: of 40 entries 40 changed, by +2 to +2"
    assert [c.path for c in diff(before, after)] == ["parameters.need.value"]


def test_a_constraint_that_is_switched_off_demands_nothing() -> None:
    workshop = Formulation.from_dict(WORKSHOP)
    off = workshop.apply(change("switch_off", "constraints.labour"))
    assert str(diff(workshop, off)) == "switched off constraint labour"
    assert str(diff(off, workshop)) == "switched on constraint labour"
    assert off.solve().termination == "unbounded"
    assert Formulation.from_json(off.to_json()) == off
    assert {f.code for f in off.check()} == {f.code for f in workshop.check()}
    assert "# switched off: labour: sum(need[i] * make[i] for i in ITEM) <= hours" in off.to_program()
    assert "labour" not in off.to_latex()
    assert "switched off" in off.to_markdown()
    broken = off.apply(change("set", "constraints.labour.expression", "nobody <="))
    assert not [finding for finding in broken.check() if finding.is_error]
