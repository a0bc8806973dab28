from __future__ import annotations

from nl2opt.pipeline.program.values import values_of_names


def test_families_become_variables_with_an_index() -> None:
    values = values_of_names({"make[chair]": 3.0, "make[table]": 2.0, "ship(a, b)": 1.5, "total": 5.0})
    assert values.to_plain() == {"make": {"chair": 3.0, "table": 2.0}, "ship": {"a,b": 1.5}, "total": 5.0}
    assert values.index_names("ship") == ["index_1", "index_2"]


def test_whole_numbers_are_whole_and_near_zeros_are_zero() -> None:
    values = values_of_names({"x['a']": 2.9999999, "y": 1e-15}, frozenset({"x['a']"}))
    assert values.entries("x") == [(("a",), 3)]
    assert values["y"] == 0


def test_names_that_make_no_family_stay_as_they_are() -> None:
    names = {"x[1]": 1.0, "x[1,2]": 2.0, "y[1]": 3.0, "y": 4.0, "z[]": 5.0, "a[b](c)": 6.0}
    assert set(values_of_names(names)) == {"x[1]", "x[1,2]", "y[1]", "y", "z", "a[b](c)"}
