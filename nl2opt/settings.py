"""Settings: arguments first, then the environment (`NL2OPT_...`), then one TOML file."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from nl2opt.chat.address import require_address
from nl2opt.errors import SettingsError
from nl2opt.formulation.limits import LIMIT_NAMES, LIMIT_VARIABLES, usual_limits
from nl2opt.pipeline.readings.limits import DEFAULT_READINGS, MAX_READINGS
from nl2opt.settings_file import FILE_VARIABLE, settings_content, settings_file

_PREFIX = "NL2OPT_"
_NEAR = 0.63
"""How alike a variable and a setting are when the one is a slip for the other; VERSION is none for VERIFY."""


class Settings(BaseSettings):
    """How nl2opt behaves when nothing else is said.

    Attributes:
        llm: the language model: `local`, `local:NAME`, `local:/path/model.gguf`, `openai:MODEL`, `scripted:FILE`.
        llm_base_url: of an OpenAI-compatible endpoint; `None` for OpenAI's own.
        llm_api_key: its key; `None` for endpoints that need none.
        llm2: a second language model, which writes the independent model and judges; `None` for none.
        verify: how far answers are verified: `quick`, `standard` or `thorough`.
        style: writing style; `None` for the one that suits the language model.
        rounds: corrections at most.
        timeout_seconds: for each completion, retries included.
        time_limit_seconds: of the solver; `None` for none.
        readings: how many other readings of a problem are solved at most; 0 for none.
        cache: whether completions are kept, so that the same question costs nothing twice.
        cache_dir: where model files and completions are kept.
        runs_dir: the run store.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    llm: str = "local"
    llm_base_url: str | None = None
    llm_api_key: SecretStr | None = None
    llm2: str | None = None
    verify: Literal["quick", "standard", "thorough"] = "standard"
    style: Literal["scalar", "indexed"] | None = None
    rounds: int = Field(default=3, ge=0, le=20)
    timeout_seconds: float = Field(default=600.0, gt=0, allow_inf_nan=False)
    time_limit_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    readings: int = Field(default=DEFAULT_READINGS, ge=0, le=MAX_READINGS)
    cache: bool = True
    cache_dir: Path = Field(default_factory=lambda: user_cache_path("nl2opt"))
    runs_dir: Path = Field(default_factory=lambda: user_data_path("nl2opt") / "runs")

    @field_validator("llm_base_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        return None if value is None else require_address(value)

    @field_validator("cache_dir", "runs_dir")
    @classmethod
    def _without_tilde(cls, value: Path) -> Path:
        return value.expanduser()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, file."""
        content = {key: value for key, value in settings_content().items() if key not in LIMIT_NAMES}
        return init_settings, env_settings, InitSettingsSource(settings_cls, content)


def load_settings(**arguments: Any) -> Settings:
    """Return the settings.

    Args:
        arguments: take precedence over everything; `None` counts as not given.

    Raises:
        SettingsError: a setting is unknown or makes no sense, or the file cannot be read; the text says
            which and where.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    _require_known_variables()
    usual_limits()
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(detail, given) for detail in error.errors(include_url=False))) from None


def _require_known_variables() -> None:
    """Refuse environment variables that are almost the name of a setting: they would do nothing."""
    others = (FILE_VARIABLE, *LIMIT_VARIABLES)
    known = [field.upper() for field in Settings.model_fields] + [name.removeprefix(_PREFIX) for name in others]
    for name in sorted(os.environ):
        stem = name.upper().removeprefix(_PREFIX)
        if stem == name.upper() or stem in known:
            continue
        near = get_close_matches(stem, known, n=1, cutoff=_NEAR)
        if near:
            raise SettingsError(f"There is no environment variable {name}. Did you mean {_PREFIX}{near[0]}?")


def _sentence(detail: Any, given: dict[str, Any]) -> str:
    """Say what is wrong with one setting, and where it stands."""
    key = str(detail["loc"][0]) if detail["loc"] else ""
    if key in given:
        place = f"the argument `{key}`"
    elif os.environ.get(f"{_PREFIX}{key.upper()}"):
        place = f"the environment variable {_PREFIX}{key.upper()}"
    else:
        place = f"`{key}` in {settings_file()}"
    if detail["type"] == "extra_forbidden":
        known = [*Settings.model_fields, *LIMIT_NAMES]
        near = get_close_matches(key, known, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else f"Known are: {', '.join(known)}."
        return f"There is no setting `{key}` ({place}). {hint}"
    # A key, or an address with a password in it, is not repeated.
    shown = "" if key in ("llm_api_key", "llm_base_url") else f" (it is {detail['input']!r})"
    return f"Wrong value for {place}: {detail['msg'].removeprefix('Value error, ')}{shown}."
