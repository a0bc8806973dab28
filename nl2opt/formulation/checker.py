"""Checks a formulation: everything that leaves it without a single meaning, and everything doubtful."""

from __future__ import annotations

from nl2opt.formulation.checks.unit_check import unit_findings
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation


def check(formulation: Formulation, *, limits: Limits | None = None) -> tuple[Finding, ...]:
    """Return every finding about a formulation, in the order of its elements, units last; empty when all is well."""
    return (*compile_formulation(formulation, limits=limits).findings, *unit_findings(formulation))
