"""The commands that stay with a person after the first answer: explain, what-if, revise, compare, history, undo."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app import analyses, options, readings
from app.ending import failed
from app.handing_out import saved

if TYPE_CHECKING:
    from app.progress import ProgressView
    from nl2opt.formulation.schema import Formulation
    from nl2opt.pipeline.answer import Answer

EXPLAIN_EXAMPLE: Final = "Example: nl2opt explain last, or nl2opt explain plan.json --llm openai:MODEL"
WHAT_IF_EXAMPLE: Final = (
    'Example: nl2opt what-if last hours=440 "profit[chair] up 10 %" --without labour; '
    "a table of scenarios: nl2opt what-if plan.json 'hours=[400, 440, 480]'"
)
REVISE_EXAMPLE: Final = 'Example: nl2opt revise last "no more than two night shifts"'
TAKE_EXAMPLE: Final = "Example: nl2opt solve diet.txt, then: nl2opt take last 1"
COMPARE_EXAMPLE: Final = "Example: nl2opt compare last --plan today.csv, or nl2opt compare ID ID"
HISTORY_EXAMPLE: Final = "Example: nl2opt history last"
UNDO_EXAMPLE: Final = "Example: nl2opt undo last"
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN|FILE",
        help="The id of a run, the beginning of one, last for the newest, or a file: what --save wrote, a formulation.",
    ),
]
Other = Annotated[
    str | None, typer.Argument(metavar="[RUN]", help="The run to compare with, which counts as the later.")
]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WHAT]...", help="hours=440, 'profit[chair] up 10 %', make.upper=30, 'hours=[400, 440, 480]'."
    ),
]
Wish = Annotated[str, typer.Argument(metavar="WISH", help="What is to be otherwise, in words.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Of the other reading, as the answer lists it.")]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="NAME", help="Switch a constraint off by its name. May be repeated."),
]
Plan = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="Compare with this plan: CSV (variable, index_1, value) or JSON."),
]
Rewriter = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="LLM",
        help="Have this language model say it more fluently, as in nl2opt solve; its numbers are checked.",
    ),
]


def explain(
    run: Run,
    llm: Rewriter = None,
    llm_base_url: options.BaseUrl = None,
    timeout: options.Timeout = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> int:
    """Say an answer in plain words: what is decided, what it brings, what holds it back, what is not done and why."""
    from app.inputs import settings_from
    from app.output import print_json
    from app.progress import progress_on_stderr

    settings = settings_from(llm, llm_base_url, None, None, timeout)
    with progress_on_stderr(quiet=quiet) as view:
        answer = _answer_of(run, view)
        found = answer.explain(llm=llm, settings=settings, on_event=view)
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found.lines)
    return 0


def what_if(
    run: Run,
    what: Words = None,
    without: Without = None,
    solver: options.Solver = "auto",
    time_limit: options.TimeLimit = None,
    gap: analyses.Gap = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    save: options.Save = None,
) -> int:
    """Change numbers by name, solve again and compare; no language model is asked. The new answer is kept as a run."""
    from app.output import print_json
    from app.progress import progress_on_stderr
    from nl2opt.errors import SettingsError
    from nl2opt.pipeline.after.what_if import Scenarios

    with progress_on_stderr(quiet=quiet) as view:
        before = _answer_of(run, view)
        found = before.what_if(
            "; ".join(what) if what else None, without=without or (), solver=solver, time_limit=time_limit, gap=gap,
            on_event=view,
        )  # fmt: skip
    answers = found.answers if isinstance(found, Scenarios) else (found.answer,)
    notes, failure = _kept(before, answers, save if len(answers) == 1 else None)
    if save is not None and len(answers) > 1:
        raise SettingsError(f"--save writes one answer, and these are {len(answers)}; each is kept as a run.")
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found.lines())
    return _ended(answers, notes, failure, quiet=quiet or as_json)


def revise(
    run: Run,
    wish: Wish,
    llm: options.Llm = None,
    llm_base_url: options.BaseUrl = None,
    style: options.StyleOption = None,
    rounds: options.Rounds = None,
    timeout: options.Timeout = None,
    solver: options.Solver = "auto",
    time_limit: options.TimeLimit = None,
    gap: analyses.Gap = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    save: options.Save = None,
) -> int:
    """Have a language model turn a wish into changes, solve again and compare; the new answer is kept as a run."""
    from app.inputs import settings_from
    from app.output import print_json
    from app.progress import progress_on_stderr

    settings = settings_from(llm, llm_base_url, style, rounds, timeout)
    with progress_on_stderr(quiet=quiet) as view:
        before = _answer_of(run, view)
        found = before.revise(
            wish, solver=solver, time_limit=time_limit, gap=gap, settings=settings, on_event=view
        )  # fmt: skip
    notes, failure = _kept(before, (found.answer,), save)
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found.lines())
    return _ended((found.answer,), notes, failure, quiet=quiet or as_json)


def take(
    run: Run,
    number: Number,
    try_readings: readings.Readings = None,
    solver: options.Solver = "auto",
    time_limit: options.TimeLimit = None,
    gap: analyses.Gap = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    save: options.Save = None,
) -> int:
    """Take another reading of a problem that was solved, without a language model; the new answer is kept as a run."""
    from app.output import print_answer
    from app.progress import progress_on_stderr

    with progress_on_stderr(quiet=quiet) as view:
        before = _answer_of(run, view)
    new = before.take(
        number, readings=readings.number_of(try_readings), solver=solver,
        options=readings.solve_options_of(time_limit, gap),
    )  # fmt: skip
    notes, failure = _kept(before, (new,), save)
    print_answer(new, as_json=as_json)
    return _ended((new,), notes, failure, quiet=quiet or as_json)


def compare(run: Run, other: Other = None, plan: Plan = None, as_json: options.AsJson = False) -> int:
    """Compare two answers, or an answer with the plan of today: what changes, what it saves, what the plan breaks."""
    from app.output import print_json
    from nl2opt.pipeline.after.comparison import bulleted
    from nl2opt.pipeline.after.plan_files import read_plan

    if (other is None) == (plan is None):
        raise typer.BadParameter("Name another run, or a plan with --plan FILE, and not both.")
    answer = _answer_of(run, None)
    if plan is not None:
        beside = answer.compare(values=read_plan(plan))
        if as_json:
            print_json(beside.to_dict())
        else:
            _print(beside.lines())
        return 0
    assert other is not None
    found = answer.compare(_answer_of(other, None))
    if as_json:
        print_json(found.to_dict())
    else:
        _print([*bulleted(found.difference), *found.lines()])
    return 0


def history(run: Run, as_json: options.AsJson = False) -> int:
    """Show the answers that led to a run, one a line, the first one first."""
    from app.output import print_json
    from nl2opt.pipeline.after.runs import find_run, history_lines, history_of

    answer = find_run(run)
    steps = history_of(answer)
    if as_json:
        print_json({"id": answer.id, "history": [step.to_dict() for step in steps]})
    else:
        _print(history_lines(steps))
    return 0


def undo(run: Run, as_json: options.AsJson = False, quiet: options.Quiet = False) -> int:
    """Show the answer that a run was changed from, which what-if and revise can go on from; nothing is deleted."""
    from app.exit_codes import exit_code_of_status
    from app.output import print_answer
    from nl2opt.errors import StoreError
    from nl2opt.pipeline.after.runs import find_run

    answer = find_run(run)
    if answer.parent is None:
        raise StoreError(f"There is nothing to undo: {answer.id} is a first answer.")
    parent = find_run(answer.parent)
    print_answer(parent, as_json=as_json)
    if not as_json:
        words = " ".join(answer.edits[-1].words.split())
        _say([f"Undone: {words}. Go on from {parent.id}, as in: nl2opt what-if {parent.id} ..."], quiet)
    return exit_code_of_status(parent.status)


# -- what the commands have in common -----------------------------------------------------------------


def _answer_of(run: str, view: ProgressView | None) -> Answer:
    """Return the answer of a run or file; a formulation is solved first."""
    import nl2opt
    from app.inputs import formulation_from
    from nl2opt.pipeline.after.runs import find_run

    if is_formulation(run):
        formulation = formulation_from(Path(run))
        require_tables(formulation, run)
        return nl2opt.run(formulation, on_event=view)
    return find_run(run)


def require_tables(formulation: Formulation, run: str) -> None:
    """Refuse a formulation whose tables are not there, for commands that attach none.

    Raises:
        DataError: it names tables.
    """
    from nl2opt.errors import DataError
    from nl2opt.formulation.findings import Finding
    from nl2opt.tables.binding import needs_binding

    if needs_binding(formulation):
        message = f"{run} takes its numbers from tables, which this command does not attach"
        mend = "Solve it with them first, as in: nl2opt run PLAN --data FILE; the answer is then called last."
        raise DataError([Finding(code="no_table", message=message, mend=mend)])


def is_formulation(run: str) -> bool:
    """Whether a file holds a formulation, not an answer."""
    if run == "-":
        return True
    try:
        path = Path(run)
        if not path.is_file():
            return False
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "variables" in content and "store_version" not in content


def _kept(before: Answer, answers: Sequence[Answer], save: Path | None) -> tuple[list[str], str]:
    """Write answers to the run store, the one that they come from too where it is not there, and to a file.

    Returns:
        What to say of the run store, and why the file that was named could not be written; empty when it was.
    """
    from nl2opt.pipeline.runs import is_kept

    notes = []
    for answer in (*(() if is_kept(before.id) else (before,)), *answers):
        _, fault = saved(answer, None)
        if fault:
            notes.append(f"Warning: the answer could not be kept. {fault}")
        elif answer is not before:
            notes.append(f"Kept as {answer.id}.")
    return notes, saved(answers[0], save)[1] if save is not None else ""


def _ended(answers: Sequence[Answer], notes: Iterable[str], failure: str, *, quiet: bool) -> int:
    """Say what became of answers, and return the exit code."""
    from app.exit_codes import ExitCode, exit_code_of_status

    _say(notes, quiet)
    if failure:
        return failed(f"The answer was not saved. {failure}", ExitCode.USAGE)
    return max(exit_code_of_status(answer.status) for answer in answers)


def _print(lines: Iterable[str]) -> None:
    from app.output import printable

    for line in lines:
        typer.echo(printable(line))


def _say(notes: Iterable[str], quiet: bool) -> None:
    from app.output import print_note

    for note in notes:
        if not quiet or note.startswith("Warning"):
            print_note(note)
