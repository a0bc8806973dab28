"""Reads units as people write them: `$/item`, `hours per chair`, `kWh`, `thousand EUR`.

Physical units are known by pint, which is optional. Money, and every word that pint does not know as a unit, is a
dimension of its own, the plural being the same as the singular. Numbers are never converted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

NO_PINT: Final = "Units are not checked, since pint is not installed."
INSTALL_PINT: Final = "Install it with: pip install 'nl2opt[units]'"

_TOKEN: Final = re.compile(r"\d+(?:[.,]\d+)*|\*\*|[*/^()]|[^\W\d_][\w']*|[$€£¥%°#]|-")
_SIGNS: Final = str.maketrans({"·": "*", "×": "*", "⋅": "*", "²": "^2", "³": "^3", "_": " "})
_MONEY: Final = {
    "$": "$", "usd": "$", "dollar": "$", "€": "€", "eur": "€", "euro": "€", "£": "£", "gbp": "£",
    "¥": "¥", "jpy": "¥", "yen": "¥", "cny": "CNY", "rmb": "CNY", "yuan": "CNY",
}  # fmt: skip
_NUMBERS: Final = {"dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_NOTHING: Final = frozenset(
    {"%", "percent", "ratio", "fraction", "share", "none", "dimensionless", "unitless", "°", "#"}
)
_IGNORED: Final = frozenset({"of", "the", "a", "an", "in"})
_POWERS: Final = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_COUNTED: Final = frozenset({
    "bag", "bar", "bus", "chain", "count", "cup", "drop", "grain", "hand", "knot", "league", "line", "link", "peck",
    "perch", "pixel", "point", "pole", "rod", "slug", "span", "stone", "turn", "unit",
})  # fmt: skip
"""Words that pint takes for units of measure, and people for things to count."""
_PREFIXED: Final = frozenset({
    "gram", "meter", "second", "watt", "joule", "liter", "watt_hour", "volt", "ampere", "calorie", "metric_ton",
    "hertz", "newton", "pascal",
})  # fmt: skip
"""Units that are met with a prefix; pint would read `cat` as centi-atmosphere."""
_PLURALS: Final = {"people": "person", "men": "man", "women": "woman", "children": "child", "feet": "foot"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: powers of dimensions, and how large it is.

    Attributes:
        dimensions: powers of base dimensions, `[time]` and the like or a word of its own, sorted; none is 0.
        scale: of one unit in the base units of its dimensions.
        factors: what it is written from, with powers, in order.
        written: as a person wrote it; empty when it was computed.
    """

    dimensions: tuple[tuple[str, float], ...]
    scale: float
    factors: tuple[tuple[str, float], ...]
    written: str = ""

    def __str__(self) -> str:
        if self.written:
            return self.written
        above = [_power(label, power) for label, power in self.factors if power > 0]
        below = [_power(label, -power) for label, power in self.factors if power < 0]
        return "·".join(above or ["1"]) + "".join(f"/{label}" for label in below)

    def __mul__(self, other: Unit) -> Unit:
        return Unit(
            tuple(sorted(_added(self.dimensions, other.dimensions).items())),
            self.scale * other.scale,
            tuple(_added(self.factors, other.factors).items()),
        )

    def __pow__(self, power: float) -> Unit:
        return Unit(
            tuple((name, power * p) for name, p in self.dimensions) if power else (),
            self.scale**power,
            tuple((label, power * p) for label, p in self.factors) if power else (),
        )


def can_read_units() -> bool:
    """Whether pint is installed."""
    return find_spec("pint") is not None


@cache
def read_unit(text: str) -> Unit | None:
    """Return what a unit means; `None` when it says nothing that could be compared, as `%` and an empty text do.

    Raises:
        ModuleNotFoundError: pint is not installed.
    """
    tokens = _TOKEN.findall(text.translate(_SIGNS))
    unit = _Reader(tokens).read() if tokens else None
    if unit is None or not unit.factors:
        return None
    return Unit(unit.dimensions, unit.scale, unit.factors, " ".join(text.split()))


