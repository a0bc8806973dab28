"""Looks for each number of a text among numbers that are known, and finds those that somebody invented.

A number is known when it is one of a group, or the difference, ratio or percentage of two of the same group (the
values of one variable, the sides and the slack of one constraint), in the rounding in which it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nl2opt.text.numbers import numbers_in

FloatArray = NDArray[np.float64]
_NUMBER: Final = re.compile(
    r"(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)(?:\.(?P<grouped>\d+))?|\d+(?:\.(?P<decimals>\d+))?|\.(?P<bare>\d+))"
    r"(?:[eE](?P<exponent>[-+]?\d+))?(?P<percent>\s*(?:%|per\s?cent\b))?",
    re.IGNORECASE,
)
_RELATIVE: Final = 0.05
"""A rounding that loses more than this share says another number."""
_DUST: Final = 1e-9
_MOST_DERIVED: Final = 20_000
"""In larger groups no differences and ratios are looked for."""
_PLAIN: Final = ("one", "once", "first", "a", "an", "none", "zero")
"""Words that count nothing: "one more hour"."""
_HAS_NUMBER: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True, eq=False)
class NumberGroup:
    """Numbers that belong together.

    Attributes:
        name: where they are from, for people: `parameter hours`.
        values: float64 (k,), finite ones count.
        derives: whether differences and ratios within the group are known as well.
    """

    name: str
    values: FloatArray
    derives: bool = True

    @classmethod
    def of(cls, name: str, values: Iterable[float | None], *, derives: bool = True) -> NumberGroup:
        """Return a group of numbers, those that are `None` left out."""
        kept = np.array([value for value in values if value is not None], np.float64)
        return cls(name, kept, derives)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedNumber:
    """One number of a text.

    Attributes:
        text: as it stands there.
        value: without its sign.
        half_unit: half of the unit of its last digit: 0.5 for `12`, 0.005 for `1.25`.
        is_percent: whether a sign of per cent follows.
        start: where it stands.
    """

    text: str
    value: float
    half_unit: float
    is_percent: bool
    start: int


@dataclass(frozen=True, eq=False)
class KnownNumbers:
    """What the numbers of a text may be.

    Attributes:
        groups: the numbers.
        words: names and quoted texts, whose own digits are no numbers: `line 2`, `x_1`.
    """

    groups: tuple[NumberGroup, ...]
    words: tuple[str, ...] = ()
    _sorted: list[FloatArray] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        for group in self.groups:
            values = np.abs(group.values[np.isfinite(group.values)])
            self._sorted.append(np.unique(values))

    def place_of(self, stated: StatedNumber) -> str:
        """Return where a number comes from, in words; empty where it comes from nowhere."""
        scales = (1.0, 0.01) if stated.is_percent else (1.0,)
        for scale in scales:
            low, high = _reach(stated.value * scale, stated.half_unit * scale)
            for group, values in zip(self.groups, self._sorted, strict=True):
                if _any_within(values, low, high):
                    return group.name
        for group, values in zip(self.groups, self._sorted, strict=True):
            if group.derives and 1 < len(values) <= _MOST_DERIVED and (how := _derived(values, stated)):
                return f"{how} in {group.name}"
        return ""

    def stated_in(self, text: str) -> tuple[StatedNumber, ...]:
        """Return the numbers of a text, in digits and in words, names and quoted texts left out."""
        return _stated(_without(text, self.words))

    def invented_in(self, text: str) -> tuple[StatedNumber, ...]:
        """Return the numbers of a text that come from nowhere."""
        return tuple(stated for stated in self.stated_in(text) if not self.place_of(stated))


def _stated(text: str) -> tuple[StatedNumber, ...]:
    found = [_written(match) for match in _NUMBER.finditer(text)]
    for number in numbers_in(text):
        if not _HAS_NUMBER.search(number.text) and number.text.strip().lower() not in _PLAIN:
            found.append(
                StatedNumber(
                    text=number.text, value=abs(number.values[-1]), half_unit=_DUST, is_percent=False,
                    start=number.start,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda stated: stated.start))


def _written(match: re.Match[str]) -> StatedNumber:
    exponent = int(match["exponent"] or 0)
    exponent = max(-300, min(300, exponent))
    digits = match["grouped"] or match["decimals"] or match["bare"] or ""
    scale = 10.0**exponent
    return StatedNumber(
        text=match[0].strip(),
        value=float(match["digits"].replace(",", "")) * scale,
        half_unit=0.5 * 10.0 ** -len(digits) * scale,
        is_percent=match["percent"] is not None,
        start=match.start(),
    )


def _without(text: str, words: tuple[str, ...]) -> str:
    """Blank the words in a text, the longest first."""
    for word in sorted({word for word in words if _HAS_NUMBER.search(word) and word in text}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", lambda found: " " * len(found[0]), text)
    return text


def _reach(value: float, half_unit: float) -> tuple[float, float]:
    """Return from where to where a number may be that is written so."""
    reach = min(half_unit, _RELATIVE * value) if value else min(half_unit, _DUST)
    reach = max(reach, _DUST * max(1.0, value)) * (1.0 + 1e-9)
    return value - reach, value + reach


def _any_within(values: FloatArray, low: float, high: float) -> bool:
    place = int(np.searchsorted(values, low))
    return place < len(values) and bool(values[place] <= high)


def _derived(values: FloatArray, stated: StatedNumber) -> str:
    """Return how two numbers of a group give a number; empty where none do."""
    low, high = _reach(stated.value, stated.half_unit)
    if not stated.is_percent:
        if _pair_within(values, values + low, values + high):
            return "a difference"
        return "a ratio" if _pair_within(values, values * low, values * high) else ""
    low, high = low / 100.0, high / 100.0
    for begin, end in ((low, high), (1.0 + low, 1.0 + high), (1.0 - high, 1.0 - low)):
        if _pair_within(values, values * begin, values * end):
            return "a percentage"
    return ""


def _pair_within(values: FloatArray, low: FloatArray, high: FloatArray) -> bool:
    """Whether any value lies within any of the ranges; ranges of 0 alone, which 0 itself would give, do not count."""
    counts = (high > 0) & (values > 0)
    places = np.searchsorted(values, low[counts])
    inside = places < len(values)
    return bool(np.any(values[places[inside]] <= high[counts][inside]))
