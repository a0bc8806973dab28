from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nl2opt import Formulation
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.render.markdown import code, escape, mathematics
from tests.nl2opt.formulation.random_formulations import Shape, contents
from tests.nl2opt.formulation.render.formulations import FORMULATIONS, built
from tests.nl2opt.formulation.render.katex import read_formula
from tests.nl2opt.formulation.render.strategies import HOSTILE, elements, hostile_formulation

READER = MarkdownIt("commonmark").enable("table")
SETTINGS = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])

PAGE = """\
# Work \\& more

## Sets

| set | elements | meaning |
|---|---|---|
| `ITEM` | chair, table | what is made |
| `T` | `range(1, 4)` |  |
| `ARC` | \\(a, b\\) |  |

## Parameters

| parameter | value | unit | meaning |
|---|---|---|---|
| `profit[ITEM]` | (chair: 30, table: 80.5) | \\$ | per item; "earns \\$30" |
| `need[ITEM, T]` | ((1, 2, 3)); 0 where none is given |  |  |
| `share` | `hours / 2` |  |  |
| `demand[T]` | from the table `orders`, column `qty` (not attached) |  |  |

## Variables

| variable | domain | bounds | unit | meaning |
|---|---|---|---|---|
| `make[ITEM]` | integer | 0 or more | items | made |
| `open` | binary | 0 or 1 |  |  |
| `level` | continuous | -5 to `hours` |  |  |
| `free` | continuous | any |  |  |
| `loss` | continuous | 3 or less |  |  |

## Objective

Maximize `sum(profit[i] * make[i] for i in ITEM)` (\\$)

## Constraints

| constraint | expression | meaning |
|---|---|---|
| `labour` | `make['chair'] <= 4` | 4 at most |

## Assumptions

* items are whole
"""


def test_page_shows_the_five_elements() -> None:
    formulation = Formulation.from_dict(
        {
            "title": "Work & more",
            "sets": [
                {"name": "ITEM", "elements": ["chair", "table"], "description": "what is made"},
                {"name": "T", "elements": "range(1, 4)"},
                {"name": "ARC", "elements": [["a", "b"]]},
            ],
            "parameters": [
                {
                    "name": "profit",
                    "index": ["ITEM"],
                    "value": {"chair": 30, "table": 80.5},
                    "unit": "$",
                    "description": "per item",
                    "source": '"earns $30"',
                },
                {"name": "need", "index": ["ITEM", "T"], "value": [[1, 2, 3]], "default": 0},
                {"name": "share", "value": "hours / 2"},
                {"name": "demand", "index": ["T"], "table": "orders", "column": "qty"},
            ],
            "variables": [
                {"name": "make", "index": ["ITEM"], "domain": "integer", "unit": "items", "description": "made"},
                {"name": "open", "domain": "binary"},
                {"name": "level", "domain": "continuous", "lower": -5, "upper": "hours"},
                {"name": "free", "domain": "continuous", "lower": "-inf", "upper": float("inf")},
                {"name": "loss", "domain": "continuous", "lower": "-inf", "upper": 3},
            ],
            "objective": {"sense": "maximize", "expression": "sum(profit[i] * make[i] for i in ITEM)", "unit": "$"},
            "constraints": [{"name": "labour", "expression": "make['chair'] <= 4", "description": "4 at most"}],
            "assumptions": [{"text": "items are whole"}],
        }
    )
    assert formulation.to_markdown() == PAGE


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (list(range(30)), f"({', '.join(map(str, range(20)))}, … (30))"),
        (np.array([1.0, 2.5]), "(1, 2.5)"),
        (np.int64(3), "3"),
        (float("inf"), "inf"),
        (None, ""),
    ],
)
def test_values_of_every_kind_are_shown(value: Any, shown: str) -> None:
    formulation = Formulation.from_dict(
        {
            "parameters": [{"name": "p", "value": value}],
            "variables": [{"name": "x", "domain": "binary"}],
            "objective": None,
        }
    )
    assert f"| `p` | {shown} |  |  |" in formulation.to_markdown()


def test_long_expressions_are_shown_whole() -> None:
    expression = " + ".join(f"{n} * x" for n in range(200))
    formulation = Formulation.from_dict(
        {
            "variables": [{"name": "x", "domain": "binary"}],
            "objective": {"sense": "minimize", "expression": expression},
        }
    )
    assert f"`{expression}`" in formulation.to_markdown()


@SETTINGS
@given(st.one_of(HOSTILE, st.text()))
def test_escaped_text_reads_back_as_plain_text(text: str) -> None:
    inline = READER.parseInline(escape(text))[0].children or []
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline) == one_line(text)


