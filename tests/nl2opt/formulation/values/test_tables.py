from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.nl2opt.formulation.formulations import Content, compiled, only, with_rows

SETS = [
    {"name": "I", "elements": ["a", "b"]},
    {"name": "T", "elements": [1, 2, 3]},
    {"name": "ARC", "elements": [["a", "b"], ["b", "a"]]},
    {"name": "COMMA", "elements": [["a,x", "b"], ["b", "b"]]},
    {"name": "ONE", "elements": ["a,x", "b"]},
    {"name": "NONE", "elements": []},
    {"name": "BOTH", "elements": [1]},
    {"name": "TEXT", "elements": ["1", "2"]},
    {"name": "LATE", "elements": "[t for t in T if t > 1]"},
    {"name": "PAIRS", "elements": "[(s, t) for s in T for t in T if s < t]"},
]


def with_parameter(index: list[str], value: Any, **fields: Any) -> Content:
    parameter = {"name": "p", "index": index, "value": value, **fields}
    base = {"name": "base", "index": ["T"], "value": [1, 2, 3]}
    return with_rows(sets=SETS, parameters=[{"name": "one", "value": 1}, base, parameter])


def values(index: list[str], value: Any, **fields: Any) -> list[float]:
    return compiled(with_parameter(index, value, **fields)).context.parameters["p"].values.tolist()


GRID = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


@pytest.mark.parametrize(
    ("index", "value", "expected"),
    [
        ([], 3, [3.0]),
        ([], "one * 4 + 0.5", [4.5]),
        ([], "sum(base[t] for t in T)", [6.0]),
        ([], "50 / 100", [0.5]),
        (["I"], [1, 2.5], [1.0, 2.5]),
        (["I"], {"a": 1, "b": 2}, [1.0, 2.0]),
        (["I"], {"b": 2, "a": 1}, [1.0, 2.0]),
        (["T"], {"1": 1, "2": 2, "3": 3}, [1.0, 2.0, 3.0]),
        (["T"], {"3": 3, " 1 ": 1, "2": 2}, [1.0, 2.0, 3.0]),
        (["T"], {2: 2, 1: 1, 3: 3}, [1.0, 2.0, 3.0]),
        (["T"], np.array([1, 2, 3]), [1.0, 2.0, 3.0]),
        (["I", "T"], [[1, 2, 3], [4, 5, 6]], GRID),
        (["I", "T"], {"a": [1, 2, 3], "b": {"1": 4, "2": 5, "3": 6}}, GRID),
        (["I", "T"], [{"3": 3, "1": 1, "2": 2}, [4, 5, 6]], GRID),
        (["I", "T"], {f"{i},{t}": 3 * "ab".index(i) + t for t in (3, 2, 1) for i in "ab"}, GRID),
        (["I", "T"], {f"({i}, {t})": 3 * "ab".index(i) + t for t in (3, 2, 1) for i in "ab"}, GRID),
        (["I", "T"], {f"('{i}', {t})": 3 * "ab".index(i) + t for t in (3, 2, 1) for i in "ab"}, GRID),
        (["I", "T"], {("a", t): t for t in (1, 2, 3)} | {("b", t): t + 3 for t in (1, 2, 3)}, GRID),
        (["ARC"], [1, 2], [1.0, 2.0]),
        (["ARC"], {"b,a": 2, "a,b": 1}, [1.0, 2.0]),
        (["ARC"], {"a": {"b": 1}, "b": {"a": 2}}, [1.0, 2.0]),
        (["ARC", "T"], {"a,b": [1, 2, 3], "b,a": [4, 5, 6]}, GRID),
        (["ARC", "T"], {"a": {"b": [1, 2, 3]}, "b": {"a": [4, 5, 6]}}, GRID),
        (["COMMA"], {'["a,x", "b"]': 1, "b,b": 2}, [1.0, 2.0]),
        (["ONE"], {"a,x": 1, "b": 2}, [1.0, 2.0]),
        (["COMMA"], {'[ "a,x" ,"b"]': 1, '["b", "b"]': 2}, [1.0, 2.0]),
        (["COMMA"], {("a,x", "b"): 1, ("b", "b"): 2}, [1.0, 2.0]),
        (["COMMA"], {"a,x": {"b": 1}, "b": {"b": 2}}, [1.0, 2.0]),
        (["COMMA", "I"], {'["a,x", "b", "a"]': 1, '["a,x", "b", "b"]': 2, "b,b,a": 3, "b,b,b": 4}, GRID[:4]),
        (["BOTH"], {"1": 5}, [5.0]),
        (["TEXT"], {"1": 1, "2": 2}, [1.0, 2.0]),
        (["TEXT", "T"], {"1": [1, 2, 3], "2": [4, 5, 6]}, GRID),
        (["LATE"], {"2": 2, "3": 3}, [2.0, 3.0]),
        (["LATE"], [2, 3], [2.0, 3.0]),
        (["PAIRS"], {"1,2": 1, "1,3": 2, "2,3": 3}, [1.0, 2.0, 3.0]),
        (["PAIRS"], {"1": {"2": 1, "3": 2}, "2": {"3": 3}}, [1.0, 2.0, 3.0]),
        (
            ["PAIRS", "I"],
            "{(s, t, i): s * t + (i == 'b') for (s, t) in PAIRS for i in I}",
            [2.0, 3.0, 3.0, 4.0, 6.0, 7.0],
        ),
        (["PAIRS", "I"], "{(a, i): 1 for a in PAIRS for i in I}", [1.0] * 6),
        (["NONE"], [], []),
        (["NONE", "I"], {}, []),
        (["T"], "{t: base[t] * 1.5 for t in T}", [1.5, 3.0, 4.5]),
        (["I", "T"], "{(i, t): base[t] + 3 * (i == 'b') for i in I for t in T}", GRID),
        (["ARC"], "{(i, j): 1 if i == 'a' else 2 for (i, j) in ARC}", [1.0, 2.0]),
        (["ARC"], "{a: 7 for a in ARC}", [7.0, 7.0]),
    ],
)
def test_every_way_of_giving_values(index: list[str], value: Any, expected: list[float]) -> None:
    assert values(index, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"2": 5}, [0.0, 5.0, 0.0]),
        ({}, [0.0, 0.0, 0.0]),
        ("{t: 5 for t in T if t == 2}", [0.0, 5.0, 0.0]),
        ("{t: base[t] for t in T if base[t] > 1 and t != last(T)}", [0.0, 2.0, 0.0]),
    ],
)
def test_a_default_fills_what_is_left_out(value: Any, expected: list[float]) -> None:
    assert values(["T"], value, default=0) == expected


