"""What the sealed child and the host agree upon about the texts of models."""

from __future__ import annotations

from typing import Final

MOST_TEXT: Final = 16_000_000
"""Characters of a model's text, and of the texts of all models of a program together."""
ADDED: Final = "* added: column "
"""Begins a line before an MPS file that names a column which stands for no variable of the program."""
