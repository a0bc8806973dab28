from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt import Formulation
from nl2opt.formulation.checks.names import expression_fields, infinite_bound
from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.syntax import Number, Text, walk
from nl2opt.formulation.schema import Change
from nl2opt.formulation.words.expression_words import Words
from tests.nl2opt.formulation.formulations import WORKSHOP, Content, changed, with_rows
from tests.nl2opt.formulation.render.strategies import (
    HOSTILE,
    elements,
    hostile_formulation,
    indexed_formulations,
    scalar_formulations,
)

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)")


def numbers_in(text: str) -> Iterator[float]:
    yield from map(float, NUMBER.findall(text))


def numbers_of(formulation: Formulation) -> Iterator[float]:
    """Yield every number that a formulation holds, those in keys and elements included."""
    for declared in formulation.sets:
        if isinstance(declared.elements, list):
            yield from numbers_in(str(declared.elements))
    for parameter in formulation.parameters:
        if not isinstance(parameter.value, str):
            yield from _leaves(parameter.value)
        if parameter.default is not None:
            yield parameter.default
    for variable in formulation.variables:
        unstated = {"binary": [0.0, 1.0]}.get(variable.domain, [] if variable.states_lower else [0.0])
        yield from unstated
        yield from (float(b) for b in (variable.lower, variable.upper) if isinstance(b, int | float))
    fields = [field.text for field in expression_fields(formulation)]
    fields += [c.expression for c in formulation.constraints if not c.enabled]
    for text in fields:
        for node in walk(parse_expression(text).root):
            if isinstance(node, Number):
                yield node.value
            elif isinstance(node, Text):
                yield from numbers_in(node.value)


def _leaves(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from numbers_in(str(key))
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield float(value)


NUMBERS = st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e9, 1e9).map(lambda x: round(x, 4)), st.just(1.5e-7))
ROWS = (
    "sum(cost[a] * flow[a] for a in ARC) <= {a}",
    "{a} <= make[i] - {b} * load[i] <= {c} for i in ITEM if need[i] > {d}",
    "load[i] == ({a} if i == 'w' else {b}) * make[i] - total / {c} for i in ITEM",
    "make['v'] ** 2 + abs({a}) * (make['w'] - {b}) >= min({c}, need['v']) * {d}",
    "sum(need[i] * make[i] for i in ITEM if i != 'u' and need[i] >= {a}) + len(ITEM) * {b} >= {c}",
)


@st.composite
def formulations(draw: st.DrawFn) -> Formulation:
    """Draw a formulation in which nearly every number is another one."""

    def number() -> float:
        return draw(NUMBERS)

    rows = [row.format(**{key: repr(number()) for key in "abcd"}) for row in draw(st.lists(st.sampled_from(ROWS)))]
    content = {
        "sets": [{"name": "ITEM", "elements": ["u", "v", "w"]}, {"name": "ARC", "elements": [["u", "v"], ["v", "w"]]},
                 {"name": "T", "elements": f"range({draw(st.integers(0, 5))}, {draw(st.integers(6, 99))})"}],
        "parameters": [
            {"name": "need", "index": ["ITEM"], "value": [number() for _ in range(3)]},
            {"name": "cost", "index": ["ARC"], "value": {"u,v": number()}, "default": number()},
            {"name": "pace", "index": ["T"], "value": {"3": number()}, "default": number()},
            {"name": "grid", "index": ["ITEM", "T"], "value": [[number()], [number()], [number()]]},
            {"name": "more", "index": ["ITEM"], "value": f"{{i: need[i] * {number()!r} for i in ITEM}}"},
            {"name": "total", "value": number(), "unit": "kg", "description": "what there is"},
        ],
        "variables": [
            {"name": "make", "index": ["ITEM"], "domain": draw(st.sampled_from(["integer", "continuous"])),
             "lower": draw(st.one_of(NUMBERS, st.just("-inf"))), "upper": f"need[item] + {number()!r}"},
            {"name": "load", "index": ["ITEM"], "domain": "continuous"},
            {"name": "flow", "index": ["ARC"], "domain": "binary", "as": ["i", "j"]},
        ],
        "objective": {"sense": "minimize", "expression": f"sum(make[i] for i in ITEM) * {number()!r}"},
        "constraints": [{"name": f"row_{n}", "expression": row, "enabled": draw(st.booleans())}
                        for n, row in enumerate(rows)],
    }  # fmt: skip
    return Formulation.from_dict(content)


