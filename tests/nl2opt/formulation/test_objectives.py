from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

import nl2opt
from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.signature import objective_signature
from nl2opt.formulation.editing.difference_words import difference_lines
from nl2opt.formulation.editing.edit import apply, inverse
from nl2opt.formulation.schema import Change, Formulation
from nl2opt.formulation.words.describe import describe
from nl2opt.pipeline.answer import Answer, Status
from solvers import DEFAULT_OBJECTIVE_TOLERANCE
from tests.nl2opt.formulation.formulations import Content, compiled, findings, only, with_rows

GOODS: Content = {"name": "a", "domain": "integer", "lower": 0, "upper": 10}
OTHER: Content = {**GOODS, "name": "b"}


def goals(*objectives: Content, rows: tuple[str, ...] = ("a + b <= 8",)) -> Content:
    return {**with_rows(*rows, variables=[GOODS, OTHER]), "objective": list(objectives)}


def goal(sense: str, expression: str, **keys: Any) -> Content:
    return {"sense": sense, "expression": expression, **keys}


def solved(content: Content) -> Answer:
    answer = nl2opt.run(Formulation.from_dict(content))
    assert answer.status is Status.SOLVED, answer.message
    return answer


PROFIT = goal("maximize", "3 * a + 3 * b", name="profit", priority=2, unit="$")
WASTE = goal("minimize", "2 * a + b", name="waste")


def test_priorities_are_solved_in_their_order() -> None:
    answer = solved(goals(WASTE, PROFIT))
    assert answer.values is not None
    assert dict(answer.values) == {"a": 0, "b": 8}
    assert answer.objective == pytest.approx(24)
    assert answer.objectives == {"waste": pytest.approx(8), "profit": pytest.approx(24)}
    turned = solved(goals({**WASTE, "priority": 5}, PROFIT))
    assert turned.objectives == {"waste": 0, "profit": 0}
    assert turned.objective == 0


def test_goal_programming_by_priorities() -> None:
    # First come within 1 of the wanted 9 in all, then as near as possible to a = 6, then to b = 6.
    content = goals(
        goal("minimize", "abs(a + b - 9)", name="total", priority=3),
        goal("minimize", "abs(a - 6)", name="near_a", priority=2),
        goal("minimize", "abs(b - 6)", name="near_b", priority=1),
        rows=("a + b <= 8",),
    )
    assert solved(content).objectives == {"total": 1, "near_a": 0, "near_b": 4}


def test_equal_priorities_are_added_up_in_the_sense_of_the_first() -> None:
    both = goals(goal("maximize", "a", weight=2), goal("minimize", "b", weight=5), rows=("a <= b + 3",))
    # maximise 2 a - 5 b
    answer = solved(both)
    assert answer.values is not None
    assert dict(answer.values) == {"a": 3, "b": 0}
    assert answer.objective == pytest.approx(6)
    assert answer.objectives == {"objective_1": 3, "objective_2": 0}
    turned = goals(goal("minimize", "b", weight=5), goal("maximize", "a", weight=2), rows=("a <= b + 3",))
    assert solved(turned).objective == pytest.approx(-6)


def test_a_tolerance_lets_the_first_objective_give_way() -> None:
    answer = solved(goals(WASTE, {**PROFIT, "tolerance": 0.25}))
    assert answer.objectives == {"waste": 6, "profit": 18}


def test_the_default_tolerance_is_that_of_the_solvers() -> None:
    assert Formulation.from_dict(goals(WASTE)).objectives[0].tolerance == DEFAULT_OBJECTIVE_TOLERANCE


def test_one_objective_in_a_list_is_that_objective() -> None:
    answer = solved(goals(PROFIT))
    assert (answer.objective, answer.objectives) == (24, {"profit": 24})
    assert solved({**goals(), "objective": PROFIT}).objectives == {}


def test_no_objective_still_means_any_feasible_point() -> None:
    answer = solved({**goals(), "objective": None})
    assert answer.objectives == {}
    assert answer.values is not None


