"""Set families: a set for each element of other sets, run over by joins."""

from __future__ import annotations

import math
from typing import Any

import pytest

from nl2opt.formulation.evaluation import frame
from nl2opt.formulation.schema import Formulation
from tests.nl2opt.formulation.formulations import Content, compiled, findings, only, rows, with_rows

ITEMS: Content = {"name": "I", "elements": ["a", "b", "c"]}
T: Content = {"name": "T", "elements": [1, 2, 3]}
PLACE: Content = {"name": "PLACE", "elements": ["k", "l", "m"]}
BY_KEY = {"a": ["k", "l"], "b": [], "c": ["m"]}
NEAR: Content = {"name": "NEAR", "index": ["I"], "elements": BY_KEY}
DIST: Content = {"name": "dist", "index": ["I", "PLACE"], "value": [[1, 3, 9], [8, 9, 7], [9, 8, 2]]}
X: Content = {"name": "x", "index": ["PLACE"], "domain": "continuous", "lower": 0}
Y: Content = {"name": "y", "index": ["I", "PLACE"], "domain": "continuous", "lower": 0}


def with_family(*expressions: str, family: Content = NEAR, **parts: Any) -> Content:
    return with_rows(
        *expressions, **{"sets": [ITEMS, T, PLACE, family], "variables": [X, Y], "parameters": [DIST], **parts}
    )


def members(family: Content, *more: Content) -> list[list[Any]]:
    """Return the members of each set of a family, in order."""
    sets = [ITEMS, T, PLACE, *more, family]
    table = compiled(with_family(sets=sets)).context.families[family["name"]]
    return [table.labels(owner) for owner in range(table.size)]


@pytest.mark.parametrize(
    "elements",
    [
        BY_KEY,
        [["k", "l"], [], ["m"]],
        "{i: [j for j in PLACE if dist[i, j] <= 3] for i in I}",
        "{i: [j for j in PLACE if dist[i, j] <= 3 and i != 'b'] for i in I}",
        "{i: PLACE - [j for j in PLACE if dist[i, j] > 3] for i in I}",
    ],
)
def test_every_way_of_giving_a_family(elements: Any) -> None:
    assert members({**NEAR, "elements": elements}) == [["k", "l"], [], ["m"]]


