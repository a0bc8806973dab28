"""Tells lower bounds of 0 that nobody stated and that matter from those of things that cannot be negative."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nl2opt.formulation.schema import Alternative, Assumption, Change, Formulation, Variable
from nl2opt.pipeline.readings.spotted import Spotted
from nl2opt.pipeline.readings.text_rows import head_of

_SIGNED: Final = re.compile(
    r"\b(?:temperatures?|balances?|net|deviations?|differences?|changes? in|positions?|coordinates?|slopes?|intercepts?"
    r"|coefficients?|offsets?|profits?|loss(?:es)?|returns?|errors?|residuals?|elevations?|altitudes?|angles?"
    r"|voltages?|velocit(?:y|ies)|adjustments?|imbalances?|exchange|short(?:ed| selling| position)?|cash ?flow)\b",
    re.IGNORECASE,
)
_COUNT: Final = re.compile(
    r"(?:the )?(?:total )?(?:numbers?|counts?|quantit(?:y|ies)|units?) (?:of|in)\b", re.IGNORECASE
)


def lower_path(name: str) -> str:
    """Return the path of a variable's lower bound."""
    return f"variables.{name}.lower"


def implied_bound(assumption: Assumption, problem: str, formulation: Formulation) -> Spotted:
    """Return the assumption that a variable without a lower bound is not negative.

    With a text, it speaks only where the words of the variable name something that may be negative, as a temperature;
    without one, nobody knows what the variable counts.
    """
    variable = next(v for v in formulation.variables if v.name == assumption.element)
    return Spotted(assumption, speaks=not problem or is_signed(variable))


def open_signs(formulation: Formulation, covered: frozenset[str]) -> Iterator[Spotted]:
    """Yield an assumption for each lower bound of 0 of a quantity that may be negative by its words.

    Args:
        formulation: of a text.
        covered: paths that other assumptions are about already.
    """
    for variable in formulation.variables:
        is_stated_zero = variable.lower == 0 and variable.domain in ("continuous", "integer")
        if is_stated_zero and is_signed(variable) and lower_path(variable.name) not in covered:
            change = Change(kind="set", path=lower_path(variable.name), value="-inf")
            free = Alternative(text=f"{variable.name} may be negative", change=change)
            yield Spotted(
                Assumption(text=f"{variable.name} is not negative", element=variable.name, alternatives=[free])
            )


def is_signed(variable: Variable) -> bool:
    """Whether the words of a variable name something that may be negative."""
    head = head_of(variable.description)
    if _COUNT.match(head):
        return False
    return _SIGNED.search(f"{variable.name.replace('_', ' ')} {head}") is not None
