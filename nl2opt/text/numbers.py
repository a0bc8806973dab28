"""Finds the numbers of a text, in digits and in English words, with every plausible reading."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from nl2opt.text.spoken import SCALES, WORDS, Spoken, spoken_numbers

_SUFFIXES: Final = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000, "dozen": 12, **SCALES}
_MULTIPLES: Final = ("double", "triple")
_AFTER_MULTIPLE: Final = re.compile(r"\s+(?:the|that|as|its|their|this|last|what)\b", re.IGNORECASE)
"""What follows "double" when it is a number: "double the demand", not "double room"."""
_AFTER_FRACTION: Final = re.compile(
    r"\s*(?:$|[^\w\s]|(?:of|as|more|less|fewer|the|and|or|to|from|in|on|by|for|at|with|is|are)\b)", re.IGNORECASE
)
"""What follows "a third" when it is a fraction: "a third of", not "a third machine"."""
_WEAK_LIMIT: Final = 12
"""Counting words up to here ("two types of cake") are often no data."""
_LARGEST_LABEL: Final = 100
_LABEL: Final = re.compile(
    r"(?:\b(?:type|product|item|machine|plant|factory|project|option|model|warehouse|city|stage|step|phase|class|grade"
    r"|group|task|job|site|route|zone|team|node|no\.?|number|question|figure|table|section|chapter|appendix|equation"
    r"|page|version|row|column)s?|#)[ \t]*$",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(
    r"(?:\b(?:Tables?|Tab\.|Figures?|Fig\.|Sections?|Chapters?|Equations?|Eq\.|Examples?|Exercises?|Appendix)"
    r"[ \t]*(?:\d+[-–.])?|[A-Za-z\\]_\{?)$"
)
"""What stands before the number of a table ("Table 3.3", "Table 1-18"), or before an index in LaTeX ("p_{3}")."""
_IN_MULTIPLES: Final = re.compile(r"(?:\bin\s+|\(\s*|/[ \t]*)$", re.IGNORECASE)
"""What stands before the unit of a table: "in ten thousand yuan", "demand/1000 boxes"."""
_MULTIPLES_OF_UNITS: Final = (1e3, 1e4, 1e5, 1e6)
_NO_LABEL: Final = re.compile(r"\b(?:each|every|per|any|no)\s+\w+[ \t]*$", re.IGNORECASE)
"""In "each machine 8 hours" the 8 is not the name of the machine."""
_LAST_WORD: Final = re.compile(r"\b([A-Za-z]+)[ \t]+$")
_NUMBERED_NAME: Final = re.compile(r"(?<=[a-z,;:] )([A-Z][a-z]+)[ \t]+\d{1,3}\b")
_NUMBERED_LIST: Final = re.compile(r"\b([A-Za-z]+)[ \t]+\d{1,3}(?:,|,? and|,? or)[ \t]+\1[ \t]+\d{1,3}\b")
_MONTH: Final = (
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?[ \t]+"
)
_DAY: Final = re.compile(_MONTH + r"$")
_YEAR: Final = re.compile(rf"(?:\b(?i:in|since|until|during|years?)\s+|{_MONTH}(?:\d{{1,2}},?[ \t]+)?)$")
_HALF_OF_A_WHOLE: Final = re.compile(r"\b(?:first|second|other|latter)\s+$", re.IGNORECASE)
_RATIO: Final = re.compile(r"\b(?:ratios?|proportions?|odds|scale)\b[^.;\n]*$", re.IGNORECASE)
_ENUMERATION: Final = re.compile(r"^[ \t]*\(?$", re.MULTILINE)
_PERCENT: Final = r"[ \t]*-?(?:%|(?i:per[ \t]?cent(?:age[ \t]points?)?|pct)\b)"
_TOKEN: Final = re.compile(
    r"(?P<clock>(?<![\w:.,/])(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?![\d:]))"
    r"|(?P<sign>(?<![^\s(\[=:,])[-−](?=\.?\d))?"
    r"(?P<digits>(?:(?<!\w)(?<!\d\.)|(?<=\d[xX]))"
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+(?!\d)(?:\.\d+)?"
    r"|\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"(?:(?P<slash>[ \t]*/[ \t]*(?P<divisor>\d+)(?![\w.]))"
    r"|(?P<ordinal>(?:st|nd|rd|th)\b)"
    r"|(?P<half>[ \t]+and[ \t]+(?:a|one)[ \t-]half\b))?"
    rf"(?P<percent>{_PERCENT})?"
    r"(?P<scale>[ \t-]*(?:[kK]|[mM]|(?i:mn|bn|dozen|hundred|thousand|million|billion))\b)?"
    r"|(?P<vulgar>[¼½¾⅐-⅞])"
    r"|(?P<word>\b[A-Za-z]+\b)"
)
_PERCENT_AFTER: Final = re.compile(_PERCENT)
_LONGEST_GROUPED: Final = 12
"""A number grouped by spaces has at most this many digits before its last group."""
_RANGE: Final = re.compile(r"\s*(?:[-–—]|to|and|or)\s*")
_WINDOW: Final = 40
"""How many characters around a number are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextNumber:
    """One number of a text.

    Attributes:
        text: the words, as they stand: `problem[start:end]`.
        start, end: where.
        values: plausible readings, the likeliest first: "60%" is 0.6 and 60.
        weak: whether it may well be no data: a small counting word, a label ("machine 2"), an ordinal, a date, a
            time of the day, the number of a list entry.
    """

    text: str
    start: int
    end: int
    values: tuple[float, ...]
    weak: bool = False


