from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nl2opt.chat.cache import CachedChatModel, CompletionCache, cache_file
from nl2opt.errors import StoreError
from nl2opt.pipeline.answer import Answer
from nl2opt.pipeline.options import FormulateOptions
from nl2opt.pipeline.runs import delete_run, find_runs, is_run_id, run_file, run_ids, run_summary
from nl2opt.pipeline.store import runs_folder
from nl2opt.settings import load_settings
from tests.nl2opt.pipeline.cases import PROBLEM, answer_problem, answered, indexed, scripted


@pytest.fixture
def answer() -> Answer:
    found = answered([indexed()], style="indexed")
    found.save()
    return found


def test_the_newest_run_comes_first(answer: Answer) -> None:
    older = replace(answer, id="20200101-000000-abcdef", problem="an older one")
    older.save()
    (runs_folder() / "notes.txt").write_text("no run")
    (runs_folder() / "plan.answer.json").write_text("{}")
    assert run_ids() == [answer.id, older.id]


def test_without_a_folder_there_are_no_runs() -> None:
    assert run_ids() == []
    assert list(find_runs()) == []


def test_a_summary_says_what_a_list_shows(answer: Answer) -> None:
    summary = run_summary(answer.id)
    assert (summary.status, summary.title, summary.objective) == ("solved", "Workshop", "$6,200")
    assert (summary.problem, summary.verdict, summary.created) == (PROBLEM, answer.verdict, answer.created)


def test_a_summary_follows_its_file(answer: Answer) -> None:
    run_summary(answer.id)
    replace(answer, problem="another text that is longer").save()
    assert run_summary(answer.id).problem == "another text that is longer"


@pytest.mark.parametrize("content", ["", "[]", '{"created": 1}', '{"formulation": 5}', "[" * 100_000])
def test_a_damaged_run_is_told_and_can_be_deleted(content: str) -> None:
    run = "20200101-000000-abcdef"
    runs_folder().mkdir(parents=True)
    run_file(run).write_text(content)
    (summary,) = find_runs()
    assert "cannot be read" in summary.fault
    delete_run(run)
    assert run_ids() == []


def test_runs_are_found_by_their_words(answer: Answer) -> None:
    replace(answer, id="20200101-000000-abcdef", problem="Bread and cake", formulation=None).save()
    assert [run.id for run in find_runs("CHAIRS profit")] == [answer.id]
    assert [run.id for run in find_runs("workshop")] == [answer.id]
    assert [run.id for run in find_runs("bread")] == ["20200101-000000-abcdef"]
    assert list(find_runs("bread chairs")) == []


def test_a_thousand_runs_are_listed_and_searched_at_once(tmp_path: Path, answer: Answer) -> None:
    content = json.loads(run_file(answer.id).read_text())
    for number in range(1000):
        run = f"20200101-000000-{number:06x}"
        (tmp_path / f"{run}.answer.json").write_text(json.dumps({**content, "id": run, "problem": f"number {number}"}))
    begun = time.perf_counter()
    assert len(run_ids(tmp_path)) == 1000
    assert [run.id for run in find_runs("777", tmp_path)] == ["20200101-000000-000309"]
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    assert sum(1 for _ in find_runs("number", tmp_path)) == 1000
    assert (first < 5.0, time.perf_counter() - begun < 1.0) == (True, True)


def test_deleting_a_run_deletes_what_was_written_for_it() -> None:
    cache = CompletionCache(cache_file(load_settings()))
    model = CachedChatModel(scripted(indexed(), indexed(title="Another"), style="indexed"), cache)
    first = answer_problem(PROBLEM, model, FormulateOptions(rounds=0))
    second = answer_problem(f"{PROBLEM} Please.", model, FormulateOptions(rounds=0))
    first.save()
    second.save()
    assert len(cache) == 2
    delete_run(first.id)
    assert (run_ids(), len(cache)) == ([second.id], 1)
    assert answer_problem(f"{PROBLEM} Please.", model, FormulateOptions(rounds=0)).usage.requests == 0


def test_deleting_needs_no_cache(answer: Answer) -> None:
    assert not cache_file(load_settings()).exists()
    delete_run(answer.id)
    assert not cache_file(load_settings()).exists()


@pytest.mark.parametrize("run", ["../20200101-000000-abcdef", "/etc/passwd", "", "20200101-000000-abcdeg", "latest"])
def test_what_is_no_id_is_no_path(run: str) -> None:
    assert not is_run_id(run)
    with pytest.raises(StoreError, match="is not the id of a run"):
        delete_run(run)


def test_a_run_that_is_not_there_is_said() -> None:
    with pytest.raises(StoreError, match="There is no run `20200101-000000-abcdef`"):
        delete_run("20200101-000000-abcdef")
    with pytest.raises(StoreError, match="There is no run `20200101-000000-abcdef`"):
        run_summary("20200101-000000-abcdef")
