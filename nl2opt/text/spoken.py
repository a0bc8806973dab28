"""Reads numbers that are written out in English words: "one hundred and fifty", "two and a half million"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_PORTIONS: Final = {
    "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fourth": 1 / 4, "fifth": 1 / 5, "sixth": 1 / 6,
    "seventh": 1 / 7, "eighth": 1 / 8, "ninth": 1 / 9, "tenth": 1 / 10, "twentieth": 1 / 20, "hundredth": 1 / 100,
}  # fmt: skip
"""Words that are fractions after an article or a number: "a third", "one quarter", not "the third"."""
_PLURAL_PORTIONS: Final = {
    "halves" if word == "half" else "twentieths" if word == "twentieth" else f"{word}s": value
    for word, value in _PORTIONS.items()
}
_DOZENS: Final = ("dozen", "dozens")
_TIMES: Final = {"once": 1.0, "twice": 2.0, "thrice": 3.0, "double": 2.0, "triple": 3.0}
_ARTICLES: Final = ("a", "an")
WORDS: Final = frozenset(
    {*_UNITS, *_TENS, *SCALES, *_PORTIONS, *_PLURAL_PORTIONS, *_DOZENS, *_TIMES, *_ARTICLES, "and"}
)
"""Every word that a number in words may hold."""
_ENDLESS: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One number in a run of words.

    Attributes:
        start, end: the words that say it: `words[start:end]`.
        values: readings, the likeliest first: "three quarters" is 0.75, and 3 when quarters of a year are meant.
        counts: whether it is a plain counting number, as opposed to a fraction, a multiple or a dozen.
        article: whether it is an article with an ordinal, which may be no fraction: "a third machine".
    """

    start: int
    end: int
    values: tuple[float, ...]
    counts: bool = False
    article: bool = False


def spoken_numbers(words: Sequence[str]) -> Iterator[Spoken]:
    """Yield the numbers in a run of words, all of them lower case and of `WORDS`."""
    place = 0
    while place < len(words):
        found = _number(words, place)
        if found is None:
            place += 1
            continue
        if found.values:
            yield found
        place = found.end


def _at(words: Sequence[str], place: int) -> str:
    return words[place] if place < len(words) else ""


def _number(words: Sequence[str], start: int) -> Spoken | None:
    """Read the number that begins at a word; `None` when none does, no values for an ordinal ("twenty-third")."""
    word = words[start]
    if word in _TIMES:
        return Spoken(start, start + 1, (_TIMES[word],))
    if word in _DOZENS:
        return Spoken(start, start + 1, (12.0,))
    if word == "half":
        return _half(words, start)
    if word in _ARTICLES and _at(words, start + 1) in _PORTIONS:
        if words[start + 1] == "half":
            return _half(words, start + 1, start)
        return Spoken(start, start + 2, (_PORTIONS[words[start + 1]],), article=words[start + 1] != "quarter")
    if word in _ARTICLES and _at(words, start + 1) in _DOZENS:
        return Spoken(start, start + 2, (12.0,))
    value, end = _cardinal(words, start)
    return None if value is None else _with_tail(words, start, end, value)


def _half(words: Sequence[str], place: int, start: int | None = None) -> Spoken:
    """Read "half", and "half a million", "half dozen"."""
    start = place if start is None else start
    after = place + 2 if _at(words, place + 1) in _ARTICLES else place + 1
    multiple = _multiple(_at(words, after))
    if multiple:
        return Spoken(start, after + 1, (0.5 * multiple,))
    return Spoken(start, place + 1, (0.5,))


def _multiple(word: str) -> int:
    """Return what a scale or a dozen multiplies by; 0 for other words."""
    return 12 if word in _DOZENS else SCALES.get(word, 0)


def _with_tail(words: Sequence[str], start: int, end: int, value: float) -> Spoken:
    """Read what may follow a counting number: a fraction word, "and a half", a dozen, a scale."""
    word = _at(words, end)
    if word in _PLURAL_PORTIONS:
        return Spoken(start, end + 1, (value * _PLURAL_PORTIONS[word], value))
    if word in _PORTIONS:  # "one third" is a fraction, "twenty third" is an ordinal
        return Spoken(start, end + 1, (_PORTIONS[word],) if value == 1 else ())
    added = False
    if word == "and":
        portion, after = _portion(words, end + 1)
        if portion:
            value, end, added = value + portion, after, True
    multiple = _multiple(_at(words, end))
    if multiple and (added or multiple == 12):
        return Spoken(start, end + 1, (value * multiple,))
    return Spoken(start, end, (value,), counts=not added)


def _portion(words: Sequence[str], place: int) -> tuple[float, int]:
    """Read "a half", "one third", "three quarters"; 0 when there is none. Also return the word after it."""
    if _at(words, place) in _ARTICLES or _at(words, place) == "one":
        return _PORTIONS.get(_at(words, place + 1), 0.0), place + 2
    count = _UNITS.get(_at(words, place), 0)
    return count * _PLURAL_PORTIONS.get(_at(words, place + 1), 0.0), place + 2


def _cardinal(words: Sequence[str], start: int) -> tuple[float | None, int]:
    """Read a counting number: groups below a thousand with falling scales. Also return the word after it."""
    total, last_scale, place = 0.0, _ENDLESS, start
    while True:
        begin = place + 1 if total and _at(words, place) == "and" else place
        value, end = _below_thousand(words, begin)
        if value is None:
            break
        scale = SCALES.get(_at(words, end), 1)
        if scale >= last_scale or (total and value >= last_scale):
            break
        total, place = total + value * scale, end + (scale > 1)
        if scale == 1:
            return total, place
        last_scale = scale
    return (total, place) if total else (None, start)


def _below_thousand(words: Sequence[str], place: int) -> tuple[float | None, int]:
    """Read "seven", "twenty-five", "a hundred", "three hundred and four"; `None` when there is none."""
    if _at(words, place) in _ARTICLES and _at(words, place + 1) in SCALES:
        value, place = 1, place + 1
    else:
        found, place = _below_hundred(words, place)
        if found is None:
            return None, place
        value = found
    if _at(words, place) != "hundred":
        return float(value), place
    value, place = value * 100, place + 1
    begin = place + 1 if _at(words, place) == "and" else place
    rest, end = _below_hundred(words, begin)
    if rest is None or _at(words, end) == "hundred" or _at(words, end) in _PLURAL_PORTIONS:
        return float(value), place
    return float(value + rest), end


def _below_hundred(words: Sequence[str], place: int) -> tuple[int | None, int]:
    word = _at(words, place)
    if word in _UNITS:
        return _UNITS[word], place + 1
    if word not in _TENS:
        return None, place
    ones = _UNITS.get(_at(words, place + 1), 0)
    return (_TENS[word] + ones, place + 2) if 0 < ones < 10 else (_TENS[word], place + 1)
