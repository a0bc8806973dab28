from __future__ import annotations

import threading
from typing import Any

import pytest

from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.schema import Change, Formulation
from nl2opt.formulation.solve import solve_compiled
from nl2opt.pipeline.readings.reading import End, Reading
from nl2opt.pipeline.readings.trying import Base, Tried, by_weight, try_readings
from solvers import SolveOptions

CONTENT: dict[str, Any] = {
    "parameters": [{"name": "hours", "value": 7}],
    "variables": [
        {"name": "x", "domain": "integer", "lower": 0},
        {"name": "y", "domain": "continuous", "lower": 0, "upper": 2},
    ],
    "objective": {"sense": "maximize", "expression": "3 * x + y"},
    "constraints": [{"name": "labour", "expression": "2 * x + y <= hours"}],
}


def base(options: SolveOptions | None = None, **changes: Any) -> Base:
    compiled = compile_formulation(Formulation.from_dict({**CONTENT, **changes})).require()
    options = options or SolveOptions()
    return Base(compiled=compiled, solution=solve_compiled(compiled, options=options), options=options)


def reading(text: str, *changes: tuple[str, Any]) -> Reading:
    made = tuple(Change(kind="set", path=path, value=value) for path, value in changes)
    return Reading(assumption=f"not {text}", text=text, changes=made)


SPLIT = reading("split", ("variables.x.domain", "continuous"))
WHOLE = reading("whole", ("variables.y.domain", "integer"))
MORE = reading("more", ("parameters.hours.value", 9))
NONE = reading("none", ("variables.x.lower", 5))
ENDLESS = reading("endless", ("constraints.labour.expression", "x - y >= -9"))
WRONG = reading("wrong", ("variables.z.domain", "integer"))
SENSELESS = reading("senseless", ("constraints.labour.expression", "2 * q <= hours"))
ALL = (SPLIT, WHOLE, MORE, NONE, ENDLESS)


def tried(*readings: Reading, **options: Any) -> Tried:
    return try_readings(readings, base(), **options)


def test_each_reading_is_solved_and_compared() -> None:
    found = {item.text: item for item in tried(*ALL).readings}
    assert (found["split"].objective, found["split"].difference, found["split"].moves) == (10.5, 0.5, True)
    assert (found["whole"].objective, found["whole"].moves, found["whole"].changes_values) == (10, False, False)
    assert (found["more"].objective, found["more"].difference) == (13, 3)
    assert (found["none"].end, found["none"].objective, found["none"].moves) == (End.INFEASIBLE, None, True)
    assert (found["endless"].end, found["endless"].moves) == (End.UNBOUNDED, True)


def test_what_moves_the_answer_most_comes_first() -> None:
    assert [item.text for item in by_weight(tried(*ALL).readings)] == ["none", "endless", "more", "split", "whole"]
    assert [item.number for item in by_weight(tried(*ALL).readings)] == [1, 2, 3, 4, 5]


def test_what_cannot_be_applied_or_compiled_is_dropped_and_the_others_stay() -> None:
    found = tried(WRONG, SPLIT, SENSELESS)
    assert [item.text for item in found.readings] == ["split"]
    assert [item.text for item, _ in found.dropped] == ["wrong", "senseless"]
    assert "`z`" in found.dropped[0][1]
    assert "`q`" in found.dropped[1][1]


def test_no_more_are_solved_than_allowed_the_cheapest_first() -> None:
    found = tried(WHOLE, MORE, SPLIT, most=1)
    assert [(item.text, item.end) for item in found.readings] == [
        ("whole", End.NOT_TRIED), ("more", End.NOT_TRIED), ("split", End.OPTIMAL),
    ]  # fmt: skip
    assert found.readings[0].moves is None
    assert "1 other reading was tried" in found.readings[0].note


def test_when_the_time_is_up_or_somebody_stops_nothing_more_is_tried() -> None:
    cancel = threading.Event()
    cancel.set()
    for options in ({"seconds": 0.0}, {"cancel": cancel}):
        (item,) = tried(SPLIT, **options).readings
        assert (item.end, item.moves, item.note) == (End.NOT_TRIED, None, "the time for other readings was up")


def test_an_answer_that_is_none_becomes_one_under_another_reading() -> None:
    start = base(constraints=[{"name": "labour", "expression": "2 * x + y <= hours - 8"}])
    assert start.end is End.INFEASIBLE
    (item,) = try_readings([MORE], start).readings
    assert (item.end, item.objective, item.difference, item.moves) == (End.OPTIMAL, 1, None, True)
    same = try_readings([SPLIT], start).readings[0]
    assert (same.end, same.moves) == (End.INFEASIBLE, False)


def test_without_a_proven_answer_there_is_nothing_to_compare_with() -> None:
    start = base(SolveOptions(time_limit_seconds=0.0))
    assert start.end is End.NOT_SOLVED
    assert try_readings([SPLIT], start).readings[0].note == "there is no proven answer to compare it with"


def test_bounds_without_a_price_are_known_to_make_no_difference() -> None:
    start = base(variables=[{"name": name, "domain": "continuous", "upper": 2} for name in "xy"])
    free = [reading(name, (f"variables.{name}.lower", "-inf")) for name in "xy"]
    found = try_readings(free, start, most=0).readings
    assert [(item.end, item.moves) for item in found] == [(End.OPTIMAL, False)] * 2
    assert start.formulation.apply(free[0].changes).solve().objective == start.solution.objective


def test_a_limit_on_the_solver_holds_for_readings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import nl2opt.pipeline.readings.trying as module

    seen: list[float | None] = []

    def watched(compiled: Any, *, options: SolveOptions, **rest: Any) -> Any:
        seen.append(options.time_limit_seconds)
        return solve_compiled(compiled, options=options, **rest)

    monkeypatch.setattr(module, "solve_compiled", watched)
    tried(SPLIT)
    try_readings([SPLIT], base(SolveOptions(time_limit_seconds=0.25)))
    assert seen[0] is not None
    assert 0.4 < seen[0] <= 5
    assert seen[1] == 0.25
