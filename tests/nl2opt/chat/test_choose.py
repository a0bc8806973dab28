from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nl2opt.chat.cache import CachedChatModel
from nl2opt.chat.choose import choose_chat_model, model_path
from nl2opt.chat.known import QWEN, SMOLLM
from nl2opt.chat.local import LocalChatModel
from nl2opt.chat.openai import OpenAIChatModel
from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.errors import ModelFileError, SettingsError, StoreError
from nl2opt.settings import Settings
from tests.nl2opt.chat.server import Endpoint


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path, cache=False, llm_base_url="http://localhost:9/v1")


def changed(settings: Settings, **changes: Any) -> Settings:
    return settings.model_copy(update=changes)


@pytest.mark.parametrize(
    ("llm", "kind", "name", "style"),
    [
        ("local", LocalChatModel, f"local:{QWEN.name}", "scalar"),
        ("local:", LocalChatModel, f"local:{QWEN.name}", "scalar"),
        (" local:smollm2-135m ", LocalChatModel, "local:smollm2-135m", "scalar"),
        ("openai:gpt:4", OpenAIChatModel, "openai:gpt:4@http://localhost:9/v1", "indexed"),
    ],
)
def test_each_form_names_its_chat_model(settings: Settings, llm: str, kind: type, name: str, style: str) -> None:
    chat_model = choose_chat_model(llm, settings)
    assert isinstance(chat_model, kind)
    assert (chat_model.name, chat_model.style) == (name, style)  # type: ignore[attr-defined]


@pytest.mark.parametrize("llm", ["local", "openai:gpt"])
def test_the_style_of_the_settings_counts(settings: Settings, llm: str) -> None:
    for style in ("scalar", "indexed"):
        assert choose_chat_model(llm, changed(settings, style=style)).style == style


def test_a_chat_model_is_returned_as_it_is(settings: Settings) -> None:
    chat_model = ScriptedChatModel([])
    assert choose_chat_model(chat_model, settings) is chat_model


def test_a_script_is_read_and_never_cached(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "talk.json").write_text(json.dumps({"replies": ["one"]}))
    monkeypatch.setenv("HOME", str(tmp_path))
    for llm in (f"scripted:{tmp_path}/talk.json", "scripted:~/talk.json"):
        assert isinstance(choose_chat_model(llm, changed(settings, cache=True)), ScriptedChatModel)


@pytest.mark.parametrize("llm", ["local", "openai:gpt"])
def test_language_models_are_cached_where_the_settings_say_so(settings: Settings, llm: str) -> None:
    chat_model = choose_chat_model(llm, changed(settings, cache=True))
    assert isinstance(chat_model, CachedChatModel)
    assert chat_model.cache.path == settings.cache_dir / "completions.sqlite"


def test_a_damaged_cache_is_told(settings: Settings) -> None:
    (settings.cache_dir / "completions.sqlite").write_text("no database, but long enough to be one" * 100)
    with pytest.raises(StoreError, match="NL2OPT_CACHE=false"):
        choose_chat_model("local", changed(settings, cache=True))


@pytest.mark.parametrize(
    ("llm", "words"),
    [
        ("", "Write one of: local"),
        ("claude", "There is no language model `claude`"),
        ("lokal", "Did you mean `local`?"),
        ("OpenAI:gpt", "Did you mean `openai:gpt`?"),
        ("openia:gpt", "Did you mean `openai:gpt`?"),
        ("smollm2-135m", "Did you mean `local:smollm2-135m`?"),
        ("/tmp/my.gguf", "Did you mean `local:/tmp/my.gguf`?"),  # noqa: S108
        ("local:smollm", "Did you mean `local:smollm2-135m`?"),
        ("local:qwen", "Did you mean `local:qwen2.5-coder-1.5b`?"),
        ("local:zzzz", "give one of qwen2.5-coder-1.5b, smollm2-135m"),
        ("openai", "openai:MODEL"),
        ("openai:", "openai:MODEL"),
        ("scripted", "scripted:FILE"),
        ("scripted:/nowhere/talk.json", "cannot be read"),
    ],
)
def test_what_names_no_chat_model_is_refused_with_the_mend(settings: Settings, llm: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        choose_chat_model(llm, settings)
    assert words in str(caught.value)


def test_a_file_of_ones_own_has_a_name_that_changes_with_it(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "own.GGUF"
    path.write_bytes(b"GGUF")
    before = choose_chat_model(f"local:{path}", settings).name
    assert choose_chat_model(f"local:{path}", settings).name == before
    os.utime(path, ns=(1, 1))
    assert choose_chat_model(f"local:{path}", settings).name != before


def test_a_file_of_ones_own_that_is_missing_is_told_when_it_is_needed(settings: Settings) -> None:
    with pytest.raises(ModelFileError, match=r"nowhere\.gguf cannot be read"):
        choose_chat_model("local:/nowhere.gguf", settings).complete([])


def test_the_key_of_the_settings_reaches_the_endpoint(
    endpoint: Endpoint, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NL2OPT_LLM_API_KEY", "sk-7")
    monkeypatch.setenv("NL2OPT_LLM_BASE_URL", endpoint.base_url)
    choose_chat_model("openai:gpt", Settings(cache=False)).complete([])
    assert endpoint.keys == ["Bearer sk-7"]


def test_model_files_are_kept_in_the_cache(settings: Settings) -> None:
    assert model_path(SMOLLM, settings) == settings.cache_dir / "models" / SMOLLM.file
