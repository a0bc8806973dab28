from __future__ import annotations

import copy
from typing import Any

import pytest

from nl2opt.formulation.schema import Formulation
from nl2opt.verification.data_points import MovableFormulation
from nl2opt.verification.directions import stated_directions
from nl2opt.verification.evidence import Evidence, Outcome
from nl2opt.verification.moves import Mover, direction_evidence
from tests.nl2opt.pipeline.cases import INDEXED, PROBLEM


@pytest.mark.parametrize(
    ("problem", "directions"),
    [
        ("At most 400 hours can be used.", {"400": "better"}),
        ("No more than 400 hours can be used.", {"400": "better"}),
        ("There are 400 hours available.", {"400": "better"}),
        ("The shop has 400 hours of labour available per week.", {"400": "better"}),
        ("400 kg of flour are available.", {"400": "better"}),
        ("The budget is $5,000 and cannot exceed 90 trips.", {"5,000": "better", "90": "better"}),
        ("Each truck has a capacity of 20 tons.", {"20": "better"}),
        ("At least 20 chairs must be made.", {"20": "worse"}),
        ("There must be a minimum of 25 workers and 30 or more vans.", {"25": "worse", "30": "worse"}),
        ("At most 30% of the vehicles can be bikes.", {"30%": "better"}),
        ("The profit per chair is $30.", {"30": "better"}),
        ("Each chair sells for $30.", {"30": "better"}),
        ("A hectare of wheat earns $300.", {"300": "better"}),
        ("Each van costs $250 to rent.", {"250": "worse"}),
        # What is not plain is passed over.
        ("There are 400 passengers and 3 factories.", {}),
        ("If at least 20 chairs are made, a discount of $50 is given.", {}),
        ("The firm wants a profit of $1000 with the least work.", {}),
        ("Milk is available for $4 a bottle.", {}),
        ("Exactly 12 of at most 15 shelves are used.", {}),
        ("A bus takes 40 children.", {}),
        ("A nurse earns $300 per shift. Minimize the number of nurses.", {}),
        ("Crop X must have at least twice the area of half of crop Z.", {}),
        ("", {}),
    ],
)
def test_the_directions_that_a_text_states_plainly(problem: str, directions: dict[str, str]) -> None:
    assert {d.number.text: d.if_it_rises for d in stated_directions(problem)} == directions


def moved(problem: str = PROBLEM, before: float = 6200.0, **changes: Any) -> Evidence:
    formulation = Formulation.from_dict(copy.deepcopy({**INDEXED, **changes}))
    movable = MovableFormulation.of(formulation, problem)
    return direction_evidence(stated_directions(problem), Mover(movable), before, True)


def test_an_optimum_that_moves_as_expected_passes() -> None:
    found = moved()
    assert found.outcome is Outcome.PASSED
    assert found.text.startswith("2 numbers of the text were raised: the best answer goes the way")


def test_a_limit_that_became_a_demand_is_named_with_before_and_after() -> None:
    rows = [INDEXED["constraints"][0], {"name": "market", "expression": "make['table'] >= sold"}]
    found = moved(before=6400.0, constraints=rows)
    assert found.outcome is Outcome.DOUBTFUL
    assert found.text == (
        '"At most 40 tables can be sold.": when 40 rises to 120, the best answer should not get worse, but it goes '
        "from 6,400 to infeasible."
    )


def test_a_profit_that_became_a_cost_is_seen() -> None:
    wrong = {"sense": "maximize", "expression": "100 * make['table'] - sum(profit[i] * make[i] for i in ITEM)"}
    found = moved(before=800.0, objective=wrong, problem=PROBLEM.replace("a table $80", "a table brings $80"))
    assert found.outcome is Outcome.DOUBTFUL
    assert "when 80 rises to 88, the best answer should not get worse, but it goes from 800 to 480." in found.text


def test_a_text_that_states_no_direction_has_nothing_to_test() -> None:
    assert moved("Make chairs and tables.").outcome is Outcome.NOT_RUN
    assert moved("At most 77 lamps can be sold.").text == (
        "Nothing to test: no number whose direction is known could be moved."
    )


def test_no_time_is_no_doubt() -> None:
    movable = MovableFormulation.of(Formulation.from_dict(INDEXED), PROBLEM)
    found = direction_evidence(stated_directions(PROBLEM), Mover(movable, seconds=0.0), 6200.0, True)
    assert found.outcome is Outcome.NOT_RUN
    assert "The time did not suffice for all." in found.text


def test_what_must_be_used_up_is_no_gain_where_there_is_more_of_it() -> None:
    text = "Workshop A has 250 hours of time available per month. "
    assert [one.if_it_rises for one in stated_directions(text)] == ["better"]
    assert stated_directions(text + "The hours of the workshop should be fully utilized.") == ()
