"""Repairs of conditions and capacities: applied, they do, and nothing less of the same number would."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nl2opt import Change, Formulation
from nl2opt.formulation.analysis.repairs import Repair
from solvers import Termination
from tests.nl2opt.formulation.formulations import Content

number = st.integers(0, 9)


@st.composite
def conditional(draw: st.DrawFn) -> Content:
    """Draw whole numbers x and y with a condition, an alternative, and demands that may not go with these."""
    low, high, cap, when, least, most = (draw(number) for _ in range(6))
    rows = draw(st.lists(st.sampled_from([
        f"implies(x >= {when}, y <= {cap})", f"either(x <= {low}, x >= {high})", f"implies(b == 1, x + y <= {cap})",
        "b == 1", f"{least} <= x <= {max(least, most)}", f"y >= {least}", f"x + y == {most}",
    ]), min_size=3, max_size=6, unique=True))  # fmt: skip
    return {
        "variables": [
            {"name": "b", "domain": "binary"},
            *({"name": name, "domain": "integer", "lower": 0, "upper": 9} for name in "xy"),
        ],
        "objective": {"sense": "minimize", "expression": "x + y"},
        "constraints": [{"name": f"row{place}", "expression": row} for place, row in enumerate(rows)],
    }


@st.composite
def crews(draw: st.DrawFn) -> Content:
    """Draw three tasks that share a crew, and a time by which they are to be done."""
    hours, needs = (draw(st.lists(st.integers(1, 4), min_size=3, max_size=3)) for _ in range(2))
    return {
        "sets": [{"name": "J", "elements": ["p", "q", "r"]}],
        "parameters": [
            {"name": "hours", "index": ["J"], "value": hours}, {"name": "need", "index": ["J"], "value": needs},
            {"name": "crew", "value": draw(st.integers(1, 5))}, {"name": "latest", "value": draw(st.integers(0, 6))},
        ],
        "variables": [{"name": "start", "index": ["J"], "domain": "integer", "lower": 0, "upper": "latest"}],
        "objective": None,
        "constraints": [
            {"name": "share", "expression": "cumulative(((start[j], hours[j], need[j]) for j in J), crew)"}
        ],
    }  # fmt: skip


def is_feasible(formulation: Formulation) -> bool:
    return formulation.solve().has_point


def one_less(repair: Repair) -> Change | None:
    """Return the change of a repair of one number, one unit smaller."""
    (move,) = repair.moves
    if move.new is None or abs(move.amount) <= 1 or not isinstance(move.change.value, int):
        return None
    return move.change.model_copy(update={"value": int(move.new) + (-1 if move.amount > 0 else 1)})


@given(st.one_of(conditional(), crews()))
@settings(max_examples=25, deadline=None)
def test_each_repair_does_and_the_least_is_the_least(drawn: Content) -> None:
    formulation = Formulation.from_dict(drawn)
    assume(formulation.solve().termination is Termination.INFEASIBLE)
    found = formulation.repairs()
    assert found
    for repair in found:
        mended = formulation.apply(repair.changes)
        assert is_feasible(mended)
        less = one_less(repair) if repair.is_alone and repair.is_least else None
        assert less is None or not is_feasible(formulation.apply([less]))
    assert found[0].amount == min(repair.amount for repair in found)
