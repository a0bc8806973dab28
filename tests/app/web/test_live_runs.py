from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from app.web.asking import Request
from app.web.live_runs import STOPPED, LiveRun, LiveRuns, live_runs, sensitive
from nl2opt.errors import ProblemError
from nl2opt.pipeline.answer import Answer, Status
from nl2opt.pipeline.runs import delete_run, run_ids
from solvers.errors import UnknownSolverError
from tests.app.cases import PROBLEM
from tests.app.web.cases import ENDLESS, INFEASIBLE
from tests.nl2opt.chat.server import Endpoint, drip


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    server = Endpoint()
    server.replies = [drip(20)]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NL2OPT_LLM", "openai:m")
    monkeypatch.setenv("NL2OPT_LLM_BASE_URL", server.base_url)
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def started(problem: str) -> LiveRun:
    return live_runs().start(Request(problem=problem))


def until(holds: object, seconds: float = 30.0) -> None:
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def stopped(run: LiveRun) -> tuple[Answer, float]:
    """Stop a run; return its answer, and how long it took to end."""
    begun = time.monotonic()
    run.cancel.set()
    assert run.wait(30)
    assert run.answer is not None
    return run.answer, time.monotonic() - begun


def test_a_run_is_kept_under_the_id_that_its_address_names(llm: str) -> None:
    run = started(PROBLEM)
    assert run.wait(30)
    assert run.answer is not None
    assert (run.answer.id, run.answer.status, run.answer.objective, run.fault) == (run.id, Status.SOLVED, 3600, "")
    assert Answer.load(run.id).objective == 3600
    assert live_runs().get(run.id) is run


def test_the_text_is_kept_from_the_beginning(llm: str) -> None:
    run = started(ENDLESS)
    kept = Answer.load(run.id)
    assert (kept.problem, kept.status) == (ENDLESS, Status.INTERRUPTED)
    assert kept.message == "The run had not ended when nl2opt was ended."
    assert run in live_runs().running()
    stopped(run)
    assert run not in live_runs().running()


def test_stop_ends_the_solver_within_half_a_second_and_keeps_its_point(llm: str) -> None:
    run = started(ENDLESS)
    until(lambda: run.stages.seen()[-1].points)
    answer, seconds = stopped(run)
    assert seconds < 1.0  # half a second, and a slow machine's share
    assert (answer.status, answer.values is None) == (Status.INTERRUPTED, False)
    assert Answer.load(run.id).status is Status.INTERRUPTED


def test_stop_ends_the_chat_model_within_a_token_or_two(endpoint: Endpoint) -> None:
    run = started(PROBLEM)
    until(lambda: run.stages.seen()[-1].tokens > 3)
    answer, seconds = stopped(run)
    assert seconds < 1.0
    assert (answer.status, answer.message) == (Status.INTERRUPTED, "The language model was stopped.")
    assert Answer.load(run.id).problem == PROBLEM
    until(endpoint.dropped.is_set)


def test_an_answer_that_was_found_nevertheless_says_that_it_was_stopped(
    llm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nl2opt

    real = nl2opt.solve

    def late(*arguments: object, cancel: threading.Event, **options: object) -> Answer:
        answer = real(*arguments, **options)  # type: ignore[arg-type]
        cancel.set()
        return answer

    monkeypatch.setattr(nl2opt, "solve", late)
    run = started(PROBLEM)
    assert run.wait(30)
    assert run.answer is not None
    assert run.answer.status is Status.SOLVED
    assert run.answer.warnings[0] == STOPPED


def test_an_infeasible_answer_says_why(llm: str) -> None:
    run = started(INFEASIBLE)
    assert run.wait(30)
    until(lambda: not run.analysing)
    assert run.answer is not None
    assert {analysis.key for analysis in run.answer.analyses} == {"conflict", "repairs"}
    assert {analysis.key for analysis in Answer.load(run.id).analyses} == {"conflict", "repairs"}


def test_more_about_a_kept_answer_is_kept_with_it(llm: str) -> None:
    first = started(PROBLEM)
    assert first.wait(30)
    others = LiveRuns()
    run = others.analyse(Answer.load(first.id), "Moving each limit", sensitive)
    until(lambda: not run.analysing)
    assert [analysis.key for analysis in Answer.load(first.id).analyses] == ["sensitivity"]


def test_what_is_deleted_is_not_kept_again(llm: str) -> None:
    run = started(PROBLEM)
    assert run.wait(30)
    assert run.answer is not None
    may_end = threading.Event()

    def slow(answer: Answer) -> Answer:
        may_end.wait(30)
        return answer

    live_runs().analyse(run.answer, "Waiting", slow)
    delete_run(run.id)
    live_runs().forget(run.id)
    may_end.set()
    until(lambda: not run.analysing)
    assert run_ids() == []


def test_what_cannot_be_begun_is_refused_before_it_is_kept(llm: str) -> None:
    with pytest.raises(ProblemError):
        started("   ")
    with pytest.raises(UnknownSolverError):
        live_runs().start(Request(problem=PROBLEM, solver="hihgs"))


def test_a_failure_that_nobody_foresaw_is_a_sentence_and_keeps_the_text(
    llm: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import nl2opt

    def broken(*arguments: object, **options: object) -> Answer:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(nl2opt, "solve", broken)
    run = started(PROBLEM)
    assert run.wait(30)
    assert run.failure == "nl2opt failed in a way that nobody foresaw (ZeroDivisionError: division by zero)."
    kept = Answer.load(run.id)
    assert (kept.problem, kept.message) == (PROBLEM, run.failure)
    assert "ZeroDivisionError" in caplog.text


def test_an_answer_that_cannot_be_kept_is_still_there(
    llm: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("NL2OPT_RUNS_DIR", f"{tmp_path}/script.json/runs")
    run = started(PROBLEM)
    assert run.wait(30)
    assert run.answer is not None
    assert run.answer.objective == 3600
    assert "cannot be written" in run.fault


def test_old_runs_leave_the_memory(llm: str) -> None:
    runs = LiveRuns()
    for _ in range(33):
        run = runs.start(Request(problem="Write a poem"))
        assert run.wait(30)
    assert len(runs._runs) == 31
    assert runs.get(run.id) is run


def test_all_runs_end_with_the_server(llm: str) -> None:
    runs = LiveRuns()
    run = runs.start(Request(problem=ENDLESS))
    until(lambda: run.stages.seen()[-1].points)
    runs.stop_all(10)
    assert Answer.load(run.id).message != "The run had not ended when nl2opt was ended."
