from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt import Formulation, import_model
from nl2opt.formulation.exchange import importing
from solvers import ExchangeError
from tests.nl2opt.formulation.render.strategies import indexed_formulations, scalar_formulations
from tests.nl2opt.formulation.test_gallery import GALLERY, expected_optimum, formulation_named

SHIPPING = """\\ one truck for each pair
Minimize
 cost: 4 ship(a,1) + 5 ship(a,2) + 3 ship(b,1) + 2 ship(b,2) + fixed cost_1 + 7
Subject To
 supply(a): ship(a,1) + ship(a,2) <= 20
 class: 5 <= ship(b,1) + ship(b,2) <= 30
 demand(1): ship(a,1) + ship(b,1) >= 12
 demand(2): ship(a,2) + ship(b,2) >= 15
 link: fixed - 0.5 ship(a,1) >= 0
Bounds
 ship(a,1) <= 10
 ship(a,2) <= 11
 ship(b,1) <= 12
 ship(b,2) <= 13
 -3 <= level <= 4
General
 fixed
End
"""


def imported(folder: Path, text: str, name: str = "old.lp") -> Formulation:
    (folder / name).write_text(text)
    return import_model(folder / name)


def takes_one_file(name: str) -> bool:
    return GALLERY[name]["status"] == "optimal" and not isinstance(formulation_named(name).objective, list)


@pytest.mark.parametrize("suffix", ["lp", "mps"])
def test_the_gallery_keeps_its_optima_through_a_file(tmp_path: Path, suffix: str) -> None:
    names = [name for name in GALLERY if takes_one_file(name)]
    assert len(names) > 15
    for name in names:
        formulation = formulation_named(name)
        text = formulation.to_lp() if suffix == "lp" else formulation.to_mps()
        again = imported(tmp_path, text, f"{name}.{suffix}")
        assert not [finding for finding in again.check() if finding.is_error]
        assert again.solve().objective == expected_optimum(name), name


def test_columns_with_indices_become_families_with_their_sets_and_bounds(tmp_path: Path) -> None:
    formulation = imported(tmp_path, SHIPPING.replace("fixed cost_1", "fixed"))
    ship, fixed, level = formulation.variables
    assert (ship.name, ship.index, ship.upper, ship.as_) == (
        "ship", ["SHIP_1_SET", "SHIP_2_SET"], "ship_upper[i, j]", ["i", "j"]
    )  # fmt: skip
    assert [one.elements for one in formulation.sets] == [["a", "b"], [1, 2]]
    assert formulation.parameters[0].value == {"a,1": 10, "a,2": 11, "b,1": 12, "b,2": 13}
    assert (fixed.domain, fixed.lower, fixed.upper) == ("integer", 0, None)
    assert (level.lower, level.upper) == (-3, 4)
    assert formulation.constraints[1].name == "r_class"
    assert formulation.constraints[1].description == "`class` in the file"
    assert formulation.constraints[1].expression == "5 <= ship['b', 1] + ship['b', 2] <= 30"
    assert formulation.objectives[0].expression == (
        "sum(ship_weight[i, j] * ship[i, j] for i in SHIP_1_SET for j in SHIP_2_SET) + fixed + 7"
    )
    assert formulation.solve().objective == pytest.approx(4 * 0 + 3 * 12 + 2 * 13 + 5 * 2 + 7)


def test_a_family_with_gaps_runs_over_the_pairs_that_are_there(tmp_path: Path) -> None:
    text = "min\n o: x[a,b] + x[b,c]\nst\n c: x[a,b] + x[b,c] >= 1\nend\n"
    formulation = imported(tmp_path, text)
    assert formulation.sets[0].elements == [["a", "b"], ["b", "c"]]
    assert formulation.variables[0].index == ["X_SET"]
    assert formulation.solve().objective == 1.0


def test_equal_costs_of_a_family_are_written_once(tmp_path: Path) -> None:
    names = [f"x({a},{b})" for a, b in ((1, 2), (1, 3), (2, 3))]
    text = f"max\n o: y - {' - '.join(f'1.5 {name}' for name in names)}\nst\n c: y - {' - '.join(names)} <= 3\nend\n"
    formulation = imported(tmp_path, text)
    assert formulation.objectives[0].expression == "-1.5 * sum(x[i, j] for (i, j) in X_SET) + y"
    assert formulation.solve().objective == 3.0


