"""The Python interface: a problem in words goes in, an answer comes out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nl2opt.errors import ProblemError, SettingsError
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.limits import Limits
from nl2opt.formulation.schema import Formulation
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.events import OnPipelineEvent
from nl2opt.pipeline.formulate import formulation_of, require_problem, search_formulation
from nl2opt.pipeline.options import FormulateOptions, require_route
from nl2opt.pipeline.program.answering import answer_by_program, answer_of_program
from nl2opt.pipeline.program.reading import program_text
from nl2opt.pipeline.readings.asking import Ask, asked
from nl2opt.pipeline.solve import answer_formulation
from nl2opt.pipeline.verifying.answering import answer_verified
from nl2opt.pipeline.verifying.options import VerifyOptions, require_verify
from nl2opt.pipeline.verifying.reading import answer_to_verify
from nl2opt.pipeline.verifying.verify import Verifier
from solvers import SolveOptions, back_end_named
from solvers.sandbox import run_program as run_in_sandbox

if TYPE_CHECKING:
    from nl2opt.chat.base import ChatModel, WritingStyle
    from nl2opt.settings import Settings
    from nl2opt.tables.attached import Data
    from nl2opt.tables.table import Tables


def solve(
    problem: str,
    *,
    llm: str | ChatModel | None = None,
    style: WritingStyle | None = None,
    rounds: int | None = None,
    solver: str = "auto",
    time_limit: float | None = None,
    gap: float | None = None,
    cross_check: bool = False,
    readings: int | None = None,
    ask: bool | Ask = False,
    route: str = "formulation",
    formulation: Formulation | None = None,
    verify: str | VerifyOptions | None = None,
    llm2: str | ChatModel | None = None,
    data: Data | None = None,
    values: Mapping[str, Any] | None = None,
    private: Iterable[str] = (),
    settings: Settings | None = None,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Formulate, solve and check a decision problem in words.

    Args:
        problem: the text.
        llm: `local`, `local:NAME`, `local:/path/model.gguf`, `openai:MODEL`, `scripted:FILE`, or a chat
            model; `None` takes it from the settings.
        style: `scalar` or `indexed`; `None` for the one that suits the language model.
        rounds: corrections at most, 0 to 20; `None` takes it from the settings (3).
        solver: name of a solver, or `auto`.
        time_limit: of the solver, in seconds; `None` takes it from the settings (none). A program that is written gets
            as long, 30 seconds where there is no limit.
        gap: how far from the best possible the answer may be, 0.01 for 1 %, which ends the search sooner; the answer
            is called optimal up to a gap of 1e-6 only. `None` for 0.
        cross_check: also render the formulation as a program, and run that in the sandbox.
        readings: how many other readings of the problem are solved at most, 0 for none; `None` takes it from the
            settings (8).
        ask: what puts the question which reading is meant to a person, where that moves the answer: a function that
            gets a `Question` and returns one of its choices; or whether it is asked at the terminal.
        route: `formulation`; `program`, where the language model writes a program in Pyomo, OR-Tools or PySCIPOpt,
            which is run in the sandbox; or `both`, which compares the two.
        formulation: on the route `program`, a formulation of the problem that the language model is told, too.
        verify: how far the answer is verified: `quick` (no further request to a language model), `standard` (up to 3
            requests and 120 seconds), `thorough`, or `VerifyOptions`; `None` takes it from the settings (standard). The
            route `program` has checks of its own.
        llm2: a second language model, which writes the independent model and judges; `None` takes it from the settings
            (none, so that `llm` does both).
        data: tables, by name or as files: pandas DataFrames, dicts of lists, lists of dicts, CSV, Excel, Parquet and
            JSON files; `None` for none. See `nl2opt.read_tables`.
        values: numbers for parameters by name, such as those that an earlier answer called missing.
        private: columns of which the language model is shown nothing but name and unit.
        settings: instead of those of environment and settings file.
        on_event: called with steps, tokens and solver events.
        cancel: set it to stop.

    Returns:
        The answer, whatever happened; its status says what.

    Raises:
        ProblemError: the text is empty, far too long, or not Unicode.
        DataError: a file or table cannot be read.
        SettingsError: an option or setting makes no sense.
        solvers.UnknownSolverError: there is no solver of that name.
    """
    text = require_problem(problem)
    way = require_route(route)
    tables = _tables(data, values, private)
    if tables is not None and way != "formulation":
        raise SettingsError(f"Tables and given values are for the route `formulation`; the route is `{way}`.")
    if formulation is not None and way != "program":
        raise SettingsError(f"A formulation is told on the route `program` only; the route is `{way}`.")
    if formulation is not None and formulation.has_cells:
        raise SettingsError(
            "The formulation holds cells of attached tables, which no language model is shown, and a program needs the "
            "numbers; leave it out."
        )
    asker = _asker(ask)
    if way == "program" and (readings or asker is not None):
        raise SettingsError("`readings` and `ask` are for formulations; the route `program` has only a program.")
    settings = _settings(settings)
    level = require_verify(verify if verify is not None else settings.verify)
    options = _options(settings, style, rounds, solver, time_limit, gap, readings)
    chat_model = _chat_model(llm, settings)
    if way == "program":
        return answer_by_program(
            text, chat_model, options, formulation=formulation, on_event=on_event, cancel=cancel
        )  # fmt: skip
    verifier = _verifier(level, chat_model, llm2, settings, options, on_event, cancel)
    settle = partial(asked, ask=asker, options=options, on_event=on_event, cancel=cancel) if asker is not None else None
    return answer_verified(
        text, chat_model, verifier, crosscheck=cross_check, route=way, settle=settle, tables=tables
    )  # fmt: skip


