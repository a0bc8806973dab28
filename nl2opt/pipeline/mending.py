"""Mends expressions of drafts: slips of spelling that can mean only one thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_PERCENT: Final = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*%(?!\s*[\w(.])")
_THOUSANDS: Final = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,])")
_CURRENCY: Final = re.compile(r"[$€£](?=\s*\d)")
_PRODUCT: Final = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(?=(?!(?:if|else|for|in|and|or|not|e\d)\b)[A-Za-z_(])")
_SINGLE_EQUALS: Final = re.compile(r"(?<![<>=!:])=(?!=)")
_TURNED: Final = re.compile(r"=([<>])(?!=)")


def _percent(match: re.Match[str]) -> str:
    return f"{float(match.group(1)) / 100:.10g}"


_SLIPS: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (_CURRENCY, ""),
    (_THOUSANDS, lambda match: match.group().replace(",", "")),
    (_PERCENT, _percent),
    (_TURNED, r"\1="),
    (_SINGLE_EQUALS, "=="),
    (_PRODUCT, r"\1 * "),
)


def mend_expression(text: str, where: str, repairs: list[str]) -> str:
    """Return an expression with its slips mended, and add a sentence to `repairs` when there were any.

    Args:
        text: an expression in the scalar style, without sets.
        where: what it belongs to, for the sentence.
        repairs: what was mended so far.
    """
    mended = text.strip()
    for pattern, replacement in _SLIPS:
        mended = pattern.sub(replacement, mended)
    if mended != text.strip():
        repairs.append(f"'{where}': `{text.strip()}` was read as `{mended}`")
    return mended
