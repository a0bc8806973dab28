from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from solvers import Kind
from tests.nl2opt.formulation.expressions import FRAGMENTS
from tests.nl2opt.formulation.formulations import (
    MAKE,
    WORKSHOP,
    Content,
    N,
    X,
    changed,
    compiled,
    findings,
    only,
    rows,
    with_rows,
)

INF = math.inf
SETS = [
    {"name": "I", "elements": ["a", "b"]},
    {"name": "T", "elements": [1, 2, 3]},
    {"name": "ARC", "elements": [["a", "b"], ["b", "a"]]},
    {"name": "NONE", "elements": []},
]
PARAMETERS = [{"name": "p", "index": ["I"], "value": [1, 2]}, {"name": "k", "value": 3}]


def bounds(index: list[str], lower: object, upper: object, **fields: object) -> tuple[list[float], list[float]]:
    variable = {"name": "y", "index": index, "domain": "continuous", "lower": lower, "upper": upper, **fields}
    parameters = [*PARAMETERS, {"name": "q", "index": ["I", "T"], "value": [[1, 2, 3], [4, 5, 6]]}]
    model = compiled(with_rows(sets=SETS, parameters=parameters, variables=[variable])).model
    return model.column_lower.tolist(), model.column_upper.tolist()


def test_both_writing_styles_give_the_same_model() -> None:
    scalar = {
        "variables": [{**N, "name": "chair"}, {**N, "name": "table"}],
        "objective": {"sense": "maximize", "expression": "30 * chair + 80 * table"},
        "constraints": [{"name": "labour", "expression": "2 * chair + 5 * table <= 400"}],
    }
    one, other = compiled(scalar).model, compiled(WORKSHOP).model
    for name in ("sense", "objective_constant"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("column_lower", "column_upper", "column_kind", "objective", "row_values", "row_lower", "row_upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_columns_and_rows_are_named_by_their_indices() -> None:
    variables = [{**X, "index": ["I", "T"]}, {"name": "f", "index": ["ARC"], "domain": "binary"}]
    content = with_rows(
        "x[i, t] <= 5 for i in I for t in T if t > 2", "f[a] <= 1 for a in ARC", sets=SETS, variables=variables
    )
    model = compiled(content).model
    assert [model.name_of_column(c) for c in (0, 5, 6)] == ["x['a', 1]", "x['b', 3]", "f['a', 'b']"]
    assert list(rows(content)) == ["c1['a', 3]", "c1['b', 3]", "c2[('a', 'b')]", "c2[('b', 'a')]"]


def test_domains_become_kinds() -> None:
    model = compiled(with_rows(variables=[X, N, {"name": "b", "domain": "binary"}])).model
    assert model.column_kind.tolist() == [Kind.CONTINUOUS, Kind.INTEGER, Kind.BINARY]
    assert model.column_upper.tolist() == [INF, INF, 1.0]


@pytest.mark.parametrize(
    ("index", "lower", "upper", "fields", "lowers", "uppers"),
    [
        ([], "-inf", "inf", {}, [-INF], [INF]),
        ([], -1, 2.5, {}, [-1.0], [2.5]),
        ([], -INF, INF, {}, [-INF], [INF]),
        ([], "-k", "2 * k", {}, [-3.0], [6.0]),
        (["I"], 0, "p[i]", {}, [0.0, 0.0], [1.0, 2.0]),
        (["I"], 0, "p[own] * k", {"as": ["own"]}, [0.0, 0.0], [3.0, 6.0]),
        (["I"], "1 if i == 'a' else 0", 9, {}, [1.0, 0.0], [9.0, 9.0]),
        (["I", "T"], "t", "q[i, t] + t", {}, [1.0, 2.0, 3.0] * 2, [2.0, 4.0, 6.0, 5.0, 7.0, 9.0]),
        (["ARC"], 0, "p[o] - p[d] + 5", {"as": ["o", "d"]}, [0.0, 0.0], [4.0, 6.0]),
        (["ARC", "T"], 0, "t", {}, [0.0] * 6, [1.0, 2.0, 3.0] * 2),
        (["I"], 0, "sum(q[i, s] for s in T)", {}, [0.0, 0.0], [6.0, 15.0]),
    ],
)
def test_bounds_may_depend_on_the_variables_own_indices(
    index: list[str], lower: object, upper: object, fields: dict[str, object], lowers: list[float], uppers: list[float]
) -> None:
    assert bounds(index, lower, upper, **fields) == (lowers, uppers)


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"lower": "inf"}, "bound", "lower bound cannot be `inf`"),
        ({"upper": "-inf"}, "bound", "upper bound cannot be `-inf`"),
        ({"upper": "1 / 0"}, "division_by_zero", "1 / 0"),
        ({"index": ["T"], "upper": "1 / (t - 2)"}, "division_by_zero", "t = 2"),
        ({"index": ["I"], "upper": "i"}, "element_as_number", "i = 'a'"),
    ],
)
def test_bounds_without_a_meaning_are_refused(fields: Content, code: str, says: str) -> None:
    finding = only(with_rows(sets=SETS, variables=[{**X, **fields}]), code)
    assert (finding.element, finding.field) == ("variables.x", "upper" if "upper" in fields else "lower")
    assert says in str(finding)


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"index": ["T"], "lower": "t", "upper": 2}, "crossed_bounds", "3 exceeds the upper bound 2"),
        ({"domain": "binary", "upper": 5}, "binary_bound", "0 or 1"),
        ({"index": ["NONE"]}, "empty", "nothing to decide"),
    ],
)
def test_doubtful_bounds_are_warnings(fields: Content, code: str, says: str) -> None:
    finding = only(with_rows(sets=SETS, variables=[{**X, **fields}]), code)
    assert not finding.is_error
    assert says in finding.message


