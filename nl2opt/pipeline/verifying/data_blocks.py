"""Hands texts to a language model as data, so that none of them can end its own block."""

from __future__ import annotations

import re


def data_block(name: str, text: str) -> str:
    """Return a text between two lines that say where it begins and ends.

    A line of the text that looks like one of these two is changed, so that the text cannot leave its block.

    Args:
        name: what it is, as in `problem`.
        text: the data.
    """
    word = name.upper()
    inner = re.sub(r"\b(BEGIN|END)(\s+OF\s+THE\s+)", r"\1-\2", text, flags=re.IGNORECASE)
    return f"===== BEGIN OF THE {word} =====\n{inner}\n===== END OF THE {word} ====="
