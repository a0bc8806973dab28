import pytest

from solvers import SolveOptions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_limit_seconds", -1.0),
        ("time_limit_seconds", float("nan")),
        ("relative_gap", -1e-9),
        ("feasibility_tolerance", 1e-11),
        ("feasibility_tolerance", 1e-5),
        ("threads", 0),
        ("seed", -1),
        ("seed", 2**31),
    ],
)
def test_a_number_that_a_solver_would_ignore_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is .* must lie between"):
        SolveOptions(**{name: value})


def test_the_ends_of_the_ranges_are_taken() -> None:
    SolveOptions(time_limit_seconds=0, relative_gap=0, feasibility_tolerance=1e-10, threads=1, seed=2**31 - 1)