def test_a_lower_bound_that_is_left_out_is_0_and_assumed() -> None:
    variable = {"name": "x", "domain": "continuous"}
    found = compiled(with_rows("x <= 1", variables=[variable]))
    assert found.model.column_lower.tolist() == [0.0]
    (assumption,) = found.assumptions
    assert (assumption.text, assumption.element) == ("x is not negative", "x")
    change = assumption.alternatives[0].change
    assert (change.kind, change.path, change.value) == ("set", "variables.x.lower", "-inf")


@pytest.mark.parametrize("variable", [X, {"name": "x", "domain": "binary"}, {**X, "lower": "-inf"}])
def test_a_stated_lower_bound_is_not_assumed(variable: Content) -> None:
    assert compiled(with_rows("x <= 1", variables=[variable])).assumptions == ()


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("2 * x + 1 <= n + 4", ({"x": 2.0, "n": -1.0}, -INF, 3.0)),
        ("4 >= x", ({"x": 1.0}, -INF, 4.0)),
        ("x == n", ({"x": 1.0, "n": -1.0}, 0.0, 0.0)),
        ("1 <= x + n <= 3", ({"x": 1.0, "n": 1.0}, 1.0, 3.0)),
        ("3 >= x + 1 >= 1", ({"x": 1.0}, 0.0, 2.0)),
        ("x / 4 <= 50 / 100", ({"x": 0.25}, -INF, 0.5)),
        ("x - x + n <= 2", ({"n": 1.0}, -INF, 2.0)),
        ("n < 3", ({"n": 1.0}, -INF, 2.0)),
        ("n > 3", ({"n": 1.0}, 4.0, INF)),
        ("3 < n", ({"n": 1.0}, 4.0, INF)),
        ("2 * n < 3", ({"n": 2.0}, -INF, 2.0)),
        ("n < 3.5", ({"n": 1.0}, -INF, 3.5)),
        ("n < 0.1 * 30", ({"n": 1.0}, -INF, 2.0)),
        ("x < 3", ({"x": 1.0}, -INF, 3.0)),
        ("0.5 * n < 3", ({"n": 0.5}, -INF, 3.0)),
    ],
)
def test_a_comparison_becomes_a_row(text: str, row: tuple[dict[str, float], float, float]) -> None:
    assert rows(with_rows(text))["c1"] == row