@pytest.mark.parametrize(
    ("index", "value", "code", "says", "mend"),
    [
        ([], None, "null", "null", "number"),
        ([], [1, 2], "not_a_number", "[1, 2]", "`index`"),
        ([], True, "not_a_number", "true", ""),
        ([], "400 hours", "not_a_number", "400 hours", "without quotes"),
        ([], "$400", "not_a_number", "$400", "without quotes"),
        ([], "5%", "not_a_number", "5%", "without quotes"),
        ([], 10**400, "not_finite", "1000", ""),
        ([], float("nan"), "not_finite", "NaN", ""),
        ([], "1 / 0", "division_by_zero", "1 / 0", ""),
        ([], "1e300 * 1e300", "not_finite", "1e300", ""),
        ([], "1e308 + 1e308", "not_finite", "1e308", ""),
        ([], "p + 1", "cycle", "`p` is defined by itself", ""),
        ([], "x + 1", "variable_as_constant", "`x`", ""),
        (["I"], 3, "not_a_table", "3", "object"),
        (["I"], "one", "needs_mapping", "one", "{i:"),
        (["I"], [1], "length", "1 entries, the set `I` has 2", "each element"),
        (["I"], [1, 2, 3], "length", "3 entries, the set `I` has 2", "each element"),
        (["I"], [[1, 2], [3, 4]], "not_a_number", "I = 'a'", "`index`"),
        (["I"], [1, None], "not_a_number", "null is not a number at I = 'b'", "leave the entry out"),
        (["I"], [True, 2], "not_a_number", "true", ""),
        (["I"], [1, "2"], "not_a_number", '"2"', "quotes"),
        (["I"], {"a": 1}, "missing_key", "I = 'b'", "default"),
        (["I"], {"a": 1, "B": 2}, "unknown_key", '"B"', "`b`"),
        (["T"], {"1": 1, "2": 2, "4": 3}, "unknown_key", '"4"', ""),
        (["T"], {"1": 1, "2": 2, "--3": 3}, "unknown_key", '"--3"', ""),
        (["T"], {"1": 1, " 1": 1, "2": 2, "3": 3}, "repeated_key", "twice|same element", ""),
        (["I", "T"], {"a,1": 1, "a,2,3": 1}, "key", '"a,2,3" has 3 parts', '"a,b"'),
        (["I", "T"], [[1, 2, 3], [4, 5]], "length", "I = 'b'", ""),
        (["I", "T"], {"a": {"1": 1, "2": 2, "3": 3}}, "missing_key", "3 of 6", "default"),
        (["ARC"], {"a": 1, "b,a": 2}, "key", '"a" has 1 parts', '"a,b"'),
        (["ARC"], {"a": {"b,c": 1}}, "unknown_key", '"b,c"', "`b,a`"),
        (["ARC"], {"a": {"b": {"c": 1}}, "b": {"a": 2}}, "not_a_number", '"c"', "`index`"),
        (["T"], "{t: 1 for t in T if t > 1}", "missing_key", "T = 1", "default"),
        (["T"], "{t + 1: 1 for t in T}", "unknown_key", "t = 3", ""),
        (["I", "T"], "{t: 1 for t in T}", "key", "parts", ""),
        (["T"], "{t: r for t in T for r in T}", "repeated_key", "two values for T = 1 at t = 1, r = 2", ""),
        (["COMMA"], {"a,x,b": 1, "b,b": 2}, "key", '"a,x,b" has 3 parts', "as a list"),
        (["COMMA"], {'[["a,x"], "b"]': 1}, "key", "3 parts", ""),
        (["TEXT"], {"01": 1, "2": 2}, "unknown_key", '"01"', "`1`"),
        (["PAIRS"], {"1,2": 1, "1,3": 2, "3,2": 3}, "unknown_key", '"3,2"', ""),
    ],
)
def test_values_that_do_not_fit_are_refused(index: list[str], value: Any, code: str, says: str, mend: str) -> None:
    finding = only(with_parameter(index, value), code)
    assert (finding.element, finding.field) == ("parameters.p", "value")
    assert any(word in str(finding) for word in says.split("|"))
    assert mend in finding.mend


