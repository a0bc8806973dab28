from __future__ import annotations

import pytest

from solvers.sandbox import explained, resolved
from tests.solvers.sandbox.harvest.claims import confirmed, facts
from tests.solvers.sandbox.harvest.conftest import Guest

START = "import highspy\nimport numpy as np\nhighs = highspy.Highs()\nhighs.silent()\n"


def test_variables_without_names_get_those_under_which_the_program_holds_them(guest: Guest) -> None:
    claimed = guest.claim(
        START
        + """
hours = highs.addVariable(lb=0, ub=4)
make = {("rye", 1): highs.addIntegral(ub=3), ("oat", 2): highs.addIntegral(ub=3)}
named = highs.addVariable(ub=1, name="a name, with [signs]")
highs.addConstr(hours + 2 * make["rye", 1] + make["oat", 2] <= 7.3, name="work hours")
highs.maximize(hours + make["rye", 1] + make["oat", 2] + named + 0.5)
"""
    )
    assert facts(claimed) == ("highspy", "optimal", "maximize", 8.5)
    found = confirmed(claimed)
    assert found.values == {"hours": 4.0, "make[rye,1]": 0.0, "make[oat,2]": 3.0, "a name, with [signs]": 1.0}
    assert found.model.name_of_row(0) == "work hours"


def test_a_model_made_in_a_function_is_remembered(guest: Guest) -> None:
    claimed = guest.claim(
        """
import highspy
def solve():
    h = highspy.Highs()
    x, y = h.addVariable(lb=-2, ub=8), h.addVariable(lb=1)
    h.addConstr(x + y >= 3)
    h.minimize(2 * x + 3 * y)
    return h.getObjectiveValue()
print("cost:", solve())
"""
    )
    assert facts(claimed) == ("highspy", "optimal", "minimize", 7.0)
    assert confirmed(claimed).values == {"x0": 2.0, "x1": 1.0}


def test_rows_passed_as_arrays_and_a_hessian_are_read(guest: Guest) -> None:
    claimed = guest.claim(
        START
        + """
inf = highspy.kHighsInf
lp = highspy.HighsLp()
lp.num_col_, lp.num_row_ = 2, 1
lp.col_cost_ = np.array([-2.0, -6.0])
lp.col_lower_, lp.col_upper_ = np.array([0.0, 0.0]), np.array([inf, inf])
lp.row_lower_, lp.row_upper_ = np.array([-inf]), np.array([2.0])
lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
lp.a_matrix_.start_, lp.a_matrix_.index_ = np.array([0, 2]), np.array([0, 1])
lp.a_matrix_.value_ = np.array([1.0, 1.0])
hessian = highspy.HighsHessian()
hessian.dim_ = 2
hessian.format_ = highspy.HessianFormat.kTriangular
hessian.start_, hessian.index_ = np.array([0, 2, 3]), np.array([0, 1, 1])
hessian.value_ = np.array([1.0, -1.0, 2.0])
model = highspy.HighsModel()
model.lp_, model.hessian_ = lp, hessian
highs.passModel(model)
highs.run()
"""
    )
    assert claimed.objective == pytest.approx(-8.4, abs=1e-5)
    assert resolved(claimed).solution.objective == pytest.approx(-8.4, abs=1e-5)


@pytest.mark.parametrize(
    ("bounds", "least", "statuses", "told"),
    [
        ("ub=2", 3, {"infeasible"}, "These exclude each other: `x + y >= 9` (least); `x <= 2`; `y <= 3`."),
        ("", -3, {"unbounded", "infeasible_or_unbounded"},
         "The objective can improve without end. These run away: x (up)."),
    ],
)  # fmt: skip
def test_models_without_an_optimum_are_explained(
    guest: Guest, bounds: str, least: int, statuses: set[str], told: str
) -> None:
    claimed = guest.claim(
        START
        + f"""
x = highs.addVariable({bounds})
y = highs.addVariable(ub=3)
highs.addConstr(x + y >= {3 * least}, name="least")
highs.maximize(x)
"""
    )
    assert claimed.status in statuses
    assert (claimed.objective, claimed.values) == (None, {})
    assert " ".join(explained(confirmed(claimed))) == told


def test_a_time_limit_with_an_incumbent_claims_no_optimum(guest: Guest) -> None:
    claimed = guest.claim(
        START
        + """
rng = np.random.default_rng(3)
x = [highs.addBinary() for _ in range(60)]
for _ in range(30):
    weights = rng.integers(10, 99, 60)
    highs.addConstr(sum(int(w) * v for w, v in zip(weights, x)) <= int(weights.sum()) // 3)
highs.setOptionValue("time_limit", 0.3)
highs.maximize(sum(int(c) * v for c, v in zip(rng.integers(10, 99, 60), x)))
"""
    )
    assert (claimed.status, len(claimed.values)) == ("feasible", 60)
    assert claimed.model is not None


def test_a_semi_continuous_variable_says_why_there_is_no_model(guest: Guest) -> None:
    claimed = guest.claim(
        START
        + """
x = highs.addVariable(lb=2, ub=8, type=highspy.HighsVarType.kSemiContinuous)
highs.addConstr(x >= 1)
highs.minimize(x)
"""
    )
    assert (claimed.status, claimed.objective, claimed.model) == ("optimal", 2.0, None)
    assert claimed.why_no_model == "x is semi-continuous, which stands in no file of rows."
