from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import ExchangeError, Model, QuadraticRows, solve
from solvers.exchange import WrittenModel, read_model, write_lp, write_mps
from solvers.exchange import write as writing
from solvers.exchange.compare import first_difference
from solvers.exchange.flat import flattened
from solvers.exchange.highs_reader import can_read_back, read_with_highs
from tests.solvers.cases import BINARY, INF, INTEGER, MAX, MIN, build_model
from tests.solvers.exchange.models import models, same_demands

WRITERS = {".lp": write_lp, ".mps": write_mps}
Writer = Callable[[Model], WrittenModel]
both = pytest.mark.parametrize("suffix", WRITERS)


def read_again(written: WrittenModel, suffix: str) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{suffix}"
        path.write_text(written.text)
        return read_model(path).model


def require_round_trip(model: Model, suffix: str) -> None:
    """The file holds the model: by our reader, by HiGHS, and by the points that both allow."""
    written = WRITERS[suffix](model)
    assert written.text.isascii()
    again = read_again(written, suffix)
    assert len(written.columns) == model.n_columns
    assert list(written.columns.values()) == [model.name_of_column(place) for place in range(model.n_columns)]
    same_demands(model, again, np.random.default_rng(0))
    assert list(written.rows) == [again.name_of_row(row) for row in range(again.n_rows)]
    sides: dict[str, list[tuple[float, float]]] = {}
    place_of = dict(zip(written.rows, zip(again.row_lower, again.row_upper, strict=True), strict=True))
    for safe, name in written.rows.items():
        sides.setdefault(name, []).append(place_of[safe])
    if len({model.name_of_row(row) for row in range(model.n_rows)}) == model.n_rows:
        for row in range(model.n_rows):
            given_sides = (model.row_lower[row], model.row_upper[row])
            if np.isfinite(given_sides).any():
                found = sides[model.name_of_row(row)]
                assert (max(low for low, _ in found), min(high for _, high in found)) == given_sides
    # What was read is written as it stands, which is the same file but for the names above it.
    once_more = read_again(WRITERS[suffix](again), suffix)
    assert first_difference(again, once_more) is None
    if can_read_back(again) and again.n_columns:
        content = flattened(again, format_name="").model
        assert first_difference(content, read_with_highs(written.text, suffix)) is None


@both
@settings(max_examples=50, deadline=None)
@given(model=models())
def test_random_models_come_back_as_they_were(suffix: str, model: Model) -> None:
    require_round_trip(model, suffix)


@both
@settings(max_examples=30, deadline=None)
@given(model=models(quadratic_rows=True))
def test_random_quadratic_rows_come_back_as_they_were(suffix: str, model: Model) -> None:
    require_round_trip(model, suffix)


@both
def test_the_optimum_of_the_file_is_that_of_the_model(suffix: str) -> None:
    model = build_model(
        MAX, [5, 4, 0.5], [(-INF, [6, 4, 1], 24), (1, [1, 2, -1], 6), (0, [0, 0, 1], 0)],
        kinds=[INTEGER, BINARY, INTEGER], upper=[INF, 1, 9], constant=-7.25,
    )  # fmt: skip
    assert solve(read_again(WRITERS[suffix](model), suffix)).objective == solve(model).objective


@both
def test_a_model_without_rows_and_without_costs_keeps_its_columns(suffix: str) -> None:
    model = build_model(MIN, [0, 0], lower=[-INF, 2], upper=[INF, 2])
    again = read_again(WRITERS[suffix](model), suffix)
    assert (again.column_lower.tolist(), again.column_upper.tolist()) == ([-INF, 2.0], [INF, 2.0])


def test_mps_holds_a_model_without_columns_and_lp_says_that_it_does_not() -> None:
    model = build_model(MIN, [], [(0, [], 1)], constant=3)
    again = read_again(write_mps(model), ".mps")
    assert (again.n_columns, again.n_rows, again.objective_constant) == (0, 1, 3.0)
    with pytest.raises(ExchangeError, match="without columns; write an MPS file"):
        write_lp(model)


def test_names_are_made_safe_and_told_at_the_top() -> None:
    names = ["x[1,2]", "2x", "free", "e3", "x 1 2", "x_1_2", "plain"]
    model = replace(build_model(MIN, [1] * 7, [(0, [1] * 7, INF)]), column_name=names.__getitem__)
    written = write_lp(replace(model, title="A \\ title\nin two lines"))
    assert list(written.columns) == ["x_1_2_2", "x_2x", "x_free", "x_e3", "x_1_2_3", "x_1_2", "plain"]
    assert list(written.columns.values()) == names
    assert written.text.startswith('\\ title "A \\\\ title\\nin two lines"\n\\ name map: column x_1_2_2 is "x[1,2]"\n')
    assert "plain is" not in written.text
    assert read_again(written, ".lp").name_of_column(0) == "x_1_2_2"


