"""Tells which elements of a set are new or gone since its formulation was saved, without keeping them in the file."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from nl2opt.formulation.schema import Formulation, Set

_MOST: Final = 10_000
"""Of larger sets no fingerprints are kept."""
_SHOWN: Final = 5
_DIGITS: Final = 12
_COUNTED: Final = "n="


def with_seen(formulation: Formulation) -> Formulation:
    """Return a formulation whose sets hold fingerprints of the elements that tables gave them."""
    sets = [
        declared.model_copy(update={"seen": _fingerprints(declared)}) if declared.origin == "table" else declared
        for declared in formulation.sets
    ]
    return formulation.model_copy(update={"sets": sets})


def element_changes(declared: Set) -> list[str]:
    """Say which elements that a table gives a set are new, and how many are gone, since the formulation was saved."""
    if declared.origin != "table" or not declared.seen or not isinstance(declared.elements, list):
        return []
    known = set(declared.seen)
    now = [_fingerprint(element) for element in declared.elements]
    new = [str(e) for e, fingerprint in zip(declared.elements, now, strict=True) if fingerprint not in known]
    gone = len(known - set(now))
    notes = []
    if new:
        more = f" and {len(new) - _SHOWN:,} more" if len(new) > _SHOWN else ""
        are = "elements are" if len(new) > 1 else "element is"
        notes.append(
            f"{declared.name}: {len(new):,} {are} new since the plan was saved: {', '.join(new[:_SHOWN])}{more}."
        )
    if gone:
        are = "elements are" if gone > 1 else "element is"
        notes.append(f"{declared.name}: {gone:,} {are} gone since the plan was saved.")
    return notes


def _fingerprints(declared: Set) -> list[str]:
    elements = declared.elements
    return [_fingerprint(e) for e in elements] if isinstance(elements, list) and len(elements) <= _MOST else []


def _fingerprint(element: Any) -> str:
    return hashlib.sha256(repr(element).encode()).hexdigest()[:_DIGITS]
