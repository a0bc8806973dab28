from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt.pipeline.values import Values
from tests.nl2opt.pipeline.cases import compiled

CONTENT: dict[str, Any] = {
    "sets": [
        {"name": "CITY", "elements": ["Bern", "Rome"]},
        {"name": "T", "elements": [1, 2]},
        {"name": "ARC", "elements": [["Bern", 1], ["Rome", 2]]},
        {"name": "NONE", "elements": []},
    ],
    "variables": [
        {"name": "total", "domain": "continuous"},
        {"name": "open", "index": ["CITY"], "domain": "binary"},
        {"name": "stock", "index": ["CITY", "T"], "domain": "integer"},
        {"name": "flow", "index": ["ARC"], "domain": "continuous"},
        {"name": "pay", "index": ["T"], "domain": "continuous"},
        {"name": "idle", "index": ["NONE", "T"], "domain": "continuous"},
    ],
    "objective": None,
}
POINT = np.array([1.5, 1.0, 0.0, 3.0, 0.0, 2.0000000001, 7.0, -1e-13, 0.25, -0.0, 2.0])
VALUES = Values.of(compiled(CONTENT), POINT)


def test_a_scalar_variable_is_a_number() -> None:
    assert VALUES["total"] == 1.5
    assert VALUES.entries("total") == [((), 1.5)]


def test_an_indexed_variable_is_a_series_over_its_set() -> None:
    expected = pd.Series([1, 0], index=pd.Index(["Bern", "Rome"], name="CITY"), name="open")
    pd.testing.assert_series_equal(VALUES["open"], expected)


def test_elements_that_are_numbers_stay_numbers() -> None:
    pay = VALUES["pay"]
    assert pay[2] == 2.0
    assert pay.index.tolist() == [1, 2]


def test_several_sets_make_an_index_of_several_levels() -> None:
    index = pd.MultiIndex.from_product([["Bern", "Rome"], [1, 2]], names=["CITY", "T"])
    pd.testing.assert_series_equal(VALUES["stock"], pd.Series([3, 0, 2, 7], index=index, name="stock"))


def test_a_set_of_pairs_makes_two_levels() -> None:
    flow = VALUES["flow"]
    assert flow.index.names == ["ARC_1", "ARC_2"]
    assert flow["Rome", 2] == 0.25


def test_an_empty_set_makes_an_empty_series() -> None:
    idle = VALUES["idle"]
    assert len(idle) == 0
    assert idle.dtype == np.float64
    assert idle.index.names == ["NONE", "T"]


def test_whole_numbers_are_integers_and_near_zeros_are_zero() -> None:
    assert all(type(value) is int for name in ("open", "stock") for _, value in VALUES.entries(name))
    assert VALUES.entries("stock")[2] == (("Rome", 1), 2)
    assert [str(value) for _, value in VALUES.entries("flow")] == ["0.0", "0.25"]
    assert [str(value) for _, value in VALUES.entries("pay")] == ["0.0", "2.0"]


def test_all_names_are_there_in_the_order_of_the_formulation() -> None:
    assert list(VALUES) == ["total", "open", "stock", "flow", "pay", "idle"]
    assert len(VALUES) == 6
    with pytest.raises(KeyError):
        VALUES["nothing"]


def test_plain_values_join_the_parts_of_an_index_by_commas() -> None:
    plain = VALUES.to_plain()
    assert plain["total"] == 1.5
    assert plain["stock"] == {"Bern,1": 3, "Bern,2": 0, "Rome,1": 2, "Rome,2": 7}
    assert json.loads(json.dumps(plain)) == plain


ELEMENTS = st.lists(
    st.text(st.sampled_from('a,b"[] '), min_size=1, max_size=4) | st.integers(), min_size=1, unique_by=str
)


@given(first=ELEMENTS, second=ELEMENTS)
@settings(max_examples=50, deadline=None)
def test_no_value_is_lost_whatever_the_elements(first: list[str | int], second: list[str | int]) -> None:
    keys = [(a, b) for a in first for b in second]
    values = Values({"x": [(key, place) for place, key in enumerate(keys)]}, {"x": ["A", "B"]})
    assert list(values.to_plain()["x"].values()) == list(range(len(keys)))
    again = Values.from_store(json.loads(json.dumps(values.to_store())))
    assert again.entries("x") == values.entries("x")
    pd.testing.assert_series_equal(again["x"], values["x"])
