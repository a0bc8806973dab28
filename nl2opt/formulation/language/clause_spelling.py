"""Spells generator clauses as Python does, where people and language models write them otherwise."""

from __future__ import annotations

import io
import re
import tokenize
from typing import Final

from nl2opt.formulation.language.mistakes import outside_texts

_CLAUSE_START: Final = re.compile(r"\s*(?:\(\s*)?[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*(?:\s*\))?\s+in\b")
_FOR_ALL: Final = re.compile(r"\bfor\s*all\b|∀|\bfor\s+each\b|\bfor\s+every\b")


def with_python_clauses(text: str) -> str:
    """Spell generator clauses as Python does: `e, i in I, j in J if c` becomes `e for i in I for j in J if c`."""
    text = outside_texts(text, lambda piece: _FOR_ALL.sub("for", re.sub(r"\s", " ", piece)))
    text = outside_texts(text, lambda piece: re.sub(r",\s*for\b", " for", piece))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({text}\n)").readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return text
    if any(token.start[0] != 1 for token in tokens if token.type == tokenize.OP and token.string == ","):
        return text
    clause_depths: set[int] = set()
    depth = 0
    commas: list[int] = []
    for token in tokens:
        if token.string in ("(", "[", "{"):
            depth += 1
        elif token.string in (")", "]", "}"):
            clause_depths.discard(depth)
            depth -= 1
        elif token.string == "for":
            clause_depths.add(depth)
        elif token.string == ",":
            offset = token.start[1] - 1
            if (depth == 1 or depth in clause_depths) and _CLAUSE_START.match(text, offset + 1):
                commas.append(offset)
                clause_depths.add(depth)
    for offset in reversed(commas):
        text = f"{text[:offset]} for{text[offset + 1 :]}"
    return text
