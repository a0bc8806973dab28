"""Reads LaTeX with KaTeX in its strict mode, the mathematics of whole documents included."""

from __future__ import annotations

import re

import pykatex

_DISPLAY = re.compile(r"\\begin\{align\*\}.*?\\end\{align\*\}", re.DOTALL)
_INLINE = re.compile(r"(?<!\\)\$(.*?)(?<!\\)\$", re.DOTALL)
_MARKUP = re.compile(
    r"\\begin\{longtable\}\[l\]\{.*\}\n|\\end\{longtable\}|\\(begin|end)\{(itemize|document)\}|\\hline|\\endhead|\\maketitle"
    r"|\\date\{\}|\\item \{\}|\\section\*|\\title|\\\\\n| & "
)


def read_formula(latex: str) -> None:
    """Read mathematics; whatever LaTeX would refuse raises.

    A sign that KaTeX has no picture of stands for any other: what is beyond ASCII and the letters of Latin-1.
    """
    known = "".join(c if c.isascii() or (c.isalpha() and "À" <= c <= "ÿ") else "?" for c in latex)
    pykatex.renderToString(known, displayMode=True, throwOnError=True, strict="error")


def read_display(latex: str) -> None:
    """Read one display in dollar signs."""
    opening, body, closing = latex.partition("$$\n")[1], latex[3:-3], latex[-3:]
    assert (opening, closing) == ("$$\n", "\n$$")
    read_formula(body)


def read_document(document: str) -> None:
    """Read every formula of a document, and what is between them as text."""
    body = document.partition("\\begin{document}")[2].partition("\\end{document}")[0]
    displays, inline = _DISPLAY.findall(body), [m.group(1) for m in _INLINE.finditer(_DISPLAY.sub("", body))]
    assert len(displays) == 1
    for formula in (*displays, *inline):
        read_formula(formula)
    text = _MARKUP.sub(" ", _INLINE.sub(" ", _DISPLAY.sub(" ", body)))
    read_formula(f"\\text{{{' '.join(text.split())}}}")
