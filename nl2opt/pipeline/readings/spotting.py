"""All that a formulation takes for granted: what it states, what the compiler implies, what its text leaves open."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.formulation.compilation.compiled import CompiledFormulation
from nl2opt.formulation.schema import Assumption, Change, Formulation, Variable
from nl2opt.pipeline.readings.exactness import open_demands
from nl2opt.pipeline.readings.missing_rows import unmet_limits
from nl2opt.pipeline.readings.part_or_others import open_shares
from nl2opt.pipeline.readings.periods import amounts_per_period
from nl2opt.pipeline.readings.signs import implied_bound, is_signed, open_signs
from nl2opt.pipeline.readings.spotted import Spotted
from nl2opt.pipeline.readings.strictness import strict_limits
from nl2opt.pipeline.readings.unstated_data import entries_read_as_zero, starting_stock
from nl2opt.pipeline.readings.wholeness import open_wholeness, wholeness
from nl2opt.verification.accounting import account_numbers
from solvers import Solution

_ABOUT_WHOLE: Final = re.compile(
    r"\b(?:whole|integers?|integral|fractions?|fractional|split|divisible|indivisible|continuous|rounded)\b",
    re.IGNORECASE,
)
_ABOUT_SIGN: Final = re.compile(r"\b(?:non-?negative|(?:not|never|cannot be|can't be) negative)\b", re.IGNORECASE)


def spotted_in(problem: str, compiled: CompiledFormulation, solution: Solution) -> tuple[Spotted, ...]:
    """Return the assumptions of an answer, stated ones first, each with its other readings.

    Args:
        problem: the text; empty where a formulation was given, and nothing can be left open by words then.
        compiled: the formulation.
        solution: what came of it.
    """
    formulation = compiled.formulation
    stated = [_completed(assumption, problem, formulation) for assumption in formulation.assumptions]
    covered = _covered([item.assumption for item in stated])
    implied = [
        implied_bound(assumption, problem, formulation) if assumption.alternatives else Spotted(assumption)
        for assumption in compiled.assumptions
        if not _keys(assumption) & covered
    ]
    found = [*stated, *implied]
    if problem:
        covered |= _covered([item.assumption for item in implied])
        paths = frozenset(key.split("=", 1)[0] for key in covered)
        mechanical = _left_open(problem, compiled, solution, paths)
        found += [item for item in mechanical if not _keys(item.assumption) & covered]
    return tuple({item.assumption.text: item for item in reversed(found)}.values())[::-1]


def _left_open(
    problem: str, compiled: CompiledFormulation, solution: Solution, paths: frozenset[str]
) -> Iterator[Spotted]:
    """Yield what the words of a text leave open."""
    formulation = compiled.formulation
    yield from open_wholeness(problem, formulation, paths)
    yield from open_signs(formulation, paths)
    yield from strict_limits(problem, formulation)
    yield from open_demands(problem, compiled, solution)
    yield from open_shares(problem, formulation)
    account = account_numbers(problem, formulation)
    yield from unmet_limits(problem, formulation, account)
    yield from amounts_per_period(problem, formulation, account)
    yield from starting_stock(problem, formulation)
    yield from entries_read_as_zero(compiled)


def _completed(assumption: Assumption, problem: str, formulation: Formulation) -> Spotted:
    """Return a stated assumption with the reading that its words call for, where it comes without one."""
    if assumption.alternatives:
        return Spotted(assumption)
    about = _variables(assumption, formulation)
    if about and _ABOUT_WHOLE.search(assumption.text) and len({variable.domain for variable in about}) == 1:
        readings = wholeness(about, problem).assumption.alternatives[:1]
        return Spotted(assumption.model_copy(update={"alternatives": readings}))
    if about and _ABOUT_SIGN.search(assumption.text):
        changes = [Change(kind="set", path=f"variables.{v.name}.lower", value="-inf") for v in about]
        free = {"text": "negative values are possible", "changes": [change.model_dump() for change in changes]}
        whole = Assumption.model_validate({**assumption.model_dump(exclude={"alternatives"}), "alternatives": [free]})
        return Spotted(whole, speaks=any(map(is_signed, about)))
    return Spotted(assumption)


def _variables(assumption: Assumption, formulation: Formulation) -> list[Variable]:
    """Return the variables that an assumption is about: that of its element, or all where it names no element."""
    known = [variable for variable in formulation.variables if variable.domain in ("integer", "continuous")]
    element = assumption.element.removeprefix("variables.")
    return [variable for variable in known if element in ("", variable.name)]


def _covered(assumptions: Sequence[Assumption]) -> frozenset[str]:
    return frozenset(key for assumption in assumptions for key in _keys(assumption))


def _keys(assumption: Assumption) -> frozenset[str]:
    """Return what the readings of an assumption are about: the paths that they change, with what is added there."""
    return frozenset(_key(change) for other in assumption.alternatives for change in other.edits)


def _key(change: Change) -> str:
    return f"{change.path}={json.dumps(change.value, default=str)}" if change.kind == "add" else change.path
