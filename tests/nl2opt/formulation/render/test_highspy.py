from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nl2opt import Formulation, FormulationError
from tests.nl2opt.formulation.render.formulations import built
from tests.nl2opt.formulation.render.running import outcome_of_solving, outcomes_of_programs

WORKSHOP = Formulation.from_dict(
    {
        "title": "Workshop",
        "sets": [{"name": "ITEM", "elements": ["chair", "table"], "description": "what is made"}],
        "parameters": [
            {"name": "profit", "index": ["ITEM"], "value": [30, 80], "unit": "$/item", "source": "a chair earns $30"},
            {"name": "hours", "value": 400},
        ],
        "variables": [
            {"name": "make", "index": ["ITEM"], "domain": "integer", "upper": 90, "description": "items made"},
            {"name": "late", "domain": "continuous", "lower": "-inf", "upper": 9},
            {"name": "shop", "domain": "binary"},
        ],
        "objective": {"sense": "maximize", "expression": "sum(profit[i] * make[i] for i in ITEM) - late / 2"},
        "constraints": [
            {
                "name": "labour",
                "expression": "2 * make['chair'] + 5 * make['table'] <= hours",
                "description": "workers",
            },
            {"name": "some", "expression": "1 <= make[i] + late <= 200 for i in ITEM if profit[i] > 0"},
            {"name": "opened", "expression": "make[i] <= 90 * shop for i in ITEM"},
        ],
    }
)
MODEL = """import highspy

# Workshop

# Sets
# what is made
ITEM = ["chair", "table"]

# Parameters
# [$/item] from: a chair earns $30
profit = {"chair": 30, "table": 80}
hours = 400

h = highspy.Highs()
h.silent()
h.setOptionValue("mip_rel_gap", 0.0)
h.setOptionValue("mip_abs_gap", 0.0)

# Variables
# items made
make = h.addIntegrals(ITEM, ub=90)
late = h.addVariable(lb=-h.inf, ub=9)
shop = h.addBinary()

# Objective
objective = h.qsum(profit[i] * make[i] for i in ITEM) - late * (1 / 2)

# Constraints
# workers
h.addConstr(2 * make["chair"] + 5 * make["table"] <= hours, name="labour")
h.addConstrs((1 <= make[i] + late <= 200 for i in ITEM if profit[i] > 0), name_prefix="some_")
h.addConstrs((make[i] <= 90 * shop for i in ITEM), name_prefix="opened_")
"""


def test_program_is_one_that_a_person_would_write() -> None:
    assert WORKSHOP.to_program("highspy").partition("\n\ndef show")[0] == MODEL


def test_program_runs_alone_and_prints_values_like_the_pyomo_program(tmp_path: Path) -> None:
    printed = []
    for library in ("highspy", "pyomo"):
        path = tmp_path / f"{library}_program.py"
        path.write_text(WORKSHOP.to_program(library), encoding="utf-8")
        finished = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
        printed.append(finished.stdout)
    assert printed[0] == printed[1]
    assert printed[0].splitlines()[-2:] == ["objective: 6399.5", "status: optimal"]


def test_what_is_not_needed_is_not_written() -> None:
    plain = built("x", "x <= 3").to_program("highspy")
    assert "import math" not in plain
    assert "h.expr" not in plain


def test_long_expressions_are_folded() -> None:
    names = [f"variable_{n}" for n in range(40)]
    variables = [{"name": name, "domain": "binary"} for name in names]
    total = " + ".join(f"{n} * {name}" for n, name in enumerate(names))
    program = built(total, f"{total} <= 9", variables=variables).to_program("highspy")
    assert max(map(len, program.splitlines())) <= 110


QUADRATIC = [
    built("(x - 3)**2 + 2 * k - x / 4", "x + k >= 5", sense="minimize", whole=False),
    built("4 * x - (x + k)**2 / 2 - (k - 1) * (k - 1) - 3", "x + k <= 9", whole=False),
    built("sum(w[i] * (m[i] - x)**2 for i in I) + 3 * m['a']**2", "sum(m[i] for i in I) >= 8", "x >= 1",
          sense="minimize", whole=False),
    built("sum((4 if i == j else 1) * m[i] * m[j] for i in I for j in I) - 6 * (m['a'] + 1) * 2", "m['b'] >= 1",
          sense="minimize", whole=False),
    built("x * (x - 2 * k) + k * (k + 1) + max(x, 2 * k, 3)", "x + k >= 4", sense="minimize", whole=False),
    built("x * k - k * x + x", "x + k >= 4", sense="minimize", whole=False),
    built("x**2 - 5", "x + 0 * k >= 4", "x <= 3", sense="minimize", whole=False),
]  # fmt: skip


def test_convex_quadratic_objectives_reach_the_optimum_of_the_direct_way() -> None:
    for formulation, (status, objective) in zip(QUADRATIC, outcomes_of_programs(QUADRATIC, "highspy"), strict=True):
        expected_status, expected = outcome_of_solving(formulation)
        wanted = pytest.approx(expected, rel=1e-6, abs=1e-6) if expected is not None else None
        assert (status, objective) == (expected_status, wanted), formulation.to_program("highspy")


def test_products_are_calls_with_speaking_names() -> None:
    program = QUADRATIC[0].to_program("highspy")
    assert "objective = square_of(x - 3) + 2 * k - x * (1 / 4)" in program
    assert "h.minimize(linear_part(objective))" in program


@pytest.mark.parametrize(
    ("formulation", "reason"),
    [
        (built("x * k", "x + k <= 4", whole=False), "only where a convex objective is minimized"),
        (built("(x - 3)**2 + k", sense="minimize"), "only where no variable is integer or binary"),
        (built("max(x, k**2)", sense="minimize", whole=False), "linear expressions only"),
        (built("x + 1", "x * k <= 4", whole=False), "linear expressions only"),
        (built("x**2 * k", "x + k <= 4", whole=False), "linear expressions only, and"),
        (built("0 * x**2 * k**2 + x**2", whole=False, sense="minimize"), "linear expressions only"),
    ],
)
def test_products_that_highs_cannot_take_are_refused_with_the_reason(formulation: Formulation, reason: str) -> None:
    with pytest.raises(FormulationError, match=reason) as caught:
        formulation.to_program("highspy")
    assert [finding.mend for finding in caught.value.findings] == ["Render it to pyomo."]
