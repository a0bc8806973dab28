from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.chat.base import ChatEvent, Completion, CompletionOptions, Finish, Message, TokensArrived, Usage
from nl2opt.chat.cache import CachedChatModel, CompletionCache, request_key
from nl2opt.chat.openai import OpenAIChatModel
from nl2opt.chat.retry import RetryPolicy
from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.errors import ChatInterruptedError, StoreError
from tests.nl2opt.chat.server import Endpoint, answer, break_off

QUESTION = (Message("user", "What?"),)
COMPLETION = Completion(
    text="tëxt", finish=Finish.LENGTH, usage=Usage(prompt_tokens=3, completion_tokens=4, seconds=1.5), model="m"
)
OPTIONS = st.builds(
    CompletionOptions,
    temperature=st.floats(0, 2),
    max_tokens=st.integers(1, 10_000),
    seed=st.none() | st.integers(0, 2**31),
    sample=st.integers(0, 100),
    json_schema=st.none() | st.dictionaries(st.text(), st.text(), max_size=3),
)
MESSAGES = st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text()), max_size=3)


def stored(path: Path) -> CachedChatModel:
    return CachedChatModel(ScriptedChatModel(["one", "two", "three"]), CompletionCache(path / "c.sqlite"))


@settings(max_examples=50, deadline=None)
@given(OPTIONS, OPTIONS, MESSAGES, MESSAGES)
def test_keys_are_equal_exactly_when_the_requests_are(
    left: CompletionOptions, right: CompletionOptions, some: list[Message], other: list[Message]
) -> None:
    same = (replace(left, timeout_seconds=1.0), some) == (replace(right, timeout_seconds=1.0), other)
    assert (request_key("m", some, left) == request_key("m", other, right)) == same
    assert request_key("m", some, left) == request_key("m", list(some), replace(left))


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.1},
        {"max_tokens": 2047},
        {"seed": None},
        {"seed": 1},
        {"sample": 1},
        {"json_schema": {}},
        {"json_schema": {"type": "object"}},
    ],
)
def test_any_option_that_changes_the_completion_changes_the_key(change: dict[str, Any]) -> None:
    assert request_key("m", QUESTION, CompletionOptions(**change)) != request_key("m", QUESTION, CompletionOptions())


def test_model_and_roles_are_part_of_the_key_and_the_time_limit_is_not() -> None:
    options = CompletionOptions()
    key = request_key("m", QUESTION, options)
    assert request_key("n", QUESTION, options) != key
    assert request_key("m", (Message("system", "What?"),), options) != key
    assert request_key("m", QUESTION, replace(options, timeout_seconds=1.0)) == key


def test_any_mapping_and_any_text_has_a_key() -> None:
    schema = MappingProxyType({"properties": MappingProxyType({"x": {}})})
    plain = CompletionOptions(json_schema={"properties": {"x": {}}})
    assert request_key("m", QUESTION, CompletionOptions(json_schema=schema)) == request_key("m", QUESTION, plain)
    assert request_key("m", [Message("user", "half \ud83d")], plain)


def test_a_completion_comes_back_as_it_was_stored_but_without_a_request(tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path / "new" / "c.sqlite")
    cache.put("k", COMPLETION)
    assert cache.get("k") == replace(COMPLETION, cached=True, usage=replace(COMPLETION.usage, requests=0))
    assert cache.get("other") is None


def test_the_first_completion_stays(tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path / "c.sqlite")
    cache.put("k", COMPLETION)
    cache.put("k", replace(COMPLETION, text="later"))
    got = cache.get("k")
    assert got is not None
    assert got.text == "tëxt"


def test_delete_and_clear(tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path / "c.sqlite")
    for key in "abc":
        cache.put(key, COMPLETION)
    cache.delete(["a", "unknown"])
    assert (len(cache), cache.get("a")) == (2, None)
    cache.clear()
    assert len(cache) == 0