@lru_cache(maxsize=4)
def numbers_in(text: str) -> tuple[TextNumber, ...]:
    """Return the numbers of a text in order, in time linear in its length."""
    found: list[TextNumber] = []
    words: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        if words and not _touch(text, words[-1], match):
            found += _in_words(text, words)
            words = []
        word = match.group("word")
        if word is not None and _may_belong(word.lower(), text, match.end()):
            words.append(match)
            continue
        found += _in_words(text, words)
        words = []
        if word is None:
            found += _written(text, match)
    found += _in_words(text, words)
    return tuple(_joined(text, found))


# -- digits -------------------------------------------------------------------------------------------


def _written(text: str, match: re.Match[str]) -> Iterator[TextNumber]:
    """Read a number in digits with what follows it; two for a ratio, none for one beyond what a float holds."""
    if match.group("clock"):
        yield from _clock(text, match)
        return
    start, end = match.span()
    if match.group("vulgar"):
        value = unicodedata.numeric(match.group("vulgar"))
        yield TextNumber(text=text[start:end], start=start, end=end, values=(value,))
        return
    values = _values(text, match)
    if all(map(math.isfinite, values)):
        yield TextNumber(
            text=text[start:end], start=start, end=end, values=tuple(dict.fromkeys(values)), weak=_is_weak(text, match)
        )


def _values(text: str, match: re.Match[str]) -> list[float]:
    """Return the readings of a number in digits, the likeliest first."""
    value = float(re.sub(r"[,\u00a0\u2009\u202f]", "", match.group("digits")))
    values = [value]
    if match.group("slash"):
        divisor = float(match.group("divisor"))
        values = [value / divisor, value, divisor] if divisor else [value]
    elif match.group("half"):
        values = [value + 0.5, value]
    if match.group("percent"):
        values = [values[0] / 100, *values]
    if match.group("scale"):
        word = match.group("scale").strip(" \t-")
        scaled = values[0] * _SUFFIXES[word.lower()]
        is_metre = word == "m" and text[max(0, match.start() - 1) : match.start()] not in ("$", "€", "£")
        values = [*values, scaled] if is_metre else [scaled, *values]
    return [-value for value in values] + values if match.group("sign") else values


