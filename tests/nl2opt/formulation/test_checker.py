"""What must never silently mean something else: each has a message with place, offending text and mend."""

from __future__ import annotations

from typing import Any

import pytest

from nl2opt.formulation.findings import Finding
from tests.nl2opt.formulation.formulations import (
    ITEM,
    MAKE,
    WORKSHOP,
    Content,
    N,
    X,
    changed,
    compiled,
    findings,
    only,
    with_rows,
)


def row(text: str, **fields: Any) -> Content:
    return changed(WORKSHOP, "constraints", 0, expression=text, **fields)


def profit(value: Any) -> Content:
    return changed(WORKSHOP, "parameters", 0, value=value)


def objective(**fields: Any) -> Content:
    return {**WORKSHOP, "objective": {**WORKSHOP["objective"], **fields}}


ERRORS: dict[str, tuple[Content, str]] = {
    "a sense that is neither": (
        objective(sense="biggest"),
        "objective.sense: `biggest` is not one of 'minimize' or 'maximize'. Known are: `minimize`, `maximize`.",
    ),
    "a list that is too short": (
        profit([30]),
        "parameters.profit.value: the list has 1 entries, the set `ITEM` has 2 elements (in `[30]`). "
        "Give one entry for each element, in the order of the set.",
    ),
    "a list that is too long": (
        profit([30, 80, 5]),
        "parameters.profit.value: the list has 3 entries, the set `ITEM` has 2 elements (in `[30, 80, 5]`). "
        "Give one entry for each element, in the order of the set.",
    ),
    "an unknown key": (
        profit({"chair": 30, "tabel": 80}),
        'parameters.profit.value: the key "tabel" is not in the set `ITEM` (in `tabel`). Did you mean `table`?',
    ),
    "a missing key": (
        profit({"chair": 30}),
        "parameters.profit.value: 1 of 2 values are missing, the first is the one for ITEM = 'table'. "
        "Give it, or a `default`.",
    ),
    "an unknown field": (
        row("make[i] <= 9", for_all="i in ITEM"),
        "constraints.labour: unknown field `for_all`. Write the clauses into the expression: `... for i in I`.",
    ),
    "a null value": (
        profit(None),
        "parameters.profit.value: null is not a value. Write a number, or leave `value` out.",
    ),
    "a null in a table": (
        profit({"chair": 30, "table": None}),
        'parameters.profit.value: null is not a number at key "table". '
        "Write the number, or leave the entry out and give a `default`.",
    ),
    "a null bound": (
        changed(WORKSHOP, "variables", 0, lower=None),
        'variables.make.lower: null is not a value. Write 0, another number, or "-inf" for a free variable.',
    ),
    "a name of a set and a parameter": (
        {**WORKSHOP, "parameters": [*WORKSHOP["parameters"], {"name": "ITEM", "value": 1}]},
        "parameters.ITEM: the name `ITEM` is used twice, in sets and in parameters. Rename one of them.",
    ),
    "a loop variable that hides a parameter": (
        row("make[hours] <= 9 for hours in ITEM"),
        "constraints.labour.expression: the loop variable `hours` hides the parameter `hours` (in `hours in ITEM`). "
        "Rename it.",
    ),
    "a single equals sign": (
        row("make['chair'] = 5"),
        "constraints.labour.expression: `=` has no meaning in an expression (in `make['chair'] = 5`). "
        "Write `==` for equality.",
    ),
    "an unknown name": (
        row("mak['chair'] <= 5"),
        "constraints.labour.expression: there is no `mak` (in `mak['chair']`). Did you mean `make`?",
    ),
    "an index outside its set": (
        row("make[i] <= make['stool'] for i in ITEM"),
        "constraints.labour.expression: 'stool' is not in the set `ITEM` ('chair', 'table') at i = 'chair' "
        "(in `make['stool']`). "
        "Use an element of the set, or exclude this case with a filter, as in `for t in T if t > first(T)`.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_names_element_field_text_and_mend(case: str) -> None:
    content, message = ERRORS[case]
    errors = [finding for finding in findings(content) if finding.is_error]
    assert [str(finding) for finding in errors] == [message]


WARNINGS: dict[str, tuple[Content, str]] = {
    "clauses that match nothing": (
        with_rows(
            "make[i] <= 9 for i in ITEM if i == 'a'", sets=[ITEM, {"name": "A", "elements": ["a"]}], variables=[MAKE]
        ),
        "constraints.c1: its clauses match nothing, so it demands nothing.",
    ),
    "a filter by a text that is no element": (
        with_rows("make[i] <= 9 for i in ITEM if i != 'Chair'", sets=[ITEM], variables=[MAKE]),
        "constraints.c1.expression: no set has the element `Chair` (in `i != 'Chair'`). Did you mean `chair`?",
    ),
    "a sum over nothing": (
        with_rows("sum(x for i in NONE) + n <= 3", sets=[{"name": "NONE", "elements": []}]),
        "constraints.c1: it runs over `NONE`, which is empty.",
    ),
    "a false row": (
        with_rows("x + n <= 9", "5 <= 3"),
        "constraints.c2: it contains no decision variable and is false, so nothing is feasible.",
    ),
    "a row that cancels out": (
        with_rows("n <= 9", "x - x >= 3"),
        "constraints.c2: it contains no decision variable and is false, so nothing is feasible.",
    ),
    "a row whose coefficients are 0": (
        with_rows("n <= 9", "x * (t - 2) >= 1 for t in range(1, 3)"),
        "constraints.c2: it contains no decision variable and is false, so nothing is feasible at t = 2.",
    ),
    "a strict row of constants": (
        with_rows("x + n <= 9", "4.5 < 4.5"),
        "constraints.c2: it contains no decision variable and is false, so nothing is feasible.",
    ),
    "a chain of constants": (
        with_rows("x + n <= 9", "1 <= 4 <= 3"),
        "constraints.c2: it contains no decision variable and is false, so nothing is feasible.",
    ),
    "a row that always holds": (
        with_rows("x + n <= 9", "3 < 5"),
        "constraints.c2: it contains no decision variable and holds always.",
    ),
    "an unused parameter": (
        with_rows("x + n <= 9", parameters=[{"name": "p", "value": 1}]),
        "parameters.p: it stands in no expression.",
    ),
    "an unused variable": (with_rows("x <= 9"), "variables.n: it stands in no expression."),
    "coefficients far apart": (
        with_rows("1e13 * x + n <= 9"),
        "the coefficients range from 1 to 1e+13. Choose units that bring them closer together.",
    ),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_is_probably_not_meant_is_a_warning(case: str) -> None:
    content, message = WARNINGS[case]
    (finding,) = findings(content)
    assert str(finding) == message
    assert not finding.is_error


def test_a_sound_formulation_has_no_findings() -> None:
    assert findings(WORKSHOP) == ()


def test_rows_that_hold_here_and_there_are_nothing_to_warn_of() -> None:
    assert findings(with_rows("n <= 9", "x * (t - 2) <= 1 for t in range(1, 3)")) == ()


def test_less_than_is_tightened_on_whole_numbers_and_assumed_on_others() -> None:
    found = compiled(with_rows("n < 3", "x < 3"))
    assert found.model.row_upper.tolist() == [2.0, 3.0]
    assert [assumption.element for assumption in found.assumptions] == ["c2"]


def test_a_warning_stands_beside_errors() -> None:
    found = findings(with_rows("x = 9", variables=[X]))
    assert [(finding.code, finding.is_error) for finding in found] == [
        ("single_equals", True),
        ("unused_variable", False),
    ]


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding(code="x", message="it is wrong"), "it is wrong."),
        (Finding(code="x", element="sets.I", message="it is `i`", text="i"), "sets.I: it is `i`."),
        (
            Finding(code="x", element="sets.I", field="elements", message="bad", text="i", where="t = 1", mend="Mend."),
            "sets.I.elements: bad at t = 1 (in `i`). Mend.",
        ),
    ],
)
def test_a_finding_reads_as_sentences(finding: Finding, text: str) -> None:
    assert str(finding) == text


def test_a_long_key_is_compared_with_no_other() -> None:
    key = "chair" * 50_000
    sets = [{"name": "I", "elements": [f"{key}{n}" for n in range(20)]}]
    parameters = [{"name": "p", "index": ["I"], "value": {key: 1}}]
    assert only(with_rows(sets=sets, parameters=parameters, variables=[X, N]), "unknown_key").mend == ""


def test_elements_written_as_names_are_told_to_be_quoted() -> None:
    content = with_rows("make[chair] <= 1", sets=[ITEM], variables=[MAKE])
    assert only(content, "unknown_name").mend == "Write it in quotes: `'chair'`."