@given(st.one_of(formulations(), indexed_formulations(), scalar_formulations()))
@settings(max_examples=50)
def test_every_number_is_said_and_none_is_invented(formulation: Formulation) -> None:
    text = formulation.describe()
    assert Counter(numbers_in(text)) == Counter(numbers_of(formulation))
    assert formulation.describe() == text


@given(st.one_of(formulations(), indexed_formulations()))
@settings(max_examples=20)
def test_every_element_bound_domain_and_clause_is_said(formulation: Formulation) -> None:
    text = formulation.describe()
    for part in (formulation.sets, formulation.parameters, formulation.variables, formulation.constraints):
        for declared in part:
            assert re.search(rf"\b{declared.name}\b", text), declared.name
    words = {"continuous": "a number", "integer": "a whole number", "binary": "0 or 1"}
    for variable in formulation.variables:
        (line,) = [line for line in text.splitlines() if line.startswith(f"Decide {variable.name}")]
        assert f": {words[variable.domain]}" in line
        assert ("at most" in line) == (variable.upper is not None)
        free = isinstance(variable.lower, str) and infinite_bound(variable.lower) is not None
        assert ("without lower limit" in line) == free


@given(st.lists(HOSTILE, min_size=8, max_size=8), elements())
@settings(max_examples=30)
def test_what_people_write_stays_on_its_line(texts: list[str], items: list[str]) -> None:
    text = hostile_formulation(texts, items).describe()
    assert [line.split()[0] for line in text.splitlines() if line.startswith(("Decide", "Maximise", "Subject"))] == [
        "Decide", "Maximise", "Subject",
    ]  # fmt: skip
    assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}


def test_the_workshop_reads_well() -> None:
    assert Formulation.from_dict(WORKSHOP).describe() == (
        "Workshop.\n\n"
        "Each item is one of chair and table (the set ITEM: what is made).\n\n"
        "Decide make[item] for every item: a whole number of at least 0.\n\n"
        "Maximise the sum over every item i of profit[i] times make[i], "
        "where profit (in $/item) is 30 for chair and 80 for table.\n"
        "Subject to:\n"
        "- labour: the sum over every item i of need[i] times make[i] is at most hours, "
        "where need is 2 for chair and 5 for table, and hours is 400.\n"
    )


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("2 * (x + y) - 3", "2 times (x plus y) minus 3"),
        ("-x - -3", "minus x plus 3"),
        ("(x - y) / (2 * z)", "(x minus y) divided by (2 times z)"),
        ("x - (y - z)", "x minus y plus z"),
        ("(x + 1) ** 2", "(x plus 1) to the power of 2"),
        ("sum(p[i] * x[i] for i in ITEM) + 1", "(the sum over every item i of p[i] times x[i]) plus 1"),
        ("sum(x[i] + y for i in ITEM)", "the sum over every item i of (x[i] plus y)"),
        (
            "sum(f[i, j] for (i, j) in ARC if i != j and j in ITEM)",
            "the sum, over every (i, j) in ARC such that i differs from j and j is in ITEM, of f[i, j]",
        ),
        ("1 <= x < 9", "x is at least 1 and is less than 9"),
        ("max(x, 2 * y) >= abs(z)", "(the largest of x and 2 times y) is at least (the absolute value of z)"),
        ("x <= ord(T, t)", "x is at most (the place of t in T)"),
        ("prev(T, t, 2) == 1", "(the element 2 places before t in T) equals 1"),
        ("next(T, t, cyclic=True) == 1", "(the element after t in T, going around at its ends) equals 1"),
        ("x if t > first(T) else 0", "x if t is greater than the first element of T, otherwise 0"),
        ("len(T) * x", "the number of elements of T times x"),
        ("x <= ceil(y / 2)", "x is at most ((y divided by 2) rounded up)"),
        ("7 // 2 + 7 % 2", "(the whole part of 7 divided by 2) plus (the remainder of 7 divided by 2)"),
        ("not (a <= 1 or b >= 2)", "not (a is at most 1 or b is at least 2)"),
    ],
)
def test_expressions_in_words(expression: str, words: str) -> None:
    assert Words({"ITEM": "item"}).expression(expression) == words


