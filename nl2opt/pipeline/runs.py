"""The runs of the run store: listing, searching, deleting.

The folder is the index: names of files begin with the time, so the newest are found without opening any. What was read
of a file is remembered until the file changes.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nl2opt.errors import StoreError
from nl2opt.formulation.words.quantities import with_unit
from nl2opt.pipeline.store import SUFFIX, runs_folder

_ID: Final = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}", re.ASCII)
_SECOND: Final = len("20260101-120000")
_REMEMBERED: Final = 5000
_lock = threading.Lock()
_remembered: dict[tuple[str, int, int], RunSummary] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a list of runs says of one.

    Attributes:
        id: of the run.
        created: when, as ISO 8601 in UTC; empty where the file cannot be read.
        status: a value of `Status`; empty where the file cannot be read.
        title: of the formulation; empty without one.
        problem: the text that the person wrote.
        objective: with its unit; empty without a point.
        verdict: the word that the evidence earned.
        fault: why the file cannot be read; empty where it can.
    """

    id: str
    created: str = ""
    status: str = ""
    title: str = ""
    problem: str = ""
    objective: str = ""
    verdict: str = ""
    fault: str = ""


def is_run_id(text: str) -> bool:
    """Whether a text can be the id of a run, and so is no path."""
    return _ID.fullmatch(text) is not None


def run_ids(folder: Path | None = None) -> list[str]:
    """Return the ids of the stored runs, the newest first.

    Args:
        folder: of the run store; `None` for that of the settings.

    Raises:
        StoreError: the folder cannot be read.
    """
    folder = folder if folder is not None else runs_folder()
    try:
        files = [
            (entry.name.removesuffix(SUFFIX), entry) for entry in os.scandir(folder) if entry.name.endswith(SUFFIX)
        ]
        found = [(run[:_SECOND], entry.stat().st_mtime_ns, run) for run, entry in files if is_run_id(run)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"{folder} cannot be read ({error.strerror or error}).") from error
    # An id begins with the second of the run; within one second the files tell.
    return [run for _, _, run in sorted(found, reverse=True)]


def run_summary(run: str, folder: Path | None = None) -> RunSummary:
    """Return what a list says of a run; a file that cannot be read is told, not raised.

    Raises:
        StoreError: it is not there.
    """
    path = run_file(run, folder)
    try:
        facts = path.stat()
    except OSError as error:
        raise StoreError(f"There is no run `{run}` in {path.parent}.") from error
    key = (str(path), facts.st_mtime_ns, facts.st_size)
    with _lock:
        known = _remembered.get(key)
    if known is not None:
        return known
    summary = _read(run, path)
    with _lock:
        if len(_remembered) >= _REMEMBERED:
            _remembered.clear()
        _remembered[key] = summary
    return summary


def find_runs(words: str = "", folder: Path | None = None) -> Iterator[RunSummary]:
    """Yield the runs, the newest first, that hold each of some words in problem, title or id; all without words.

    Raises:
        StoreError: the folder cannot be read.
    """
    wanted = words.casefold().split()
    for run in run_ids(folder):
        try:
            summary = run_summary(run, folder)
        except StoreError:  # deleted since the folder was listed
            continue
        text = f"{summary.id} {summary.title} {summary.problem}".casefold()
        if all(word in text for word in wanted):
            yield summary


def delete_run(run: str, folder: Path | None = None) -> None:
    """Delete a run, and the completions in the cache that it consists of.

    A completion that another run got from the cache goes too: it would be asked for again.

    Raises:
        StoreError: there is no such run, or a file cannot be changed.
    """
    path = run_file(run, folder)
    if not path.exists():
        raise StoreError(f"There is no run `{run}` in {path.parent}.")
    _forget(_completions(path))
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path} cannot be deleted ({error.strerror or error}).") from error


def run_file(run: str, folder: Path | None = None) -> Path:
    """Return the file of a run, whether it is there or not.

    Raises:
        StoreError: the text is no id.
    """
    if not is_run_id(run):
        raise StoreError(f"{run!r} is not the id of a run.")
    return (folder if folder is not None else runs_folder()) / f"{run}{SUFFIX}"


def is_kept(run: str) -> bool:
    """Whether a run is in the run store."""
    try:
        return is_run_id(run) and run_file(run).exists()
    except OSError:
        return False


def _completions(path: Path) -> list[tuple[str, str]]:
    """Return chat model and text of each completion of a run; none where the file is damaged."""
    found = []
    try:
        trace = json.loads(path.read_bytes())["trace"]
        for attempts in trace.values():
            for attempt in attempts if isinstance(attempts, list) else ():
                for exchange in attempt["exchanges"]:
                    found.append((str(exchange["completion"]["model"]), str(exchange["completion"]["text"])))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return found
    return found


def _forget(completions: list[tuple[str, str]]) -> None:
    from nl2opt.chat.cache import CompletionCache, cache_file
    from nl2opt.settings import load_settings

    file = cache_file(load_settings())
    if not completions or not file.exists():
        return
    cache = CompletionCache(file)
    try:
        cache.forget(completions)
    finally:
        cache.close()


def _read(run: str, path: Path) -> RunSummary:
    try:
        content = json.loads(path.read_bytes())
        formulation = content["formulation"] or {}
        objective = content["objective"]
        return RunSummary(
            id=run,
            created=str(content["created"]),
            status=str(content["status"]),
            title=str(formulation.get("title") or ""),
            problem=str(content["problem"]),
            objective="" if objective is None else with_unit(objective, _unit(formulation.get("objective"))),
            verdict=str(content["verdict"]) if content["evidence"] and objective is not None else "",
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return RunSummary(id=run, fault=f"{path.name} cannot be read ({type(error).__name__}: {error}).")


def _unit(objective: Any) -> str:
    first = objective[0] if isinstance(objective, list) and objective else objective
    return str(first.get("unit") or "") if isinstance(first, dict) else ""
