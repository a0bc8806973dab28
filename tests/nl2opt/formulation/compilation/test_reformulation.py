from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.formulation.schema import Formulation
from solvers import Kind, Termination
from tests.nl2opt.formulation.formulations import Content, X, compiled, findings, only, rows, with_rows

A: Content = {"name": "a", "domain": "continuous", "lower": 0, "upper": 10}
B: Content = {**A, "name": "b"}
JOBS: Content = {
    "sets": [{"name": "JOB", "elements": ["cut", "bend", "weld"]}, {"name": "M", "elements": [1, 2]}],
    "parameters": [{"name": "hours", "index": ["JOB"], "value": [4, 3, 5]}],
    "variables": [{"name": "on", "index": ["JOB", "M"], "domain": "binary"}],
    "objective": {
        "sense": "minimize",
        "expression": "max(sum(hours[j] * on[j, m] for j in JOB) for m in M)",
    },
    "constraints": [{"name": "done", "expression": "sum(on[j, m] for m in M) == 1 for j in JOB"}],
}


def optimum(content: Content) -> float:
    solution = Formulation.from_dict(content).solve()
    assert solution.termination is Termination.OPTIMAL, solution.message
    assert solution.objective is not None
    return solution.objective


def problem(sense: str, expression: str, *constraints: str) -> Content:
    return {**with_rows(*constraints, variables=[A, B]), "objective": {"sense": sense, "expression": expression}}


def n_binaries(content: Content) -> int:
    found = compiled(content)
    return int((found.model.column_kind[found.n_declared :] == Kind.BINARY).sum())


def test_the_largest_load_is_made_small_without_binaries() -> None:
    assert n_binaries(JOBS) == 0
    assert optimum(JOBS) == pytest.approx(7)  # cut and bend on one machine, weld on the other


@pytest.mark.parametrize(
    ("sense", "expression", "constraints", "best", "binaries"),
    [
        ("minimize", "abs(a - 3) + abs(b - 7)", ["a + b == 12"], 2, 0),
        ("maximize", "min(a, b)", ["2 * a + b <= 9"], 3, 0),
        ("minimize", "a + b", ["max(a, b) >= 7"], 7, 2),
        ("minimize", "a + 2 * b", ["max(a, b) == 7"], 7, 2),
        ("maximize", "abs(a - 4)", [], 6, 2),
        ("minimize", "abs(max(a, b) - 4) + a", ["b >= 6"], 2, 2),
        ("maximize", "a - max(0, b - 2) - max(0, a - 5) * 2", ["a <= b"], 2, 0),
        ("minimize", "max(2 * a, 8 + a, 3 * a - 4)", ["a >= 10"], 26, 0),
        ("minimize", "max(0, 3) * a", ["a >= 1"], 3, 0),
        ("minimize", "max(a) - min(b)", ["a >= 2"], -8, 0),
        ("maximize", "b", ["abs(a - b) <= 2", "a <= 3"], 5, 0),
        ("maximize", "a + b", ["min(a, b) <= 4"], 14, 2),
        ("minimize", "max(a, b) - max(a, b) + a", ["a >= 1"], 1, 0),
        ("minimize", "max(max(a, 1), max(b, 2))", ["a + b >= 3"], 2, 0),
        ("minimize", "a ** 2 + max(a, 2)", ["a >= 1"], 3, 0),
    ],
)
def test_optima_known_by_hand(sense: str, expression: str, constraints: list[str], best: float, binaries: int) -> None:
    content = problem(sense, expression, *constraints)
    assert optimum(content) == pytest.approx(best, abs=1e-6)
    assert n_binaries(content) == binaries


def test_an_argument_that_is_never_attained_costs_nothing() -> None:
    content = problem("minimize", "a", "max(a + 20, b) >= 25")
    assert n_binaries(content) == 0
    assert optimum(content) == pytest.approx(5)


