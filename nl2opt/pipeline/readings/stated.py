"""The other readings that a chat model states: kept where they can be made, left out with a note where not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Alternative, Assumption

_MOST: Final = 40
"""So many readings of one formulation are checked; a chat model that states more of them has lost its thread."""


def without_unreadable_alternatives(content: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Return a draft without the alternatives that are none, so that they do not cost the draft.

    Args:
        content: as `json.loads` gives it.
        notes: gets a sentence for each that is left out.
    """
    assumptions = content.get("assumptions")
    if not isinstance(assumptions, list):
        return content
    return {**content, "assumptions": [_readable(item, notes) for item in assumptions]}


def _readable(assumption: Any, notes: list[str]) -> Any:
    if isinstance(assumption, str):
        return {"text": assumption}
    if not isinstance(assumption, Mapping) or "alternatives" not in assumption:
        return assumption
    written = assumption["alternatives"]
    kept = []
    for item in written if isinstance(written, list) else []:
        try:
            kept.append(Alternative.model_validate(item).model_dump(exclude_defaults=True))
        except ValidationError as error:
            what = str(item.get("text", item)) if isinstance(item, Mapping) else str(item)
            notes.append(_note(what, error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")))
    return {**assumption, "alternatives": kept}


def with_checked_alternatives(compiled: CompiledFormulation) -> tuple[CompiledFormulation, tuple[str, ...]]:
    """Return a compiled formulation whose assumptions have only alternatives that can be applied and compiled.

    Returns:
        It, and one sentence for each alternative that was left out.
    """
    formulation = compiled.formulation
    if not any(assumption.alternatives for assumption in formulation.assumptions):
        return compiled, ()
    notes: list[str] = []
    left = _MOST
    kept: list[Assumption] = []
    for assumption in formulation.assumptions:
        alternatives = list(_sound(compiled, assumption.alternatives[:left], notes))
        left -= min(left, len(assumption.alternatives))
        kept.append(assumption.model_copy(update={"alternatives": alternatives}))
    if not notes:
        return compiled, ()
    return replace(compiled, formulation=formulation.model_copy(update={"assumptions": kept})), tuple(notes)


def _sound(compiled: CompiledFormulation, alternatives: list[Alternative], notes: list[str]) -> Iterator[Alternative]:
    for other in alternatives:
        fault = _fault(compiled, other)
        if fault:
            notes.append(_note(other.text, fault))
        else:
            yield other


def _fault(compiled: CompiledFormulation, other: Alternative) -> str:
    """Say why an alternative cannot be made; empty where it can."""
    try:
        changed = compiled.formulation.apply(other.edits)
    except FormulationError as error:
        return _first(error.findings)
    if changed == compiled.formulation:
        return "it changes nothing"
    return _first(compile_formulation(changed).findings)


def _first(findings: tuple[Finding, ...]) -> str:
    return next((str(finding) for finding in findings if finding.is_error), "")


def _note(what: str, why: str) -> str:
    return f"Another reading was left out, since it cannot be made: {' '.join(what.split())[:100]} ({why})"
