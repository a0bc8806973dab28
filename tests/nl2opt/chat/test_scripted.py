from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from nl2opt.chat.base import ChatEvent, Finish, Message, TokensArrived
from nl2opt.chat.scripted import Reply, ScriptedChatModel
from nl2opt.errors import ChatInterruptedError, ChatRequestError, SettingsError


def ask(chat_model: ScriptedChatModel, text: str) -> str:
    return chat_model.complete([Message("system", "be brief"), Message("user", text)]).text


def test_replies_come_in_turn_and_run_out() -> None:
    chat_model = ScriptedChatModel(["one", "two"])
    assert [ask(chat_model, "a"), ask(chat_model, "a")] == ["one", "two"]
    with pytest.raises(ChatRequestError, match="no reply left after 2"):
        ask(chat_model, "a")


def test_a_matching_reply_comes_each_time_and_does_not_use_up_the_others() -> None:
    chat_model = ScriptedChatModel(["in turn", Reply("matched", when="bread")])
    assert [ask(chat_model, text) for text in ("bread?", "cake?", "more bread")] == ["matched", "in turn", "matched"]


def test_only_the_last_message_is_matched() -> None:
    chat_model = ScriptedChatModel([Reply("matched", when="brief"), "in turn"])
    assert ask(chat_model, "bread?") == "in turn"


def test_every_conversation_is_kept_and_usage_counted() -> None:
    chat_model = ScriptedChatModel([Reply("one two three", finish=Finish.LENGTH)])
    events: list[ChatEvent] = []
    messages = (Message("user", "four words are here"),)
    completion = chat_model.complete(messages, on_event=events.append)
    assert chat_model.requests == [messages]
    assert events == [TokensArrived("one two three")]
    assert completion.finish is Finish.LENGTH
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (4, 3)


def test_cancel_keeps_the_reply_for_later() -> None:
    chat_model = ScriptedChatModel(["one"])
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(ChatInterruptedError):
        chat_model.complete([Message("user", "a")], cancel=cancel)
    assert ask(chat_model, "a") == "one"


def test_threads_share_the_replies() -> None:
    chat_model = ScriptedChatModel([str(number) for number in range(50)])
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(ask(chat_model, "a"))) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, texts)) == list(range(50))


def test_a_script_file_holds_texts_objects_and_matching_replies(tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    replies = ["plain", {"variables": []}, {"when": "bread", "text": {"x": 1}}]
    path.write_text(json.dumps({"style": "indexed", "replies": replies}))
    chat_model = ScriptedChatModel.from_file(path)
    assert (chat_model.name, chat_model.style) == ("scripted:talk.json", "indexed")
    assert [ask(chat_model, text) for text in ("a", "bread", "b")] == ["plain", '{"x": 1}', '{"variables": []}']


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not of the form"),
        ("[]", "not of the form"),
        ('{"replys": []}', "replies"),
        ('{"replies": "abc"}', "not a list"),
        ('{"replies": [3]}', "a text or an object"),
        ('{"replies": [], "style": "baroque"}', "baroque"),
    ],
)
def test_a_bad_script_is_refused_with_the_reason(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match=r"bad\.json") as caught:
        ScriptedChatModel.from_file(path)
    assert words in str(caught.value)


def test_a_script_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        ScriptedChatModel.from_file(tmp_path / "none.json")