def test_the_big_constants_are_the_smallest_that_the_bounds_allow() -> None:
    content = problem("minimize", "a + b", "max(a, b - 4) >= 5")
    found = rows(content)
    name = "max(a, b - 4) in c1"
    # At most 6 - 0 above the first argument, at most 10 - (-4) above the second.
    assert found[f"{name}, at most argument 1"][0][f"{name}, argument 1 chosen"] == 6
    assert found[f"{name}, at most argument 2"][0][f"{name}, argument 2 chosen"] == 14


def test_a_missing_bound_is_named_with_its_mend() -> None:
    finding = only(with_rows("max(x, 2 * a) >= 5", objective="x + a", variables=[X, A]), "needs_bound")
    assert (finding.element, finding.text) == ("constraints.c1", "max(x, 2 * a)")
    assert "`x` has no upper bound" in str(finding)
    assert "State `upper` for the variable `x`" in str(finding)


def test_a_missing_bound_inside_a_nested_function_is_found() -> None:
    free = {"name": "f", "domain": "continuous", "lower": "-inf", "upper": 4}
    found = findings(with_rows("abs(min(f, a)) >= 1", objective="a", variables=[free, A]))
    assert {(f.code, f.text) for f in found} == {
        ("needs_bound", "abs(min(f, a))"),
        ("needs_bound", "min(f, a)"),
    }
    assert all("`f` has no lower bound" in str(finding) for finding in found)


def test_a_missing_bound_is_found_once_however_often_nested_functions_name_the_column() -> None:
    free = {"name": "f", "domain": "continuous", "lower": "-inf"}
    nested = "f"
    for _ in range(28):  # each product asks for both bounds of what is inside it: 2**28 ways to `f`
        nested = f"abs({nested} * f)"
    found = findings(with_rows(f"{nested} >= 1", objective="f", variables=[free]))
    assert "needs_bound" in {finding.code for finding in found}


def test_functions_over_rows_of_a_frame_are_one_column_for_each_row() -> None:
    content = {
        "sets": [{"name": "I", "elements": ["p", "q", "r"]}],
        "parameters": [{"name": "want", "index": ["I"], "value": [2, 5, 9]}],
        "variables": [{"name": "x", "index": ["I"], "domain": "continuous", "lower": 0, "upper": 6}],
        "objective": {"sense": "minimize", "expression": "sum(abs(x[i] - want[i]) for i in I)"},
        "constraints": [{"name": "near", "expression": "max(x[i], 3) >= 4 for i in I"}],
    }
    assert optimum(content) == pytest.approx(2 + 0 + 3)
    found = compiled(content)
    assert found.model.name_of_column(3) == "abs(x[i] - want[i]) in objective, i = 'p'"
    # Above 3 wherever it must be above 4, so the row of the constraint alone says it: x[i] >= 4 up to 6.
    last = found.model.n_rows - 1
    assert found.element_of_row(last) in ("constraints.near", "objective")
    assert {found.element_of_row(row) for row in range(3)} == {"constraints.near"}


def test_a_function_without_loop_variables_is_one_column_for_all_rows() -> None:
    content = {**JOBS, "objective": {"sense": "minimize", "expression": "0"}}
    content["variables"] = [*JOBS["variables"], A, B]
    content["constraints"] = [{"name": "c", "expression": "max(a, b) <= hours[j] for j in JOB"}]
    found = compiled(content)
    assert found.model.n_columns - found.n_declared == 1


def test_auxiliary_columns_are_no_part_of_the_answer() -> None:
    import nl2opt

    answer = nl2opt.run(Formulation.from_dict(JOBS))
    assert answer.values is not None
    assert list(answer.values) == ["on"]
    assert "max(" not in str(answer).split("Formulation")[0]


