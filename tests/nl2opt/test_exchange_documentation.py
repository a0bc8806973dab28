"""The examples of docs/exchange.md do what they show."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def test_the_examples_of_exchange_do_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "docs" / "exchange.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0
