"""The options of attached data, such as `--data` and `--set`; the command `tables`; and what is missing."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from app import options

if TYPE_CHECKING:
    from nl2opt.formulation.findings import Finding
    from nl2opt.formulation.schema import Formulation
    from nl2opt.pipeline.answer import Answer
    from nl2opt.tables.missing import MissingValue
    from nl2opt.tables.table import Tables

TABLES_EXAMPLE: Final = "Example: nl2opt tables orders.csv costs.xlsx --private salary"
Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="[NAME=]FILE",
        help="Attach the tables of a CSV, Excel, Parquet or JSON file. May be repeated.",
    ),
]
Given = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=NUMBER", help="Give a number that is missing: capacity=440. May be repeated."),
]
Private = Annotated[
    list[str] | None,
    typer.Option(
        "--private",
        metavar="COLUMN",
        help="Show the language model nothing of this column but its name: salary, or staff.salary. May be repeated.",
    ),
]
DecimalSign = Annotated[
    str | None,
    typer.Option("--decimal", metavar="SIGN", help="The sign before decimals in tables, where it cannot be told."),
]
Template = Annotated[
    Path | None,
    typer.Option(
        "--template",
        metavar="FILE",
        callback=options.in_folder,
        help="Where numbers are missing, write a list of them to fill in (.json or .csv), for --data.",
    ),
]
Plan = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        callback=options.in_folder,
        help="Write the formulation to this file, which nl2opt run takes with other data.",
    ),
]
Files = Annotated[list[str], typer.Argument(metavar="[NAME=]FILE...", help="CSV, Excel, Parquet or JSON files.")]


def tables(files: Files, private: Private = None, decimal: DecimalSign = None, as_json: options.AsJson = False) -> int:
    """Say what is read from tables, and exactly what a language model would be shown of them."""
    from dataclasses import asdict

    from app.output import print_json, printable
    from nl2opt.tables.profile import profile

    found = attached(files, None, private, decimal)
    assert found is not None
    seen = profile(found)
    if as_json:
        print_json(
            {
                "tables": {
                    name: {"rows": table.n_rows, "columns": table.column_names, "place": table.place}
                    for name, table in found.items()
                },
                "notes": list(found.notes),
                "findings": [asdict(finding) for finding in found.findings],
                "shown": seen.text,
            }
        )
    else:
        typer.echo(printable(seen.describe()), nl=False)
    return 0


def attached(
    data: Sequence[str] | None,
    given: Sequence[str] | None,
    private: Sequence[str] | None = None,
    decimal: str | None = None,
) -> Tables | None:
    """Read what the options attach; `None` where they attach nothing.

    Raises:
        DataError: a file cannot be read.
    """
    if not data and not given and not private:
        return None
    from nl2opt.errors import DataError
    from nl2opt.tables.attached import read_tables
    from nl2opt.tables.table import Tables

    sign: Any = {"comma": ",", "point": "."}.get(decimal or "", decimal)
    together: dict[str, Any] = {}
    values: dict[str, Any] = {}
    faults: list[Finding] = []
    for name, path in map(_named, data or ()):
        try:
            found = read_tables({name: path} if name else path, decimal=sign)
        except DataError as error:
            faults += error.findings
            continue
        for key, table in found.items():
            unique = key if key not in together else f"{Path(path).stem}.{table.sheet or key}"
            together[unique] = table
        values |= found.values_given
    if faults:
        raise DataError(faults)
    from dataclasses import replace

    named = Tables({key: replace(table, name=key) for key, table in together.items()}, values)
    return read_tables(named, values=dict(map(_assignment, given or ())), private=private or ())


def _named(argument: str) -> tuple[str, str]:
    """Split `NAME=FILE`; a file whose name has an `=` in it is taken as it is."""
    name, sign, path = argument.partition("=")
    if not sign or not name or Path(argument).exists():
        return "", argument
    return name, path


def _assignment(argument: str) -> tuple[str, Any]:
    name, sign, text = argument.partition("=")
    if not sign or not name.strip():
        raise typer.BadParameter(f"`{argument}` has no `=`; write NAME=NUMBER, as in capacity=440.", param_hint="--set")
    return name.strip(), _value(text, f"--set {name}")


def _value(text: str, hint: str) -> Any:
    """Return a number, or the JSON of a table of numbers."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float | list | dict):
        raise typer.BadParameter(
            f"`{text}` is no number; write 440 or 0.25, or the JSON of a table of numbers.", param_hint=hint
        )
    return value


