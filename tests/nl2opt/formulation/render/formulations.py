"""Fixed formulations, one for each construct that a rendering must get right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nl2opt import Formulation

SETS = [
    {"name": "I", "elements": ["a", "b", "c"]},
    {"name": "T", "elements": [1, 2, 3]},
    {"name": "CODE", "elements": ["1", "2"]},
    {"name": "ARCS", "elements": [["a", "b"], ["b", "c"]]},
    {"name": "NONE", "elements": []},
    {"name": "NEAR", "index": ["I"], "elements": {"a": ["b", "c"], "b": ["a"], "c": []}},
    {"name": "PAST", "index": ["T"], "elements": "{t: [r for r in T if r < t] for t in T}"},
    {"name": "VIA", "index": ["T"], "elements": "{t: [(i, j) for (i, j) in ARCS if i == 'b' or t == 1] for t in T}"},
]
PARAMETERS = [
    {"name": "w", "index": ["I"], "value": {"a": 0, "b": 1.5, "c": 2.25}},
    {"name": "cap", "index": ["ARCS", "T"], "value": {"a,b,1": 1, "b,c,2": 4}, "default": 2},
    {"name": "n", "value": 4},
    {"name": "share", "value": "n / 8"},
]
VARIABLES = [
    {"name": "x", "domain": "continuous", "upper": 10},
    {"name": "k", "domain": "integer", "upper": 9},
    {"name": "m", "index": ["I"], "domain": "integer", "upper": 7},
    {"name": "z", "index": ["ARCS", "T"], "domain": "continuous", "upper": 3},
    {"name": "c", "index": ["CODE"], "domain": "continuous", "upper": 6},
]


def built(
    objective: str | None,
    *rows: str,
    sense: str = "maximize",
    whole: bool = True,
    variables: Sequence[dict[str, Any]] = (),
) -> Formulation:
    """Return a formulation over the shared sets, parameters and variables, and variables of its own.

    Args:
        objective: its expression.
        rows: the constraints.
        sense: of the objective.
        whole: whether integer variables stay integer.
        variables: beside the shared ones.
    """
    return Formulation.from_dict(
        {
            "sets": SETS,
            "parameters": PARAMETERS,
            "variables": [v if whole else {**v, "domain": "continuous"} for v in (*VARIABLES, *variables)],
            "objective": None if objective is None else {"sense": sense, "expression": objective},
            "constraints": [{"name": f"row_{number}", "expression": row} for number, row in enumerate(rows)],
        }
    )


NAMED = ("load", "active", "index", "name", "type", "dual", "write", "model", "pyo", "main", "_data", "lambda_")

FORMULATIONS: dict[str, Formulation] = {
    "families": built(
        "sum(m[j] for i in I for j in NEAR[i]) - len(NEAR['a']) * x + sum(len(PAST[t]) for t in T) * k",
        "sum(m[j] for j in NEAR[i]) <= 5 for i in I if len(NEAR[i]) > 0",
        "m[first(NEAR[i])] + m[last(NEAR[i])] <= 7 for i in I if i not in ['c']",
        "x >= sum(1 for t in T if t not in PAST['3'] and '1' in PAST[3])",
        "x <= 4 for t in PAST[2] if t == '1'",
    ),
    "families of tuples": built(
        "sum(z[a, t] for t in T for a in VIA[t]) + sum(z[i, j, 3] for (i, j) in VIA['3'])",
        "sum(z[a, t] for a in VIA[t] if a != first(ARCS)) <= 2 for t in T",
        "z[last(VIA[t]), t] <= 1 for t in T if ('b', 'c') in VIA[t]",
    ),
    "order": built(
        "sum(ord(T, t) * z[a, t] for a in ARCS for t in T) + z[next(ARCS, ('a', 'b')), prev(T, 2)] - x",
        "z[a, t] <= z[a, prev(T, t)] / 2 + 0.5 for a in ARCS for t in T if t != first(T)",
        "z[a, next(T, t, 2, cyclic=True)] <= 2 for a in ARCS for t in T",
        "x >= prev(T, t, t - 1) for t in T if next(T, prev(T, last(T))) == '3'",
        "z[prev(ARCS, a, cyclic=True), 1] <= 1.5 for a in ARCS if a != last(ARCS)",
        "c[next(CODE, 1)] <= ord(CODE, '2')",
        "x >= ord(T, t) for t in range(1, ord(T, 2) + n / 4)",
    ),
    "sets joined": built(
        "sum(m[i] for i in ['a'] | NEAR['a']) + sum(t * x for t in T - [2]) - sum(t * k for t in T & [2, 3])",
        "sum(m[j] for j in I - NEAR[i] - ['c']) <= 4 for i in I",
        "m[first(I - ['a'])] <= 3",
        "m[i] <= 2 for i in I if i in NEAR['a'] & ['b'] or i not in I - ['c']",
        "x <= len(I | ['d']) + len(T - PAST[t]) for t in T",
        "sum(m[i] for i in {i for (i, j) in ARCS} | {q for q in ['c', 'a'] for r in T}) + len({i for i in I}) <= 17",
        "m[prev(I - [j], i)] <= 6 for j in ['b'] for i in I - [j] if i != 'a'",
        "sum(m[j] for j in [q for q in NEAR[i] if q != 'b']) <= 2 for i in I",
    ),
    "quadratic": built("(x - 3)**2 + (k - x)**2 / 2", "x + k >= 8", sense="minimize", whole=False),
    "constant objective": built("5", "x >= 1"),
    "no objective": built(None, "x + k >= 3"),
    "zero coefficients": built("sum(m[i] for i in I)", "w[i] * m[i] <= 6 for i in I"),
    "nothing to sum": built("x", "sum(m[i] for i in I if w[i] > 99) <= 6", "sum(m[i] for i in NONE) + x <= 4"),
    "false constant row": built("x", "n >= 5"),
    "clause that matches nothing": built("x", "x <= 1 for i in I if w[i] > 99"),
    "chain": built("x + k", "1 <= x <= 3", "0 < k < 5", "x <= k <= x + n"),
    "suffix of a chain is taken": built(
        "row_0_1 + x", "1 <= x <= 3", variables=[{"name": "row_0_1", "domain": "binary"}]
    ),
    "strict on whole numbers": built("k", "k < 5", "2 < k"),
    "strict with whole and other sides": built("sum(m[i] for i in I)", "m[i] + 1 < 2 * w[i] + 3 for i in I"),
    "strict from below, mixed": built("sum(m[i] for i in I)", "m[i] > 2 * w[i] for i in I", sense="minimize"),
    "strict on continuous": built("x", "x < 5"),
    "tuples": built(
        "sum(cap[a, t] * z[a, t] for a in ARCS for t in T)", "z[(i, j), t] <= 2 for (i, j) in ARCS for t in T"
    ),
    "first and last": built("z[first(ARCS), 2] + z[last(ARCS), last(T)] + x", "x <= first(T)"),
    "tuples compared": built(
        "sum(z[a, 1] for a in ARCS if a != ('a', 'b')) + x", "x <= 2 for (i, j) in ARCS if ('b', 'c') in ARCS"
    ),
    "number as text and text as number": built(
        "c[1] + c['2'] + sum(m[i] for i in I for t in T if t == '2')", "c[i] <= 3 for i in CODE if i != '1'"
    ),
    "literal sets": built("sum(t * x for t in [1, 2, 3]) + sum(m[i] for i in ['a', 'c'])"),
    "literal pairs": built("sum(z[a, 1] for a in [('a', 'b'), ('b', 'c')])"),
    "ranges": built("sum(x * t for t in range(n / 2)) + sum(k for t in range(1, 2 * n * share))"),
    "functions": built(
        "max(n) * x + min(n, 3) * k + abs(-n) + sqrt(n) + ceil(share) + floor(share) + round(1.26, 1)"
        " + prod(t for t in T) * x - len(i for i in I if i != 'a') * k + exp(0) + log(1) + sin(0) + cos(0)"
    ),
    "truth as a number": built("x * (n > 3) + k * (n > 3 and n < 4) + (n and share) * x"),
    "conditional": built("sum((m[i] if w[i] > 1 and not i == 'c' else -m[i]) for i in I)"),
    "powers and remainders": built("2 ** -1 * x + (-n) ** 2 * k + (n // 3 + n % 3) * x - (x - k) - -x"),
    "nested sums": built("sum(sum(z[i, j, t] for (i, j) in ARCS) * t for t in T if t in [1, 3])"),
    "names": built(" + ".join(NAMED), variables=[{"name": n, "domain": "continuous", "upper": 2} for n in NAMED]),
    "binary bounds": built(
        "b1 - b2 + b3",
        variables=[
            {"name": "b1", "domain": "binary", "lower": "-inf", "upper": "inf"},
            {"name": "b2", "domain": "binary", "lower": 1},
            {"name": "b3", "domain": "binary", "upper": "share"},
        ],
    ),
    "no variable counts": built("n", "n >= 2"),
    "no variable counts and no objective": built(None, "n >= 5"),
    "no columns": Formulation.from_dict(
        {
            "sets": [{"name": "NONE", "elements": []}],
            "variables": [{"name": "x", "index": ["NONE"], "domain": "integer", "upper": 4.5}],
            "objective": {"sense": "maximize", "expression": "sum(x[i] for i in NONE) + 2"},
        }
    ),
    "bounds of whole numbers that are not whole": built(
        "a - b + sum(v[i] for i in I)",
        variables=[
            {"name": "a", "domain": "integer", "upper": 7.5},
            {"name": "b", "domain": "integer", "lower": -0.5},
            {
                "name": "v",
                "index": ["I"],
                "domain": "integer",
                "lower": "w[i] - 0.5",
                "upper": "w[i] * 2.1",
                "as": ["i"],
            },
        ],
    ),
    "bounds that are whole but for rounding": built(
        "a - b",
        variables=[
            {"name": "a", "domain": "integer", "lower": "0.1 * 3 * 10", "upper": "0.7 * 10"},
            {"name": "b", "domain": "integer", "lower": "0.1 * 3 * 10"},
        ],
    ),
    "crossed bounds of a variable that does not count": built(
        "x", variables=[{"name": "a", "domain": "continuous", "lower": 3, "upper": 1}]
    ),
    "crossed bounds": built("x + a", variables=[{"name": "a", "domain": "continuous", "lower": 3, "upper": 1}]),
    "crossed bounds of whole numbers": built(
        "x",
        variables=[
            {"name": "a", "index": ["I"], "domain": "integer", "lower": 0.2, "upper": "0.5 + w[i] / 9", "as": ["i"]}
        ],
    ),
    "crossed bounds of a binary variable": built(
        "b", variables=[{"name": "b", "domain": "binary", "lower": 1, "upper": 0.5}]
    ),
    "chain of families": built("sum(m[i] for i in I)", "w[i] <= m[i] <= w[i] + 2.5 for i in I"),
    "chain that no point meets": built("x", "3 <= x <= 1"),
    "quotients": built("(x + 2 * k) / n - k / (n * n)", "x / 2 <= k / n + 1"),
    "power that is none": built("x ** 1 + k ** 0"),
    "free variable": built(
        "-free", "free >= -3", variables=[{"name": "free", "domain": "continuous", "lower": "-inf"}]
    ),
    "bounds by index": built(
        "sum(u[i] for i in I) + sum(v[i, j] for (i, j) in ARCS) + sum(y[a, t] for a in ARCS for t in T)",
        variables=[
            {"name": "u", "index": ["I"], "domain": "continuous", "upper": "w[i] + 1"},
            {
                "name": "v",
                "index": ["ARCS"],
                "domain": "continuous",
                "lower": "-w[j]",
                "upper": "w[q]",
                "as": ["q", "j"],
            },
            {"name": "y", "index": ["ARCS", "T"], "domain": "continuous", "upper": "cap[arcs, t] + 0.5"},
        ],
    ),
}
