"""What a language model has not seen it is not told in other words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt import Formulation, read_tables
from nl2opt.tables.masking import Masking
from tests.nl2opt.tables.plants import CITIES, PLANTS, plan, tables

KNOWN = "Paris, Lille and Brest are cities; Lyon supplies 120 tonnes."


def masking(numbers: str = KNOWN) -> Masking:
    return Masking(read_tables(tables()), KNOWN, numbers=numbers)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gets['Zuydcoote'] is 77", "gets['…'] is …"),
        ("gets['Paris'] takes 120 of 1,213.5", "gets['Paris'] takes 120 of …"),
        ("QUIMPER.", "…."),
        ("constraints.c1: unknown name `stok`. Did you mean `stock`?", None),
        ("at prices.xlsx!Sheet1!B4", None),
        ("x2[1e5] -3", "x2[…] …"),
    ],
)
def test_numbers_and_cells_that_are_not_known_are_left_out(text: str, told: str | None) -> None:
    assert masking().text(text) == (text if told is None else told)


def test_elements_that_were_not_shown_have_other_names_and_the_same_numbers() -> None:
    filled = Formulation.from_dict(plan()).with_data(tables())
    masked = masking().formulation(filled)
    assert masked.sets[1].elements == ["Paris", "Lille", "Brest", "CITY_no4", "CITY_no5"]
    written = masked.describe()
    assert not any(name in written for name in (*PLANTS[1:], *CITIES[3:]))
    assert masked.solve().objective == filled.solve().objective


@settings(max_examples=50)
@given(
    st.lists(st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=2, max_size=20), min_size=1, max_size=6),
    st.data(),
)
def test_no_cell_is_left_in_a_sentence(cells: list[str], data: st.DataObject) -> None:
    found = read_tables({"t": {"name": cells, "n": [1] * len(cells)}})
    mask = Masking(found, "", numbers="")
    (column, _) = found["t"].columns
    cell = str(data.draw(st.sampled_from(list(column.labels()))))
    told = mask.text(f"the key {cell!r} of I stands at {cell} twice")
    plain = " ".join(cell.split())
    if any(character.isalnum() for character in plain) and len(plain.split()) < 12:
        assert f" {plain} " not in f" {told} "