def _is_weak(text: str, match: re.Match[str]) -> bool:
    """Whether a number in digits may well be no data."""
    value, (start, end) = float(re.sub(r"[^\d.eE+-]", "", match.group("digits"))), match.span()
    if match.group("ordinal") or match.group() == "24/7":
        return True
    just_before = text[max(0, start - _WINDOW) : start]
    if not match.group("percent") and _TITLE.search(just_before) is not None:
        return True
    if value in _MULTIPLES_OF_UNITS and not match.group("scale") and just_before.rstrip().endswith("/"):
        return True
    if match.group("percent") or match.group("scale") or match.group("half") or not value.is_integer():
        return False
    window = max(0, start - _WINDOW)
    before = text[window:start]
    label = value <= _LARGEST_LABEL and _is_label(text, before)
    at_line_start = _ENUMERATION.search(text, text.rfind("\n", window, start) + 1 or window, start) is not None
    enumerated = at_line_start and text[end : end + 1] in (".", ")", ":") and value < 100
    day = value <= 31 and _DAY.search(before) is not None
    year = 1900 <= value <= 2100 and "," not in match.group("digits") and _YEAR.search(before) is not None
    return label or enumerated or day or year


def _is_label(text: str, before: str) -> bool:
    """Whether a number behind some words is part of a name: "machine 2", or "beam 2" where another is "Beam 1"."""
    if _LABEL.search(before) is not None:
        return _NO_LABEL.search(before) is None
    word = _LAST_WORD.search(before)
    return word is not None and word[1].lower() in _numbered_names(text)


@lru_cache(maxsize=8)
def _numbered_names(text: str) -> frozenset[str]:
    """Return the words that are names by their numbers, in lower case: "a Beam 1", "lab 1 and lab 2"."""
    found = (match[1].lower() for pattern in (_NUMBERED_NAME, _NUMBERED_LIST) for match in pattern.finditer(text))
    return frozenset(found)


def _clock(text: str, match: re.Match[str]) -> Iterator[TextNumber]:
    """Read "8:30": a time of the day, in hours or minutes, or a ratio of two numbers."""
    start, end = match.span()
    hour, minute = float(match.group("hour")), float(match.group("minute"))
    if hour <= 24 and _RATIO.search(text[max(0, start - _WINDOW) : start]) is None:
        values = (hour + minute / 60, hour, minute, 60 * hour + minute)
        yield TextNumber(text=match.group(), start=start, end=end, values=tuple(dict.fromkeys(values)), weak=True)
        return
    for group, value in (("hour", hour), ("minute", minute)):
        yield TextNumber(text=match.group(group), start=match.start(group), end=match.end(group), values=(value,))


# -- words --------------------------------------------------------------------------------------------


