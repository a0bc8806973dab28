"""Reads a small model once before any program runs: what has run once runs faster in every child."""

from __future__ import annotations

import contextlib
import sys
from typing import Final

from solvers.sandbox.inside.harvest import pyomo_models
from solvers.sandbox.inside.harvest.entries import Entries
from solvers.sandbox.inside.harvest.found import Found
from solvers.sandbox.model_text import MOST_TEXT

_TIMES: Final = 12
"""Python makes code faster that has run some times."""


def rehearse() -> None:
    """Read models of the libraries that are imported; nothing is solved, since solvers would start threads."""
    with contextlib.suppress(ImportError, AttributeError):
        for _ in range(_TIMES):
            entries = Entries(["x", "y[a]"], maximize=True)
            entries.bounds([0.0, 1.0], [4.0, float("inf")])
            entries.whole([0])
            entries.costs([0, 1], [1.0, 2.0])
            entries.row([0, 1], [1.0, 2.0], -float("inf"), 3.0, "row one")
            Found(library="pyomo", status="optimal", model=entries.model(), values={"x": 1.0}).told(MOST_TEXT)
            if pyomo_models.TRIGGER in sys.modules:
                _read_pyomo()


def _read_pyomo() -> None:
    import pyomo.environ as pyo

    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(3), domain=pyo.NonNegativeIntegers, initialize=1)
    model.cost = pyo.Objective(expr=sum(model.x[i] for i in range(3)), sense=pyo.maximize)
    model.row = pyo.Constraint(range(2), rule=lambda m, i: 2 * m.x[i] + m.x[i + 1] <= 4)
    found = pyomo_models.found(model, "optimal", {})
    if found is not None:
        found.told(MOST_TEXT)
