from __future__ import annotations

import pytest

from nl2opt.formulation.compilation.signature import constraint_signatures, objective_signature
from tests.nl2opt.formulation.formulations import Content, compiled, with_rows

VARIABLES: list[Content] = [
    {"name": name, "domain": "continuous", "lower": 0.5, "upper": 9} for name in ("x", "y", "z")
]  # fmt: skip


def signatures(*rows: str, objective: str = "x") -> tuple[object, object]:
    found = compiled(with_rows(*rows, objective=objective, variables=VARIABLES))
    return constraint_signatures(found), objective_signature(found)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("max(x, y) >= 3", "max(y, x) >= 3", True),
        ("2 * max(x, y) >= 6", "max(x, y) >= 3", True),
        ("max(x, y) >= 3", "min(x, y) >= 3", False),
        ("max(x, y) >= 3", "max(x, z) >= 3", False),
        ("abs(x - y) >= 1", "abs(y - x) >= 1", True),
        ("max(x, min(y, z)) >= 3", "max(min(z, y), x) >= 3", True),
        ("exp(x) <= 9", "2 * exp(x) <= 18", True),
        ("exp(x) <= 9", "exp(y) <= 9", False),
        ("x * y * z >= 2", "x * y * z >= 4", False),
        ("x / y <= 2", "y / x <= 2", False),
    ],
)
def test_functions_are_compared_by_what_they_say(first: str, second: str, same: bool) -> None:
    assert (signatures(first) == signatures(second)) is same


def test_the_order_of_constraints_does_not_count() -> None:
    first, _ = signatures("max(x, y) >= 3", "max(y, z) >= 4")
    second, _ = signatures("max(y, z) >= 4", "max(x, y) >= 3")
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first["c1"], first["c2"]) == (second["c2"], second["c1"])


def test_objectives_are_compared_by_what_they_say() -> None:
    assert signatures(objective="max(x, y)")[1] == signatures(objective="max(y, x)")[1]
    assert signatures(objective="max(x, y)")[1] != signatures(objective="max(x, z)")[1]
    assert signatures(objective="log(x) + y")[1] != signatures(objective="log(y) + x")[1]
