"""Bad input, odd or hostile: each is a finding with an exact message, and none costs time or memory."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from nl2opt.errors import FormulationError, SettingsError
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation
from nl2opt.settings import load_settings
from tests.nl2opt.formulation.formulations import ITEM, MAKE, WORKSHOP, Content, X, changed, findings, with_rows

DEEP = "(" * 10_000
QUOTED = "(" * 297 + "..."

EXPRESSIONS: dict[str, str] = {
    f"{DEEP}x{')' * 10_000} <= 1": (
        f"the brackets nest more than 100 deep (in `{QUOTED}`). Leave those out that are not needed."
    ),
    "x" + "[1]" * 10_000: (
        "the expression nests too deep, or is a chain of thousands of terms. Write it with sets, parameters and `sum`."
    ),
    "x <= class": "`class` is a word of Python's own and cannot be a name (in `x <= class`). Choose another name.",
    "import os": "`import` is a word of Python's own and cannot be a name (in `import os`). Choose another name.",
    "x <= None": "this is neither a number nor a text (in `None`).",
    "x.__class__ <= 1": "a dot after a name has no meaning here (in `x.__class__`). Write `name[index]`.",
    "__class__ <= 1": "there is no `__class__`. Known are: `x`, `n`.",
    "__import__('os').system('ls')": (
        "this cannot be called (in `__import__('os').system('ls')`). Write `a * (b)` for a product."
    ),
    "print(x) <= 1": (
        "`print` is not a function (in `print(x)`). Write `a * (b)` for a product, `x[i]` for an index."
    ),
    "(lambda: x) <= 1": "`lambda` has no meaning in an expression (in `lambda: x`).",
    "f'{x}' <= 1": "a text with `f` in front has no meaning in an expression (in `f'{x}'`).",
    "(x := 5) <= 1": "`:=` has no meaning in an expression (in `x := 5`). Write `==` for equality.",
    "await x": "`await` has no meaning in an expression (in `await x`).",
    "{**x} <= 1": "a table of listed entries has no meaning in an expression (in `{**x}`).",
    "[*x] <= 1": "`*` in front of a name has no meaning in an expression (in `*x`).",
    "~x <= 1": "`~` has no meaning in an expression (in `~x`).",
    "x <= 9**9**9": "the result is not a finite number (in `9**9**9`).",
    "x <= sum(t for t in range(10**12))": (
        "the set would have 1,000,000,000,000 elements, more than the limit of 5,000,000. "
        "Raise the limit `set_elements`, or divide the problem."
    ),
    "sum(x for t in range(3) for s in range(t, t + 10**12)) <= 1": (
        "the clauses run over 1,000,000,000,000 combinations, more than 200,000,000. "
        "Tie the indices by a filter, or run over a set of the pairs that exist."
    ),
    "х <= 1": (  # the first letter is Cyrillic
        "there is no `х`. Did you mean `x`? It looks the same, but one has the letter CYRILLIC SMALL LETTER HA."
    ),
    "x <= \u200bn": "there is a hidden character, ZERO WIDTH SPACE (in `x <= \\u200bn`). Delete it.",
    "sum(n for sum in range(3)) <= x": (
        "`sum` has a meaning of its own in expressions (in `sum in range(3)`). Rename it."
    ),
    "sum(n for __i in range(3)) <= x": (
        "`__i` has a meaning of its own in expressions (in `__i in range(3)`). Rename it."
    ),
    "x <= 1 if n": (
        "there is an `if` without `else` (in `x <= 1 if n`). "
        "Write `a if c else b`, or a filter behind a clause: `... for i in I if c`."
    ),
    "x <= 1,000": (
        "a constraint is one comparison, and a comma begins a second one (in `x <= 1,000`). "
        "Write numbers without commas, 1000 for 1,000, and a second comparison as a constraint of its own."
    ),
    "x === 1": "`===` has no meaning in an expression (in `x === 1`). Write `==`.",
    "x <> 1": "`<>` has no meaning in an expression (in `x <> 1`). Write `!=`.",
    "x <= 3 | n <= 4": (
        "`|` joins sets, and no set is expected here (in `3 | n`). Write `or` between conditions."
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS, ids=lambda text: text[:20])
def test_a_bad_expression_is_one_finding_at_once(text: str) -> None:
    begin = time.thread_time()
    errors = [str(finding) for finding in findings(with_rows(text)) if finding.is_error]
    assert time.thread_time() - begin < 2
    assert errors == [f"constraints.c1.expression: {EXPRESSIONS[text]}"]


def named(name: str) -> Content:
    return with_rows(variables=[{**X, "name": name}])


def profit(value: Any, **fields: Any) -> Content:
    return changed(WORKSHOP, "parameters", 0, value=value, **fields)


def item(elements: Any) -> Content:
    return with_rows(sets=[{"name": "I", "elements": elements}])


FORMULATIONS: dict[str, tuple[Content, str]] = {
    "no comparison, over nothing": (
        with_rows("x + i for i in NONE", sets=[{"name": "NONE", "elements": []}]),
        "constraints.c1.expression: a constraint needs a comparison (in `x + i`). Write `... <= ...`, `>=` or `==`.",
    ),
    "NaN as a value": (
        profit([30, float("nan")]),
        "parameters.profit.value: NaN is not a finite number at ITEM = 'table'.",
    ),
    "Infinity as a value": (
        profit({"chair": float("inf"), "table": 1}),
        "parameters.profit.value: Infinity is not a finite number at key \"chair\".",
    ),
    "NaN as an element": (
        item(["a", float("nan")]),
        "sets.I.elements: NaN cannot be an element of a set. Elements are texts or whole numbers.",
    ),
    "NaN as a bound": (
        changed(WORKSHOP, "variables", 0, upper=float("nan")),
        "variables.make.upper: `NaN`: a bound is a number.",
    ),
    "a whole number as a bound that no float holds": (
        changed(WORKSHOP, "variables", 0, upper=10**400),
        f"variables.make.upper: `1{'0' * 56}...`: the number is too large.",
    ),
    "a weight that no float holds": (
        {**WORKSHOP, "objective": {**WORKSHOP["objective"], "weight": 10**400}},
        f"objective.weight: `1{'0' * 56}...`: the number is too large.",
    ),
    "a keyword as a name": (
        named("lambda"),
        "variables.lambda.name: `lambda`: `lambda` has a meaning of its own in expressions; choose another name.",
    ),
    "a constant as a name": (
        named("None"),
        "variables.None.name: `None`: `None` has a meaning of its own in expressions; choose another name.",
    ),
    "a dunder name": (
        named("__class__"),
        "variables.__class__.name: `__class__`: `__class__` has a meaning of its own in expressions; "
        "choose another name.",
    ),
    "a function as a name": (
        named("prev"),
        "variables.prev.name: `prev`: `prev` has a meaning of its own in expressions; choose another name.",
    ),
    "a compatible letter in a name": (
        named("ﬁrst_day"),
        "variables.ﬁrst_day.name: `ﬁrst_day`: the name contains look-alike letters; write `first_day`.",
    ),
    "two names that look the same": (
        with_rows(variables=[X, {**X, "name": "х"}]),
        "variables.х: the names `x` and `х` look the same, but one has the letter CYRILLIC SMALL LETTER HA. Rename it.",
    ),
    "a set of ten million elements": (
        item("range(10**7)"),
        "sets.I.elements: the set would have 10,000,000 elements, more than the limit of 5,000,000. "
        "Raise the limit `set_elements`, or divide the problem.",
    ),
    "a set of a trillion elements": (
        item("range(10**12)"),
        "sets.I.elements: the set would have 1,000,000,000,000 elements, more than the limit of 5,000,000. "
        "Raise the limit `set_elements`, or divide the problem.",
    ),
    "an index of a bound that is not named": (
        changed(WORKSHOP, "variables", 0, upper="profit[i]"),
        "variables.make.upper: there is no `i`. Name the variable's indices, as in `\"as\": [\"i\"]`.",
    ),
    "a misspelt element as an index": (
        with_rows("make['chiar'] <= 1", sets=[ITEM], variables=[MAKE]),
        "constraints.c1.expression: 'chiar' is not in the set `ITEM` ('chair', 'table') (in `make['chiar']`). "
        "Did you mean `chair`?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMULATIONS)
def test_a_bad_formulation_is_one_finding(case: str) -> None:
    content, message = FORMULATIONS[case]
    assert [str(finding) for finding in findings(content) if finding.is_error] == [message]


TEXTS: dict[str, tuple[str, str]] = {
    "NaN": ('{"a": NaN}', '`NaN` is not a number; leave an infinite bound out or write "inf".'),
    "Infinity": ('{"a": Infinity}', '`Infinity` is not a number; leave an infinite bound out or write "inf".'),
    "a number beyond all": ('{"a": 1e999}', '`1e999` is too large; leave an infinite bound out or write "inf".'),
    "a bound beyond all": (
        json.dumps(with_rows()).replace('"lower": 0', f'"lower": 0, "upper": {"9" * 400}.0', 1),
        f'`{"9" * 20}` is too large; leave an infinite bound out or write "inf".',
    ),
    "10,000 nested lists": ("[" * 10_000 + "]" * 10_000, "the JSON nests too deep."),
    "50 MB": (
        " " * 50_000_001,
        "the JSON has 50,000,001 characters, more than the limit of 50,000,000. "
        "Write data by rules (`range`, mappings, a `default`), or raise the limit `json_bytes`.",
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_a_bad_text_is_one_finding(case: str) -> None:
    text, message = TEXTS[case]
    with pytest.raises(FormulationError) as caught:
        Formulation.from_json(text)
    assert [str(finding) for finding in caught.value.findings] == [message]


POSITIONS: dict[str, Content] = {
    "a set of a parameter": changed(WORKSHOP, "parameters", 0, index=["ITEMS"]),
    "a set of a variable": changed(WORKSHOP, "variables", 0, index=["ITEMS"]),
    "a set run over": changed(WORKSHOP, "constraints", 0, expression="make[i] <= 9 for i in ITEMS"),
    "a set asked": changed(WORKSHOP, "constraints", 0, expression="make[i] <= 9 for i in ITEM if i in ITEMS"),
    "a set measured": changed(WORKSHOP, "constraints", 0, expression="make['chair'] <= len(ITEMS)"),
    "a set of an order": changed(WORKSHOP, "constraints", 0, expression="make[prev(ITEMS, 'table')] <= 1"),
    "a set joined": changed(WORKSHOP, "constraints", 0, expression="make[i] <= 9 for i in ITEM | ITEMS"),
    "a set in a set": {**WORKSHOP, "sets": [ITEM, {"name": "OTHER", "elements": "[i for i in ITEMS]"}]},
    "a parameter in an objective": {**WORKSHOP, "objective": {"sense": "minimize", "expression": "houres"}},
    "a parameter in a value": changed(WORKSHOP, "parameters", 1, value="{i: houres for i in ITEM}"),
    "a parameter in a bound": changed(WORKSHOP, "variables", 0, upper="houres"),
    "a parameter in a clause": changed(WORKSHOP, "constraints", 0, expression="make[i] <= 9 for i in ITEM if houres"),
    "a variable": changed(WORKSHOP, "constraints", 0, expression="maek['chair'] <= 9"),
    "a loop variable": changed(WORKSHOP, "constraints", 0, expression="make[thing] <= 9 for things in ITEM"),
    "a function": changed(WORKSHOP, "constraints", 0, expression="summ(make[i] for i in ITEM) <= 9"),
    "a key": profit({"chair": 1, "tabel": 2}),
    "a field": changed(WORKSHOP, "constraints", 0, expresion="1"),
}  # fmt: skip
MEANT = {
    "a variable": "make",
    "a loop variable": "things",
    "a function": "sum",
    "a key": "table",
    "a field": "expression",
}


@pytest.mark.parametrize("position", POSITIONS)
def test_a_misspelt_name_is_mended_wherever_it_stands(position: str) -> None:
    first = next(finding for finding in findings(POSITIONS[position]) if finding.is_error)
    meant = MEANT.get(position) or ("ITEM" if "set" in position.split() else "hours")
    assert first.mend == f"Did you mean `{meant}`?"


def test_a_limit_can_be_raised_and_lowered() -> None:
    formulation = Formulation.from_dict(item("range(100)"))
    assert [finding.code for finding in formulation.check(limits=Limits(set_elements=99)) if finding.is_error] == [
        "too_large"
    ]
    assert not any(finding.is_error for finding in formulation.check(limits=Limits(set_elements=100)))
    with pytest.raises(FormulationError, match="more than the limit of 99"):
        formulation.solve(limits=Limits(set_elements=99))
    with pytest.raises(FormulationError, match="more than the limit of 9"):
        Formulation.from_json(formulation.to_json(), limits=Limits(json_bytes=9))


def test_a_limit_of_the_environment_holds_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_SET_ELEMENTS", "99")
    load_settings()  # which refuses variables that are almost the name of a setting
    formulation = Formulation.from_dict(item("range(100)"))
    assert "more than the limit of 99" in next(str(finding) for finding in formulation.check() if finding.is_error)
    monkeypatch.setenv("NL2OPT_SET_ELEMENTS", "many")
    with pytest.raises(SettingsError, match=r"NL2OPT_SET_ELEMENTS: a limit is a whole number above 0 \(it is 'many'\)"):
        formulation.check()
