from __future__ import annotations

from typing import Any

import pytest

from nl2opt.errors import SettingsError
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.settings import Settings


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style": "prose"}, "no writing style 'prose'; there are: scalar, indexed"),
        ({"rounds": -1}, "from 0 to 20"),
        ({"rounds": 21}, "from 0 to 20"),
        ({"rounds": 1.5}, "whole number"),
        ({"timeout_seconds": 0}, "more than 0"),
        ({"timeout_seconds": float("nan")}, "more than 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        FormulateOptions(**options)


def test_the_defaults_are_those_of_the_settings() -> None:
    options, settings = FormulateOptions(), Settings()
    assert (options.style, options.rounds, options.timeout_seconds) == (
        settings.style, settings.rounds, settings.timeout_seconds,
    )  # fmt: skip
    assert options.solve.time_limit_seconds == settings.time_limit_seconds
