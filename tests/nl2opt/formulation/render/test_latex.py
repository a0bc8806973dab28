from __future__ import annotations

from typing import Any

import pykatex
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nl2opt import Formulation
from nl2opt.formulation.render.latex import displays
from nl2opt.formulation.render.latex_math import expression_latex
from nl2opt.formulation.render.latex_text import name_latex, subscripted
from tests.nl2opt.formulation.random_formulations import Shape, contents
from tests.nl2opt.formulation.render.formulations import FORMULATIONS
from tests.nl2opt.formulation.render.katex import read_display, read_document, read_formula
from tests.nl2opt.formulation.render.strategies import HOSTILE, elements, hostile_formulation

TRANSPORT = Formulation.from_dict(
    {
        "sets": [
            {"name": "PLANT", "elements": ["p", "q"]},
            {"name": "CITY", "elements": ["b", "c"]},
            {"name": "ARC", "elements": [["p", "b"], ["q", "c"]]},
        ],
        "parameters": [{"name": "cap_1", "index": ["PLANT"], "value": [1, 2]}, {"name": "limit", "value": 9}],
        "variables": [
            {"name": "ship", "index": ["PLANT", "CITY"], "domain": "continuous"},
            {"name": "open", "index": ["PLANT"], "domain": "binary"},
            {"name": "z1", "index": ["ARC"], "domain": "integer", "upper": "limit", "as": ["i", "j"]},
            {"name": "free", "domain": "continuous", "lower": "-inf", "upper": "inf"},
            {"name": "level", "index": ["PLANT"], "domain": "continuous", "lower": -2.5, "upper": "cap_1[plant]"},
        ],
        "objective": {"sense": "minimize", "expression": "sum(ship[i, j] for i in PLANT for j in CITY) - free"},
        "constraints": [
            {"name": "supply_max", "expression": "sum(ship[i, j] for j in CITY) <= cap_1[i] for i in PLANT"},
            {"name": "arcs", "expression": "z1[i, j] >= 1 for (i, j) in ARC if i != 'p'"},
            {"name": "total", "expression": "0 <= free < limit"},
        ],
    }
)


def test_mathematics_is_written_row_by_row() -> None:
    assert TRANSPORT.to_latex().splitlines() == [
        "$$",
        r"\begin{aligned}",
        r"\min \quad & \sum_{i \in \mathit{PLANT},\, j \in \mathit{CITY}} \mathit{ship}_{i, j} - \mathit{free} \\",
        r"\text{s.t.} \quad & \sum_{j \in \mathit{CITY}} \mathit{ship}_{i, j} \le \mathit{cap\_1}_{i}"
        r" && \forall\, i \in \mathit{PLANT} && \text{(supply max)} \\",
        r"& {z_{1}}_{i, j} \ge 1 && \forall\, (i, j) \in \mathit{ARC} : i \ne \text{p} && \text{(arcs)} \\",
        r"& 0 \le \mathit{free} < \mathit{limit} && && \text{(total)} \\",
        r"& \mathit{ship}_{p, c} \in \mathbb{R}_{\ge 0}"
        r" && \forall\, p \in \mathit{PLANT},\, c \in \mathit{CITY} \\",
        r"& \mathit{open}_{p} \in \{0, 1\} && \forall\, p \in \mathit{PLANT} \\",
        r"& 0 \le {z_{1}}_{i, j} \le \mathit{limit},\; {z_{1}}_{i, j} \in \mathbb{Z}"
        r" && \forall\, (i, j) \in \mathit{ARC} \\",
        r"& \mathit{free} \in \mathbb{R} \\",
        r"& -2.5 \le \mathit{level}_{\mathit{plant}} \le \mathit{cap\_1}_{\mathit{plant}},\;"
        r" \mathit{level}_{\mathit{plant}} \in \mathbb{R} && \forall\, \mathit{plant} \in \mathit{PLANT}",
        r"\end{aligned}",
        "$$",
    ]


@pytest.mark.parametrize("name", FORMULATIONS)
def test_every_construct_is_latex(name: str) -> None:
    read_display(FORMULATIONS[name].to_latex())
    read_document(FORMULATIONS[name].to_latex(standalone=True))


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(contents(Shape(quadratic=True)))
def test_random_formulations_are_latex(content: dict[str, Any]) -> None:
    formulation = Formulation.from_dict(content)
    read_display(formulation.to_latex())
    read_document(formulation.to_latex(standalone=True))


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(HOSTILE, min_size=8, max_size=8), elements())
def test_formulations_with_hostile_texts_are_latex(texts: list[str], items: list[str]) -> None:
    formulation = hostile_formulation(texts, items)
    read_display(formulation.to_latex())
    read_document(formulation.to_latex(standalone=True))


