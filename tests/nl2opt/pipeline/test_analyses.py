from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import nl2opt
import solvers.pool
from nl2opt import Answer, Formulation
from nl2opt.formulation.analysis import sensitivity as analysis_of_sensitivity
from solvers import Model, Solution, solve

WORKSHOP = Formulation.from_json((Path(__file__).parents[3] / "examples" / "workshop.json").read_bytes())


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the rows of every model that a pool solves."""
    seen: list[int] = []

    def counting(model: Model, **options: Any) -> Solution:
        seen.append(model.n_rows)
        return solve(model, **options)

    monkeypatch.setattr(solvers.pool, "solve", counting)
    return seen


def test_a_pool_takes_the_optimum_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = counted(monkeypatch)
    fresh = WORKSHOP.solutions(3)
    answer, before = nl2opt.run(WORKSHOP), len(alone)
    handed = answer.analysed(pool=3)
    assert len(alone) - before == before - 1
    assert handed.to_dict()["pool"] == fresh.to_dict()


def test_a_pool_solves_again_what_was_solved_to_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = counted(monkeypatch)
    answer = nl2opt.run(WORKSHOP, gap=10.0)
    assert answer.solved is not None
    is_proven = answer.solved.solution.is_optimal
    answer.analysed(pool=1)
    assert len(seen) == (0 if is_proven else 1)


def test_sensitivity_does_not_solve_the_formulation_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, fresh = nl2opt.run(WORKSHOP), WORKSHOP.sensitivity().to_dict()

    def never(*_: object, **__: object) -> Solution:
        raise AssertionError

    monkeypatch.setattr(analysis_of_sensitivity, "solve_compiled", never)
    assert answer.analysed(sensitivity=True).to_dict()["sensitivity"] == fresh


def test_analyses_stand_on_the_page_and_in_the_json_of_an_exported_answer(tmp_path: Path) -> None:
    answer = nl2opt.run(WORKSHOP).analysed(sensitivity=True, pool=2)
    answer.export(tmp_path / "answer.json")
    assert json.loads((tmp_path / "answer.json").read_text())["pool"]["solutions"][1]["objective"] == 6240
    assert "\n\nSolutions\n  The best 2 solutions." in str(answer)


def test_an_answer_that_was_read_is_analysed_by_solving_it_again(tmp_path: Path) -> None:
    answer = Answer.load(nl2opt.run(WORKSHOP).save(tmp_path / "answer.json"))
    assert answer.solved is None
    assert [each["objective"] for each in answer.analysed(pool=2).to_dict()["pool"]["solutions"]] == [6250, 6240]


def test_an_analysis_takes_the_place_of_the_one_before() -> None:
    answer = nl2opt.run(WORKSHOP).analysed(pool=2).analysed(pool=3)
    assert [analysis.key for analysis in answer.analyses] == ["pool"]
    assert len(answer.analyses[0].content["solutions"]) == 3


def test_answers_kept_before_analyses_were_still_load(tmp_path: Path) -> None:
    path = nl2opt.run(WORKSHOP).save(tmp_path / "answer.json")
    content = json.loads(path.read_text())
    del content["analyses"]
    path.write_text(json.dumps(content))
    assert Answer.load(path).analyses == ()


def test_a_damaged_analysis_is_a_damaged_file(tmp_path: Path) -> None:
    path = nl2opt.run(WORKSHOP).analysed(pool=1).save(tmp_path / "answer.json")
    content = json.loads(path.read_text())
    content["analyses"][0]["lines"] = [1]
    path.write_text(json.dumps(content))
    with pytest.raises(nl2opt.StoreError, match="is damaged"):
        Answer.load(path)


def test_a_copied_answer_leaves_the_model_behind() -> None:
    again = copy.deepcopy(nl2opt.run(WORKSHOP).analysed(pool=1))
    assert again.solved is None
    assert again.analyses[0].key == "pool"
