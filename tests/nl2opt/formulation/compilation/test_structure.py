from __future__ import annotations

import random
import time
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt import Formulation
from nl2opt.errors import FormulationError
from nl2opt.formulation.compilation.compiler import compile_formulation
from nl2opt.formulation.compilation.structure import model_structure_hash
from solvers import Kind, Model, Sense
from tests.nl2opt.formulation.formulations import WORKSHOP, Content, N, X, changed, with_rows
from tests.nl2opt.formulation.render.strategies import indexed_formulations

OPERATORS = ("<=", ">=", "==")
COEFFICIENTS = st.sampled_from([-3.0, -1.0, 0.5, 1.0, 2.0, 1 / 3, 1e-4])


@dataclass(frozen=True)
class Column:
    domain: str
    lower: float
    upper: float
    cost: float


@dataclass(frozen=True)
class Row:
    coefficients: tuple[float, ...]
    operator: str
    side: float


@dataclass(frozen=True)
class Plan:
    """A model before it gets names, an order and a scale."""

    sense: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    constant: float

    def formulation(self, draw: random.Random | None = None) -> Formulation:
        """Write it; with `draw`, under other names, in another order, rows scaled and turned."""
        places, rows = list(range(len(self.columns))), list(self.rows)
        if draw is not None:
            draw.shuffle(places)
            draw.shuffle(rows)
        names = [f"{'y' if draw else 'x'}{place}" for place in range(len(places))]
        return Formulation.from_dict({
            "title": "" if draw is None else "other",
            "variables": [
                {"name": names[p], "domain": self.columns[p].domain, "lower": self.columns[p].lower,
                 "upper": self.columns[p].upper}
                for p in places
            ],
            "objective": {
                "sense": self.sense, "expression": _sum([c.cost for c in self.columns], names, self.constant)
            },
            "constraints": [
                {"name": f"row{n}", "expression": _row(row, names, draw)} for n, row in enumerate(rows)
            ],
        })  # fmt: skip


def _sum(coefficients: list[float], names: list[str], constant: float = 0.0) -> str:
    return " + ".join(f"{c!r} * {name}" for c, name in zip(coefficients, names, strict=True)) + f" + {constant!r}"


def _row(row: Row, names: list[str], draw: random.Random | None) -> str:
    factor = draw.choice([1.0, 3.0, 0.1, -1.0, -7.0]) if draw else 1.0
    operator = {"<=": ">=", ">=": "<="}.get(row.operator, row.operator) if factor < 0 else row.operator
    return f"{_sum([factor * c for c in row.coefficients], names)} {operator} {factor * row.side!r}"


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    n = draw(st.integers(2, 4))
    columns = tuple(
        Column(
            draw(st.sampled_from(["continuous", "integer"])),
            draw(st.sampled_from([-2.0, 0.0, 1.0])),
            draw(st.sampled_from([3.0, 8.0])),
            draw(st.sampled_from([1.0, 2.0, 0.25])),
        )
        for _ in range(n)
    )
    rows = tuple(
        Row(
            tuple(draw(COEFFICIENTS) for _ in range(n)),
            draw(st.sampled_from(OPERATORS)),
            draw(st.sampled_from([0.0, 5.0])),
        )
        for _ in range(draw(st.integers(1, 4)))
    )
    return Plan(draw(st.sampled_from(["minimize", "maximize"])), columns, rows, draw(st.sampled_from([0.0, 4.0])))


@given(plans(), st.integers(0, 10**6))
@settings(max_examples=50)
def test_names_order_and_the_scale_of_rows_do_not_count(plan: Plan, seed: int) -> None:
    assert plan.formulation(random.Random(seed)).structure_hash() == plan.formulation().structure_hash()


