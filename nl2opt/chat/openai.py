"""Any OpenAI-compatible endpoint: hosted ones, vLLM, Ollama, llama.cpp's server."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nl2opt.chat.address import require_address
from nl2opt.chat.base import (
    DEFAULT_COMPLETION_OPTIONS,
    Completion,
    CompletionOptions,
    Finish,
    Message,
    OnChatEvent,
    TokensArrived,
    Usage,
    WritingStyle,
)
from nl2opt.chat.feed import Feed, arriving
from nl2opt.chat.openai_errors import Endpoint, broke_off, explained, not_an_endpoint, refused_field, too_slow
from nl2opt.chat.retry import DEFAULT_RETRY, RetryPolicy, with_retries
from nl2opt.errors import ChatAuthenticationError, ChatInterruptedError, ChatRequestError, SettingsError

if TYPE_CHECKING:
    from openai import OpenAI

_CONNECT_SECONDS = 10.0
_OPENAI = "https://api.openai.com/v1"


class OpenAIChatModel:
    """A chat model behind an OpenAI-compatible endpoint.

    A JSON schema is sent as `response_format`. An endpoint that refuses it, or another optional field, is
    asked without, and from then on no more. Some endpoints drop the schema silently, so whoever reads the
    completion has to check it.

    Attributes:
        name: the model and the endpoint's address; never the key.
        style: indexed, which suits strong models.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        style: WritingStyle = "indexed",
        retry: RetryPolicy = DEFAULT_RETRY,
    ) -> None:
        """Make a chat model.

        Args:
            model: name of the model at the endpoint.
            base_url: of the endpoint, as in `http://localhost:8000/v1`; `None` for OpenAI's own.
            api_key: `None` takes `OPENAI_API_KEY` for OpenAI's own endpoint, and none for others.
            style: writing style that suits the model.
            retry: how often and how long to wait.

        Raises:
            SettingsError: `base_url` is not an address, or holds secrets.
        """
        if base_url is not None:
            try:
                require_address(base_url)
            except ValueError as error:
                raise SettingsError(f"The base URL makes no sense: {error}.") from None
        self.model = model
        self.base_url = base_url
        self.name = f"openai:{model}" if base_url is None else f"openai:{model}@{base_url}"
        self.style: WritingStyle = style
        self._api_key = api_key
        self._retry = retry
        self._client: OpenAI | None = None
        self._connecting = threading.Lock()
        self._refused_fields: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"OpenAIChatModel({self.name!r})"

    def complete(
        self,
        messages: Sequence[Message],
        *,
        options: CompletionOptions = DEFAULT_COMPLETION_OPTIONS,
        on_event: OnChatEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> Completion:
        """Write the next turn of a conversation; see `ChatModel.complete`."""
        exchange = _Exchange(self, self._connected(), messages, options, on_event, cancel)
        return with_retries(
            exchange.attempt, policy=self._retry, deadline=exchange.deadline, on_event=on_event, cancel=cancel
        )

    def _endpoint(self) -> Endpoint:
        return Endpoint(address=self.base_url or "OpenAI", model=self.model, key=self._key())

    def _key(self) -> str | None:
        """Return the key, or `None` where the endpoint needs none.

        Raises:
            ChatAuthenticationError: it is missing, or cannot be one.
        """
        key = self._api_key
        if key is None and self.base_url is None:
            key = os.environ.get("OPENAI_API_KEY")
        key = (key or "").strip()
        if not key and self.base_url is None:
            raise ChatAuthenticationError(
                "There is no key for OpenAI's endpoint.",
                hint="Set NL2OPT_LLM_API_KEY, or NL2OPT_LLM_BASE_URL for another endpoint.",
            )
        if not (key.isascii() and key.isprintable()):
            raise ChatAuthenticationError(
                "The key holds characters that no key has.", hint="Copy NL2OPT_LLM_API_KEY again."
            )
        return key or None

    def _connected(self) -> OpenAI:
        key = self._key()
        with self._connecting:
            if self._client is None:
                from openai import OpenAI

                self._client = OpenAI(api_key=key or "none", base_url=self.base_url or _OPENAI, max_retries=0)
                weakref.finalize(self, self._client.close)
            return self._client


class _Exchange:
    """One completion, with as many requests as it takes."""

    def __init__(
        self,
        chat_model: OpenAIChatModel,
        client: OpenAI,
        messages: Sequence[Message],
        options: CompletionOptions,
        on_event: OnChatEvent | None,
        cancel: threading.Event | None,
    ) -> None:
        self.chat_model = chat_model
        self.client = client
        self.endpoint = chat_model._endpoint()
        self.messages = messages
        self.options = options
        self.on_event = on_event
        self.cancel = cancel
        self.started = time.perf_counter()
        self.deadline = self.started + options.timeout_seconds
        self.requests = 0

    def attempt(self) -> Completion:
        """Ask; where the endpoint refuses an optional field, ask again without it."""
        import openai

        refused = set(self.chat_model._refused_fields)
        while True:
            body = self._body(refused)
            failure: Exception
            try:
                completion = self._ask(body)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                field = refused_field(error, body)
                failure = error
                if field is not None:
                    refused.add(field)
                    continue
            except openai.OpenAIError as error:
                failure = error
            else:
                self.chat_model._refused_fields |= refused
                return completion
            # Raised out here, the error drags along no request, whose headers hold the key.
            raise explained(self.endpoint, failure, self.options.timeout_seconds)

    def _body(self, refused: set[str]) -> dict[str, Any]:
        options = self.options
        body: dict[str, Any] = {
            "model": self.chat_model.model,
            "messages": [{"role": message.role, "content": message.content} for message in self.messages],
            "temperature": options.temperature,
            "max_tokens": options.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if options.seed is not None:
            body["seed"] = options.seed + options.sample
        if options.json_schema is not None:
            schema = {"name": "answer", "schema": dict(options.json_schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        if "max_tokens" in refused:
            body["max_completion_tokens"] = options.max_tokens
        return {field: value for field, value in body.items() if field not in refused}

    def _ask(self, body: dict[str, Any]) -> Completion:
        """Send one request and read the stream."""
        if self.cancel is not None and self.cancel.is_set():
            raise ChatInterruptedError("The language model was stopped.")
        late = too_slow(self.endpoint, self.options.timeout_seconds)
        left = self.deadline - time.perf_counter()
        if left <= 0:
            raise late
        self.requests += 1
        parts: list[str] = []
        refusals: list[str] = []
        finish: str | None = None
        prompt_tokens = completion_tokens = 0

        def produce(feed: Feed[Any]) -> None:
            self._send(body, left, feed)

        with contextlib.closing(arriving(produce, timeout_seconds=left, cancel=self.cancel, too_slow=late)) as chunks:
            for chunk in chunks:
                usage = getattr(chunk, "usage", None)
                if usage is not None:
                    prompt_tokens = usage.prompt_tokens or 0
                    completion_tokens = usage.completion_tokens or 0
                for choice in getattr(chunk, "choices", None) or ():
                    refusals.append(getattr(choice.delta, "refusal", None) or "")
                    text = getattr(choice.delta, "content", None)
                    if text:
                        parts.append(text)
                        if self.on_event is not None:
                            self.on_event(TokensArrived(text))
                    finish = choice.finish_reason or finish
        self._require_answer(finish, "".join(refusals))
        return Completion(
            text="".join(parts),
            finish=Finish.LENGTH if finish == "length" else Finish.STOP,
            usage=Usage(
                prompt_tokens=prompt_tokens,
                completion_tokens=completion_tokens,
                seconds=time.perf_counter() - self.started,
                requests=self.requests,
            ),
            model=self.chat_model.name,
        )

    def _send(self, body: dict[str, Any], seconds: float, feed: Feed[Any]) -> None:
        """Put the chunks of the answer into the feed; runs in a thread of its own."""
        import openai

        limits = openai.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
        count = 0
        broken: Exception | None = None
        with self.client.chat.completions.create(**body, timeout=limits) as stream:
            try:
                for chunk in stream:
                    if feed.stopped:
                        return
                    feed.put(chunk)
                    count += 1
            except Exception as error:  # noqa: BLE001 - older releases let the errors of other libraries through
                broken = error
            content_type = stream.response.headers.get("content-type", "")
        if isinstance(broken, openai.APITimeoutError):
            raise too_slow(self.endpoint, self.options.timeout_seconds)
        if broken is not None:
            raise broke_off(self.endpoint, broken)
        if not count and "event-stream" not in content_type:
            raise not_an_endpoint(self.endpoint)

    def _require_answer(self, finish: str | None, refusal: str) -> None:
        if refusal:
            raise ChatRequestError(f"{self.chat_model.name} refuses to answer: {self.endpoint.quote(refusal)}")
        if finish is None:
            raise broke_off(self.endpoint)
        if finish == "content_filter":
            raise ChatRequestError(f"The content filter of {self.endpoint.address} held the answer back.")