class _Reader:
    """Reads products, quotients and powers of phrases, from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0

    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def read(self) -> Unit | None:
        """Read up to the end, or to a closing parenthesis; `None` when a part says nothing."""
        total: Unit | None = Unit((), 1.0, ())
        power = 1.0
        while self.next() not in ("", ")"):
            if self.next() in ("*", "/", "per"):
                power = 1.0 if self.next() == "*" else -1.0
                self.place += 1
                continue
            before = self.place
            part = self.part()
            total = total * part**power if total is not None and part is not None else None
            if self.place == before:
                self.place += 1  # a sign that means nothing here
        self.place += 1
        return total

    def part(self) -> Unit | None:
        if self.next() == "(":
            self.place += 1
            part = self.read()
        else:
            words = []
            while self.next() not in ("", "*", "/", "per", "(", ")", "^", "**"):
                words.append(self.next())
                self.place += 1
            part = _phrase(words)
        if self.next() in ("^", "**"):
            self.place += 1
            power = _number(self.next())
            self.place += 1
            return part**power if part is not None and power is not None else None
        return part


def _phrase(words: list[str]) -> Unit | None:
    """Return the unit of words side by side: those that are known, or else all of them as one noun."""
    scale, power = 1.0, 1
    known: list[Unit] = []
    nouns: list[str] = []
    for word in words:
        number = _number(word)
        lower = _singular(word.lower())
        if word.lower() in _NOTHING or lower in _NOTHING:
            return None
        if number is not None or lower in _NUMBERS:
            scale *= number if number is not None else _NUMBERS[lower]
        elif lower in _POWERS:
            power = _POWERS[lower]
        elif lower in _MONEY:
            known.append(_noun(_MONEY[lower]))
        elif lower not in _IGNORED and word != "-":
            unit = _physical(word)
            if unit is None:
                nouns.append(lower)
            else:
                known.append(unit**power)
                power = 1
    total = Unit((), scale, ((f"{scale:g}", 1.0),) if scale != 1.0 else ())
    for unit in known or ([_noun(" ".join(nouns))] if nouns else []):
        total = total * unit
    return total


def _noun(word: str) -> Unit:
    return Unit(((word, 1.0),), 1.0, ((word, 1.0),))


@cache
def _physical(word: str) -> Unit | None:
    """Return the unit of measure that a word is; `None` for a word that is none."""
    singular = _singular(word.lower())
    if singular in _COUNTED:
        return None
    if singular == "ton":
        word = "tonne"  # short, long or metric: the word does not tell
    registry = _registry()
    for spelling in (word, word.lower()) if len(word) > 1 else (word,):
        readings = registry.parse_unit_name(spelling)
        if not readings:
            continue
        prefix, name, _ = readings[0]
        dimensions: Mapping[str, float] = registry.get_dimensionality(name)
        if (prefix and name not in _PREFIXED) or not dimensions or "[temperature]" in dimensions:
            continue
        scale = float(registry.Quantity(1.0, prefix + name).to_root_units().magnitude)
        powers = tuple(sorted((str(dimension), float(power)) for dimension, power in dimensions.items()))
        return Unit(powers, scale, ((_label(word), 1.0),))
    return None


@cache
def _registry() -> Any:
    return import_module("pint").UnitRegistry()


def _label(word: str) -> str:
    return _singular(word) if len(word) > 3 else word


def _singular(word: str) -> str:
    """Return an English noun in the singular, as far as its spelling tells."""
    if word in _PLURALS:
        return _PLURALS[word]
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _number(word: str) -> float | None:
    try:
        return float(word.replace(",", ""))
    except ValueError:
        return None


def _added(one: Iterable[tuple[str, float]], other: Iterable[tuple[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for name, power in (*one, *other):
        total[name] = total.get(name, 0.0) + power
    return {name: power for name, power in total.items() if power}


def _power(label: str, power: float) -> str:
    return label if power == 1 else f"{label}^{power:g}"