@given(plans(), st.data())
@settings(max_examples=50)
def test_any_one_number_domain_or_sense_counts(plan: Plan, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(plan.columns) - 1))
    number = data.draw(st.integers(0, len(plan.rows) - 1))
    column, row = plan.columns[place], plan.rows[number]
    others = {
        "sense": replace(plan, sense="minimize" if plan.sense == "maximize" else "maximize"),
        "constant": replace(plan, constant=plan.constant + 0.37),
    }
    for name, new in (
        ("domain", "integer" if column.domain == "continuous" else "continuous"),
        ("lower", column.lower - 0.37),
        ("upper", column.upper + 0.37),
        ("cost", column.cost * 1.37),
    ):
        columns = [*plan.columns]
        columns[place] = replace(column, **{name: new})
        others[name] = replace(plan, columns=tuple(columns))
    coefficients = [*row.coefficients]
    coefficients[place] *= 1.37
    operator = {"<=": ">=", ">=": "==", "==": "<="}[row.operator]
    for name, new_row in (
        ("coefficient", replace(row, coefficients=tuple(coefficients))),
        ("side", replace(row, side=row.side + 0.37)),
        ("operator", replace(row, operator=operator, side=row.side + 0.37)),
    ):
        rows = [*plan.rows]
        rows[number] = new_row
        others[name] = replace(plan, rows=tuple(rows))
    others["row left out"] = replace(plan, rows=plan.rows[:-1])
    hashes = {name: other.formulation().structure_hash() for name, other in others.items()}
    same = [name for name, found in hashes.items() if found == plan.formulation().structure_hash()]
    assert same == []


@given(indexed_formulations())
@settings(max_examples=20)
def test_a_formulation_has_one_hash(formulation: Formulation) -> None:
    found = formulation.structure_hash()
    assert found == Formulation.from_json(formulation.to_json()).structure_hash()
    assert len(found) == 64
    back = formulation.model_copy(
        update={"variables": formulation.variables[::-1], "constraints": formulation.constraints[::-1]}
    )
    assert back.structure_hash() == found


def of(content: Content) -> str:
    return Formulation.from_dict(content).structure_hash()


BOUNDED: Content = {**X, "upper": 5}
FREE: Content = {**X, "lower": "-inf"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (with_rows("x <= 5"), with_rows(variables=[BOUNDED, N])),
        (with_rows("10 >= 2 * x", "x <= 7"), with_rows(variables=[BOUNDED, N])),
        (with_rows("x >= 0", variables=[FREE, N]), with_rows()),
        (with_rows("-2 * x <= 0", variables=[FREE, N]), with_rows()),
        (with_rows("x + n == 3"), with_rows("x + n <= 3", "x + n >= 3")),
        (with_rows("1 <= x + n <= 3"), with_rows("-x - n >= -3", "2 * x + 2 * n >= 2")),
        (with_rows("0 * x <= 3"), with_rows()),
        (with_rows("x * n <= 3"), with_rows("2 * n * x - x <= 6 - x")),
        (with_rows(objective="x ** 2 - n"), with_rows(objective="x * x - n + 0 * x * n")),
        (with_rows("x - n == 0"), with_rows("n - x == 0")),
        (
            with_rows(variables=[{"name": "b", "domain": "binary"}]),
            with_rows(variables=[{"name": "b", "domain": "integer", "lower": 0, "upper": 1}]),
        ),
        (
            with_rows(variables=[X], objective="x"),
            with_rows(variables=[X]) | {"objective": {"sense": "maximize", "expression": "-x"}},
        ),
    ],
)
def test_what_demands_the_same_has_one_hash(one: Content, other: Content) -> None:
    assert of(one) == of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (with_rows("x * n <= 3"), with_rows("x * x <= 3")),
        (with_rows("x * n <= 3"), with_rows("x * n <= 4")),
        (with_rows("x * n + x <= 3"), with_rows("x * n + 2 * x <= 3")),
        (with_rows(objective="x * n"), with_rows(objective="2 * x * n")),
        (with_rows(objective="x * n"), with_rows(objective="n * n")),
        (with_rows(objective="x"), with_rows(objective="2 * x")),
        (with_rows("x + n <= 3"), with_rows("x + n <= 3", "0 >= 1")),
        (with_rows("x + n <= 3"), with_rows("x + n <= 3.00000003")),
        (with_rows(variables=[X]), with_rows(variables=[X, {**X, "name": "y"}])),
        (with_rows("x <= 5"), with_rows("x <= 5", variables=[{**X, "upper": 4}, N])),
    ],
)
def test_what_demands_something_else_has_another(one: Content, other: Content) -> None:
    assert of(one) != of(other)