def test_a_table_that_is_not_attached_is_not_filled_by_the_default() -> None:
    parameter = {"name": "p", "index": ["I"], "table": "orders", "column": "qty", "default": 0}
    assert "`orders`" in only(with_rows(sets=SETS, parameters=[parameter]), "no_table").message


def test_a_parameter_without_value_is_refused() -> None:
    assert only(with_rows(parameters=[{"name": "p"}]), "no_value").element == "parameters.p"


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ("range(1, 4)", [1, 2, 3]),
        ("range(3)", [0, 1, 2]),
        ("range(5, 0, -2)", [5, 3, 1]),
        ("range(1, n + 1)", [1, 2]),
        ("['a', 'b']", ["a", "b"]),
        ("BASE", ["a", "b"]),
        ("[i for i in BASE if i != 'a']", ["b"]),
        ("[(i, j) for i in BASE for j in BASE if i != j]", [("a", "b"), ("b", "a")]),
        ("[(1, 2), (3, 4)]", [(1, 2), (3, 4)]),
        ("[t + 1 for t in range(2)]", [1, 2]),
        ("[]", []),
        ("BASE | ['c', 'a']", ["a", "b", "c"]),
        ("['c'] | BASE", ["c", "a", "b"]),
        ("BASE & ['b', 'c']", ["b"]),
        ("BASE - ['a']", ["b"]),
        ("BASE - ['a'] | ['z'] & ['z', 'y']", ["b", "z"]),
        ("BASE | []", ["a", "b"]),
        ("BASE & []", []),
        ("[(i, j) for i in BASE for j in BASE] - [('a', 'b'), ('b', 'a')]", [("a", "a"), ("b", "b")]),
        ("[(i, t) for i in BASE for t in range(2)] & [('b', 1), ('a', 0)]", [("a", 0), ("b", 1)]),
        ("range(5) - range(1, 4)", [0, 4]),
        ("range(2) | range(4, 6)", [0, 1, 4, 5]),
        ("{'x', 'y'}", ["x", "y"]),
        ("{t % 2 for t in range(5)}", [0, 1]),
        ("{j for (i, j) in [('p', 'b'), ('q', 'a'), ('p', 'a')]}", ["b", "a"]),
        (
            "[(i, k) for i in BASE for k in {j for j in [i] | ['a', 'z']}]",
            [("a", "a"), ("a", "z"), ("b", "b"), ("b", "a"), ("b", "z")],
        ),
        ("[next(BASE, i) for i in BASE if i != last(BASE)]", ["b"]),
        ("[(i, t) for i in BASE for t in range(ord(BASE, i))]", [("a", 0), ("b", 0), ("b", 1)]),
        ("[i for i in [j for j in BASE if j != 'a']]", ["b"]),
    ],
)
def test_sets_are_expressions_too(elements: str, expected: list[Any]) -> None:
    sets = [{"name": "S", "elements": elements}, {"name": "BASE", "elements": ["a", "b"]}]
    content = with_rows(
        sets=sets, parameters=[{"name": "n", "value": 2}], variables=[{"name": "x", "domain": "binary"}]
    )
    assert compiled(content).context.sets["S"].labels() == expected


