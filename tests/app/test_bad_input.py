"""What no solver, no file and no formulation can hold ends in a sentence, the right exit code, and no traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.app.cases import one_variable, written
from tests.app.conftest import Command

MPS = "NAME\nROWS\n N c\n L r\nCOLUMNS\n x c 1 r {entry}\nRHS\n RHS r {side}\nBOUNDS\n UP B x {bound}\nENDATA\n"


def two(domain: str, expression: str, *rows: str, upper: float = 10) -> dict[str, Any]:
    return {
        "variables": [{"name": name, "domain": domain, "upper": upper} for name in ("x", "y")],
        "objective": {"sense": "minimize", "expression": expression},
        "constraints": [{"name": f"row_{n}", "expression": row} for n, row in enumerate(rows)],
    }


@pytest.mark.parametrize(
    ("content", "code", "sentence"),
    [
        (two("continuous", "x", "all_different(x, y)"), 4, "Make the domain of the variable integer."),
        (
            two("continuous", "x", upper=10) | {"variables": []},
            4,
            "there are no variables, so there is nothing to decide.",
        ),
        (two("continuous", "1e200 * 1e200 * x"), 4, "the result is not a finite number (in `1e200 * 1e200`)"),
    ],
)
def test_a_formulation_that_cannot_be_solved_is_refused(
    command: Command, tmp_path: Path, content: dict[str, Any], code: int, sentence: str
) -> None:
    ended = command("run", written(tmp_path / "plan.json", content), "-q")
    assert (ended.code, ended.out) == (code, "")
    assert sentence in ended.err


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_data_that_is_no_number_is_refused(command: Command, tmp_path: Path, number: str) -> None:
    text = '{"parameters": [{"name": "p", "value": %s}], "variables": [{"name": "x", "domain": "binary"}], %s}'
    (tmp_path / "plan.json").write_text(text % (number, '"objective": {"sense": "maximize", "expression": "p * x"}'))
    ended = command("run", tmp_path / "plan.json", "-q")
    assert (ended.code, ended.out) == (4, "")
    assert f"`{number}` is" in ended.err


def test_a_curved_objective_is_refused_by_highs_with_a_solver_that_takes_it(command: Command, tmp_path: Path) -> None:
    plan = written(tmp_path / "plan.json", two("continuous", "x ** 2 - 3 * x * y - y ** 2"))
    ended = command("run", plan, "-q", "--solver", "highs")
    assert ended.code == 3
    assert "convex, and this one is not. SCIP takes it." in ended.out
    assert command("run", plan, "--json").content["objective"] == pytest.approx(-300)


def test_coefficients_that_take_all_digits_are_warned_of(command: Command, tmp_path: Path) -> None:
    plan = written(tmp_path / "plan.json", two("continuous", "-5e16 * x", "3e15 * x <= 9e15"))
    said = command("check", plan).out
    assert "coefficients reach 5e+16, more than solvers have digits for. Choose larger units." in said
    assert command("run", plan, "--json").content["objective"] == pytest.approx(-1.5e17)


def test_coefficients_that_are_far_apart_are_warned_of(command: Command, tmp_path: Path) -> None:
    plan = written(tmp_path / "plan.json", one_variable("1e7 * x <= 1e7", "1e-6 * x <= 1"))
    assert "the coefficients range from 1e-06 to 1e+07." in command("check", plan).out
    assert command("run", plan, "--json").content["objective"] == pytest.approx(1)


def test_a_problem_without_constraints_is_solved_and_exported(command: Command, tmp_path: Path) -> None:
    plan = written(tmp_path / "plan.json", two("continuous", "x - y"))
    ended = command("run", plan, "--json", "--export", tmp_path / "a.lp", "--export", tmp_path / "a.mps")
    assert ended.content["objective"] == -10
    for name in ("a.lp", "a.mps"):
        assert command("import", tmp_path / name, "-o", tmp_path / "back.json").code == 0
        assert command("run", tmp_path / "back.json", "--json").content["objective"] == -10


def test_names_that_are_equal_once_they_are_safe_stay_apart(command: Command, tmp_path: Path) -> None:
    content = two("continuous", "x_1 + x[1] + x[2]")
    content["sets"] = [{"name": "S", "elements": [1, 2]}]
    content["variables"] = [
        {"name": "x_1", "domain": "continuous", "lower": 1},
        {"name": "x", "index": ["S"], "domain": "continuous", "lower": 2},
    ]
    command("run", written(tmp_path / "plan.json", content), "-q", "--export", tmp_path / "a.lp")
    assert '\\ name map: column x_1_2 is "x[1]"\n' in (tmp_path / "a.lp").read_text()
    command("import", tmp_path / "a.lp", "-o", tmp_path / "back.json")
    assert command("run", tmp_path / "back.json", "--json").content["objective"] == 5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"entry": "nan"}, "line 6: `nan` is no number."),
        ({"entry": "inf"}, "line 6: a coefficient cannot be infinite"),
        ({"side": "nan"}, "line 8: `nan` is no number."),
        ({"side": "-1e30"}, "the row r asks for infinity and can never be met."),
        ({"bound": "nan"}, "line 10: `nan` is no number."),
    ],
)
def test_a_number_that_is_none_in_an_mps_file_is_said_with_its_line(
    command: Command, tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    (tmp_path / "old.mps").write_text(MPS.format(**{"entry": "1", "side": "3", "bound": "4", **changes}))
    ended = command("import", tmp_path / "old.mps")
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty."),
        (bytes(range(256)) * 9, "is not a text file"),
        (MPS.format(entry=1, side=3, bound=4).replace("COLUMNS", "CLUMNS").encode(), "line 5: `CLUMNS` is no row"),
        (MPS.format(entry=1, side=3, bound=4)[:50].encode(), "old.mps"),
        (
            b"NAME\nROWS\n N c\n L r\nCOLUMNS\nRHS\nENDATA\n",
            "the model has no columns, so there is nothing to formulate.",
        ),
    ],
)
def test_a_damaged_mps_file_is_refused(command: Command, tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "old.mps").write_bytes(content)
    ended = command("import", tmp_path / "old.mps")
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


def test_a_model_file_that_is_too_large_is_refused_by_its_size(command: Command, tmp_path: Path) -> None:
    with (tmp_path / "old.mps").open("wb") as file:
        file.truncate(500_000_000)  # takes no room on the disk
    ended = command("import", tmp_path / "old.mps")
    assert (ended.code, ended.out) == (2, "")
    assert "is larger than 100 MB, the limit for model files" in ended.err
