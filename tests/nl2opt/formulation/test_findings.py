from __future__ import annotations

from difflib import get_close_matches

import pytest

from nl2opt.formulation.findings import MAX_COMPARED_WORDS, did_you_mean
from tests.nl2opt.formulation.formulations import findings

MANY = [f"price_of_{number}" for number in range(3000)]


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("prise_of_7", "price_of_7"),
        ("price_of1234", "price_of_1234"),
        ("cpaacity", "capacity"),
        ("CAPACITY", "capacity"),
    ],
)
def test_the_nearest_of_many_words_is_found(word: str, nearest: str) -> None:
    assert did_you_mean(word, [*MANY, "capacity"]) == f"Did you mean `{nearest}`?"


def test_few_words_are_listed_and_many_are_not() -> None:
    assert did_you_mean("zzz", ["a", "b"]) == "Known are: `a`, `b`."
    assert did_you_mean("zzz", MANY) == ""


def test_a_word_that_is_like_none_of_many_is_left_alone() -> None:
    assert did_you_mean("q", [chr(ord("a") + k) * 3 for k in range(MAX_COMPARED_WORDS + 2)]) == ""


def test_misspelt_names_are_compared_with_few_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def counted(word: str, candidates: list[str], n: int, cutoff: float) -> list[str]:
        compared.append(len(candidates))
        return get_close_matches(word, candidates, n=n, cutoff=cutoff)

    monkeypatch.setattr("nl2opt.formulation.findings.get_close_matches", counted)
    content = {
        "variables": [{"name": name, "domain": "continuous", "lower": 0} for name in MANY[:300]],
        "objective": {"sense": "minimize", "expression": "price_of_1"},
        "constraints": [{"name": f"c{k}", "expression": f"prise_of_{k} <= 1"} for k in range(300)],
    }
    mends = [finding.mend for finding in findings(content) if finding.is_error]
    assert mends == [f"Did you mean `price_of_{k}`?" for k in range(300)]
    assert compared == [MAX_COMPARED_WORDS] * 300
