"""Any OpenAI-compatible endpoint: hosted ones, vLLM, Ollama, llama.cpp's server."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NoReturn

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
from nl2opt.chat.retry import DEFAULT_RETRY, RetryPolicy, with_retries
from nl2opt.errors import (
    ChatAuthenticationError,
    ChatError,
    ChatInterruptedError,
    ChatRateLimitError,
    ChatRequestError,
    ChatTimeoutError,
    ChatUnreachableError,
)

if TYPE_CHECKING:
    from openai import OpenAI

_CONNECT_SECONDS = 10.0


class OpenAIChatModel:
    """A chat model behind an OpenAI-compatible endpoint.

    A JSON schema is sent as `response_format`; an endpoint that refuses it is asked without, and from then
    on no more. What comes back is checked downstream in any case.

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
        """
        self.model = model
        self.base_url = base_url
        self.name = f"openai:{model}" if base_url is None else f"openai:{model}@{base_url}"
        self.style: WritingStyle = style
        self._api_key = api_key
        self._retry = retry
        self._client: OpenAI | None = None
        self._honours_schema = True

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
        started = time.perf_counter()
        client = self._connected(options.timeout_seconds)
        completion, requests = with_retries(
            lambda: self._request(client, messages, options, on_event, cancel),
            policy=self._retry,
            on_event=on_event,
            cancel=cancel,
        )
        usage = Usage(
            prompt_tokens=completion.usage.prompt_tokens,
            completion_tokens=completion.usage.completion_tokens,
            seconds=time.perf_counter() - started,
            requests=requests,
        )
        return Completion(text=completion.text, finish=completion.finish, usage=usage, model=self.name)

    def _connected(self, timeout_seconds: float) -> OpenAI:
        if self._client is None:
            from openai import OpenAI, Timeout

            key = self._api_key
            if key is None and self.base_url is None:
                key = os.environ.get("OPENAI_API_KEY")
                if not key:
                    raise ChatAuthenticationError(
                        "There is no key for OpenAI's endpoint.",
                        hint="Set NL2OPT_LLM_API_KEY, or NL2OPT_LLM_BASE_URL for another endpoint.",
                    )
            self._client = OpenAI(
                api_key=key or "none",
                base_url=self.base_url or "https://api.openai.com/v1",
                max_retries=0,
                timeout=Timeout(timeout_seconds, connect=_CONNECT_SECONDS),
            )
        return self._client

    def _request(
        self,
        client: OpenAI,
        messages: Sequence[Message],
        options: CompletionOptions,
        on_event: OnChatEvent | None,
        cancel: threading.Event | None,
    ) -> Completion:
        import openai

        constrained = options.json_schema is not None and self._honours_schema
        try:
            return self._stream(client, self._body(messages, options, constrained), options, on_event, cancel)
        except openai.BadRequestError as error:
            if constrained and _is_about_format(error):
                self._honours_schema = False
                return self._request(client, messages, options, on_event, cancel)
            self._explain(error)
        except openai.OpenAIError as error:
            self._explain(error)
        except ChatError:
            raise
        except Exception as error:
            raise ChatInterruptedError(f"The answer of {self.name} broke off ({error}).") from error

    def _body(self, messages: Sequence[Message], options: CompletionOptions, constrained: bool) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "temperature": options.temperature,
            "max_tokens": options.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if options.seed is not None:
            body["seed"] = options.seed + options.sample
        if constrained:
            schema = {"name": "answer", "schema": dict(options.json_schema or {}), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _stream(
        self,
        client: OpenAI,
        body: dict[str, Any],
        options: CompletionOptions,
        on_event: OnChatEvent | None,
        cancel: threading.Event | None,
    ) -> Completion:
        deadline = time.perf_counter() + options.timeout_seconds
        parts: list[str] = []
        finish: str | None = None
        prompt_tokens = completion_tokens = 0
        with client.chat.completions.create(**body) as stream:
            for chunk in stream:
                if cancel is not None and cancel.is_set():
                    raise ChatInterruptedError("The language model was stopped.")
                if time.perf_counter() > deadline:
                    raise self._too_slow(options.timeout_seconds)
                if chunk.usage is not None:
                    prompt_tokens = chunk.usage.prompt_tokens or 0
                    completion_tokens = chunk.usage.completion_tokens or 0
                for choice in chunk.choices:
                    text = choice.delta.content if choice.delta is not None else None
                    if text:
                        parts.append(text)
                        if on_event is not None:
                            on_event(TokensArrived(text))
                    finish = choice.finish_reason or finish
        if finish is None:
            raise ChatInterruptedError(f"The answer of {self.name} broke off before its end.")
        return Completion(
            text="".join(parts),
            finish=Finish.LENGTH if finish == "length" else Finish.STOP,
            usage=Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens),
            model=self.name,
        )

    def _too_slow(self, seconds: float) -> ChatTimeoutError:
        return ChatTimeoutError(
            f"{self.name} gave no full answer within {seconds:g} seconds.",
            hint="Give it more time with NL2OPT_TIMEOUT_SECONDS, or check that the server works.",
        )

    def _explain(self, error: Exception) -> NoReturn:
        """Raise the error of our tree that says what happened and what to do."""
        import openai

        address = self.base_url or "OpenAI"
        if isinstance(error, openai.APITimeoutError):
            raise ChatTimeoutError(
                f"{address} did not answer in time.",
                hint="Check that the server works, or give it more time with NL2OPT_TIMEOUT_SECONDS.",
            ) from None
        if isinstance(error, openai.APIConnectionError):
            raise ChatUnreachableError(
                f"Nothing answers at {address}.",
                hint="Start the server, or check NL2OPT_LLM_BASE_URL.",
            ) from None
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            raise ChatAuthenticationError(f"{address} refused the key.", hint="Check NL2OPT_LLM_API_KEY.") from None
        if isinstance(error, openai.RateLimitError):
            raise ChatRateLimitError(
                f"{address} asks to wait: too many requests.",
                hint="Try again later.",
                retry_after_seconds=_retry_after(error.response.headers.get("retry-after")),
            ) from None
        if isinstance(error, openai.NotFoundError):
            raise ChatRequestError(
                f"{address} does not know the model `{self.model}`.", hint="Check the name after `openai:`."
            ) from None
        if isinstance(error, openai.APIStatusError) and error.status_code >= 500:
            raise ChatUnreachableError(f"{address} reports a failure of its own ({error.status_code}).") from None
        if isinstance(error, openai.APIStatusError):
            raise ChatRequestError(
                f"{address} refused the request ({error.status_code}): {self._without_key(error.message)[:300]}"
            ) from None
        raise ChatInterruptedError(
            f"The answer of {self.name} broke off ({self._without_key(str(error))[:200]})."
        ) from None

    def _without_key(self, text: str) -> str:
        key = self._api_key or os.environ.get("OPENAI_API_KEY")
        return text.replace(key, "***") if key else text


def _is_about_format(error: Exception) -> bool:
    text = str(error).lower()
    return any(word in text for word in ("response_format", "json_schema", "schema", "strict", "grammar"))


def _retry_after(header: str | None) -> float | None:
    """Read a Retry-After header: seconds, or a date (RFC 9110, section 10.2.3)."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