@settings(max_examples=20, deadline=None)
@given(formulation=st.one_of(scalar_formulations(), indexed_formulations()), suffix=st.sampled_from(["lp", "mps"]))
def test_random_formulations_keep_their_optimum_through_a_file(formulation: Formulation, suffix: str) -> None:
    if any(finding.is_error for finding in formulation.check()):
        return
    try:
        text = formulation.to_lp() if suffix == "lp" else formulation.to_mps()
    except ExchangeError as error:
        assert "asks for infinity" in str(error)  # noqa: PT017
        return
    with tempfile.TemporaryDirectory() as folder:
        again = imported(Path(folder), text, f"plan.{suffix}")
    before, after = formulation.solve(), again.solve()
    assert before.termination is after.termination
    if before.objective is not None:
        assert after.objective == pytest.approx(before.objective, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    "columns",
    [
        ("x[1]", "x[1,2]"),  # two arities
        ("x[1]", "x"),  # a scalar of that name
        ("x[1]", "x(1)"),  # one element in two spellings
        ("x[1]", "y[1]"),  # one member each
        ("x{1}", "x{2}"),
    ],
)
def test_what_is_no_family_beyond_doubt_stays_scalar(tmp_path: Path, columns: tuple[str, str]) -> None:
    first, second = columns
    formulation = imported(tmp_path, f"min\n o: {first} + {second}\nst\n c: {first} + 2 {second} >= 2\nend\n")
    assert not formulation.sets
    assert len({variable.name for variable in formulation.variables}) == 2
    assert formulation.solve().objective == 1.0


def test_members_of_different_domains_stay_scalar(tmp_path: Path) -> None:
    text = "min\n o: x[1] + x[2]\nst\n c: x[1] + x[2] >= 1.5\ngeneral\n x[1]\nend\n"
    formulation = imported(tmp_path, text)
    assert [(v.name, v.domain, v.description) for v in formulation.variables] == [
        ("x_1", "integer", "`x[1]` in the file"), ("x_2", "continuous", "`x[2]` in the file")
    ]  # fmt: skip


def test_names_that_mean_something_in_expressions_are_changed(tmp_path: Path) -> None:
    text = "min\n o: sum + lambda + x!y + x#y + inf_\nst\n sum: sum + lambda + x!y + x#y >= 2\n x_y: inf_ >= 1\nend\n"
    formulation = imported(tmp_path, text)
    assert [variable.name for variable in formulation.variables] == ["x_sum", "x_lambda", "x_y", "x_y_2", "x_inf"]
    assert [constraint.name for constraint in formulation.constraints] == ["r_sum", "x_y_3"]
    assert formulation.solve().objective == 3.0


def test_what_the_file_leaves_open_is_an_assumption(tmp_path: Path) -> None:
    text = "NAME plan\nROWS\n N cost\n G r\nCOLUMNS\n M 'MARKER' 'INTORG'\n x cost -1 r 1\nRHS\nENDATA\n"
    formulation = imported(tmp_path, text, "old.mps")
    assert (formulation.title, formulation.variables[0].upper) == ("plan", 1)
    assert [a.text for a in formulation.assumptions] == [
        "Integer columns without bounds in the file lie within 0 and 1, as MPS has it: x."
    ]


def test_quadratic_terms_and_empty_rows_are_taken_over(tmp_path: Path) -> None:
    text = "min\n o: x + [ 2 x^2 - 2 x * y + 2 y^2 ] / 2\nst\n c: x + [ x * y ] <= 3\n d: 0 x <= 4\nend\n"
    formulation = imported(tmp_path, text)
    assert formulation.objectives[0].expression == "x + x ** 2 - x * y + y ** 2"
    assert [constraint.expression for constraint in formulation.constraints] == ["x + x * y <= 3", "0 <= 4"]


def test_no_objective_becomes_none(tmp_path: Path) -> None:
    assert imported(tmp_path, "min\n o:\nst\n c: x >= 1\nend\n").objective is None


def test_what_is_too_large_says_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MAX_ELEMENTS", 7)
    with pytest.raises(ExchangeError, match=r"the model has 5 rows, 6 columns and 10 coefficients. A formulation"):
        imported(tmp_path, SHIPPING.replace("fixed cost_1", "fixed"))
    monkeypatch.setattr(importing, "MAX_ELEMENTS", 50_000)
    monkeypatch.setattr(importing, "MAX_EXPRESSION_CHARACTERS", 40)
    with pytest.raises(ExchangeError, match="the objective is too long for an expression"):
        imported(tmp_path, SHIPPING.replace("fixed cost_1", "fixed"))


def test_faults_of_the_file_are_those_of_the_reader(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="line 3: a sign or a comparison is missing before `cost_1`"):
        imported(tmp_path, SHIPPING)
    with pytest.raises(ExchangeError, match=r"There is no file"):
        import_model(tmp_path / "missing.mps")
    with pytest.raises(ExchangeError, match="the model has no columns"):
        imported(tmp_path, "NAME\nROWS\n N o\nCOLUMNS\nRHS\nENDATA\n", "old.mps")
