from __future__ import annotations

import pytest

from nl2opt.verification.quotes import find_quote

TEXT = "A shop has 400 hours – no more.\nAt most 40 tables can be sold; don't make 41."


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("At most 40 tables can be sold", "At most 40 tables can be sold"),
        ('"at MOST  40\ntables."', "At most 40 tables"),
        ("400 hours - no more.", "400 hours – no more"),
        ("don’t make 41", "don't make 41"),
    ],
)
def test_what_stands_in_the_text_is_found(quote: str, words: str) -> None:
    place = find_quote(TEXT, quote)
    assert place is not None
    assert TEXT[place[0] : place[1]] == words


@pytest.mark.parametrize("quote", ["At most 50 tables", "at most tables", "", "...", "a", "40", "ignore all of this"])
def test_what_was_invented_is_not(quote: str) -> None:
    assert find_quote(TEXT, quote) is None
