"""Turns what a person calls a language model into a chat model."""

from __future__ import annotations

import threading
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nl2opt.chat.base import ChatModel, OnChatEvent
from nl2opt.chat.known import KNOWN_MODELS, QWEN, KnownModel
from nl2opt.errors import SettingsError

if TYPE_CHECKING:
    from nl2opt.settings import Settings

_KINDS = ("local", "openai", "scripted")
_EXAMPLES = "local, local:smollm2-135m, local:/path/model.gguf, openai:MODEL, scripted:FILE"


def choose_chat_model(llm: str | ChatModel, settings: Settings) -> ChatModel:
    """Return the chat model that a specification names.

    Args:
        llm: `local`, `local:NAME`, `local:/path/model.gguf`, `openai:MODEL`, `scripted:FILE`; a chat model
            is returned as it is.
        settings: address, key, style and cache.

    Raises:
        SettingsError: there is no such kind or name, the script cannot be read, or the address makes no sense.
        StoreError: the completion cache cannot be used.
    """
    if not isinstance(llm, str):
        return llm
    kind, _, rest = llm.strip().partition(":")
    chat_model: ChatModel
    if kind == "scripted":
        from nl2opt.chat.scripted import ScriptedChatModel

        if not rest:
            raise SettingsError("`scripted` needs a file: scripted:FILE.")
        return ScriptedChatModel.from_file(Path(rest).expanduser())
    if kind == "local":
        chat_model = _local(rest, settings)
    elif kind == "openai":
        chat_model = _openai(rest, settings)
    else:
        raise SettingsError(f"There is no language model `{llm}`. Write one of: {_EXAMPLES}.{_guess(kind, rest)}")
    if not settings.cache:
        return chat_model
    from nl2opt.chat.cache import CachedChatModel, CompletionCache, cache_file

    return CachedChatModel(chat_model, CompletionCache(cache_file(settings)))


def _guess(kind: str, rest: str) -> str:
    """Return what was probably meant, as a sentence; empty when there is no telling."""
    if not rest and (kind in KNOWN_MODELS or kind.lower().endswith(".gguf")):
        return f" Did you mean `local:{kind}`?"
    near = get_close_matches(kind.lower(), _KINDS, n=1)
    return f" Did you mean `{near[0]}{':' if rest else ''}{rest}`?" if near else ""


def _local(name: str, settings: Settings) -> ChatModel:
    from nl2opt.chat.fetch import fetch_model
    from nl2opt.chat.local import LocalChatModel

    states = settings.cache_dir / "states" if settings.cache else None
    known = KNOWN_MODELS.get(name or QWEN.name)
    if known is not None:

        def locate(on_event: OnChatEvent | None, cancel: threading.Event | None) -> Path:
            return fetch_model(known, model_folder(settings), on_event=on_event, cancel=cancel)

        return LocalChatModel(f"local:{known.name}", locate, style=settings.style or "scalar", states=states)
    path = Path(name).expanduser()
    if path.suffix.lower() == ".gguf" or path.exists():
        name = f"local:{_identity(path)}"
        return LocalChatModel(name, partial(_as_it_is, path), style=settings.style or "scalar", states=states)
    beginning = [known for known in KNOWN_MODELS if known.startswith(name.lower())]
    near = beginning or get_close_matches(name.lower(), KNOWN_MODELS, n=1, cutoff=0.4)
    hint = f" Did you mean `local:{near[0]}`?" if near else ""
    raise SettingsError(
        f"There is no embedded language model `{name}`: give one of {', '.join(KNOWN_MODELS)}, "
        f"or the path of a .gguf file.{hint}"
    )


def _as_it_is(path: Path, on_event: OnChatEvent | None, cancel: threading.Event | None) -> Path:
    return path


def _identity(path: Path) -> str:
    """Return a name that changes when the file does: path, size and time of its last change."""
    try:
        facts = path.stat()
    except OSError:
        return str(path)
    return f"{path.resolve()}#{facts.st_size}-{facts.st_mtime_ns}"


def _openai(model: str, settings: Settings) -> ChatModel:
    from nl2opt.chat.openai import OpenAIChatModel

    if not model:
        raise SettingsError("`openai` needs the name of a model: openai:MODEL.")
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key is not None else None
    return OpenAIChatModel(model, base_url=settings.llm_base_url, api_key=key, style=settings.style or "indexed")


def model_folder(settings: Settings) -> Path:
    """Return the folder of the fetched model files."""
    return settings.cache_dir / "models"


def model_path(known: KnownModel, settings: Settings) -> Path:
    """Return where a known model's file is, or will be."""
    return model_folder(settings) / known.file
