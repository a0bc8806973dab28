"""Attached tables in the search for a formulation: what the chat model is shown, and what it is told of faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.feedback import finding_points
from nl2opt.tables.binding import Binding, bind
from nl2opt.tables.masking import Masking, masked_points
from nl2opt.tables.profile import profile
from nl2opt.tables.table import Tables

_NO_ELEMENT: Final = frozenset({"unknown_element", "not_in_set", "unknown_key", "key_error", "out_of_set"})
_NAMES: Final = "These values are given besides the text; a parameter of such a name gets the value by itself: {names}."


class AttachedData:
    """The tables of one search.

    Attributes:
        tables: that are attached; may be none.
    """

    def __init__(self, problem: str, tables: Tables) -> None:
        """Prepare.

        Args:
            problem: in words.
            tables: that are attached.
        """
        self.problem = problem
        self.tables = tables
        parts = [problem]
        if tables:
            parts.append(profile(tables).text)
        if tables.values_given:
            parts.append(_NAMES.format(names=", ".join(tables.values_given)))
        self.asked = "\n\n".join(parts)

    def bind(self, formulation: Formulation) -> Binding:
        """Fill in what the tables and the given values hold."""
        return bind(formulation, self.tables)

    def told(
        self,
        binding: Binding,
        findings: Sequence[Finding],
        written: Sequence[str],
        compiled: CompiledFormulation | None = None,
        of_model: Callable[[CompiledFormulation], Sequence[str]] | None = None,
        others: Sequence[str] = (),
    ) -> tuple[str, ...]:
        """Return faults and doubts, without cells that the chat model was not shown.

        Args:
            binding: of the draft.
            findings: of the draft and its binding.
            compiled: the draft; `None` where it has faults.
            written: everything that the chat model has written.
            of_model: returns what is doubtful about the compiled formulation; `None` to tell the findings.
            others: doubts that hold nothing of the tables, but may name numbers of them.
        """
        if not self.tables:
            if of_model is None or compiled is None:
                return (*finding_points(findings), *others)
            return (*of_model(compiled), *others)
        own = "\n".join(written)
        masking = Masking(self.tables, f"{self.asked}\n{own}", numbers=f"{self.problem}\n{own}")
        compilation = compile_formulation(with_placeholders(masking.formulation(binding.formulation)))
        if of_model is not None and compilation.compiled is not None:
            points = list(of_model(compilation.compiled))
        else:
            bare = [masking.finding(finding) for finding in binding.findings]
            points = finding_points((*bare, *without_repeats(binding, compilation.findings)))
        return masked_points(masking, [*points, *others])


def without_repeats(binding: Binding, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Leave out that tables are not attached where the binding says why."""
    faulty = {finding.element for finding in binding.findings if finding.is_error}
    return tuple(finding for finding in findings if not (finding.code == "no_table" and finding.element in faulty))


def with_placeholders(formulation: Formulation) -> Formulation:
    """Return a formulation that can be checked for all but the numbers that are missing."""
    if not any(parameter.is_missing for parameter in formulation.parameters):
        return formulation
    parameters = [
        p.model_copy(update={"default": 1, "missing": False}) if p.is_missing else p for p in formulation.parameters
    ]
    return formulation.model_copy(update={"parameters": parameters})


def with_table_words(binding: Binding, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Say of elements that are named and not there that a table gives their set."""
    sets = [declared for declared in binding.formulation.sets if declared.origin == "table"]
    if not sets:
        return tuple(findings)
    said = "; ".join(f"{declared.name} has its elements from the table {declared.table}" for declared in sets)
    mend = f"If it was in the data before, it is gone: {said}."
    return tuple(
        replace(finding, mend=f"{finding.mend} {mend}".strip()) if finding.code in _NO_ELEMENT else finding
        for finding in findings
    )
