"""Has a language model say an explanation more fluently, and takes no number from it that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nl2opt.chat.base import CompletionOptions, Finish, Message
from nl2opt.pipeline.events import Step, StepStarted
from nl2opt.pipeline.prompts import plain_prompt, prompt

if TYPE_CHECKING:
    from nl2opt.chat.base import ChatModel
    from nl2opt.pipeline.after.run_options import RunOptions
    from nl2opt.verification.explanation_numbers import KnownNumbers

_TRIES: Final = 2
_MOST_TOKENS: Final = 1500
_SHOWN: Final = 5


def rewritten(text: str, numbers: KnownNumbers, chat_model: ChatModel, options: RunOptions) -> tuple[str, str]:
    """Return a text of the language model, and a note where it is not given.

    Args:
        text: the explanation from the templates.
        numbers: those that may stand in it.
        chat_model: which is asked.
        options: how long it may take, and who is told.

    Returns:
        The text, empty where each try held an invented number; and a note, empty where the text is given.

    Raises:
        ChatError: the language model could not be asked.
    """
    messages = [Message("system", plain_prompt("explain")), Message("user", text)]
    fault = ""
    for number in range(1, _TRIES + 1):
        if options.on_event is not None:
            options.on_event(StepStarted(step=Step.EXPLAIN, round=number, reason=fault))
        completion = chat_model.complete(
            messages,
            options=CompletionOptions(max_tokens=_MOST_TOKENS, timeout_seconds=options.formulate.timeout_seconds),
            on_event=options.on_event,
            cancel=options.cancel,
        )
        written = completion.text.strip()
        fault = _fault(written, completion.finish, numbers)
        if not fault:
            return written, ""
        messages += [Message("assistant", written or "-"), Message("user", prompt("explain_feedback", fault=fault))]
    return "", f"This is the text of the templates: what {chat_model.name} wrote was not taken. {fault}"


def _fault(text: str, finish: Finish, numbers: KnownNumbers) -> str:
    """Say what is wrong with a text; empty when nothing is."""
    if not text:
        return "It was empty."
    if finish is Finish.LENGTH:
        return "It was cut off before its end."
    invented = list(dict.fromkeys(stated.text for stated in numbers.invented_in(text)))
    if not invented:
        return ""
    shown = ", ".join(f"`{number}`" for number in invented[:_SHOWN])
    return f"These numbers are neither in the solution nor in the data: {shown}."
