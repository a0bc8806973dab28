from __future__ import annotations

import json

import pytest

from nl2opt import Formulation
from nl2opt.formulation.analysis.conflict import Conflict
from solvers import SolveOptions
from tests.nl2opt.formulation.analysis.infeasible import HOURS, ODD, TRANSPORT
from tests.nl2opt.formulation.formulations import WORKSHOP, Content, with_rows


def conflict(content: Content) -> Conflict:
    found = Formulation.from_dict(content).conflict()
    assert found is not None
    return found


def test_rows_are_named_with_their_indices_and_numbers() -> None:
    found = conflict(TRANSPORT)
    assert found.is_irreducible
    assert [member.name for member in found.members] == ["send['a']", "send['b']", "meet['berlin']", "meet['paris']"]
    berlin = found.members[2]
    assert (berlin.element, berlin.field, berlin.index) == ("constraints.meet", "expression", {"c": "berlin"})
    assert (berlin.side, berlin.value) == ("at least", 120)
    assert str(found).splitlines()[3] == (
        "- meet['berlin'] (ship['a', 'berlin'] + ship['b', 'berlin'] >= 120): at least 120"
        " - every city gets what it needs"
    )


def test_what_must_be_whole_is_said() -> None:
    found = conflict(ODD)
    assert (found.needs_integrality, found.whole) == (True, ("n",))
    assert str(found) == (
        "This alone cannot hold:\n- c1 (2*n == 1): exactly 1\n"
        "That n must be whole is part of it: with fractions all could hold."
    )


def test_bounds_are_members() -> None:
    found = conflict(with_rows("x >= 12", variables=[{"name": "x", "domain": "continuous", "upper": 10}]))
    assert [str(member) for member in found.members] == [
        "c1 (x >= 12): at least 12", "x <= 10, the upper bound of x"
    ]  # fmt: skip


def test_bounds_that_cross() -> None:
    content = with_rows("x <= 50", variables=[{"name": "x", "domain": "continuous", "lower": 3, "upper": 2}])
    assert [(member.element, member.field) for member in conflict(content).members] == [
        ("variables.x", "lower"), ("variables.x", "upper")
    ]  # fmt: skip


def test_a_false_constant_row_is_the_whole_conflict() -> None:
    content = with_rows("x >= 5", "need <= 2", parameters=[{"name": "need", "value": 3}])
    assert str(conflict(content)) == ("This alone can never hold:\n- c2 (`need <= 2` is 3 <= 2 with its numbers)")


@pytest.mark.parametrize(("content", "said"), [
    (with_rows("x*x >= 9", variables=[{"name": "x", "domain": "continuous", "upper": 2}]), "(x**2 >= 9): at least 9"),
    (with_rows("abs(x - 3) <= 1", "x >= 7"), "- what the functions in constraints.c1 mean (1 row)"),
    (with_rows("exp(x) <= 0.5"), "the lower bound of x"),
    (
        with_rows("implies(b == 1, x >= 5)", "b >= 1", "x <= 3", variables=[
            {"name": "x", "domain": "continuous"}, {"name": "b", "domain": "binary"}
        ]), "(x >= 5 where b == 1): at least 5",
    ),
    (
        with_rows("all_different(y[i] for i in I)", sets=[{"name": "I", "elements": [1, 2, 3]}], variables=[
            {"name": "y", "index": ["I"], "domain": "integer", "lower": 1, "upper": 2}
        ]), "c1 (all_different(y[i] for i in I))",
    ),
])  # fmt: skip
def test_other_demands_are_named_too(content: Content, said: str) -> None:
    found = conflict(content)
    assert said in str(found)
    assert found.is_irreducible


def test_long_conflicts_are_cut_in_words_and_whole_in_json() -> None:
    many = {**TRANSPORT, "sets": [{"name": "PLANT", "elements": list(range(9))}, {"name": "CITY", "elements": ["x"]}]}
    many["parameters"] = [
        {"name": "supply", "index": ["PLANT"], "value": [1] * 9}, {"name": "demand", "index": ["CITY"], "value": [10]},
        {"name": "cost", "index": ["PLANT", "CITY"], "value": [[1]] * 9},
    ]  # fmt: skip
    found = conflict(many)
    assert "- ... and 4 more rows of constraints.send" in str(found)
    assert len(json.loads(json.dumps(found.to_dict()))["members"]) == 10


def test_there_is_none_where_there_is_a_solution_or_no_time() -> None:
    assert Formulation.from_dict(WORKSHOP).conflict() is None
    assert Formulation.from_dict(HOURS).conflict(options=SolveOptions(time_limit_seconds=0)) is None


def test_alternatives_are_told_without_their_helpers() -> None:
    found = conflict(with_rows("either(x <= 2, x >= 9, x == 5)", "6 <= x <= 8"))
    assert str(found).splitlines()[1:] == [
        "- c1, alternative 1 (x <= 2): at most 2",
        "- c1, alternative 2 (x >= 9): at least 9",
        "- c1, alternative 3 (x == 5): at most 5",
        "- c1, one of them (one of its alternatives holds)",
        "- c2 (6 <= x <= 8): at least 6",
        "- c2 (6 <= x <= 8): at most 8",
    ]


def test_cones_and_global_constraints_have_their_names_and_what_they_demand() -> None:
    cone = conflict(with_rows("soc(x, n)", "x <= 2", "n >= 3"))
    assert "- c1 (soc(x, n))" in str(cone).splitlines()
    crew = with_rows(
        "cumulative(((s[j], 3, 2) for j in J), cap[m]) for m in M",
        sets=[{"name": "J", "elements": ["p", "q"]}, {"name": "M", "elements": ["drill"]}],
        parameters=[{"name": "cap", "index": ["M"], "value": {"drill": 3}}],
        variables=[{"name": "s", "index": ["J"], "domain": "integer", "upper": 2}],
    )
    assert "- c1['drill'] (cumulative(((s[j], 3, 2) for j in J), cap[m]))" in str(conflict(crew)).splitlines()


def test_a_row_with_functions_is_told_as_it_was_written() -> None:
    variables = [{"name": "x", "domain": "continuous", "upper": 9}]
    found = str(conflict(with_rows("exp(x) <= 1", "x >= 1", variables=variables)))
    assert "- c1 (exp(x) <= 1): at most 1" in found.splitlines()
