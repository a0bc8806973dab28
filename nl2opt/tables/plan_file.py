"""Formulations as files: plans that run again on other data."""

from __future__ import annotations

import json
from pathlib import Path

from nl2opt.errors import StoreError
from nl2opt.formulation.schema import Formulation
from nl2opt.tables.seen import with_seen


def save_plan(formulation: Formulation, path: str | Path) -> Path:
    """Write a formulation; see `Formulation.save`."""
    from nl2opt.pipeline.store import write_whole

    target = Path(path)
    write_whole(target, with_seen(formulation).to_json() + "\n")
    return target


def load_plan(path: str | Path) -> Formulation:
    """Read a formulation; see `Formulation.load`."""
    source = Path(path)
    try:
        content = source.read_bytes()
        text = content.decode(json.detect_encoding(content))
    except OSError as error:
        raise StoreError(f"{source} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise StoreError(f"{source} is not a text file.") from error
    return Formulation.from_json(text)
