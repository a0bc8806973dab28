"""What a checker has to say about a formulation: which element, which field, what is wrong, how to mend it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from typing import Final

MAX_COMPARED_CHARACTERS: Final = 200
"""Longer words are not compared with known ones: it would take seconds, and they are no typing errors."""
MAX_COMPARED_WORDS: Final = 20
"""Of more known words than that, only those that share most pairs of letters are compared: comparing a thousand
misspelt names with a thousand known ones takes half a minute."""


class Severity(enum.StrEnum):
    """Whether a finding stops the work."""

    ERROR = "error"
    """The formulation has no single meaning: it cannot be solved as it stands."""
    WARNING = "warning"
    """It has a meaning, but probably not the one that was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong or doubtful in a formulation, written so that its reader can act on it.

    Attributes:
        severity: whether it stops the work.
        code: what kind of finding it is, one word in snake case, for programs and statistics.
        element: the element it concerns, as in `constraints.labour`; empty for the whole formulation.
        field: the field of that element, as in `expression`; empty when it is about the element.
        message: what is wrong, one sentence without its full stop.
        text: the offending piece of text; empty when there is none.
        where: values of the loop variables at which it goes wrong, as in `i = 'chair'`; empty if none.
        mend: what to do, one or more sentences; empty when the message says it already.
    """

    severity: Severity = Severity.ERROR
    code: str
    element: str = ""
    field: str = ""
    message: str
    text: str = ""
    where: str = ""
    mend: str = ""

    def __str__(self) -> str:
        place = f"{self.element}.{self.field}" if self.field else self.element
        parts = [f"{place}: " if place else "", self.message]
        if self.where:
            parts.append(f" at {self.where}")
        if self.text and f"`{self.text}`" not in self.message:
            parts.append(f" (in `{self.text}`)")
        parts.append(f". {self.mend}" if self.mend else ".")
        return "".join(parts)

    @property
    def is_error(self) -> bool:
        """Whether the finding stops the work."""
        return self.severity is Severity.ERROR


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean `...`?" with the nearest known word, or a list of the known ones when few.

    Returns an empty text when nothing is known.
    """
    candidates = list(dict.fromkeys(known))
    near: list[str] = []
    if len(word) <= MAX_COMPARED_CHARACTERS:
        near = get_close_matches(word, _alike(word, tuple(candidates)), n=1, cutoff=0.6)
    if not near:
        folded = {name.casefold(): name for name in candidates}
        near = [folded[word.casefold()]] if word.casefold() in folded else []
    if near:
        return f"Did you mean `{near[0]}`?"
    if 0 < len(candidates) <= 12:
        return "Known are: " + ", ".join(f"`{name}`" for name in candidates) + "."
    return ""


def _alike(word: str, candidates: tuple[str, ...]) -> list[str]:
    """Return the candidates that share most pairs of letters with a word, in their order; all of them when few."""
    if len(candidates) <= MAX_COMPARED_WORDS:
        return list(candidates)
    pairs, known = _letter_pairs(word), _letter_pairs_of(candidates)
    scores = [len(pairs & other) / (len(pairs) + len(other)) for other in known]
    best = sorted(range(len(candidates)), key=scores.__getitem__, reverse=True)[:MAX_COMPARED_WORDS]
    return [candidates[place] for place in sorted(best)]


@lru_cache(maxsize=8)
def _letter_pairs_of(words: tuple[str, ...]) -> list[frozenset[str]]:
    return list(map(_letter_pairs, words))


def _letter_pairs(word: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters, the first and the last letter among them."""
    padded = f" {word[:MAX_COMPARED_CHARACTERS]} "
    return frozenset(map("".join, pairwise(padded)))
