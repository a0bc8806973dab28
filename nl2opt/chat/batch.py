"""Many requests at once, through a pool of threads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from nl2opt.chat.base import DEFAULT_COMPLETION_OPTIONS, ChatModel, Completion, CompletionOptions, Message
from nl2opt.errors import ChatError


def complete_all(
    chat_model: ChatModel,
    conversations: Sequence[Sequence[Message]],
    *,
    options: CompletionOptions = DEFAULT_COMPLETION_OPTIONS,
    workers: int = 8,
    cancel: threading.Event | None = None,
) -> list[Completion | ChatError]:
    """Complete many conversations.

    Args:
        chat_model: asked from several threads at once.
        conversations: what is to be completed.
        options: for all of them.
        workers: requests in flight at most.
        cancel: set it to stop.

    Returns:
        For each conversation, in order, the completion, or the error that kept it from coming.

    Raises:
        StoreError: the completion cache cannot be used; like any other failure that is no `ChatError`, it
            stops what is under way.
    """
    stop = cancel if cancel is not None else threading.Event()

    def one(messages: Sequence[Message]) -> Completion | ChatError:
        try:
            return chat_model.complete(messages, options=options, cancel=stop)
        except ChatError as error:
            return error

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        try:
            return list(pool.map(one, conversations))
        except BaseException:
            stop.set()
            raise
