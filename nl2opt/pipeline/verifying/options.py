"""How far an answer is verified: which rungs, and what they may cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final, Literal

from nl2opt.errors import SettingsError

Level = Literal["quick", "standard", "thorough"]
QUICK_RUNGS: Final = ("point", "numbers", "second_solver", "plausibility", "directions")
"""The rungs that ask no language model and start no process."""
RUNGS: Final = (*QUICK_RUNGS, "program", "asked_directions", "independent", "judge")
"""All rungs, in the order in which they are climbed: cheapest first."""
RUNG_WORDS: Final[Mapping[str, str]] = {
    "point": "the point",
    "numbers": "the numbers of the text",
    "second_solver": "a second solver",
    "plausibility": "signs of a wrong model",
    "directions": "directions that the text states",
    "program": "the formulation as a program",
    "asked_directions": "directions that a language model expects",
    "independent": "an independent second model",
    "judge": "the judge",
}
"""What people call the rungs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """How far an answer is verified.

    Attributes:
        calls: requests to a language model at most; `None` for as many as the rungs take.
        seconds: for all rungs together, beginning with the first; `None` for no limit. A rung that has begun gets what
            is left and ends within it, but for a request that a language model does not break off.
        rungs: names of those that may be climbed, see `RUNGS`.
        runs_all: whether the rungs behind a doubt, and behind the word *verified*, are climbed as well.
        corrections: of the independent program, at most; `None` for as many rounds as the formulation has.
        level: the name of the level; empty for options of one's own.

    Raises:
        SettingsError: an option makes no sense.
    """

    calls: int | None = 3
    seconds: float | None = 120.0
    rungs: tuple[str, ...] = RUNGS
    runs_all: bool = False
    corrections: int | None = 0
    level: str = ""

    def __post_init__(self) -> None:
        """Refuse what makes no sense before anything is spent."""
        if self.calls is not None and (
            isinstance(self.calls, bool) or not isinstance(self.calls, int) or self.calls < 0
        ):
            raise SettingsError(f"`calls` is {self.calls!r}; it must be a whole number from 0, or None for no limit.")
        if self.seconds is not None and not (_is_number(self.seconds) and 0 < self.seconds < math.inf):
            raise SettingsError(f"`seconds` is {self.seconds!r}; it must be a number above 0, or None for no limit.")
        if isinstance(self.rungs, str):
            raise SettingsError(f"`rungs` is the text {self.rungs!r}; it must be a tuple of names.")
        unknown = [name for name in self.rungs if name not in RUNGS]
        if unknown:
            raise SettingsError(" ".join(_unknown("rung", str(name), RUNGS) for name in unknown))
        object.__setattr__(self, "rungs", tuple(self.rungs))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown(kind: str, name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no {kind} {name!r}; there are: {', '.join(known)}.{hint}"


LEVELS: Final[Mapping[str, VerifyOptions]] = {
    "quick": VerifyOptions(calls=0, seconds=10.0, rungs=QUICK_RUNGS, level="quick"),
    "standard": VerifyOptions(level="standard"),
    "thorough": VerifyOptions(calls=None, seconds=None, runs_all=True, corrections=None, level="thorough"),
}
"""What the names of levels stand for."""


def require_verify(verify: str | VerifyOptions) -> VerifyOptions:
    """Return the options that a name stands for, in any letter case; options stay as they are.

    Raises:
        SettingsError: there is no level of that name.
    """
    if isinstance(verify, VerifyOptions):
        return verify
    found = LEVELS.get(verify.strip().lower()) if isinstance(verify, str) else None
    if found is None:
        raise SettingsError(_unknown("level of verification", str(verify), tuple(LEVELS)))
    return replace(found)
