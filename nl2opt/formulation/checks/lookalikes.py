"""Finds names that look like others but are written with letters of another alphabet."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

_LATIN: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅԌοаνιικρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲɑ",
    "aeopcyxijshdqwABEKMHOPCTYXIJSGoaviikpuABEZHIKMNOPTYXca",
)
"""The letters of the Cyrillic and Greek alphabets that are drawn as Latin ones, and those Latin ones."""


def latin(name: str) -> str:
    """Return a name with each letter of another alphabet replaced by the Latin one that it looks like."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name).translate(_LATIN)


def look_alike(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks the same as a name but is another one; `None` when there is none."""
    plain = latin(name)
    return next((other for other in known if other != name and latin(other) == plain), None)


def strange_letter(name: str, other: str) -> str:
    """Return the official name of the first letter in which two names that look the same differ."""
    mine, theirs = next((a, b) for a, b in zip(name, other, strict=False) if a != b)
    return unicodedata.name(theirs if mine.isascii() else mine, "unknown")
