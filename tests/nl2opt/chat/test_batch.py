from __future__ import annotations

import threading

import pytest

from nl2opt.chat.base import Completion, Message
from nl2opt.chat.batch import complete_all
from nl2opt.chat.openai import OpenAIChatModel
from nl2opt.chat.scripted import Reply, ScriptedChatModel
from nl2opt.errors import ChatInterruptedError, ChatRequestError, StoreError
from tests.nl2opt.chat.server import Endpoint, answer, hang

CONVERSATIONS = [[Message("user", f"question {number};")] for number in range(20)]


def test_completions_come_in_the_order_of_the_conversations() -> None:
    chat_model = ScriptedChatModel([Reply(f"reply {number}", when=f"question {number};") for number in range(20)])
    completions = complete_all(chat_model, CONVERSATIONS, workers=4)
    assert [c.text for c in completions if isinstance(c, Completion)] == [f"reply {n}" for n in range(20)]


def test_an_error_takes_the_place_of_its_completion_only() -> None:
    chat_model = ScriptedChatModel([Reply("yes", when="question 1")])
    first, second = complete_all(chat_model, CONVERSATIONS[:2], workers=1)
    assert isinstance(first, ChatRequestError)
    assert isinstance(second, Completion)


def test_requests_are_under_way_at_the_same_time(endpoint: Endpoint) -> None:
    endpoint.replies = [hang(), answer("whole")]
    chat_model = OpenAIChatModel("small", base_url=endpoint.base_url)
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.extend(complete_all(chat_model, CONVERSATIONS[:3], workers=2)))
    thread.start()
    while len(endpoint.bodies) < 3:
        thread.join(0.01)
    endpoint.released.set()
    thread.join(10)
    assert len(results) == 3


def test_cancel_stops_all(endpoint: Endpoint) -> None:
    endpoint.replies = [hang()]
    cancel = threading.Event()
    threading.Timer(0.5, cancel.set).start()
    results = complete_all(OpenAIChatModel("small", base_url=endpoint.base_url), CONVERSATIONS, cancel=cancel)
    assert [type(result) for result in results] == [ChatInterruptedError] * 20
    assert len(endpoint.bodies) <= 8


def test_no_conversations_give_no_completions() -> None:
    assert complete_all(ScriptedChatModel([]), []) == []


def test_a_failure_that_is_no_chat_error_stops_what_is_under_way() -> None:
    class Broken(ScriptedChatModel):
        def complete(self, messages, *, options=None, on_event=None, cancel=None):  # type: ignore[no-untyped-def, override]
            if messages == CONVERSATIONS[0]:
                raise StoreError("disk full")
            assert cancel.wait(10)
            raise ChatInterruptedError("stopped")

    with pytest.raises(StoreError, match="disk full"):
        complete_all(Broken([]), CONVERSATIONS, workers=3)
