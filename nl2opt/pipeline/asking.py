"""Asks a chat model, and keeps what was asked and answered for the trace."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from nl2opt.chat.base import ChatModel, Completion, CompletionOptions, Message
from nl2opt.pipeline.events import OnPipelineEvent
from nl2opt.pipeline.trace import Exchange


class RecordedAsk:
    """Puts questions to a chat model; what searches hand to writers as `Ask`.

    Attributes:
        chat_model: that is asked.
        exchanges: since `begin` was called last.
    """

    def __init__(
        self,
        chat_model: ChatModel,
        *,
        timeout_seconds: float,
        on_event: OnPipelineEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        """Prepare.

        Args:
            chat_model: that is asked.
            timeout_seconds: for each completion.
            on_event: called with tokens; `None` for nobody.
            cancel: set it to stop; `None` where nobody can.
        """
        self.chat_model = chat_model
        self.exchanges: list[Exchange] = []
        self._timeout_seconds = timeout_seconds
        self._on_event = on_event
        self._cancel = cancel

    def begin(self) -> None:
        """Begin another attempt: what is asked from here on belongs to it."""
        self.exchanges = []

    def __call__(
        self,
        messages: Sequence[Message],
        *,
        json_schema: Mapping[str, Any] | None,
        max_tokens: int,
        temperature: float = 0.0,
        sample: int = 0,
        shared_messages: int = 0,
    ) -> Completion:
        """Send the messages, and keep the exchange; the arguments are those of `CompletionOptions`.

        Raises:
            ChatError: the chat model could not be asked.
        """
        options = CompletionOptions(
            json_schema=json_schema, max_tokens=max_tokens, temperature=temperature, sample=sample,
            timeout_seconds=self._timeout_seconds, shared_messages=shared_messages,
        )  # fmt: skip
        completion = self.chat_model.complete(messages, options=options, on_event=self._on_event, cancel=self._cancel)
        self.exchanges.append(Exchange(messages=tuple(messages), completion=completion))
        return completion
