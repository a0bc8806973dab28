"""The measurement of the ladder, on three made-up rows and scripted replies."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import nl2opt
from tests.nl2opt.pipeline.cases import PROBLEM, indexed, scripted
from tests.nl2opt.pipeline.program.cases import RIGHT, said
from tests.nl2opt.pipeline.verifying.cases import NO_DIRECTIONS, NO_REMARKS, TURNED

FOLDER = Path(__file__).parents[4] / "benchmarks"


@pytest.fixture
def verification(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("verification")


def test_words_and_rungs_are_counted_row_by_row(
    verification: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": n, "question": PROBLEM, "answer": label} for n, label in enumerate((6200, 6200, 6200))]
    (tmp_path / "made.jsonl").write_text("\n".join(map(json.dumps, rows)))
    right = [indexed(), NO_DIRECTIONS, said(RIGHT), NO_REMARKS, indexed(), NO_DIRECTIONS, said(RIGHT)]
    wrong = [TURNED, NO_DIRECTIONS, said(RIGHT), NO_REMARKS, TURNED]
    unheard = [indexed(), "?", "?", "?", indexed(), "?", "?", "?"]
    given = ["--data", str(tmp_path), "--sets", "made", "--tuning", "3", "--rounds", "0", "--cache", str(tmp_path)]
    # Every row is answered twice: with every rung climbed, and as the level says.
    scripts = iter([right[:4], right[4:], wrong[:4], wrong[4:], unheard[:4], unheard[4:]])
    solve = nl2opt.solve

    def scripted_solve(text: str, **options: Any) -> nl2opt.Answer:
        return solve(text, **{**options, "llm": scripted(*next(scripts), style="indexed")})

    monkeypatch.setattr(nl2opt, "solve", scripted_solve)
    verification.main(given)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("made:0 right (6200.0) label 6200: verified, 2 calls, ")
    assert "independent_agreement +, judge +" in lines[1]
    assert lines[2].startswith("made:1 WRONG (6400.0) label 6200: not verified, 0 calls, ")
    assert "directions ?" in lines[2]
    assert "independent_agreement ?" in lines[2]
    assert lines[3].startswith("made:2 right (6200.0) label 6200: checked, 3 calls, ")
    text = "\n".join(lines)
    assert "made: right: 2/3 = 66.7% (95 % Wilson 20.8% to 93.9%)" in text
    assert "made: verified: 1/3" in text
    assert "made: right where verified: 1/1" in text
    assert "made: right where checked: 1/1" in text
    assert "made: right where not verified: 0/1" in text
    assert "made: rung directions: passes of the right answers: 2/2" in text
    assert "made: rung directions: catches of the wrong answers: 1/1" in text
    assert "made: rung judge: catches of the wrong answers: 0/1" in text
