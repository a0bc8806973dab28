from __future__ import annotations

import pytest

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.readings.finding import Readings, find_readings
from nl2opt.pipeline.readings.settling import with_reading
from solvers import SolveOptions
from tests.nl2opt.pipeline.readings.texts import CASES, Case


def found(case: Case, most: int = 20) -> Readings:
    compiled = compile_formulation(case.read()).require()
    solution = solve_compiled(compiled)
    return find_readings(case.text, compiled, solution, most=most, solver="auto", options=SolveOptions())


def told(readings: Readings) -> list[str]:
    """Return the assumptions that somebody is told of: not the lower bounds of what cannot be negative."""
    natural = {reading.assumption for reading in readings.alternatives if reading.note}
    return [assumption.text for assumption in readings.assumptions if assumption.text not in natural]


@pytest.mark.parametrize("name", CASES)
def test_what_a_careful_reader_finds_open_is_found_and_nothing_else(name: str) -> None:
    case = CASES[name]
    texts = told(found(case))
    assert len(texts) == len(case.open), texts
    for part in case.open:
        assert any(part in text for text in texts), texts


@pytest.mark.parametrize("name", CASES)
def test_the_readings_that_move_the_answer_are_told_from_those_that_do_not(name: str) -> None:
    case = CASES[name]
    moving = {reading.assumption for reading in found(case).alternatives if reading.moves}
    assert {text for text in moving if not any(part in text for part in case.moves)} == set()
    assert all(any(part in text for text in moving) for part in case.moves), moving


@pytest.mark.parametrize("name", CASES)
def test_every_reading_can_be_taken_and_taken_back(name: str) -> None:
    before = CASES[name].read()
    for reading in found(CASES[name]).alternatives:
        after = with_reading(before, reading)
        said = after.assumptions[-1]
        assert said.text == f"You said: {reading.text}"
        assert not after.diff(before.apply(reading.changes).model_copy(update={"assumptions": after.assumptions}))
        back = after.apply(said.alternatives[0].edits)
        assert not back.diff(before.model_copy(update={"assumptions": back.assumptions}))
