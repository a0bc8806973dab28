"""Finds the numbers of a text, in digits and in English words, with every plausible reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_SUFFIXES: Final = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000, **_SCALES}
_WHOLES: Final = {
    "once": 1.0, "twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0, "half": 0.5, "halves": 0.5,
    "quarter": 0.25, "quarters": 0.25, "third": 1 / 3, "thirds": 1 / 3, "fifth": 0.2, "fifths": 0.2,
    "tenth": 0.1, "tenths": 0.1, "dozen": 12.0, "dozens": 12.0,
}  # fmt: skip
_FRACTION_WORDS: Final = {
    "half",
    "halves",
    "quarter",
    "quarters",
    "third",
    "thirds",
    "fifth",
    "fifths",
    "tenth",
    "tenths",
}
_ORDINAL_WORDS: Final = {"third", "fifth", "tenth", "quarter"}
"""Words that are fractions only after a number or an article: "a third", "two fifths", not "the third"."""
_WEAK_LIMIT: Final = 12
"""Counting words up to here ("two types of cake") are often no data."""
_LABEL: Final = re.compile(
    r"(?:type|product|item|machine|plant|factory|project|option|model|warehouse|city|stage|step|phase|class|grade|group"
    r"|task|job|site|route|zone|team|node|no\.?|number|question|figure|table|#)s?[ \t]*$",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(
    r"(?P<digits>(?<![\w.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"(?P<slash>\s*/\s*\d+(?![\w.]))?"
    r"(?P<percent>\s*%|\s*per\s?cent\b|\s+percent\b)?"
    r"(?P<scale>\s*(?:k|m|bn)\b|\s+(?:hundred|thousand|million|billion)\b)?"
    r"|(?P<word>\b[A-Za-z]+\b)",
)
_ENUMERATION: Final = re.compile(r"(?:^|\n)[ \t]*\(?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextNumber:
    """One number of a text.

    Attributes:
        text: the words, as they stand.
        start, end: where.
        values: plausible readings, the likeliest first: "60%" is 0.6 and 60.
        weak: whether it may well be no data: a small counting word, a label ("machine 2"), a year, the
            number of a list entry.
    """

    text: str
    start: int
    end: int
    values: tuple[float, ...]
    weak: bool = False


def numbers_in(text: str) -> tuple[TextNumber, ...]:
    """Return the numbers of a text in order, in time linear in its length."""
    found: list[TextNumber] = []
    words: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        if words and not _touch(text, words[-1], match):
            found += _spoken(text, words)
            words = []
        word = match.group("word")
        if word is not None and _is_number_word(word.lower(), bool(words), text, match):
            words.append(match)
            continue
        found += _spoken(text, words)
        words = []
        if match.group("digits") is not None:
            found.append(_written(text, match))
    found += _spoken(text, words)
    return tuple(found)


def _written(text: str, match: re.Match[str]) -> TextNumber:
    """Read a number in digits with what follows it."""
    value = float(match.group("digits").replace(",", ""))
    values = [value]
    if match.group("slash"):
        divisor = float(match.group("slash").strip(" /\t\n"))
        values = [value / divisor, value, divisor] if divisor else [value]
    elif match.group("percent"):
        values = [value / 100, value]
    if match.group("scale"):
        factor = _SUFFIXES[match.group("scale").strip().lower()]
        values = [value * factor, value]
    end = match.end()
    before = text[max(0, match.start() - 24) : match.start()]
    after = text[end : end + 2]
    label = _LABEL.search(before) is not None and value == int(value)
    enumerated = _ENUMERATION.search(before) is not None and after[:1] in (".", ")", ":") and value < 100
    year = 1900 <= value <= 2100 and "," not in match.group("digits") and before.endswith((" in ", "year "))
    return TextNumber(
        text=text[match.start() : end],
        start=match.start(),
        end=end,
        values=tuple(values),
        weak=label or enumerated or year,
    )


def _touch(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    """Whether only spaces and hyphens stand between two words."""
    return re.fullmatch(r"[\s-]*", text[first.end() : second.start()]) is not None


def _is_number_word(word: str, adjacent: bool, text: str, match: re.Match[str]) -> bool:
    """Whether a word is a number, or goes on with the number that the words right before it began."""
    if word in _UNITS or word in _TENS:
        return True
    if word in _SCALES:
        return adjacent
    if word in ("a", "an", "one"):
        following = re.match(r"\s+([A-Za-z]+)", text[match.end() : match.end() + 20])
        next_word = following.group(1).lower() if following else ""
        return next_word in _SCALES or next_word in _FRACTION_WORDS or next_word in ("dozen", "half")
    if word == "and":
        return adjacent and _continues_with_number(text, match.end())
    if word in _ORDINAL_WORDS:
        return adjacent
    if word in ("double", "triple"):
        return _continues_with(text, match.end(), ("the", "that", "as"))
    return word in _WHOLES


def _continues_with(text: str, place: int, words: tuple[str, ...]) -> bool:
    following = re.match(r"\s+([A-Za-z]+)", text[place : place + 20])
    return following is not None and following.group(1).lower() in words


def _continues_with_number(text: str, place: int) -> bool:
    following = re.match(r"\s+([A-Za-z]+)(?:\s+([A-Za-z]+))?", text[place : place + 40])
    if following is None:
        return False
    word, second = following.group(1).lower(), (following.group(2) or "").lower()
    return word in _UNITS or word in _TENS or (word == "a" and second in _FRACTION_WORDS)


def _spoken(text: str, words: list[re.Match[str]]) -> list[TextNumber]:
    """Read a run of number words: "one hundred and fifty", "two and a half", "a dozen"."""
    if not words:
        return []
    start, end = words[0].start(), words[-1].end()
    spoken = [word.group().lower() for word in words]
    value = _value_of(spoken)
    if value is None:
        return []
    percent = re.match(r"\s*(?:%|per\s?cent\b)", text[end : end + 12])
    values: tuple[float, ...] = (value,)
    if percent:
        end += percent.end()
        values = (value / 100, value)
    weak = not percent and value <= _WEAK_LIMIT and value == int(value) and spoken[-1] not in _WHOLES
    return [TextNumber(text=text[start:end], start=start, end=end, values=values, weak=weak)]


def _value_of(words: list[str]) -> float | None:
    """Return the number that a run of words says; `None` when it says none."""
    total = current = 0.0
    seen = False
    for word in words:
        if word in _UNITS:
            current, seen = current + _UNITS[word], True
        elif word in _TENS:
            current, seen = current + _TENS[word], True
        elif word == "hundred":
            current, seen = max(current, 1.0) * 100, True
        elif word in _SCALES:
            total, current, seen = total + max(current, 1.0) * _SCALES[word], 0.0, True
        elif word in _FRACTION_WORDS and current and not total and "and" not in words:
            current, seen = current * _WHOLES[word], True
        elif word in ("dozen", "dozens"):
            current, seen = max(current, 1.0) * 12, True
        elif word in _WHOLES:
            current, seen = current + _WHOLES[word], True
    return total + current if seen else None


_SENTENCE_END: Final = re.compile(r"(?<=[.!?;])\s+(?=[\"'(A-Z0-9$])|\n+")


def sentence_around(text: str, start: int, end: int) -> str:
    """Return the sentence that holds a piece of text, on one line."""
    before = 0
    for match in _SENTENCE_END.finditer(text, max(0, start - 2000), start):
        before = match.end()
    before = before or max(0, start - 2000)
    after = _SENTENCE_END.search(text, end, min(len(text), end + 2000))
    return " ".join(text[before : after.start() if after else min(len(text), end + 2000)].split())


def clause_around(text: str, start: int, end: int) -> str:
    """Return the clause that holds a piece of text: its sentence, cut at commas when that is long."""
    sentence = sentence_around(text, start, end)
    if len(sentence) <= 120:
        return sentence
    parts = re.split(r"(?<=[,:]) (?!\d)", sentence)
    piece = " ".join(text[start:end].split())
    offset = 0
    wanted = max(0, sentence.find(" ".join(text[max(0, start - 15) : end].split())))
    for part in parts:
        if offset + len(part) > wanted and piece in part:
            return part.rstrip(",:")
        offset += len(part) + 1
    return sentence
