"""The command line: `nl2opt solve "..."` and its neighbours.

Results go to stdout, everything else to stderr. Heavy parts are imported by the commands that use them.
"""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nl2opt import __version__

if TYPE_CHECKING:
    from nl2opt.chat.known import KnownModel
    from nl2opt.formulation.schema import Formulation
    from nl2opt.pipeline.answer import Answer
    from nl2opt.settings import Settings

app = typer.Typer(
    name="nl2opt",
    help="From a decision problem in plain words to a solved and checked optimisation model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
llms = typer.Typer(help="The embedded language models: list them, fetch one.", no_args_is_help=True)
app.add_typer(llms, name="llms")


class Style(StrEnum):
    """Writing styles."""

    SCALAR = "scalar"
    INDEXED = "indexed"


class Target(StrEnum):
    """What a formulation can be rendered to."""

    PYOMO = "pyomo"
    LATEX = "latex"
    MARKDOWN = "markdown"


Problem = Annotated[str, typer.Argument(metavar="TEXT|FILE|-", help="The problem: its text, a file, or - for stdin.")]
FormulationFile = Annotated[Path, typer.Argument(metavar="FORMULATION.json", help="A formulation; - for stdin.")]
Llm = Annotated[
    str | None,
    typer.Option("--llm", help="local, local:NAME, local:/path/model.gguf, openai:MODEL or scripted:FILE."),
]
BaseUrl = Annotated[str | None, typer.Option("--llm-base-url", help="Address of an OpenAI-compatible endpoint.")]
StyleOption = Annotated[Style | None, typer.Option("--style", help="Writing style; left out, what suits the model.")]
Rounds = Annotated[int | None, typer.Option("--rounds", min=0, max=20, help="Corrections at most (3).")]
Timeout = Annotated[float | None, typer.Option("--timeout", min=0.1, help="Seconds for each completion (600).")]
Solver = Annotated[str, typer.Option("--solver", help="Name of a solver, or auto.")]
TimeLimit = Annotated[float | None, typer.Option("--time-limit", min=0.0, help="Seconds for the solver.")]
CrossCheck = Annotated[bool, typer.Option("--cross-check", help="Also run the rendered Pyomo program.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Save = Annotated[Path | None, typer.Option("--save", help="Write the answer with its trace to this file.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of stdout.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nl2opt {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From a decision problem in plain words to a solved and checked optimisation model."""


@app.command()
def solve(
    problem: Problem,
    llm: Llm = None,
    llm_base_url: BaseUrl = None,
    style: StyleOption = None,
    rounds: Rounds = None,
    timeout: Timeout = None,
    solver: Solver = "auto",
    time_limit: TimeLimit = None,
    cross_check: CrossCheck = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    save: Save = None,
) -> int:
    """Formulate, solve and check a decision problem in words."""
    import nl2opt
    from app.exit_codes import exit_code_of_status

    text = _problem_text(problem)
    settings = _settings(llm, llm_base_url, style, rounds, timeout)
    with _progress(quiet) as view:
        answer = nl2opt.solve(
            text,
            solver=solver,
            time_limit=time_limit,
            cross_check=cross_check,
            settings=settings,
            on_event=view,
        )
    _keep(answer, save)
    _print_answer(answer, as_json)
    return exit_code_of_status(answer.status)


@app.command()
def formulate(
    problem: Problem,
    llm: Llm = None,
    llm_base_url: BaseUrl = None,
    style: StyleOption = None,
    rounds: Rounds = None,
    timeout: Timeout = None,
    quiet: Quiet = False,
    output: Output = None,
) -> int:
    """Write the five-element formulation of a problem as JSON."""
    import nl2opt

    text = _problem_text(problem)
    settings = _settings(llm, llm_base_url, style, rounds, timeout)
    with _progress(quiet) as view:
        formulation = nl2opt.formulate(text, settings=settings, on_event=view)
    _write(formulation.to_json() + "\n", output)
    return 0


@app.command()
def run(
    formulation: FormulationFile,
    solver: Solver = "auto",
    time_limit: TimeLimit = None,
    cross_check: CrossCheck = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    save: Save = None,
) -> int:
    """Solve and check a formulation; no language model is asked."""
    import nl2opt
    from app.exit_codes import exit_code_of_status

    loaded = _formulation(formulation)
    with _progress(quiet) as view:
        answer = nl2opt.run(loaded, solver=solver, time_limit=time_limit, cross_check=cross_check, on_event=view)
    if save is not None:
        answer.save(save)
    _print_answer(answer, as_json)
    return exit_code_of_status(answer.status)


@app.command()
def check(formulation: FormulationFile, as_json: AsJson = False) -> int:
    """Say everything that is wrong or doubtful in a formulation."""
    from dataclasses import asdict

    from nl2opt.errors import FormulationError

    try:
        findings = _formulation(formulation).check()
    except FormulationError as error:
        findings = error.findings
    errors = sum(finding.is_error for finding in findings)
    if as_json:
        typer.echo(json.dumps({"usable": not errors, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(f"{finding.severity}: {finding}")
        warnings = len(findings) - errors
        typer.echo("The formulation can be solved." if not errors else "The formulation cannot be solved.", nl=False)
        typer.echo(f" {errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}.")
    return 4 if errors else 0


@app.command()
def render(
    formulation: FormulationFile,
    to: Annotated[Target, typer.Option("--to", help="What to render it to.")] = Target.PYOMO,
    output: Output = None,
) -> int:
    """Render a formulation as a Pyomo program, LaTeX or Markdown."""
    loaded = _formulation(formulation)
    match to:
        case Target.PYOMO:
            text = loaded.to_program("pyomo")
        case Target.LATEX:
            text = loaded.to_latex() + "\n"
        case Target.MARKDOWN:
            text = loaded.to_markdown()
    _write(text, output)
    return 0


@app.command()
def schema() -> int:
    """Print the JSON schema of formulations (version 1)."""
    from nl2opt.formulation.schema import Formulation

    typer.echo(json.dumps(Formulation.model_json_schema(by_alias=True), indent=2))
    return 0


@app.command()
def doctor(as_json: AsJson = False) -> int:
    """Look whether everything that nl2opt needs is there and works."""
    from app.doctor import examine

    findings = examine()
    if as_json:
        typer.echo(json.dumps([{"name": f.name, "ok": f.ok, "text": f.text, "mend": f.mend} for f in findings]))
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name}: {finding.text}")
            if finding.mend:
                typer.echo(f"     {finding.mend}")
    return 0 if all(finding.ok for finding in findings) else 1


@llms.command("list")
def llms_list(as_json: AsJson = False) -> int:
    """List the embedded language models and whether they are here."""
    from nl2opt.chat.choose import model_path
    from nl2opt.chat.known import KNOWN_MODELS
    from nl2opt.settings import load_settings

    settings = load_settings()
    places = [(known, model_path(known, settings)) for known in KNOWN_MODELS.values()]
    rows = [(known, path if path.exists() else None) for known, path in places]
    if as_json:
        typer.echo(json.dumps([_llm_row(known, path) for known, path in rows]))
        return 0
    for known, path in rows:
        state = f"here ({path})" if path is not None else f"not fetched; get it with: nl2opt llms pull {known.name}"
        typer.echo(f"local:{known.name}  {known.title}, {known.size / 1e6:,.0f} MB, {known.licence}, {known.note}")
        typer.echo(f"    {state}")
    typer.echo("local:/path/model.gguf  any GGUF file\nopenai:MODEL  any OpenAI-compatible endpoint (--llm-base-url)")
    return 0


def _llm_row(known: KnownModel, path: Path | None) -> dict[str, Any]:
    return {
        "llm": f"local:{known.name}",
        "title": known.title,
        "bytes": known.size,
        "licence": known.licence,
        "path": str(path) if path is not None else None,
    }


@llms.command("pull")
def llms_pull(
    name: Annotated[str, typer.Argument(help="Name of the language model.")] = "qwen2.5-coder-1.5b",
    quiet: Quiet = False,
) -> int:
    """Fetch the file of an embedded language model, once."""
    from difflib import get_close_matches

    from nl2opt.chat.choose import model_folder
    from nl2opt.chat.fetch import fetch_model
    from nl2opt.chat.known import KNOWN_MODELS
    from nl2opt.errors import SettingsError
    from nl2opt.settings import load_settings

    known = KNOWN_MODELS.get(name.removeprefix("local:"))
    if known is None:
        near = get_close_matches(name, KNOWN_MODELS, n=1, cutoff=0.4)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise SettingsError(
            f"There is no language model `{name}` to fetch; there are: {', '.join(KNOWN_MODELS)}.{hint}"
        )
    with _progress(quiet) as view:
        path = fetch_model(known, model_folder(load_settings()), on_event=view)
    typer.echo(str(path))
    return 0


# -- what the commands share ------------------------------------------------------------------------------


def _problem_text(argument: str) -> str:
    """Return the problem: from stdin, from a file, or the argument itself."""
    from nl2opt.errors import ProblemError

    if argument == "-":
        return sys.stdin.read()
    path = Path(argument)
    if "\n" in argument or len(argument) > 1000 or not _exists(path):
        if len(argument.split()) == 1 and path.suffix.lower() in (".txt", ".md", ".text"):
            raise ProblemError(f"There is no file {argument}.")
        return argument
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError(f"{path} is not a text file in UTF-8.") from error
    except OSError as error:
        raise ProblemError(f"{path} cannot be read ({error.strerror}).") from error


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _formulation(path: Path) -> Formulation:
    from nl2opt.errors import ProblemError
    from nl2opt.formulation.schema import Formulation

    try:
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise ProblemError(f"{path} cannot be read ({error.strerror}).") from error
    return Formulation.from_json(content)


def _settings(
    llm: str | None, llm_base_url: str | None, style: Style | None, rounds: int | None, timeout: float | None
) -> Settings:
    from nl2opt.settings import load_settings

    return load_settings(
        llm=llm,
        llm_base_url=llm_base_url,
        style=style.value if style is not None else None,
        rounds=rounds,
        timeout_seconds=timeout,
    )


def _progress(quiet: bool) -> Any:
    from rich.console import Console

    from app.progress import ProgressView

    return ProgressView(Console(stderr=True), quiet=quiet)


def _keep(answer: Answer, save: Path | None) -> None:
    """Write the answer to the run store, and to a file where one is named."""
    from nl2opt.errors import StoreError

    try:
        answer.save()
    except StoreError as error:
        typer.echo(f"Warning: the run could not be kept. {error}", err=True)
    if save is not None:
        answer.save(save)


def _print_answer(answer: Answer, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer.to_dict(), ensure_ascii=False))
        return
    from rich.console import Console

    from nl2opt.pipeline.report import sections

    console = Console(soft_wrap=True, highlight=False)
    for number, (title, lines) in enumerate(sections(answer)):
        if number:
            console.print()
        console.print(title, style="bold", markup=False)
        for line in lines:
            console.print(f"  {line}", markup=False)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
        return
    from nl2opt.pipeline.store import write_whole

    write_whole(output, text)


def main() -> None:
    """Run the command line; every error becomes a sentence and an exit code."""
    code = _guarded(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # A language model that is still reading its prompt must not keep the terminal waiting.
    os._exit(code)


def _guarded(arguments: list[str]) -> int:
    """Run a command and return its exit code; no traceback reaches a person."""
    from nl2opt.errors import Nl2optError
    from solvers.errors import SolversError

    try:
        result = app(args=arguments, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except Nl2optError as error:
        from app.exit_codes import exit_code_of_error

        return _failed(str(error), exit_code_of_error(error), arguments)
    except SolversError as error:
        return _failed(str(error), 2, arguments)
    except KeyboardInterrupt:
        return _failed("Interrupted.", 130, arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - sorted by kind below
        return _other_failure(error, arguments)


def _other_failure(error: Exception, arguments: list[str]) -> int:
    """Say a usage error of the command line, or one that nobody foresaw."""
    show = getattr(error, "format_message", None)
    if show is not None:
        return _failed(f"{show()} See: nl2opt --help", getattr(error, "exit_code", 2), arguments)
    if type(error).__name__ == "Abort":
        return _failed("Interrupted.", 130, arguments)
    if isinstance(error, OSError):
        return _failed(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), 2, arguments)
    if os.environ.get("NL2OPT_DEBUG"):
        raise error
    kind = type(error).__name__
    return _failed(
        f"nl2opt failed in a way that nobody foresaw ({kind}: {error}). "
        "Set NL2OPT_DEBUG=1 to see where, and report it.",
        1,
        arguments,
    )


def _failed(message: str, code: int, arguments: list[str]) -> int:
    if "--json" in arguments:
        empty = dict.fromkeys(("objective", "values", "formulation", "program", "usage", "seconds"))
        content: dict[str, Any] = {
            "status": "error", "message": message, "exit_code": int(code), **empty,
            "evidence": [], "verdict": "not verified", "warnings": [], "attempts": [],
        }  # fmt: skip
        typer.echo(json.dumps(content, ensure_ascii=False))
    typer.echo(message, err=True)
    return int(code)


if __name__ == "__main__":
    main()