def test_which_columns_meet_in_which_rows_counts() -> None:
    """Two paths of three edges, and one edge with a path of five, have the same degrees."""
    names = "abcdefgh"
    variables = [{"name": name, "domain": "binary"} for name in names]

    def graph(*edges: str) -> str:
        return of(with_rows(*(f"{a} + {b} <= 1" for a, b in edges), variables=variables))

    assert graph("ab", "bc", "cd", "ef", "fg", "gh") != graph("ab", "cd", "de", "ef", "fg", "gh")
    assert graph("ab", "bc", "cd", "ef", "fg", "gh") == graph("ha", "af", "fc", "bd", "de", "eg")


def test_both_writing_styles_have_one_hash() -> None:
    scalar = {
        "variables": [{**N, "name": "chair"}, {**N, "name": "table"}],
        "objective": {"sense": "maximize", "expression": "30 * chair + 80 * table"},
        "constraints": [{"name": "labour", "expression": "2 * chair + 5 * table <= 400"}],
    }
    assert of(scalar) == of(WORKSHOP)
    assert of(changed(WORKSHOP, "constraints", 0, enabled=False)) == of({**WORKSHOP, "constraints": []})


def test_a_formulation_without_a_single_meaning_has_none() -> None:
    with pytest.raises(FormulationError, match="no `y`"):
        of(with_rows("x + y <= 3"))


def test_the_hash_is_the_same_on_every_machine_and_in_every_release() -> None:
    assert of(WORKSHOP) == "c784c46a36251d0904e8c3b5b67c32d3aea809015f7f6f4c6be467ebf4d45c43"


def test_a_large_model_takes_less_than_two_seconds() -> None:
    entries, rows, columns = 100_000, 20_000, 20_000
    draw = np.random.default_rng(7)
    places = np.unique(np.sort(draw.integers(0, rows, entries)) * columns + draw.integers(0, columns, entries))
    model = Model(
        sense=Sense.MINIMIZE,
        column_lower=np.zeros(columns),
        column_upper=np.full(columns, np.inf),
        column_kind=np.full(columns, Kind.CONTINUOUS, np.uint8),
        objective=draw.integers(1, 9, columns).astype(float),
        row_starts=np.searchsorted(places // columns, np.arange(rows + 1)),
        row_columns=(places % columns).astype(np.int32),
        row_values=draw.integers(1, 9, len(places)).astype(float),
        row_lower=np.full(rows, -np.inf),
        row_upper=draw.integers(1, 99, rows).astype(float),
    )
    model.validate()
    begin = time.process_time()
    model_structure_hash(model)
    assert time.process_time() - begin < 2


def test_a_chain_of_periods_is_compared_along_a_path() -> None:
    def chain(special: int) -> str:
        sets = [{"name": "T", "elements": "range(1, 41)"}]
        variables = [{**X, "name": "s", "index": ["T"]}, {**X, "name": "m", "index": ["T"]}]
        rows = (f"s[t] == s[t - 1] + m[t] - (5 if t == {special} else 3) for t in T if t > 1",)
        return of(with_rows(*rows, sets=sets, variables=variables))

    assert chain(10) != chain(11)


def test_what_refinement_does_not_read_counts_all_the_same() -> None:
    @dataclass(frozen=True, kw_only=True, eq=False)
    class Wider(Model):
        later: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None

    model = compile_formulation(Formulation.from_dict(WORKSHOP)).require().model
    content = {field.name: getattr(model, field.name) for field in fields(model)}
    hashes = [model_structure_hash(Wider(**content, later=later)) for later in (None, np.arange(2), np.arange(3))]
    assert hashes[0] == model_structure_hash(model)
    assert len(set(hashes)) == 3


def test_the_order_of_objectives_is_part_of_the_structure_and_their_names_are_not() -> None:
    def listed(first: str, second: str, name: str = "a") -> str:
        return Formulation.from_dict({
            "variables": [{"name": n, "domain": "continuous", "lower": 0, "upper": 9} for n in ("x", "y")],
            "objective": [
                {"name": name, "sense": "maximize", "expression": first, "priority": 2},
                {"name": "b", "sense": "minimize", "expression": second, "priority": 1},
            ],
            "constraints": [{"name": "c", "expression": "x + 2 * y <= 8"}],
        }).structure_hash()  # fmt: skip

    assert listed("x", "y") == listed("x", "y", name="other")
    assert listed("x", "y") != listed("y", "x")
    assert listed("x", "y") != listed("x", "2 * y")
