"""What must hold for any input, tried on inputs close to good ones; benchmarks/fuzz tries more of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nl2opt.formulation.mutation import expressions, mutated
from tests.nl2opt.formulation.promises import BrokenPromiseError, keep_promises, lowered_limits

FILES = sorted(Path(__file__).parent.glob("gallery*/*.json"))
CONTENTS = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
EXPRESSIONS = sorted({text for content in CONTENTS for text in expressions(content)})
SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(EXPRESSIONS), SEEDS), min_size=10, max_size=10))
def test_a_changed_expression_is_refused_or_reads_back_as_written(changes: list[tuple[str, int]]) -> None:
    for text, seed in changes:
        keep_promises(mutated(text.encode(), seed, EXPRESSIONS))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(CONTENTS), SEEDS), min_size=10, max_size=10))
def test_a_changed_formulation_compiles_or_has_findings(changes: list[tuple[object, int]]) -> None:
    with lowered_limits():
        for content, seed in changes:
            keep_promises(mutated(json.dumps(content).encode(), seed, EXPRESSIONS))


def test_changes_leave_enough_whole_to_reach_every_stage() -> None:
    with lowered_limits():
        changed = (mutated(json.dumps(content).encode(), seed, EXPRESSIONS) for seed, content in enumerate(CONTENTS))
        outcomes = set(map(keep_promises, changed))
    assert {"model", "syntax", "unknown_name"} <= outcomes
    assert len(outcomes) > 8


def test_a_broken_promise_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.nl2opt.formulation.promises.SECONDS", -1.0)
    with pytest.raises(BrokenPromiseError, match="parse_expression took"):
        keep_promises(b"x <= 1")
