from __future__ import annotations

import math

import pytest
from hypothesis import Phase, given, settings

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from solvers import Model
from tests.nl2opt.formulation.expressions import Drawn, formulations
from tests.nl2opt.formulation.formulations import compiled, only, rows, with_rows
from tests.nl2opt.formulation.oracle import Row

DATA = {
    "sets": [
        {"name": "I", "elements": ["a", "b", "c"]},
        {"name": "T", "elements": [1, 2, 3]},
        {"name": "W", "elements": ["1", "2"]},
        {"name": "ARC", "elements": [["a", "b"], ["b", "c"], ["a", "c"]]},
    ],
    "parameters": [
        {"name": "p", "index": ["I"], "value": [1, 2, 4]},
        {"name": "u", "index": ["T"], "value": [1.5, 2, 3]},
        {"name": "k", "value": 3},
    ],
    "variables": [
        {"name": "x", "index": ["I"], "domain": "continuous", "lower": 0},
        {"name": "s", "index": ["T"], "domain": "continuous", "lower": 0},
        {"name": "v", "index": ["W"], "domain": "continuous", "lower": 0},
        {"name": "f", "index": ["ARC"], "domain": "continuous", "lower": 0},
        {"name": "g", "index": ["I", "I"], "domain": "continuous", "lower": 0},
    ],
}


def normal(row: Row) -> tuple[dict[tuple[str, ...], float], float, float]:
    """Return a row whose first coefficient is positive, so that two ways of writing it compare."""
    first = next((row.coefficients[names] for names in sorted(row.coefficients)), None)
    if first is None:  # a constant row holds or does not, whichever side was moved
        holds = float(row.lower <= 0.0 <= row.upper)
        return {}, holds, holds
    if first > 0:
        return row.coefficients, row.lower, row.upper
    return {names: -value for names, value in row.coefficients.items()}, -row.upper, -row.lower


def model_rows(model: Model) -> list[Row]:
    assert model.quadratic_rows is None
    found = []
    for row in range(model.n_rows):
        entries = range(int(model.row_starts[row]), int(model.row_starts[row + 1]))
        names = {(model.name_of_column(int(model.row_columns[e])),): float(model.row_values[e]) for e in entries}
        kept = {name: value for name, value in names.items() if abs(value) > 1e-12}
        found.append(Row(kept, float(model.row_lower[row]), float(model.row_upper[row])))
    return found


