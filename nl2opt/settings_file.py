"""The settings file: where it is, and what stands in it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path

from nl2opt.errors import SettingsError

FILE_VARIABLE: Final = "NL2OPT_CONFIG"
"""Environment variable that names another file."""


def settings_file() -> Path:
    """Return the path of the settings file: `NL2OPT_CONFIG`, or `config.toml` in the user's folder."""
    stated = os.environ.get(FILE_VARIABLE)
    return Path(stated) if stated else user_config_path("nl2opt") / "config.toml"


def settings_content() -> dict[str, Any]:
    """Return what stands in the settings file, unchecked; empty when there is no file.

    Raises:
        SettingsError: the file cannot be read or is not TOML, or `NL2OPT_CONFIG` names one that does not exist.
    """
    file = settings_file()
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if os.environ.get(FILE_VARIABLE):
            raise SettingsError(f"NL2OPT_CONFIG names {file}, which does not exist.") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} cannot be read ({error}).") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {file} is not TOML: {error}.") from error
