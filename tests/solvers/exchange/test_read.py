from __future__ import annotations

import contextlib
import gzip
import random
import time
from pathlib import Path

import pytest

from solvers import ExchangeError, Model, ModelError, Sense, solve
from solvers.exchange import read_model, write_lp, write_mps
from tests.solvers.cases import BINARY, INF, MAX, build_model

LP = """\\ a small plan
Maximize
 profit: 3 x(1,2) + 2 x[1,3] - y + 4
Subject To
 c1: x(1,2) + x[1,3] <= 4
 c2: -2 <= x(1,2) - 2 y <= 8
 3 y >= 1.5e0
 c4: x(1,2) + 3 >= 2 x[1,3]
   - y
Bounds
 x(1,2) <= 40
 -5 <= y <= +inf
 z free
General
 x[1,3]
Binary
 x[1,3]
End
"""
MPS = """* a small plan
NAME          PLAN
ROWS
 N  COST
 G  R1
 E  R2
 L  R3
COLUMNS
    MARKER                 'MARKER'                 'INTORG'
    X         COST         1.0   R1           1.0
    X         R2           1.0
    MARKER                 'MARKER'                 'INTEND'
    Y         COST         2.0   R3           1.0
RHS
    RHS       R1           4.0   R2           3.0
    RHS       R3           9.0   COST        -5.0
RANGES
    RNG       R1           2.5   R2          -1.0
    RNG       R3           2.0
BOUNDS
 UP BND       X           40.0
 MI BND       Y
ENDATA
"""


def read(folder: Path, name: str, text: str) -> Model:
    (folder / name).write_text(text)
    return read_model(folder / name).model


def rows_of(model: Model) -> dict[str, tuple[float, dict[str, float], float]]:
    found = {}
    for row in range(model.n_rows):
        entries = slice(model.row_starts[row], model.row_starts[row + 1])
        named = {
            model.name_of_column(int(column)): float(value)
            for column, value in zip(model.row_columns[entries], model.row_values[entries], strict=True)
        }
        found[model.name_of_row(row)] = (float(model.row_lower[row]), named, float(model.row_upper[row]))
    return found


def test_an_lp_file_is_read_with_its_names(tmp_path: Path) -> None:
    model = read(tmp_path, "plan.lp", LP)
    assert model.sense is Sense.MAXIMIZE
    assert [model.name_of_column(place) for place in range(4)] == ["x(1,2)", "x[1,3]", "y", "z"]
    assert (model.objective.tolist(), model.objective_constant) == ([3.0, 2.0, -1.0, 0.0], 4.0)
    assert model.column_lower.tolist() == [0.0, 0.0, -5.0, -INF]
    assert model.column_upper.tolist() == [40.0, 1.0, INF, INF]
    assert model.column_kind.tolist() == [0, BINARY, 0, 0]
    assert rows_of(model) == {
        "c1": (-INF, {"x(1,2)": 1.0, "x[1,3]": 1.0}, 4.0),
        "c2": (-2.0, {"x(1,2)": 1.0, "y": -2.0}, 8.0),
        "R3": (1.5, {"y": 3.0}, INF),
        "c4": (-3.0, {"x(1,2)": 1.0, "x[1,3]": -2.0, "y": 1.0}, INF),
    }


def test_an_mps_file_is_read_with_ranges_markers_and_its_constant(tmp_path: Path) -> None:
    model = read(tmp_path, "plan.mps", MPS)
    assert (model.title, model.objective_constant, model.column_kind.tolist()) == ("PLAN", 5.0, [1, 0])
    assert (model.column_lower.tolist(), model.column_upper.tolist()) == ([0.0, -INF], [40.0, INF])
    assert rows_of(model) == {
        "R1": (4.0, {"X": 1.0}, 6.5), "R2": (2.0, {"X": 1.0}, 3.0), "R3": (7.0, {"Y": 1.0}, 9.0)
    }  # fmt: skip


