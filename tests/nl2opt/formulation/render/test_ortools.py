"""OR-Tools programs: CP-SAT where all is whole, else MathOpt."""

from __future__ import annotations

import itertools

import pytest

from nl2opt import Formulation, FormulationError
from tests.nl2opt.formulation.constructs.test_constructs import JOBS, LOGICAL, with_demands
from tests.nl2opt.formulation.render.demands import CASES, FREE, STARTS, WHOLE, formulation
from tests.nl2opt.formulation.render.running import outcome_of_solving, outcomes_of_programs
from tests.nl2opt.formulation.render.test_scip import EXACT

OBJECTIVE = {"sense": "maximize", "expression": "3 * x + 2 * y + 4 * b"}
SMOOTH = {"cone", "functions", "quotient", "power of a variable", "largest of products", "cosine"}
SIZE = {"name": "size", "index": ["J"], "value": [2, 3, 4]}
ARCS = {"name": "ARCS", "elements": [[i, j] for i in "pqrs" for j in "pqrs" if i != j]}
LENGTH = {
    "name": "length",
    "index": ["ARCS"],
    "value": {f"{i},{j}": 3 + (ord(i) * 7 + ord(j) * 5) % 11 for i, j in ARCS["elements"]},
}
USE = {"name": "use", "index": ["ARCS"], "domain": "binary"}
END = {"name": "end", "domain": "integer", "lower": 0, "upper": 40}
QUEEN = {"name": "row", "index": ["C"], "domain": "integer", "lower": 1, "upper": 6}
CONSTRAINT_CASES = {
    "job shop": formulation(
        "end", "no_overlap((start[j], size[j]) for j in J)", "end >= start[j] + size[j] for j in J",
        sets=[JOBS], parameters=[SIZE], variables=[STARTS[0], END],
    ),
    "sizes of choice": formulation(
        "end - sum(long[j] for j in J)", "no_overlap((start[j], long[j]) for j in J)",
        "end >= start[j] + long[j] for j in J", sets=[JOBS],
        variables=[STARTS[0], END, {"name": "long", "index": ["J"], "domain": "integer", "lower": 1, "upper": 4}],
    ),
    "capacity": formulation(
        "end", "cumulative(((start[j], size[j], ord(J, j)) for j in J), 3)", "end >= start[j] + size[j] for j in J",
        sets=[JOBS], parameters=[SIZE], variables=[STARTS[0], END],
    ),
    "tour": formulation(
        "sum(length[a] * use[a] for a in ARCS)", "circuit((i, j, use[i, j]) for (i, j) in ARCS)",
        sets=[ARCS], parameters=[LENGTH], variables=[USE],
    ),
    "queens": formulation(
        "row[1] + 2 * row[2]", "all_different(row[c] for c in C)", "all_different(row[c] + c for c in C)",
        "all_different(row[c] - c for c in C)", sets=[{"name": "C", "elements": [1, 2, 3, 4, 5, 6]}], variables=[QUEEN],
    ),
    "fractions": formulation(
        "0.1 * x - 0.25 * y + z / 4", "0.1 * x + 0.2 * y == 0.3", "x / 5 + z <= 7 / 3", variables=WHOLE
    ),
    "sides that are no decimals": formulation("x - y", "1000 * x + z >= 4000 / 3", "y <= 10 / 3", variables=WHOLE),
    "equation that no whole numbers meet": formulation("x", "2 * x + y == 1 / 3", variables=WHOLE),
    "numbers that Python writes as floats": formulation(
        "x", "big * x >= 2 * big", "10**15 * (y + x) >= 3 * 10**15", "-y >= -0.5",
        parameters=[{"name": "big", "value": 1e15}], variables=WHOLE,
    ),
    "bounds that follow from rows": formulation(
        "end", "cumulative(((start[j], size[j], 2) for j in J), 3)", "end >= start[j] + size[j] for j in J",
        "end <= 30", sets=[JOBS], parameters=[SIZE],
        variables=[{**STARTS[0], "upper": None}, {**END, "lower": "-inf", "upper": None}],
    ),
    "sizes and needs that might be negative": formulation(
        "end", "cumulative([(x, long, need), (y, 3, 2)], 3)", "end >= x + long", "end >= y + 3", "long >= 2",
        "need >= 2",
        variables=[*WHOLE, END, {**END, "name": "long", "lower": -2}, {**END, "name": "need", "lower": -1}],
    ),
    "starts that are sums": formulation(
        "end", "no_overlap([(x + y, 2), (z, x - z + 4), (x - y, 1)])", "end >= x + y + 2", "end >= x + 4",
        variables=[*WHOLE, END],
    ),
    "two loops at one node": formulation(
        "a + 2 * b", "circuit([('p', 'q', u), ('q', 'p', w), ('r', 'r', a), ('r', 'r', b)])",
        variables=[{"name": name, "domain": "binary"} for name in "uwab"], sense="maximize",
    ),
    "circuits without arcs": formulation(
        "sum(use[a] for a in ARCS)", "circuit((i, j, use[i, j]) for (i, j) in ARCS if t > 1) for t in [1, 2]",
        sets=[ARCS], variables=[USE],
    ),
    "products of whole numbers": formulation("x * y - z**2", "x * y + z >= 3", "x + y <= 6", variables=WHOLE),
    "largest and smallest": formulation(
        "max(x, y, z) - min(x, y) + abs(x - z)", "x + y + z >= 8", "abs(x - y) >= 2", variables=WHOLE
    ),
    "fractional largest": formulation("max(0.5 * x, y - 1)", "x + y + z >= 8", "z <= 2", variables=WHOLE),
    "no objective counts": formulation("3.5 + 0 * x", "x >= 2", variables=WHOLE),
}  # fmt: skip


