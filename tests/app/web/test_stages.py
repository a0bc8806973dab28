from __future__ import annotations

import pytest

from app.web.stages import Stages
from nl2opt.chat.base import LoadingModel, ReadingPrompt, TokensArrived, WaitingToRetry
from nl2opt.pipeline.events import Step, StepStarted
from solvers import Incumbent, Progress


@pytest.mark.parametrize("step", list(Step))
def test_every_step_has_a_title(step: Step) -> None:
    stages = Stages()
    stages(StepStarted(step=step))
    (stage,) = stages.seen()
    assert stage.title[0].isupper()
    assert "_" not in stage.title


def test_a_stage_ends_when_the_next_begins() -> None:
    stages = Stages()
    stages(StepStarted(step=Step.FORMULATE))
    stages(TokensArrived('{"a'))
    stages(TokensArrived('": 1}'))
    stages(StepStarted(step=Step.FORMULATE, round=2, reason="It has no objective."))
    first, second = stages.seen()
    assert (first.title, first.is_running, first.tokens, first.text) == (
        "Writing the formulation", False, 2, '{"a": 1}',
    )  # fmt: skip
    assert (second.title, second.is_running, second.reason) == (
        "Writing the formulation, attempt 2", True, "It has no objective.",
    )  # fmt: skip
    stages.end()
    assert not stages.seen()[1].is_running
    assert stages.seconds == stages.seconds


def test_tokens_of_a_request_that_failed_are_void() -> None:
    stages = Stages()
    stages(StepStarted(step=Step.FORMULATE))
    stages(TokensArrived("half an ans"))
    stages(WaitingToRetry(reason="The endpoint is busy.", wait_seconds=2, attempt=1))
    (stage,) = stages.seen()
    assert (stage.tokens, stage.text, stage.detail) == (0, "", "The endpoint is busy. Trying again in 2 s.")


def test_what_a_stage_is_at_is_told() -> None:
    stages = Stages()
    stages(LoadingModel(what="a model", done=50, total=200))
    assert stages.seen()[0].detail == "fetching a model: 25% of 0 MB"
    stages(LoadingModel(what="a model"))
    assert stages.seen()[0].detail == "loading a model"
    stages(ReadingPrompt(done=10, total=1900))
    assert "10 of 1,900 tokens" in stages.seen()[0].detail


def test_the_points_of_the_solver_are_kept() -> None:
    stages = Stages()
    stages(StepStarted(step=Step.SOLVE))
    for place in range(300):
        stages(Incumbent(objective=300.0 - place, bound=0.0, gap=None, seconds=place / 10))
    stages(Progress(objective=1.0, bound=0.5, nodes=77, seconds=31.0))
    (stage,) = stages.seen()
    assert len(stage.points) == 200
    assert stage.points[-1].objective == 1.0
    assert stage.now is not None
    assert (stage.now.bound, stage.now.nodes) == (0.5, 77)


def test_a_long_completion_keeps_its_end() -> None:
    stages = Stages()
    stages(StepStarted(step=Step.FORMULATE))
    for _ in range(50):
        stages(TokensArrived("x" * 1000))
    stages(TokensArrived("end"))
    (stage,) = stages.seen()
    assert len(stage.text) == 20_000
    assert stage.text.endswith("xend")
