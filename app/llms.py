"""The commands `nl2opt llms ...`: which embedded language models there are, and fetching one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.options import AsJson, Quiet

if TYPE_CHECKING:
    from nl2opt.chat.known import KnownModel
    from nl2opt.settings import Settings

llms = typer.Typer(help="List the embedded language models, or fetch one.", no_args_is_help=True)


def fetched_file(known: KnownModel, settings: Settings) -> Path | None:
    """Return the path of a model's file; `None` when it is not here, or not as long as it must be."""
    from nl2opt.chat.choose import model_path

    path = model_path(known, settings)
    return path if path.is_file() and path.stat().st_size == known.size else None


@llms.command("list")
def list_(as_json: AsJson = False) -> int:
    """List the embedded language models and whether they are here."""
    from app.output import print_json
    from nl2opt.chat.known import KNOWN_MODELS
    from nl2opt.settings import load_settings

    settings = load_settings()
    rows = [(known, fetched_file(known, settings)) for known in KNOWN_MODELS.values()]
    if as_json:
        print_json({"llms": [_row(known, path) for known, path in rows]})
        return 0
    for known, path in rows:
        state = f"here: {path}" if path is not None else f"not here; fetch it with: nl2opt llms pull {known.name}"
        typer.echo(f"local:{known.name}  {known.title}, {known.size / 1e6:,.0f} MB, {known.licence}, {known.note}")
        typer.echo(f"    {state}")
    typer.echo("local:/path/model.gguf  any other GGUF file")
    typer.echo("openai:MODEL  any OpenAI-compatible endpoint (with --llm-base-url)")
    return 0


def _row(known: KnownModel, path: Path | None) -> dict[str, Any]:
    return {
        "llm": f"local:{known.name}",
        "title": known.title,
        "bytes": known.size,
        "licence": known.licence,
        "note": known.note,
        "path": str(path) if path is not None else None,
    }


@llms.command("pull")
def pull(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the language model, see: nl2opt llms list")
    ] = "qwen2.5-coder-1.5b",
    quiet: Quiet = False,
) -> int:
    """Fetch the file of an embedded language model, once, and print its path."""
    from difflib import get_close_matches

    from app.progress import progress_on_stderr
    from nl2opt.chat.choose import model_folder
    from nl2opt.chat.fetch import fetch_model
    from nl2opt.chat.known import KNOWN_MODELS
    from nl2opt.errors import SettingsError
    from nl2opt.settings import load_settings

    name = name.removeprefix("local:")
    known = KNOWN_MODELS.get(name)
    if known is None:
        near = get_close_matches(name, KNOWN_MODELS, n=1, cutoff=0.4)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise SettingsError(
            f"There is no language model `{name}` to fetch; there are: {', '.join(KNOWN_MODELS)}.{hint}"
        )
    with progress_on_stderr(quiet=quiet) as view:
        path = fetch_model(known, model_folder(load_settings()), on_event=view)
    typer.echo(str(path))
    return 0