def test_clauses_tables_bounds_and_assumptions() -> None:
    content: Content = with_rows(
        "stock[t] == stock[t - 1] + x[t] - demand[t] for t in T if t > 1",
        objective="sum(x[t] for t in T)",
        sets=[{"name": "T", "elements": [1, 2, 3]}, {"name": "EMPTY", "elements": []}],
        parameters=[
            {"name": "demand", "index": ["T"], "value": [5, 6, 7], "unit": "t", "description": "what is wanted"},
            {"name": "far", "value": None, "table": "orders.csv", "column": "qty"},
        ],
        variables=[
            {"name": "x", "index": ["T"], "domain": "continuous", "upper": "demand[day]", "as": ["day"]},
            {"name": "stock", "index": ["T"], "domain": "continuous", "lower": "-inf"},
        ],
        assumptions=[
            {"text": "stock may be short", "element": "stock", "alternatives": [
                {"text": "never short", "change": {"kind": "set", "path": "variables.stock.lower", "value": 0}}]},
        ],
    )  # fmt: skip
    text = Formulation.from_dict(content).describe()
    for line in (
        "The set T consists of 1, 2 and 3.",
        "The set EMPTY is empty.",
        "demand (what is wanted, in t) is 5 for T 1, 6 for T 2 and 7 for T 3.",
        "far stands in the column qty of the table orders.csv, which is not attached.",
        "Decide x[day] for every day in T: a number of at least 0 (no lower bound is stated) and at most demand[day].",
        "Decide stock[t] for every t in T: a number without lower limit.",
        "Minimise the sum over every t in T of x[t].",
        "- c1: for every t in T such that t is greater than 1, stock[t] equals stock[t - 1] plus x[t] minus demand[t].",
        "It is assumed: stock may be short (about stock). Instead: never short (set variables.stock.lower to 0).",
    ):
        assert line in text.splitlines()


def test_what_is_switched_off_and_what_has_no_goal_is_said() -> None:
    content = {**changed(WORKSHOP, "constraints", 0, enabled=False), "objective": None}
    text = Formulation.from_dict(content).describe()
    assert "Find any values that satisfy the constraints." in text
    assert text.endswith(
        "Switched off, and so not demanded:\n"
        "- labour: the sum over every item i of need[i] times make[i] is at most hours.\n"
    )
    assert "hours is 400." in text


def test_a_formulation_with_mistakes_is_described_too() -> None:
    formulation = Formulation.from_dict(WORKSHOP).apply(
        Change(kind="set", path="constraints.labour.expression", value="make <=")
    )
    assert "- labour: `make <=`." in formulation.describe()


@pytest.mark.parametrize(("description", "about"), [("Oven time", ""), ("minutes", " (minutes)"), ("", "")])
def test_a_description_that_only_repeats_the_name_is_not_said(description: str, about: str) -> None:
    formulation = Formulation.from_dict({
        "variables": [{"name": "x", "domain": "continuous", "lower": 0}],
        "objective": None,
        "constraints": [{"name": "oven_time", "expression": "x <= 4", "description": description}],
    })  # fmt: skip
    assert f"- oven_time{about}: x is at most 4." in formulation.describe()
