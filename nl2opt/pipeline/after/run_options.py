"""How a changed answer is solved again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nl2opt.errors import SettingsError
from nl2opt.pipeline.events import OnPipelineEvent
from nl2opt.pipeline.options import FormulateOptions
from solvers import SolveOptions, back_end_named

if TYPE_CHECKING:
    from nl2opt.chat.base import ChatModel
    from nl2opt.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a changed answer is solved again, and who is told.

    Attributes:
        formulate: options of the language model and of the solver.
        settings: everything else.
        on_event: called with steps, tokens and solver events; may be `None`.
        cancel: set it to stop; may be `None`.
    """

    formulate: FormulateOptions
    settings: Settings
    on_event: OnPipelineEvent | None = None
    cancel: threading.Event | None = None

    @property
    def solve(self) -> SolveOptions:
        """Limits and tolerances of the solver."""
        return self.formulate.solve

    def chat_model(self, llm: str | ChatModel | None) -> ChatModel:
        """Return the chat model that is meant; that of the settings for `None`."""
        from nl2opt.chat.choose import choose_chat_model

        return choose_chat_model(llm if llm is not None else self.settings.llm, self.settings)


def run_options(
    *,
    solver: str = "auto",
    time_limit: float | None = None,
    gap: float | None = None,
    rounds: int | None = None,
    settings: Settings | None = None,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> RunOptions:
    """Return the options, those of the settings where none is given.

    Raises:
        SettingsError: one makes no sense.
        solvers.UnknownSolverError: there is no solver of that name.
    """
    from nl2opt.settings import load_settings

    back_end_named(solver)
    settings = settings if settings is not None else load_settings()
    try:
        limits = SolveOptions(
            time_limit_seconds=time_limit if time_limit is not None else settings.time_limit_seconds,
            relative_gap=gap if gap is not None else 0.0,
        )
    except ValueError as error:
        raise SettingsError(f"{error}.") from error
    formulate = FormulateOptions(
        style=settings.style,
        rounds=rounds if rounds is not None else settings.rounds,
        timeout_seconds=settings.timeout_seconds,
        solver=solver,
        solve=limits,
    )
    return RunOptions(formulate=formulate, settings=settings, on_event=on_event, cancel=cancel)