def test_each_element_has_a_display_of_its_own() -> None:
    found = dict(displays(TRANSPORT))
    names = ("objective", "constraints.supply_max", "constraints.arcs", "constraints.total")
    assert list(found) == [*names, *(f"variables.{variable.name}" for variable in TRANSPORT.variables)]
    assert r"\forall\, i \in \mathit{PLANT}" in found["constraints.supply_max"]
    assert not any(r"\text{(" in latex for latex in found.values())


@pytest.mark.parametrize("name", FORMULATIONS)
def test_each_element_is_latex_by_itself(name: str) -> None:
    for _, latex in displays(FORMULATIONS[name]):
        read_display(f"$$\n{latex}\n$$")


def test_long_sums_are_broken_over_lines() -> None:
    variables = [{"name": f"amount_{n}", "domain": "continuous"} for n in range(20)]
    total = " + ".join(f"{n} * amount_{n}" for n in range(20))
    formulation = Formulation.from_dict(
        {
            "variables": variables,
            "objective": {"sense": "minimize", "expression": total},
            "constraints": [{"name": "enough", "expression": f"{total} >= 9"}],
        }
    )
    rows = formulation.to_latex().splitlines()
    assert sum(row.startswith(r"&\quad + ") for row in rows) == 8
    assert rows[rows.index(next(row for row in rows if row.endswith(r"\text{(enough)} \\")))].count("&") == 5
    read_display(formulation.to_latex())


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"),
        ("x12", "x_{12}"),
        ("t_0", "t_{0}"),
        ("_", r"\mathit{\_}"),
        ("unit_cost", r"\mathit{unit\_cost}"),
        ("größe", r"\textit{größe}"),
        ("α", r"\alpha"),
        ("数量", r"\textit{数量}"),
    ],
)
def test_names_are_symbols(name: str, latex: str) -> None:
    assert name_latex(name) == latex
    read_formula(subscripted(name, ["i", "j"]))


def test_document_has_tables_of_what_is_known_and_decided() -> None:
    document = Formulation.from_dict(
        {
            "title": "Shipping & handling",
            "sets": [
                {"name": "CITY", "elements": ["Łódź", "数"], "description": "100% of them"},
                {"name": "NEAR", "index": ["CITY"], "elements": {"Łódź": ["数"], "数": []}},
            ],
            "parameters": [
                {"name": "demand", "index": ["CITY"], "value": {"Łódź": 3, "数": 1e20}, "unit": "t", "source": "3 t"},
                {"name": "total", "value": "sum(demand[c] for c in CITY)"},
            ],
            "variables": [{"name": "ship", "index": ["CITY"], "domain": "integer", "description": "sent"}],
            "objective": {"sense": "minimize", "expression": "sum(ship[c] for c in CITY)"},
            "constraints": [{"name": "met", "expression": "ship[c] >= demand[c] for c in CITY"}],
            "assumptions": [{"text": "whole tonnes"}],
        }
    ).to_latex(standalone=True)
    assert document.startswith("\\documentclass{article}\n")
    assert document.endswith("\\end{document}\n")
    for line in (
        r"\DeclareUnicodeCharacter{6570}{\texttt{U+6570}}",
        r"\title{Shipping \& handling}",
        r"$\mathit{CITY}$ & Łódź, 数 & 100\% of them \\",
        r"$\mathit{NEAR}_{c},\; c \in \mathit{CITY}$ & Łódź: \{数\}; 数: \{\} &  \\",
        r"$\mathit{demand}_{c},\; c \in \mathit{CITY}$ & (Łódź: $3$, 数: $1 \cdot 10^{20}$) & t & 3 t \\",
        r"$\mathit{total}$ & $\sum_{c \in \mathit{CITY}} \mathit{demand}_{c}$ &  &  \\",
        r"$\mathit{ship}_{c},\; c \in \mathit{CITY}$ & integer &  & sent \\",
        r"\text{s.t.} \quad & \mathit{ship}_{c} \ge \mathit{demand}_{c}"
        r" && \forall\, c \in \mathit{CITY} && \text{(met)} \\",
        r"\item {}whole tonnes",
    ):
        assert line in document.splitlines()
    read_document(document)


