"""A chain of answers, each made of the one before, with the way back and forth."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nl2opt.errors import ChangeError, StoreError
from nl2opt.formulation.changes import Change
from nl2opt.formulation.findings import Finding
from nl2opt.pipeline.after.comparison import Comparison, comparison
from nl2opt.pipeline.after.rerun import changed_answer
from nl2opt.pipeline.after.revision import Revision, revise
from nl2opt.pipeline.after.run_options import RunOptions, run_options
from nl2opt.pipeline.after.runs import HistoryStep, find_run, history_of
from nl2opt.pipeline.after.what_if import Scenarios, WhatIf, what_if
from nl2opt.pipeline.runs import is_kept

if TYPE_CHECKING:
    from nl2opt.chat.base import ChatModel
    from nl2opt.pipeline.answer import Answer
    from nl2opt.pipeline.events import OnPipelineEvent
    from nl2opt.settings import Settings


class Session:
    """Works on with an answer: each step begins at the answer before and is kept in the run store.

    Attributes:
        answer: where the session is now.
        not_kept: why the last answer could not be written to the run store; empty when it could.
    """

    def __init__(
        self,
        answer: Answer | str,
        *,
        llm: str | ChatModel | None = None,
        solver: str = "auto",
        time_limit: float | None = None,
        gap: float | None = None,
        rounds: int | None = None,
        settings: Settings | None = None,
        on_event: OnPipelineEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        """Begin with an answer.

        Args:
            answer: the answer; or the id of a run, the beginning of one, `last`, or a file.
            llm: the language model that reads wishes, as in `nl2opt.solve`; `None` takes it from the settings.
            solver: name of a solver, or `auto`.
            time_limit: of the solver, in seconds; `None` takes it from the settings (none).
            gap: how far from the best possible answers may be, as in `nl2opt.solve`.
            rounds: corrections at most of the changes for a wish; `None` takes it from the settings (3).
            settings: instead of those of environment and settings file.
            on_event: called with steps, tokens and solver events.
            cancel: set it to stop.

        Raises:
            StoreError: there is no such run.
            SettingsError: an option or setting makes no sense.
        """
        self._options: RunOptions = run_options(
            solver=solver, time_limit=time_limit, gap=gap, rounds=rounds, settings=settings, on_event=on_event,
            cancel=cancel,
        )  # fmt: skip
        self._llm = llm
        self._before: list[Answer] = []
        self._undone: list[Answer] = []
        self.not_kept = ""
        self.answer: Answer = find_run(answer) if isinstance(answer, str) else answer
        if not is_kept(self.answer.id):
            self._keep(self.answer)

    @property
    def history(self) -> tuple[HistoryStep, ...]:
        """The answers from the first one to this one: id, what was asked for, status and objective."""
        return history_of(self.answer)

    def what_if(
        self, what: Mapping[str, Any] | str | None = None, *, without: str | Iterable[str] = ()
    ) -> WhatIf | Scenarios:
        """Change numbers and go on from the new answer; a table of scenarios leaves the session where it is.

        Arguments and errors are those of `Answer.what_if`.
        """
        found = what_if(self.answer, what, without, self._options)
        if isinstance(found, WhatIf):
            self._go(found.answer)
        else:
            for answer in found.answers:
                self._keep(answer)
        return found

    def revise(self, wish: str) -> Revision:
        """Turn a wish in words into changes, and go on from the new answer; see `Answer.revise`."""
        found = revise(self.answer, wish, self._options.chat_model(self._llm), self._options)
        self._go(found.answer)
        return found

    def apply(self, changes: Change | Iterable[Change], *, words: str = "") -> Answer:
        """Make changes of the formulation, and go on from the new answer.

        Args:
            changes: one or several, in order, as for `Formulation.apply`.
            words: what they are, for the history; the difference in words where it is empty.

        Raises:
            ChangeError: the answer has no formulation.
            FormulationError: a path does not exist, or what comes out has no single meaning.
        """
        made = (changes,) if isinstance(changes, Change) else tuple(changes)
        before = self.answer.formulation
        if not words and before is not None:
            words = "; ".join(str(before.diff(before.apply(made))).splitlines())
        self._go(changed_answer(self.answer, made, self._options, kind="apply", words=words))
        return self.answer

    def compare(self, other: Answer) -> Comparison:
        """Compare another answer with this one, which counts as the later one."""
        return comparison(other, self.answer)

    def undo(self) -> Answer:
        """Go back to the answer before, and return it.

        Raises:
            ChangeError: this is the first one.
            StoreError: the answer before is not in the run store any more.
        """
        if not self._before:
            parent = self.answer.parent
            if parent is None:
                message = "there is nothing to undo: this is the first answer"
                raise ChangeError([Finding(code="undo", message=message)])
            self._before.append(find_run(parent))
        self._undone.append(self.answer)
        self.answer = self._before.pop()
        return self.answer

    def redo(self) -> Answer:
        """Go forth again to the answer that was undone last, and return it.

        Raises:
            ChangeError: nothing was undone, or something else was done since.
        """
        if not self._undone:
            raise ChangeError([Finding(code="undo", message="there is nothing to redo: nothing was undone")])
        self._before.append(self.answer)
        self.answer = self._undone.pop()
        return self.answer

    def _go(self, answer: Answer) -> None:
        self._before.append(self.answer)
        self._undone.clear()
        self.answer = answer
        self._keep(answer)

    def _keep(self, answer: Answer) -> None:
        """Write an answer to the run store; that it cannot be written must not cost the answer."""
        try:
            answer.save()
        except (StoreError, UnicodeError) as error:
            self.not_kept = str(error)
        else:
            self.not_kept = ""
