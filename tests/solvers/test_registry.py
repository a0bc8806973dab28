from dataclasses import replace

import numpy as np
import pytest

from solvers import (
    BACK_ENDS,
    AffineColumns,
    AllDifferent,
    Cones,
    Feature,
    Model,
    QuadraticRows,
    UnknownSolverError,
    UnsupportedModelError,
    choose,
    features_of,
    registry,
)
from solvers.refusals import Refusal, no_solver
from tests.solvers.cases import INTEGER, MIN, SOLVED, build_model

LINEAR = SOLVED["lp_max"].model
INTEGER_LINEAR = SOLVED["integer"].model
QUADRATIC = SOLVED["quadratic_min"].model
INTEGER_QUADRATIC = build_model(MIN, [1], kinds=INTEGER, products=[(0, 0, 1)])
NAMES = ", ".join(["auto", *(back_end.name for back_end in BACK_ENDS)])
ZERO = np.array([0])
QUADRATIC_ROWS = replace(
    LINEAR, quadratic_rows=QuadraticRows(row=ZERO, first=ZERO, second=ZERO, coefficient=np.array([1.0]))
)
TWO = AffineColumns(column=np.array([0, 1]), coefficient=np.ones(2), offset=np.zeros(2))
HOPELESS = replace(
    QUADRATIC_ROWS,
    column_lower=np.full(2, -np.inf),
    column_upper=np.full(2, np.inf),
    global_constraints=(AllDifferent(members=TWO),),
)
CONES = replace(LINEAR, cones=Cones(starts=np.array([0, 2]), columns=np.array([0, 1])))


@pytest.mark.parametrize(
    ("model", "features"),
    [
        (LINEAR, {Feature.CONTINUOUS}),
        (INTEGER_LINEAR, {Feature.INTEGER}),
        (QUADRATIC, {Feature.CONTINUOUS, Feature.QUADRATIC_OBJECTIVE}),
        (INTEGER_QUADRATIC, {Feature.INTEGER, Feature.QUADRATIC_OBJECTIVE, Feature.INTEGER_QUADRATIC}),
        (QUADRATIC_ROWS, {Feature.CONTINUOUS, Feature.QUADRATIC_ROWS}),
        (CONES, {Feature.CONTINUOUS, Feature.CONE}),
    ],
)
def test_the_features_of_a_model_are_seen(model: Model, features: set[Feature]) -> None:
    assert features_of(model) == features


@pytest.mark.parametrize("model", [LINEAR, INTEGER_LINEAR, QUADRATIC])
@pytest.mark.parametrize("solver", ["auto", "Auto", "highs", "HiGHS"])
def test_highs_takes_linear_integer_and_quadratic_models(model: Model, solver: str) -> None:
    assert choose(model, solver).back_end.name == "highs"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (INTEGER_QUADRATIC, "integer columns together with quadratic terms"),
    ],
)
def test_what_highs_lacks_is_named_and_another_solver_is_chosen(model: Model, reason: str) -> None:
    assert choose(model).back_end.name == "scip"
    assert "SCIP" in choose(model).reason
    with pytest.raises(UnsupportedModelError, match=f"^highs does not take {reason}. SCIP takes it.$"):
        choose(model, "highs")


def test_a_model_that_no_solver_takes_is_refused_with_the_constraint_and_the_mend() -> None:
    # Columns that need not be whole differ as soon as one is a hair off.
    with pytest.raises(UnsupportedModelError) as caught:
        choose(HOPELESS)
    assert str(caught.value) == (
        "No installed solver takes this model. Clarabel and SCIP lack global constraints (`all_different`). "
        "all_different cannot be written as linear rows: x0 need not be whole. Make it an integer variable."
    )


def test_what_solvers_lack_is_named_with_its_columns_where_nothing_can_be_written() -> None:
    model = replace(INTEGER_QUADRATIC, column_lower=np.array([-np.inf]))
    refusals = [
        Refusal(title="One", missing=frozenset((Feature.CONE,)) | {Feature.NONLINEAR, Feature.INTEGER}, reason=""),
        Refusal(title="Two", missing=frozenset((Feature.INTEGER,)), reason=""),
        Refusal(title="Three", missing=frozenset((Feature.INTEGER,)), reason=""),
    ]
    assert no_solver(model, refusals) == (
        "No installed solver takes this model. Two and Three lack integer columns (`x0`). Without that, Two and Three "
        "take it."
    )


def test_a_solver_that_is_not_installed_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "is_installed", lambda back_end: back_end.name not in ("scip", "clarabel"))
    with pytest.raises(UnsupportedModelError) as caught:
        choose(QUADRATIC_ROWS)
    said = (
        "No installed solver takes this model. Clarabel is not installed. Install it with: pip install clarabel ; SCIP"
    )
    assert str(caught.value).startswith(said)
    with pytest.raises(UnsupportedModelError, match="CP-SAT needs a lower bound for `x0`"):
        choose(replace(INTEGER_QUADRATIC, column_lower=np.array([-np.inf])))


@pytest.mark.parametrize("model", [QUADRATIC_ROWS, CONES])
def test_clarabel_takes_convex_quadratic_rows_and_cones(model: Model) -> None:
    assert choose(model).back_end.name == "clarabel"
    with pytest.raises(UnsupportedModelError, match=r"^highs does not take"):
        choose(model, "highs")


def test_a_solver_of_local_optima_is_chosen_by_nobody_but_a_person() -> None:
    assert choose(LINEAR, "ipopt").back_end.name == "ipopt"
    assert not choose(LINEAR, "ipopt").back_end.is_chosen


@pytest.mark.parametrize(
    ("name", "hint"), [("higs", " Did you mean `highs`?"), ("autos", " Did you mean `auto`?"), ("gurobi", "")]
)
def test_an_unknown_solver_is_refused_with_the_names_there_are(name: str, hint: str) -> None:
    with pytest.raises(UnknownSolverError) as caught:
        choose(LINEAR, name)
    assert str(caught.value) == f"There is no solver `{name}`; there are: {NAMES}.{hint}"


def test_the_names_of_back_ends_are_lower_case_and_differ() -> None:
    names = [back_end.name for back_end in BACK_ENDS]
    assert sorted(names) == sorted({name.lower() for name in names})
    assert names[0] == "highs"