def test_the_page_and_the_json_show_the_value_of_each_objective(tmp_path: Any) -> None:
    answer = solved(goals(WASTE, PROFIT))
    page = str(answer)
    assert page.index("Maximum of profit: $24 (priority 2)") < page.index("Minimum of waste: 8 (priority 0)")
    assert "maximize profit: 3 * a + 3 * b (priority 2)" in page
    assert json.loads(json.dumps(answer.to_dict()))["objectives"] == {"waste": 8, "profit": 24}
    kept = Answer.load(answer.save(tmp_path / "answer.json"))
    assert kept.objectives == answer.objectives
    assert kept.formulation == answer.formulation


def test_an_unbounded_later_objective_says_at_which_stage() -> None:
    free = {"name": "f", "domain": "continuous", "lower": 0}
    content = {**goals(PROFIT, goal("maximize", "f", name="more")), "variables": [GOODS, OTHER, free]}
    answer = nl2opt.run(Formulation.from_dict(content))
    assert answer.status is Status.UNBOUNDED
    assert "objective 2 of 2 (more)" in answer.message
    assert answer.objectives["profit"] == 24


def test_a_list_survives_being_written_and_read() -> None:
    formulation = Formulation.from_dict(goals(WASTE, PROFIT))
    assert Formulation.from_json(formulation.to_json()) == formulation
    assert asdict(only(goals(), "objectives"))["element"] == "objective"


def test_signatures_tell_the_order_of_objectives() -> None:
    first, second = compiled(goals(WASTE, PROFIT)), compiled(goals(PROFIT, WASTE))
    assert objective_signature(first) == objective_signature(second)
    assert objective_signature(first) != objective_signature(compiled(goals({**WASTE, "priority": 5}, PROFIT)))


@pytest.mark.parametrize(
    ("objectives", "element", "code", "says"),
    [
        ([], "objective", "objectives", "empty"),
        ([{**WASTE, "weight": 0}], "objective.waste", "weight", "Leave the objective out"),
        ([{**WASTE, "weight": -2}], "objective.waste", "weight", "Turn its sense round"),
        ([{**WASTE, "tolerance": -0.1}], "objective.waste", "tolerance", "at least 0"),
        ([{**WASTE, "priority": 1.5}], "objective.waste", "type", "whole number"),
        ([{**WASTE, "priority": "high"}], "objective.waste", "type", "whole number"),
        ([WASTE, {**PROFIT, "name": "waste"}], "objective.waste", "name_clash", "2 objectives have the name"),
        ([PROFIT, {"sense": "best", "expression": "a"}], "objective.2", "not_one_of", "'minimize' or 'maximize'"),
        ([PROFIT, {"sense": "minimize"}], "objective.2", "missing_field", "`expression` is missing"),
        ([PROFIT, goal("minimize", "c")], "objective.2", "unknown_name", "there is no `c`"),
        ([PROFIT, goal("minimize", "a", weigth=2)], "objective.2", "unknown_field", "Did you mean `weight`?"),
        ([PROFIT, goal("minimize", "round(a)", name="x1")], "objective.x1", "nonlinear_function", "`round`"),
    ],
)
def test_each_fault_names_its_objective(objectives: list[Content], element: str, code: str, says: str) -> None:
    found = [f for f in findings({**goals(), "objective": objectives}) if f.is_error]
    assert {(f.element, f.code) for f in found} == {(element, code)}
    assert says in str(found[0])


def test_the_same_objective_twice_is_doubtful() -> None:
    finding = only(goals(WASTE, {**WASTE, "name": "again"}), "duplicate_objective")
    assert not finding.is_error
    assert finding.element == "objective.again"


def test_lifting_names_the_numbers_of_each_objective() -> None:
    from nl2opt.formulation.lift import lift

    lifted = lift(Formulation.from_dict(goals(WASTE, PROFIT)), "waste 2 for each a, profit 3 for each")
    assert [o.expression for o in lifted.objectives] == ["waste_a * a + b", "profit_a * a + profit_b * b"]
    assert [o.priority for o in lifted.objectives] == [0, 2]


def test_latex_and_markdown_show_the_list() -> None:
    formulation = Formulation.from_dict(goals(WASTE, PROFIT, goal("minimize", "a", weight=4)))
    latex = formulation.to_latex()
    assert r"\text{1.}\; \max \quad & 3 \, a + 3 \, b && && \text{(profit)}" in latex
    assert r"\text{2.}\; \min \quad & \left(2 \, a + b\right) + 4 \, a" in latex
    assert "| waste | Minimize `2 * a + b` | 0 | 1 |" in formulation.to_markdown()


