from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solvers import AllDifferent, Cones, ExchangeError, IndicatorRows, Model, solve
from solvers.exchange import read_model, write_lp, write_mps
from tests.solvers.cases import BINARY, INF, MAX, MIN, build_model
from tests.solvers.constructs import CONSTRUCTS, columns, three_jobs, with_constraints

WRITERS = {".lp": write_lp, ".mps": write_mps}
both = pytest.mark.parametrize("suffix", WRITERS)


def radius() -> Model:
    """The radius of (3, 4) is 5: a second-order cone with fixed members."""
    model = build_model(MIN, [1, 0, 0], lower=[0, 3, 4], upper=[10, 3, 4])
    return replace(model, cones=Cones(starts=np.array([0, 3]), columns=np.array([0, 1, 2])))


def conditional(upper: float) -> Model:
    model = build_model(MAX, [1, -1], [(-INF, [1, 0], 3)], upper=[upper, 1], kinds=[0, BINARY])
    indicators = IndicatorRows(row=np.array([0]), column=np.array([1]), value=np.array([1], np.uint8))
    return replace(model, indicators=indicators, row_name=lambda _: "cap")


@both
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_file_of_a_rewritten_model_has_the_same_optimum(suffix: str, name: str, tmp_path: Path) -> None:
    case = CONSTRUCTS[name]
    written = WRITERS[suffix](case.model)
    (tmp_path / f"model{suffix}").write_text(written.text)
    imported = read_model(tmp_path / f"model{suffix}").model
    assert imported.is_linear
    solution = solve(imported)
    assert solution.is_optimal
    assert solution.objective == pytest.approx(case.objective)
    if case.values is not None and solution.values is not None:
        assert solution.values[: case.model.n_columns].tolist() == pytest.approx(list(case.values))


@both
def test_a_cone_is_written_as_a_quadratic_row(suffix: str, tmp_path: Path) -> None:
    written = WRITERS[suffix](radius())
    (tmp_path / f"model{suffix}").write_text(written.text)
    assert "second-order cones were written as quadratic rows" in written.text
    assert written.added_rows == {"cone_of_x0": "cone of x0"}
    assert solve(read_model(tmp_path / f"model{suffix}").model).objective == pytest.approx(5, rel=1e-5)


def test_the_name_map_tells_what_was_added_for_which_constraint() -> None:
    written = write_lp(three_jobs())
    assert written.added_columns == {f"{pair}_in_machine": "machine" for pair in _pairs(("x0", "x1", "x2"))}
    assert set(written.added_rows.values()) == {"machine"}
    assert len(written.added_rows) == 6
    assert list(written.columns)[:4] == ["x0", "x1", "x2", "x3"]
    assert written.columns["x0_before_x1_in_machine"] == "x0 before x1 in machine"
    heading = [line for line in written.text.splitlines() if line.startswith("\\")]
    assert heading[:2] == [
        "\\ rewritten exactly: global constraints were written as linear rows",
        '\\ rewritten: "machine" as 3 added columns and 6 added rows',
    ]
    assert '\\ added: column x0_before_x1_in_machine for "machine"' in heading
    assert "left out" not in written.text


def _pairs(names: tuple[str, ...]) -> list[str]:
    return [f"{one}_before_{other}" for place, one in enumerate(names) for other in names[place + 1 :]]


def test_a_conditional_row_leads_back_to_its_constraint() -> None:
    written = write_mps(conditional(10))
    assert written.added_rows == {"cap_at_most_if_x1_1": "cap"}
    assert not written.added_columns
    assert list(written.rows.items()) == [("cap_at_most_if_x1_1", "cap, at most, if x1 = 1")]
    assert '* rewritten: "cap" as 1 added row\n' in written.text
    assert "left out" not in written.text


def test_a_condition_that_always_holds_leaves_nothing_and_is_said() -> None:
    assert '\\ rewritten: "cap" as nothing, since the bounds see to it\n' in write_lp(conditional(2)).text


def test_value_columns_name_every_constraint_that_looks_at_them() -> None:
    model = with_constraints(
        build_model(MIN, [1, 1, 1], lower=1, upper=3, kinds=1),
        AllDifferent(members=columns(0, 1), name="left"), AllDifferent(members=columns(1, 2)),
    )  # fmt: skip
    added = write_lp(model).added_columns
    assert (added["x0_1"], added["x1_1"], added["x2_1"]) == ("left", "left, all_different", "all_different")


def test_a_plain_model_has_nothing_added() -> None:
    written = write_lp(build_model(MIN, [1, 1], [(1, [1, 1], INF)]))
    assert not written.added_columns
    assert not written.added_rows
    assert "rewritten" not in written.text


@both
def test_what_cannot_be_rewritten_exactly_is_refused_with_its_constraint_and_the_mend(suffix: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        WRITERS[suffix](conditional(INF))
    assert str(caught.value) == (
        f"{suffix[1:].upper()} files cannot hold rows that hold only under a condition. The row cap, which holds only "
        "under a condition, cannot be written as linear rows: x0 has no upper bound. State one."
    )
