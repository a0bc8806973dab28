"""What a person asks for on the page, refused before anything is started when it makes no sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nl2opt.errors import SettingsError

if TYPE_CHECKING:
    from nl2opt.settings import Settings
    from nl2opt.tables.table import Tables

PROGRAM_ROUTES: Final = ("program", "both")
"""The routes on which a program is run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A problem, and how it is to be answered.

    Attributes:
        problem: in words.
        llm: the language model; `None` for that of the settings.
        solver: name of a solver, or `auto`.
        time_limit: of the solver, in seconds; `None` for that of the settings.
        route: `formulation`, `program` or `both`.
        tables: that are attached, see `attaching.read`; `None` for none.
    """

    problem: str
    llm: str | None = None
    solver: str = "auto"
    time_limit: float | None = None
    route: str = "formulation"
    tables: Tables | None = None


def settings_of(request: Request) -> Settings:
    """Return the settings with what was asked for before all others.

    Raises:
        SettingsError: one makes no sense.
    """
    from nl2opt.settings import load_settings

    return load_settings(llm=request.llm, time_limit_seconds=request.time_limit)


def require(request: Request) -> None:
    """Refuse a request that cannot be begun.

    Raises:
        ProblemError: the text is empty, far too long, or not Unicode.
        SettingsError: an option makes no sense, or a program would run outside a sandbox.
        StoreError: the completion cache cannot be used.
        solvers.UnknownSolverError: there is no solver of that name.
    """
    from nl2opt.chat.choose import choose_chat_model
    from nl2opt.pipeline.formulate import require_problem
    from nl2opt.pipeline.options import require_route
    from solvers import back_end_named

    require_problem(request.problem)
    require_route(request.route)
    back_end_named(request.solver)
    settings = settings_of(request)
    choose_chat_model(settings.llm, settings)
    if request.tables is not None and request.route != "formulation":
        raise SettingsError("Attached tables are for the route `formulation`. Choose it, or remove the tables.")
    if request.route in PROGRAM_ROUTES and not is_sealed():
        raise SettingsError(
            f"This machine has no sandbox, so a program that a language model wrote could reach your files: the route "
            f"`{request.route}` is off. Choose the route `formulation`, which runs no program."
        )


_sealed: list[bool] = []


def is_sealed() -> bool:
    """Whether programs are kept from the machine here; looked at once, which takes a second."""
    if not _sealed:
        from solvers.sandbox import Isolation, Pool
        from solvers.sandbox.inside.families import DEFAULT_FAMILY

        with Pool(at_once=1) as pool:
            _sealed.append(pool.isolation(DEFAULT_FAMILY) is not Isolation.NONE)
    return _sealed[0]


def what_is_sent(llm: str, settings: Settings, *, has_tables: bool) -> str:
    """Say in one sentence what the language model gets, and where it is."""
    tables = ", with the names, units and ranges of the tables' columns and three of their rows," if has_tables else ""
    kind, _, model = llm.strip().partition(":")
    if kind == "openai":
        address = settings.llm_base_url or "api.openai.com"
        return (
            f"Your text{tables} is sent to the language model {model} at {address}; nothing else leaves this machine."
        )
    if kind == "local":
        return f"The embedded language model reads your text{tables}; nothing leaves this machine."
    return f"The replies were written beforehand ({llm}); nothing leaves this machine."
