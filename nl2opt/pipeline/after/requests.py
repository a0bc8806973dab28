"""What a person asks to be changed, read from objects or from the little grammar of words; names are not looked at.

    hours = 440, profit[chair] up 10 %, raise capacity by 5, double demand[north], make.upper to 30, without labour

The grammar is mechanical: no language model is needed, and nothing of it is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nl2opt.errors import ChangeError
from nl2opt.formulation.findings import Finding

_MOST_CHARACTERS: Final = 10_000
_TARGET: Final = r"(?P<target>[^\W\d][^=<>]*?)"
_FORMS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:without|switch\s+off|drop)\s+(?:the\s+)?(?P<off>[^\W\d].*)",
        r"(?:with|switch\s+on)\s+(?:the\s+)?(?P<on>[^\W\d].*)",
        rf"(?P<verb>raise|increase|lift|lower|reduce|decrease|cut)\s+(?:the\s+)?{_TARGET}\s+by\s+(?P<size>.+)",
        rf"(?:raise|increase|lift|lower|reduce|decrease|cut|set|change|put)\s+(?:the\s+)?{_TARGET}\s+to\s+(?P<value>.+)",
        rf"(?P<multiple>double|triple|half|halve)\s+(?:of\s+)?(?:the\s+)?{_TARGET}",
        rf"(?P<more>[\d.]+\s*(?:%|per\s?cent)?)\s+(?P<way>more|less)\s+{_TARGET}",
        rf"{_TARGET}\s*\+=\s*(?P<plus>.+)",
        rf"{_TARGET}\s*-=\s*(?P<minus>.+)",
        rf"{_TARGET}\s*(?:=|:)\s*(?P<value>.+)",
        rf"{_TARGET}\s+(?P<switch>on|off)",
        rf"{_TARGET}\s+(?P<value>(?:up|down|plus|minus|higher|lower|more|less|to|at|is|becomes)\s.+)",
        rf"{_TARGET}\s+(?P<value>doubled?|tripled?|half|halved)",
        rf"{_TARGET}\s+(?:by\s+)?(?P<value>[-+−]\s*[\d.].*)",
        rf"{_TARGET}\s+(?P<value>[$€£]?[\d.]+)",
    )
)  # fmt: skip
_LOWERED: Final = ("lower", "reduce", "decrease", "cut")
_SEPARATOR: Final = re.compile(r"\s*(?:[,;\n]\s*|\band\s+)(?:and\s+)?", re.IGNORECASE)
_EXAMPLES: Final = (
    "Write `hours = 440`, `hours up 10 %`, `double demand[north]`, `make.upper to 30` or `without labour`."
)


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that is to change.

    Attributes:
        target: the name as it was written, with its entry: `profit[chair]`, `make.upper`.
        value: a number, or a text that means an amount; a tuple of these for scenarios; `True` or `False` switches a
            constraint on or off.
        text: what was written, for messages.
    """

    target: str
    value: Any
    text: str


def requests_of(what: Mapping[str, Any] | str | None, without: tuple[str, ...] = ()) -> tuple[Request, ...]:
    """Return what is asked for.

    Args:
        what: by name a value, or a text of the grammar; `None` for nothing.
        without: names of constraints to switch off.

    Raises:
        ChangeError: a part of the text is not of the grammar, or nothing is asked for.
    """
    found: list[Request] = []
    if isinstance(what, str):
        found += _of_text(what)
    elif isinstance(what, Mapping):
        for name, value in what.items():
            found += _of_entry(str(name), value)
    elif what is not None:
        message = f"what is to change is a {type(what).__name__}, not names with values"
        raise ChangeError([Finding(code="request", message=message, mend='Write {"hours": 440}, or a text.')])
    found += [Request(name, False, f"without {name}") for name in without]
    if not found:
        raise ChangeError([Finding(code="request", message="nothing is to be changed", mend=_EXAMPLES)])
    return tuple(found)


def _of_entry(name: str, value: Any) -> Iterator[Request]:
    """Yield the requests of one name of an object; entries one by one."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            parts = ", ".join(map(str, key)) if isinstance(key, tuple | list) else str(key)
            inner = f"{name[:-1]}, {parts}]" if name.endswith("]") else f"{name}[{parts}]"
            yield from _of_entry(inner, item)
    elif isinstance(value, list | tuple | range | np.ndarray):
        yield Request(name, tuple(value), f"{name} = {list(value)}")
    else:
        yield Request(name, value, f"{name} = {value}")


def _of_text(text: str) -> list[Request]:
    if len(text) > _MOST_CHARACTERS:
        message = f"the text has {len(text):,} characters; at most {_MOST_CHARACTERS:,} are read"
        raise ChangeError([Finding(code="request", message=message)])
    found: list[Request] = []
    wrong: list[Finding] = []
    for clause in clauses_of(text):
        request = _of_clause(clause)
        if request is None and found and found[-1].value is False and clause.isidentifier():
            request = Request(clause, False, clause)  # the second of `without labour and market`
        if request is None:
            message = f"`{_short(clause)}` is not understood"
            wrong.append(Finding(code="request", message=message, mend=_EXAMPLES))
        else:
            found.append(request)
    if wrong:
        raise ChangeError(wrong)
    return found


def clauses_of(text: str) -> list[str]:
    """Return the parts of a text that commas, semicolons and `and` separate outside of brackets and quotes."""
    clauses: list[str] = []
    start = place = depth = 0
    quote = ""
    while place < len(text):
        character = text[place]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" and depth:
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth = max(0, depth - 1)
        elif not depth and (found := _SEPARATOR.match(text, place)) and not _within_number(text, place):
            is_word = found[0].strip().lower() == "and" and place > 0 and not text[place].isspace()
            if not is_word:
                clauses.append(text[start:place])
                start = place = found.end()
                continue
        place += 1
    clauses.append(text[start:])
    return [clause.strip().rstrip(".").strip() for clause in clauses if clause.strip(" .\n\t")]


def _within_number(text: str, place: int) -> bool:
    """Whether a comma stands between digits, as in `1,200`, so that it may belong to a number."""
    around = text[place - 1 : place + 2] if place else ""
    return len(around) == 3 and around[1] == "," and around[0].isdigit() and around[2].isdigit()


def _of_clause(clause: str) -> Request | None:
    words = " ".join(clause.split())
    for form in _FORMS:
        found = form.fullmatch(words)
        if found is None:
            continue
        parts = {key: part for key, part in found.groupdict().items() if part is not None}
        if "off" in parts or "on" in parts:
            return Request(parts.get("off") or parts["on"], "on" in parts, clause)
        return Request(parts["target"].strip(), _value(parts), clause)
    return None


def _value(parts: Mapping[str, str]) -> Any:
    """Return the value that the parts of a clause mean."""
    if "switch" in parts:
        return parts["switch"].lower() == "on"
    if "verb" in parts:
        return f"{'down' if parts['verb'].lower() in _LOWERED else 'up'} {parts['size']}"
    if "multiple" in parts:
        return {"double": "doubled", "triple": "tripled"}.get(parts["multiple"].lower(), "halved")
    if "more" in parts:
        return f"{'up' if parts['way'].lower() == 'more' else 'down'} {parts['more']}"
    if "plus" in parts:
        return f"up {parts['plus']}"
    if "minus" in parts:
        return f"down {parts['minus']}"
    value = parts["value"].strip()
    if value.startswith("[") and value.endswith("]"):
        return tuple(part.strip() for part in value[1:-1].split(",") if part.strip())
    return value


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
