"""The checks of an answer that need no language model."""

from __future__ import annotations

from nl2opt.formulation.schema import Formulation
from nl2opt.verification.accounting import NumberAccount, account_numbers
from nl2opt.verification.evidence import Evidence, EvidenceKind, Outcome
from solvers import Model, Solution, check_point

_SHOWN = 6


def point_evidence(model: Model, solution: Solution) -> Evidence:
    """Check the point against every row, bound and integrality demand by our own arithmetic."""
    assert solution.values is not None
    check = check_point(model, solution.values)
    rows = f"{model.n_rows} constraint row{'s' if model.n_rows != 1 else ''}"
    if check.accepted:
        text = f"The values satisfy all {rows} and all bounds by our own arithmetic."
        return Evidence(name="point", kind=EvidenceKind.SOLVING, outcome=Outcome.PASSED, text=text)
    worst = model.name_of_row(check.worst_row) if check.worst_row is not None else "a bound"
    text = f"The values violate {worst} by {check.max_violation:.3g}."
    return Evidence(name="point", kind=EvidenceKind.SOLVING, outcome=Outcome.FAILED, text=text)


def number_evidence(problem: str, formulation: Formulation) -> Evidence:
    """Check that every number of the problem is used and none of the formulation is invented."""
    account = account_numbers(problem, formulation)
    doubts = number_doubts(account)
    if not account.used and not account.unused:
        text = "The problem states no numbers, so none could be compared."
        return Evidence(name="numbers", kind=EvidenceKind.MODELLING, outcome=Outcome.DOUBTFUL, text=text)
    if doubts:
        text = " ".join(doubts)
        return Evidence(name="numbers", kind=EvidenceKind.MODELLING, outcome=Outcome.DOUBTFUL, text=text)
    text = f"All {len(account.used)} numbers of the text are used."
    if account.unused_weak:
        text += f" Taken for words, not data: {_listed([n.text for n in account.unused_weak])}."
    return Evidence(name="numbers", kind=EvidenceKind.MODELLING, outcome=Outcome.PASSED, text=text)


def number_doubts(account: NumberAccount) -> list[str]:
    """Say which numbers are used nowhere and which come from nowhere."""
    doubts = []
    if account.unused:
        doubts.append(f"Not used: {_listed([number.text for number in account.unused])}.")
    if account.invented:
        names = [f"{number.value:g} ({number.element})" for number in account.invented]
        doubts.append(f"Not in the text: {_listed(list(dict.fromkeys(names)))}.")
    return doubts


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more
