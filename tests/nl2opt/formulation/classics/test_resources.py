import numpy as np
import pytest

from nl2opt.formulation.schema import Formulation
from tests.nl2opt.formulation.classics.resources import NUTRIENTS, ORDERS, ROLL, cutting_stock, stigler_diet
from tests.nl2opt.formulation.formulations import compiled


def test_stigler_is_given_the_diet_that_he_missed_by_27_cents() -> None:
    found = compiled(stigler_diet())
    assert (found.model.n_columns, found.model.n_rows) == (77, 9)
    solution = found.formulation.solve()
    assert solution.is_optimal
    assert solution.objective == pytest.approx(39.66, abs=0.005)
    assert solution.values is not None
    assert float(solution.values.sum()) == pytest.approx(0.10866, abs=1e-5)
    bought = {found.model.name_of_column(int(place)) for place in np.flatnonzero(solution.values > 1e-9)}
    foods = ("Wheat flour (enriched)", "Liver (beef)", "Cabbage", "Spinach", "Dried navy beans")
    assert bought == {f"spend[{food!r}]" for food in foods}


def test_the_prices_of_nutrients_pay_for_the_diet() -> None:
    """Strong duality, and complementary slackness: four of the nine nutrients come without being asked for."""
    enough = Formulation.from_dict(stigler_diet()).sensitivity().constraint("enough")
    prices = {row.index["n"]: row.shadow_price for row in enough}
    assert {name for name, price in prices.items() if price} == {
        "calories", "calcium", "vitamin_a", "riboflavin", "vitamin_c"
    }  # fmt: skip
    paid = sum(least * (prices[name] or 0.0) for name, (least, _) in NUTRIENTS.items())
    assert paid == pytest.approx(39.6617, abs=1e-4)


def test_seventy_three_rolls_are_enough_for_all_orders() -> None:
    content = cutting_stock()
    assert len(content["parameters"][0]["value"]) == 308
    solution = Formulation.from_dict(content).solve()
    assert solution.is_optimal
    assert solution.objective == 73
    ordered = sum(width * count for width, count in ORDERS.items())
    assert 1 - ordered / (73 * ROLL) == pytest.approx(0.00401, abs=5e-6)
