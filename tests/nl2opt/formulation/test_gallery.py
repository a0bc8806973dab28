"""Formulations written by hand, whose optima are known from elsewhere: gallery.json says from where."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nl2opt import Formulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.render import LIBRARIES
from solvers import Solution
from tests.nl2opt.formulation.references import REFERENCES, numbers_of
from tests.nl2opt.formulation.render.running import outcomes_of_programs

FOLDER = Path(__file__).parent
TABLE: list[dict[str, Any]] = json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8"))
GALLERY = {entry["name"]: entry for entry in TABLE}
OPTIMA = {
    entry["name"]: entry["optimum"]
    for table in FOLDER.glob("gallery*.json")
    for entry in json.loads(table.read_text(encoding="utf-8"))
    if "optimum" in entry
}


def formulation_named(name: str) -> Formulation:
    return Formulation.from_json((FOLDER / "gallery" / f"{name}.json").read_text(encoding="utf-8"))


def expected_optimum(name: str) -> Any:
    return pytest.approx(float(Fraction(OPTIMA[name])), rel=1e-7, abs=1e-7)


def values_by_name(formulation: Formulation, solution: Solution) -> dict[str, float]:
    model = compile_formulation(formulation).require().model
    assert solution.values is not None
    return {model.name_of_column(column): value for column, value in enumerate(solution.values.tolist())}


def test_every_file_has_an_expectation_and_every_expectation_a_file() -> None:
    assert sorted(path.stem for path in (FOLDER / "gallery").iterdir()) == sorted(GALLERY)
    assert len(GALLERY) == len(TABLE)
    assert all(entry["source"] and entry["shows"] for entry in TABLE)


@pytest.mark.parametrize("name", GALLERY)
def test_the_known_optimum_is_found(name: str) -> None:
    expected = GALLERY[name]
    formulation = formulation_named(name)
    assert [finding.code for finding in formulation.check()] == expected.get("warnings", [])
    solution = formulation.solve()
    assert solution.termination.value == expected["status"]
    if "optimum" in expected:
        assert solution.objective == expected_optimum(name)
    if "values" in expected:
        found = values_by_name(formulation, solution)
        wanted = {column: float(Fraction(value)) for column, value in expected["values"].items()}
        assert {column: found[column] for column in wanted} == pytest.approx(wanted, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_stated_optimum_is_that_of_the_reference(name: str) -> None:
    reference = REFERENCES[name](numbers_of(name))
    if isinstance(reference, dict):
        formulation = formulation_named(name)
        found = values_by_name(formulation, formulation.solve())
        assert {column: value for column, value in found.items() if value} == reference
    else:
        assert reference == expected_optimum(name)


@pytest.mark.parametrize("name", GALLERY)
def test_what_is_written_as_json_reads_back_as_the_same(name: str) -> None:
    formulation = formulation_named(name)
    again = Formulation.from_json(formulation.to_json())
    assert again == formulation
    assert again.to_json() == formulation.to_json()


def highspy_takes(formulation: Formulation) -> bool:
    """Whether HiGHS takes it: linear, or with one quadratic objective of continuous variables; all here are convex."""
    compiled = compile_formulation(formulation).require()
    model = compiled.model
    if any(stage.quadratic is not None for stage in compiled.stages):
        linear = replace(model, quadratic_objective=None)
        return len(compiled.stages) == 1 and linear.is_linear and not model.is_integer
    return model.is_linear


def ortools_takes(formulation: Formulation) -> bool:
    """Whether OR-Tools takes it: all here but products beside variables that are free in both directions."""
    compiled = compile_formulation(formulation).require()
    model = compiled.model
    is_curved = not model.is_linear or any(stage.quadratic is not None for stage in compiled.stages)
    return not is_curved or not bool(np.any(np.isinf(model.column_lower) & np.isinf(model.column_upper)))


@pytest.mark.parametrize("library", LIBRARIES)
def test_programs_of_the_gallery_reach_the_known_optima(library: str) -> None:
    names = [name for name, entry in GALLERY.items() if entry["status"] == "optimal"]
    if library == "highspy":
        names = [name for name in names if highspy_takes(formulation_named(name))]
    if library == "ortools":
        names = [name for name in names if ortools_takes(formulation_named(name))]
    outcomes = outcomes_of_programs([formulation_named(name) for name in names], library)
    assert dict(zip(names, outcomes, strict=True)) == {name: ("optimal", expected_optimum(name)) for name in names}
