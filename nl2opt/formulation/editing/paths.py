"""Paths to places in a formulation: `variables.make.domain`, `parameters.cost.value.a,b`.

A path is made of steps with dots between them. A step that holds a dot, is empty, or begins or ends with a space
or a quotation mark is written as a JSON text: `parameters.cost.value."v1.2"`. Elements of lists are named by their
name or text, or numbered from 0; a step of digits is a number in a list, unless it is written as a JSON text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.language.mistakes import ExpressionError

_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path.

    Attributes:
        text: the name, key, element or number.
        quoted: whether it was written as a JSON text, which is never a number.
    """

    text: str
    quoted: bool = False

    @property
    def number(self) -> int | None:
        """The number that the step is; `None` when it is a name."""
        return int(self.text) if not self.quoted and _NUMBER.fullmatch(self.text) else None

    def __str__(self) -> str:
        needs_quotes = (
            self.quoted or not self.text or "." in self.text or self.text.strip(' "\t') != self.text
        ) or not self.text.isprintable()
        return json.dumps(self.text, ensure_ascii=False) if needs_quotes else self.text


def split_path(path: str) -> tuple[Step, ...]:
    """Return the steps of a path.

    Raises:
        ExpressionError: a step is empty, or a JSON text has no end.
    """
    steps: list[Step] = []
    place = 0
    while True:
        if path[place : place + 1] == '"':
            step, place = _quoted(path, place)
        else:
            end = path.find(".", place)
            end = len(path) if end < 0 else end
            step, place = Step(path[place:end].strip()), end
        if not step.text and not step.quoted:
            mend = 'Write steps with single dots between them, as in `constraints.labour`; an empty key is `""`.'
            raise ExpressionError("path", "a step of the path is empty", text=path, mend=mend)
        steps.append(step)
        if place >= len(path):
            return tuple(steps)
        place += 1


def _quoted(path: str, place: int) -> tuple[Step, int]:
    try:
        text, end = json.JSONDecoder().raw_decode(path, place)
    except ValueError:
        end = -1
    if end < 0 or path[end : end + 1] not in ("", "."):
        mend = 'Close the quotation mark, as in `value."v1.2"`.'
        raise ExpressionError("path", "a quoted step of the path has no end", text=path, mend=mend)
    return Step(text, quoted=True), end


def join_path(keys: Iterable[object]) -> str:
    """Return the path of keys and numbers; what `split_path` would read differently is quoted."""
    return ".".join(str(Step(str(key))) for key in keys)