@pytest.mark.parametrize(
    ("elements", "code", "says"),
    [
        (["a", "b", "a"], "repeated_element", "'a'"),
        ("['a', 'a']", "repeated_element", "'a'"),
        ("[1 for i in range(2)]", "repeated_element", "Write `{...}` instead of `[...]`"),
        ([["a", "b"], ["a", "b"]], "repeated_element", "('a', 'b')"),
        ([1.5], "element", "1.5"),
        ([True], "element", "true"),
        ([None], "element", "null"),
        ([10**30], "element", "too large"),
        (["a", ["b", "c"]], "element", '["b", "c"]'),
        ([["a", "b"], ["a"]], "element", '["a"]'),
        ([["a", "b"], "c"], "element", '"c"'),
        ([[]], "element", "[]"),
        ("[1.5, 2]", "element", "`1.5` cannot be an element"),
        ("5", "not_a_set", "5"),
        ("range(1.5)", "range", "whole numbers"),
        ("range(1, 2, 0)", "range", "step"),
        ("range(10 ** 300)", "range", "exceed"),
        ("range(10 ** 12)", "too_large", "1,000,000,000,000"),
        ("[(i, j) for i in range(10 ** 5) for j in range(10 ** 5)]", "too_many_rows", "10,000,000,000"),
        ("S", "cycle", "`S` is defined by itself"),
        ("[t / 2 for t in range(2)]", "fractional_index", "t / 2"),
        ("[(i, j) for i in ['a', 'b'] for j in [i, 'a']]", "repeated_element", "`[i] | [j]`"),
        ("['a'] + ['b']", "set_operator", "Write `A | B`"),
        ("['a', 'b'] - (['a'] - ['b'])", "set_operator", "Write `A | B`"),
        ("['a'] | [('a', 'b')]", "arity", "of 1 and of 2 components"),
        ("['a'] & [('a', 'b')]", "arity", "an element of `[('a', 'b')]` has 2 components"),
        ("['a'] * ['b']", "not_a_set", "is not a set"),
        ("[('a', 'b'), 'c']", "arity", "equally many components"),
        ("['a'] | 5", "not_a_set", "`5`"),
    ],
)
def test_elements_that_cannot_be_are_refused(elements: Any, code: str, says: str) -> None:
    finding = only(with_rows(sets=[{"name": "S", "elements": elements}]), code)
    assert (finding.element, finding.field) == ("sets.S", "elements")
    assert says in str(finding)


def test_sets_that_are_defined_by_each_other_are_a_finding() -> None:
    sets = [{"name": "A", "elements": "B"}, {"name": "B", "elements": "A"}]
    variables = [{"name": "y", "index": ["A"], "as": ["i"], "domain": "binary"}]
    assert "`A`, `B` are defined by each other" in only(with_rows(sets=sets, variables=variables), "cycle").message
