"""Reads a model file into a flat model."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from solvers.exchange.lp_reader import collect_lp
from solvers.exchange.mps_reader import collect_mps
from solvers.exchange.source import DEFAULT_MAX_BYTES, format_of, text_of
from solvers.model import Model

_NAME_MAP: Final = re.compile(r'[\\*] (?:title|name map: (?:column|row) (?P<safe>\w+) is) (?P<original>".*")')


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImportedModel:
    """A model that stood in a file.

    Attributes:
        model: with the names of the file.
        notes: what the file leaves open, and how it was read; for people.
        originals: for names of columns and rows that one of our writers made safe, what they were before.
    """

    model: Model
    notes: tuple[str, ...] = ()
    originals: Mapping[str, str] = field(default_factory=dict)


def read_model(path: str | os.PathLike[str], *, max_bytes: int = DEFAULT_MAX_BYTES) -> ImportedModel:
    """Read an LP or MPS file, told apart by `.lp` and `.mps`, packed by gzip or not.

    Linear, integer and quadratic models are read, quadratic rows among them. Nothing is passed over in silence: what
    has no place in a model is an error, what the format leaves open a note. Limits from 1e20 on are infinite.

    Args:
        path: of the file.
        max_bytes: how long its text may be, unpacked.

    Raises:
        ExchangeError: it cannot be read; the text says what is wrong in which line.
    """
    source = Path(path)
    collect = collect_lp if format_of(source) == ".lp" else collect_mps
    text = text_of(source, max_bytes=max_bytes)
    collected = collect(text, source.name)
    title, originals = _heading(text)
    collected.title = collected.title or title
    return ImportedModel(model=collected.model(), notes=tuple(collected.notes), originals=originals)


def _heading(text: str) -> tuple[str, dict[str, str]]:
    """Return the title and the name map that one of our writers put in the comments at the top of a file."""
    found: dict[str, object] = {}
    for line in text.split("\n"):
        if line[:1] not in ("\\", "*"):
            break
        match = _NAME_MAP.fullmatch(line)
        if match is None:
            continue
        try:
            found[match["safe"] or ""] = json.loads(match["original"])
        except ValueError:
            continue
    texts = {safe: original for safe, original in found.items() if isinstance(original, str)}
    return texts.pop("", ""), texts
