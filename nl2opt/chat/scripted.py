"""A chat model whose completions were written beforehand: for tests, demonstrations and reproducible runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
from nl2opt.errors import ChatInterruptedError, ChatRequestError, SettingsError


@dataclass(frozen=True, slots=True)
class Reply:
    """A completion written beforehand.

    Attributes:
        text: of the completion.
        when: the reply is given when the last message contains this text; empty for the next in turn.
        finish: why it stops.
    """

    text: str
    when: str = ""
    finish: Finish = Finish.STOP


class ScriptedChatModel:
    """Gives replies in order, or those that match what was asked.

    A reply with `when` is given each time its text stands in the last message; the others are given once
    each, in order.

    Attributes:
        name: of the script.
        style: writing style of the replies.
        requests: every conversation that was sent, for tests.
    """

    def __init__(
        self, replies: Sequence[str | Reply], *, name: str = "scripted", style: WritingStyle = "scalar"
    ) -> None:
        self.name = name
        self.style: WritingStyle = style
        self.requests: list[tuple[Message, ...]] = []
        written = [reply if isinstance(reply, Reply) else Reply(reply) for reply in replies]
        self._matching = [reply for reply in written if reply.when]
        self._in_turn = [reply for reply in written if not reply.when]
        self._given = 0
        self._lock = threading.Lock()

    @classmethod
    def from_file(cls, path: Path) -> ScriptedChatModel:
        """Read a script: `{"style": "scalar", "replies": ["...", {"when": "...", "text": "..."}]}`.

        A reply's text may be a JSON object; it is then written out.

        Raises:
            SettingsError: the file cannot be read or is not a script.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            style = content.get("style", "scalar")
            if style not in ("scalar", "indexed"):
                raise SettingsError(f"The script {path} has the style {style!r}; it must be scalar or indexed.")
            if not isinstance(content["replies"], list):
                raise TypeError("the replies are not a list")
            replies = [_reply(item) for item in content["replies"]]
        except OSError as error:
            raise SettingsError(f"The script {path} cannot be read ({error.strerror}).") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SettingsError(f'The script {path} is not of the form {{"replies": [...]}} ({error}).') from error
        return cls(replies, name=f"scripted:{path.name}", style=style)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        options: CompletionOptions = DEFAULT_COMPLETION_OPTIONS,
        on_event: OnChatEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> Completion:
        """Give the next reply; see `ChatModel.complete`."""
        if cancel is not None and cancel.is_set():
            raise ChatInterruptedError("The language model was stopped.")
        with self._lock:
            self.requests.append(tuple(messages))
            reply = self._choose(messages[-1].content)
        if on_event is not None:
            on_event(TokensArrived(reply.text))
        usage = Usage(
            prompt_tokens=sum(len(message.content.split()) for message in messages),
            completion_tokens=len(reply.text.split()),
        )
        return Completion(text=reply.text, finish=reply.finish, usage=usage, model=self.name)

    def _choose(self, question: str) -> Reply:
        for reply in self._matching:
            if reply.when in question:
                return reply
        if self._given == len(self._in_turn):
            raise ChatRequestError(f"The script has no reply left after {self._given}.")
        self._given += 1
        return self._in_turn[self._given - 1]


def _reply(item: object) -> Reply:
    if isinstance(item, str):
        return Reply(item)
    if not isinstance(item, dict):
        raise TypeError("a reply is a text or an object")
    if "text" not in item:
        return Reply(json.dumps(item))
    text = item["text"] if isinstance(item["text"], str) else json.dumps(item["text"])
    return Reply(text, when=str(item.get("when", "")))
