"""Where each detector must speak, and where it must be silent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.elements import Variable
from nl2opt.formulation.lift import lift
from nl2opt.formulation.schema import Formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.prompts import worked_examples
from nl2opt.pipeline.readings.exactness import open_demands
from nl2opt.pipeline.readings.finding import Readings, find_readings
from nl2opt.pipeline.readings.part_or_others import open_shares
from nl2opt.pipeline.readings.signs import is_signed
from nl2opt.pipeline.readings.strictness import strict_limits
from nl2opt.pipeline.readings.wholeness import Sort, open_wholeness, sort_of
from nl2opt.pipeline.scalar import read_scalar
from solvers import SolveOptions
from tests.nl2opt.pipeline.readings.texts import scalar

ROOT = Path(__file__).parents[4]


def formulation(*rows: str, domain: str = "integer", x: str = "number of vans", y: str = "trucks") -> Formulation:
    content = scalar(
        {"vans": (domain, x), "trucks": (domain, y)},
        "minimize",
        "vans + trucks",
        *((f"c{place}", row) for place, row in enumerate(rows, start=1)),
    )
    return Formulation.from_dict(content)


# -- whole or fractional ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "unit", "sort"),
    [
        ("tonnes shipped from a plant", "", Sort.MEASURE),
        ("what is shipped", "t", Sort.MEASURE),
        ("number of servings of milk", "", Sort.PORTION),
        ("nurses who begin; each works 8 hours", "", Sort.BODY),
        ("number of chairs; each: 2 hours of work", "", Sort.THING),
        ("amount of oil", "", Sort.MEASURE),
        ("items made", "", Sort.THING),
        ("units of electric bikes; each: 3 units of charge", "", Sort.BODY),
        ("units of large pills", "", Sort.THING),
        ("units of oil", "", Sort.PORTION),
        ("number of full time staff", "", Sort.BODY),
        ("number of crab cakes", "", Sort.THING),
        ("units made", "", Sort.PORTION),
    ],
)
def test_what_one_unit_is_can_be_read(description: str, unit: str, sort: Sort) -> None:
    assert sort_of(Variable(name="x", domain="integer", description=description, unit=unit)) is sort


@pytest.mark.parametrize(
    ("text", "domain", "description", "speaks"),
    [
        ("How many servings?", "integer", "servings of milk", True),
        ("How many servings?", "continuous", "servings of milk", True),
        ("How many whole servings?", "integer", "servings of milk", False),
        ("Servings cannot be split.", "integer", "servings of milk", False),
        ("Servings may be fractional.", "continuous", "servings of milk", False),
        ("Fractions of a serving are allowed.", "integer", "servings of milk", True),
        ("You cannot hire fractional people; give whole numbers.", "integer", "people", False),
        ("Fractions are not allowed.", "continuous", "servings of milk", True),
        ("How much oil?", "integer", "tonnes of oil", True),
        ("How much oil?", "continuous", "tonnes of oil", False),
        ("How many nurses?", "integer", "nurses", False),
        ("Which plan is best?", "integer", "nurses", False),
        ("How many nurses?", "continuous", "nurses", True),
        ("How many chairs?", "integer", "chairs", False),
        ("Which plan is best?", "integer", "chairs", True),
    ],
)
def test_whether_quantities_are_whole_is_open(text: str, domain: str, description: str, speaks: bool) -> None:
    given = formulation("vans >= 1", domain=domain, x=description, y=description)
    assert bool(list(open_wholeness(text, given, frozenset()))) is speaks


def test_one_reading_turns_all_and_few_families_also_one_by_one() -> None:
    content: dict[str, Any] = {
        "sets": [{"name": "I", "elements": ["a", "b"]}],
        "variables": [
            {"name": name, "index": ["I"], "domain": "integer", "lower": 0, "description": "batches"}
            for name in ("make", "buy")
        ],
        "objective": None,
    }
    (spotted,) = open_wholeness("How many batches?", Formulation.from_dict(content), frozenset())
    texts = [other.text for other in spotted.assumption.alternatives]
    assert texts == ["batches may be fractional", "only make may be fractional", "only buy may be fractional"]
    assert [len(other.edits) for other in spotted.assumption.alternatives] == [2, 1, 1]
    (rest,) = open_wholeness("How many batches?", Formulation.from_dict(content), frozenset({"variables.buy.domain"}))
    assert [other.edits[0].path for other in rest.assumption.alternatives] == ["variables.make.domain"]


# -- strict or not ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row", "speaks"),
    [
        ("There must be fewer than 10 vans.", "vans <= 10", True),
        ("There must be more than 10 vans.", "vans >= 10", True),
        ("Vans must exceed 10.", "vans >= 10", True),
        ("It must cost less than $10.", "vans + trucks <= 10", True),
        ("There must be no more than 10 vans.", "vans <= 10", False),
        ("Vans must not exceed 10.", "vans <= 10", False),
        ("There may not be more than 10 vans.", "vans <= 10", False),
        ("There can never be fewer than 10 vans.", "vans >= 10", False),
        ("Vans are less than or equal to 10.", "vans <= 10", False),
        ("There must be fewer than 10 vans.", "vans <= 9", False),
        ("There must be fewer than 10 vans.", "vans < 10", False),
        ("A van carries more than 10 crates.", "10 * vans + trucks >= 7", False),
        ("There must be more vans than trucks.", "vans >= trucks", True),
        ("The number of vans must exceed the number of trucks.", "vans >= trucks", True),
        ("The vans must outnumber the trucks.", "vans >= trucks", True),
        ("There must not be more vans than trucks.", "vans <= trucks", False),
        ("There must be at least 10 more vans than trucks.", "vans >= trucks + 10", False),
        ("There must be more vans than trucks.", "vans >= trucks + 1", False),
    ],
)
def test_strict_words_are_told_from_others(text: str, row: str, speaks: bool) -> None:
    assert bool(list(strict_limits(text, formulation(row)))) is speaks


def test_of_fractional_quantities_the_strict_reading_has_no_best_value() -> None:
    assert not list(strict_limits("Fewer than 10 vans.", formulation("vans <= 10", domain="continuous")))


@pytest.mark.parametrize(("row", "strict"), [("10 >= vans", "10 > vans"), ("vans <= 10", "vans < 10")])
def test_the_strict_row_keeps_its_sides(row: str, strict: str) -> None:
    (spotted,) = strict_limits("Fewer than 10 vans.", formulation(row))
    assert spotted.assumption.alternatives[0].edits[0].value == strict


# -- at least or exactly ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows", "speaks"),
    [
        ("The town needs 10 vans.", ("vans == 10",), True),
        ("The town needs exactly 10 vans.", ("vans == 10",), False),
        ("The town needs at least 10 vans.", ("vans >= 10", "vans >= 12"), False),
        ("The town needs 10 vans.", ("vans >= 10", "vans >= 12"), True),
        ("The town needs 10 vans.", ("vans >= 10",), False),
        ("A van requires 10 hours.", ("10 * vans >= 40",), False),
        ("There are 10 vans.", ("vans == 10",), False),
    ],
)
def test_demands_are_open_where_it_matters(text: str, rows: tuple[str, ...], speaks: bool) -> None:
    compiled = compile_formulation(formulation(*rows)).require()
    assert bool(list(open_demands(text, compiled, solve_compiled(compiled)))) is speaks


# -- of the whole or of the others --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row", "other"),
    [
        ("At most 30% of all vehicles are vans.", "vans <= 0.3 * (vans + trucks)", None),
        ("At most 30% may be vans.", "vans <= 0.3 * (vans + trucks)", None),
        ("At most 30% may be vans.", "vans <= 0.3 * trucks", "vans <= 0.3 * (trucks + vans)"),
        ("Vans are at most 30% of the trucks.", "vans <= 0.3 * trucks", None),
        ("Vans are at most 30% of the trucks.", "vans <= 0.3 * (vans + trucks)", "vans <= 0.3 * trucks"),
        ("Vans are at most 30% of the fleet.", "vans <= 0.3 * (vans + trucks)", None),
        ("Vans are at most 30% of the fleet.", "vans <= 0.3 * trucks", "vans <= 0.3 * (trucks + vans)"),
        ("Vans are at most 30% of the total.", "0.3 * trucks >= vans", "0.3 * (trucks + vans) >= vans"),
        ("A third as many vans as trucks.", "vans <= 0.3 * trucks", None),
    ],
)
def test_what_a_share_is_of_is_open_where_the_words_do_not_say_it(text: str, row: str, other: str | None) -> None:
    found = [spotted.assumption.alternatives[0].edits[0].value for spotted in open_shares(text, formulation(row))]
    assert found == ([] if other is None else [other])


# -- signs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "description", "signed"),
    [
        ("x", "change in temperature", True),
        ("net_balance", "", True),
        ("chairs", "number of chairs; each brings a profit of $30", False),
        ("profit", "", True),
        ("shift", "nurses on the shift", False),
        ("nets", "fishing nets", False),
    ],
)
def test_what_may_be_negative_is_named(name: str, description: str, signed: bool) -> None:
    assert is_signed(Variable(name=name, domain="continuous", description=description)) is signed


# -- false alarms -------------------------------------------------------------------------------------


def readings(text: str, given: Formulation) -> Readings:
    compiled = compile_formulation(given).require()
    solution = solve_compiled(compiled)
    return find_readings(text, compiled, solution, most=20, solver="auto", options=SolveOptions())


def test_the_problems_that_prompts_and_examples_work_out_leave_nothing_open() -> None:
    (indexed,) = worked_examples("indexed")
    texts = [(indexed["problem"], Formulation.from_dict(indexed["answer"]))]
    for example in worked_examples("scalar"):
        if "objective" in example["answer"]:
            draft = read_scalar(example["answer"]).formulation
            texts.append((example["problem"], lift(draft, example["problem"])))
    bakery = scalar(
        {"rye": ("integer", "number of rye loaves"), "wheat": ("integer", "number of wheat loaves")},
        "maximize",
        "3 * rye + 2 * wheat",
        ("flour", "0.6 * rye + 0.5 * wheat <= 120"),
        ("oven", "12 * rye + 8 * wheat <= 2000"),
        ("ordered", "wheat >= 40"),
        ("share", "rye <= 0.6 * (rye + wheat)"),
    )
    texts.append(((ROOT / "examples" / "bakery.txt").read_text(), Formulation.from_dict(bakery)))
    assert len(texts) == 6
    assert [readings(text, given).open_count for text, given in texts] == [0] * 6


def test_without_a_text_only_what_the_formulation_leaves_out_is_open() -> None:
    folder = ROOT / "tests" / "nl2opt" / "formulation" / "gallery"
    for path in sorted(folder.glob("*.json"))[::8]:
        given = Formulation.from_dict(json.loads(path.read_text()))
        unstated = {v.name for v in given.variables if not v.states_lower}
        stated = {assumption.text for assumption in given.assumptions}
        found = {a.element for a in readings("", given).assumptions if a.text not in stated and a.alternatives}
        assert found <= unstated, path.name
