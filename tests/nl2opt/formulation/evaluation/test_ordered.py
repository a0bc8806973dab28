"""Ordered sets: the element before and after another, and the place where it stands."""

from __future__ import annotations

import math

import pytest

from nl2opt.formulation.schema import Formulation
from tests.nl2opt.formulation.formulations import Content, compiled, findings, rows, with_rows

DAY: Content = {"name": "DAY", "elements": ["mon", "tue", "wed", "thu"]}
T: Content = {"name": "T", "elements": [10, 20, 30]}
ARC: Content = {"name": "ARC", "elements": [["a", "b"], ["b", "c"], ["c", "a"]]}
DATA: Content = {
    "sets": [DAY, T, ARC],
    "parameters": [{"name": "k", "value": 2}, {"name": "lag", "index": ["T"], "value": [0, 1, 2]}],
    "variables": [
        {"name": "s", "index": ["DAY"], "domain": "continuous", "lower": 0},
        {"name": "r", "index": ["T"], "domain": "continuous", "lower": 0},
        {"name": "f", "index": ["ARC"], "domain": "continuous", "lower": 0},
    ],
}


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("s[next(DAY, 'mon')] >= 1", {"s['tue']": 1.0}),
        ("s[prev(DAY, 'wed', 2)] >= 1", {"s['mon']": 1.0}),
        ("s[prev(DAY, 'mon', cyclic=True)] >= 1", {"s['thu']": 1.0}),
        ("s[next(DAY, 'thu', 6, cyclic=True)] >= 1", {"s['tue']": 1.0}),
        ("s[prev(DAY, 'mon', 0)] >= 1", {"s['mon']": 1.0}),
        ("s[prev(DAY, 'mon', -1, cyclic=False)] >= 1", {"s['tue']": 1.0}),
        ("s[prev(DAY, last(DAY), k)] >= 1", {"s['tue']": 1.0}),
        ("r[next(T, '10')] >= 1", {"r[20]": 1.0}),
        ("r[prev(T, prev(T, 30))] >= 1", {"r[10]": 1.0}),
        ("sum(r[prev(T, t, lag[t])] for t in T) >= 1", {"r[10]": 3.0}),
        ("sum(r[t] for t in T if t == next(T, 10)) >= 1", {"r[20]": 1.0}),
        ("sum(r[t] for t in T if t != first(T) and prev(T, t) == 20) >= 1", {"r[30]": 1.0}),
        ("sum(s[d] for e in DAY if e != first(DAY) for d in DAY if d == prev(DAY, e)) >= 1",
         {"s['mon']": 1.0, "s['tue']": 1.0, "s['wed']": 1.0}),
        ("sum(ord(T, t) * r[t] for t in T) >= 1", {"r[10]": 1.0, "r[20]": 2.0, "r[30]": 3.0}),
        ("sum(r[t] for t in T if ord(T, t) % 2 == 1) >= 1", {"r[10]": 1.0, "r[30]": 1.0}),
        ("sum(prev(T, t) * r[t] for t in T if t > first(T)) >= 1", {"r[20]": 10.0, "r[30]": 20.0}),
        ("f[next(ARC, ('a', 'b'))] >= 1", {"f['b', 'c']": 1.0}),
        ("sum(f[prev(ARC, a)] for a in ARC if a != first(ARC)) >= 1", {"f['a', 'b']": 1.0, "f['b', 'c']": 1.0}),
        ("sum(ord(ARC, (i, j)) * f[i, j] for (i, j) in ARC if i == 'c') >= 1", {"f['c', 'a']": 3.0}),
        ("s[next(DAY - ['tue'], 'mon')] >= 1", {"s['wed']": 1.0}),
        ("s[first([d for d in DAY if d != 'mon'])] >= 1", {"s['tue']": 1.0}),
        ("r[last([10, 20])] >= 1", {"r[20]": 1.0}),
        ("sum(r[t] for t in T if t == first([q for q in T if q >= t and q > 10])) >= 1", {"r[20]": 1.0, "r[30]": 1.0}),
    ],
)  # fmt: skip
def test_an_element_is_named_by_its_place(text: str, columns: dict[str, float]) -> None:
    assert rows(with_rows(text, **DATA))["c1"] == (columns, 1.0, math.inf)