def test_conditions_and_alternatives_reach_the_optimum_of_enumeration() -> None:
    cases = [Formulation.from_dict({**with_demands(text), "objective": OBJECTIVE}) for text in LOGICAL]
    outcomes = outcomes_of_programs(cases, "ortools")
    for (text, allows), found in zip(LOGICAL.items(), outcomes, strict=True):
        points = [point for point in itertools.product((0, 1), range(7), range(7)) if allows(*point)]
        assert found == ("optimal", pytest.approx(max(3 * x + 2 * y + 4 * b for b, x, y in points), abs=1e-6)), text


def test_constraint_programs_reach_the_optimum_of_the_direct_way() -> None:
    assert_agree(CONSTRAINT_CASES)
    for name, case in CONSTRAINT_CASES.items():
        assert ("cp_model" in case.to_program("ortools")) == (name != "fractional largest")


def test_programs_are_exact_where_numbers_make_it_hard() -> None:
    refused = {"piecewise of a product", "condition on what is curved", "curved without end", "product over a set"}
    refused |= {"cone of a known radius", "cone whose tip is all there is"}
    assert_agree({name: case for name, case in EXACT.items() if name not in refused})
    for name in refused:
        with pytest.raises(FormulationError, match="ortools"):
            EXACT[name].to_program("ortools")


MATHOPT_CASES = {
    "coefficients that are no decimals": formulation("x + y", "x / 3 + y / 3 >= 1", variables=WHOLE),
    "equation that is no decimal": formulation("x", "x / 7 + y / 7 == 1", variables=WHOLE),
    "products beyond 64 bits": formulation(
        "x * y - x", "x + y >= 5", variables=[{**WHOLE[0], "upper": 10**12}, {**WHOLE[1], "upper": 10**12}]
    ),
    "largest that is to be large": formulation("max(0.5 * x, y, 1.5) - y", sense="maximize", variables=WHOLE),
    "smallest of two": formulation("min(x, 2 * y) + abs(x - y)", "x - y <= 3", variables=FREE),
    "sizes that might be negative": formulation(
        "y + 2 * long - x",
        "no_overlap([(x, long), (y, 1.5)])",
        "y >= 1",
        "long <= 2",
        variables=[*FREE, {**FREE[0], "name": "long"}],
    ),
    "without end": formulation("x", sense="maximize", variables=[{"name": "x", "domain": "continuous"}]),
    "without end, and nothing is feasible": formulation(
        "x", "y >= 11", sense="maximize", variables=[{"name": "x", "domain": "continuous"}, FREE[1]]
    ),
}


def test_programs_in_mathopt_reach_the_optimum_of_the_direct_way() -> None:
    assert_agree({name: case for name, case in CASES.items() if name not in SMOOTH})
    assert_agree(MATHOPT_CASES)
    assert all("mathopt" in case.to_program("ortools") for case in MATHOPT_CASES.values())


