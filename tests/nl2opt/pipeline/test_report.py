from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from nl2opt.formulation.schema import Assumption, Formulation
from nl2opt.formulation.words.quantities import number, with_unit
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.report import formulation_lines, markdown_report, report, sections
from nl2opt.pipeline.solve import answer_formulation
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from tests.nl2opt.pipeline.cases import HOURS, INDEXED, NOT_A_PROBLEM, RIGHT, VARIABLES, answered, rows

ANSWER = answer_formulation(Formulation.from_dict(INDEXED), FormulateOptions())


def page(content: dict[str, Any]) -> str:
    return report(answer_formulation(Formulation.from_dict(content), FormulateOptions()))


def lines_of(title: str, answer: Answer) -> list[str]:
    return dict(sections(answer)).get(title, [])


def test_the_page_says_what_to_do_first_and_why_it_can_be_believed() -> None:
    answer = answered([VARIABLES, RIGHT, RIGHT])
    titles = [title for title, _ in sections(answer)]
    assert titles == ["Answer", "Values", "Formulation", "Checks", "Assumptions", "Run"]
    text = str(answer)
    assert "Maximum: 6,200" in text
    assert "Verdict: checked" in text
    assert re.search(r"chairs +100 +number of chairs made", text)
    assert "+ All 6 numbers of the text are used." in text
    assert "- chairs and tables are not negative" in text
    assert "language model scripted" in text
    assert "2 attempts" in text


def test_a_combination_of_drafts_is_not_counted_as_an_attempt() -> None:
    answer = answered([VARIABLES, RIGHT, RIGHT])
    *earlier, last = answer.trace.attempts
    combined = replace(answer.trace, attempts=(*earlier, last, replace(last, combined=True)))
    assert "2 attempts" in lines_of("Run", replace(answer, trace=combined))[0]


def test_the_five_elements_are_on_the_page() -> None:
    lines = list(formulation_lines(Formulation.from_dict(INDEXED)))
    assert lines == [
        "set ITEM = {chair, table}",
        "parameter profit[ITEM] = {'chair': 30, 'table': 80} $/item",
        "parameter need[ITEM] = {'chair': 2, 'table': 5}",
        "parameter hours = 400",
        "parameter sold = 40",
        "variable make[ITEM] integer >= 0",
        "maximize sum(profit[i] * make[i] for i in ITEM)",
        "subject to labour: sum(need[i] * make[i] for i in ITEM) <= hours",
        "subject to market: make['table'] <= sold",
    ]


@pytest.mark.parametrize(
    ("variable", "line"),
    [
        ({"domain": "binary"}, "variable x binary"),
        ({"domain": "integer"}, "variable x integer >= 0"),
        ({"domain": "continuous", "lower": "-inf", "upper": 5}, "variable x continuous of any sign, <= 5"),
        ({"domain": "continuous", "lower": -2, "upper": "inf"}, "variable x continuous >= -2"),
    ],
)
def test_bounds_are_said(variable: dict[str, Any], line: str) -> None:
    formulation = Formulation.from_dict({"variables": [{"name": "x", **variable}], "objective": None})
    assert list(formulation_lines(formulation)) == [line]


def test_objective_and_values_have_their_units() -> None:
    assert "Maximum: $6,200" in report(ANSWER)
    text = page({**INDEXED, "variables": [{**INDEXED["variables"][0], "unit": "pieces"}]})
    assert re.search(r"make\[chair\] +100 pieces", text)


def test_the_best_point_so_far_is_not_called_the_optimum() -> None:
    text = report(replace(ANSWER, status=Status.LIMIT, objective=6000.0, bound=6200.0))
    assert "Best so far: $6,000" in text
    assert "No point can be better than 6,200." in text
    assert "Maximum" not in text


def test_without_objective_there_is_a_value_only() -> None:
    text = page({**INDEXED, "objective": None})
    assert "Value: 0" in text


def test_what_went_wrong_is_on_the_page() -> None:
    text = str(answered([NOT_A_PROBLEM]))
    assert text.startswith("Answer\n  There is no decision problem in the text: it asks for a story.")
    assert "Values" not in text
    doubtful = str(answered([VARIABLES, rows(HOURS)], rounds=0))
    assert "? Not used: 40." in doubtful
    assert "Verdict: not verified" in doubtful


