"""The answer: what a person gets, whatever happened."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

from nl2opt.chat.base import Usage
from nl2opt.errors import FormulationError
from nl2opt.formulation.schema import Assumption, Change, Formulation
from nl2opt.pipeline.after.edits import Edit
from nl2opt.pipeline.analyses import Analysis, Solved
from nl2opt.pipeline.options import Route
from nl2opt.pipeline.program.record import ProgramRecord
from nl2opt.pipeline.readings.reading import Reading
from nl2opt.pipeline.trace import Trace
from nl2opt.pipeline.values import Values
from nl2opt.tables.cells import cell_count
from nl2opt.tables.missing import MissingValue
from nl2opt.verification.evidence import NOT_VERIFIED, Evidence

_LIBRARIES: Final = ("pyomo", "pyscipopt")
_MOST_CELLS: Final = 100_000
"""No program is written by itself that would hold more cells of attached tables: `to_program` writes it."""

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable

    import pandas as pd

    from nl2opt.chat.base import ChatModel
    from nl2opt.pipeline.after.comparison import Comparison
    from nl2opt.pipeline.after.explanation import Explanation
    from nl2opt.pipeline.after.plan import PlanComparison
    from nl2opt.pipeline.after.revision import Revision
    from nl2opt.pipeline.after.what_if import Scenarios, WhatIf
    from nl2opt.pipeline.events import OnPipelineEvent
    from nl2opt.pipeline.verifying.options import VerifyOptions
    from nl2opt.settings import Settings
    from solvers import SolveOptions


class Status(enum.StrEnum):
    """What happened."""

    SOLVED = "solved"
    """A proven optimum was found."""
    LOCALLY_OPTIMAL = "locally_optimal"
    """No point nearby is better; one further away may be. Nothing was proven."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INFEASIBLE_OR_UNBOUNDED = "infeasible_or_unbounded"
    LIMIT = "limit"
    """A time limit was reached; the best point so far is given where there is one."""
    INTERRUPTED = "interrupted"
    SOLVER_ERROR = "solver_error"
    CLAIMED = "claimed"
    """A program says that it found an optimum, and nothing but its word is known."""
    PROGRAM_FAILED = "program_failed"
    """The program did not come to a solution, or the language model wrote none that does."""
    NOT_RUN = "not_run"
    """There is a program, and no sandbox here to run it in."""
    NO_FORMULATION = "no_formulation"
    """The language model wrote nothing that can be used, or there is no decision problem in the text."""
    MISSING_DATA = "missing_data"
    """The problem needs numbers that neither its text nor an attached table gives; `missing` says which."""
    LLM_UNREACHABLE = "llm_unreachable"
    """The language model could not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What came of a problem: formulation, program, solution, and what was checked.

    Attributes:
        id: of the run.
        status: what happened.
        message: one or two sentences for a person.
        problem: the text that the person wrote; empty when a formulation was given.
        formulation: the five elements; `None` when there is none.
        objective: of the best point, in the unit that the formulation states; `None` without a point.
        objectives: where the formulation has a list of objectives, the value of each at the best point, by name
            (`objective_1` and so on for those without); `objective` is then that of the largest priority.
        values: by variable; `None` without a point.
        bound: no point can be better than this; `None` when not known.
        gap: |objective - bound| / max(1, |objective|); `None` when either is not known.
        evidence: what was checked.
        verdict: the word that the evidence earns, see `nl2opt.verification.evidence.verdict`.
        assumptions: what the formulation takes for granted, stated and implied.
        alternatives: other readings of the problem with what came of them, the one that moves the answer most first.
        warnings: what a person should know.
        solver: name and version; empty when none ran.
        solver_reason: one sentence, why this solver; empty when not known.
        route: what the language model was asked for: `formulation`, `program` or `both`.
        program_run: the program of the routes `program` and `both` with what came of it; `None` where there is none.
        trace: every attempt.
        seconds: wall clock.
        created: when, as ISO 8601 in UTC.
        analyses: what else was found out, see `analysed`; kept with the answer.
        missing: numbers that the problem needs and nobody gives.
        data_notes: which tables were read, and what was taken for granted on the way.
        edits: the steps from the first answer to this one, the last of them last; empty for a first answer.
        solved: the compiled formulation with its solution; `None` without one, and in an answer that was read.
    """

    id: str
    status: Status
    message: str
    problem: str
    formulation: Formulation | None
    objective: float | None = None
    objectives: Mapping[str, float] = field(default_factory=dict)
    values: Values | None = None
    bound: float | None = None
    gap: float | None = None
    evidence: tuple[Evidence, ...] = ()
    verdict: str = NOT_VERIFIED
    assumptions: tuple[Assumption, ...] = ()
    alternatives: tuple[Reading, ...] = ()
    warnings: tuple[str, ...] = ()
    solver: str = ""
    solver_reason: str = ""
    route: Route = "formulation"
    program_run: ProgramRecord | None = None
    trace: Trace
    seconds: float
    created: str
    analyses: tuple[Analysis, ...] = ()
    missing: tuple[MissingValue, ...] = ()
    data_notes: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    solved: Solved | None = field(default=None, repr=False)
    _program: list[str] = field(default_factory=list, repr=False)

    @property
    def program(self) -> str | None:
        """The program that was written, on the routes `program` and `both`; else the formulation as a program.

        That is a Pyomo program, or one for PySCIPOpt where Pyomo has no words for it, as for `no_overlap`. `None` where
        there is neither.
        """
        if self.program_run is not None:
            return self.program_run.text
        if self.formulation is None:
            return None
        if not self._program:
            self._program.append(_program_of(self.formulation))
        return self._program[0] or None

    @property
    def parent(self) -> str | None:
        """Id of the answer that this one was changed from; `None` for a first answer."""
        return self.edits[-1].parent if self.edits else None

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes of the formulation that made this answer of the one before; empty for a first answer."""
        return self.edits[-1].changes if self.edits else ()

    @property
    def usage(self) -> Usage:
        """Tokens and time of the language model."""
        return self.trace.usage

    @property
    def is_solved(self) -> bool:
        """Whether a proven optimum was found."""
        return self.status is Status.SOLVED

    def __str__(self) -> str:
        from nl2opt.pipeline.report import report

        return report(self)

    def _repr_markdown_(self) -> str:
        from nl2opt.pipeline.report import markdown_report

        return markdown_report(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON objects for other programs; the trace is left out."""
        from nl2opt.pipeline.store import answer_to_plain

        return answer_to_plain(self)

    def save(self, path: str | Path | None = None) -> Path:
        """Write the answer with its trace to a file.

        Args:
            path: of the file; `None` for the run store, under the answer's id.

        Returns:
            The path of the file.

        Raises:
            StoreError: it cannot be written.
        """
        from nl2opt.pipeline.store import save_answer

        return save_answer(self, path)

    def verified(
        self,
        verify: str | VerifyOptions | None = None,
        *,
        problem: str = "",
        llm: str | ChatModel | None = None,
        llm2: str | ChatModel | None = None,
        on_event: OnPipelineEvent | None = None,
    ) -> Answer:
        """Return the answer verified from the beginning; see `nl2opt.verify`, which takes the same and more."""
        from nl2opt.api import verify as verified

        return verified(self, problem=problem, verify=verify, llm=llm, llm2=llm2, on_event=on_event)

    def analysed(
        self,
        *,
        sensitivity: bool = False,
        pool: int | None = None,
        solver: str = "auto",
        options: SolveOptions | None = None,
    ) -> Answer:
        """Return the answer with more about it, which its page shows and its file keeps.

        The formulation is not solved once more when it has just been: only what the analysis itself needs is. Where an
        analysis cannot be had, the reason stands in its place.

        Args:
            sensitivity: whether to say what one unit more or less of each constraint would be worth.
            pool: how many of the best solutions to list; `None` for none.
            solver: name of a back end; `auto` picks one.
            options: of the solver.
        """
        from nl2opt.pipeline.analyses import analysed

        found = analysed(self, sensitivity=sensitivity, pool=pool, solver=solver, options=options)
        return self.with_analyses(*found)

    def take(
        self,
        alternative: int | str | Reading,
        *,
        readings: int | None = None,
        solver: str = "auto",
        options: SolveOptions | None = None,
    ) -> Answer:
        """Return the answer that another reading of the problem has, solved and checked as this one was.

        The reading is recorded in the new formulation as a stated assumption, whose alternative leads back.

        Args:
            alternative: one of `alternatives`, its number or its text.
            readings: how many other readings of the new formulation are tried; `None` for 8.
            solver: name of a back end; `auto` picks one.
            options: of the solver.

        Raises:
            SettingsError: there is no such reading.
            FormulationError: its edits cannot be made.
        """
        from nl2opt.pipeline.options import FormulateOptions
        from nl2opt.pipeline.readings.limits import DEFAULT_READINGS
        from nl2opt.pipeline.readings.settling import taken, taken_edit
        from solvers import SolveOptions

        how = FormulateOptions(
            readings=DEFAULT_READINGS if readings is None else readings,
            solver=solver,
            solve=options if options is not None else SolveOptions(),
        )
        return replace(taken(self, alternative, how), edits=(*self.edits, taken_edit(self, alternative)))

    def with_analyses(self, *analyses: Analysis) -> Answer:
        """Return the answer with analyses, in place of those of the same keys."""
        kept = {analysis.key: analysis for analysis in (*self.analyses, *analyses)}
        return replace(self, analyses=tuple(kept.values()))

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the values of each variable as a table: one column for each part of its index, and `value`.

        A variable without an index has one row; without a point there are no tables.
        """
        from nl2opt.pipeline.tables import value_frames

        return value_frames(self)

    def export(self, path: str | Path) -> Path:
        """Write the answer, or its model, to a file for another program.

        Args:
            path: whose ending says what is written: `.lp` and `.mps` the flat model, `.json` the answer, `.csv` the
                values in one table, `.xlsx` a workbook with a sheet for each variable and one for the rows.

        Returns:
            The path of the file.

        Raises:
            StoreError: there is no such format, no value to write, or the file cannot be written.
            solvers.ExchangeError: the format cannot hold the model.
        """
        from nl2opt.pipeline.export import export_answer

        return export_answer(self, path)

    def explain(
        self,
        *,
        llm: str | ChatModel | None = None,
        seconds: float = 10.0,
        settings: Settings | None = None,
        on_event: OnPipelineEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> Explanation:
        """Say in plain words what is decided, what it brings, what holds it back, and what is not done and why.

        The words are templates that data fill in. A language model is asked only where one is named; each number that
        it writes is looked for in the solution, its sensitivity and the data, and a text with another one is not given.

        Args:
            llm: a language model that says it more fluently, as in `nl2opt.solve`; `None` for the templates.
            seconds: for what is solved again to tell what one more unit would be worth.
            settings: instead of those of environment and settings file.
            on_event: called with steps and tokens.
            cancel: set it to stop.

        Raises:
            ChatError: the language model could not be asked.
            SettingsError: an option makes no sense.
        """
        from nl2opt.pipeline.after.explanation import explained

        return explained(self, llm=llm, seconds=seconds, settings=settings, on_event=on_event, cancel=cancel)

    def what_if(
        self,
        what: Mapping[str, Any] | str | None = None,
        *,
        without: str | Iterable[str] = (),
        solver: str = "auto",
        time_limit: float | None = None,
        gap: float | None = None,
        settings: Settings | None = None,
        on_event: OnPipelineEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> WhatIf | Scenarios:
        """Change numbers of the formulation, solve it again, and compare; no language model is asked.

        Args:
            what: by name of a parameter (`hours`, `profit[chair]`), a bound (`make.upper`) or a constraint with a
                number on one side: the new number, a text such as `+10%`, `up 5`, `half`, or an object of entries; of
                a constraint also `False`, which switches it off. A list gives one scenario for each value. Or a text:
                `hours up 10 %, profit[chair] to 35, without labour`.
            without: names of constraints that are switched off.
            solver: name of a solver, or `auto`.
            time_limit: of the solver, in seconds; `None` takes it from the settings (none).
            gap: how far from the best possible the new answer may be, as in `nl2opt.solve`.
            settings: instead of those of environment and settings file.
            on_event: called with steps and solver events.
            cancel: set it to stop.

        Returns:
            The new answer with the changes and the comparison; for lists of values a table of scenarios.

        Raises:
            ChangeError: a name is unknown or a value makes no sense; the findings say everything that is wrong.
            FormulationError: the formulation has no single meaning with these numbers.
        """
        from nl2opt.pipeline.after.run_options import run_options
        from nl2opt.pipeline.after.what_if import what_if

        options = run_options(
            solver=solver, time_limit=time_limit, gap=gap, settings=settings, on_event=on_event, cancel=cancel
        )  # fmt: skip
        return what_if(self, what, without, options)

    def revise(
        self,
        wish: str,
        *,
        llm: str | ChatModel | None = None,
        rounds: int | None = None,
        solver: str = "auto",
        time_limit: float | None = None,
        gap: float | None = None,
        settings: Settings | None = None,
        on_event: OnPipelineEvent | None = None,
        cancel: threading.Event | None = None,
    ) -> Revision:
        """Have a language model turn a wish in words into changes of the formulation, and solve it again.

        Args:
            wish: in words: `no more than two night shifts`.
            llm: the language model, as in `nl2opt.solve`; `None` takes it from the settings.
            rounds: corrections at most, 0 to 20; `None` takes it from the settings (3).
            solver: name of a solver, or `auto`.
            time_limit: of the solver, in seconds; `None` takes it from the settings (none).
            gap: how far from the best possible the new answer may be, as in `nl2opt.solve`.
            settings: instead of those of environment and settings file.
            on_event: called with steps, tokens and solver events.
            cancel: set it to stop.

        Returns:
            The changes, the new answer, the comparison, and where nothing is feasible any more, which wishes and
            constraints exclude each other.

        Raises:
            ChangeError: the answer has no formulation that could be changed.
            NoRevisionError: the language model wrote no changes that can be used; carries the trace.
            ChatError: the language model could not be asked.
            ProblemError: the wish is empty, far too long, or not Unicode.
            SettingsError: an option or setting makes no sense.
        """
        from nl2opt.pipeline.after.revision import revise
        from nl2opt.pipeline.after.run_options import run_options

        options = run_options(
            solver=solver, time_limit=time_limit, gap=gap, rounds=rounds, settings=settings, on_event=on_event,
            cancel=cancel,
        )  # fmt: skip
        return revise(self, wish, options.chat_model(llm), options)

    @overload
    def compare(self, other: Answer) -> Comparison: ...

    @overload
    def compare(self, *, values: Mapping[str, Any]) -> PlanComparison: ...

    def compare(
        self, other: Answer | None = None, *, values: Mapping[str, Any] | None = None
    ) -> Comparison | PlanComparison:
        """Compare this answer with another one, or with the plan of today.

        Args:
            other: the other answer, which counts as the later one.
            values: a plan: by variable a number, or an object of entries; `make[chair]` names an entry. What is left
                out counts as 0, and is also completed in the best way.

        Raises:
            ChangeError: a name of the plan is unknown, a value is no number, or the answer has no formulation.
        """
        from nl2opt.pipeline.after.comparison import comparison
        from nl2opt.pipeline.after.plan import compare_plan

        if (other is None) == (values is None):
            raise TypeError("compare takes another answer, or values=, and not both")
        return comparison(self, other) if other is not None else compare_plan(self, values or {})

    @classmethod
    def load(cls, path: str | Path) -> Answer:
        """Read an answer.

        Args:
            path: of a file that `save` wrote, or the id of a run in the run store.

        Raises:
            StoreError: it is not there, or not an answer that this version can read.
        """
        from nl2opt.pipeline.store import load_answer

        return load_answer(path)


def _program_of(formulation: Formulation) -> str:
    """Return the program in the first library that can say it; empty where none can, or tables fill it."""
    if cell_count(formulation) > _MOST_CELLS:
        return ""
    for library in _LIBRARIES:
        try:
            return formulation.to_program(library)
        except FormulationError:
            continue
    return ""