def test_a_chain_of_decisions_is_a_row_for_each_comparison() -> None:
    model = compiled(with_rows("0 <= x <= n <= 5")).model
    assert model.row_lower.tolist() == [0.0, -INF, -INF]
    assert model.row_upper.tolist() == [INF, 0.0, 5.0]


def test_a_strict_chain_on_whole_numbers_is_tightened_on_both_sides() -> None:
    model = compiled(with_rows("0 < n < 5")).model
    assert (model.row_lower.max(), model.row_upper.min()) == (1.0, 4.0)


@pytest.mark.parametrize(("text", "assumed"), [("x < 3", "`<` in c1 is read as `<=` (at most)"), ("x > 3", "`>=`")])
def test_a_strict_comparison_of_continuous_quantities_is_assumed_not_to_be(text: str, assumed: str) -> None:
    (assumption,) = compiled(with_rows(text)).assumptions
    assert assumed in assumption.text
    assert assumption.element == "c1"


@pytest.mark.parametrize("text", ["n < 3", "n < 3.5", "2 < 3"])
def test_a_strict_comparison_of_whole_numbers_assumes_nothing(text: str) -> None:
    assert compiled(with_rows(text)).assumptions == ()


def test_each_row_of_a_strict_family_is_read_by_its_own_side() -> None:
    parameter = {"name": "s", "index": ["I"], "value": [2, 2.5]}
    variables = [{**N, "index": ["I"]}]
    model = compiled(with_rows("n[i] < s[i] for i in I", sets=SETS, parameters=[parameter], variables=variables)).model
    assert model.row_upper.tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y[i, t] <= 1 for i in I for t in T if t < 3 and i != 'a'", ["c1['b', 1]", "c1['b', 2]"]),
        ("y[i, t] <= 1, i in I, t in T if t == 2", ["c1['a', 2]", "c1['b', 2]"]),
        ("y[i, t] <= y[i, t - 1] for i in I for t in T if t > first(T) if i == last(I)", ["c1['b', 2]", "c1['b', 3]"]),
        ("y[j, 1] <= 1 for (i, j) in ARC if i == 'a'", ["c1['a', 'b']"]),
        ("y[i, t] <= 1 for i in I if i == 'a' for t in range(2, 4)", ["c1['a', 2]", "c1['a', 3]"]),
    ],
)
def test_clauses_make_a_row_for_each_combination(text: str, names: list[str]) -> None:
    variables = [{**X, "name": "y", "index": ["I", "T"]}]
    assert list(rows(with_rows(text, sets=SETS, variables=variables))) == names


def test_a_quadratic_objective_is_summed_up_by_pairs() -> None:
    model = compiled(with_rows(objective="(x - n) ** 2 + 3 * x * n + x + 1")).model
    terms = model.quadratic_objective
    assert terms is not None
    square = {(0, 0): 1.0, (0, 1): 1.0, (1, 1): 1.0}
    found: dict[tuple[int, int], float] = {}
    for first, second, value in zip(
        terms.first.tolist(), terms.second.tolist(), terms.coefficient.tolist(), strict=True
    ):
        found[first, second] = found.get((first, second), 0.0) + value
    assert found == square
    assert (model.objective.tolist(), model.objective_constant) == ([1.0, 0.0], 1.0)


def test_a_quadratic_row_keeps_its_linear_part() -> None:
    model = compiled(with_rows("x <= 1", "x * x + 2 * n <= 9")).model
    terms = model.quadratic_rows
    assert terms is not None
    assert (terms.row.tolist(), terms.first.tolist(), terms.second.tolist()) == ([1], [0], [0])
    assert model.activity(np.array([2.0, 1.0])).tolist() == [2.0, 6.0]


def test_quadratic_terms_of_0_leave_a_linear_model() -> None:
    assert compiled(with_rows("0 * x * x + n <= 1", objective="0 * x * n + n")).model.is_linear


