"""What `run` and `solve` add to an answer when they are asked to: sensitivity, and more than one solution."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from nl2opt.formulation.analysis.sensitivity import Sensitivity
    from nl2opt.formulation.analysis.solutions import Solutions
    from nl2opt.pipeline.answer import Answer

_WIDTH: Final = 100
_MOST_SOLUTIONS: Final = 1000
_SHARE: Final = re.compile(r"\s*(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)\s*(%?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Addition:
    """Something that stands behind an answer.

    Attributes:
        key: in the JSON object.
        title: on the page.
        lines: on the page.
        content: in the JSON object.
    """

    key: str
    title: str
    lines: list[str]
    content: Any


def share(text: str) -> float:
    """Return the number that a share such as `0.01` or `1%` means.

    Raises:
        typer.BadParameter: it means none, or less than 0.
    """
    found = _SHARE.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"`{text}` is not a share of at least 0; write 0.01 or 1%")
    number = float(found[1]) / (100.0 if found[2] else 1.0)
    if not number < float("inf"):
        raise typer.BadParameter(f"`{text}` is too large for a share")
    return number


Sensitive = Annotated[
    bool,
    typer.Option(
        "--sensitivity", help="Also say what one unit more or less of each constraint would be worth, and how far."
    ),
]
Pool = Annotated[
    int | None,
    typer.Option(
        "--pool",
        metavar="NUMBER",
        min=1,
        max=_MOST_SOLUTIONS,
        help="Also list so many best solutions that differ in whole numbers.",
    ),
]
Gap = Annotated[
    float | None,
    typer.Option(
        "--gap",
        metavar="SHARE",
        parser=share,
        help="Stop when the answer is within this share of the best possible: 0.01 or 1% (default: 0).",
    ),
]


def additions(
    answer: Answer, *, sensitivity: bool, pool: int | None, solver: str, time_limit: float | None, gap: float | None
) -> list[Addition]:
    """Return what was asked for about an answer; none where it has no formulation that can be solved.

    Raises:
        SettingsError: the options make no sense.
    """
    if answer.formulation is None or not (sensitivity or pool):
        return []
    from nl2opt.errors import SettingsError
    from nl2opt.settings import load_settings
    from solvers import SolveOptions

    if time_limit is None:
        time_limit = load_settings().time_limit_seconds
    try:
        options = SolveOptions(time_limit_seconds=time_limit, relative_gap=gap or 0.0)
    except ValueError as error:
        raise SettingsError(f"{error}.") from error
    formulation, found = answer.formulation, []
    if sensitivity:
        found.append(
            _asked("sensitivity", "Sensitivity", lambda: formulation.sensitivity(solver=solver, options=options))
        )  # fmt: skip
    if pool:
        found.append(
            _asked("pool", "Solutions", lambda: formulation.solutions(pool, solver=solver, options=options))
        )  # fmt: skip
    return found


def reached_gap(answer: Answer, gap: float | None) -> bool:
    """Return whether the gap that was asked for was reached, which is what was to be done."""
    return gap is not None and answer.objective is not None and answer.gap is not None and answer.gap <= gap


def _asked(key: str, title: str, analyse: Callable[[], Sensitivity | Solutions]) -> Addition:
    """Return an addition; where it cannot be had, the reason stands in its place, and the answer stays as it is."""
    from nl2opt.errors import FormulationError
    from solvers.errors import SolversError

    try:
        found = analyse()
    except FormulationError as error:
        reason = " ".join(str(finding) for finding in error.findings if finding.is_error)
    except SolversError as error:
        reason = str(error)
    else:
        return Addition(key, title, list(_items(str(found))), found.to_dict())
    return Addition(key, title, list(_items(reason)), {"refused": reason})


def _items(text: str) -> Iterator[str]:
    """Yield the lines of a text, long ones on several lines."""
    for line in text.splitlines():
        yield from textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_long_words=False) or [""]