@pytest.mark.parametrize(
    ("case", "message", "mend"),
    [
        (
            formulation("x", "implies(b == 1, x * x <= 20)", variables=[*FREE, {"name": "b", "domain": "binary"}]),
            "under a condition", "Render it to pyscipopt.",
        ),
        (
            formulation("x", "either(x * y <= 2, x >= 3)", variables=FREE),
            "under a condition", "Render it to pyscipopt.",
        ),
        (formulation("x", "cumulative([(x, 2, 1), (y, 2, 1)], 1)", variables=FREE), "cumulative", "integer"),
        (
            formulation("x", "cumulative([(x, 2.5, 1), (y, 2, 1)], 1)", variables=WHOLE),
            "fractional numbers", "unit in which all numbers are whole",
        ),
    ],
)  # fmt: skip
def test_refusals_say_what_would_help(case: Formulation, message: str, mend: str) -> None:
    with pytest.raises(FormulationError, match=message) as caught:
        case.to_program("ortools")
    assert [finding.code for finding in caught.value.findings] == ["not_in_ortools"]
    assert mend in caught.value.findings[0].mend


def assert_agree(cases: dict[str, Formulation]) -> None:
    outcomes = outcomes_of_programs(list(cases.values()), "ortools")
    for (name, case), found in zip(cases.items(), outcomes, strict=True):
        status, optimum = outcome_of_solving(case)
        number = None if optimum is None else pytest.approx(optimum, rel=1e-5, abs=1e-5)
        assert found == (status, number), f"{name}\n{case.to_program('ortools')}"


@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_what_ortools_cannot_say_names_the_library_that_can(name: str) -> None:
    with pytest.raises(FormulationError) as caught:
        CASES[name].to_program("ortools")
    assert {finding.code for finding in caught.value.findings} == {"not_in_ortools"}
    assert {finding.mend for finding in caught.value.findings} == {"Render it to pyscipopt."}


def test_lists_of_objectives_keep_what_the_earlier_ones_reached() -> None:
    objectives = [
        {"name": "most", "sense": "maximize", "expression": "0.5 * x + y", "priority": 2, "tolerance": 0.1},
        {"name": "least", "sense": "minimize", "expression": "y + 0.25 * z", "priority": 1},
    ]
    rows = [{"name": "room", "expression": "x + y <= 7"}, {"name": "rest", "expression": "z >= y - 2"}]
    several = Formulation.from_dict({"variables": WHOLE, "objective": objectives, "constraints": rows})
    (found,) = outcomes_of_programs([several], "ortools")
    assert found == ("optimal", pytest.approx(several.solve().stage_objectives[0]))


def test_lists_of_objectives_hold_optima_that_are_no_decimals() -> None:
    objectives = [
        {"sense": "minimize", "expression": "(x + y) / 4 + 1 / 3", "priority": 2},
        {"sense": "maximize", "expression": "y - x", "priority": 1},
    ]
    rows = [{"name": "least", "expression": "x + y >= 3"}]
    several = Formulation.from_dict({"variables": WHOLE, "objective": objectives, "constraints": rows})
    assert "cp_model" in several.to_program("ortools")
    assert outcomes_of_programs([several], "ortools") == [("optimal", pytest.approx(3 / 4 + 1 / 3))]


def test_free_variables_in_products_are_refused_since_scip_would_not_end() -> None:
    free = [{"name": name, "domain": "continuous", "lower": "-inf"} for name in "xy"]
    with pytest.raises(FormulationError, match="neither a lower nor an upper bound"):
        formulation("x**2 - y", "x + y <= 3", variables=free).to_program("ortools")


def test_program_reads_like_one_that_a_person_writes() -> None:
    program = CONSTRAINT_CASES["job shop"].to_program("ortools")
    assert 'start = {j: model.new_int_var(0, 12, f"start[{j!r}]") for j in J}' in program
    assert "no_overlap([(start[j], size[j]) for j in J])" in program
    linear = formulation("2 * x + y", "x + y <= 4", sense="maximize", variables=FREE).to_program("ortools")
    assert "model.add_linear_constraint(x + y <= 4)" in linear
    assert "SolverType.GLOP" in linear
