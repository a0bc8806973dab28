"""Pieces of HTML for the page. Every text that comes in is escaped here; nothing else on the page writes HTML.

Markdown is no choice for people's texts: in it addresses become links and `$` mathematics, whatever is escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

Tone = Literal["good", "doubtful", "bad", "quiet"]
_TONES: Final[dict[Tone, str]] = {
    "good": "46, 125, 50", "doubtful": "217, 119, 6", "bad": "198, 40, 40", "quiet": "120, 120, 120",
}  # fmt: skip
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, halves of characters, and those that turn the direction of what follows them."""
_WRAP: Final = "overflow-wrap:anywhere"
_IN_CELL: Final = "overflow-wrap:break-word;max-width:22rem"
"""So a narrow screen scrolls a table rather than breaking its words."""


def escaped(text: object) -> str:
    """Return a text as HTML that shows it, and nothing but it."""
    return html.escape(_UNSEEN.sub("\ufffd", str(text)), quote=True)


def lines(text: str) -> str:
    """Return a text as it is broken into lines."""
    return f'<div style="white-space:pre-wrap;{_WRAP}">{escaped(text)}</div>'


def strip(tone: Tone, head: str, body: Sequence[str] = (), *, large: str = "") -> str:
    """Return a coloured box.

    Args:
        tone: what it says at a glance.
        head: the first line, in bold.
        body: paragraphs.
        large: a line in large letters under the head.
    """
    colour = _TONES[tone]
    parts = [f'<div style="font-weight:600;color:rgb({colour})">{escaped(head)}</div>']
    if large:
        parts.append(f'<div style="font-size:1.9rem;font-weight:600;line-height:1.3">{escaped(large)}</div>')
    parts += [f'<div style="margin-top:.35rem">{escaped(text)}</div>' for text in body if text]
    return (
        f'<div role="status" data-tone="{tone}" style="border-left:5px solid rgb({colour});'
        f'background:rgba({colour},.09);border-radius:.4rem;padding:.8rem 1rem;{_WRAP}">{"".join(parts)}</div>'
    )


def points(items: Iterable[tuple[str, Tone, str]]) -> str:
    """Return a list whose items have a mark of their own.

    Args:
        items: mark, tone and text of each.
    """
    rows = "".join(
        f'<div style="display:flex;gap:.6rem;padding:.2rem 0"><span style="color:rgb({_TONES[tone]});'
        f'font-weight:700;min-width:1.1rem;text-align:center">{escaped(mark)}</span>'
        f'<span style="{_WRAP};min-width:0">{escaped(text)}</span></div>'
        for mark, tone, text in items
    )
    return f"<div>{rows}</div>"


def paragraphs(texts: Iterable[str]) -> str:
    """Return lines of text below each other; those that begin with spaces stay moved in."""
    rows = "".join(f'<div style="white-space:pre-wrap;{_WRAP}">{escaped(text) or "&nbsp;"}</div>' for text in texts)
    return f"<div>{rows}</div>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return a small table that scrolls sideways where it is too wide.

    Args:
        heads: of the columns.
        rows: their cells.
        right: the columns whose cells are numbers.
    """
    side = ["right" if place in right else "left" for place in range(len(heads))]
    cell = "padding:.3rem .9rem .3rem 0;vertical-align:top;border-bottom:1px solid rgba(128,128,128,.25)"
    top = "".join(
        f'<th style="{cell};text-align:{side[place]};font-weight:600;font-size:.85rem;opacity:.7">{escaped(head)}</th>'
        for place, head in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{cell};text-align:{side[place]};'
            f'{"white-space:nowrap;font-variant-numeric:tabular-nums" if place in right else _IN_CELL}">'
            f"{escaped(text)}</td>"
            for place, text in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;min-width:50%">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def small(text: str) -> str:
    """Return a line in small grey letters."""
    return f'<div style="font-size:.85rem;opacity:.7;{_WRAP}">{escaped(text)}</div>'


def heading(text: str) -> str:
    """Return the heading of a part of the page."""
    return f'<div role="heading" aria-level="2" style="font-size:1.15rem;font-weight:600;{_WRAP}">{escaped(text)}</div>'


def mathematics(latex: str) -> str:
    """Return LaTeX on one line, on which nothing in it can end the block that Streamlit puts it into."""
    return " ".join(latex.split())
