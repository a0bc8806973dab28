from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

import nl2opt
from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.pipeline.events import PipelineEvent
from nl2opt.settings import Settings
from solvers import Solution, UnknownSolverError
from tests.nl2opt.pipeline.cases import (
    INDEXED,
    NOT_A_PROBLEM,
    OPTIMUM,
    PROBLEM,
    RIGHT,
    VARIABLES,
    WITHOUT_LIMIT,
    indexed,
    scripted,
)


@pytest.fixture
def llm() -> ScriptedChatModel:
    return scripted(VARIABLES, RIGHT, RIGHT)


@pytest.fixture
def formulation() -> nl2opt.Formulation:
    return nl2opt.Formulation.from_json(indexed())


def test_a_problem_in_words_is_solved(llm: ScriptedChatModel, tmp_path: Path) -> None:
    answer = nl2opt.solve(f"  {PROBLEM}\n", llm=llm)
    assert answer.status is nl2opt.Status.SOLVED
    assert answer.objective == OPTIMUM
    assert answer.values is not None
    assert answer.values["chairs"] == 100
    assert answer.problem == PROBLEM
    assert "Maximum: 6,200" in str(answer)
    assert "**Answer**" in answer._repr_markdown_()
    assert answer.evidence
    assert answer.verdict.startswith("checked")
    assert nl2opt.Answer.load(answer.save(tmp_path / "answer.json")).objective == OPTIMUM


def test_an_indexed_variable_is_a_series() -> None:
    answer = nl2opt.solve(PROBLEM, llm=scripted(indexed(), style="indexed"))
    assert answer.values is not None
    assert answer.values["make"]["chair"] == 100
    assert answer.values["make"].sum() == 140


def test_a_formulation_is_written_solved_and_rendered(llm: ScriptedChatModel) -> None:
    formulation = nl2opt.formulate(PROBLEM, llm=llm)
    solution = formulation.solve()
    assert isinstance(solution, Solution)
    assert solution.objective == OPTIMUM
    assert nl2opt.check(formulation) == ()
    compile(formulation.to_program("pyomo"), "program.py", "exec")
    assert formulation._repr_latex_() == formulation.to_latex()
    assert formulation._repr_markdown_() == formulation.to_markdown()
    assert nl2opt.Formulation.from_json(formulation.to_json()) == formulation


def test_a_formulation_is_run_as_it_is_or_from_its_file(formulation: nl2opt.Formulation, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(formulation.to_json(), encoding="utf-8")
    for given in (formulation, path, str(path)):
        answer = nl2opt.run(given)
        assert answer.objective == OPTIMUM
        assert answer.trace.attempts == ()
        assert answer.problem == ""


def test_the_rendered_program_is_run_when_asked_for(formulation: nl2opt.Formulation) -> None:
    names = [item.name for item in nl2opt.run(formulation, cross_check=True).evidence]
    assert names == ["point", "program_agreement"]


def test_a_file_that_is_no_formulation_says_everything_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(indexed(variables=[{"name": "x"}, {"name": "y"}]))
    with pytest.raises(nl2opt.FormulationError) as caught:
        nl2opt.run(path)
    assert str(caught.value).count("`domain` is missing") == 2
    with pytest.raises(FileNotFoundError):
        nl2opt.run(tmp_path / "nothing.json")


def test_a_check_finds_what_is_wrong_and_what_is_doubtful(formulation: nl2opt.Formulation) -> None:
    assert nl2opt.check(formulation) == ()
    extra: dict[str, Any] = {"parameters": [*INDEXED["parameters"], {"name": "spare", "value": 1}]}
    (finding,) = nl2opt.check(nl2opt.Formulation.from_dict({**INDEXED, **extra}))
    assert not finding.is_error


def test_without_formulation_solve_answers_and_formulate_raises() -> None:
    assert nl2opt.solve(PROBLEM, llm=scripted(NOT_A_PROBLEM)).status is nl2opt.Status.NO_FORMULATION
    with pytest.raises(nl2opt.NoFormulationError) as caught:
        nl2opt.formulate(PROBLEM, llm=scripted(NOT_A_PROBLEM))
    assert len(caught.value.trace.attempts) == 1


def test_a_chat_model_that_cannot_be_asked_is_an_answer_and_an_error() -> None:
    assert nl2opt.solve(PROBLEM, llm=scripted()).status is nl2opt.Status.LLM_UNREACHABLE
    with pytest.raises(nl2opt.ChatError):
        nl2opt.formulate(PROBLEM, llm=scripted())


@pytest.mark.parametrize("text", ["", "  \n\t", "word " * 40_000, "caf\udce9"])
def test_texts_that_cannot_be_worked_on_are_refused(text: str, llm: ScriptedChatModel) -> None:
    for function in (nl2opt.solve, nl2opt.formulate):
        with pytest.raises(nl2opt.ProblemError):
            function(text, llm=llm)
    assert llm.requests == []


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"solver": "higs"}, UnknownSolverError),
        ({"style": "prose"}, nl2opt.SettingsError),
        ({"rounds": -1}, nl2opt.SettingsError),
        ({"time_limit": -1.0}, nl2opt.SettingsError),
        ({"time_limit": float("nan")}, nl2opt.SettingsError),
    ],
)
def test_options_are_validated_before_the_language_model_is_asked(
    options: dict[str, Any], error: type[Exception], llm: ScriptedChatModel
) -> None:
    with pytest.raises(error):
        nl2opt.solve(PROBLEM, llm=llm, **options)
    assert llm.requests == []