def test_long_tables_are_cut_and_zeros_counted() -> None:
    elements = list(range(200))
    content = {
        "sets": [{"name": "I", "elements": elements}],
        "parameters": [{"name": "cost", "index": ["I"], "value": elements}],
        "variables": [{"name": "x", "index": ["I"], "domain": "integer"}],
        "objective": {"sense": "minimize", "expression": "sum(x[i] for i in I)"},
        "constraints": [{"name": "c", "expression": "x[i] >= cost[i] for i in I if i > 99"}],
    }
    text = page(content)
    values = dict(sections(answer_formulation(Formulation.from_dict(content), FormulateOptions())))["Values"]
    assert len(values) == 42
    assert values[-2:] == ["... and 60 more", "(100 values are 0)"]
    assert "set I = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ... (200)}" in text
    assert max(map(len, text.splitlines())) < 120


def test_only_the_first_line_of_an_item_is_marked() -> None:
    long = " ".join(["words"] * 60)
    item = Evidence(name="point", kind=EvidenceKind.SOLVING, outcome=Outcome.FAILED, text=long)
    answer = replace(ANSWER, evidence=(item,), warnings=(long,), assumptions=(Assumption(text=long),) * 2)
    for title, mark in (("Checks", "x"), ("Warnings", "!"), ("Assumptions", "-")):
        first, *rest = lines_of(title, answer)
        assert len(rest) == 3
        assert first.startswith(f"{mark} words")
        assert all(line.startswith("  words") for line in rest)


NASTY = "```\n</pre><script>alert(1)</script>\n````x`\u2028# Title"


@pytest.fixture
def nasty() -> Answer:
    formulation = Formulation.from_dict(
        {
            "sets": [{"name": "I", "elements": [NASTY]}],
            "parameters": [{"name": "p", "value": 3, "unit": NASTY}],
            "variables": [{"name": "x", "domain": "continuous", "description": NASTY, "unit": NASTY}],
            "objective": {"sense": "minimize", "expression": "x +\n p", "unit": NASTY},
        }
    )
    answer = answer_formulation(formulation, FormulateOptions())
    return replace(answer, message=NASTY, warnings=(NASTY,), assumptions=(Assumption(text=NASTY),))


def test_texts_cannot_break_out_of_the_markdown(nasty: Answer) -> None:
    text = nasty._repr_markdown_()
    assert text == markdown_report(nasty)
    blocks = re.findall(r"^\*\*([\w ]+)\*\*\n(`{3,})text\n(.*?)\n\2$", text, re.DOTALL | re.MULTILINE)
    assert [title for title, _, _ in blocks] == [title for title, _ in sections(nasty)]
    for _, fence, content in blocks:
        assert fence not in content
    rest = re.sub(r"(`{3,})text\n.*?\n\1(?=\n|$)", "", text, flags=re.DOTALL)
    assert re.fullmatch(r"(\*\*[\w ]+\*\*\s*)+", rest)


def test_no_line_of_the_page_holds_a_line_break(nasty: Answer) -> None:
    for _, lines in sections(nasty):
        assert all(len(line.splitlines()) <= 1 for line in lines)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (6200.0, "6,200"),
        (1234567.25, "1,234,567.25"),
        (1 / 3, "0.3333333333"),
        (1e15, "1e+15"),
        (10**15, "1,000,000,000,000,000"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (float("nan"), "nan"),
    ],
)
def test_numbers_are_written_for_people(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(-30, "$", "-$30"), (30, "€", "€30"), (3, "kg", "3 kg"), (3, "", "3"), (5, "$/item", "5 $/item")],
)
def test_units_stand_where_people_write_them(value: float, unit: str, text: str) -> None:
    assert with_unit(value, unit) == text


@pytest.mark.parametrize(
    ("objective", "bound", "gap", "words"),
    [
        (6000.0, 6045.1, 0.0075167, ": this is within 0.76 % of the best possible."),
        (100.0, 101.0, 0.01, ": this is within 1 % of the best possible."),
        (0.5, 0.53, 0.03, ": this is within 0.03 of the best possible."),
        (1e6, 1e6 + 1.5, 1.5e-6, ": this is within 0.00015 % of the best possible."),
        (100.0, 100.0, None, "No point can be better than 100."),
    ],
)
def test_the_distance_from_the_best_possible_is_rounded_up(
    objective: float, bound: float, gap: float | None, words: str
) -> None:
    text = report(replace(ANSWER, status=Status.LIMIT, objective=objective, bound=bound, gap=gap))
    assert words in text
