from __future__ import annotations

from nl2opt import Formulation
from tests.nl2opt.formulation.formulations import WORKSHOP, Content, with_rows


def words(content: Content) -> str:
    return str(Formulation.from_dict(content).runaway())


def test_a_variable_that_nothing_limits() -> None:
    objective = {**WORKSHOP["objective"], "description": "profit"}
    row = {"name": "few", "expression": "make['table'] <= 5"}
    assert words({**WORKSHOP, "constraints": [row], "objective": objective}) == (
        "make['chair'] can grow without end: no constraint limits it from above; the profit grows by 30 for each 1. "
        "An upper bound on make['chair'] would stop it."
    )


def test_variables_that_run_away_together() -> None:
    content = with_rows("x <= 2*n", objective="n - 3*x")
    found = Formulation.from_dict(content).runaway()
    assert found is not None
    assert [(v.name, v.rate, v.is_free) for v in found.variables] == [("x", 1.0, False), ("n", 0.5, True)]
    assert found.objective == -2.5
    assert "x by +1 and n by +0.5; the objective falls by 2.5 each time." in str(found)
    assert "No constraint limits n from above." in str(found)


def test_a_variable_without_a_lower_bound_falls() -> None:
    variables = [{"name": "x", "domain": "continuous", "lower": "-inf"}]
    assert words(with_rows(objective="x", variables=variables)) == (
        "x can fall without end: no constraint limits it from below; the objective falls by 1 for each 1. "
        "A lower bound on x would stop it."
    )


def test_what_is_bounded_has_none() -> None:
    assert Formulation.from_dict(WORKSHOP).runaway() is None


def test_the_bounds_that_it_names_do_stop_it() -> None:
    """With n bounded, k would still run away; k alone does not do without n where nothing ties them."""
    tied = Formulation.from_dict(with_rows("n - x <= 1", objective="-n - x")).runaway()
    assert tied is not None
    assert tied.bounds == ("an upper bound on x",)
    apart = with_rows(objective="-n - x")
    found = Formulation.from_dict(apart).runaway()
    assert found is not None
    assert sorted(found.bounds) == ["an upper bound on n", "an upper bound on x"]
    assert " and an upper bound on " in str(found)
    bounded = {**apart, "variables": [{**variable, "upper": 9} for variable in apart["variables"]]}
    assert Formulation.from_dict(bounded).solve().objective == -18
