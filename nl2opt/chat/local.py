"""Embedded language models: llama.cpp inside this process, no server and no network."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nl2opt.chat.base import (
    DEFAULT_COMPLETION_OPTIONS,
    Completion,
    CompletionOptions,
    Finish,
    LoadingModel,
    Message,
    OnChatEvent,
    TokensArrived,
    Usage,
    WritingStyle,
)
from nl2opt.chat.engine import Engine, engine_for
from nl2opt.errors import ChatInterruptedError, ChatRequestError, ChatTimeoutError, ChatUnreachableError

_POLL_SECONDS = 0.05
Chunk = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Done:
    """The engine's last word: an error object, an exception, or neither."""

    error: dict[str, Any] | None = None
    exception: BaseException | None = None


class LocalChatModel:
    """A GGUF model file, run by llama.cpp in this process.

    The file is fetched and loaded with the first completion. A completion constrained by a JSON schema
    never leaves the schema.

    Attributes:
        name: of the model, with the first letters of its hash where that is known.
        style: scalar, which suits small models.
    """

    def __init__(
        self,
        name: str,
        locate: Callable[[OnChatEvent | None, threading.Event | None], Path],
        *,
        style: WritingStyle = "scalar",
    ) -> None:
        """Make a chat model.

        Args:
            name: the same name means the same weights.
            locate: returns the path of the file, after fetching it where need be.
            style: writing style that suits the model.
        """
        self.name = name
        self.style: WritingStyle = style
        self._locate = locate
        self._engine: Engine | None = None

    def complete(
        self,
        messages: Sequence[Message],
        *,
        options: CompletionOptions = DEFAULT_COMPLETION_OPTIONS,
        on_event: OnChatEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> Completion:
        """Write the next turn of a conversation; see `ChatModel.complete`."""
        started = time.perf_counter()
        engine = self._loaded(on_event, cancel)
        stop = threading.Event()
        arrived: queue.SimpleQueue[Chunk | _Done] = queue.SimpleQueue()
        # The engine holds its thread while it reads the prompt, so it gets one of its own.
        worker = threading.Thread(
            target=_run,
            args=(engine, _request(messages, options), arrived, stop),
            daemon=True,
            name="llama.cpp",
        )
        worker.start()
        try:
            return self._collect(arrived, options, on_event, cancel, started)
        finally:
            stop.set()

    def _loaded(self, on_event: OnChatEvent | None, cancel: threading.Event | None) -> Engine:
        if self._engine is None:
            path = self._locate(on_event, cancel)
            if on_event is not None:
                on_event(LoadingModel(what=self.name))
            self._engine = engine_for(path)
        return self._engine

    def _collect(
        self,
        arrived: queue.SimpleQueue[Chunk | _Done],
        options: CompletionOptions,
        on_event: OnChatEvent | None,
        cancel: threading.Event | None,
        started: float,
    ) -> Completion:
        deadline = time.perf_counter() + options.timeout_seconds
        parts: list[str] = []
        finish = Finish.STOP
        prompt_tokens = completion_tokens = 0
        while True:
            if cancel is not None and cancel.is_set():
                raise ChatInterruptedError("The language model was stopped.")
            if time.perf_counter() > deadline:
                raise ChatTimeoutError(
                    f"The language model {self.name} took longer than {options.timeout_seconds:g} seconds.",
                    hint="Give it more time with --timeout, or use a smaller model.",
                )
            try:
                chunk = arrived.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(chunk, _Done):
                _raise_failure(chunk, self.name)
                break
            for choice in chunk.get("choices", ()):
                text = choice.get("delta", {}).get("content")
                if text:
                    parts.append(text)
                    if on_event is not None:
                        on_event(TokensArrived(text))
                if choice.get("finish_reason") == "length":
                    finish = Finish.LENGTH
            usage = chunk.get("usage") or {}
            prompt_tokens = usage.get("prompt_tokens", prompt_tokens)
            completion_tokens = usage.get("completion_tokens", completion_tokens)
        usage_total = Usage(
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            seconds=time.perf_counter() - started,
        )
        return Completion(text="".join(parts), finish=finish, usage=usage_total, model=self.name)


def _run(
    engine: Engine, body: dict[str, Any], arrived: queue.SimpleQueue[Chunk | _Done], stop: threading.Event
) -> None:
    def received(chunk: Chunk) -> bool:
        arrived.put(chunk)
        return stop.is_set()

    try:
        arrived.put(_Done(error=engine.chat(body, received)))
    except BaseException as exception:  # noqa: BLE001 - handed to the thread that waits
        arrived.put(_Done(exception=exception))


def _request(messages: Sequence[Message], options: CompletionOptions) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
        "cache_prompt": True,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if options.seed is not None:
        body["seed"] = options.seed + options.sample
    if options.json_schema is not None:
        schema = {"name": "answer", "schema": dict(options.json_schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _raise_failure(done: _Done, name: str) -> None:
    if done.exception is not None:
        raise ChatUnreachableError(f"llama.cpp failed ({done.exception}).") from done.exception
    if done.error is None:
        return
    if done.error.get("type") == "exceed_context_size_error":
        raise ChatRequestError(
            f"The text is too long for {name}: {done.error.get('n_prompt_tokens')} tokens, "
            f"of which {done.error.get('n_ctx')} fit.",
            hint="Shorten it, or use a language model with a longer context.",
        )
    raise ChatRequestError(f"llama.cpp refused the request: {done.error.get('message', done.error)}")
