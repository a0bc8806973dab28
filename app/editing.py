"""The commands that say, compare and change formulations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from app import attaching, options

if TYPE_CHECKING:
    from nl2opt.formulation.schema import Change

DESCRIBE_EXAMPLE: Final = "Example: nl2opt describe bakery.json"
DIFF_EXAMPLE: Final = "Example: nl2opt diff bakery.json bakery-new.json"
CHANGE_EXAMPLE: Final = (
    "Example: nl2opt change bakery.json --set parameters.hours.value=440 --switch-off stock -o bakery-new.json"
)
Other = Annotated[Path, typer.Argument(metavar="OTHER.json", help="File with the formulation to compare with.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Set a value: variables.make.domain=continuous. The value is JSON, or else text. May be repeated.",
    ),
]
Add = Annotated[
    list[str] | None,
    typer.Option(
        "--add",
        metavar="PATH=VALUE",
        help="Add to a list or table: sets.ITEM.elements=sofa, parameters.profit.value.sofa=50. May be repeated.",
    ),
]
Remove = Annotated[
    list[str] | None,
    typer.Option("--remove", metavar="PATH", help="Remove: constraints.stock, variables.make.upper. May be repeated."),
]
SwitchOff = Annotated[
    list[str] | None,
    typer.Option("--switch-off", metavar="NAME", help="Switch a constraint off by its name. May be repeated."),
]


def describe(
    formulation: options.FormulationFile,
    data: attaching.Data = None,
    given: attaching.Given = None,
    decimal: attaching.DecimalSign = None,
    output: options.Output = None,
) -> int:
    """Say a formulation in plain English: every number, bound and clause, and nothing else."""
    from app.inputs import formulation_from
    from app.output import write_result

    write_result(attaching.bound(formulation_from(formulation), data, given, decimal).describe(), output)
    return 0


def diff(formulation: options.FormulationFile, other: Other, as_json: options.AsJson = False) -> int:
    """Say what is different between two formulations."""
    from app.inputs import formulation_from
    from app.output import print_json, printable

    difference = formulation_from(formulation).diff(formulation_from(other))
    if as_json:
        print_json({"equal": not difference, "changes": [_plain(change) for change in difference]})
    else:
        typer.echo(printable(str(difference)))
    return 0


def change(
    formulation: options.FormulationFile,
    to_set: Set = None,
    to_add: Add = None,
    to_remove: Remove = None,
    to_switch_off: SwitchOff = None,
    as_json: options.AsJson = False,
    output: options.Output = None,
) -> int:
    """Change a formulation and print the new one; what is set comes first, then added, removed, switched off."""
    from app.exit_codes import ExitCode
    from app.inputs import formulation_from
    from app.output import finding_lines, print_json, print_note, write_result
    from nl2opt.errors import FormulationError
    from nl2opt.formulation.editing.edit import inverse

    changes = _changes(to_set, to_add, to_remove, to_switch_off)
    if not changes:
        raise typer.BadParameter("There is nothing to change; name it by --set, --add, --remove or --switch-off.")
    before = formulation_from(formulation)
    try:
        after, undo = before.apply(changes), inverse(before, changes)
    except FormulationError as error:
        message = "\n".join(["The formulation was not changed:", *finding_lines(error.findings)])
        if as_json:
            print_json({"status": "error", "message": message, "exit_code": int(ExitCode.USAGE)})
        print_note(message)
        return ExitCode.USAGE
    if as_json:
        content = {
            "formulation": json.loads(after.to_json()),
            "changes": [_plain(change) for change in changes],
            "undo": [_plain(change) for change in undo],
        }
        write_result(json.dumps(content) + "\n", output)
    else:
        write_result(after.to_json() + "\n", output)
    return 0


def _changes(
    to_set: list[str] | None, to_add: list[str] | None, to_remove: list[str] | None, to_switch_off: list[str] | None
) -> list[Change]:
    from nl2opt.formulation.schema import Change

    changes = [Change(kind="set", path=path, value=value) for path, value in map(_assignment, to_set or ())]
    changes += [Change(kind="add", path=path, value=value) for path, value in map(_assignment, to_add or ())]
    changes += [Change(kind="remove", path=path) for path in to_remove or ()]
    for name in to_switch_off or ():
        path = name if name.startswith("constraints.") else f"constraints.{name}"
        changes.append(Change(kind="switch_off", path=path))
    return changes


def _assignment(text: str) -> tuple[str, Any]:
    """Split `PATH=VALUE` at the first `=` outside quotes; what is no JSON is text.

    Raises:
        typer.BadParameter: there is no `=`.
    """
    quoted = False
    for place, character in enumerate(text):
        if character == '"' and not (quoted and text[place - 1] == "\\"):
            quoted = not quoted
        elif character == "=" and not quoted:
            return text[:place].strip(), _value(text[place + 1 :])
    raise typer.BadParameter(f"`{text}` has no `=`; write PATH=VALUE, as in parameters.hours.value=440.")


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda word: word)
    except (ValueError, RecursionError):
        return text


def _plain(change: Change) -> dict[str, Any]:
    content = change.model_dump(mode="json")
    return content if change.kind not in ("remove", "switch_off") else {"kind": change.kind, "path": change.path}