@pytest.mark.parametrize(
    ("index", "elements", "expected"),
    [
        (["T"], {"1": [2, 3], "3": [], "2": [1]}, [[2, 3], [1], []]),
        (["T"], "{t: range(1, t) for t in T}", [[], [1], [1, 2]]),
        (["T"], "{t: [r for r in T if r < t] for t in T}", [[], [1], [1, 2]]),
        (["T"], "{t: T for t in T}", [[1, 2, 3]] * 3),
        (["T"], "{t: [t, t + 1] for t in T}", [[1, 2], [2, 3], [3, 4]]),
        (["T"], "{t: T - [t] for t in T}", [[2, 3], [1, 3], [1, 2]]),
        (["T"], {"1": [["a", 1]], "2": [["b", 2], ["c", 3]], "3": []}, [[("a", 1)], [("b", 2), ("c", 3)], []]),
        (["T"], "{t: [(i, r) for i in I for r in T if r < t and i == 'a'] for t in T}",
         [[], [("a", 1)], [("a", 1), ("a", 2)]]),
        (["TWO", "T"], {"a,1": [7], "a,2": [], "a,3": [8], "b,1": [], "b,2": [9], "b,3": []},
         [[7], [], [8], [], [9], []]),
        (["TWO", "T"], {"a": {"1": [7], "2": [], "3": [8]}, "b": [[], [9], []]}, [[7], [], [8], [], [9], []]),
        (["TWO", "T"], "{(i, t): [r for r in T if r > t and i == 'b'] for i in TWO for t in T}",
         [[], [], [], [2, 3], [3], []]),
        (["T"], "{t: {r % 2 for r in T if r >= t} for t in T}", [[1, 0], [0, 1], [1]]),
        (["ARC"], {"a,b": ["k"], "b,a": ["l", "m"]}, [["k"], ["l", "m"]]),
        (["ARC"], "{(i, j): [i, j] for (i, j) in ARC}", [["a", "b"], ["b", "a"]]),
    ],
)  # fmt: skip
def test_families_of_several_indices_and_of_tuples(index: list[str], elements: Any, expected: list[Any]) -> None:
    two, arc = {"name": "TWO", "elements": ["a", "b"]}, {"name": "ARC", "elements": [["a", "b"], ["b", "a"]]}
    assert members({"name": "F", "index": index, "elements": elements}, two, arc) == expected


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("sum(x[j] for j in NEAR['a']) >= 1", {"x['k']": 1.0, "x['l']": 1.0}),
        ("sum(y[i, j] for i in I for j in NEAR[i]) >= 1", {"y['a', 'k']": 1.0, "y['a', 'l']": 1.0, "y['c', 'm']": 1.0}),
        ("sum(y[i, j] for i in I for j in PLACE if j in NEAR[i]) >= 1",
         {"y['a', 'k']": 1.0, "y['a', 'l']": 1.0, "y['c', 'm']": 1.0}),
        ("sum(y[i, j] for j in PLACE for i in I if j in NEAR[i]) >= 1",
         {"y['a', 'k']": 1.0, "y['a', 'l']": 1.0, "y['c', 'm']": 1.0}),
        ("sum(y[i, j] for j in ['m'] for i in I if j not in NEAR[i]) >= 1", {"y['a', 'm']": 1.0, "y['b', 'm']": 1.0}),
        ("sum(len(NEAR[i]) * y[i, 'k'] for i in I if len(NEAR[i]) > 0) >= 1", {"y['a', 'k']": 2.0, "y['c', 'k']": 1.0}),
        ("x[first(NEAR['a'])] + 2 * x[last(NEAR['a'])] >= 1", {"x['k']": 1.0, "x['l']": 2.0}),
        ("sum(x[last(NEAR[i])] for i in I if i != 'b') >= 1", {"x['l']": 1.0, "x['m']": 1.0}),
        ("sum(x[j] for j in NEAR['a'] if j != first(NEAR['a'])) >= 1", {"x['l']": 1.0}),
        ("sum(x[prev(NEAR[i], j)] for i in I for j in NEAR[i] if j != first(NEAR[i])) >= 1", {"x['k']": 1.0}),
        ("sum(ord(NEAR[i], j) * x[j] for i in I for j in NEAR[i]) >= 1", {"x['k']": 1.0, "x['l']": 2.0, "x['m']": 1.0}),
        ("sum(x[j] for i in I if i == 'a' for j in PLACE - NEAR[i]) >= 1", {"x['m']": 1.0}),
        ("sum(x[j] for i in ['a'] for j in NEAR[i] | NEAR['c']) >= 1", {"x['k']": 1.0, "x['l']": 1.0, "x['m']": 1.0}),
        ("sum(x[j] for i in ['a'] for j in NEAR[i] & ['l', 'm']) >= 1", {"x['l']": 1.0}),
        ("sum(x[j] for j in PLACE if j not in NEAR['a'] | NEAR['b']) >= 1", {"x['m']": 1.0}),
        ("sum(x[j] for i in ['a'] for j in PLACE if j in PLACE - NEAR[i]) >= 1", {"x['m']": 1.0}),
        ("sum(x[j] for i in ['a'] for j in [k for k in NEAR[i] if k != 'k']) >= 1", {"x['l']": 1.0}),
    ],
)  # fmt: skip
def test_a_family_is_run_over_asked_and_measured(text: str, columns: dict[str, float]) -> None:
    assert rows(with_family(text))["c1"] == (columns, 1.0, math.inf)


def test_each_row_has_the_members_of_its_own_set() -> None:
    made = rows(with_family("sum(x[j] for j in NEAR[i]) <= len(NEAR[i]) for i in I if len(NEAR[i]) > 0"))
    assert made == {
        "c1['a']": ({"x['k']": 1.0, "x['l']": 1.0}, -math.inf, 2.0),
        "c1['c']": ({"x['m']": 1.0}, -math.inf, 1.0),
    }


@pytest.mark.parametrize(
    "total",
    [
        "sum(y[j] for j in NEAR[i])",
        "sum(y[j] for j in SITE if j in NEAR[i])",
        "sum(y[j] for j in SITE if i in NEAR[j])",
        "sum(y[j] for j in NEAR[i] & SITE)",
    ],
)
def test_running_over_a_family_costs_what_it_yields(monkeypatch: pytest.MonkeyPatch, total: str) -> None:
    monkeypatch.setattr(frame, "MAX_ROWS", 20_000)
    count = 2000
    elements = [f"s{k}" for k in range(count)]
    near = {e: [elements[(k + step) % count] for step in range(-2, 3)] for k, e in enumerate(elements)}
    made = compiled({
        "sets": [{"name": "SITE", "elements": elements}, {"name": "NEAR", "index": ["SITE"], "elements": near}],
        "variables": [{"name": "y", "index": ["SITE"], "domain": "binary"}],
        "objective": {"sense": "minimize", "expression": "sum(y[i] for i in SITE)"},
        "constraints": [{"name": "cover", "expression": f"{total} >= 1 for i in SITE"}],
    })  # fmt: skip
    assert len(made.model.row_values) == 5 * count