@SETTINGS
@given(st.one_of(HOSTILE, st.text()))
def test_code_reads_back(text: str) -> None:
    inline = READER.parseInline(code(text, in_table=False))[0].children or []
    assert "".join(token.content for token in inline) == one_line(text)
    assert [token.type for token in inline] == (["code_inline"] if one_line(text) else [])


@SETTINGS
@given(st.lists(HOSTILE, min_size=8, max_size=8), elements())
def test_no_text_becomes_markup_of_the_page(texts: list[str], items: list[str]) -> None:
    tokens = READER.parse(hostile_formulation(texts, items).to_markdown())
    kinds = [token.type for token in tokens]
    assert kinds.count("heading_open") == (7 if one_line(texts[0]) else 6)
    assert kinds.count("table_open") == 4
    assert kinds.count("tr_open") == 4 + 1 + 1 + 1 + 2
    assert kinds.count("td_open") == 3 + 4 + 5 + 2 * 3
    assert not {"html_block", "fence", "code_block", "hr", "blockquote_open", "ordered_list_open"} & set(kinds)
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "text_special", "code_inline"}


def test_a_family_shows_the_sets_behind_their_keys() -> None:
    content = {
        "sets": [
            {"name": "T", "elements": [1, 2]},
            {"name": "NEAR", "index": ["T"], "elements": {"1": [["a", "b"]], "2": []}},
            {"name": "PAST", "index": ["T"], "elements": "{t: range(1, t) for t in T}"},
            {"name": "LISTS", "index": ["T"], "elements": [["p", "q"], ["r"]]},
        ],
        "variables": [{"name": "x", "domain": "binary"}],
        "objective": None,
    }
    lines = Formulation.from_dict(content).to_markdown().splitlines()
    assert lines[5:8] == [
        "| `NEAR[T]` | 1: {\\(a, b\\)}; 2: {} |  |",
        "| `PAST[T]` | `{t: range(1, t) for t in T}` |  |",
        "| `LISTS[T]` | {p, q}, {r} |  |",
    ]


FORMULA = re.compile(r"\$([^$]*)\$")


def formulas_of(page: str) -> list[str]:
    """Read every formula of a page with KaTeX, and the page around them as Markdown."""
    assert "$" not in FORMULA.sub("", page.replace("\\$", ""))
    formulas = FORMULA.findall(page.replace("\\$", ""))
    for formula in formulas:
        assert not set(formula) & set("|<>`\n")
        read_formula(formula)
    return formulas


def test_expressions_are_mathematics_on_demand() -> None:
    formulation = built("sum(w[i] * m[i] for i in I) - abs(x - 3)", "m[i] <= n * w[i] for i in I if w[i] > 0", "x < 5")
    page = formulation.to_markdown(math=True)
    assert r"Maximize $\sum_{i \in I} w_{i} \, m_{i} - \left\vert x - 3 \right\vert$" in page
    assert r"| `row_0` | $m_{i} \le n \, w_{i} \quad \forall\, i \in I : w_{i} \gt 0$ |  |" in page
    assert r"| `row_1` | $x \lt 5$ |  |" in page
    assert r"| `share` | $\frac{n}{8}$ |  |  |" in page
    assert len(formulas_of(page)) >= 5


@pytest.mark.parametrize("name", FORMULATIONS)
def test_the_mathematics_of_every_construct_can_be_read(name: str) -> None:
    assert formulas_of(FORMULATIONS[name].to_markdown(math=True))


@SETTINGS
@given(contents(Shape(quadratic=True)))
def test_the_mathematics_of_random_formulations_can_be_read(content: dict[str, Any]) -> None:
    formulas_of(Formulation.from_dict(content).to_markdown(math=True))


@SETTINGS
@given(st.lists(HOSTILE, min_size=8, max_size=8), elements())
def test_hostile_texts_stay_out_of_the_mathematics(texts: list[str], items: list[str]) -> None:
    page = hostile_formulation(texts, items).to_markdown(math=True)
    page_of_code = hostile_formulation(texts, items).to_markdown()
    tokens, expected = ([token.type for token in READER.parse(text)] for text in (page, page_of_code))
    assert tokens == expected


@pytest.mark.parametrize("expression", ["x <= '`' ", "x >= $", "x[i] <= 1 for i in I if i != '<b>'"])
def test_what_cannot_be_mathematics_is_code(expression: str) -> None:
    assert mathematics(expression, is_demand=True) == code(expression)
