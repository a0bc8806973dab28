from __future__ import annotations

import sys
import time

import pytest

from nl2opt import Formulation
from nl2opt.formulation.checks import unit_check, units
from nl2opt.formulation.checks.unit_check import unit_findings
from nl2opt.formulation.checks.units import read_unit
from nl2opt.formulation.findings import Finding
from tests.nl2opt.formulation.formulations import WORKSHOP, Content, with_rows

STATED = {
    "rate": "$/item", "worth": "$", "euro": "EUR", "hours": "hours", "minutes": "min", "weight": "kilograms",
    "pace": "h per item", "staff": "people", "plain": "", "share": "%", "distance": "km", "fuel": "l/km", "tank": "l",
}  # fmt: skip
MADE: Content = {"name": "make", "domain": "integer", "lower": 0, "unit": "items"}
HIRED: Content = {"name": "hire", "domain": "integer", "lower": 0, "unit": "people"}


def about(row: str, objective: str | None = None, unit: str = "") -> list[Finding]:
    content = with_rows(
        row,
        parameters=[{"name": name, "value": 2, "unit": text} for name, text in STATED.items()],
        variables=[MADE, HIRED, {"name": "run", "domain": "continuous", "lower": 0, "upper": "hours", "unit": "h"}],
        objective=objective,
    )
    if objective is not None:
        content["objective"]["unit"] = unit
    return unit_findings(Formulation.from_dict(content))


@pytest.mark.parametrize(
    "row",
    [
        "pace * make <= hours",
        "rate * make + worth >= 3 * worth",
        "make + plain <= 2 * make + weight * share",
        "staff - hire >= hire",
        "fuel * distance <= tank",
        "hours / make <= pace",
        "sum(pace * make for i in range(1, 3)) <= max(hours, hours)",
        "(rate * make) ** 2 <= worth * worth",
        "3 * hours <= weight",
        "run <= hours",
        "plain * weight <= hours",
    ],
)
def test_what_fits_together_is_not_remarked(row: str) -> None:
    assert about(row) == []


@pytest.mark.parametrize(
    ("row", "message", "text"),
    [
        ("hours + weight <= plain", "hours + kilograms: what is added has different units", "hours + weight"),
        ("make <= hire", "items <= people: what is compared has different units", "make <= hire"),
        ("rate * make <= euro", "$ <= EUR: what is compared has different units", "rate * make <= euro"),
        ("rate + worth >= 0", "$/item + $: what is added has different units", "rate + worth"),
        ("pace * hire >= run", "h·person/item >= h: what is compared has different units", "pace * hire >= run"),
        (
            "minutes + hours >= 1",
            "min + hours: what is added is of one dimension on two scales, and numbers are not converted",
            "minutes + hours",
        ),
        (
            "(hours if plain > 1 else weight) * make >= 0",
            "hours or kilograms: what two cases give has different units",
            "hours if plain > 1 else weight",
        ),
        ("max(hours, weight) * make >= 0", "hours and kilograms: what is put together has different units",
         "max(hours, weight)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_a_warning_with_both_units_and_the_text(row: str, message: str, text: str) -> None:
    (finding,) = about(row)
    assert (finding.code, finding.element, finding.field) == ("units", "constraints.c1", "expression")
    assert not finding.is_error
    assert (finding.message, finding.text) == (message, text)


def test_the_factor_between_two_scales_is_said() -> None:
    (finding,) = about("minutes + hours >= 1")
    assert finding.mend == "Multiply what is in `hours` by 60 to have it in `min`."


def test_the_units_of_objective_bounds_and_computed_parameters_are_compared() -> None:
    assert about("make >= 0", "rate * make", "$") == []
    (finding,) = about("make >= 0", "rate * make", "EUR")
    assert (finding.element, finding.message) == ("objective", "the expression is in $, the objective in EUR")
    content = with_rows(
        "a + b + x >= 0",
        parameters=[{"name": "a", "value": 1, "unit": "kg"}, {"name": "b", "value": "a + 1", "unit": "hours"}],
        variables=[{"name": "x", "domain": "continuous", "lower": "b", "unit": "kg"}],
    )
    places = [(f.element, f.field) for f in unit_findings(Formulation.from_dict(content))]
    assert places == [("parameters.b", "value"), ("variables.x", "lower"), ("constraints.c1", "expression")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("items", "item"), ("Boxes", "box"), ("people", "person"), ("$/item", "USD per item"),
        ("hours per chair per week", "h/chair/week"), ("kg", "kilograms"), ("m²", "square meters"), ("m^3", "m**3"),
        ("kg of flour", "kg"), ("labor hours", "hours"), ("man-hours", "h"), ("thousand dollars", "1000 $"),
        ("kWh", "kilowatt hours"), ("$/(item*day)", "dollars per item per day"), ("tons", "t"), ("EUR", "€"),
        ("million $", "1,000,000 USD"), ("ton-miles", "mile * ton"), ("metric tons", "tonnes"),
        ("batteries", "battery"),
    ],
)  # fmt: skip
def test_units_that_are_one(one: str, other: str) -> None:
    first, second = read_unit(one), read_unit(other)
    assert first is not None
    assert second is not None
    assert first.dimensions == second.dimensions
    assert first.scale == pytest.approx(second.scale)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hours", "kg"), ("chairs", "tables"), ("$", "EUR"), ("items", "people"), ("m", "m^2"), ("kW", "kWh"),
        ("$/item", "item/$"), ("cats", "bar"), ("units", "points"), ("min", "m"), ("buses", "bushels"),
    ],
)  # fmt: skip
def test_units_that_differ(one: str, other: str) -> None:
    first, second = read_unit(one), read_unit(other)
    assert first is not None
    assert second is not None
    assert first.dimensions != second.dimensions