def test_a_covering_problem_is_solved_over_a_family() -> None:
    content = {
        "sets": [
            {"name": "SITE", "elements": ["n", "e", "s", "w"]},
            {"name": "TOWN", "elements": [1, 2, 3, 4, 5]},
            {"name": "COVER", "index": ["TOWN"], "elements": [["n"], ["n", "e"], ["e", "s"], ["s", "w"], ["w", "n"]]},
        ],
        "variables": [{"name": "build", "index": ["SITE"], "domain": "binary"}],
        "objective": {"sense": "minimize", "expression": "sum(build[s] for s in SITE)"},
        "constraints": [{"name": "covered", "expression": "sum(build[s] for s in COVER[t]) >= 1 for t in TOWN"}],
    }
    formulation = Formulation.from_dict(content)
    assert [finding for finding in formulation.check() if finding.is_error] == []
    assert formulation.solve().objective == 2.0
    assert Formulation.from_json(formulation.to_json()) == formulation


FAULTS: dict[str, tuple[Content, str]] = {
    "a missing member": (
        with_family(family={**NEAR, "elements": {"a": ["k"], "c": []}}),
        "sets.NEAR.elements: 1 of 3 sets are missing, the first is the one for I = 'b'. "
        "Give it; an empty set is written `[]`.",
    ),
    "a key that is none": (
        with_family(family={**NEAR, "elements": {**BY_KEY, "bb": []}}),
        'sets.NEAR.elements: the key "bb" is not in the set `I` (in `bb`). Did you mean `b`?',
    ),
    "a list of another length": (
        with_family(family={**NEAR, "elements": [["k"], ["l"]]}),
        "sets.NEAR.elements: the list has 2 entries, the set `I` has 3 elements "
        '(in `[["k"], ["l"]]`). Give one entry for each element, in the order of the set.',
    ),
    "an element in place of a list": (
        with_family(family={**NEAR, "elements": {**BY_KEY, "b": "k"}}),
        "sets.NEAR.elements: \"k\" is not a list of elements at I = 'b'. Write `[...]`, also around a single element.",
    ),
    "an element that cannot be one": (
        with_family(family={**NEAR, "elements": {**BY_KEY, "b": [1.5]}}),
        "sets.NEAR.elements: 1.5 cannot be an element of a set at I = 'b'. Elements are texts or whole numbers.",
    ),
    "a repeated member": (
        with_family(family={**NEAR, "elements": {**BY_KEY, "b": ["k", "k"]}}),
        "sets.NEAR.elements: the element 'k' stands twice at I = 'b'. Leave one out.",
    ),
    "a mapping that leaves a key out": (
        with_family(family={**NEAR, "elements": "{i: PLACE for i in I if i != 'b'}"}),
        "sets.NEAR.elements: 1 of 3 sets are missing, the first is the one for I = 'b'. "
        "Give it; an empty set is written `[]`.",
    ),
    "a mapping with a key twice": (
        with_family(family={**NEAR, "elements": "{i: PLACE for i in I for t in T}"}),
        "sets.NEAR.elements: the mapping gives two values for I = 'a' at i = 'a', t = 2.",
    ),
    "a list with a key twice": (
        with_family(family={**NEAR, "elements": "{i: [k for j in ['k', 'l'] for k in ['m']] for i in I}"}),
        "sets.NEAR.elements: the element 'm' stands twice at i = 'a' (in `[k for j in ['k', 'l'] for k in ['m']]`). "
        "Write `{...}` instead of `[...]` to take each element once.",
    ),
    "a number in place of the sets": (
        with_family(family={**NEAR, "elements": 5}),
        "sets.NEAR.elements: `5` is neither a list of elements nor an expression. "
        "Write a list, or a text such as `range(1, 13)`; for a family of sets an object.",
    ),
    "a key with too many parts": (
        with_family(family={**NEAR, "elements": "{(i, t): T for i in I for t in T}"}),
        "sets.NEAR.elements: the key has 2 parts, the index (I) has 1 (in `{(i, t): T for i in I for t in T}`).",
    ),
    "no object at all": (
        with_family(family={**NEAR, "elements": {"a": None, "b": [], "c": []}}),
        "sets.NEAR.elements: null is not a list of elements at I = 'a'. Write `[...]`, also around a single element.",
    ),
    "two loop variables for plain members": (
        with_family("sum(x[j] for i in I for (j, k) in NEAR[i]) <= 1"),
        "constraints.c1.expression: 2 loop variables for the elements of `NEAR`, which have 1 "
        "(in `(j, k) in NEAR[i]`).",
    ),
    "an expression that is no mapping": (
        with_family(family={**NEAR, "elements": "PLACE"}),
        "sets.NEAR.elements: the elements of a family of sets are an object or a mapping (in `PLACE`). "
        "Write `{i: [... for j in ...] for i in I}`.",
    ),
    "an object without index": (
        with_family(family={"name": "NEAR", "elements": BY_KEY}),
        "sets.NEAR.elements: an object gives a family of sets, but the set has no index. "
        'Name the set of the keys: `"index": ["..."]`.',
    ),
    "a family as the index of a variable": (
        with_family(variables=[X, Y, {"name": "z", "index": ["NEAR"], "domain": "binary"}]),
        "variables.z.index: `NEAR` is a family of sets, one for each element of I, and cannot be an index. "
        "Declare a set of tuples, such as `[(i, j) for i in I for j in NEAR[i]]`, and use that.",
    ),
    "a family as the index of a parameter": (
        with_family(parameters=[DIST, {"name": "p", "index": ["NEAR"], "value": 1}]),
        "parameters.p.index: `NEAR` is a family of sets, one for each element of I, and cannot be an index. "
        "Declare a set of tuples, such as `[(i, j) for i in I for j in NEAR[i]]`, and use that.",
    ),
    "an unknown index": (
        with_family(family={**NEAR, "index": ["II"]}),
        "sets.NEAR.index: there is no set `II`. Did you mean `I`?",
    ),
    "a family without its index": (
        with_family("sum(x[j] for j in NEAR) <= 1"),
        "constraints.c1.expression: `NEAR` is a family of sets, one for each element of I. "
        "Write `NEAR[...]`.",
    ),
    "a misspelt family": (
        with_family("sum(x[j] for j in NEER['a']) <= 1"),
        "constraints.c1.expression: there is no family of sets `NEER` (in `NEER['a']`). Did you mean `NEAR`?",
    ),
    "a plain set with an index": (
        with_family("sum(x[j] for j in PLACE['k']) <= 1"),
        "constraints.c1.expression: `PLACE` has no indices (in `PLACE['k']`). Write `PLACE` alone.",
    ),
    "a parameter run over": (
        with_family("sum(x[j] for j in dist['a', 'k']) <= 1"),
        "constraints.c1.expression: `dist` is a parameter, and a set is expected here (in `dist['a', 'k']`).",
    ),
    "a family as a number": (
        with_family("x['k'] <= NEAR['a']"),
        "constraints.c1.expression: the set `NEAR` stands where a number is expected (in `NEAR['a']`).",
    ),
    "too many indices": (
        with_family("sum(x[j] for j in NEAR['a', 'b']) <= 1"),
        "constraints.c1.expression: `NEAR` has 1 indices (I), not 2 (in `NEAR['a', 'b']`).",
    ),
    "an index outside the family": (
        with_family("sum(x[j] for j in NEAR[p]) <= 1 for p in PLACE"),
        "constraints.c1.expression: 'k' is not in the set `I` ('a', 'b', 'c') at p = 'k' (in `NEAR[p]`). "
        "Use an element of the set, or exclude this case with a filter, as in `for t in T if t > first(T)`.",
    ),
    "the first of an empty member": (
        with_family("x[first(NEAR[i])] <= 1 for i in I"),
        "constraints.c1.expression: the set is empty at i = 'b' (in `first(NEAR[i])`).",
    ),
    "a family defined by itself": (
        with_family(family={**NEAR, "elements": "{i: [j for j in NEAR[i]] for i in I}"}),
        "sets.NEAR.elements: `NEAR` is defined by itself.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_of_a_family_names_place_and_mend(case: str) -> None:
    content, message = FAULTS[case]
    assert [str(finding) for finding in findings(content) if finding.is_error] == [message]


def test_a_member_compared_with_a_text_that_is_none_is_a_warning() -> None:
    assert only(with_family("sum(x[j] for j in NEAR['a'] if j != 'K') >= 1"), "unknown_element").mend == (
        "Did you mean `k`?"
    )


def test_a_family_over_an_empty_set_is_empty() -> None:
    formulation = Formulation.from_dict({
        "sets": [
            {"name": "P", "elements": "range(0)"},
            {"name": "NEAR", "index": ["P"], "elements": "{p: [q for q in P if q == p - 1] for p in P}"},
        ],
        "variables": [{"name": "x", "index": ["P"], "domain": "continuous", "lower": 0}],
        "objective": {"sense": "maximize", "expression": "sum((3 - p) * x[p] for p in P)"},
        "constraints": [{"name": "c", "expression": "x[q] <= 1 for p in P for q in NEAR[p]"}],
    })  # fmt: skip
    assert not any(finding.is_error for finding in formulation.check())
