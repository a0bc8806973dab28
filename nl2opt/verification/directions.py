"""Expected directions: what the text alone says about the best answer when one of its numbers rises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from nl2opt.text.numbers import TextNumber, clause_around, numbers_in, sentence_around

Move = Literal["better", "worse", "same"]
"""What becomes of the best answer: `better` means better or as good, `worse` means worse or as good."""

_MOST: Final = 12
"""Directions that are taken from one text at most."""
_BEFORE: Final = 60
_AFTER: Final = 60
_UNCLEAR: Final = re.compile(
    r"\b(?:if|when(?:ever)?|unless|otherwise|discounts?|penalt(?:y|ies)|bonus(?:es)?|exactly|instead|must all be"
    r"|all of (?:it|them) must|either|ratios?)\b",
    re.IGNORECASE,
)
"""Words by which a limit may hold under conditions only, or be no limit at all."""
_MULTIPLE: Final = re.compile(r"\b(?:twice|thrice|half|doubled?|triple|quarter|thirds?)\b", re.IGNORECASE)
"""Words of multiples: of two in one sentence it cannot be told how they belong together."""
_MINIMIZES: Final = re.compile(r"\bminimi[sz]", re.IGNORECASE)
"""In a text that minimises, what a worker "earns" is a cost."""
_MONEY: Final = r"\s*(?:about |only )?(?:US)?[$€£]?\s*$"
_CAP: Final = re.compile(
    r"\b(?:at (?:the )?most|(?:no|not) (?:be )?(?:more|greater|larger|higher) than|up to|(?:a |the )?maximum (?:of|is)"
    r"|(?:must |can |may |should )?(?:not|cannot|can't|never) exceed|limited to|(?:a |the )?limit (?:of|is)"
    r"|(?:a |the )?(?:total )?budget (?:of|is)|(?:a |the )?(?:total )?capacity (?:of|is))" + _MONEY,
    re.IGNORECASE,
)
_FLOOR: Final = re.compile(
    r"\b(?:at (?:the )?least|(?:no|not) (?:be )?(?:less|fewer|lower|smaller) than|(?:a |the )?minimum (?:of|is))"
    + _MONEY,
    re.IGNORECASE,
)
_OR_LESS: Final = re.compile(r"^\s*(?:[\w-]+\s+){0,2}or (?:less|fewer)\b", re.IGNORECASE)
_OR_MORE: Final = re.compile(r"^\s*(?:[\w-]+\s+){0,2}or more\b", re.IGNORECASE)
_AVAILABLE: Final = re.compile(
    r"^\s*(?:[\w-]+\s+){0,3}(?:of\s+(?:[\w-]+\s+){1,4}?)?(?:(?:is|are)\s+)?available\b(?!\s+(?:for|at)\s+[$€£\d])",
    re.IGNORECASE,
)
_IS_AVAILABLE: Final = re.compile(
    r"\b(?:has|have|had) available\s*$|\bavailab(?:le|ility)\s*(?:is|:)\s*$", re.IGNORECASE
)
_USED_UP: Final = re.compile(
    r"\b(?:ful(?:ly|l)[ -](?:utili[sz]\w*|us(?:ed?|age)|employ\w*|load\w*)|used up|(?:use|utili[sz]e)s? (?:all|up)\b)",
    re.IGNORECASE,
)
"""Words by which what is available must be used, so that more of it is no gain."""
_EACH: Final = re.compile(
    r"\b(?:per|each|every|apiece)\b"
    r"|\b(?:an?|one)\s+(?:[\w-]+\s+){1,5}?(?:earns?|brings?|sells?|costs?|is sold|are sold)\b",
    re.IGNORECASE,
)
"""What tells the gain of one unit from a total that is to be reached."""
_GAIN: Final = re.compile(
    r"\b(?:profits?|revenues?|earn(?:s|ing|ed)?|incomes?|sells? for|sold (?:for|at)|bring(?:s|ing)?(?: in)?)\b"
    r"(?:\s+(?:(?:per|for each|from each|on each|for an?|of an?)\s+[\w-]+"
    r"|of|is|a|the|profit|revenue|an|income|for|by|to|be)\b)*" + _MONEY,
    re.IGNORECASE,
)
_COST: Final = re.compile(
    r"\b(?:costs?|costing|priced at)\b"
    r"(?:\s+(?:(?:per|for each|of each|for an?|of an?)\s+[\w-]+|of|is|a|the|an|for|to|be|them|him|her|us)\b)*" + _MONEY,
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What becomes of the best answer when a number of the text rises.

    Attributes:
        quote: the words of the text that say so.
        number: the number, with its place in the text.
        if_it_rises: see `Move`.
    """

    quote: str
    number: TextNumber
    if_it_rises: Move


def stated_directions(problem: str) -> tuple[Direction, ...]:
    """Return the directions that a text states plainly, from its words alone.

    A limit that rises never makes the best answer worse, a demand that rises never makes it better; what one unit earns
    never makes it worse, what one costs never better. All four hold whatever the rest of the problem is, as long as
    quantities are not negative. Sentences with conditions (if, when, unless) and with two meanings are passed over.

    Args:
        problem: the text; no formulation is looked at.
    """
    return tuple(_stated(problem))[:_MOST]


def _stated(problem: str) -> Iterator[Direction]:
    for number in numbers_in(problem):
        sentence = sentence_around(problem, number.start, number.end)
        if number.weak or number.values[0] <= 0 or _UNCLEAR.search(sentence):
            continue
        if len(_MULTIPLE.findall(sentence)) > 1:
            continue
        moves = set(_moves(problem, number, sentence))
        if len(moves) == 1:
            quote = clause_around(problem, number.start, number.end)
            yield Direction(quote=quote, number=number, if_it_rises=moves.pop())


def _moves(problem: str, number: TextNumber, sentence: str) -> Iterator[Move]:
    before = _same_sentence(problem[max(0, number.start - _BEFORE) : number.start])
    after = problem[number.end : number.end + _AFTER].partition("\n")[0]
    if _FLOOR.search(before) or _OR_MORE.search(after):
        yield "worse"
        return
    if _CAP.search(before) or _OR_LESS.search(after) or _AVAILABLE.search(after) or _IS_AVAILABLE.search(before):
        if not _USED_UP.search(problem):
            yield "better"
        return
    if not _EACH.search(sentence) or "%" in number.text:
        return
    if _GAIN.search(before) and not _MINIMIZES.search(problem):
        yield "better"
    if _COST.search(before):
        yield "worse"


def _same_sentence(before: str) -> str:
    """Return the end of a text that belongs to one sentence."""
    return re.split(r"[.!?;]\s|\n", before)[-1]
