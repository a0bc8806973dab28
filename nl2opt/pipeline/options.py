"""What can be asked of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, get_args

from nl2opt.chat.base import WritingStyle
from nl2opt.errors import SettingsError
from nl2opt.pipeline.readings.limits import DEFAULT_READINGS, MAX_READINGS
from solvers import DEFAULT_OPTIONS, SolveOptions

DEFAULT_ROUNDS: Final = 3
MAX_ROUNDS: Final = 20
Route = Literal["formulation", "program", "both"]
"""What the language model writes: a formulation, which is compiled; a program, which is run in the sandbox; or both."""


def require_route(route: str) -> Route:
    """Return a route.

    Raises:
        SettingsError: there is no route of that name.
    """
    for known in get_args(Route):
        if route == known:
            found: Route = known
            return found
    near = get_close_matches(str(route), get_args(Route), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise SettingsError(f"There is no route {route!r}; there are: {', '.join(get_args(Route))}.{hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulateOptions:
    """How a formulation is looked for.

    Attributes:
        style: writing style; `None` for the one that suits the chat model.
        rounds: corrections at most, up to 20; 0 keeps the first draft.
        timeout_seconds: for each completion, more than 0.
        solve: limits and tolerances of the solver.
        solver: name of a back end, or `auto`.
        readings: how many other readings of the problem are solved at most, up to 100; 0 for none.

    Raises:
        SettingsError: an option makes no sense.
    """

    style: WritingStyle | None = None
    rounds: int = DEFAULT_ROUNDS
    timeout_seconds: float = 600.0
    solve: SolveOptions = DEFAULT_OPTIONS
    solver: str = "auto"
    readings: int = DEFAULT_READINGS

    def __post_init__(self) -> None:
        """Refuse what makes no sense before a language model is asked."""
        styles = get_args(WritingStyle)
        if self.style is not None and self.style not in styles:
            raise SettingsError(f"There is no writing style {self.style!r}; there are: {', '.join(styles)}.")
        if not isinstance(self.rounds, int) or not 0 <= self.rounds <= MAX_ROUNDS:
            raise SettingsError(f"`rounds` is {self.rounds!r}; it must be a whole number from 0 to {MAX_ROUNDS}.")
        if not isinstance(self.readings, int) or not 0 <= self.readings <= MAX_READINGS:
            raise SettingsError(f"`readings` is {self.readings!r}; it must be a whole number from 0 to {MAX_READINGS}.")
        if not self.timeout_seconds > 0:
            raise SettingsError(f"`timeout_seconds` is {self.timeout_seconds!r}; it must be more than 0.")
