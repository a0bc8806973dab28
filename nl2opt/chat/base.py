"""The one seam to language models: messages in, a completion out, tokens as events in between."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a chat model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionOptions:
    """What is asked of the chat model beside the messages.

    Attributes:
        temperature: 0 means greedy decoding, where the endpoint lets one choose.
        max_tokens: where the completion is cut, in tokens.
        seed: of the sampler; `None` leaves it to the engine.
        sample: number of the sample; requests that differ only here are different rows of the cache.
        json_schema: the completion is constrained to this JSON schema where the engine honours it;
            `None` leaves the text free.
        timeout_seconds: how long a completion may take from sending to the last token, retries included;
            fetching and loading an embedded model, and waiting for its turn, are not counted.
    """

    temperature: float = 0.0
    max_tokens: int = 2048
    seed: int | None = 0
    sample: int = 0
    json_schema: Mapping[str, Any] | None = None
    timeout_seconds: float = 600.0
    shared_messages: int = 0


DEFAULT_COMPLETION_OPTIONS = CompletionOptions()


class Finish(enum.StrEnum):
    """Why the chat model stopped writing."""

    STOP = "stop"
    """It had finished."""
    LENGTH = "length"
    """`max_tokens` or the context was used up: the text is cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a completion cost.

    Attributes:
        prompt_tokens: tokens read; 0 when the engine does not say.
        completion_tokens: tokens written; 0 when the engine does not say.
        seconds: wall clock, waiting and retries included; for a completion from the cache what it
            took when it was first written.
        requests: requests sent, retries included; 0 for a completion from the cache.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    requests: int = 1

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            seconds=self.seconds + other.seconds,
            requests=self.requests + other.requests,
        )


NO_USAGE = Usage(requests=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a chat model wrote.

    Attributes:
        text: the completion, without the prompt.
        finish: why it stopped.
        usage: tokens and time.
        model: the name of the chat model that wrote it, as the engine gives it.
        cached: whether it came from the completion cache.
    """

    text: str
    finish: Finish
    usage: Usage
    model: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class TokensArrived:
    """A piece of the completion arrived."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingToRetry:
    """A request failed in a way that waiting may mend; tokens of it that arrived before are void.

    Attributes:
        reason: why it failed, for people.
        wait_seconds: until the next request.
        attempt: number of the request that failed, from 1.
    """

    reason: str
    wait_seconds: float
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingModel:
    """An embedded model is being fetched or loaded.

    Attributes:
        what: the model, for people.
        done: bytes so far; 0 when only loading.
        total: bytes in all; `None` when not known.
    """

    what: str
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPrompt:
    """The engine reads the prompt.

    Attributes:
        done: tokens so far.
        total: tokens in all.
    """

    done: int
    total: int


ChatEvent = TokensArrived | WaitingToRetry | LoadingModel | ReadingPrompt
OnChatEvent = Callable[[ChatEvent], None]

WritingStyle = Literal["scalar", "indexed"]
"""How a chat model is asked to write: scalar variables with plain numbers, or sets with parameter tables."""


class ChatModel(Protocol):
    """Anything that completes a conversation.

    Attributes:
        name: of the model, for people, traces and the cache; the same name means the same weights.
        style: the writing style that suits this model.
    """

    @property
    def name(self) -> str:
        """Return the name; see above."""
        ...

    @property
    def style(self) -> WritingStyle:
        """Return the writing style; see above."""
        ...

    def complete(
        self,
        messages: Sequence[Message],
        *,
        options: CompletionOptions = DEFAULT_COMPLETION_OPTIONS,
        on_event: OnChatEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> Completion:
        """Write the next turn of a conversation.

        Raises:
            ChatError: the model could not be asked, or the answer did not arrive in full;
                `ChatInterruptedError` when `cancel` was set.
        """
        ...
