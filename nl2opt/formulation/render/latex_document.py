"""Renders a formulation as a LaTeX document of its own: tables of the data, then the mathematics.

It is written for pdfLaTeX, LuaLaTeX and XeLaTeX alike. pdfLaTeX knows Latin letters; others are declared, and shown
by their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.formulation.render.latex import index_letters, rows_latex, variable_latex
from nl2opt.formulation.render.latex_math import expression_latex
from nl2opt.formulation.render.latex_text import escape_text, name_latex, number_latex, subscripted
from nl2opt.formulation.render.literals import one_line
from nl2opt.formulation.render.value_text import ValueText
from nl2opt.formulation.schema import Formulation

_PREAMBLE: Final = r"""\documentclass{article}
\usepackage[margin=25mm]{geometry}
\usepackage{iftex}
\ifPDFTeX
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
@DECLARED@\fi
\usepackage{amsmath, amssymb, longtable}
\allowdisplaybreaks
\setlength{\parindent}{0pt}"""
_UNKNOWN_LATIN: Final = frozenset("ĦħĸĿŀŉŦŧſ")
_KNOWN_SIGNS: Final = frozenset("–—‘’“”„†‡•…‰‹›€™")


def to_latex_document(formulation: Formulation) -> str:
    """Return the document."""
    blocks = [
        *_title(formulation),
        *_sets(formulation),
        *_parameters(formulation),
        *_variables(formulation),
        f"\\section*{{Model}}\n\\begin{{align*}}\n{rows_latex(formulation)}\n\\end{{align*}}",
        *_assumptions(formulation),
    ]
    body = "\n\n".join(blocks)
    preamble = _PREAMBLE.replace("@DECLARED@", _declarations(body))
    return f"{preamble}\n\\begin{{document}}\n\n{body}\n\n\\end{{document}}\n"


def _declarations(body: str) -> str:
    """Return a declaration for each letter that pdfLaTeX does not know."""
    unknown = [c for c in sorted(set(body)) if _is_unknown(c)]
    return "".join(f"\\DeclareUnicodeCharacter{{{ord(c):04X}}}{{\\texttt{{U+{ord(c):04X}}}}}\n" for c in unknown)


def _is_unknown(character: str) -> bool:
    if character <= "\u017f":
        return character in _UNKNOWN_LATIN
    return character not in _KNOWN_SIGNS


def _math(text: str) -> str:
    return f"${text}$"


def _plain(text: str) -> str:
    return escape_text(one_line(text))


_VALUES: Final = ValueText(
    _plain, lambda text: _math(expression_latex(text)), lambda text: _math(number_latex(float(text))), ("\\{", "\\}")
)


def _title(formulation: Formulation) -> Iterator[str]:
    title = _plain(formulation.title)
    if title:
        yield f"\\title{{{title}}}\n\\date{{}}\n\\maketitle"


def _table(name: str, columns: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    lines = [f"\\section*{{{name}}}", f"\\begin{{longtable}}[l]{{@{{}}{columns}@{{}}}}", "\\hline"]
    lines += [f"{' & '.join(heads)} \\\\", "\\hline", "\\endhead"]
    lines += [f"{' & '.join(cells)} \\\\" for cells in rows]
    yield "\n".join([*lines, "\\hline", "\\end{longtable}"])


def _sets(formulation: Formulation) -> Iterator[str]:
    rows = [[_symbol(s.name, s.index), _VALUES.elements(s), _plain(s.description)] for s in formulation.sets]
    yield from _table("Sets", _columns(2), ["set", "elements", "meaning"], rows)


def _parameters(formulation: Formulation) -> Iterator[str]:
    rows = []
    for parameter in formulation.parameters:
        meaning = "; ".join(_plain(text) for text in (parameter.description, parameter.source) if text)
        rows.append(
            [_symbol(parameter.name, parameter.index), _VALUES.parameter(parameter), _plain(parameter.unit), meaning]
        )
    yield from _table("Parameters", _columns(3), ["parameter", "value", "unit", "meaning"], rows)


def _symbol(name: str, index: list[str]) -> str:
    """Return a name with a letter for each set of its index, and what the letters run over."""
    letters = index_letters(index)
    clauses = r",\, ".join(f"{letter} \\in {name_latex(owner)}" for letter, owner in zip(letters, index, strict=True))
    symbol = subscripted(name, letters)
    return _math(f"{symbol},\\; {clauses}" if clauses else symbol)


def _variables(formulation: Formulation) -> Iterator[str]:
    rows = []
    for variable in formulation.variables:
        written = variable_latex(variable, formulation)
        symbol = f"{written.symbol},\\; {written.clauses}" if written.clauses else written.symbol
        rows.append([_math(symbol), variable.domain, _plain(variable.unit), _plain(variable.description)])
    yield from _table("Variables", _columns(3), ["variable", "domain", "unit", "meaning"], rows)


def _columns(wrapped: int) -> str:
    """Return the columns of a table: the symbol as wide as it is, then columns that wrap."""
    width = {2: ("0.35", "0.35"), 3: ("0.28", "0.12", "0.3")}[wrapped]
    return "l" + "".join(f"p{{{share}\\linewidth}}" for share in width)


def _assumptions(formulation: Formulation) -> Iterator[str]:
    if not formulation.assumptions:
        return
    items = "\n".join(f"\\item {{}}{_plain(assumption.text)}" for assumption in formulation.assumptions)
    yield f"\\section*{{Assumptions}}\n\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
