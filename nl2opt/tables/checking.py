"""Checks a formulation together with the tables that are attached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nl2opt.formulation.checker import check
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation
from nl2opt.tables.attached import Data, read_tables
from nl2opt.tables.binding import Binding, bind


def check_with_data(
    formulation: Formulation, data: Data | None, values: Mapping[str, Any] | None, limits: Limits | None
) -> tuple[Finding, ...]:
    """Return what is wrong or doubtful in a formulation, its tables, and their binding."""
    tables = read_tables(data, values=values, limits=limits)
    return all_findings(bind(formulation, tables, limits=limits), tables.findings, limits)


def all_findings(
    binding: Binding, of_tables: tuple[Finding, ...] = (), limits: Limits | None = None
) -> tuple[Finding, ...]:
    """Return the findings of a binding, then those of what it was bound to, each once."""
    faulty = {finding.element for finding in binding.findings if finding.is_error}
    others = [
        f for f in check(binding.formulation, limits=limits) if not (f.code == "no_table" and f.element in faulty)
    ]
    return (*of_tables, *binding.findings, *others)
