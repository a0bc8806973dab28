"""What verification may still cost, and the chat model that keeps to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from nl2opt.chat.base import (
    DEFAULT_COMPLETION_OPTIONS,
    ChatModel,
    Completion,
    CompletionOptions,
    Message,
    OnChatEvent,
    WritingStyle,
)
from nl2opt.errors import ChatError
from nl2opt.pipeline.verifying.options import VerifyOptions

_LEAST_SECONDS = 0.1


class BudgetSpentError(ChatError):
    """No further request to a language model is allowed."""


class Budget:
    """Counts calls and seconds.

    Attributes:
        calls: requests so far.
    """

    def __init__(self, options: VerifyOptions) -> None:
        """Begin now."""
        self.calls = 0
        self._options = options
        self._started = time.perf_counter()

    @property
    def seconds_left(self) -> float:
        """Seconds that are left; infinite without a limit."""
        if self._options.seconds is None:
            return float("inf")
        return self._options.seconds - (time.perf_counter() - self._started)

    @property
    def calls_left(self) -> float:
        """Calls that are left; infinite without a limit."""
        return float("inf") if self._options.calls is None else self._options.calls - self.calls

    def at_most(self, seconds: float) -> float:
        """Return a time limit, shortened to what is left, and never quite 0."""
        return max(_LEAST_SECONDS, min(seconds, self.seconds_left))

    def take_call(self) -> None:
        """Count a request.

        Raises:
            BudgetSpentError: none is left, or the time is used up.
        """
        if self.calls_left < 1:
            raise BudgetSpentError(f"No further request is allowed: all {self._options.calls} are used.")
        if self.seconds_left <= 0:
            raise BudgetSpentError(f"No further request is allowed: the {self._options.seconds:g} seconds are over.")
        self.calls += 1


class BudgetedChatModel:
    """A chat model whose requests count, and end with the time.

    Attributes:
        name, style: of the chat model behind it.
    """

    def __init__(self, chat_model: ChatModel, budget: Budget) -> None:
        self.name = chat_model.name
        self.style: WritingStyle = chat_model.style
        self._chat_model = chat_model
        self._budget = budget

    def complete(
        self,
        messages: Sequence[Message],
        *,
        options: CompletionOptions = DEFAULT_COMPLETION_OPTIONS,
        on_event: OnChatEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> Completion:
        """Write the next turn of a conversation; see `ChatModel.complete`.

        Raises:
            BudgetSpentError: no further request is allowed.
        """
        self._budget.take_call()
        within = replace(options, timeout_seconds=self._budget.at_most(options.timeout_seconds))
        return self._chat_model.complete(messages, options=within, on_event=on_event, cancel=cancel)
