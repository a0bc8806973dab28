"""An assumption that was found, with the words of the problem that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nl2opt.formulation.schema import Alternative, Assumption, Change

SAID: Final = "You said: "
"""How an assumption begins that a person has settled; its alternative leads back."""


@dataclass(frozen=True, slots=True)
class Spotted:
    """An assumption with the words of the problem that may be read otherwise.

    Attributes:
        assumption: with its alternatives.
        quote: from the problem; empty where no words are known.
        speaks: whether somebody should be told of it; one that does not speak is never open.
    """

    assumption: Assumption
    quote: str = ""
    speaks: bool = True


def alternative(text: str, changes: Sequence[Change]) -> Alternative:
    """Return an alternative of one edit or several."""
    if len(changes) == 1:
        return Alternative(text=text, change=changes[0])
    return Alternative(text=text, changes=list(changes))


def is_settled(assumption: Assumption) -> bool:
    """Whether a person has said which reading is meant."""
    return assumption.text.startswith(SAID)