def test_an_unknown_solver_is_refused_with_the_known_ones(formulation: nl2opt.Formulation) -> None:
    with pytest.raises(UnknownSolverError, match="Did you mean `highs`"):
        nl2opt.run(formulation, solver="higs")


def test_a_language_model_that_does_not_exist_is_refused() -> None:
    with pytest.raises(nl2opt.SettingsError, match="no language model `chatty`"):
        nl2opt.solve(PROBLEM, llm="chatty")


def test_a_language_model_can_be_named(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"replies": [VARIABLES, RIGHT]}))
    answer = nl2opt.solve(PROBLEM, llm=f"scripted:{script}", rounds=0)
    assert answer.trace.llm == "scripted:script.json"
    assert answer.objective == OPTIMUM


def test_settings_count_where_nothing_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"replies": [VARIABLES, WITHOUT_LIMIT, RIGHT]}))
    monkeypatch.setenv("NL2OPT_LLM", f"scripted:{script}")
    monkeypatch.setenv("NL2OPT_ROUNDS", "0")
    assert nl2opt.solve(PROBLEM).status is nl2opt.Status.UNBOUNDED
    assert nl2opt.solve(PROBLEM, rounds=1).status is nl2opt.Status.SOLVED
    assert nl2opt.solve(PROBLEM, settings=Settings(llm=f"scripted:{script}", rounds=1)).is_solved


def test_the_time_limit_of_the_settings_holds_for_formulations_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NL2OPT_TIME_LIMIT_SECONDS", "-1")
    with pytest.raises(nl2opt.SettingsError, match="TIME_LIMIT"):
        nl2opt.run(nl2opt.Formulation.from_dict(INDEXED))
    assert nl2opt.run(nl2opt.Formulation.from_dict(INDEXED), settings=Settings(time_limit_seconds=60)).is_solved


def test_what_happens_is_told_and_can_be_stopped(llm: ScriptedChatModel) -> None:
    events: list[PipelineEvent] = []
    nl2opt.solve(PROBLEM, llm=llm, on_event=events.append)
    assert events
    cancel = threading.Event()
    cancel.set()
    assert nl2opt.solve(PROBLEM, llm=llm, cancel=cancel).status is nl2opt.Status.INTERRUPTED


def test_the_package_offers_what_it_lists() -> None:
    assert all(getattr(nl2opt, name) is not None for name in nl2opt.__all__)
    assert dir(nl2opt) == nl2opt.__all__ == sorted(nl2opt.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nl2opt.nothing  # noqa: B018


def test_a_gap_is_a_share_of_at_least_zero(formulation: nl2opt.Formulation) -> None:
    answer = nl2opt.run(formulation, gap=0.5)
    assert answer.gap is not None
    assert answer.gap <= 0.5
    assert answer.is_solved == (answer.gap <= 1e-6)
    with pytest.raises(nl2opt.SettingsError, match=r"relative_gap is -0\.1"):
        nl2opt.run(formulation, gap=-0.1)
