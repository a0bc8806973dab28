"""Reads what a person hands to a command: a problem in words, or a formulation."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nl2opt.errors import ProblemError, SettingsError

if TYPE_CHECKING:
    from app.options import Level, Style
    from nl2opt.formulation.schema import Formulation
    from nl2opt.settings import Settings

_STDIN: Final = "-"
_MOST_BYTES: Final = 10_000_000
"""Of a problem; far more than the pipeline reads, and far less than what fills the memory."""
_LONGEST_PATH: Final = 1000
_WORDS_OF_A_FILE_NAME: Final = 5
_TEXT_SUFFIXES: Final = (".txt", ".md", ".text")


def problem_text(argument: str) -> str:
    """Return the problem: from stdin, from a file, or the argument itself.

    Raises:
        ProblemError: it cannot be read, is not text, or is a formulation already.
    """
    if argument == _STDIN:
        return _decoded(_stdin(_MOST_BYTES + 1), "stdin")
    path = _file(argument)
    if path is None:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            raise ProblemError("The problem is not text in UTF-8.") from error
        return argument
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    return _decoded(content, str(path))


def formulation_from(path: Path) -> Formulation:
    """Return the formulation in a JSON file; `-` stands for stdin.

    Raises:
        ProblemError: the file cannot be read, or is not text.
        FormulationError: it is not a formulation; every fault is a finding.
    """
    from nl2opt.formulation.schema import Formulation

    name = "stdin" if str(path) == _STDIN else str(path)
    try:
        content = _stdin() if str(path) == _STDIN else path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        text = content.decode(json.detect_encoding(content))
    except UnicodeDecodeError as error:
        raise ProblemError(f"{name} is not a text file.") from error
    return Formulation.from_json(text)


def settings_from(
    llm: str | None,
    llm_base_url: str | None,
    style: Style | None,
    rounds: int | None,
    timeout: float | None,
    verify: Level | None = None,
    llm2: str | None = None,
) -> Settings:
    """Return the settings with the options of a command, `None` where not given, before all others.

    Raises:
        SettingsError: one makes no sense.
    """
    from nl2opt.settings import load_settings

    settings = load_settings(
        llm=llm,
        llm_base_url=llm_base_url,
        style=style.value if style is not None else None,
        rounds=rounds,
        timeout_seconds=timeout,
        verify=verify.value if verify is not None else None,
        llm2=llm2,
    )
    if llm_base_url is not None and not settings.llm.strip().startswith("openai:"):
        raise SettingsError(
            f"--llm-base-url is the address for openai:MODEL, but the language model is {settings.llm}. "
            "Add --llm openai:MODEL."
        )
    return settings


def _file(argument: str) -> Path | None:
    """Return the file that an argument names; `None` when it is the problem itself."""
    words = len(argument.split())
    if not words:
        return None
    path = Path(argument)
    if "\n" not in argument and len(argument) <= _LONGEST_PATH:
        try:
            if path.is_dir():
                raise ProblemError(f"{argument} is a folder; give the file in it that holds the problem.")
            if path.exists():
                return path
        except OSError:
            return None
    # In ASCII, since other scripts write whole sentences without a space.
    if words == 1 and argument.isascii():
        raise ProblemError(f"There is no file {argument}, and one word is not a problem that can be solved.")
    if words <= _WORDS_OF_A_FILE_NAME and path.suffix.lower() in _TEXT_SUFFIXES:
        raise ProblemError(f"There is no file {argument}.")
    return None


def _stdin(most_bytes: int = -1) -> bytes:
    if sys.stdin is None:
        raise ProblemError("There is no stdin to read from.")
    return sys.stdin.buffer.read(most_bytes)


def _unreadable(path: Path, error: OSError) -> ProblemError:
    return ProblemError(f"{path} cannot be read ({error.strerror or error}).")


def _decoded(content: bytes, name: str) -> str:
    if len(content) > _MOST_BYTES:
        raise ProblemError(f"{name} is too long for a problem in words (more than {_MOST_BYTES // 1_000_000} MB).")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProblemError(f"{name} is not a text in UTF-8.") from error
    if text.lstrip().startswith("{") and '"variables"' in text:
        raise ProblemError(f"{name} is a formulation, not a problem in words. Solve it with: nl2opt run {name}")
    return text