@pytest.mark.parametrize("text", ["%", "percent", "", "-", "///", "()", "dimensionless", "kg^x", "1", ")("])
def test_what_says_nothing_is_no_unit(text: str) -> None:
    assert read_unit(text) is None


def test_check_tells_and_compiling_does_not_look() -> None:
    content = {**WORKSHOP, "parameters": [dict(p) for p in WORKSHOP["parameters"]]}
    content["parameters"][1]["unit"], content["parameters"][2]["unit"] = "h/item", "kg"
    content["variables"] = [{**WORKSHOP["variables"][0], "unit": "items"}]
    (finding,) = Formulation.from_dict(content).check()
    assert str(finding) == (
        "constraints.labour.expression: h <= kg: what is compared has different units "
        "(in `sum(need[i] * make[i] for i in ITEM) <= hours`). Is a factor missing, or a unit wrong?"
    )


def test_without_pint_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "find_spec", lambda name: None)
    assert [str(finding) for finding in about("hours + weight <= plain")] == [
        "Units are not checked, since pint is not installed. Install it with: pip install 'nl2opt[units]'."[:-1]
    ]
    assert unit_findings(Formulation.from_dict(WORKSHOP)) == []


def test_with_fewer_than_two_units_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(text)

    monkeypatch.setattr(unit_check, "read_unit", refuse)
    assert unit_findings(Formulation.from_dict(WORKSHOP)) == []


def test_ten_variables_take_less_than_five_milliseconds() -> None:
    row = " + ".join(f"pace{n} * x{n}" for n in range(10))
    content = with_rows(
        *[f"{row} <= hours"] * 10,
        parameters=[
            {"name": "hours", "value": 1, "unit": "h"},
            *({"name": f"pace{n}", "value": n, "unit": "h/item"} for n in range(10)),
        ],
        variables=[{"name": f"x{n}", "domain": "integer", "lower": 0, "unit": "items"} for n in range(10)],
    )
    formulation = Formulation.from_dict(content)
    assert unit_findings(formulation) == []
    assert "pint" in sys.modules
    seconds = []
    for _ in range(5):
        begin = time.process_time()
        unit_findings(formulation)
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 0.005