def test_the_second_call_costs_no_request_and_still_tells_its_tokens(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.replies = [answer("he", "llo")]
    inner = OpenAIChatModel("small", base_url=endpoint.base_url)
    chat_model = CachedChatModel(inner, CompletionCache(tmp_path / "c.sqlite"))
    first = chat_model.complete(QUESTION)
    events: list[ChatEvent] = []
    second = chat_model.complete(QUESTION, on_event=events.append)
    assert (second.text, second.cached, second.usage.requests) == (first.text, True, 0)
    assert second.usage.completion_tokens == first.usage.completion_tokens == 2
    assert events == [TokensArrived("hello")]
    assert len(endpoint.bodies) == 1
    assert (chat_model.name, chat_model.style) == (inner.name, "indexed")


def test_another_sample_is_another_completion(tmp_path: Path) -> None:
    chat_model = stored(tmp_path)
    texts = [chat_model.complete(QUESTION, options=CompletionOptions(sample=sample)).text for sample in (0, 1, 0, 1)]
    assert texts == ["one", "two", "one", "two"]


def test_a_completion_that_broke_off_is_not_stored(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.replies = [break_off("half"), answer("whole")]
    inner = OpenAIChatModel("small", base_url=endpoint.base_url, retry=RetryPolicy(attempts=1))
    chat_model = CachedChatModel(inner, CompletionCache(tmp_path / "c.sqlite"))
    with pytest.raises(ChatInterruptedError):
        chat_model.complete(QUESTION)
    assert len(chat_model.cache) == 0
    assert chat_model.complete(QUESTION).text == "whole"


def test_completions_outlive_the_process_that_stored_them(tmp_path: Path) -> None:
    stored(tmp_path).complete(QUESTION)
    gc.collect()
    again = CachedChatModel(ScriptedChatModel([]), CompletionCache(tmp_path / "c.sqlite"))
    assert again.complete(QUESTION).text == "one"


def test_threads_share_one_cache(tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path / "c.sqlite")
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(20):
                cache.put(f"{step}", replace(COMPLETION, text=f"{step}"))
                got = cache.get(f"{(step * number) % (step + 1)}")
                assert got is not None
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(cache) == 20


def test_processes_share_one_new_file(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from nl2opt.chat.base import *; from nl2opt.chat.cache import CompletionCache\n"
        "cache = CompletionCache(Path(sys.argv[1]))\n"
        "for number in range(20):\n"
        "    usage = Usage(); key = f'{sys.argv[2]}-{number}'\n"
        "    cache.put(key, Completion(text='t', finish=Finish.STOP, usage=usage, model='m'))\n"
    )
    path = tmp_path / "c.sqlite"
    running = [subprocess.Popen([sys.executable, "-c", program, str(path), str(number)]) for number in range(4)]
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    assert len(CompletionCache(path)) == 80


def test_a_file_that_is_no_database_is_refused_with_the_mend(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    path.write_bytes(b"this is not a database, it is a text that is long enough" * 50)
    with pytest.raises(StoreError, match=r"c\.sqlite.*Delete the file, or set NL2OPT_CACHE=false"):
        CompletionCache(path)
    gc.collect()


def test_a_table_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE completions (key TEXT, words TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="Delete the file"):
        CompletionCache(path).get("k")


def test_a_row_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path / "c.sqlite")
    cache.put("k", COMPLETION)
    with sqlite3.connect(cache.path) as connection:
        connection.execute("UPDATE completions SET finish = 'exploded'")
    connection.close()
    with pytest.raises(StoreError, match="exploded"):
        cache.get("k")


def test_damage_in_the_middle_of_the_file_is_an_error_too(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    cache = CompletionCache(path)
    for number in range(50):
        cache.put(str(number), replace(COMPLETION, text="x" * 2000))
    cache.close()
    content = bytearray(path.read_bytes())
    content[4096:-4096] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)
    damaged = CompletionCache(path)
    with pytest.raises(StoreError, match="cannot be used"):
        [damaged.get(str(number)) for number in range(50)]


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="NL2OPT_CACHE"):
        CompletionCache(tmp_path / "file" / "c.sqlite")


def test_a_closed_cache_cannot_be_used(tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path / "c.sqlite")
    cache.close()
    cache.close()
    with pytest.raises(StoreError):
        cache.get("k")


def test_a_completion_that_cannot_be_stored_is_still_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = CompletionCache(tmp_path / "c.sqlite")

    def full(key: str, completion: Completion) -> None:
        raise StoreError("no space left on the disk")

    monkeypatch.setattr(cache, "put", full)
    model = CachedChatModel(ScriptedChatModel(["written"]), cache)
    assert model.complete([Message("user", "hello")]).text == "written"


def test_completions_are_forgotten_by_their_text(tmp_path: Path) -> None:
    model = stored(tmp_path)
    for question in ("a", "b", "c"):
        model.complete((Message("user", question),))
    assert model.complete((Message("user", "b"),)).text == "two"
    model.cache.forget([(model.name, "two"), (model.name, "four"), ("another", "three")])
    assert len(model.cache) == 2
    assert model.cache.get(request_key(model.name, (Message("user", "b"),), CompletionOptions())) is None
