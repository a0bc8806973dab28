"""The command line: `nl2opt solve "..."` and its neighbours.

Results go to stdout, everything else to stderr. Heavy parts are imported by the commands that use them;
`nl2opt` itself is imported inside `ending.guarded`, which turns what may be wrong with its packages into a sentence.
"""

from __future__ import annotations

import contextlib
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app import (
    after,
    analyses,
    attaching,
    diagnosis_output,
    editing,
    exporting,
    importing,
    options,
    programs,
    readings,
    showing,
    verifying,
)
from app.ending import guarded
from app.handing_out import handed_out, keep, saved
from app.llms import llms
from app.web import serving

if TYPE_CHECKING:
    pass

_EPILOG: Final = (
    "Exit codes: 0 solved or done, 1 something is wrong with the installation, 2 wrong use, "
    "3 no proven optimum (infeasible, unbounded, time limit, local optimum), "
    "4 no formulation or program that can be solved, 5 the language model cannot be asked, 130 interrupted."
)
app = typer.Typer(
    name="nl2opt",
    help="From a decision problem in plain words to a solved and checked optimisation model.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(llms, name="llms")


def _version(wanted: bool) -> None:
    if wanted:
        from nl2opt import __version__

        typer.echo(f"nl2opt {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From a decision problem in plain words to a solved and checked optimisation model."""


@app.command(epilog='Example: nl2opt solve "A bakery makes ..." or nl2opt solve bakery.txt --json')
def solve(
    problem: options.Problem,
    llm: options.Llm = None,
    llm_base_url: options.BaseUrl = None,
    style: options.StyleOption = None,
    rounds: options.Rounds = None,
    timeout: options.Timeout = None,
    solver: options.Solver = "auto",
    time_limit: options.TimeLimit = None,
    gap: analyses.Gap = None,
    cross_check: options.CrossCheck = False,
    try_readings: readings.Readings = None,
    ask: readings.Ask = False,
    route: options.RouteOption = options.Route.FORMULATION,
    verify: options.Verify = None,
    llm2: options.Llm2 = None,
    data: attaching.Data = None,
    given: attaching.Given = None,
    private: attaching.Private = None,
    decimal: attaching.DecimalSign = None,
    template: attaching.Template = None,
    plan: attaching.Plan = None,
    sensitivity: analyses.Sensitive = False,
    pool: analyses.Pool = None,
    conflict: diagnosis_output.Conflicting = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    save: options.Save = None,
) -> int:
    """Formulate, solve and check a decision problem in words."""
    import nl2opt
    from app.exit_codes import ExitCode
    from app.inputs import problem_text, settings_from
    from app.progress import progress_on_stderr

    if route is options.Route.PROGRAM:
        programs.require_for_program(
            style=style, cross_check=cross_check, verify=verify, llm2=llm2, sensitivity=sensitivity, pool=pool,
            conflict=conflict, readings=try_readings, ask=ask,
        )  # fmt: skip
    text = problem_text(problem)
    settings = settings_from(llm, llm_base_url, style, rounds, timeout, verify, llm2)
    tables = attaching.attached(data, given, private, decimal)
    with progress_on_stderr(quiet=quiet) as view, verifying.PatientInterrupt(view) as patient:
        answer = nl2opt.solve(
            text,
            data=tables,
            solver=solver,
            time_limit=time_limit,
            gap=gap,
            cross_check=cross_check,
            readings=try_readings,
            route=route.value,
            # What a person chooses is verified when it is known.
            verify="quick" if ask else None,
            settings=settings,
            on_event=patient,
            cancel=patient.cancel,
        )
    how = {
        "solver": solver, "time_limit": time_limit, "gap": gap, "cross_check": cross_check, "settings": settings,
        "verify": "quick" if ask else None, "llm": settings.llm,
    }  # fmt: skip
    answer = attaching.completed(answer, tables, as_json=as_json, template=template, settings=how)
    answer = readings.asked(
        answer, ask=ask, readings=try_readings, solver=solver, time_limit=time_limit, gap=gap
    )  # fmt: skip
    if ask:
        answer = verifying.verified(answer, settings, solver=solver, time_limit=time_limit, quiet=quiet)
    keep(answer, quiet)
    has_plan = attaching.write_plan(answer, plan)
    answer = analyses.analysed(
        answer, sensitivity=sensitivity, pool=pool, solver=solver, time_limit=time_limit, gap=gap
    )  # fmt: skip
    if conflict:
        answer = diagnosis_output.diagnosed(answer, time_limit)
    if answer.analyses:
        saved(answer, None)
    code = handed_out(answer, as_json, save, gap)
    diagnosis_output.hint(answer, wanted=not (conflict or as_json or quiet))
    return code if has_plan else ExitCode.USAGE


@app.command(epilog="Example: nl2opt formulate bakery.txt -o bakery.json, then: nl2opt run bakery.json")
def formulate(
    problem: options.Problem,
    llm: options.Llm = None,
    llm_base_url: options.BaseUrl = None,
    style: options.StyleOption = None,
    rounds: options.Rounds = None,
    timeout: options.Timeout = None,
    data: attaching.Data = None,
    given: attaching.Given = None,
    private: attaching.Private = None,
    decimal: attaching.DecimalSign = None,
    template: attaching.Template = None,
    quiet: options.Quiet = False,
    output: options.Output = None,
) -> int:
    """Write the five-element formulation of a problem as JSON."""
    import nl2opt
    from app.exit_codes import ExitCode
    from app.inputs import problem_text, settings_from
    from app.output import print_note, write_result
    from app.progress import progress_on_stderr
    from nl2opt.errors import MissingData
    from nl2opt.tables.seen import with_seen

    text = problem_text(problem)
    settings = settings_from(llm, llm_base_url, style, rounds, timeout)
    tables = attaching.attached(data, given, private, decimal)
    try:
        with progress_on_stderr(quiet=quiet) as view:
            formulation = nl2opt.formulate(text, data=tables, settings=settings, on_event=view)
    except MissingData as error:
        write_result(with_seen(error.formulation).to_json() + "\n", output)
        if template is not None:
            attaching.write_template(error.missing, template)
        print_note(f"{error}\nGive them to nl2opt run by --set, or by --data with a list that --template writes.")
        return ExitCode.NO_FORMULATION
    write_result(with_seen(formulation).to_json() + "\n", output)
    return 0


@app.command(epilog="Example: nl2opt run plan.json, or nl2opt run plan.py for a program")
def run(
    formulation: options.FormulationOrProgram,
    solver: options.Solver = "auto",
    time_limit: options.TimeLimit = None,
    gap: analyses.Gap = None,
    cross_check: options.CrossCheck = False,
    data: attaching.Data = None,
    given: attaching.Given = None,
    decimal: attaching.DecimalSign = None,
    template: attaching.Template = None,
    try_readings: readings.Readings = None,
    sensitivity: analyses.Sensitive = False,
    pool: analyses.Pool = None,
    conflict: diagnosis_output.Conflicting = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    save: options.Save = None,
    export: exporting.Export = None,
    unsafe_no_sandbox: programs.UnsafeNoSandbox = False,
) -> int:
    """Solve and check a formulation, or run a program (.py) in the sandbox; no language model is asked."""
    import nl2opt
    from app.inputs import formulation_from
    from app.progress import progress_on_stderr

    if programs.is_program(formulation):
        if data or given:
            raise typer.BadParameter("a program takes no tables; it holds its numbers", param_hint="--data")
        programs.require_for_program(
            gap=gap, cross_check=cross_check, sensitivity=sensitivity, pool=pool, conflict=conflict, export=export,
            readings=try_readings,
        )  # fmt: skip
        answer = programs.run_program(
            formulation, solver=solver, time_limit=time_limit, quiet=quiet, unsafe_no_sandbox=unsafe_no_sandbox
        )  # fmt: skip
        keep(answer, quiet)
        return handed_out(answer, as_json, save)
    if unsafe_no_sandbox:
        raise typer.BadParameter("a formulation is no program and needs none", param_hint="--unsafe-no-sandbox")
    loaded = formulation_from(formulation)
    tables = attaching.attached(data, given, None, decimal)
    how = {"solver": solver, "time_limit": time_limit, "gap": gap, "cross_check": cross_check}
    with progress_on_stderr(quiet=quiet) as view:
        answer = nl2opt.run(
            loaded, solver=solver, time_limit=time_limit, gap=gap, cross_check=cross_check, readings=try_readings,
            data=tables, on_event=view,
        )  # fmt: skip
    answer = attaching.completed(answer, tables, as_json=as_json, template=template, settings=how)
    keep(answer, quiet)
    answer = analyses.analysed(
        answer, sensitivity=sensitivity, pool=pool, solver=solver, time_limit=time_limit, gap=gap
    )  # fmt: skip
    if conflict:
        answer = diagnosis_output.diagnosed(answer, time_limit)
    if answer.analyses:
        saved(answer, None)
    code = max(exporting.write_all(answer, export), handed_out(answer, as_json, save, gap))
    diagnosis_output.hint(answer, wanted=not (conflict or as_json or quiet))
    return code


@app.command()
def check(
    formulation: options.FormulationFile,
    data: attaching.Data = None,
    given: attaching.Given = None,
    decimal: attaching.DecimalSign = None,
    as_json: options.AsJson = False,
) -> int:
    """Say everything that is wrong or doubtful in a formulation."""
    from dataclasses import asdict

    from app.exit_codes import ExitCode
    from app.inputs import formulation_from
    from app.output import finding_lines, print_json, printable
    from nl2opt.errors import FormulationError

    try:
        findings = formulation_from(formulation).check(data=attaching.attached(data, given, None, decimal))
    except FormulationError as error:
        findings = error.findings
    errors = sum(finding.is_error for finding in findings)
    if as_json:
        print_json({"usable": not errors, "findings": [asdict(finding) for finding in findings]})
    else:
        for line in finding_lines(findings):
            typer.echo(printable(line))
        warnings = len(findings) - errors
        typer.echo("The formulation can be solved." if not errors else "The formulation cannot be solved.", nl=False)
        typer.echo(f" {errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}.")
    return ExitCode.NO_FORMULATION if errors else 0


@app.command()
def render(
    formulation: options.FormulationFile,
    to: Annotated[options.Target, typer.Option("--to", help="What to render it to.")] = options.Target.PYOMO,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="With --to latex: write a whole document, with tables of the data.")
    ] = False,
    data: attaching.Data = None,
    given: attaching.Given = None,
    decimal: attaching.DecimalSign = None,
    output: options.Output = None,
) -> int:
    """Render a formulation as a program in Pyomo, highspy, OR-Tools or PySCIPOpt, as LaTeX or as Markdown."""
    from app.inputs import formulation_from
    from app.output import write_result

    if standalone and to is not options.Target.LATEX:
        raise typer.BadParameter("only a LaTeX document stands alone; write --to latex", param_hint="--standalone")
    loaded = attaching.bound(formulation_from(formulation), data, given, decimal)
    match to:
        case options.Target.LATEX:
            text = loaded.to_latex(standalone=standalone)
        case options.Target.MARKDOWN:
            text = loaded.to_markdown()
        case _:
            text = loaded.to_program(to.value)
    write_result(text.rstrip("\n") + "\n", output)
    return 0


