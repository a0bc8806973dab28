"""Finds the words that a language model says it quotes; what does not stand in the text is invented."""

from __future__ import annotations

import re
from typing import Final

_LEAST: Final = 4
"""Characters without spaces that a quote has at least: a shorter one stands in every text."""
_ALIKE: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "\u00a0": " "})
_ENDS: Final = " \t\r\n\"'.,;:"


def find_quote(problem: str, quote: str) -> tuple[int, int] | None:
    """Return where a quote stands in a text: start and end; `None` where it does not.

    Letter case, runs of white space, kinds of quotation marks and dashes, and what stands at both ends (quotation
    marks, full stops) do not count. Words that were left out or put in do.

    Args:
        problem: the text.
        quote: what is said to stand in it.
    """
    words = quote.translate(_ALIKE).strip(_ENDS).split()
    if sum(map(len, words)) < _LEAST:
        return None
    pattern = r"\s+".join(re.escape(word) for word in words)
    found = re.search(pattern, problem.translate(_ALIKE), re.IGNORECASE)
    return (found.start(), found.end()) if found else None
