"""Looks whether everything that nl2opt needs is there and works."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nl2opt import __version__
from nl2opt.errors import SettingsError

if TYPE_CHECKING:
    from nl2opt.settings import Settings

_PACKAGES: Final = (
    "highspy",
    "ortools",
    "pyscipopt",
    "clarabel",
    "numpy",
    "scipy",
    "pandas",
    "pydantic",
    "pyomo",
    "openai",
    "jinja2",
)
_SMALL_PROGRAM: Final = {
    "variables": [{"name": "x", "domain": "integer", "lower": 0, "upper": 10}],
    "objective": {"sense": "maximize", "expression": "3 * x"},
    "constraints": [{"name": "limit", "expression": "2 * x <= 9"}],
}


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing that was looked at.

    Attributes:
        name: what.
        ok: whether it is as it must be.
        text: what was found.
        mend: what to do; empty when nothing.
    """

    name: str
    ok: bool
    text: str
    mend: str = ""


def examine() -> list[Examination]:
    """Look at everything; what fails is part of the result."""
    return [_guarded(name, look) for name, look in _looks()]


def _looks() -> Iterator[tuple[str, Callable[[], Examination]]]:
    yield "nl2opt", lambda: Examination("nl2opt", True, f"{__version__} in {Path(__file__).parent.parent}")
    yield "python", _python
    yield "packages", _packages
    yield "solver", _solver
    yield "sandbox", _sandbox
    yield "settings", _settings
    yield "folders", _folders
    yield "language model", _llm


def _guarded(name: str, look: Callable[[], Examination]) -> Examination:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - whatever fails is what the doctor is asked for
        if isinstance(error, SettingsError) and name != "settings":
            return Examination(name, False, "not looked at: the settings make no sense")
        return Examination(name, False, str(error) or type(error).__name__)


def _python() -> Examination:
    ok = sys.version_info >= (3, 11)
    mend = "" if ok else "nl2opt needs Python 3.11 or later."
    return Examination("python", ok, f"{platform.python_version()} ({sys.executable})", mend)


def _packages() -> Examination:
    from nl2opt.shadowing import require_own

    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    for name in ("solvers", "data"):
        require_own(name)
    mend = f"Missing: {', '.join(missing)}. Install nl2opt again." if missing else ""
    if find_spec("pint") is None:
        from nl2opt.formulation.checks.units import INSTALL_PINT, NO_PINT

        mend = f"{mend} {NO_PINT} {INSTALL_PINT}".strip()
    else:
        found.append(f"pint {version('pint')}")
    return Examination("packages", not missing, ", ".join(found), mend)


def _solver() -> Examination:
    from nl2opt.formulation.schema import Formulation

    solution = Formulation.from_dict(_SMALL_PROGRAM).solve()
    ok = solution.is_optimal and solution.objective == 12
    return Examination("solver", ok, f"{solution.solver} solves a small integer program: {solution.raw_status}")


def _sandbox() -> Examination:
    from solvers.sandbox import DESCRIPTION, NOT_RUN, Isolation, Pool
    from solvers.sandbox.inside.families import DEFAULT_FAMILY

    started = time.perf_counter()
    with Pool(at_once=1) as pool:
        isolation, layers = pool.isolation(DEFAULT_FAMILY), pool.layers(DEFAULT_FAMILY)
        seconds = time.perf_counter() - started
    text = (
        f"{isolation.value}. {DESCRIPTION[isolation]} Layers: {', '.join(layers) or 'none'}; a worker starts in "
        f"{seconds:.1f} s"
    )
    return Examination("sandbox", isolation is not Isolation.NONE, text, NOT_RUN if isolation is Isolation.NONE else "")


def _settings() -> Examination:
    from nl2opt.settings import load_settings
    from nl2opt.settings_file import settings_file

    settings = load_settings()
    given = sorted(name for name in os.environ if name.startswith("NL2OPT_"))
    where = str(settings_file()) if settings_file().exists() else "no settings file"
    environment = f"; from the environment: {', '.join(given)}" if given else ""
    return Examination("settings", True, f"llm = {settings.llm}; {where}{environment}")


def _folders() -> Examination:
    from nl2opt.settings import load_settings

    settings = load_settings()
    for folder, variable in ((settings.cache_dir, "NL2OPT_CACHE_DIR"), (settings.runs_dir, "NL2OPT_RUNS_DIR")):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            text = f"{folder} cannot be written ({error.strerror})"
            return Examination("folders", False, text, f"Set {variable} to a folder that can be written.")
    return Examination("folders", True, f"{settings.cache_dir}, {settings.runs_dir}")


def _llm() -> Examination:
    from nl2opt.chat.choose import choose_chat_model
    from nl2opt.settings import load_settings

    settings = load_settings()
    choose_chat_model(settings.llm, settings)
    kind, _, name = settings.llm.strip().partition(":")
    if kind == "local":
        return _embedded(name, settings)
    return Examination("language model", True, f"{settings.llm} (not asked now)")


def _embedded(name: str, settings: Settings) -> Examination:
    from app.llms import fetched_file
    from nl2opt.chat.known import KNOWN_MODELS, QWEN

    if find_spec("xllamacpp") is None:
        text = "the engine for embedded models is not installed"
        return Examination("language model", False, text, "Install it with: pip install 'nl2opt[local]'")
    known = KNOWN_MODELS.get(name or QWEN.name)
    if known is None:
        path = Path(name).expanduser()
        text = f"local:{path}" if path.is_file() else f"there is no file {path}"
        return Examination("language model", path.is_file(), text)
    file = fetched_file(known, settings)
    if file is not None:
        return Examination("language model", True, f"local:{known.name}: {file}")
    return Examination(
        "language model",
        False,
        f"the file of local:{known.name} is not here yet",
        f"The first question fetches it ({known.size / 1e6:,.0f} MB); fetch it now with: nl2opt llms pull {known.name}",
    )
