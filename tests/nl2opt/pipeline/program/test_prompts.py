from __future__ import annotations

import pytest

from nl2opt.pipeline.program.writer import fenced
from nl2opt.pipeline.prompts import plain_prompt, prompt, worked_examples
from nl2opt.verification.evidence import Outcome
from nl2opt.verification.program_numbers import program_number_evidence
from tests.nl2opt.pipeline.program.cases import ran

PROMPTS = ("program", "program_scalar")


@pytest.mark.parametrize("example", [example for name in PROMPTS for example in worked_examples(name)])
def test_the_worked_examples_are_right(example: dict[str, str]) -> None:
    answer = ran(example["answer"])
    assert answer.is_solved
    assert answer.program_run is not None
    assert answer.program_run.agrees
    assert program_number_evidence(example["problem"], example["answer"]).outcome is Outcome.PASSED


def test_one_problem_is_solved_in_both_ways() -> None:
    (indexed,) = worked_examples("program")
    scalar, *_ = worked_examples("program_scalar")
    assert scalar["problem"] == indexed["problem"]
    assert ran(scalar["answer"]).objective == ran(indexed["answer"]).objective == 410.0


@pytest.mark.parametrize("name", PROMPTS)
def test_the_instructions_are_short_enough_for_a_small_model(name: str) -> None:
    said = [text for example in worked_examples(name) for text in (example["problem"], fenced(example["answer"]))]
    assert len(" ".join([plain_prompt(name), *said])) < 10_000


def test_the_feedback_holds_every_point_on_a_line_of_its_own() -> None:
    text = prompt("program_feedback", points=["one", "two"], tried=[])
    assert "\n- one\n- two\n" in text
    assert "Earlier" not in text
    assert "\n- three\n" in prompt("program_feedback", points=["one"], tried=["three"])