def verify(
    answer: Answer | Formulation | str | Path,
    *,
    problem: str = "",
    verify: str | VerifyOptions | None = None,
    llm: str | ChatModel | None = None,
    llm2: str | ChatModel | None = None,
    solver: str = "auto",
    time_limit: float | None = None,
    settings: Settings | None = None,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Verify an answer, or a formulation, from the beginning.

    Args:
        answer: an answer; a formulation, which is solved first; the file of either; or the id of a run that was kept.
        problem: in words, where the answer has none: without it only the solving can be checked.
        verify: see `solve`.
        llm: the language model that is asked; `None` takes it from the settings. None is asked without a problem.
        llm2: see `solve`.
        solver: name of a solver, or `auto`.
        time_limit: of the solver, in seconds; `None` takes it from the settings (none).
        settings: instead of those of environment and settings file.
        on_event: called with steps, tokens and solver events.
        cancel: set it to stop.

    Returns:
        The answer with what was found, and the word that it earns. An answer without a formulation stays as it is.

    Raises:
        FormulationError: the formulation has no single meaning; the findings say why.
        ProblemError: the problem is far too long or not Unicode, or the answer has another one already.
        StoreError: there is no such file or run, or it is neither an answer nor a formulation.
        SettingsError: an option or setting makes no sense.
        solvers.UnknownSolverError: there is no solver of that name.
    """
    settings = _settings(settings)
    level = require_verify(verify if verify is not None else settings.verify)
    options = _options(settings, None, None, solver, time_limit, None)
    found = answer_to_verify(answer, problem, options, on_event=on_event, cancel=cancel)
    chat_model = _chat_model(llm, settings) if found.problem and level.calls != 0 else None
    verifier = _verifier(level, chat_model, llm2, settings, options, on_event, cancel)
    return verifier.again(found)


def formulate(
    problem: str,
    *,
    llm: str | ChatModel | None = None,
    style: WritingStyle | None = None,
    rounds: int | None = None,
    data: Data | None = None,
    values: Mapping[str, Any] | None = None,
    private: Iterable[str] = (),
    settings: Settings | None = None,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Formulation:
    """Write the five-element formulation of a decision problem in words.

    Arguments are those of `solve`. With `data` the formulation holds the cells; `save` writes the bindings only.

    Raises:
        MissingData: it needs numbers that nobody gives; carries them, and the formulation as far as it goes.
        DataError: a file or table cannot be read.
        NoFormulationError: the language model wrote no usable one; carries the trace.
        ChatError: the language model could not be asked.
        ProblemError: the text is empty, far too long, or not Unicode.
        SettingsError: an option or setting makes no sense.
    """
    text = require_problem(problem)
    settings = _settings(settings)
    options = _options(settings, style, rounds, "auto", None, None)
    tables = _tables(data, values, private)
    chat_model = _chat_model(llm, settings)
    search = search_formulation(text, chat_model, options, on_event=on_event, cancel=cancel, tables=tables)
    return formulation_of(search)


def run(
    formulation: Formulation | str | Path,
    *,
    solver: str = "auto",
    time_limit: float | None = None,
    gap: float | None = None,
    cross_check: bool = False,
    data: Data | None = None,
    values: Mapping[str, Any] | None = None,
    readings: int | None = None,
    settings: Settings | None = None,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Solve and check a formulation; no language model is asked.

    Args:
        formulation: the formulation, or the path of its JSON file.
        solver: name of a solver, or `auto`.
        time_limit: of the solver, in seconds; `None` takes it from the settings (none).
        gap: how far from the best possible the answer may be, 0.01 for 1 %, which ends the search sooner; the answer
            is called optimal up to a gap of 1e-6 only. `None` for 0.
        cross_check: also render the formulation as a program, and run that in the sandbox.
        data: tables, by name or as files: pandas DataFrames, dicts of lists, lists of dicts, CSV, Excel, Parquet and
            JSON files; `None` for none. See `nl2opt.read_tables`.
        values: numbers for parameters by name, such as those that an earlier answer called missing.
        readings: how many other readings of the problem are solved at most, 0 for none; `None` takes it from the
            settings (8).
        settings: instead of those of environment and settings file.
        on_event: called with steps and solver events.
        cancel: set it to stop.

    Returns:
        The answer; infeasible, unbounded and limits are among its statuses.

    Raises:
        FormulationError: it has no single meaning, or the tables do not fit; the findings say why.
        DataError: a file or table cannot be read.
        OSError: the file cannot be read.
        SettingsError: an option or setting makes no sense.
        solvers.UnknownSolverError: there is no solver of that name.
    """
    options = _options(_settings(settings), None, None, solver, time_limit, gap, readings)
    if not isinstance(formulation, Formulation):
        formulation = Formulation.from_json(Path(formulation).read_bytes())
    tables = _tables(data, values, ())
    return answer_formulation(
        formulation, options, crosscheck=cross_check, on_event=on_event, cancel=cancel, tables=tables
    )  # fmt: skip


def fill_in(
    answer: Answer,
    values: Mapping[str, Any],
    *,
    data: Data | None = None,
    solver: str = "auto",
    time_limit: float | None = None,
    gap: float | None = None,
    cross_check: bool = False,
    verify: str | VerifyOptions | None = None,
    llm: str | ChatModel | None = None,
    llm2: str | ChatModel | None = None,
    settings: Settings | None = None,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Solve the formulation of an answer that is missing numbers, with these, and verify what comes out.

    An answer of `run` has no problem in words, and is not verified, as there.

    Args:
        answer: whose status is `missing_data`.
        values: the numbers by the names of parameters.
        data: the tables that were attached; `None` for those cells that the answer holds.
        solver: name of a solver, or `auto`.
        time_limit: of the solver, in seconds; `None` takes it from the settings (none).
        gap: how far from the best possible the answer may be; `None` for 0.
        cross_check: also render the formulation as a program, and run that in the sandbox.
        verify: see `solve`.
        llm: the language model that the checks ask; `None` for none.
        llm2: see `solve`; only beside `llm`.
        settings: instead of those of environment and settings file.
        on_event: called with steps and solver events.
        cancel: set it to stop.

    Raises:
        ProblemError: the answer holds no formulation.
        FormulationError: there is no parameter of a name, or the formulation has no single meaning.
        DataError: a file or table cannot be read.
    """
    if answer.formulation is None:
        raise ProblemError("The answer holds no formulation that could be filled in.")
    settings = _settings(settings)
    level = require_verify(verify if verify is not None else settings.verify)
    options = _options(settings, None, None, solver, time_limit, gap)
    formulation, tables = answer.formulation, _tables(data, values, ())
    if data is None:
        formulation, tables = formulation.given(**values), None
    filled = answer_formulation(
        formulation, options, crosscheck=cross_check, on_event=on_event, cancel=cancel, tables=tables,
        problem=answer.problem, trace=answer.trace,
    )  # fmt: skip
    filled = replace(filled, data_notes=filled.data_notes or answer.data_notes)
    if not answer.problem:
        return filled
    chat_model = _chat_model(llm, settings) if llm is not None and level.calls != 0 else None
    return _verifier(level, chat_model, llm2, settings, options, on_event, cancel).verified(filled)


def run_program(
    program: str | Path,
    *,
    solver: str = "auto",
    time_limit: float | None = None,
    unsafe_no_sandbox: bool = False,
    settings: Settings | None = None,
    on_event: OnPipelineEvent | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Run a program in the sandbox, and solve the model that it leaves behind again; no language model is asked.

    Args:
        program: its text, or the path of its file, which ends in `.py`. It may use Pyomo, OR-Tools, highspy or
            PySCIPOpt.
        solver: name of a solver for the second solve, or `auto`.
        time_limit: of the program, and of the second solve, in seconds; `None` takes it from the settings, and is 30
            seconds for the program where these have none.
        unsafe_no_sandbox: run it even where the machine cannot keep it from anything.
        settings: instead of those of environment and settings file.
        on_event: called with steps and solver events.
        cancel: set it to stop.

    Returns:
        The answer: `program_run` says how the run ended, what the program claims and what was found outside; objective
        and values are those found outside, where there are any.

    Raises:
        OSError: the file cannot be read.
        SettingsError: an option or setting makes no sense.
        solvers.ProgramError: the text cannot be a program.
        solvers.SandboxError: no program can be run here.
        solvers.UnknownSolverError: there is no solver of that name.
    """
    options = _options(_settings(settings), None, None, solver, time_limit, None)
    run = partial(run_in_sandbox, unsafe_no_sandbox=unsafe_no_sandbox)
    return answer_of_program(program_text(program), options, run=run, on_event=on_event, cancel=cancel)


def check(
    formulation: Formulation,
    *,
    data: Data | None = None,
    values: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> tuple[Finding, ...]:
    """Return everything that is wrong or doubtful in a formulation; empty when nothing is.

    Args:
        formulation: what is checked.
        data: tables to attach, as for `run`; `None` for none.
        values: numbers for parameters by name.
        limits: how large it may be; `None` for the usual limits.

    Raises:
        DataError: a file or table cannot be read.
    """
    return formulation.check(data=data, values=values, limits=limits)


def _tables(data: Data | None, values: Mapping[str, Any] | None, private: Iterable[str]) -> Tables | None:
    """Read what is attached; `None` where nothing is."""
    private = (private,) if isinstance(private, str) else tuple(private)
    if data is None and not values and not private:
        return None
    from nl2opt.tables.attached import read_tables

    return read_tables(data, values=values, private=private)


def _settings(settings: Settings | None) -> Settings:
    from nl2opt.settings import load_settings

    return settings if settings is not None else load_settings()


def _chat_model(llm: str | ChatModel | None, settings: Settings) -> ChatModel:
    from nl2opt.chat.choose import choose_chat_model

    return choose_chat_model(llm if llm is not None else settings.llm, settings)


def _verifier(
    level: VerifyOptions,
    chat_model: ChatModel | None,
    llm2: str | ChatModel | None,
    settings: Settings,
    options: FormulateOptions,
    on_event: OnPipelineEvent | None,
    cancel: threading.Event | None,
) -> Verifier:
    """Return what verifies; a second language model is opened only where one may be asked."""
    other = llm2 if llm2 is not None else settings.llm2
    second = _chat_model(other, settings) if other is not None and chat_model is not None and level.calls != 0 else None
    return Verifier(
        verify=level, options=options, chat_model=chat_model, second=second, on_event=on_event, cancel=cancel
    )  # fmt: skip


def _options(
    settings: Settings,
    style: WritingStyle | None,
    rounds: int | None,
    solver: str,
    time_limit: float | None,
    gap: float | None,
    readings: int | None = None,
) -> FormulateOptions:
    """Return the options, those of the settings where none is given.

    Raises:
        SettingsError: one makes no sense.
        solvers.UnknownSolverError: there is no solver of that name.
    """
    back_end_named(solver)
    try:
        limits = SolveOptions(
            time_limit_seconds=time_limit if time_limit is not None else settings.time_limit_seconds,
            relative_gap=gap if gap is not None else 0.0,
        )
    except ValueError as error:
        raise SettingsError(f"{error}.") from error
    return FormulateOptions(
        style=style if style is not None else settings.style,
        rounds=rounds if rounds is not None else settings.rounds,
        timeout_seconds=settings.timeout_seconds,
        solver=solver,
        solve=limits,
        readings=readings if readings is not None else settings.readings,
    )


def _asker(ask: bool | Ask) -> Ask | None:
    """Return what puts a question to a person; `None` where nobody is asked.

    Raises:
        SettingsError: it is neither a function nor true or false.
    """
    if callable(ask):
        return ask
    if not isinstance(ask, bool):
        raise SettingsError(f"`ask` is {ask!r}; it must be true, false, or a function that gets a question.")
    if not ask:
        return None
    from nl2opt.pipeline.readings.terminal import ask_at_terminal

    return ask_at_terminal
