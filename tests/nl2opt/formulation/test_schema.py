from __future__ import annotations

import json
import math

import pytest
from pydantic import ValidationError

from nl2opt.formulation.schema import RESERVED_NAMES, Formulation, Set, Variable
from tests.nl2opt.formulation.formulations import WORKSHOP, X, changed, findings, only, with_rows

FROZEN_KEYS = {
    "Formulation": {
        "title", "sets", "parameters", "variables", "objective", "constraints", "assumptions", "version",
    },
    "Set": {"name", "index", "elements", "description", "table", "column", "seen"},
    "Parameter": {
        "name", "index", "value", "unit", "source", "description", "default", "table", "column", "keys", "row",
        "missing",
    },
    "Variable": {"name", "index", "domain", "lower", "upper", "as", "description", "unit"},
    "Objective": {"sense", "expression", "description", "unit", "name", "priority", "weight", "tolerance"},
    "Constraint": {"name", "expression", "description", "source", "enabled"},
    "Assumption": {"text", "element", "alternatives"},
    "Alternative": {"text", "change", "changes"},
    "Change": {"kind", "path", "value"},
}  # fmt: skip


def test_the_keys_of_version_1_are_frozen() -> None:
    schema = Formulation.model_json_schema(by_alias=True)
    parts = {name: set(part["properties"]) for name, part in schema["$defs"].items()}
    assert {**parts, "Formulation": set(schema["properties"])} == FROZEN_KEYS


def test_a_formulation_survives_being_written_and_read() -> None:
    content = {
        **WORKSHOP,
        "assumptions": [
            {
                "text": "items are whole",
                "element": "make",
                "alternatives": [
                    {
                        "text": "items may be fractional",
                        "change": {"kind": "set", "path": "variables.make.domain", "value": "continuous"},
                    }
                ],
            }
        ],
    }
    formulation = Formulation.from_dict(content)
    assert Formulation.from_json(formulation.to_json()) == formulation


def test_what_is_empty_is_not_written() -> None:
    written = json.loads(Formulation.from_dict({"variables": [X], "objective": None}).to_json())
    assert written == {"variables": [X], "objective": None, "version": 1}


def test_infinite_bounds_are_written_as_json_can_hold_them() -> None:
    variable = Variable(name="x", domain="continuous", lower=-math.inf, upper=math.inf)
    formulation = Formulation(variables=[variable], objective=None)
    assert json.loads(formulation.to_json())["variables"][0]["lower"] == "-inf"
    assert Formulation.from_json(formulation.to_json()) == formulation


@pytest.mark.parametrize("sense", ["Maximize", "MAXIMIZE", " maximize ", "maximize"])
def test_the_sense_is_read_in_any_case(sense: str) -> None:
    content = {**WORKSHOP, "objective": {**WORKSHOP["objective"], "sense": sense}}
    objective = Formulation.from_dict(content).objective
    assert objective is not None
    assert objective.sense == "maximize"


@pytest.mark.parametrize(("sense", "meant"), [("maximise", "maximize"), ("min", "minimize"), ("Maximum", "maximize")])
def test_another_sense_is_refused(sense: str, meant: str) -> None:
    finding = only({**WORKSHOP, "objective": {"sense": sense, "expression": "1"}}, "not_one_of")
    assert (finding.element, finding.field) == ("objective", "sense")
    assert sense.lower() in finding.message
    assert finding.mend == f"Did you mean `{meant}`?"


@pytest.mark.parametrize(
    "name", ["2x", "a b", "", "x-y", "x.y", "for", "__class__", "x" * 101, "ﬁrst_name", *sorted(RESERVED_NAMES)]
)
def test_names_that_expressions_cannot_hold_are_refused(name: str) -> None:
    assert [f.code for f in findings(changed(with_rows(), "variables", 0, name=name))] == ["value"]


def test_elements_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Set(name="I", elements=["a"]).name = "J"  # type: ignore[misc]


def test_the_renderings_for_notebooks_are_the_texts() -> None:
    formulation = Formulation.from_dict(WORKSHOP)
    assert formulation._repr_latex_() == formulation.to_latex()
    assert formulation._repr_markdown_() == formulation.to_markdown()