def bound(
    formulation: Formulation, data: Sequence[str] | None, given: Sequence[str] | None, decimal: str | None = None
) -> Formulation:
    """Return a formulation with what the options attach.

    Raises:
        DataError: a file cannot be read.
        FormulationError: the tables do not fit.
    """
    found = attached(data, given, None, decimal)
    return formulation if found is None else formulation.with_data(found)


# -- what is missing ------------------------------------------------------------------------------------------


def completed(
    answer: Answer, found: Tables | None, *, as_json: bool, template: Path | None, settings: Mapping[str, Any]
) -> Answer:
    """Ask for the numbers that an answer is missing, at a terminal, and solve with them; else write the list.

    Args:
        answer: may be missing numbers.
        found: what was attached.
        as_json: whether nobody is to be asked.
        template: file for the list of what is missing; `None` for none.
        settings: how it is solved and verified: arguments of `nl2opt.fill_in`.
    """
    if not answer.missing:
        return answer
    if template is not None:
        _written_template(answer.missing, template)
    if as_json or template is not None or not _is_terminal():
        return answer
    values = _asked(answer.missing)
    if not values:
        return answer
    from app.output import print_note
    from nl2opt.api import fill_in
    from nl2opt.errors import Nl2optError

    try:
        return fill_in(answer, values, data=found, **settings)
    except Nl2optError as error:
        # The answer so far is not lost for it.
        print_note(f"Warning: with these numbers it cannot be solved. {error}")
        return answer


def _is_terminal() -> bool:
    streams = (sys.stdin, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)


def _asked(missing: Sequence[MissingValue]) -> dict[str, Any]:
    """Ask for each single number; an empty line leaves it out."""
    from app.output import print_note, printable

    values: dict[str, Any] = {}
    print_note("The problem does not give these numbers. An empty line leaves one out.")
    for item in missing:
        if item.index:
            print_note(f"{item} (a table: give it by --data, see --template)")
            continue
        while True:
            text = str(typer.prompt(printable(str(item)), default="", show_default=False, err=True)).strip()
            try:
                if text:
                    values[item.name] = _value(text, item.name)
                break
            except typer.BadParameter as error:
                print_note(str(error))
    return values


def _written_template(missing: Sequence[MissingValue], path: Path) -> None:
    """Write the list of missing numbers; that it cannot be written costs no answer."""
    from app.output import print_note
    from nl2opt.errors import StoreError

    try:
        write_template(missing, path)
    except StoreError as error:
        print_note(f"Warning: the list of missing numbers was not written. {error}")


def write_template(missing: Sequence[MissingValue], path: Path) -> None:
    """Write the list of missing numbers to a file, as CSV where its name ends in `.csv`, else as JSON.

    Raises:
        StoreError: it cannot be written.
    """
    from app.output import print_note
    from nl2opt.pipeline.store import write_whole
    from nl2opt.tables.missing import template_csv, template_json

    write_whole(path, template_csv(missing) if path.suffix.lower() == ".csv" else template_json(missing))
    print_note(f"The numbers that are missing stand in {path}; fill them in and give the file by --data.")


def write_plan(answer: Answer, path: Path | None) -> bool:
    """Write the formulation of an answer to a file, the option `--plan`; return whether nothing went wrong."""
    if path is None:
        return True
    from app.output import print_note
    from nl2opt.errors import StoreError

    if answer.formulation is None:
        print_note(f"There is no formulation, so {path} was not written.")
        return True
    try:
        answer.formulation.save(path)
    except StoreError as error:
        print_note(f"The plan was not written. {error}")
        return False
    return True
