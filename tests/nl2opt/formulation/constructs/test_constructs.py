"""What is no comparison: conditions, alternatives, global constraints, cones, piecewise functions, semicontinuity."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.language.parser import parse_expression
from nl2opt.formulation.language.writer import to_text
from nl2opt.formulation.schema import Formulation
from solvers import AllDifferent, Circuit, Cumulative, NoOverlap
from tests.nl2opt.formulation.constructs.points import is_feasible
from tests.nl2opt.formulation.formulations import Content, compiled, findings

B = {"name": "b", "domain": "binary"}
X = {"name": "x", "domain": "integer", "lower": 0, "upper": 6}
Y = {"name": "y", "domain": "integer", "lower": 0, "upper": 6}
Z = {"name": "z", "domain": "continuous", "lower": 0, "upper": 8}
JOBS = {"name": "J", "elements": ["p", "q", "r"]}


def with_demands(
    *expressions: str, variables: Any = (B, X, Y), sets: Any = (), objective: str | None = None
) -> Content:
    return {
        "title": "t",
        "sets": list(sets),
        "variables": list(variables),
        "objective": None if objective is None else {"sense": "minimize", "expression": objective},
        "constraints": [{"name": f"c{n}", "expression": text} for n, text in enumerate(expressions, start=1)],
    }


LOGICAL: dict[str, Callable[[int, int, int], bool]] = {
    "implies(b == 1, x <= 2)": lambda b, x, y: b == 0 or x <= 2,
    "implies(b == 0, x >= y)": lambda b, x, y: b == 1 or x >= y,
    "implies(b, x + y == 3)": lambda b, x, y: b == 0 or x + y == 3,
    "implies(not b, x <= 2 and y >= 1)": lambda b, x, y: b == 1 or (x <= 2 and y >= 1),
    "implies(b > 0, 1 <= x <= 2)": lambda b, x, y: b == 0 or 1 <= x <= 2,
    "implies(1 - b >= 1, x < y)": lambda b, x, y: b == 1 or x < y,
    "implies(x >= 4, y <= 1)": lambda b, x, y: x < 4 or y <= 1,
    "implies(x == 3, y == 5)": lambda b, x, y: x != 3 or y == 5,
    "implies(x >= 2 and b == 1, y <= 1)": lambda b, x, y: not (x >= 2 and b == 1) or y <= 1,
    "implies(not x <= 2, y <= 1)": lambda b, x, y: x <= 2 or y <= 1,
    "either(x <= 1, y <= 1)": lambda b, x, y: x <= 1 or y <= 1,
    "either(x <= 1, x >= 5)": lambda b, x, y: x <= 1 or x >= 5,
    "either(x <= 1 and y <= 1, x == 6, b == 1)": lambda b, x, y: (x <= 1 and y <= 1) or x == 6 or b == 1,
    "implies(b == 1, x * y <= 6)": lambda b, x, y: b == 0 or x * y <= 6,
    "implies(b == 1, max(x, y) <= 4)": lambda b, x, y: b == 0 or max(x, y) <= 4,
    "implies(b == 1, abs(x - y) == 2)": lambda b, x, y: b == 0 or abs(x - y) == 2,
}


@pytest.mark.parametrize("text", LOGICAL)
def test_conditions_and_alternatives_admit_exactly_what_they_say(text: str) -> None:
    found = compiled(with_demands(text))
    for point in itertools.product((0, 1), range(7), range(7)):
        assert is_feasible(found, point) is LOGICAL[text](*point), point


@pytest.mark.parametrize("text", LOGICAL)
def test_conditions_and_alternatives_are_solved(text: str) -> None:
    """The largest value of an objective that pulls both ways, against enumeration."""
    content = with_demands(text)
    content["objective"] = {"sense": "maximize", "expression": "3 * x + 2 * y + 4 * b"}
    points = [point for point in itertools.product((0, 1), range(7), range(7)) if LOGICAL[text](*point)]
    solution = Formulation.from_dict(content).solve()
    assert solution.objective == pytest.approx(max(3 * x + 2 * y + 4 * b for b, x, y in points)), solution.message


def test_conditions_hold_for_each_combination_of_indices() -> None:
    variables = [
        {"name": "open", "index": ["J"], "domain": "binary"},
        {"name": "ship", "index": ["J"], "domain": "continuous", "lower": 0, "upper": 10},
    ]
    found = compiled(with_demands("implies(open[j] == 0, ship[j] <= 0) for j in J", variables=variables, sets=[JOBS]))
    assert found.model.indicators is not None
    assert found.model.indicators.column.tolist() == [0, 1, 2]
    assert [found.model.name_of_row(row) for row in range(3)] == ["c1['p']", "c1['q']", "c1['r']"]
    assert found.element_of_row(2) == "constraints.c1"


START = {"name": "start", "index": ["J"], "domain": "integer", "lower": 0, "upper": 9}
SIZE = {"name": "size", "index": ["J"], "value": [2, 3, 4]}


def test_global_constraints_become_those_of_the_model() -> None:
    content = with_demands(
        "all_different(start[j] for j in J)",
        "all_different(start[j] + ord(J, j) for j in J)",
        "no_overlap((start[j], size[j]) for j in J)",
        "cumulative(((start[j], size[j], 1) for j in J), 2)",
        variables=[START],
        sets=[JOBS],
    )
    content["parameters"] = [SIZE]
    found = compiled(content).model.global_constraints
    assert [type(constraint) for constraint in found] == [AllDifferent, AllDifferent, NoOverlap, Cumulative]
    assert [constraint.name for constraint in found] == ["c1", "c2", "c3", "c4"]
    first, second, third, fourth = found
    assert isinstance(second, AllDifferent)
    assert second.members.offset.tolist() == [1, 2, 3]
    assert isinstance(third, NoOverlap)
    assert third.size.offset.tolist() == [2, 3, 4]
    assert isinstance(fourth, Cumulative)
    assert fourth.capacity.offset.tolist() == [2]
    point = np.array([0.0, 2.0, 5.0])
    assert [constraint.violation(point) for constraint in found] == [0, 0, 0, 0]
    assert third.violation(np.array([0.0, 1.0, 5.0])) > 0
    assert first.violation(np.array([1.0, 1.0, 5.0])) == 1


def test_one_global_constraint_for_each_combination_of_indices() -> None:
    machines = {"name": "M", "elements": [1, 2]}
    variable = {**START, "index": ["J", "M"]}
    content = with_demands(
        "no_overlap((start[j, m], 2) for j in J) for m in M", variables=[variable], sets=[JOBS, machines]
    )
    found = compiled(content).model.global_constraints
    assert [constraint.name for constraint in found] == ["c1[1]", "c1[2]"]
    assert isinstance(found[1], NoOverlap)
    assert found[1].start.column.tolist() == [1, 3, 5]


def test_maxima_of_whole_numbers_are_whole_beside_global_constraints() -> None:
    content = with_demands(
        "no_overlap((start[j], 2) for j in J)", variables=[START], sets=[JOBS], objective="max(start[j] for j in J)"
    )
    assert not np.any(compiled(content).model.column_kind == 0)


def test_a_circuit_numbers_the_nodes_that_occur() -> None:
    arcs = {"name": "A", "elements": [["x", "y"], ["y", "z"], ["z", "x"], ["x", "z"]]}
    use = {"name": "use", "index": ["A"], "domain": "binary"}
    content = with_demands("circuit((i, j, use[i, j]) for (i, j) in A)", variables=[use], sets=[arcs])
    (found,) = compiled(content).model.global_constraints
    assert isinstance(found, Circuit)
    assert (found.tail.tolist(), found.head.tolist()) == ([0, 1, 2, 0], [1, 2, 0, 2])
    assert [found.violation(np.array(x, float)) for x in ([1, 1, 1, 0], [1, 1, 0, 0])] == [0, 1]


def test_a_cone_holds_the_norm_of_its_members() -> None:
    content = with_demands("soc(z, x - 2, 3)", "soc(10, (x, y))", variables=[X, Y, Z])
    found = compiled(content)
    assert found.model.cones is not None
    assert found.model.cones.starts.tolist() == [0, 3, 6]
    assert is_feasible(found, (6, 0, 5.0))
    assert not is_feasible(found, (6, 0, 4.9))


PIECES = "piecewise(x, [(0, 0), (2, 6), (4, 6), (6, 10)])"


def test_a_piecewise_function_goes_through_its_points() -> None:
    """First steep, then flat, then steep again: neither convex nor concave."""
    found = compiled(with_demands(f"y + 4 >= {PIECES}", f"y + 4 <= {PIECES}", variables=[X, {**Y, "lower": -9}]))
    for x in range(7):
        value = np.interp(x, [0, 2, 4, 6], [0, 6, 6, 10])
        for y in range(-5, 7):
            assert is_feasible(found, (x, y)) == (y + 4 == value), (x, y)


def test_points_may_come_from_parameters() -> None:
    content = with_demands("y >= piecewise(x, [(at[k], cost[k]) for k in K])", variables=[X, Y])
    content["sets"] = [{"name": "K", "elements": [1, 2, 3]}]
    content["parameters"] = [
        {"name": "at", "index": ["K"], "value": [0, 3, 6]},
        {"name": "cost", "index": ["K"], "value": [1, 1, 4]},
    ]
    found = compiled(content)
    assert [is_feasible(found, (6, y)) for y in (3, 4)] == [False, True]


def test_a_piecewise_function_of_known_numbers_is_a_known_number() -> None:
    found = compiled(with_demands("x <= piecewise(2.5, [(0, 0), (5, 4)])", variables=[X]))
    assert found.model.row_upper.tolist() == [2.0]


def test_a_semicontinuous_variable_is_0_or_between_its_bounds() -> None:
    batch = {"name": "batch", "domain": "semicontinuous", "lower": 3, "upper": 6}
    found = compiled(with_demands(variables=[batch]))
    assert [v for v in np.arange(0, 8, 0.5) if is_feasible(found, (v,))] == [0, 3, 3.5, 4, 4.5, 5, 5.5, 6]
    assert found.element_of_row(0) == "variables.batch"
    solved = Formulation.from_dict({**with_demands("batch >= 1", variables=[batch], objective="batch")}).solve()
    assert solved.objective == pytest.approx(3)


FAULTS: dict[str, tuple[Content, str, str]] = {
    "implies with one argument": (with_demands("implies(b == 1)"), "arguments", "`implies` takes a condition"),
    "either with one": (with_demands("either(x <= 1)"), "arguments", "two or more comparisons"),
    "a demand inside a sum": (with_demands("x + either(x <= 1, y <= 1) <= 3"), "demand_as_value", "not a number"),
    "no comparison": (with_demands("implies(b == 1, x + y)"), "no_comparison", "a comparison is expected"),
    "a condition that always holds": (with_demands("implies(b >= 0, x <= 1)"), "condition", "always holds"),
    "a condition of known numbers": (with_demands("implies(1 == 1, x <= 1)"), "condition", "no decision variable"),
    "a condition of quantities": (
        with_demands("implies(z >= 2, x <= 1)", variables=[X, Z]), "condition", "Use whole-number variables",
    ),
    "different quantities": (with_demands("all_different(x, z)", variables=[X, Z]), "not_whole", "whole numbers only"),
    "tasks without a size": (with_demands("no_overlap(x, y)"), "arguments", "has 2 items, here 1"),
    "cumulative without a capacity": (with_demands("cumulative((x, 2, 1))"), "arguments", "tasks and a capacity"),
    "a negative size": (with_demands("no_overlap((x, 2), (y, -1))"), "negative", "below 0"),
    "an arc that is not binary": (with_demands("circuit((1, 2, x), (2, 1, b))"), "arguments", "binary variable"),
    "no members": (with_demands("circuit([])"), "arguments", "`circuit` has no members"),
    "a norm of nothing": (with_demands("soc(x)"), "arguments", "takes a radius"),
    "points that go back": (with_demands("piecewise(x, [(0, 0), (4, 1), (3, 2)]) <= 1"), "points", "must ascend"),
    "one point": (with_demands("piecewise(x, [(0, 0)]) <= 1"), "points", "at least two points"),
    "no points": (with_demands("piecewise(x, 3) <= 1"), "points", "a list of points"),
    "beyond the points": (
        with_demands("piecewise(x + y, [(0, 0), (6, 3)]) <= 1"), "outside_points", "may lie from 0 to 12",
    ),
    "a number beyond the points": (
        with_demands("piecewise(7, [(0, 0), (6, 3)]) <= x"), "outside_points", "7 lies outside",
    ),
    "a negative least value": (
        with_demands(variables=[{"name": "s", "domain": "semicontinuous", "lower": -1, "upper": 2}]),
        "bound", "must not be below 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_has_no_meaning_is_said(name: str) -> None:
    content, code, says = FAULTS[name]
    found = [finding for finding in findings(content) if finding.is_error]
    assert [finding.code for finding in found] == [code], found
    assert says in str(found[0])


def test_a_semicontinuous_variable_without_a_least_value_is_a_warning() -> None:
    found = findings(with_demands(variables=[{"name": "s", "domain": "semicontinuous", "upper": 2}]))
    assert "semicontinuous" in {finding.code for finding in found if not finding.is_error}


@pytest.mark.parametrize("word", ["circuit", "either", "implies", "piecewise", "soc"])
def test_the_words_of_demands_may_still_be_names(word: str) -> None:
    content = with_demands(f"{word} <= 3", variables=[{**X, "name": word}])
    assert compile_formulation(Formulation.from_dict(content)).compiled is not None


@pytest.mark.parametrize(
    "text",
    [
        *LOGICAL,
        "all_different(x[i] for i in I)",
        "all_different(x, y, z)",
        "no_overlap((s[j], d[j]) for j in J if j != 'a') for m in M",
        "cumulative([(s[j], d[j], 1) for j in J], 3)",
        "circuit((i, j, use[i, j]) for (i, j) in A)",
        "soc(t, [x[i] for i in I])",
        "y == piecewise(x, ((0, 0), (1, 2)))",
    ],
)
def test_demands_are_written_as_they_are_read(text: str) -> None:
    root = parse_expression(text).root
    assert parse_expression(to_text(root)).root == root


def test_equal_demands_have_one_structure_and_others_another() -> None:
    base = Formulation.from_dict(with_demands("implies(b == 1, x <= 2)", objective="x - y"))
    renamed = Formulation.from_dict(
        with_demands("implies(use, 2 >= w)", objective="w - y", variables=[{**B, "name": "use"}, {**X, "name": "w"}, Y])
    )
    others = [
        with_demands(text, objective="x - y")
        for text in ("implies(b == 0, x <= 2)", "implies(b == 1, y <= 2)", "implies(b == 1, x <= 3)", "x <= 2")
    ]
    hashes = [Formulation.from_dict(content).structure_hash() for content in others]
    assert renamed.structure_hash() == base.structure_hash()
    assert len({base.structure_hash(), *hashes}) == 5


def test_demands_are_said_in_words_and_in_latex() -> None:
    content = with_demands(
        "implies(b == 1, x <= 2)", "either(x <= 1, y <= 1)", "all_different(x, y)", "no_overlap((x, 2), (y, 3))"
    )
    formulation = Formulation.from_dict(content)
    words = formulation.describe()
    assert "if b is 1, then x is at most 2" in words.replace("equals 1", "is 1")
    assert "at least one of these holds: x is at most 1; or y is at most 1" in words
    assert "no two of x, y are equal" in words
    assert "no two of these tasks overlap: from x on for 2; from y on for 3" in words
    latex = formulation.to_latex()
    assert r"b = 1 \Rightarrow x \le 2" in latex
    assert r"\lor" in latex
