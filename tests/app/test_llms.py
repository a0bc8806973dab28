from __future__ import annotations

import pytest

from nl2opt.chat.choose import model_path
from nl2opt.chat.known import KNOWN_MODELS, SMOLLM
from nl2opt.settings import load_settings
from tests.app.conftest import Command


@pytest.fixture
def fetched() -> str:
    """The path of a file as long as the small model's; it takes no room on the disk."""
    path = model_path(SMOLLM, load_settings())
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(SMOLLM.size)
    return str(path)


def test_list_names_every_model_and_how_to_get_it(command: Command) -> None:
    ended = command("llms", "list")
    assert ended.code == 0
    for name in KNOWN_MODELS:
        assert f"local:{name}  " in ended.out
        assert f"not here; fetch it with: nl2opt llms pull {name}" in ended.out


def test_list_says_where_a_model_is(command: Command, fetched: str) -> None:
    assert f"here: {fetched}\n" in command("llms", "list").out
    rows = {row["llm"]: row for row in command("llms", "list", "--json").content["llms"]}
    assert rows[f"local:{SMOLLM.name}"]["path"] == fetched
    assert rows[f"local:{SMOLLM.name}"]["bytes"] == SMOLLM.size
    assert rows["local:qwen2.5-coder-1.5b"]["path"] is None


def test_half_a_model_is_not_here(command: Command, fetched: str) -> None:
    with open(fetched, "r+b") as file:
        file.truncate(1)
    assert fetched not in command("llms", "list").out


@pytest.mark.parametrize("name", [SMOLLM.name, f"local:{SMOLLM.name}"])
def test_pull_prints_the_path_of_a_model_that_is_here(command: Command, fetched: str, name: str) -> None:
    ended = command("llms", "pull", name)
    assert (ended.code, ended.out) == (0, f"{fetched}\n")


@pytest.mark.parametrize("name", ["smollm-135m", "local:smollm-135m"])
def test_pull_of_an_unknown_model_says_which_there_are(command: Command, name: str) -> None:
    ended = command("llms", "pull", name)
    assert (ended.code, ended.out) == (2, "")
    assert "There is no language model `smollm-135m` to fetch" in ended.err
    assert "Did you mean `smollm2-135m`?" in ended.err
