from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from nl2opt.chat.base import ChatEvent, CompletionOptions, Finish, LoadingModel, Message, TokensArrived
from nl2opt.chat.engine import CONTEXT_TOKENS, engine_for
from nl2opt.chat.local import LocalChatModel
from nl2opt.errors import ChatInterruptedError, ChatRequestError, ChatTimeoutError, ModelFileError

HELLO = (Message("user", "Say hello."),)
SHORT = CompletionOptions(max_tokens=6)
SCHEMA = {
    "type": "object",
    "properties": {"cake": {"type": "string", "enum": ["plum", "apple"]}, "pieces": {"type": "integer", "maximum": 99}},
    "required": ["cake", "pieces"],
    "additionalProperties": False,
}

pytestmark = pytest.mark.model


def test_tokens_arrive_as_events_and_are_counted(smollm: LocalChatModel) -> None:
    events: list[ChatEvent] = []
    completion = smollm.complete(HELLO, options=SHORT, on_event=events.append)
    tokens = [event.text for event in events if isinstance(event, TokensArrived)]
    assert "".join(tokens) == completion.text
    assert len(tokens) > 1
    assert completion.finish is Finish.LENGTH
    assert completion.usage.completion_tokens == 6
    assert completion.usage.prompt_tokens > 5
    assert completion.usage.seconds > 0
    assert completion.model == "local:smollm2-135m"


def test_a_schema_constrains_the_completion(smollm: LocalChatModel) -> None:
    options = CompletionOptions(max_tokens=60, json_schema=SCHEMA)
    completion = smollm.complete([Message("user", "Tell me a joke.")], options=options)
    content = json.loads(completion.text)
    assert completion.finish is Finish.STOP
    assert set(content) == {"cake", "pieces"}
    assert content["cake"] in ("plum", "apple")
    assert isinstance(content["pieces"], int)
    assert content["pieces"] <= 99


def test_a_schema_that_makes_no_sense_is_refused(smollm: LocalChatModel) -> None:
    with pytest.raises(ChatRequestError, match="nonsense"):
        smollm.complete(HELLO, options=CompletionOptions(json_schema={"type": "nonsense"}))


def test_the_same_request_gives_the_same_completion(smollm: LocalChatModel) -> None:
    first, second = (smollm.complete(HELLO, options=SHORT).text for _ in range(2))
    assert first == second


def test_samples_of_one_request_are_drawn_with_their_own_seeds(smollm: LocalChatModel) -> None:
    def draw(sample: int) -> str:
        options = CompletionOptions(max_tokens=6, temperature=2.0, seed=1, sample=sample)
        return smollm.complete(HELLO, options=options).text

    texts = [draw(sample) for sample in (0, 1, 2, 0, 1, 2)]
    assert texts[:3] == texts[3:]
    assert len(set(texts)) > 1


def test_a_text_that_is_too_long_is_refused_with_the_numbers(smollm: LocalChatModel) -> None:
    with pytest.raises(
        ChatRequestError, match=rf"too long for local:smollm2-135m: 9\d\d\d tokens.*{CONTEXT_TOKENS} fit"
    ):
        smollm.complete([Message("user", "bread " * 9000)])


def test_cancel_stops_the_writing(smollm: LocalChatModel) -> None:
    cancel = threading.Event()
    events: list[ChatEvent] = []

    def on_event(event: ChatEvent) -> None:
        events.append(event)
        if isinstance(event, TokensArrived):
            cancel.set()

    with pytest.raises(ChatInterruptedError):
        smollm.complete(HELLO, options=CompletionOptions(max_tokens=4000), on_event=on_event, cancel=cancel)
    assert sum(isinstance(event, TokensArrived) for event in events) == 1
    assert smollm.complete(HELLO, options=SHORT).usage.completion_tokens == 6


def test_cancel_beforehand_neither_fetches_nor_loads(tmp_path: Path) -> None:
    def locate(on_event: object, cancel: object) -> Path:
        raise AssertionError("nothing is to be fetched")

    cancel = threading.Event()
    cancel.set()
    with pytest.raises(ChatInterruptedError):
        LocalChatModel("local:own", locate).complete(HELLO, cancel=cancel)


def test_the_timeout_stops_the_writing(smollm: LocalChatModel) -> None:
    options = CompletionOptions(max_tokens=8000, timeout_seconds=0.2)
    with pytest.raises(ChatTimeoutError, match=r"longer than 0\.2 seconds"):
        smollm.complete([Message("user", "Count to ten thousand, one number after the other.")], options=options)


def test_an_error_of_the_event_handler_stops_the_engine_and_comes_out(smollm: LocalChatModel) -> None:
    def on_event(event: ChatEvent) -> None:
        if isinstance(event, TokensArrived):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        smollm.complete(HELLO, options=CompletionOptions(max_tokens=4000), on_event=on_event)
    assert smollm.complete(HELLO, options=SHORT).text


def test_two_threads_share_one_engine(smollm: LocalChatModel, model_file: Path) -> None:
    alone = smollm.complete(HELLO, options=SHORT).text
    other = LocalChatModel("local:other", lambda on_event, cancel: model_file)
    texts: list[str] = []
    threads = [
        threading.Thread(
            target=lambda chat_model=chat_model: texts.append(chat_model.complete(HELLO, options=SHORT).text)
        )
        for chat_model in (smollm, other, smollm, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [alone] * 4
    assert other._engine is smollm._engine


def test_the_file_is_located_once_and_loading_is_told(model_file: Path, smollm: LocalChatModel) -> None:
    located: list[object] = []

    def locate(on_event: object, cancel: object) -> Path:
        located.append(on_event)
        return model_file

    chat_model = LocalChatModel("local:own", locate)
    events: list[ChatEvent] = []
    for _ in range(2):
        chat_model.complete(HELLO, options=CompletionOptions(max_tokens=1), on_event=events.append)
    assert len(located) == 1
    assert [event for event in events if isinstance(event, LoadingModel)] == [LoadingModel(what="local:own")]


def test_a_file_that_was_replaced_is_loaded_anew(tmp_path: Path, model_file: Path, smollm: LocalChatModel) -> None:
    path = tmp_path / "own.gguf"
    shutil.copy(model_file, path)
    engine_for(path)
    path.write_bytes(b"something else")
    with pytest.raises(ModelFileError, match="is not a GGUF"):
        engine_for(path)
