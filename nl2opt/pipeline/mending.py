"""Mends expressions of drafts: slips of spelling that can mean only one thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_NUMBER: Final = r"(?<![\w.])((?>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?))"
_CURRENCY: Final = re.compile(r"(?:[$€£]\s*+)++(?=\d)")
_THOUSANDS: Final = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")
_CALL: Final = re.compile(r"(?<!\w)[A-Za-z_]\w*+\s*+[(\[]")
"""Where a comma may part arguments or indices: `max(1,200)`, `x[1,200]`."""
_PERCENT: Final = re.compile(rf"{_NUMBER}\s*%(?!\s*[\w(.])")
_TURNED: Final = re.compile(r"(?<![<>=!:])=([<>])(?!=)")
_SINGLE_EQUALS: Final = re.compile(r"(?<![<>=!:])=(?!=)")
_PRODUCT: Final = re.compile(
    rf"(?P<before>(?:/|%|\*\*)\s*+)?{_NUMBER}\s*(?=(?!(?:if|else|for|in|and|or|not)\b)[A-Za-z(])"
)


def _percent(match: re.Match[str]) -> str:
    return f"{float(match[1]) / 100:.10g}"


def _product(match: re.Match[str]) -> str:
    """Put in the sign, but not where `6 / 2x` may be `6 / 2 * x` as well as `6 / (2 * x)`."""
    return match[0] if match["before"] else f"{match[2]} * "


_SLIPS: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (_CURRENCY, ""),
    (_THOUSANDS, lambda match: match[0].replace(",", "")),
    (_PERCENT, _percent),
    (_TURNED, r"\1="),
    (_SINGLE_EQUALS, "=="),
    (_PRODUCT, _product),
)


def mend_expression(text: str, where: str, repairs: list[str]) -> str:
    """Return an expression with its slips mended, and add a sentence to `repairs` when there were any.

    Args:
        text: an expression in the scalar style, without sets and texts.
        where: what it belongs to, for the sentence.
        repairs: what was mended so far.
    """
    text = text.strip()
    mended = text
    for pattern, replacement in _SLIPS:
        if pattern is not _THOUSANDS or not _CALL.search(mended):
            mended = pattern.sub(replacement, mended)
    if mended != text:
        repairs.append(f"'{where}': `{text}` was read as `{mended}`")
    return mended
