from __future__ import annotations

import ast
from typing import Any

import hypothesis
from hypothesis import strategies as st

from nl2opt.formulation.schema import Formulation
from nl2opt.text.numbers import TextNumber, numbers_in
from nl2opt.verification.data_points import MovableFormulation, moved_number, moved_program

TEXT = "A chair takes 2 hours, and 400 hours are available. At most 40% of 90 chairs are red, and at least 90 are made."


def the(text: str, problem: str = TEXT, place: int = 0) -> TextNumber:
    return [number for number in numbers_in(problem) if number.text == text][place]


def movable(*rows: str, parameters: list[dict[str, Any]] | None = None, **variable: Any) -> MovableFormulation:
    content = {
        "parameters": parameters or [],
        "variables": [{"name": "x", "domain": "continuous", "lower": 0, **variable}],
        "objective": {"sense": "maximize", "expression": "x"},
        "constraints": [{"name": f"r{n}", "expression": row} for n, row in enumerate(rows)],
    }
    return MovableFormulation.of(Formulation.from_dict(content), TEXT)


def test_a_number_moves_in_a_parameter_in_an_expression_and_in_a_bound() -> None:
    in_parameter = movable("2 * x <= hours", parameters=[{"name": "hours", "value": 400}])
    assert [(c.path, c.value) for c in in_parameter.changes(the("400"), 1.1)] == [("parameters.hours.value", 440)]
    found = movable("2 * x <= 400", upper=400).moved(the("400"), 1.1)
    assert found is not None
    assert found.variables[0].upper == 440
    assert [parameter.value for parameter in found.parameters] == [2, 440]


def test_a_number_moves_in_every_entry_of_a_table_that_holds_it() -> None:
    table = {"name": "need", "index": ["I"], "value": {"a": 2, "b": 3, "c": 2}}
    content = {
        "sets": [{"name": "I", "elements": ["a", "b", "c"]}], "parameters": [table],
        "variables": [{"name": "x", "index": ["I"], "domain": "continuous", "lower": 0}],
        "objective": {"sense": "maximize", "expression": "sum(x[i] for i in I)"},
        "constraints": [{"name": "r", "expression": "sum(need[i] * x[i] for i in I) <= 400"}],
    }  # fmt: skip
    found = MovableFormulation.of(Formulation.from_dict(content), TEXT).moved(the("2"), 3.0)
    assert found is not None
    assert found.parameters[0].value == {"a": 6, "b": 3, "c": 6}


def test_a_percentage_moves_as_a_share() -> None:
    assert [c.value for c in movable("x <= 0.4 * 90").changes(the("40%"), 1.5)] == [0.6000000000000001]


def test_a_number_whose_complement_is_held_too_does_not_move() -> None:
    assert movable("0.4 * x <= 90", "0.6 * x <= 80").changes(the("40%"), 1.1) == []


def test_a_number_that_the_text_has_twice_moves_where_its_source_tells_which_it_is() -> None:
    unclear = [{"name": "most", "value": 90}]
    assert movable("x <= most", parameters=unclear).changes(the("90"), 1.1) == []
    clear = [{"name": "most", "value": 90, "source": "At most 40% of 90 chairs are red"}]
    assert movable("x <= most", parameters=clear).moved(the("90", place=1), 1.1) is None


def test_a_whole_number_stays_whole_and_moves() -> None:
    assert [moved_number(v, f) for v, f in ((400, 1.1), (2, 1.1), (2, 0.6), (0.5, 3.0))] == [440, 3, 1, 1.5]


PROGRAM = 'hours = 400  # 400 hours\nname = "400"\nprint(hours, [1, 2][0])\n'


def test_only_the_literal_of_a_program_moves() -> None:
    assert moved_program(PROGRAM, TEXT, the("400"), 1.1) == PROGRAM.replace("= 400", "= 440", 1)


def test_a_literal_that_is_not_clear_stays() -> None:
    assert moved_program(PROGRAM, TEXT, the("90"), 1.1) is None
    assert moved_program("a = 2\nb = 2\n", TEXT, the("2"), 1.1) is None
    assert moved_program("a = 90\n", TEXT, the("90"), 1.1) is None


@hypothesis.given(st.lists(st.sampled_from(["400", "400.0", "4_00", "'400'", "40", "x400", "#400\n", "(", " + "])))
@hypothesis.settings(max_examples=50)
def test_a_program_that_can_be_read_can_still_be_read(parts: list[str]) -> None:
    program = " ".join(parts) + "\n"
    try:
        ast.parse(program)
    except SyntaxError:
        return
    found = moved_program(program, TEXT, the("400"), 1.1)
    if found is not None:
        ast.parse(found)