@pytest.mark.parametrize(
    ("text", "code", "mend"),
    [
        ("x + n", "no_comparison", "`... <= ...`"),
        ("x <= 1 and n <= 2", "not_one_comparison", "two constraints"),
        ("x != 1", "comparison", "`<=`"),
        ("[x <= 1, n <= 2]", "not_one_comparison", "own"),
        ("x <= 1 if n > 2 else x <= 3", "no_comparison", ""),
    ],
)
def test_a_constraint_is_one_comparison(text: str, code: str, mend: str) -> None:
    finding = only(with_rows(text), code)
    assert (finding.element, finding.field) == ("constraints.c1", "expression")
    assert mend in finding.mend
    assert finding.text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x[i] for i in I", "clauses_as_value"),
        ("x['a'] <= 5", "variable_in_condition"),
        ("(x['a'], 1)", "list_as_value"),
        ("'a'", "element_as_number"),
        ("sum(x)", "needs_index"),
    ],
)
def test_an_objective_is_one_number(text: str, code: str) -> None:
    content = with_rows(objective=text, sets=SETS, variables=[{**X, "index": ["I"]}])
    assert only(content, code).element == "objective"


@pytest.mark.parametrize("objective", ["3", "0 * x", "x - x", "sum(x for i in NONE)"])
def test_an_objective_without_decisions_is_a_warning(objective: str) -> None:
    finding = only(with_rows("x + n >= 1", objective=objective, sets=SETS), "constant_objective")
    assert (finding.element, finding.is_error) == ("objective", False)


def test_no_objective_asks_for_any_feasible_point() -> None:
    assert not compiled(with_rows("x >= 1")).model.objective.any()


def test_require_raises_with_every_finding() -> None:
    compilation = compile_formulation(Formulation.from_dict(with_rows("x = 1", "y <= 1")))
    assert compilation.compiled is None
    with pytest.raises(FormulationError, match=r"c1[\s\S]*c2") as caught:
        compilation.require()
    assert caught.value.findings == compilation.findings


def test_a_check_says_what_the_compiler_says() -> None:
    formulation = Formulation.from_dict(with_rows("x = 1"))
    assert formulation.check() == compile_formulation(formulation).findings


def test_variables_of_too_many_columns_are_refused() -> None:
    sets = [{"name": "I", "elements": "range(100000)"}]
    content = with_rows(sets=sets, variables=[{**X, "index": ["I", "I"]}])
    assert "10,000,000,000 columns" in only(content, "too_large").message


def test_an_empty_model_compiles() -> None:
    assert compiled(with_rows(sets=SETS, variables=[{**X, "index": ["NONE"]}])).model.n_columns == 0


FUZZED: Content = changed(WORKSHOP, "constraints", 0, name="c")
FUZZED["sets"] = [*SETS, *WORKSHOP["sets"]]
FUZZED["variables"] = [MAKE, {**X, "index": ["I"]}, {**N, "name": "y", "index": ["I"]}, {**X, "name": "z"}]
FUZZED["parameters"] = [*WORKSHOP["parameters"], *PARAMETERS, {"name": "c", "value": 2}]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_expression_makes_the_compiler_raise_or_dawdle(data: st.DataObject) -> None:
    text = " ".join(data.draw(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=12)))
    content = dict(FUZZED)
    place = data.draw(st.sampled_from(["row", "objective", "bound", "set", "parameter"]))
    if place == "row":
        content["constraints"] = [{"name": "c1", "expression": text}, {"name": "c2", "expression": f"sum({text}) <= 3"}]
    elif place == "objective":
        content["objective"] = {"sense": "minimize", "expression": text}
    elif place == "bound":
        content = changed(content, "variables", 1, upper=text)
    elif place == "set":
        content["sets"] = [*content["sets"], {"name": "S", "elements": text}]
    else:
        content = changed(content, "parameters", 0, value=text)
    begin = time.thread_time()
    findings(content)
    assert time.thread_time() - begin < 1