def test_a_strict_comparison_of_whole_maxima_is_tightened() -> None:
    whole = {"name": "n", "domain": "integer", "lower": 0, "upper": 9}
    content = with_rows("max(n, 2) < 5", variables=[whole], objective="-n")
    assert optimum(content) == pytest.approx(-4)
    assert not [a for a in compiled(content).assumptions if "<" in a.text]


def test_what_no_solver_can_say_exactly_is_refused() -> None:
    assert only(with_rows("round(x) <= 1"), "nonlinear_function").text == "round(x)"
    assert only(with_rows("max(x for i in [1] if i > 1) <= 1"), "empty_aggregate").element == "constraints.c1"


# -- against brute force ------------------------------------------------------------------------------------

Point = tuple[int, ...]
Read = tuple[str, Callable[[Point], float]]
NAMES = ("u", "v", "w")
RANGE = range(-2, 3)


@st.composite
def linear(draw: st.DrawFn) -> Read:
    factors = [draw(st.integers(-2, 2)) for _ in NAMES]
    constant = draw(st.integers(-3, 3))
    text = " + ".join(f"{factor} * {name}" for factor, name in zip(factors, NAMES, strict=True)) + f" + {constant}"
    return text, lambda point: sum(f * x for f, x in zip(factors, point, strict=True)) + constant


def _combined(function: str, parts: list[Read]) -> Read:
    apply: Any = {"max": max, "min": min}[function]
    return f"{function}({', '.join(text for text, _ in parts)})", lambda point: apply(read(point) for _, read in parts)


def _absolute(part: Read) -> Read:
    return f"abs({part[0]})", lambda point: abs(part[1](point))


def _difference(first: Read, second: Read, factor: int) -> Read:
    return f"{first[0]} - {factor} * ({second[0]})", lambda point: first[1](point) - factor * second[1](point)


EXPRESSIONS = st.recursive(
    linear(),
    lambda inner: st.one_of(
        st.builds(_combined, st.sampled_from(["max", "min"]), st.lists(inner, min_size=1, max_size=3)),
        st.builds(_absolute, inner),
        st.builds(_difference, inner, inner, st.integers(-2, 2)),
    ),
    max_leaves=4,
)
ROWS = st.tuples(EXPRESSIONS, st.sampled_from(["<=", ">=", "=="]), st.integers(-4, 4))
HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "==": lambda a, b: a == b,
}  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(objective=EXPRESSIONS, sense=st.sampled_from(["minimize", "maximize"]), demands=st.lists(ROWS, max_size=2))
def test_the_reformulation_has_the_optimum_of_brute_force(
    objective: Read, sense: str, demands: list[tuple[Read, str, int]]
) -> None:
    content = {
        "variables": [{"name": n, "domain": "integer", "lower": RANGE[0], "upper": RANGE[-1]} for n in NAMES],
        "objective": {"sense": sense, "expression": objective[0]},
        "constraints": [
            {"name": f"c{k}", "expression": f"{text} {operator} {side}"}
            for k, ((text, _), operator, side) in enumerate(demands)
        ],
    }
    feasible = [
        objective[1](point)
        for point in product(RANGE, repeat=len(NAMES))
        if all(HOLDS[operator](read(point), side) for (_, read), operator, side in demands)
    ]
    solution = Formulation.from_dict(content).solve()
    if not feasible:
        assert solution.termination is Termination.INFEASIBLE
        return
    best = min(feasible) if sense == "minimize" else max(feasible)
    assert solution.objective == pytest.approx(best, abs=1e-6)
    assert solution.values is not None
    # The values of the variables alone, without the auxiliary columns, give that optimum and satisfy the rows.
    point = tuple(np.round(solution.values[: len(NAMES)]).astype(int).tolist())
    assert objective[1](point) == best
    assert all(HOLDS[operator](read(point), side) for (_, read), operator, side in demands)
    assert compiled(content).objective_values(solution.values) == {"objective_1": pytest.approx(best)}


def test_no_finding_is_made_of_a_sound_one() -> None:
    assert findings(JOBS) == ()