@pytest.mark.parametrize(
    "latex", [r"x_{1}_{2}", r"\begin{aligned} a & b", r"\nosuchcommand", r"\text{a & b}", "50 % off"]
)
def test_reader_refuses_what_is_no_latex(latex: str) -> None:
    with pytest.raises(pykatex.ParseError):
        read_formula(latex)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("sum(x[i] for i in I) ** 2", r"\left(\sum_{i \in I} x_{i}\right)^{2}"),
        ("max(x[i] for i in I) * y", r"\left(\max_{i \in I} x_{i}\right) \, y"),
        ("a * sum(x[i] for i in I) * y", r"\left(a \, \sum_{i \in I} x_{i}\right) \, y"),
        ("a * sum(x[i] + y for i in I)", r"a \, \sum_{i \in I} \left(x_{i} + y\right)"),
        ("sum(x[i] for i in [1, 2] if i > 1 and y)", r"\sum_{\substack{i \in \{1, 2\} \\ i > 1 \land y}} x_{i}"),
        ("len(i for i in I if i != y) * z", r"\left| \left\{ i \in I : i \ne y \right\} \right| \, z"),
        ("x / (a + b)", r"\frac{x}{a + b}"),
        ("(a + b) // c", r"\left\lfloor \frac{a + b}{c} \right\rfloor"),
        ("(a + b) % c", r"\left(a + b\right) \bmod c"),
        ("(-x) ** 2 - x ** 2", r"\left(-x\right)^{2} - x^{2}"),
        ("x * -3", r"x \cdot \left(-3\right)"),
        ("x - (a - b)", "x - a + b"),
        ("1e20 * x", r"1 \cdot 10^{20} \, x"),
        ("x ** 1e-9", r"x^{1 \cdot 10^{-9}}"),
        ("1e20 ** 2", r"\left(1 \cdot 10^{20}\right)^{2}"),
        ("abs(x) + sqrt(y) + ceil(z)", r"\left| x \right| + \sqrt{y} + \left\lceil z \right\rceil"),
        ("a if b > 3 else c", r"\begin{cases} a & \text{if } b > 3 \\ c & \text{otherwise} \end{cases}"),
        ("not a or b", r"\neg a \lor b"),
        ("x1[i] + y", r"{x_{1}}_{i} + y"),
        ("work_hours", r"\mathit{work\_hours}"),
        ("x[i, 'a_b']", r"x_{i, \text{a\_b}}"),
        ("sum(x[j] for j in N[i])", r"\sum_{j \in N_{i}} x_{j}"),
        ("sum(x[j] for j in A | B & ['c'])", r"\sum_{j \in A \cup \left(B \cap \{\text{c}\}\right)} x_{j}"),
        (
            "sum(x[j] for j in I - N[i] if j not in [i])",
            r"\sum_{\substack{j \in I \setminus N_{i} \\ j \notin \{i\}}} x_{j}",
        ),
        ("sum(x[j] for j in [k for k in I if k != i])", r"\sum_{j \in \left\{ k \in I : k \ne i \right\}} x_{j}"),
        ("sum(x[j] for j in {2 * k for k in I if k})", r"\sum_{j \in \left\{ 2 \, k : k \in I,\, k \right\}} x_{j}"),
        (
            "s[prev(T, t)] + ord(T, t)",
            r"s_{\operatorname{prev}\left(T, t\right)} + \operatorname{ord}\left(T, t\right)",
        ),
        ("s[next(T, t, 2, cyclic=True)]", r"s_{\operatorname{next}_{\text{cyclic}}\left(T, t, 2\right)}"),
        ("len(A - B) * first(A | B)", r"\left| A \setminus B \right| \, \operatorname{first}\left(A \cup B\right)"),
        ("x = \\input{a}", r"\text{x = \textbackslash{}input\{a\}}"),
    ],
)
def test_expressions_keep_their_meaning(text: str, latex: str) -> None:
    assert expression_latex(text) == latex
    read_formula(latex)


def test_sets_that_share_their_letters_get_different_ones() -> None:
    content = {
        "sets": [{"name": "I", "elements": [1]}],
        "variables": [{"name": "x", "index": ["I", "I"], "domain": "binary"}],
        "objective": None,
    }
    assert r"x_{i, j} \in \{0, 1\} && \forall\, i \in I,\, j \in I" in Formulation.from_dict(content).to_latex()


def test_infinite_bounds_are_no_bounds() -> None:
    content = {
        "variables": [{"name": "x", "domain": "integer", "lower": float("-inf"), "upper": float("inf")}],
        "objective": None,
    }
    latex = Formulation.from_dict(content).to_latex()
    assert latex.splitlines()[2:4] == [r"\text{find a feasible point} \quad & \\", r"& x \in \mathbb{Z}"]
