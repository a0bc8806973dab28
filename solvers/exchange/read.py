"""Reads a model file into a flat model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from solvers.exchange.lp_reader import collect_lp
from solvers.exchange.mps_reader import collect_mps
from solvers.exchange.source import DEFAULT_MAX_BYTES, format_of, text_of
from solvers.model import Model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImportedModel:
    """A model that stood in a file.

    Attributes:
        model: with the names of the file.
        notes: what the file leaves open, and how it was read; for people.
    """

    model: Model
    notes: tuple[str, ...] = ()


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
    collected = collect(text_of(source, max_bytes=max_bytes), source.name)
    return ImportedModel(model=collected.model(), notes=tuple(collected.notes))