app.command(epilog=editing.DESCRIBE_EXAMPLE)(editing.describe)
app.command(epilog=editing.DIFF_EXAMPLE)(editing.diff)
app.command(epilog=editing.CHANGE_EXAMPLE)(editing.change)
app.command(epilog=showing.SHOW_EXAMPLE)(showing.show)
app.command(epilog=attaching.TABLES_EXAMPLE)(attaching.tables)
app.command(epilog=after.EXPLAIN_EXAMPLE)(after.explain)
app.command("what-if", epilog=after.WHAT_IF_EXAMPLE)(after.what_if)
app.command(epilog=after.REVISE_EXAMPLE)(after.revise)
app.command(epilog=after.TAKE_EXAMPLE)(after.take)
app.command(epilog=after.COMPARE_EXAMPLE)(after.compare)
app.command(epilog=after.HISTORY_EXAMPLE)(after.history)
app.command(epilog=after.UNDO_EXAMPLE)(after.undo)
app.command(epilog=verifying.VERIFY_EXAMPLE)(verifying.verify)
app.command("import", epilog=importing.IMPORT_EXAMPLE)(importing.import_file)


app.command("app", epilog=serving.APP_EXAMPLE)(serving.serve)


@app.command()
def schema() -> int:
    """Print the JSON schema of formulations (version 1)."""
    import json

    from nl2opt.formulation.schema import Formulation

    typer.echo(json.dumps(Formulation.model_json_schema(by_alias=True), indent=2))
    return 0


@app.command()
def doctor(as_json: options.AsJson = False) -> int:
    """Look whether everything that nl2opt needs is there and works."""
    from dataclasses import asdict

    from app.doctor import examine
    from app.exit_codes import ExitCode
    from app.output import print_json

    examinations = examine()
    ok = all(examination.ok for examination in examinations)
    if as_json:
        print_json({"ok": ok, "examinations": [asdict(examination) for examination in examinations]})
    else:
        for examination in examinations:
            typer.echo(f"{'ok  ' if examination.ok else 'FAIL'} {examination.name}: {examination.text}")
            if examination.mend:
                typer.echo(f"     {examination.mend}")
    return 0 if ok else ExitCode.FAILED


# -- how a command ends -------------------------------------------------------------------------------------


def main() -> None:
    """Run the command line; every error becomes a sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            # What a terminal cannot show is shown as its code; it must not cost the answer.
            stream.reconfigure(errors="backslashreplace")
    code = _guarded(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    programs.end_workers()
    # A language model that is still reading its prompt must not keep the terminal waiting.
    os._exit(code)


def _guarded(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    command = partial(app, args=arguments, prog_name="nl2opt", standalone_mode=False)
    return guarded(command, as_json="--json" in arguments)


if __name__ == "__main__":
    main()