def model_objective(model: Model) -> dict[tuple[str, ...], float]:
    found = {(model.name_of_column(c),): float(value) for c, value in enumerate(model.objective)}
    found[()] = model.objective_constant
    if model.quadratic_objective is not None:
        terms = model.quadratic_objective
        for first, second, value in zip(terms.first, terms.second, terms.coefficient, strict=True):
            key = tuple(sorted((model.name_of_column(int(first)), model.name_of_column(int(second)))))
            found[key] = found.get(key, 0.0) + float(value)
    return {names: value for names, value in found.items() if abs(value) > 1e-12}


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink])
@given(formulations())
def test_the_compiled_arrays_are_those_of_the_oracle(drawn: Drawn) -> None:
    compilation = compile_formulation(Formulation.from_dict(drawn.content))
    try:
        objective = drawn.oracle.objective(drawn.content["objective"]["expression"])
        expected = [row for c in drawn.content["constraints"] for row in drawn.oracle.rows(c["expression"])]
    except (KeyError, ValueError):  # an index outside its set, or the largest of nothing
        assert compilation.compiled is None
        return
    model = compilation.require().model
    assert model_objective(model) == pytest.approx(objective, abs=1e-9)
    found = model_rows(model)
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        (coefficients, *sides), (wanted_coefficients, *wanted_sides) = normal(row), normal(wanted)
        assert coefficients == pytest.approx(wanted_coefficients, abs=1e-9)
        assert sides == pytest.approx(wanted_sides, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("k ** 2 + 7 // 2 - 7 % 4", 9.0),
        ("sum(p[i] for i in I)", 7.0),
        ("prod(p[i] for i in I)", 8.0),
        ("min(p[i] for i in I) + max(p[i] for i in I)", 5.0),
        ("len(I) + len(t for t in T if t > 1)", 5.0),
        ("max(1, k, 2) - min(1, k)", 2.0),
        ("abs(-2) + ceil(1.2) + floor(1.8) + round(2.567, 2)", 7.57),
        ("sqrt(4) + exp(0) + log(1) + sin(0) + cos(0)", 4.0),
        ("p[first(I)] + p[last(I)]", 5.0),
        ("1 if k > 2 and not k == 5 else 0", 1.0),
        ("sum(t for t in range(1, 4))", 6.0),
        ("sum(1 for i in I for j in I if (i, j) in ARC)", 3.0),
        ("sum(1 for i in I if i in ['a', 'c'])", 2.0),
        ("sum(1 for t in T if t == '2')", 1.0),
        ("sum(1 for w in W if w == '2')", 1.0),
        ("sum(1 for t in T if t == k / 2)", 0.0),
        ("sum(1 for t in T for r in T if r == t / 2)", 1.0),
        ("sum(1 for t in T for r in T if t > 1 and r == u[t - 1])", 1.0),
        ("sum(1 for a in ARC if a == ('a', 'b'))", 1.0),
        ("sum(p[i] for i in I if False)", 0.0),
        ("sum(p[i] for i in I - ['b'])", 5.0),
        ("sum(p[i] for i in ['b'] | I)", 7.0),
        ("sum(1 for i in I & ['c', 'x'] for j in I | ['y'])", 4.0),
        ("len(I | W) + len(I - I) + len(range(3) & T)", 7.0),
        ("sum(1 for (i, j) in ARC - [('a', 'b')] if i == 'b')", 1.0),
        ("sum(1 for (i, j) in [(i2, j2) for i2 in I for j2 in I] - ARC)", 6.0),
        ("sum(1 for t in T if t in T - [2])", 2.0),
        ("sum(1 for t in T if t in range(2, 9))", 2.0),
        ("sum(1 for t in T if '2' in [t] | [9])", 1.0),
        ("sum(1 for t in T for r in T if r in range(t))", 3.0),
        ("sum(1 for t in range(2, 4) for r in range(t) if t == r + 1)", 2.0),
        ("0.1 + 0.2 == 0.3", 0.0),
        ("True + True", 2.0),
    ],
)
def test_constants_have_the_value_that_python_gives_them(text: str, value: float) -> None:
    parameters = [*DATA["parameters"], {"name": "answer", "value": text}]
    context = compiled({**with_rows(**DATA), "parameters": parameters}).context
    assert context.parameters["answer"].values.tolist() == [pytest.approx(value)]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("f['a', 'b']", {"f['a', 'b']": 1.0}),
        ("sum(f[a] for a in ARC if a == ('b', 'c'))", {"f['b', 'c']": 1.0}),
        ("sum(g[a] for a in ARC)", {"g['a', 'b']": 1.0, "g['b', 'c']": 1.0, "g['a', 'c']": 1.0}),
        ("s['1'] + v[2]", {"s[1]": 1.0, "v['2']": 1.0}),
        ("sum(u[t] * s[t] for t in T if t > first(T))", {"s[2]": 2.0, "s[3]": 3.0}),
        ("x['a'] + x['a'] - x['b']", {"x['a']": 2.0, "x['b']": -1.0}),
        ("49 * x['a'] / 49", {"x['a']": 1.0}),
        ("(1 if k > 5 else 2) * x['a'] * k", {"x['a']": 6.0}),
    ],
)
def test_indices_name_the_columns_that_were_meant(text: str, columns: dict[str, float]) -> None:
    assert rows(with_rows(f"{text} >= 1", **DATA))["c1"] == (columns, 1.0, math.inf)


