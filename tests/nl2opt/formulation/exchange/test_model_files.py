from __future__ import annotations

from pathlib import Path

import pytest

from nl2opt import Formulation
from nl2opt.formulation.exchange.model_files import model_file
from solvers import ExchangeError, solve
from solvers.exchange import read_model

WORKSHOP = Path(__file__).parents[4] / "examples" / "workshop.json"


def test_the_files_of_a_formulation_have_its_names_and_its_optimum(tmp_path: Path) -> None:
    formulation = Formulation.from_json(WORKSHOP.read_bytes())
    for suffix, text in (("lp", formulation.to_lp()), ("mps", formulation.to_mps())):
        path = tmp_path / f"workshop.{suffix}"
        path.write_text(text)
        imported = read_model(path)
        assert solve(imported.model).objective == formulation.solve().objective
        assert imported.model.name_of_column(0) == "make_chair"
        assert imported.originals["make_chair"] == "make['chair']"
    assert model_file(formulation, "lp").columns == {"make_chair": "make['chair']", "make_table": "make['table']"}


def one(objective: object) -> Formulation:
    variable = {"name": "x", "domain": "continuous", "lower": 1, "upper": 2}
    return Formulation.from_dict({"variables": [variable], "objective": objective})


def test_functions_that_no_file_holds_are_named() -> None:
    with pytest.raises(ExchangeError, match="LP files cannot hold nonlinear functions"):
        one({"sense": "minimize", "expression": "log(x)"}).to_lp()


def test_several_objectives_are_refused_unless_their_priority_is_one() -> None:
    both = [{"sense": "minimize", "expression": "x", "weight": 2}, {"sense": "minimize", "expression": "3 * x"}]
    assert "obj:\n  + 5 x" in one(both).to_lp()
    both[0]["priority"] = 1
    with pytest.raises(ExchangeError, match="MPS files hold one objective; this formulation has 2"):
        one(both).to_mps()