def test_a_row_with_two_sides_is_two_rows_in_lp_and_a_range_in_mps() -> None:
    model = build_model(MIN, [1, 1], [(1, [1, 2], 5), (0.1, [1, 1], 0.7)])
    assert " r0: + 1 x0 + 2 x1 >= 1\n r0_upper: + 1 x0 + 2 x1 <= 5\n" in write_lp(model).text
    assert write_lp(model).rows == {"r0": "r0", "r0_upper": "r0", "r1": "r1", "r1_upper": "r1"}
    assert " RANGES r0 4\n" in write_mps(model).text
    assert read_again(write_mps(model), ".mps").row_upper.tolist() == [5.0, 0.7]


def test_rows_without_sides_are_left_out_and_named() -> None:
    written = write_mps(build_model(MIN, [1], [(-INF, [1], INF), (1, [1], INF)]))
    assert 'left out, since it has no sides: row "r0"' in written.text
    assert list(written.rows) == ["r1"]


@both
@pytest.mark.parametrize(
    ("model", "message"),
    [
        (build_model(MIN, [1], upper=1e20), "The column x0 has the limit 1e[+]20"),
        (build_model(MIN, [1], [(-1e25, [1], 1)]), "The row r0 has the limit -1e[+]25"),
        (build_model(MIN, [1], [(INF, [1], INF)]), "The row r0 asks for infinity"),
    ],
)
def test_limits_that_readers_misunderstand_are_refused(suffix: str, model: Model, message: str) -> None:
    with pytest.raises(ExchangeError, match=message):
        WRITERS[suffix](model)


@both
def test_a_file_that_reads_back_as_another_model_is_not_offered(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(MIN, [1, 2], [(1, [1, 1], INF)])
    broken = replace(
        writing._LP if suffix == ".lp" else writing._MPS, text=lambda m, c, r, o: _spoilt(suffix, m, c, r, o)
    )
    monkeypatch.setattr(writing, "_LP" if suffix == ".lp" else "_MPS", broken)
    with pytest.raises(ExchangeError, match="differs in the objective coefficient of the column x1"):
        WRITERS[suffix](model)


def _spoilt(suffix: str, model: Model, columns: list[str], rows: list[str], objective: str) -> str:
    from solvers.exchange.lp_writer import lp_text
    from solvers.exchange.mps_writer import mps_text

    changed = replace(model, objective=model.objective * np.array([1.0, 1.5]))
    return (lp_text if suffix == ".lp" else mps_text)(changed, columns, rows, objective)


def test_quadratic_rows_stand_in_both_formats() -> None:
    model = replace(
        build_model(MIN, [1, 1], [(-INF, [0, 1], 4)]),
        quadratic_rows=QuadraticRows(
            row=np.array([0, 0, 0]), first=np.array([0, 0, 1]), second=np.array([0, 1, 0]),
            coefficient=np.array([1.0, 2.0, 1.0]),
        ),
    )  # fmt: skip
    assert " r0: + 1 x1 + [ + 1 x0^2 + 3 x0 * x1 ] <= 4" in write_lp(model).text
    assert "QCMATRIX r0\n x0 x0 1\n x0 x1 1.5\n x1 x0 1.5\n" in write_mps(model).text


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=5) | st.sampled_from(["a", "a_2", "a 2", "a[2]"]), max_size=8))
def test_safe_names_are_distinct_and_safe_ones_stay(names: list[str]) -> None:
    from solvers.exchange.safe_names import RESERVED, safe_names

    safe = safe_names(names, prefix="x", taken=("obj",))
    assert len(set(safe)) == len(names)
    assert all(name.isascii() and name[0].isalpha() and name[0] not in "eE" for name in safe)
    assert not {name.lower() for name in safe} & (RESERVED | {"obj"})
    again = safe_names(safe, prefix="x", taken=("obj",))
    assert again == safe


@both
def test_a_hundred_thousand_entries_are_written_and_read_in_seconds(suffix: str) -> None:
    rng = np.random.default_rng(1)
    columns, rows, each = 2000, 500, 200
    entries = np.concatenate([np.sort(rng.choice(columns, each, replace=False)) for _ in range(rows)])
    model = Model(
        sense=MIN, column_lower=np.zeros(columns), column_upper=np.full(columns, 10.0),
        column_kind=np.zeros(columns, np.uint8), objective=rng.random(columns),
        row_starts=np.arange(rows + 1) * each, row_columns=entries, row_values=rng.random(rows * each),
        row_lower=np.full(rows, 1.0), row_upper=np.full(rows, INF),
    )  # fmt: skip
    again = read_again(WRITERS[suffix](model), suffix)
    assert np.array_equal(again.row_values, model.row_values)
    assert np.array_equal(again.row_columns, model.row_columns)
