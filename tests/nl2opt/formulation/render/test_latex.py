from __future__ import annotations

import re

import pytest

from nl2opt import Formulation
from nl2opt.formulation.render.latex import expression_latex
from tests.nl2opt.formulation.render.formulations import FORMULATIONS
from tests.nl2opt.formulation.render.test_safety import is_balanced

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
        r"\min \quad & \sum_{i \in \mathit{PLANT},\, j \in \mathit{CITY}} \mathit{ship}_{i, j} - \mathit{free} && \\",
        r"\text{s.t.} \quad & \sum_{j \in \mathit{CITY}} \mathit{ship}_{i, j} \le \mathit{cap\_1}_{i}"
        r" && \forall\, i \in \mathit{PLANT} \quad \text{(supply max)} \\",
        r"& {z_{1}}_{i, j} \ge 1 && \forall\, (i, j) \in \mathit{ARC},\, i \ne \text{p} \quad \text{(arcs)} \\",
        r"& 0 \le \mathit{free} < \mathit{limit} && \text{(total)} \\",
        r"& \mathit{ship}_{p, c} \ge 0 && \forall\, p \in \mathit{PLANT},\, c \in \mathit{CITY} \\",
        r"& \mathit{open}_{p} \in \{0, 1\} && \forall\, p \in \mathit{PLANT} \\",
        r"& 0 \le {z_{1}}_{i, j} \le \mathit{limit},\; {z_{1}}_{i, j} \in \mathbb{Z}"
        r" && \forall\, (i, j) \in \mathit{ARC} \\",
        r"& \mathit{free} \in \mathbb{R} && \\",
        r"& -2.5 \le \mathit{level}_{\mathit{plant}} \le \mathit{cap\_1}_{\mathit{plant}},\;"
        r" \mathit{level}_{\mathit{plant}} \in \mathbb{R} && \forall\, \mathit{plant} \in \mathit{PLANT}",
        r"\end{aligned}",
        "$$",
    ]


@pytest.mark.parametrize("name", FORMULATIONS)
def test_braces_delimiters_and_environments_balance(name: str) -> None:
    latex = FORMULATIONS[name].to_latex()
    assert is_balanced(latex.replace("\\\\\n", "\n").replace("\\\\ ", " "))
    assert latex.count(r"\left") == latex.count(r"\right")
    assert re.findall(r"\\begin\{(\w+)\}", latex).count("cases") == latex.count(r"\end{cases}")
    assert max(line.count("&") for line in latex.replace("&&", "&").splitlines() if "cases" not in line) <= 2


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("sum(x[i] for i in I) ** 2", r"\left(\sum_{i \in I} x_{i}\right)^{2}"),
        ("max(x[i] for i in I) * y", r"\left(\max_{i \in I} x_{i}\right) \, y"),
        ("a * sum(x[i] for i in I) * y", r"\left(a \, \sum_{i \in I} x_{i}\right) \, y"),
        ("a * sum(x[i] + y for i in I)", r"a \, \sum_{i \in I} \left(x_{i} + y\right)"),
        ("sum(x[i] for i in [1, 2] if i > 1 and y)", r"\sum_{i \in \{1, 2\},\, i > 1 \land y} x_{i}"),
        ("x / (a + b)", r"\frac{x}{a + b}"),
        ("(a + b) // c", r"\left\lfloor \frac{a + b}{c} \right\rfloor"),
        ("(a + b) % c", r"\left(a + b\right) \bmod c"),
        ("(-x) ** 2 - x ** 2", r"\left(-x\right)^{2} - x^{2}"),
        ("x * -3", r"x \cdot \left(-3\right)"),
        ("x - (a - b)", "x - a + b"),
        ("1e20 * x", r"1 \cdot 10^{20} \, x"),
        ("x ** 1e-9", r"x^{1 \cdot 10^{-9}}"),
        ("1e20 ** 2", r"\left(1 \cdot 10^{20}\right)^{2}"),
        ("abs(x) + sqrt(y) + ceil(z)", r"\left|x\right| + \sqrt{y} + \lceil z \rceil"),
        ("a if b > 3 else c", r"\begin{cases} a & \text{if } b > 3 \\ c & \text{otherwise} \end{cases}"),
        ("not a or b", r"\neg a \lor b"),
        ("x1[i] + y", r"{x_{1}}_{i} + y"),
        ("work_hours", r"\mathit{work\_hours}"),
        ("x[i, 'a_b']", r"x_{i, \text{a\_b}}"),
        ("sum(x[j] for j in N[i])", r"\sum_{j \in N_{i}} x_{j}"),
        ("sum(x[j] for j in A | B & ['c'])", r"\sum_{j \in A \cup \left(B \cap \{\text{c}\}\right)} x_{j}"),
        ("sum(x[j] for j in I - N[i] if j not in [i])", r"\sum_{j \in I \setminus N_{i},\, j \notin \{i\}} x_{j}"),
        ("sum(x[j] for j in [k for k in I if k != i])", r"\sum_{j \in \{ k : k \in I,\, k \ne i \}} x_{j}"),
        (
            "s[prev(T, t)] + ord(T, t)",
            r"s_{\operatorname{prev}\left(T, t\right)} + \operatorname{ord}\left(T, t\right)",
        ),
        ("s[next(T, t, 2, cyclic=True)]", r"s_{\operatorname{next}_{\text{cyclic}}\left(T, t, 2\right)}"),
        ("len(A - B) * first(A | B)", r"\left|A \setminus B\right| \, \operatorname{first}\left(A \cup B\right)"),
        ("x = \\input{a}", r"\text{x = \textbackslash{}input\{a\}}"),
    ],
)
def test_expressions_keep_their_meaning(text: str, latex: str) -> None:
    assert expression_latex(text) == latex


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
    assert latex.splitlines()[2:4] == [r"\text{find a feasible point} \quad & \\", r"& x \in \mathbb{Z} &&"]
