"""What one compilation remarks: findings, assumptions, and the elements that failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from nl2opt.formulation.checks.names import NameChecker, error_finding
from nl2opt.formulation.findings import Finding, Severity
from nl2opt.formulation.language.parser import ExpressionError, parse_expression
from nl2opt.formulation.language.syntax import Index, Name, walk
from nl2opt.formulation.objectives import objective_findings
from nl2opt.formulation.schema import Assumption, Formulation

Result = TypeVar("Result")


class Remarks:
    """Collects what is found on the way, beginning with wrong names.

    Attributes:
        findings: in the order in which they were found.
        assumptions: what the formulation does not say and is taken for granted.
        failed_names: names of sets, parameters and variables that could not be built.
    """

    def __init__(self, formulation: Formulation) -> None:
        """Check the names of a formulation."""
        self.findings = [*NameChecker(formulation).check(), *objective_findings(formulation)]
        self.assumptions: list[Assumption] = []
        self._broken = {f"{f.element}.{f.field}" for f in self.findings if f.is_error}
        self.failed_names: set[str] = {
            f.element.split(".", 1)[1]
            for f in self.findings
            if f.is_error
            and f.element.startswith(("sets.", "parameters.", "variables."))
            and f.field not in ("lower", "upper")
        }

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error."""
        return any(finding.is_error for finding in self.findings)

    def fail(self, code: str, element: str, message: str, *, field: str = "", mend: str = "") -> None:
        """Add an error."""
        self.findings.append(Finding(code=code, element=element, field=field, message=message, mend=mend))

    def attempt(self, element: str, field: str, action: Callable[[], Result]) -> Result | None:
        """Run one step; an error of the formulation becomes a finding about the element and field."""
        try:
            return action()
        except ExpressionError as error:
            self.findings.append(error_finding(error, element, field))
        except MemoryError:
            message = "the machine has not enough memory for it"
            self.fail("memory", element, message, field=field)
        return None

    def depends_on_failed(self, text: str) -> bool:
        """Whether an expression names something that could not be built; its own findings say enough."""
        return bool(self.failed_names) and not self.failed_names.isdisjoint(names_in(text))

    def usable(self, element: str, field: str, text: str) -> bool:
        """Whether an expression has no fault that is known already, and names nothing that failed."""
        return f"{element}.{field}" not in self._broken and not self.depends_on_failed(text)

    def warn(self, code: str, element: str, message: str, *, text: str = "", where: str = "", mend: str = "") -> None:
        """Add a warning."""
        finding = Finding(
            severity=Severity.WARNING,
            code=code,
            element=element,
            message=message,
            text=text,
            where=where,
            mend=mend,
        )
        self.findings.append(finding)

    def assume(self, text: str, element: str) -> None:
        """Record an assumption."""
        self.assumptions.append(Assumption(text=text, element=element))


def names_in(text: str) -> set[str]:
    """Return every name that an expression speaks of; none when it cannot be read."""
    try:
        root = parse_expression(text).root
    except ExpressionError:
        return set()
    return {node.name for node in walk(root) if isinstance(node, Name | Index)}
