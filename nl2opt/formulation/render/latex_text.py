"""Writes names, numbers and texts of people as LaTeX in which nothing is a command that they wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from nl2opt.formulation.language.writer import number_text

_SPECIAL: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\^{}", "~": r"\~{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip
_NUMBERED: Final = re.compile(r"([A-Za-z])_?(\d+)")
_GREEK: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip


def escape_text(text: str) -> str:
    r"""Return text as it stands in text or in `\text{...}`: nothing in it is a command any more."""
    return "".join(_SPECIAL.get(c, c) if c.isprintable() else " " for c in text)


def text_latex(text: str) -> str:
    """Return text as it stands in mathematics."""
    return f"\\text{{{escape_text(text)}}}"


def name_latex(name: str) -> str:
    """Return a name: single letters as they are, a trailing number as a subscript, words in italics."""
    match = _NUMBERED.fullmatch(name)
    if match:
        return f"{match.group(1)}_{{{match.group(2)}}}"
    if name in _GREEK:
        return f"\\{_GREEK[name]}"
    if name.isascii():
        return name if len(name) == 1 and name != "_" else f"\\mathit{{{escape_text(name)}}}"
    return f"\\textit{{{escape_text(name)}}}"  # letters with accents are none in mathematics


def subscripted(name: str, indices: Iterable[str]) -> str:
    """Return a name with its indices, which are LaTeX already; without any, the name alone."""
    text, inside = name_latex(name), ", ".join(indices)
    base = f"{{{text}}}" if _NUMBERED.fullmatch(name) else text  # x_{1}_{i} is no LaTeX
    return f"{base}_{{{inside}}}" if inside else text


def number_latex(value: float) -> str:
    """Return a number; powers of ten written out, so that no `e` reads as a letter."""
    mantissa, _, exponent = number_text(value).partition("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if exponent else mantissa
