"""Formulations over fixed sets and with names that a program uses itself, and texts that try to be code."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from nl2opt import Formulation

NAMES = (
    "x", "y2", "load", "model", "main", "objective", "lower", "_hidden", "größe", "len_", "list", "match", "h", "pyo",
    "highspy", "show", "index", "nothing", "status", "values", "print", "inf_", "math",
)  # fmt: skip
OPERATORS = ("<=", ">=", "==", "<", ">")
COEFFICIENTS = st.sampled_from([-4.0, -1.5, -1.0, 0.0, 0.25, 1.0, 2.0, 3.0, 1e-3])


INDEXED_ROWS = (
    "weight[i] * make[i] <= {a} for i in I",
    "sum(weight[i] * make[i] for i in I if weight[i] > {b}) <= {a}",
    "sum(make[i] for i in I) + sum(hold[t] for t in T) >= {b}",
    "hold[t] <= hold[t - 1] + {b} for t in T if t > first(T)",
    "{b} <= hold[t] + open <= {a} for t in T if t != '2'",
    "flow[i, j] <= {a} * open for (i, j) in ARCS if i != 'b'",
    "sum(flow[i, j] for (i, j) in ARCS if i == k) <= weight[k] + {b} for k in I",
    "sum(cost[a, t] * flow[a] for a in ARCS) <= {a} for t in T",
    "make[i] < weight[i] * {b} for i in I",
    "make['a'] + hold['1'] >= {b} * open",
    "(weight[i] if i in ['a', 'c'] else 2 * weight[i]) * make[i] <= {a} for i in I",
    "-make[i] >= -max(weight[i], {b}) - len(T) for i in I",
)


@st.composite
def scalar_formulations(draw: st.DrawFn) -> Formulation:
    """Draw a formulation of named scalar variables, within finite bounds."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))

    def linear() -> str:
        return " + ".join(f"{draw(COEFFICIENTS)!r} * {name}" for name in names) + f" - {draw(COEFFICIENTS)!r}"

    def row() -> str:
        if draw(st.booleans()):
            return f"{linear()} {draw(st.sampled_from(OPERATORS))} {draw(COEFFICIENTS) * 5!r}"
        return f"-8 <= {linear()} {draw(st.sampled_from(['<=', '<']))} 12"

    variables = [
        {
            "name": name,
            "domain": draw(st.sampled_from(["continuous", "integer", "binary"])),
            "lower": draw(st.sampled_from([0, -3, 1.5])),
            "upper": draw(st.sampled_from([2, 7, 10])),
        }
        for name in names
    ]
    return Formulation.from_dict(
        {
            "variables": variables,
            "objective": {"sense": draw(st.sampled_from(["minimize", "maximize"])), "expression": linear()},
            "constraints": [{"name": f"row_{n}", "expression": row()} for n in range(draw(st.integers(0, 4)))],
        }
    )


@st.composite
def indexed_formulations(draw: st.DrawFn) -> Formulation:
    """Draw a formulation over sets of texts, numbers and pairs."""
    weights = {i: draw(COEFFICIENTS) for i in "abc"}
    pairs = draw(st.lists(st.sampled_from([["a", "b"], ["b", "c"], ["c", "a"]]), min_size=1, max_size=3, unique_by=str))
    costs = {f"{i},{j},{t}": draw(COEFFICIENTS) for i, j in pairs for t in (1, 2, 3)}
    rows = draw(st.lists(st.sampled_from(INDEXED_ROWS), max_size=5, unique=True))
    numbers = {"a": draw(st.sampled_from([4, 9.5])), "b": draw(st.sampled_from([1, 2.5]))}
    content: dict[str, Any] = {
        "sets": [
            {"name": "I", "elements": ["a", "b", "c"]},
            {"name": "T", "elements": "range(1, 4)"},
            {"name": "ARCS", "elements": pairs},
        ],
        "parameters": [
            {"name": "weight", "index": ["I"], "value": weights},
            {"name": "cost", "index": ["ARCS", "T"], "value": costs},
        ],
        "variables": [
            {"name": "make", "index": ["I"], "domain": "integer", "lower": -2, "upper": "weight[i] + 6"},
            {"name": "hold", "index": ["T"], "domain": "continuous", "lower": 0, "upper": 5},
            {"name": "flow", "index": ["ARCS"], "domain": "continuous", "upper": "2 + weight[j]", "as": ["i", "j"]},
            {"name": "open", "domain": "binary"},
        ],
        "objective": {
            "sense": draw(st.sampled_from(["minimize", "maximize"])),
            "expression": "sum(weight[i] * make[i] for i in I) - sum(t * hold[t] for t in T) + open"
            " + sum(cost[a, t] * flow[a] for a in ARCS for t in T)",
        },
        "constraints": [{"name": f"row_{n}", "expression": text.format(**numbers)} for n, text in enumerate(rows)],
    }
    content["variables"][0]["as"] = ["i"]
    return Formulation.from_dict(content)


HOSTILE_PIECES = (
    '"', "'", '"""', "'''", "\\", "\n", "\r", "\x0b", "\x0c", "\x00", "\x85", "\u2028", "\u2029", "\u202e", "\u2066",
    "\u200b", "\ufeff", "\ud800", "#", "{", "}", "{0}", "$", "$$", "%", "&", "~", "^", "_", "|", "\\|", "`", "```",
    "<", ">", "__import__('os').system('true')", "\n__import__('os').abort()\n", "');import os;(", "coding: utf-7",
    "+AAo-abort()+ACM-", "\\input{/etc/passwd}", "\\write18{true}", "\\end{aligned}", "\\\\", "\\)", "-->",
    "<script>alert(1)</script>", "[a](javascript:alert(1))", "![a](http://example.org/a.png)", "| a | b |",
    "\n# Heading\n", "\n```\n", "ｅｖａｌ", "а", "status: optimal", "\nobjective: 1\n", "&lt;", "*", "1. ", "- ",
)  # fmt: skip
HOSTILE = st.lists(st.one_of(st.sampled_from(HOSTILE_PIECES), st.text(max_size=3)), max_size=6).map("".join)
"""Texts in which anything that is code in Python, LaTeX, Markdown or HTML may stand."""


def elements() -> st.SearchStrategy[list[str]]:
    """Draw three different set elements, hostile ones among them."""
    return st.lists(HOSTILE, min_size=3, max_size=3, unique=True)


def hostile_formulation(texts: list[str], items: list[str]) -> Formulation:
    """Return a formulation that holds hostile texts in every place for words, and hostile set elements.

    Args:
        texts: eight of them.
        items: the elements of its set.
    """
    title, about, unit, source, objective, row, assumption, other = texts
    return Formulation.from_dict(
        {
            "title": title,
            "sets": [{"name": "I", "elements": items, "description": about}],
            "parameters": [
                {"name": "p", "index": ["I"], "value": [1, 2, 3], "unit": unit, "source": source, "description": other},
            ],
            "variables": [
                {"name": "x", "index": ["I"], "domain": "continuous", "upper": 4, "description": about, "unit": unit}
            ],
            "objective": {
                "sense": "maximize",
                "expression": "sum(p[i] * x[i] for i in I)",
                "description": objective,
                "unit": unit,
            },
            "constraints": [
                {"name": "named", "expression": f"x[{items[0]!r}] <= 1", "description": row, "source": source},
                {"name": "filtered", "expression": f"x[i] <= 2 for i in I if i != {items[1]!r}", "description": other},
            ],
            "assumptions": [{"text": assumption, "element": "x"}],
        }
    )