def test_what_mps_leaves_open_is_noted(tmp_path: Path) -> None:
    text = MPS.replace(" UP BND       X           40.0\n", "").replace(" N  COST\n", " N  COST\n N  OTHER\n")
    (tmp_path / "plan.mps").write_text(text)
    imported = read_model(tmp_path / "plan.mps")
    assert imported.model.column_upper.tolist()[0] == 1.0
    assert imported.notes == (
        "The row OTHER has no side and is not the objective; it was left out.",
        "Integer columns without bounds in the file lie within 0 and 1, as MPS has it: X.",
    )


def test_a_column_that_only_has_bounds_is_noted(tmp_path: Path) -> None:
    (tmp_path / "plan.lp").write_text(LP)
    imported = read_model(tmp_path / "plan.lp")
    assert imported.notes == ("The column z stands in no row and not in the objective, only among the bounds.",)


def test_products_are_read_from_brackets(tmp_path: Path) -> None:
    text = "min\n o: x + [ 2 x^2 + 4 x * y - 6 y ^ 2 ] / 2\nst\n c: - [ x[1]*y ] + x <= 1\nend\n"
    model = read(tmp_path, "q.lp", text)
    objective, rows = model.quadratic_objective, model.quadratic_rows
    assert objective is not None
    assert rows is not None
    assert objective.coefficient.tolist() == [1.0, 2.0, -3.0]
    assert (rows.first.tolist(), rows.second.tolist(), rows.coefficient.tolist()) == ([1], [2], [-1.0])


def test_products_are_read_from_the_sections_of_mps(tmp_path: Path) -> None:
    whole = "QMATRIX\n X X 2\n X Y 1\n Y X 1\nQCMATRIX R1\n X X 3\n X Y 1\n Y X 1\nENDATA"
    model = read(tmp_path, "q.mps", MPS.replace("ENDATA", whole))
    objective, rows = model.quadratic_objective, model.quadratic_rows
    assert objective is not None
    assert rows is not None
    assert objective.coefficient.tolist() == [1.0, 1.0]
    assert rows.coefficient.tolist() == [3.0, 2.0]
    triangle = read(tmp_path, "t.mps", MPS.replace("ENDATA", "QUADOBJ\n X X 2\n Y X 1\nENDATA")).quadratic_objective
    assert triangle is not None
    assert triangle.coefficient.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("name", "text"), [("plan.lp", LP), ("plan.mps", MPS)])
