"""Embedded language models: llama.cpp inside this process, no server and no network."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
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
    ReadingPrompt,
    TokensArrived,
    Usage,
    WritingStyle,
)
from nl2opt.chat.engine import Chunk, Engine, engine_for
from nl2opt.chat.feed import Feed, arriving
from nl2opt.errors import ChatInterruptedError, ChatRequestError, ChatTimeoutError, ChatUnreachableError

_POLL_SECONDS = 0.05


class LocalChatModel:
    """A GGUF model file, run by llama.cpp in this process.

    The file is fetched and loaded with the first completion. A completion constrained by a JSON schema
    never leaves the schema.

    Attributes:
        name: of the model.
        style: scalar, which suits small models.
    """

    def __init__(
        self,
        name: str,
        locate: Callable[[OnChatEvent | None, threading.Event | None], Path],
        *,
        style: WritingStyle = "scalar",
        states: Path | None = None,
    ) -> None:
        """Make a chat model.

        Args:
            name: the same name means the same weights.
            locate: returns the path of the file, after fetching it where need be.
            style: writing style that suits the model.
            states: folder in which the engine keeps what it computed for shared beginnings of prompts;
                `None` keeps nothing.
        """
        self.name = name
        self.style: WritingStyle = style
        self._locate = locate
        self._states = states
        self._engine: Engine | None = None
        self._loading = threading.Lock()

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
        body = _request(messages, options)
        late = ChatTimeoutError(
            f"The language model {self.name} took longer than {options.timeout_seconds:g} seconds.",
            hint="Give it more time with NL2OPT_TIMEOUT_SECONDS, or use a smaller model.",
        )

        def produce(feed: Feed[Chunk]) -> None:
            _run(engine, body, feed, self.name, options.shared_messages)

        parts: list[str] = []
        finish: str | None = None
        prompt_tokens = completion_tokens = 0
        chunks = arriving(produce, timeout_seconds=options.timeout_seconds, cancel=cancel, too_slow=late)
        with contextlib.closing(chunks):
            for chunk in chunks:
                if on_event is not None and "prompt_progress" in chunk:
                    progress = chunk["prompt_progress"]
                    on_event(ReadingPrompt(done=progress["processed"], total=progress["total"]))
                for choice in chunk.get("choices", ()):
                    text = choice.get("delta", {}).get("content")
                    if text:
                        parts.append(text)
                        if on_event is not None:
                            on_event(TokensArrived(text))
                    finish = choice.get("finish_reason") or finish
                usage = chunk.get("usage") or {}
                prompt_tokens = usage.get("prompt_tokens", prompt_tokens)
                completion_tokens = usage.get("completion_tokens", completion_tokens)
        if finish is None:
            raise ChatInterruptedError(f"The answer of {self.name} broke off before its end.")
        return Completion(
            text="".join(parts),
            finish=Finish.LENGTH if finish == "length" else Finish.STOP,
            usage=Usage(
                prompt_tokens=prompt_tokens,
                completion_tokens=completion_tokens,
                seconds=time.perf_counter() - started,
            ),
            model=self.name,
        )

    def _loaded(self, on_event: OnChatEvent | None, cancel: threading.Event | None) -> Engine:
        while not self._loading.acquire(timeout=_POLL_SECONDS):
            _require_going(cancel)
        try:
            _require_going(cancel)
            if self._engine is None:
                path = self._locate(on_event, cancel)
                if on_event is not None:
                    on_event(LoadingModel(what=self.name))
                self._engine = engine_for(path, self._states)
            return self._engine
        finally:
            self._loading.release()


def _require_going(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise ChatInterruptedError("The language model was stopped.")


def _run(engine: Engine, body: Chunk, feed: Feed[Chunk], name: str, shared_messages: int) -> None:
    """Put what the engine writes into the feed; the engine holds this thread while it reads the prompt."""

    def on_turn() -> bool:
        feed.restart_clock()
        return feed.stopped

    def on_chunk(chunk: Chunk) -> bool:
        feed.put(chunk)
        return feed.stopped

    try:
        error = engine.chat(body, on_turn, on_chunk, shared_messages=shared_messages)
    except ValueError as failure:
        raise ChatRequestError(f"llama.cpp refused the request: {failure}") from failure
    except RuntimeError as failure:
        raise ChatUnreachableError(f"llama.cpp failed ({failure}).") from failure
    if error is not None:
        raise _refusal(error, name)


def _request(messages: Sequence[Message], options: CompletionOptions) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
        "cache_prompt": True,
        # Chunks that come while the prompt is read are the only moments at which it can be stopped.
        "return_progress": True,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if options.seed is not None:
        body["seed"] = options.seed + options.sample
    if options.json_schema is not None:
        schema = {"name": "answer", "schema": dict(options.json_schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _refusal(error: Chunk, name: str) -> ChatRequestError:
    if error.get("type") == "exceed_context_size_error":
        return ChatRequestError(
            f"The text is too long for {name}: {error.get('n_prompt_tokens')} tokens, "
            f"of which {error.get('n_ctx')} fit.",
            hint="Shorten it, or use a language model with a longer context.",
        )
    return ChatRequestError(f"llama.cpp refused the request: {error.get('message', error)}")