def test_weights_are_numbers_of_the_formulation() -> None:
    from nl2opt.verification.accounting import account_numbers

    weighted = Formulation.from_dict(goals({**WASTE, "weight": 7}, {**PROFIT, "weight": 1234}))
    account = account_numbers(
        "Waste counts 7 times. Profit is 3 for each. Waste is 2 for a. In all 8, 10 of each.", weighted
    )
    assert [number.text for number in account.unused] == []
    assert [(number.value, number.element) for number in account.invented] == [(1234, "objective.profit")]


def test_a_list_is_edited_and_compared_by_the_names_of_its_objectives() -> None:
    before = Formulation.from_dict(goals(PROFIT, WASTE))
    heavier = Change(kind="set", path="objective.waste.weight", value=3)
    after = apply(before, heavier)
    assert list(difference_lines(before, after)) == ["objective waste: weight 1 -> 3"]
    assert apply(after, inverse(before, heavier)) == before
    third = apply(before, Change(kind="add", path="objective", value=goal("minimize", "a", name="least")))
    assert list(difference_lines(before, third)) == ["added objective least: minimize a"]
    assert list(difference_lines(third, before)) == ["removed objective least: minimize a"]
    turned = Formulation.from_dict(goals(WASTE, PROFIT))
    assert list(difference_lines(before, turned)) == ["objective: listed in another order"]
    with pytest.raises(FormulationError, match="Did you mean `weight`"):
        apply(before, Change(kind="set", path="objective.waste.weigth", value=3))


UNNAMED = [goal("minimize", "a", priority=2), goal("maximize", "b", priority=1), goal("minimize", "a + b")]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ([0, 1], [0, {**UNNAMED[1], "weight": 3}], ["objective 2: weight 1 -> 3"]),
        ([0, 1], [0, {**UNNAMED[1], "name": "best"}], ["objective 2: name none -> best"]),
        ([0, 1], [0, 1, 2], ["added objective 3: minimize a + b"]),
        ([0, 1], [2, 0, 1], ["added objective 1: minimize a + b"]),
        ([0, 1, 2], [1, 2], ["removed objective 1: minimize a, priority 2"]),
        ([0, 1], [1, 0], ["moved objective 2 to place 1: maximize b, priority 1"]),
        ([0, 0], [0], ["removed objective 2: minimize a, priority 2"]),
        ([{**UNNAMED[0], "name": "n"}, 1], [1], ["removed objective n: minimize a, priority 2"]),
        ([2], 2, ["objective: no list of one any more"]),
        (2, [2], ["objective: now a list of one"]),
        (2, [2, 1], ["added objective 2: maximize b, priority 1"]),
        (2, None, ["removed objective: minimize a + b"]),
        (None, [2], ["added objective 1: minimize a + b"]),
    ],
)
def test_objectives_without_names_are_compared_by_what_they_say(old: Any, new: Any, lines: list[str]) -> None:
    def read(objectives: Any) -> Formulation:
        listed = [objectives] if not isinstance(objectives, list) else objectives
        found = [UNNAMED[o] if isinstance(o, int) else o for o in listed]
        content = found if isinstance(objectives, list) else None if objectives is None else found[0]
        return Formulation.from_dict({**goals(PROFIT, WASTE), "objective": content})

    before, after = read(old), read(new)
    assert list(difference_lines(before, after)) == lines
    assert before.apply(before.diff(after)) == after


def test_the_tolerance_of_the_last_stage_is_no_part_of_what_is_demanded() -> None:
    plain, last, first = (
        goals({**PROFIT, "tolerance": one}, {**WASTE, "tolerance": two}) for one, two in ((0, 0), (0, 0.2), (0.2, 0))
    )
    hashes = [Formulation.from_dict(content).structure_hash() for content in (plain, last, first)]
    signatures = [objective_signature(compiled(content)) for content in (plain, last, first)]
    for found in (hashes, signatures):
        assert found[0] == found[1] != found[2]


def test_the_words_say_the_priority_of_each_objective() -> None:
    assert "Minimise 2 times a plus b (name waste)." in describe(Formulation.from_dict(goals(PROFIT, WASTE)))
