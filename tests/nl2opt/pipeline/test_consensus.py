from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.consensus import Ballot, combined

VARIABLES = [{"name": name, "domain": "integer"} for name in ("x", "y")]
POOL = ("x + y <= 9", "x <= 4", "y <= 5", "x >= y", "2 * x + y >= 1")
NAMES = st.permutations(["c1", "c2", "c3", "c4", "c5"])


def ballot(*constraints: str | tuple[str, str], objective: str = "x + y", variables: object = VARIABLES) -> Ballot:
    rows = [item if isinstance(item, tuple) else (f"c{n}", item) for n, item in enumerate(constraints, start=1)]
    formulation = Formulation.from_dict(
        {
            "variables": variables,
            "objective": {"sense": "maximize", "expression": objective},
            "constraints": [{"name": name, "expression": text} for name, text in rows],
        }
    )
    return Ballot.of(formulation, compile_formulation(formulation).require())


def rows_of(formulation: Formulation | None) -> list[tuple[str, str]]:
    assert formulation is not None
    return [(constraint.name, constraint.expression) for constraint in formulation.constraints]


def test_without_drafts_there_is_nothing_to_combine() -> None:
    assert combined([]) is None


@given(rows=st.lists(st.sampled_from(POOL), unique=True), drafts=st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_what_all_drafts_demand_is_kept_as_the_first_wrote_it(rows: list[str], drafts: int) -> None:
    ballots = [ballot(*rows) for _ in range(drafts)]
    assert combined(ballots) == ballots[0].formulation


@given(drafts=st.lists(st.lists(st.sampled_from(POOL), unique=True), min_size=1, max_size=5), data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_row_is_kept_when_more_than_half_of_the_drafts_demand_it(
    drafts: list[list[str]], data: st.DataObject
) -> None:
    ballots = [ballot(*zip(data.draw(NAMES), rows, strict=False)) for rows in drafts]
    kept = [text for _, text in rows_of(combined(ballots))]
    assert sorted(kept) == sorted(row for row in POOL if 2 * sum(row in rows for rows in drafts) > len(drafts))


def test_rows_are_the_same_whatever_their_spelling_and_keep_that_of_the_first() -> None:
    drafts = [ballot("x <= 4"), ballot("2 * x <= 8"), ballot("-x >= -4")]
    assert rows_of(combined(drafts)) == [("c1", "x <= 4")]


def test_half_of_the_drafts_is_not_enough() -> None:
    assert rows_of(combined([ballot("x <= 4"), ballot("y <= 4")])) == []


def test_names_that_meet_are_numbered_and_those_of_variables_are_taken() -> None:
    drafts = [
        ballot(("limit", "x <= 4"), ("x_", "x + y <= 6")),
        ballot(("limit", "y <= 5"), ("other", "x <= 4")),
        ballot(("limit", "y <= 5"), ("rest", "x + y <= 6")),
    ]
    assert rows_of(combined(drafts)) == [("limit", "x <= 4"), ("x_", "x + y <= 6"), ("limit_2", "y <= 5")]


def test_the_objective_is_that_of_most_drafts_and_of_the_first_on_a_tie() -> None:
    drafts = [ballot(objective="x"), ballot(objective="y + x"), ballot(objective="x + y")]
    formulation = combined(drafts)
    assert formulation is not None
    assert formulation.objective == drafts[1].formulation.objective
    tied = combined(drafts[:2])
    assert tied is not None
    assert tied.objective == drafts[0].formulation.objective


@pytest.mark.parametrize("other", [[{"name": "z", "domain": "integer"}], [VARIABLES[0]], VARIABLES[::-1]])
def test_drafts_over_other_variables_have_no_vote(other: list[dict[str, str]]) -> None:
    stranger = ballot(objective="1", variables=other)
    assert rows_of(combined([ballot("x <= 4"), stranger, stranger, stranger])) == [("c1", "x <= 4")]


def test_what_the_bounds_demand_already_is_neither_counted_nor_kept() -> None:
    first, second = ballot("x >= 0", "x <= 4"), ballot("x <= 4")
    assert first.demands == second.demands
    assert first.agrees_with(second)
    assert rows_of(combined([first, second])) == [("c2", "x <= 4")]


@pytest.mark.parametrize(
    "other",
    [
        ballot("x <= 5"),
        ballot("x <= 4", "y <= 4"),
        ballot("x <= 4", objective="2 * x + y"),
        ballot("x <= 4", variables=[VARIABLES[0], {"name": "y", "domain": "continuous"}]),
    ],
)
def test_drafts_that_differ_in_anything_do_not_agree(other: Ballot) -> None:
    assert not ballot("x <= 4").agrees_with(other)
