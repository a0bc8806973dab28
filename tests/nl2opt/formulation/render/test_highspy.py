from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from nl2opt import Formulation
from tests.nl2opt.formulation.render.formulations import built

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
