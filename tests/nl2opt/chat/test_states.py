from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from nl2opt.chat import engine
from nl2opt.chat.base import Completion, CompletionOptions, LoadingModel, Message, OnChatEvent, ReadingPrompt
from nl2opt.chat.local import LocalChatModel
from nl2opt.chat.states import StateFolder

BEGINNING = [
    Message("system", "You answer in one word. " + "Never explain anything. " * 40),
    Message("user", "What is the opposite of hot?"),
    Message("assistant", "Cold."),
]
QUESTION = Message("user", "What is the opposite of big?")


def test_the_oldest_states_are_removed(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    names = [folder.name_of("engine", [{"content": str(number)}]) for number in range(6)]
    for name in names:
        (tmp_path / folder.unfinished(name)).write_bytes(b"state")
        folder.finish(name)
    assert len(set(names)) == 6
    assert sum(map(folder.has, names)) == 4
    assert len(list(tmp_path.iterdir())) == 4


def test_another_engine_or_beginning_has_another_state() -> None:
    folder = StateFolder(Path("nowhere"))
    assert folder.name_of("engine 1", ["a"]) != folder.name_of("engine 2", ["a"])
    assert folder.name_of("engine 1", ["a"]) != folder.name_of("engine 1", ["a", "b"])


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not StateFolder(tmp_path / "file" / "states").usable()


def ask(model_file: Path, states: Path, messages: Sequence[Message], on_event: OnChatEvent | None = None) -> Completion:
    engine._load.cache_clear()
    model = LocalChatModel("local:smollm2-135m", lambda on_event, cancel: model_file, states=states)
    return model.complete(
        messages, options=CompletionOptions(max_tokens=6, shared_messages=len(BEGINNING)), on_event=on_event
    )


def first_reading(model_file: Path, states: Path) -> tuple[Completion, ReadingPrompt]:
    """Ask in an engine that knows nothing yet; return the completion and what was read first."""
    events: list[object] = []
    completion = ask(model_file, states, [*BEGINNING, QUESTION], events.append)
    assert isinstance(events[0], LoadingModel)
    return completion, next(event for event in events if isinstance(event, ReadingPrompt))


@pytest.mark.model
def test_a_state_spares_reading_the_beginning_and_changes_nothing(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "usable_threads", lambda: 1)
    first, _ = first_reading(model_file, tmp_path)
    (state,) = tmp_path.iterdir()
    assert b"opposite of big" not in state.read_bytes()
    written = state.stat().st_mtime_ns
    second, reading = first_reading(model_file, tmp_path)
    assert second.text == first.text
    assert reading.done > reading.total / 2, "most of the prompt is known before reading begins"
    assert state.stat().st_mtime_ns == written


@pytest.mark.model
def test_a_damaged_state_is_replaced(model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "usable_threads", lambda: 1)
    first, _ = first_reading(model_file, tmp_path)
    (state,) = tmp_path.iterdir()
    whole = state.stat().st_size
    state.write_bytes(b"garbage" * 100)
    second, _ = first_reading(model_file, tmp_path)
    assert second.text == first.text
    assert state.stat().st_size == whole