def test_packed_files_and_files_of_other_systems_are_read(tmp_path: Path, name: str, text: str) -> None:
    plain = read(tmp_path, name, text)
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    packed = read_model(tmp_path / f"{name}.gz").model
    assert rows_of(packed) == rows_of(plain)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LP.replace("Binary\n x[1,3]", "Binary\n b"), "line 17: there is no column b"),
        (LP.replace("c2:", "c1:"), "line 6: there are two rows c1"),
        (LP.replace("3 y >= 1.5e0", "3 y z >= 1"), "line 7: a sign or a comparison is missing before `z`"),
        (LP.replace("3 y >= 1.5e0", "3 y - >= 1"), "line 7: `- >= 1` is not understood"),
        (
            LP.replace("3 y >= 1.5e0", "c3: y = 1 -> z >= 1"),
            "line 7: `-> z >= 1` is not understood; rows that hold only",
        ),
        (LP.replace("3 y >= 1.5e0", "3 y <= 1 >= 0"), "line 7: a row has one comparison, or two"),
        (LP.replace("c1:", "c1: c7:"), "line 5: nothing stands behind `c1:`"),
        (LP.replace("<= 40", "<= 40 40"), "line 11: `x[(]1,2[)] <= 40 40` is no bound"),
        (LP.replace("<= 40", "<= -40"), "x[(]1,2[)] has the upper bound -40 and no lower bound. Some readers"),
        (LP.replace("General", "SOS"), "line 14: special ordered sets"),
        (LP.replace("General", "Semi-continuous"), "line 14: semi-continuous columns"),
        (LP.replace("End", ""), "the file ends without `end`"),
        (LP.replace("Maximize", "Maximum effort:"), "line 2: nothing stands behind `effort:`"),
        (LP.replace("1.5e0", "1e999"), "the row R3 asks for infinity"),
        (LP.replace("3 y >=", "1e999 y >="), "the coefficient of y in the row R3 is no finite number"),
        ("<html>", "line 1: an LP file begins with `minimize`"),
    ],
)
def test_faults_of_an_lp_file_are_said_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "plan.lp").write_text(text)
    with pytest.raises(ExchangeError, match=message):
        read_model(tmp_path / "plan.lp")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("X         R2 ", "X         R9 ", "line 11: there is no row R9"),
        ("X         R2 ", "X         R1 ", "line 11: the column X has two entries in the row R1"),
        ("1.0   R1", "abc   R1", "line 10: `abc` is no number"),
        ("1.0   R1", "nan   R1", "line 10: `nan` is no number"),
        ("1.0   R1", "inf   R1", "line 10: a coefficient cannot be infinite"),
        ("1.0   R1", "1e20  R1", "line 10: a coefficient cannot be infinite"),
        ("1.0   R1", "1e999   R1", "line 10: a coefficient cannot be infinite"),
        ("'INTORG'", "'SOSORG'", "line 9: the marker"),
        (" E  R2", " Q  R2", "line 6: `Q R2` is no row"),
        (" E  R2", " E  R1", "line 6: there are two rows R1"),
        ("    Y  ", "    X  ", "line 13: the column X has two entries in the row COST"),
        ("RNG       R3", "RNX       R3", "line 19: there are two sets in RANGES: RNG and RNX"),
        (" MI BND       Y", " XX BND       Y", "line 22: the kind of bound `XX` is not known"),
        (" MI BND       Y", " SC BND       Y 4", "line 22: semi-continuous"),
        (" MI BND       Y", " UP BND       Y -4", "Y has the upper bound -4 and no lower bound"),
        (" MI BND       Y", " MI BND       Z", "line 22: there is no column Z"),
        ("ENDATA", "SOS\n S1 A", "line 23: the section SOS holds special ordered sets"),
        ("ENDATA", "", "ends without ENDATA: it is cut off"),
        ("ROWS\n", "ROW\n", "line 3: `ROW` stands where a section"),
    ],
)
def test_faults_of_an_mps_file_are_said_with_their_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in MPS
    (tmp_path / "plan.mps").write_text(MPS.replace(old, new, 1))
    with pytest.raises(ExchangeError, match=message):
        read_model(tmp_path / "plan.mps")


def test_what_is_no_model_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "folder.lp").mkdir()
    (tmp_path / "empty.mps").write_text(" \n")
    (tmp_path / "picture.lp").write_bytes(bytes(range(256)))
    (tmp_path / "plan.xlsx").write_text("x")
    (tmp_path / "cut.lp.gz").write_bytes(gzip.compress(LP.encode())[:-9])
    (tmp_path / "plain.lp.gz").write_text(LP)
    for name, message in {
        "missing.lp": "There is no file",
        "folder.lp": "is a folder",
        "empty.mps": "is empty",
        "picture.lp": "is not a text file",
        "plan.xlsx": "does not end in .lp or .mps",
        "cut.lp.gz": "is not a whole gzip file",
        "plain.lp.gz": "is not a whole gzip file",
        "a\0b.lp": "cannot be read",
    }.items():
        with pytest.raises(ExchangeError, match=message):
            read_model(tmp_path / name)