def test_formulations_that_follow_each_other_do_not_share_positions() -> None:
    for order in (["a", "b"], ["b", "a"]) * 20:
        sets = [{"name": "I", "elements": order}]
        content = with_rows("x['a'] <= 5", sets=sets, variables=DATA["variables"][:1])
        assert rows(content)["c1"][0] == {"x['a']": 1.0}


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("s[t - 1] <= 1 for t in T", "index_out_of_set", "0 is not in the set `T` (1, 2, 3) at t = 1"),
        ("x['d'] <= 1", "index_out_of_set", "'d' is not in the set `I`"),
        ("x['--5'] <= 1", "index_out_of_set", "'--5'"),
        ("s[k / 2] <= 1", "fractional_index", "1.5"),
        ("g['a'] <= 1", "arity", "`g` has 2 indices (I, I), not 1"),
        ("f['a', 'b', 'c'] <= 1", "arity", "not 3"),
        ("x[i] <= 1 for (i, j) in I", "arity", "2 loop variables"),
        ("sum(1 for a in ARC if a == 'a') <= s[1]", "arity", "2 and of 1 components"),
        ("sum(1 for i in I if i in ARC) <= s[1]", "arity", "2 components"),
        ("x[i] / (p[i] - 2) <= 1 for i in I", "division_by_zero", "i = 'b'"),
        ("x[i] <= 1 / (p[i] - 2) for i in I", "division_by_zero", "i = 'b'"),
        ("(p['a'] - 5) ** x['a'] <= 1", "domain", "a base above 0"),
        ("x['a'] // 2 == 1", "nonlinear", "`//`"),
        ("x['a'] % 2 == 1", "nonlinear", "`%`"),
        ("ceil(x['a']) <= 1", "nonlinear_function", "integer variable"),
        ("abs(x['a'], s[1]) <= 1", "arguments", "one argument"),
        ("max(x[i] for i in I if p[i] > 9) <= 1", "empty_aggregate", "`max` of nothing"),
        ("x['a'] <= log(-1) * s[1]", "not_finite", "log(-1)"),
        ("sum(x['a'], s[1]) <= 1", "needs_clauses", "`sum(x[i] for i in I)`"),
        ("x['a'] <= max(p[i] for i in I if p[i] > 9)", "empty_aggregate", "`max` of nothing"),
        ("x['a'] <= 1 for i in I if x[i] > 0", "variable_in_condition", "decision variable"),
        ("x[s[1]] <= 1", "variable_as_index", "s[1]"),
        ("x[i] * i <= 1 for i in I", "element_as_number", "i = 'a'"),
        ("x[i] <= 1 for i in I if i > 1", "element_as_number", "number"),
        ("v[w] <= 1 for w in W if w == 2", "element_as_number", "w = '1'"),
        ("v[w] <= 1 for t in T for w in W if w == t - 1", "element_as_number", "w = '1'"),
        ("x['a'] <= 1 for i in [1.5]", "element", "`1.5` cannot be an element"),
        ("x['a'] <= 1 for i in k", "unknown_set", "`k`"),
        ("x['a'] <= round(2.5, 1, 1)", "arguments", "round"),
        ("x['a'] <= round(2.5, 0.5)", "arguments", "digits"),
        ("x['a'] <= abs(1, 2)", "arguments", "one argument"),
        ("x['a'] <= len(I, T)", "arguments", "one set"),
        ("x['a'] <= log(0)", "not_finite", "log(0)"),
        ("x['a'] <= 1e200 * 1e200", "not_finite", "1e200"),
        ("1e200 * x['a'] * 1e200 <= 1", "not_finite", "too large"),
        ("x['a'] <= sum(1e308 for i in I)", "not_finite", "1e308"),
        ("x['a'] <= prod(1e200 for i in I)", "not_finite", "1e200"),
        ("x['a'] <= 1 for i in range(10 ** 17)", "range", "exceed"),
    ],
)  # fmt: skip
def test_what_has_no_value_is_said_where_it_stands(text: str, code: str, says: str) -> None:
    finding = only(with_rows(text, **DATA), code)
    assert (finding.element, finding.field, finding.is_error) == ("constraints.c1", "expression", True)
    assert says in str(finding)


@pytest.mark.parametrize("periods", [[1], [1, 2, 3]])
@pytest.mark.parametrize("item", ["a", "b"])
@pytest.mark.parametrize("text", ["sum(q['{}', t] * y for t in T)", "sum(sum(q['{}', t] * y for t in T) for i in [1])"])
def test_a_literal_beside_a_loop_names_its_own_row_of_a_table(text: str, item: str, periods: list[int]) -> None:
    numbers = {"a": [2.0, 3.0, 4.0][: len(periods)], "b": [5.0, 6.0, 7.0][: len(periods)]}
    content = {
        "sets": [{"name": "I", "elements": ["a", "b"]}, {"name": "T", "elements": periods}],
        "parameters": [{"name": "q", "index": ["I", "T"], "value": [numbers["a"], numbers["b"]]}],
        "variables": [{"name": "y", "domain": "continuous"}],
        "objective": {"sense": "minimize", "expression": text.format(item)},
    }
    model = compile_formulation(Formulation.from_dict(content)).require().model
    assert model.objective.tolist() == [sum(numbers[item])]