def _touch(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    """Whether only spaces and hyphens stand between two words, and no paragraph ends there."""
    between = text[first.end() : second.start()]
    return re.fullmatch(r"[\s-]*", between) is not None and between.count("\n") <= 1


def _may_belong(word: str, text: str, end: int) -> bool:
    """Whether a word may be part of a number in words."""
    return word in WORDS and (word not in _MULTIPLES or _AFTER_MULTIPLE.match(text, end) is not None)


def _in_words(text: str, words: list[re.Match[str]]) -> Iterator[TextNumber]:
    """Read the numbers in a run of words."""
    for spoken in spoken_numbers([word.group().lower() for word in words]):
        start, end = words[spoken.start].start(), words[spoken.end - 1].end()
        percent = _PERCENT_AFTER.match(text, end)
        values = spoken.values
        weak = _is_weak_in_words(text, spoken, start, end)
        if percent:
            values, end, weak = (values[0] / 100, *values), percent.end(), False
        yield TextNumber(text=text[start:end], start=start, end=end, values=values, weak=weak)


def _is_weak_in_words(text: str, spoken: Spoken, start: int, end: int) -> bool:
    if spoken.article:
        return _AFTER_FRACTION.match(text, end) is None
    if spoken.values == (0.5,):
        return _HALF_OF_A_WHOLE.search(text[max(0, start - _WINDOW) : start]) is not None
    if spoken.values[0] in _MULTIPLES_OF_UNITS and _IN_MULTIPLES.search(text[max(0, start - _WINDOW) : start]):
        return True
    return (spoken.counts and spoken.values[0] <= _WEAK_LIMIT) or text[start:end].lower() == "dozens"


# -- numbers that belong together ---------------------------------------------------------------------


def _joined(text: str, found: list[TextNumber]) -> list[TextNumber]:
    """Join "2 1/2" and "1 000 000", and give "1 200" and "10-20%" the readings that they have together."""
    joined: list[TextNumber] = []
    for number in found:
        previous = joined[-1] if joined else None
        if previous is None:
            joined.append(number)
            continue
        between = text[previous.end : number.start]
        if _is_mixed(previous, number, between):
            joined[-1] = _one(text, previous, number, previous.values[0] + number.values[0])
        elif _is_group(number, between) and previous.text.replace(" ", "").isdecimal():
            _join_groups(text, joined, number)
        elif _is_percentage(number) and not _is_percentage(previous) and _RANGE.fullmatch(between):
            share = previous.values[0] / 100
            joined[-1] = replace(previous, values=(share, *previous.values))
            joined.append(number)
        else:
            joined.append(number)
    return joined


def _one(text: str, first: TextNumber, second: TextNumber, value: float) -> TextNumber:
    """Join two numbers into one; what they are on their own stays possible."""
    start, end = first.start, second.end
    values = tuple(dict.fromkeys((value, *first.values, *second.values)))
    return TextNumber(text=text[start:end], start=start, end=end, values=values)


def _is_mixed(whole: TextNumber, part: TextNumber, between: str) -> bool:
    """Whether two numbers are one mixed one: "2 1/2", "2-1/2", "1½"."""
    is_fraction = re.fullmatch(r"\d+/\d+|[¼-¾⅐-⅞]", part.text) is not None and 0 < part.values[0] < 1
    return is_fraction and whole.text.isdecimal() and (between in (" ", "-") or (not between and len(part.text) == 1))


def _is_group(number: TextNumber, between: str) -> bool:
    return between == " " and len(number.text) == 3 and number.text.isdecimal()


def _join_groups(text: str, joined: list[TextNumber], number: TextNumber) -> None:
    """Read groups of three digits behind a space as thousands.

    A group that begins with 0 ("1 000") can only be one; "1 200" may also be the neighbours in a table, so
    it stays two numbers, each with the reading of both together.
    """
    previous = joined[-1]
    digits = previous.text.replace(" ", "")
    together = float(digits + number.text)
    leading = len(previous.text.split(" ", 1)[0]) <= 3
    if leading and number.text.startswith("0") and len(digits) <= _LONGEST_GROUPED:
        joined[-1] = replace(number, text=text[previous.start : number.end], start=previous.start, values=(together,))
    elif leading and len(digits) <= 3:
        joined[-1] = replace(previous, values=(*previous.values, together))
        joined.append(replace(number, values=(*number.values, together)))
    else:
        joined.append(number)


def _is_percentage(number: TextNumber) -> bool:
    return re.search(_PERCENT + "$", number.text) is not None


# -- sentences ----------------------------------------------------------------------------------------

_SENTENCE_END: Final = re.compile(r"(?<=[.!?;])\s+(?=[\"'(A-Z0-9$])|\n+")
_CLAUSE_END: Final = re.compile(r"(?<=[,:])\s+(?!\d)")
_LONGEST_SENTENCE: Final = 2000
_LONG_SENTENCE: Final = 120


def sentence_around(text: str, start: int, end: int) -> str:
    """Return the sentence that holds `text[start:end]`, on one line; at most 2,000 characters to each side."""
    before, after = _around(_SENTENCE_END, text, start, end, 0, len(text))
    return " ".join(text[before:after].split())


def clause_around(text: str, start: int, end: int) -> str:
    """Return the clause that holds `text[start:end]`: its sentence, cut at commas when that is long."""
    before, after = _around(_SENTENCE_END, text, start, end, 0, len(text))
    sentence = " ".join(text[before:after].split())
    if len(sentence) <= _LONG_SENTENCE:
        return sentence
    before, after = _around(_CLAUSE_END, text, start, end, before, after)
    return " ".join(text[before:after].split()).rstrip(",:")


def _around(separator: re.Pattern[str], text: str, start: int, end: int, first: int, last: int) -> tuple[int, int]:
    """Return the stretch within `first` and `last`, between two separators, that holds `text[start:end]`."""
    first, last = max(first, start - _LONGEST_SENTENCE), min(last, end + _LONGEST_SENTENCE)
    before = max((match.end() for match in separator.finditer(text, first, start)), default=first)
    following = separator.search(text, end, last)
    return before, following.start() if following else last