def test_the_size_is_limited_before_anything_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.mps"
    with huge.open("wb") as file:
        file.truncate(500_000_000)  # takes no space on the disk
    with pytest.raises(ExchangeError, match="is larger than 100 MB, the limit for model files"):
        read_model(huge)
    bomb = tmp_path / "bomb.lp.gz"
    bomb.write_bytes(gzip.compress(b"\\ " + b"x" * 3_000_000))
    with pytest.raises(ExchangeError, match="is larger than 2 MB"):
        read_model(bomb, max_bytes=2_000_000)
    bomb.write_bytes(gzip.compress(LP.encode()))
    assert read_model(bomb, max_bytes=2_000).model.n_rows == 4


def test_files_of_other_writers_are_read(tmp_path: Path) -> None:
    highs = "min\n obj: -3 c0 +1.25\nst\n r1lo: +4 c0 >= -16\nbounds\n c0 >= -3\nsemi\nend\n"
    assert read(tmp_path, "highs.lp", highs).column_lower.tolist() == [-3.0]
    scip = MPS.replace("    Y         COST", "    Y         R1   0  R3   0\n    Y         COST")
    assert rows_of(read(tmp_path, "scip.mps", scip)) == rows_of(read(tmp_path, "plain.mps", MPS))
    pyomo = MPS.replace("ENDATA", " LO BND z -4\nQUADOBJ\n z z 2\nENDATA")
    assert read(tmp_path, "pyomo.mps", pyomo).column_lower.tolist()[2] == -4.0


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, text in (
        ("a.lp", LP[:-9]),
        ("b.lp", "min\n obj: x\nst\n c: b = 1 -> x >= 3\nend\n"),
        ("c.mps", MPS[:200]),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(ExchangeError):
            read_model(tmp_path / name)
    write_lp(build_model(MAX, [1], [(-INF, [1], 4)]))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("name", "text"), [("plan.lp", LP), ("plan.mps", MPS)])
def test_a_damaged_file_is_an_error_or_another_model(tmp_path: Path, name: str, text: str) -> None:
    draw = random.Random(3)
    path = tmp_path / name
    for _ in range(300):
        letters = list(text)
        for _ in range(draw.randrange(1, 4)):
            at = draw.randrange(len(letters))
            letters[at : at + draw.randrange(3)] = draw.choice(
                ["", "\n", " ", "1", "x", ":", "[", "]", "<=", "-", "^", "e9"]
            )
        path.write_text("".join(letters))
        try:
            read_model(path).model.validate()
        except (ExchangeError, ModelError) as error:
            assert str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("min\n o: x", "\nst\n c: x >= 1\nend\n"),
        ("min\n o: x\nst\n c: x >=", "1\nend\n"),
        ("min\n o: x\nst\n c: x >=", "y z\nend\n"),
        ("min\n o: x + [ x^2 +", "? ]\nend\n"),
        ("min\n o: x +", "? ]\nend\n"),
        ("min\n o: x\nbounds\n", "-? <= 3\nend\n"),
        ("min\n o: x\nend\n", ""),
        ("min\n o: x + [ x", "[[ \nend\n"),
    ],
)
@pytest.mark.parametrize("filling", [" ", " \n", "+ ", "x ", "[", "1", ": "])
def test_no_text_takes_more_than_a_moment(tmp_path: Path, before: str, after: str, filling: str) -> None:
    (tmp_path / "a.lp").write_text(before + filling * 20_000 + after)
    started = time.process_time()
    with contextlib.suppress(ExchangeError):
        read_model(tmp_path / "a.lp")
    assert time.process_time() - started < 1.0


def test_a_model_solves_to_the_same_optimum_after_it_was_written_and_read(tmp_path: Path) -> None:
    model = build_model(MAX, [3, 2], [(-INF, [1, 1], 4), (-INF, [1, 3], 6)], upper=[3, INF])
    for name, written in (("a.lp", write_lp(model)), ("a.mps", write_mps(model))):
        assert solve(read(tmp_path, name, written.text)).objective == pytest.approx(11.0)