def test_a_stock_is_carried_from_day_to_day_and_around_the_week() -> None:
    made = rows(with_rows("s[d] == s[prev(DAY, d, cyclic=True)] + 1 for d in DAY", **DATA))
    assert made["c1['mon']"] == ({"s['mon']": 1.0, "s['thu']": -1.0}, 1.0, 1.0)
    assert made["c1['thu']"] == ({"s['thu']": 1.0, "s['wed']": -1.0}, 1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [("ord(T, 20)", 2.0), ("ord(T, next(T, 10)) + len(DAY)", 6.0), ("sum(ord(DAY, d) for d in DAY)", 10.0)],
)
def test_places_are_counted_from_one(text: str, value: float) -> None:
    parameters = [*DATA["parameters"], {"name": "answer", "value": text}]
    context = compiled({**with_rows(**DATA), "parameters": parameters}).context
    assert context.parameters["answer"].values.tolist() == [value]


def test_ordered_sets_are_solved() -> None:
    content = with_rows("r[t] >= r[prev(T, t)] + ord(T, t) for t in T if t != first(T)", **DATA)
    content["objective"] = {"sense": "minimize", "expression": "sum(r[t] for t in T)"}
    assert Formulation.from_dict(content).solve().objective == 7.0


FAULTS = {
    "s[prev(DAY, d)] <= 1 for d in DAY": (
        "there is no element 1 before 'mon' in `DAY` at d = 'mon' (in `prev(DAY, d)`). "
        "Exclude this case with a filter, as in `if d != first(DAY)`, or write `prev(DAY, d, cyclic=True)`."
    ),
    "r[next(T, t, 2)] <= 1 for t in T": (
        "there is no element 2 after 20 in `T` at t = 20 (in `next(T, t, 2)`). "
        "Exclude this case with a filter, as in `if t != last(T)`, or write `next(T, t, 2, cyclic=True)`."
    ),
    "s['mon'] <= 1 for d in DAY for e in DAY if e == prev(DAY, d)": (
        "there is no element 1 before 'mon' in `DAY` at d = 'mon', e = 'mon' (in `prev(DAY, d)`). "
        "Exclude this case with a filter, as in `if d != first(DAY)`, or write `prev(DAY, d, cyclic=True)`."
    ),
    "s[prev(DAY, 'sun')] <= 1": "'sun' is not in the set `DAY` ('mon', 'tue', 'wed', 'thu') "
    "(in `prev(DAY, 'sun')`).",
    "r[t] <= ord(T, t + 1) for t in T": "11 is not in the set `T` (10, 20, 30) at t = 10 (in `ord(T, t + 1)`).",
    "s[prev('mon')] <= 1": (
        "`prev` takes a set, an element and, where it is more than one, the number of steps (in `prev('mon')`). "
        "Write `prev(SET, element)`."
    ),
    "s[next(DAY, 'mon', 1, 2)] <= 1": (
        "`next` takes a set, an element and, where it is more than one, the number of steps "
        "(in `next(DAY, 'mon', 1, 2)`). Write `next(SET, element)`."
    ),
    "r[10] <= ord(10)": "`ord` takes a set and an element (in `ord(10)`). Write `ord(SET, element)`.",
    "s[prev(DAY, 'mon', cyclic=k)] <= 1": (
        "`cyclic` is `True` or `False` (in `prev(DAY, 'mon', cyclic=k)`). Write `prev(SET, element, cyclic=True)`."
    ),
    "s[prev(DAY, 'mon', cycle=True)] <= 1": (
        "`prev` knows no `cycle` (in `prev(DAY, 'mon', cycle=True)`). Did you mean `cyclic`?"
    ),
    "r[10] <= ord(T, 10, cyclic=True)": "`ord` takes plain arguments only (in `ord(T, 10, cyclic=True)`).",
    "s[prev(DAY, 'tue', 0.5)] <= 1": "the number of steps 0.5 is not a whole number (in `prev(DAY, 'tue', 0.5)`).",
    "s[prev(DAYS, 'tue')] <= 1": "there is no set `DAYS`. Did you mean `DAY`?",
    "s[prev(DAY, dya)] <= 1": "there is no `dya`. Known are: `k`, `lag`, `s`, `r`, `f`.",
    "s[prev(DAY, s['mon'])] <= 1": "a decision variable cannot be an index (in `s['mon']`).",
    "s[first([d for d in DAY if d == 'x'])] <= 1": "the set is empty (in `first([d for d in DAY if d == 'x'])`).",
    "f[prev(ARC, 'a')] <= 1": "an element of `ARC` has 2 components (in `'a'`).",
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_of_order_names_place_and_mend(text: str) -> None:
    messages = [str(finding) for finding in findings(with_rows(text, **DATA)) if finding.is_error]
    assert [message.removeprefix("constraints.c1.expression: ") for message in messages] == [FAULTS[text]]
