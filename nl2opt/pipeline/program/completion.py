"""Gets the program out of what a language model wrote."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nl2opt.chat.base import Completion, Finish
from nl2opt.pipeline.completion import CompletionError

_FENCE: Final = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<language>[\w+#.-]*)[^\n]*$", re.MULTILINE)
_PYTHON: Final = ("python", "py", "python3", "")
_IMPORT: Final = re.compile(r"^(?:import|from)[ \t]+\w", re.MULTILINE)
_INSTALL: Final = re.compile(r"^[ \t]*[!%]pip\b.*\n?", re.MULTILINE)
"""A command of notebooks, which is no Python and has nothing to do here."""
_NOT_A_PROBLEM: Final = re.compile(r"\A\W*NOT[ _]A[ _]PROBLEM\b[:.\s*-]*(?P<why>[^\n]*)", re.IGNORECASE)
_AGAIN: Final = "Answer with one ```python block that holds the whole program."


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of a completion between fences."""

    text: str
    is_python: bool
    is_closed: bool


def not_a_problem_in(text: str) -> str:
    """Return why the chat model sees no decision problem; empty when it does."""
    found = _NOT_A_PROBLEM.match(text)
    return (found["why"].strip() or "it asks for no decision") if found is not None else ""


def program_in(completion: Completion) -> str:
    """Return the program in a completion, with a line end at its end.

    It stands between fences, or is the whole text. Of several blocks of Python the last one that imports something is
    taken, for that is where a model that corrects itself ends; blocks in other languages, such as commands that install
    something, are passed over, and so are such commands of notebooks. A last fence that is missing is forgiven.

    Raises:
        CompletionError: there is no program, or it is cut off.
    """
    blocks = [block for block in _blocks(completion.text) if block.is_python and block.text.strip()]
    programs = [block for block in blocks if _IMPORT.search(block.text)] or blocks
    if completion.finish is Finish.LENGTH and (not programs or not programs[-1].is_closed):
        raise CompletionError("The program was cut off because it was too long. Write it again, shorter.")
    if programs:
        return _INSTALL.sub("", programs[-1].text).strip("\n") + "\n"
    bare = _IMPORT.search(completion.text)
    if bare is None or _FENCE.search(completion.text):
        raise CompletionError(f"There is no program in the answer. {_AGAIN}")
    return completion.text[bare.start() :].strip("\n") + "\n"


def _blocks(text: str) -> Iterator[_Block]:
    """Yield what stands between fences; a last one without an end runs to the end of the text."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence["mark"][0] == opened["mark"][0] and len(fence["mark"]) >= len(opened["mark"]):
            yield _block(opened, text[opened.end() : fence.start()], is_closed=True)
            # A fence with a language after an open one begins the next block; the end of the last was forgotten.
            opened = fence if fence["language"] else None
    if opened is not None:
        yield _block(opened, text[opened.end() :], is_closed=False)


def _block(opened: re.Match[str], text: str, *, is_closed: bool) -> _Block:
    return _Block(textwrap.dedent(text), opened["language"].lower() in _PYTHON, is_closed)
