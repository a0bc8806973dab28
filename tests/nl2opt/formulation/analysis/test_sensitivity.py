from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from nl2opt import Formulation
from nl2opt.errors import FormulationError
from nl2opt.formulation.analysis.side_units import side_units
from solvers import Method, solve
from tests.nl2opt.formulation.formulations import X, changed, with_rows
from tests.nl2opt.formulation.test_gallery import GALLERY, formulation_named

EXAMPLES = Path(__file__).parents[4] / "examples"
WORKSHOP = json.loads((EXAMPLES / "workshop.json").read_text(encoding="utf-8"))
CONTINUOUS = Formulation.from_dict(changed(WORKSHOP, "variables", 0, domain="continuous"))
LINEAR = ["chains", "dantzig_transport", "diet", "furniture", "klee_minty", "l1_regression", "paints"]


def test_the_workshop_in_plain_english() -> None:
    assert str(CONTINUOUS.sensitivity()).splitlines() == [
        "Each price holds while everything else stays as it is, within the range that is given.",
        "One more h in `labour` would add $15.625 to the objective, one less would take as much away, from 0 h on "
        "(now 400 h).",
        "One more unit in `share_of_tables` would add $3.125 to the objective, one less would take as much away, "
        "from -80 up to 48 (now 0).",
        "`make['chair']` stays at 75 while its coefficient in the objective is between -53.33333333 and 32 (now 30).",
        "`make['table']` stays at 50 while its coefficient in the objective is at least 75 (now 80).",
    ]


def test_the_workshop_of_whole_pieces_is_solved_again() -> None:
    found = Formulation.from_dict(WORKSHOP).sensitivity()
    assert found.found.method is Method.STEPS
    (labour,) = found.constraint("labour")
    assert (labour.step, labour.change_up, labour.change_down, labour.unit) == (1, 10, -20, "h")
    hours = {more: solved_with_hours(400 + more) - solved_with_hours(400) for more in (1, -1)}
    assert hours == {1: labour.change_up, -1: labour.change_down}
    assert "In `labour` (<= 400 h), 1 h more would add $10 to the objective; 1 h less would take $20 from" in str(found)


def solved_with_hours(hours: int) -> float:
    objective = Formulation.from_dict(changed(WORKSHOP, "parameters", 2, value=hours)).solve().objective
    assert objective is not None
    return objective


@pytest.mark.parametrize("name", LINEAR)
def test_prices_of_the_gallery_agree_with_solving_again(name: str) -> None:
    found = formulation_named(name).sensitivity()
    model, base = found.compiled.model, found.solution.objective
    assert base is not None
    assert found.found.method is Method.PRICES
    looked_at = [price.row for price in found.found.prices]
    assert looked_at == [place for place, row in enumerate(found.constraints) if row.is_binding]
    for price in found.found.prices:
        assert price.price_up is not None
        by = min(1e-2, price.upper - price.value)
        lower, upper = model.row_lower.copy(), model.row_upper.copy()
        lower[price.row] += by if price.side != "upper" else 0.0
        upper[price.row] += by if price.side != "lower" else 0.0
        again = solve(replace(model, row_lower=lower, row_upper=upper)).objective
        assert again == pytest.approx(base + by * price.price_up, abs=1e-6)


@pytest.mark.parametrize("name", [name for name in GALLERY if GALLERY[name]["status"] == "optimal"])
def test_every_formulation_of_the_gallery_can_be_told(name: str) -> None:
    found = formulation_named(name).sensitivity(seconds=0.3)
    assert found.solution.is_optimal
    assert len(str(found).splitlines()) >= 1
    assert all(row.slack >= 0 for row in found.constraints)
    content = json.loads(json.dumps(found.to_dict(), allow_nan=False, default=str))
    assert len(content["variables"]) == found.compiled.n_declared


def test_minimising_has_prices_of_the_sign_of_the_objective_as_stated() -> None:
    found = formulation_named("diet").sensitivity()
    sugar = next(row for row in found.constraint("needs") if row.label == "needs['sugar']")
    assert (sugar.shadow_price, sugar.lower, sugar.relation) == (pytest.approx(7.5), pytest.approx(6), ">=")
    assert sugar.upper is not None
    assert math.isinf(sugar.upper)
    assert dict(sugar.index) == {"n": "sugar"}
    calories = next(row for row in found.constraint("needs") if row.label == "needs['calories']")
    assert (calories.slack, calories.shadow_price, calories.is_binding) == (pytest.approx(250), 0, False)


def test_a_kink_has_a_sentence_for_each_direction() -> None:
    content = with_rows("x + y <= 2", "x <= 1", "y <= 1", variables=[X, {**X, "name": "y"}])
    content["objective"] = {"sense": "maximize", "expression": "x + y", "description": "Profit", "unit": "€"}
    text = str(Formulation.from_dict(content).sensitivity())
    assert "One more unit in `c1` would change nothing, without end." in text
    assert "One less unit in `c1` would take €1 from the profit, down to 0." in text
    assert "each holds in its own direction only" in text


def test_what_cannot_move_is_impossible() -> None:
    content = with_rows("x >= 2", "x <= 2", objective="x", variables=[X])
    assert "One more unit in `c1` is impossible: nothing would be feasible." in str(
        Formulation.from_dict(content).sensitivity()
    )
    whole = with_rows("n == 1", objective="n", variables=[{"name": "n", "domain": "binary"}])
    assert "1 unit more is impossible: nothing would be feasible; 1 unit less would take 1 from" in str(
        Formulation.from_dict(whole).sensitivity()
    )


def test_without_a_point_the_reason_is_said() -> None:
    found = Formulation.from_dict(with_rows("x >= 2", "x <= 1", objective="x")).sensitivity()
    assert (str(found), found.constraints, found.variables) == (found.solution.message, (), ())


def test_constraints_are_asked_for_by_name() -> None:
    found = CONTINUOUS.sensitivity(constraints=["labour"])
    assert [price.row for price in found.found.prices] == [0]
    with pytest.raises(FormulationError) as error:
        CONTINUOUS.sensitivity(constraints=["labor", "share_of_tables", "x"])
    assert [finding.text for finding in error.value.findings] == ["labor", "x"]
    assert "Did you mean `labour`?" in str(error.value.findings[0])
    with pytest.raises(KeyError):
        found.constraint("labor")


def test_units_of_sides_come_from_parameters_and_products() -> None:
    assert side_units(CONTINUOUS) == {"labour": "h", "share_of_tables": ""}
    plain = changed(WORKSHOP, "variables", 0, unit="item")
    plain["constraints"][0]["expression"] = "sum(need[i] * make[i] for i in ITEM) <= 400"
    units = side_units(Formulation.from_dict(plain))
    assert units == {"labour": "h", "share_of_tables": "item"}
