"""Puts a question to whoever sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from nl2opt.pipeline.readings.asking import Choice, Question


def ask_at_terminal(question: Question) -> Choice | None:
    """Write a question to stderr, and return the choice that is typed; Enter takes the first one.

    Returns:
        The choice; `None` where there is no terminal to ask at, or the input ends: the question was written all the
            same.
    """
    _write("\n".join(question_lines(question)))
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()):
        _write(f"Nobody can be asked here; 1 is taken: {question.default.text}.")
        return None
    most = len(question.choices)
    while True:
        _write(f"A number from 1 to {most}, or Enter for 1: ", end="")
        line = sys.stdin.readline()
        if not line:
            _write("")
            return None
        typed = line.strip()
        if not typed:
            return question.default
        if typed.isdecimal() and 1 <= int(typed) <= most:
            return question.choices[int(typed) - 1]
        _write(f"`{typed}` is none of them.")


def question_lines(question: Question) -> Iterator[str]:
    """Yield a question with its choices, numbered from 1."""
    yield question.text
    if question.quote:
        yield f'  "{question.quote}"'
    for number, choice in enumerate(question.choices, start=1):
        outcome = f": {choice.outcome}" if choice.outcome else ""
        yield f"  {number}. {choice.text}{outcome}"


def _write(text: str, end: str = "\n") -> None:
    if sys.stderr is None:
        return
    # What a language model wrote must not steer a terminal.
    shown = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
    sys.stderr.write(shown + end)
    sys.stderr.flush()
