from __future__ import annotations

from nl2opt.pipeline.program.writer import fenced
from nl2opt.pipeline.prompts import plain_prompt, prompt, worked_examples
from nl2opt.verification.evidence import Outcome
from nl2opt.verification.program_numbers import program_number_evidence
from tests.nl2opt.pipeline.program.cases import ran


def test_the_worked_example_is_right() -> None:
    (example,) = worked_examples("program")
    answer = ran(example["answer"])
    assert (answer.is_solved, answer.objective) == (True, 410.0)
    assert program_number_evidence(example["problem"], example["answer"]).outcome is Outcome.PASSED


def test_the_instructions_are_short_enough_for_a_small_model() -> None:
    (example,) = worked_examples("program")
    shared = " ".join([plain_prompt("program"), example["problem"], fenced(example["answer"])])
    assert len(shared) < 5000


def test_the_feedback_holds_every_point_on_a_line_of_its_own() -> None:
    text = prompt("program_feedback", points=["one", "two"], tried=[])
    assert "\n- one\n- two\n" in text
    assert "Earlier" not in text
    assert "\n- three\n" in prompt("program_feedback", points=["one"], tried=["three"])
