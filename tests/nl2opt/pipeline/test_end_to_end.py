from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

import nl2opt
from nl2opt.chat import engine
from nl2opt.chat.base import Completion, CompletionOptions, Message
from nl2opt.chat.fetch import fetch_model
from nl2opt.chat.known import SMOLLM
from nl2opt.chat.local import LocalChatModel
from tests.conftest import ORIGINAL_CACHE_DIR
from tests.nl2opt.pipeline.cases import PROBLEM

pytestmark = pytest.mark.model


class Hasty(LocalChatModel):
    """Cuts off what it draws after the first draft, which would take it a minute."""

    def complete(self, messages: Sequence[Message], *, options: CompletionOptions, **rest: Any) -> Completion:
        if options.sample:
            options = replace(options, max_tokens=60)
        return super().complete(messages, options=options, **rest)


@pytest.fixture
def smollm() -> Iterator[LocalChatModel]:
    """The small language model, on one thread: test processes run side by side."""
    file = fetch_model(SMOLLM, ORIGINAL_CACHE_DIR / "models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "usable_threads", lambda: 1)
        yield Hasty("local:smollm2-135m", lambda on_event, cancel: file)


def test_whatever_a_small_language_model_writes_there_is_an_answer(smollm: LocalChatModel) -> None:
    answer = nl2opt.solve(PROBLEM, llm=smollm, rounds=1, time_limit=10, verify="quick")
    assert answer.status in nl2opt.Status
    assert answer.status is not nl2opt.Status.LLM_UNREACHABLE
    assert answer.message
    assert answer.trace.llm == "local:smollm2-135m"
    assert answer.trace.attempts
    assert all(exchange.completion.text for attempt in answer.trace.attempts for exchange in attempt.exchanges)
    assert answer.usage.completion_tokens > 10
    assert str(answer)
    assert nl2opt.Answer.load(answer.save()).to_dict() == answer.to_dict()
