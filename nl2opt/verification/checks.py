"""The checks of an answer that need no language model."""

from __future__ import annotations

import numpy as np

from nl2opt.formulation.schema import Formulation
from nl2opt.verification.accounting import NumberAccount, account_numbers
from nl2opt.verification.evidence import NUMBERS, Evidence, EvidenceKind, Outcome
from solvers import Model, PointCheck, Solution, check_point

_SHOWN = 6


def point_evidence(model: Model, solution: Solution) -> Evidence:
    """Check the point against every row, bound and integrality demand by our own arithmetic.

    Args:
        model: what was solved.
        solution: with values.
    """
    assert solution.values is not None
    check = check_point(model, solution.values)
    if check.accepted:
        text = f"The values satisfy {_demands(model)}all bounds by our own arithmetic."
        return Evidence(name="point", kind=EvidenceKind.SOLVING, outcome=Outcome.PASSED, text=text)
    text = f"The values violate {_worst(model, check)} by {check.max_violation:.3g}."
    return Evidence(name="point", kind=EvidenceKind.SOLVING, outcome=Outcome.FAILED, text=text)


def _demands(model: Model) -> str:
    """Name what was checked beside the bounds; empty when there is nothing else."""
    cones = 0 if model.cones is None else len(model.cones.starts) - 1
    conditional = 0 if model.indicators is None else len(np.unique(model.indicators.row))
    counted = [
        (model.n_rows - conditional, "constraint row"),
        (conditional, "conditional row"),
        (cones, "second-order cone"),
        (len(model.global_constraints), "global constraint"),
    ]
    named = [f"the {what}" if count == 1 else f"all {count:,} {what}s" for count, what in counted if count]
    return "".join(f"{name}, " for name in named[:-1]) + f"{named[-1]} and " if named else ""


def _worst(model: Model, check: PointCheck) -> str:
    """Name what is violated most."""
    if check.worst_row is not None and check.row_violation >= check.max_violation:
        return model.name_of_row(check.worst_row)
    if check.worst_column is None:
        return "finiteness"
    name = model.name_of_column(check.worst_column)
    what = "the bounds" if check.bound_violation >= check.integrality_violation else "the whole numbers"
    return f"{what} of {name}"


def local_evidence(solution: Solution) -> Evidence:
    """Say that the optimum is a local one, which no check can make the best one."""
    text = f"{solution.solver} looks near its start only: that no better values exist is not proven."
    return Evidence(name="optimum", kind=EvidenceKind.SOLVING, outcome=Outcome.DOUBTFUL, text=text)


def draft_evidence(agreeing: int, drafts: int, *, same: str = "demand exactly the same") -> Evidence:
    """Say how many of the drafts that the language model wrote are the same.

    Drafts of one language model share its misunderstandings, so this is no independent agreement; but where
    no two agree, the answer is little more than a guess.

    Args:
        agreeing: drafts that demand exactly what the chosen formulation demands.
        drafts: drafts in all.
        same: in what those agree.
    """
    if drafts < 2:
        outcome, text = Outcome.NOT_RUN, "The language model was asked for one draft only."
    elif agreeing > 1:
        outcome, text = Outcome.PASSED, f"{agreeing} of {drafts} drafts of the language model {same}."
    elif agreeing == 1:
        outcome, text = Outcome.DOUBTFUL, f"No two of the {drafts} drafts of the language model {same}."
    else:
        text = f"Put together from what most of {drafts} drafts of the language model demand; none demands just this."
        outcome = Outcome.DOUBTFUL
    return Evidence(name="drafts", kind=EvidenceKind.MODELLING, outcome=outcome, text=text)


def number_evidence(problem: str, formulation: Formulation) -> Evidence:
    """Check that every number of the problem is used and none of the formulation is invented."""
    account = account_numbers(problem, formulation)
    doubts = number_doubts(account)
    states_none = not account.used and not account.unused
    if states_none and not doubts and formulation.has_cells:
        text = "The problem states no numbers, and the formulation has none but those of the attached tables."
        return Evidence(name=NUMBERS, kind=EvidenceKind.MODELLING, outcome=Outcome.PASSED, text=text)
    if states_none:
        doubts.insert(0, "The problem states no numbers that could be compared.")
    if doubts:
        text = " ".join(doubts)
        return Evidence(name=NUMBERS, kind=EvidenceKind.MODELLING, outcome=Outcome.DOUBTFUL, text=text)
    count = len(account.used)
    text = "The one number of the text is used." if count == 1 else f"All {count} numbers of the text are used."
    if account.unused_weak:
        text += f" Taken for words, not data: {_listed([n.text for n in account.unused_weak])}."
    return Evidence(name=NUMBERS, kind=EvidenceKind.MODELLING, outcome=Outcome.PASSED, text=text)


def number_doubts(account: NumberAccount) -> list[str]:
    """Say which numbers are used nowhere or too often, and which come from nowhere."""
    doubts = []
    if account.unused:
        doubts.append(f"Not used: {_listed([number.text for number in account.unused])}.")
    if account.invented:
        names = [f"{number.value:g} ({number.element})" for number in account.invented]
        doubts.append(f"Not in the text: {_listed(list(dict.fromkeys(names)))}.")
    if account.overused:
        names = [f"{number.value:g} ({number.element})" for number in account.overused]
        doubts.append(f"Used more often than the text has it: {_listed(list(dict.fromkeys(names)))}.")
    return doubts


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more
