"""From a problem in words to the word that its answer earns."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

import nl2opt
from nl2opt.chat.scripted import ScriptedChatModel
from nl2opt.errors import ChatRequestError
from nl2opt.pipeline.after.what_if import WhatIf
from nl2opt.verification.evidence import (
    INDEPENDENT_AGREEMENT,
    NOT_VERIFIED,
    OPTIMUM_AGREEMENT,
    VERIFIED,
    Outcome,
)
from tests.nl2opt.pipeline.cases import INDEXED, OPTIMUM, PROBLEM, RIGHT, VARIABLES, indexed, rows, scripted
from tests.nl2opt.pipeline.program.cases import HOURS, MISSPELT, SOLD, pyomo, said
from tests.nl2opt.pipeline.program.cases import RIGHT as PROGRAM
from tests.nl2opt.pipeline.verifying.cases import (
    DIRECTIONS,
    NO_DIRECTIONS,
    NO_REMARKS,
    TURNED,
    found,
    remark,
    remarks,
    solved,
)

SLACK = pyomo(HOURS, SOLD, 'model.more = pyo.Constraint(expr=model.make["chairs"] <= 7777)')
"""A program with one row more, which does not matter."""


def test_a_right_answer_climbs_to_verified_and_stops_there() -> None:
    answer, chat = solved(indexed(), DIRECTIONS, said(PROGRAM), NO_REMARKS)
    assert (answer.objective, answer.verdict) == (OPTIMUM, VERIFIED)
    assert [item.name for item in answer.evidence if item.outcome is Outcome.PASSED] == [
        "point", "numbers", "second_solver", "plausibility", "directions", "program_agreement", "asked_directions",
        "independent_agreement",
    ]  # fmt: skip
    assert "SCIP" in found(answer, "second_solver").text
    assert found(answer, "not_run").text == "Not run: the judge (the answer is verified already)."
    assert len(chat.requests) == 3
    assert found(answer, INDEPENDENT_AGREEMENT).calls == 1
    assert len(answer.trace.checks) == 2
    assert "Verdict: verified" in str(answer)
    assert "1 call to the language model)" in str(answer)


def test_the_second_writer_and_the_directions_see_the_problem_alone() -> None:
    _, chat = solved(indexed(), DIRECTIONS, said(PROGRAM))
    assert chat.requests[2][-1].content == PROBLEM
    assert "make[" not in chat.requests[1][-1].content


def test_a_demand_that_was_turned_round_is_seen_without_a_language_model() -> None:
    answer, chat = solved(TURNED, rounds=0)
    assert answer.objective == 6400
    assert answer.verdict == NOT_VERIFIED
    assert found(answer, "directions").outcome is Outcome.DOUBTFUL
    assert found(answer, "directions").text == (
        '"At most 40 tables can be sold.": when 40 rises to 120, the best answer should not get worse, but it goes '
        "from 6,400 to infeasible."
    )
    assert "(the answer is doubtful already)" in found(answer, "not_run").text
    assert len(chat.requests) == 1


def test_what_a_direction_names_is_told_once_and_may_be_mended() -> None:
    answer, chat = solved(TURNED, indexed(), DIRECTIONS, said(PROGRAM))
    assert "when 40 rises to 120" in chat.requests[1][-1].content
    assert (answer.objective, answer.verdict) == (OPTIMUM, VERIFIED)
    assert any("The checks found fault with a first formulation" in warning for warning in answer.warnings)
    assert [attempt.chosen for attempt in answer.trace.attempts] == [False, True]


def test_a_correction_that_is_no_better_does_not_count() -> None:
    answer, chat = solved(TURNED, TURNED)
    assert (answer.objective, answer.verdict, len(chat.requests)) == (6400, NOT_VERIFIED, 2)
    assert [attempt.chosen for attempt in answer.trace.attempts] == [True, False]


def test_quick_asks_no_language_model_and_is_quick_for_ten_variables() -> None:
    names = [f"p{n}" for n in range(10)]
    problem = "A plant makes ten products. " + " ".join(
        f"Product {name} earns ${31 + n} per unit and takes {13 + n} minutes each; at most {50 + n} can be sold."
        for n, name in enumerate(names)
    ) + " At most 2000 minutes are available. Maximize the profit."  # fmt: skip
    variables = [{"name": n, "domain": "integer", "lower": 0} for n in names]
    constraints = [{"name": f"sold_{n}", "expression": f"p{n} <= {50 + n}"} for n in range(10)]
    constraints.append(
        {"name": "time", "expression": " + ".join(f"{13 + n} * p{n}" for n in range(10)) + " <= 2000"}
    )  # fmt: skip
    objective = {"sense": "maximize", "expression": " + ".join(f"{31 + n} * p{n}" for n in range(10))}
    reply = indexed(sets=[], parameters=[], variables=variables, objective=objective, constraints=constraints)
    solved(reply, verify="quick", problem=problem)  # the solvers are imported once
    answer, chat = solved(reply, verify="quick", problem=problem)
    assert len(chat.requests) == 1
    assert answer.verdict.startswith("checked")
    assert found(answer, "directions").outcome is Outcome.PASSED
    assert "not part of quick" in found(answer, "not_run").text
    assert sum(item.seconds for item in answer.evidence) < 2.0
    started = time.perf_counter()
    answer.verified("quick")
    assert time.perf_counter() - started < 2.0


def test_thorough_asks_the_judge_even_so_and_the_judge_can_lower_the_word() -> None:
    judged = remarks(remark("At most 40 tables can be sold"))
    answer, _ = solved(indexed(), DIRECTIONS, said(PROGRAM), judged, verify="thorough", rounds=0)
    assert answer.verdict == NOT_VERIFIED
    assert 'Turned round (market): "At most 40 tables can be sold" - it says so.' in found(answer, "judge").text
    fine, _ = solved(indexed(), DIRECTIONS, said(PROGRAM), NO_REMARKS, verify="thorough", rounds=0)
    assert fine.verdict == VERIFIED


def test_a_program_that_is_written_otherwise_is_compared_by_moving_numbers() -> None:
    answer, _ = solved(indexed(), NO_DIRECTIONS, said(SLACK), NO_REMARKS)
    item = found(answer, INDEPENDENT_AGREEMENT)
    assert item.outcome is Outcome.PASSED
    assert "It is written otherwise, and both still agree when 30 becomes 45" in item.text
    assert answer.verdict == VERIFIED


def test_who_minimises_the_loss_says_the_same() -> None:
    loss = PROGRAM.replace("30 *", "-30 *").replace("+ 80 *", "- 80 *").replace("pyo.maximize", "pyo.minimize")
    answer, _ = solved(indexed(), NO_DIRECTIONS, said(loss), NO_REMARKS)
    assert found(answer, INDEPENDENT_AGREEMENT).outcome is Outcome.PASSED
    assert answer.verdict == VERIFIED


def test_an_optimum_that_agrees_by_chance_does_not_make_an_answer_verified() -> None:
    # The limit of 150 chairs is not binding, so that the program reaches the same optimum without it.
    problem = PROBLEM.replace("can be sold.", "can be sold, and at most 150 chairs.")
    more = [*INDEXED["constraints"], {"name": "chairs", "expression": "make['chair'] <= 150"}]
    chance = said("most = 150\n" + pyomo(HOURS, SOLD))
    answer, _ = solved(indexed(constraints=more), NO_DIRECTIONS, chance, NO_REMARKS, problem=problem, rounds=0)
    item = found(answer, INDEPENDENT_AGREEMENT)
    assert item.outcome is Outcome.DOUBTFUL
    assert "when 30 becomes 45, the formulation reaches 8,350 and the program 9,000." in item.text
    assert answer.verdict == NOT_VERIFIED


def test_a_second_model_that_reaches_another_optimum_is_a_doubt() -> None:
    answer, chat = solved(indexed(), NO_DIRECTIONS, said(pyomo(HOURS, SOLD.replace("<= 40", "<= 2 * 40"))), rounds=0)
    item = found(answer, INDEPENDENT_AGREEMENT)
    assert item.outcome is Outcome.DOUBTFUL
    assert "A program, written from the problem alone, reaches 6,400; the formulation reaches 6,200." in item.text
    assert answer.verdict == NOT_VERIFIED
    assert len(chat.requests) == 3


def test_a_second_model_that_is_doubtful_itself_counts_neither_way() -> None:
    answer, _ = solved(indexed(), NO_DIRECTIONS, said(pyomo(HOURS)), NO_REMARKS, rounds=0)
    item = found(answer, INDEPENDENT_AGREEMENT)
    assert item.outcome is Outcome.NOT_RUN
    assert "It is doubtful itself" in item.text
    assert answer.verdict == "checked"


def test_where_no_program_comes_to_a_solution_another_formulation_is_written_in_the_other_style() -> None:
    options = nl2opt.VerifyOptions(calls=5)
    answer, chat = solved(indexed(), NO_DIRECTIONS, said(MISSPELT), VARIABLES, RIGHT, verify=options, rounds=0)
    item = found(answer, INDEPENDENT_AGREEMENT)
    assert item.text == (
        "A second formulation, written from the problem alone, has the same optimum (6,200) and demands exactly the "
        "same."
    )
    assert (item.calls, answer.verdict) == (3, VERIFIED)
    assert all("make[" not in request[-1].content for request in chat.requests[1:])


def test_a_second_formulation_is_compared_by_moving_numbers_too() -> None:
    more = rows("2 * chairs + 5 * tables <= 400", "tables <= 40", "chairs + tables <= 7777")
    options = nl2opt.VerifyOptions(calls=5)
    answer, _ = solved(indexed(), NO_DIRECTIONS, said(MISSPELT), VARIABLES, more, verify=options, rounds=0)
    # The 7777 is not in the text: the second formulation is doubtful itself, and yet says the same.
    assert "It is written otherwise, and both still agree when" in found(answer, INDEPENDENT_AGREEMENT).text


def test_without_calls_for_another_formulation_there_is_nothing_to_compare_with() -> None:
    answer, _ = solved(indexed(), NO_DIRECTIONS, said(MISSPELT), NO_REMARKS, rounds=0)
    assert found(answer, INDEPENDENT_AGREEMENT).text.startswith(
        "Nothing to compare with: No program came to a solution."
    )
    assert answer.verdict == "checked"


def test_another_language_model_writes_the_second_model_and_judges() -> None:
    second = ScriptedChatModel([NO_DIRECTIONS, said(PROGRAM)], name="other", style="indexed")
    answer, first = solved(indexed(), llm2=second)
    assert answer.verdict == VERIFIED
    assert (len(first.requests), len(second.requests)) == (1, 2)


def test_where_the_language_model_has_no_more_to_say_the_answer_stays_checked() -> None:
    answer, _ = solved(indexed())
    assert answer.verdict == "checked"
    assert "The language model could not be asked." in found(answer, "judge").text


def test_the_budget_of_calls_is_kept_and_what_was_left_out_is_one_line() -> None:
    answer, chat = solved(indexed(), NO_DIRECTIONS, verify=nl2opt.VerifyOptions(calls=1))
    assert len(chat.requests) == 2
    left_out = "Not run: an independent second model, the judge (no call to the language model is left)."
    assert found(answer, "not_run").text == left_out


def test_the_budget_of_seconds_is_kept() -> None:
    answer, chat = solved(indexed(), DIRECTIONS, verify=nl2opt.VerifyOptions(seconds=1e-6))
    assert len(chat.requests) == 1
    assert "(the time is used up)" in found(answer, "not_run").text
    assert answer.verdict == "checked"


def test_leaving_out_a_check_of_the_solving_earns_nothing() -> None:
    answer, _ = solved(indexed(), said(PROGRAM), verify=nl2opt.VerifyOptions(rungs=("independent",)))
    assert found(answer, INDEPENDENT_AGREEMENT).outcome is Outcome.PASSED
    assert answer.verdict == "checked"


def test_a_language_model_that_never_agrees_with_itself_is_told_in_words() -> None:
    replies = [VARIABLES, RIGHT, rows("2 * chairs + 5 * tables <= 40"), rows("2 * chairs + 5 * tables <= 30")]
    answer = nl2opt.solve(PROBLEM, llm=scripted(*replies), rounds=2, verify="quick")
    assert any("The language model never agreed with itself" in warning for warning in answer.warnings)


def test_an_answer_that_was_kept_is_verified_again(tmp_path: Path) -> None:
    answer, _ = solved(indexed(), verify="quick")
    kept = nl2opt.Answer.load(answer.save(tmp_path / "answer.json"))
    again = kept.verified("standard", llm=scripted(NO_DIRECTIONS, said(PROGRAM), style="indexed"))
    assert again.verdict == VERIFIED
    assert found(again, "kept").outcome is Outcome.PASSED
    stored = nl2opt.Answer.load(again.save(tmp_path / "again.json"))
    assert stored.evidence == again.evidence
    assert stored.trace.checks == again.trace.checks


def test_an_answer_that_was_changed_after_it_was_kept_is_caught(tmp_path: Path) -> None:
    answer, _ = solved(indexed(), verify="quick")
    path = answer.save(tmp_path / "answer.json")
    path.write_text(path.read_text().replace('"objective": 6200.0', '"objective": 7200.0', 1))
    again = nl2opt.verify(path, verify="quick")
    assert found(again, "kept").text == "The values that were kept give 6,200, not 7,200."
    assert again.verdict == NOT_VERIFIED


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("value", "The values that were kept violate the formulation"),
        ("datum", "The answer that was kept says 6,200; its formulation, solved again, gives 6,35"),
    ],
)
def test_values_and_data_that_were_changed_are_caught(tmp_path: Path, what: str, words: str) -> None:
    answer, _ = solved(indexed(), verify="quick")
    content = json.loads(answer.save(tmp_path / "answer.json").read_text())
    if what == "value":
        content["values"]["tables"]["make"][0][1] = 101
    else:
        content["formulation"]["parameters"][2]["value"] = 410
    (tmp_path / "answer.json").write_text(json.dumps(content))
    again = nl2opt.verify(tmp_path / "answer.json", verify="quick")
    assert found(again, "kept").outcome is Outcome.FAILED
    assert words in found(again, "kept").text


def test_a_formulation_that_was_changed_later_is_not_compared_with_the_text() -> None:
    answer, _ = solved(indexed(), verify="quick")
    what_if = answer.what_if({"hours": 440})
    assert isinstance(what_if, WhatIf)
    changed = what_if.answer.verified("quick")
    assert found(changed, "second_solver").outcome is Outcome.PASSED
    assert "(the formulation was changed after its text)" in found(changed, "not_run").text
    assert not any(item.name == "numbers" for item in changed.evidence)


def test_a_local_optimum_stays_one_when_it_is_verified_again() -> None:
    formulation = nl2opt.Formulation.from_dict(
        {
            "variables": [{"name": "x", "domain": "continuous", "lower": 0, "upper": 4}],
            "objective": {"sense": "minimize", "expression": "exp(x) - 3 * x"},
            "constraints": [{"name": "r", "expression": "x <= 3"}],
        }
    )
    answer = nl2opt.verify(formulation, verify="quick", solver="ipopt")
    assert answer.status is nl2opt.Status.LOCALLY_OPTIMAL
    again = nl2opt.verify(answer, verify="quick", solver="ipopt")
    assert found(again, "optimum").outcome is Outcome.DOUBTFUL
    assert again.verdict == NOT_VERIFIED


def test_a_formulation_without_a_problem_gets_the_checks_of_the_solving() -> None:
    formulation = nl2opt.Formulation.from_json(indexed())
    answer = nl2opt.verify(formulation)
    assert {item.name for item in answer.evidence} == {
        "point", "second_solver", "plausibility", "program_agreement", "not_run",
    }  # fmt: skip
    assert answer.verdict == NOT_VERIFIED
    assert "(there is no problem in words)" in found(answer, "not_run").text


def test_a_formulation_with_its_problem_can_be_verified() -> None:
    chat = scripted(NO_DIRECTIONS, said(PROGRAM), style="indexed")
    answer = nl2opt.verify(nl2opt.Formulation.from_json(indexed()), problem=PROBLEM, llm=chat)
    assert answer.verdict == VERIFIED


def test_what_has_no_optimum_is_judged_and_solved_twice() -> None:
    impossible = indexed(
        constraints=[
            {"name": "market", "expression": "make['table'] <= sold"},
            {"name": "labour", "expression": "sum(need[i] * make[i] for i in ITEM) >= hours + 0 * make['chair']"},
            {"name": "no_chairs", "expression": "make['chair'] <= 1"},
        ]
    )
    answer, _ = solved(impossible, NO_REMARKS, rounds=0)
    assert answer.status is nl2opt.Status.INFEASIBLE
    assert "says so too: infeasible." in found(answer, "second_solver").text
    assert found(answer, "judge").outcome is Outcome.PASSED
    assert answer.verdict == NOT_VERIFIED


def test_both_routes_are_compared_by_the_program_that_is_there() -> None:
    answer, chat = solved(indexed(), said(SLACK), NO_DIRECTIONS, NO_REMARKS, route="both", rounds=0)
    assert found(answer, INDEPENDENT_AGREEMENT).outcome is Outcome.PASSED
    assert "written otherwise, and both still agree" in found(answer, INDEPENDENT_AGREEMENT).text
    assert not any(item.name == OPTIMUM_AGREEMENT for item in answer.evidence)
    assert len(chat.requests) == 3


@pytest.mark.parametrize("level", ["Quick", "STANDARD", " thorough "])
def test_a_level_may_be_written_in_any_letter_case(level: str) -> None:
    formulation = nl2opt.Formulation.from_json(indexed())
    assert nl2opt.verify(formulation, verify=level).evidence


def test_a_small_language_model_is_not_asked_what_to_expect() -> None:
    chat = scripted(VARIABLES, RIGHT, VARIABLES, RIGHT, said(PROGRAM), style="scalar")
    answer = nl2opt.solve(PROBLEM, llm=chat)
    assert found(answer, "independent_agreement").outcome is Outcome.PASSED
    assert "asked_directions" not in [item.name for item in answer.evidence]
    assert "a small language model expects the wrong ones" in found(answer, "not_run").text


def test_a_language_model_that_takes_all_the_time_is_said_to_have_done_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*arguments: object, **options: object) -> None:
        time.sleep(1.5)
        raise ChatRequestError("It took longer than 1 second. Give it more time.")

    monkeypatch.setattr("nl2opt.pipeline.verifying.rungs.judge_evidence", slow)
    verify = nl2opt.VerifyOptions(seconds=1.0, rungs=("judge",))
    answer = nl2opt.solve(PROBLEM, llm=scripted(indexed(), style="indexed"), verify=verify)
    assert found(answer, "judge").text.startswith("The time for checks was used up")
