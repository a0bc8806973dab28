"""The prompts: text files, filled in with Jinja templates that refuse missing names."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def _source(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, StrictUndefined

    # Prompts are plain text for a language model, not HTML: nothing is to be escaped.
    environment = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)  # noqa: S701
    return environment.from_string(_source(name))


def prompt(name: str, **values: Any) -> str:
    """Return a prompt with its values filled in.

    Args:
        name: of the file, without `.md`.
        values: for the names in the template; a missing one is an error.
    """
    return _template(f"{name}.md").render(**values).strip()


def plain_prompt(name: str) -> str:
    """Return a prompt that has nothing to fill in."""
    return _source(f"{name}.md").strip()


@cache
def worked_examples(name: str) -> tuple[dict[str, Any], ...]:
    """Return the worked examples of a style: each a `problem` and its `answer`."""
    return tuple(json.loads(_source(f"{name}.json")))
