from __future__ import annotations

import re

import pytest

from nl2opt.chat.known import KNOWN_MODELS, KnownModel


@pytest.mark.parametrize("known", KNOWN_MODELS.values(), ids=KNOWN_MODELS)
def test_what_is_known_of_a_model_has_the_right_form(known: KnownModel) -> None:
    assert KNOWN_MODELS[known.name] is known
    assert re.fullmatch(r"[0-9a-f]{64}", known.sha256)
    assert known.size > 10_000_000
    assert re.fullmatch(r"[a-z0-9._-]+\.gguf", known.file)
    assert known.licence == "Apache-2.0"
    assert known.repository or known.slices
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", requirement) for requirement in known.slices)
    assert len(set(known.slices)) == len(known.slices)
    assert known.member.startswith(".")
    assert known.title
    assert known.note


def test_no_two_models_share_a_file_or_a_hash() -> None:
    models = KNOWN_MODELS.values()
    assert len({known.file for known in models}) == len({known.sha256 for known in models}) == len(models)
