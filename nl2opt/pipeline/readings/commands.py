"""The edits of a reading as a person types them: options of `nl2opt change`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Final

from nl2opt.formulation.schema import Change

_OPTIONS: Final = {"set": "--set", "add": "--add", "remove": "--remove", "switch_off": "--switch-off"}
"""In the order in which the command makes them."""


def change_options(changes: Sequence[Change]) -> str:
    """Return edits as options of `nl2opt change`, quoted for a shell.

    Returns:
        The options; empty where the command has none for an edit, or would make the edits in another order.
    """
    kinds = [change.kind for change in changes]
    order = list(_OPTIONS)
    if any(kind not in _OPTIONS for kind in kinds) or kinds != sorted(kinds, key=order.index):
        return ""
    return " ".join(f"{_OPTIONS[change.kind]} {shlex.quote(_argument(change))}" for change in changes)


def _argument(change: Change) -> str:
    if change.kind in ("remove", "switch_off"):
        return change.path
    text = change.value if isinstance(change.value, str) else json.dumps(change.value, ensure_ascii=False)
    return f"{change.path}={_as_text(text) if isinstance(change.value, str) else text}"


def _as_text(text: str) -> str:
    """Return a text so that the command reads it as a text: in JSON where it would be read as something else."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(text, ensure_ascii=False)
