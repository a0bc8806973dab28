"""Files as people have them: every doubt is told, nothing is guessed in silence."""

from __future__ import annotations

import contextlib
import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nl2opt import DataError, read_tables
from nl2opt.formulation.limits import Limits
from nl2opt.tables import reading_sheets
from nl2opt.tables.attached import Data
from nl2opt.tables.table import Table, column_letters


def read(path: Path, content: str | bytes | None = None, **options: Any) -> Table:
    """Write a file, and read the one table in it."""
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (table,) = read_tables(path, **options).values()
    return table


def numbers(table: Table, name: str) -> list[float]:
    column = table.find(name)
    assert column is not None
    assert column.numbers is not None, column
    return [None if np.isnan(value) else value for value in column.numbers.tolist()]  # type: ignore[misc]


def texts(table: Table, name: str) -> list[str]:
    column = table.find(name)
    assert column is not None
    return list(column.labels())


def refusal(data: Data, **options: Any) -> str:
    with pytest.raises(DataError) as error:
        read_tables(data, **options)
    return str(error.value)


def workbook(path: Path, rows: list[list[Any]], *merged: str) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return path


# -- text files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without a byte order mark"),
        ("utf-16-be", "UTF-16 without a byte order mark"),
        ("cp1252", "Windows-1252, since it is not UTF-8"),
    ],
)
def test_encodings_are_found_and_told(tmp_path: Path, encoding: str, words: str) -> None:
    table = read(tmp_path / "a.csv", "city,cost [€/t]\nMünchen,5\nOrléans,7\n".encode(encoding))
    assert texts(table, "city") == ["München", "Orléans"]
    assert table.columns[1].unit == "€/t"
    assert any(f"the encoding was taken to be {words}" in note for note in table.notes) == bool(words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n\x81\x8d,1\n", "line 2 is neither UTF-8 nor Windows-1252"),
        (b"\x00\x01\x02\x03abc", "is no text file"),
        (b"\xff\xfea\x00b", "begins like UTF-16"),
        (b"", "is empty"),
        (b"\n  \n", "is empty"),
        (b'a,b\n"1,2\n3,4\n', "cannot be split into columns"),
        (b"a,b\n1,2\n" * 4000 + b"1,2,3\n", "has more than 2 cells"),
        (b"a,b\n1,2\n" * 4000 + b"1,2,3,4,5\n", "cannot be split into columns"),
    ],
)
def test_what_is_no_table_of_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert words in refusal(tmp_path / "a.csv")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_between_columns_is_found(tmp_path: Path, sign: str) -> None:
    lines = ["city;cost;days", '"Ulm; old";5;1', "Bonn;7;2"]
    table = read(tmp_path / "a.csv", "\n".join(lines).replace("; old", "__").replace(";", sign).replace("__", "; old"))
    assert texts(table, "city") == ["Ulm; old", "Bonn"]
    assert numbers(table, "days") == [1, 2]
    assert any("separated by" in note for note in table.notes) == (sign != ",")


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        (["1,5", "2,25"], [1.5, 2.25], "decimal comma"),
        (["1.200,50", "7"], [1200.5, 7], "decimal comma"),
        (["1,200.50", "7"], [1200.5, 7], "decimal point"),
        (["1,234,567", "1,000"], [1234567, 1000], "decimal point"),
        (["1.234.567", "1.000"], [1234567, 1000], ""),
        (["1 200", "3 400 000"], [1200, 3400000], ""),
        (["1'200.5", "10"], [1200.5, 10], ""),
        (["0,125", "0,250"], [0.125, 0.25], "decimal comma"),
        (["1.200", "2.300"], [1.2, 2.3], "decimal point: 1.200 is 1.2"),
        (["$5", "$ 7.50"], [5, 7.5], "currency signs"),
        (["5 €", "1.200,00 EUR"], [5, 1200], "currency signs"),
        (["5%", "12.5 %"], [0.05, 0.125], "percentages: 5 % was read as 0.05"),
        (["(1,200.5)", "-3", "−4"], [-1200.5, -3, -4], "parentheses"),
        (["5", "n/a", "", "-"], [5, None, None, None], "cells such as `n/a`"),
        (["1e3", "-.5"], [1000, -0.5], ""),
    ],
)
def test_numbers_as_people_write_them(tmp_path: Path, cells: list[str], values: list[float | None], note: str) -> None:
    lines = [f'"{number}";"{cell}"' for number, cell in enumerate(cells)]
    table = read(tmp_path / "a.csv", "\n".join(["id;cost", *lines]))
    assert numbers(table, "cost") == values
    assert any(note in said for said in table.notes)


def test_a_number_that_may_mean_two_things_is_never_guessed(tmp_path: Path) -> None:
    content = 'plant,cost\na,"1,200"\nb,"2,300"\n'
    (column,) = read(tmp_path / "a.csv", content).columns[1:]
    assert column.numbers is None
    assert column.doubt == "holds numbers that may mean two things: 1,200 may be 1200 or 1.200"
    assert numbers(read(tmp_path / "a.csv", decimal="."), "cost") == [1200, 2300]
    assert numbers(read(tmp_path / "a.csv", decimal=","), "cost") == [1.2, 2.3]


def test_the_rest_of_the_file_decides_and_that_is_told(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", 'cost,share\n"1,200",0.5\n"2,300",0.25\n')
    assert numbers(table, "cost") == [1200, 2300]
    assert "a: column cost was read with the decimal point, as other columns are: 1,200 is 1200." in table.notes
    table = read(tmp_path / "b.csv", "cost;share\n1.200;0,5\n2.300;0,25\n")
    assert numbers(table, "cost") == [1200, 2300]


def test_decimal_commas_and_points_in_one_column_are_in_doubt(tmp_path: Path) -> None:
    column = read(tmp_path / "a.csv", "id;cost\n1;2,5\n2;3.5\n").columns[1]
    assert "decimal commas and numbers with decimal points" in column.doubt


def test_cells_that_are_no_numbers_are_kept_with_their_place(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", "id,cost\n1,5\n2,soon\n3,7\n")
    column = table.columns[1]
    assert column.faults.tolist() == [1]
    assert (column.cell_text(1), table.address(1, column)) == ("soon", "a.csv!B3")


def test_codes_with_leading_zeros_stay_texts(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", "zip,n\n01067,1\n80331,2\n")
    assert texts(table, "zip") == ["01067", "80331"]
    assert any("leading zeros" in note for note in table.notes)


def test_a_header_in_row_3_is_found_and_told(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", "Costs 2026,,\n,,\nplant,city,cost\nA,B,3\n\nC,D,4\n")
    assert table.column_names == ["plant", "city", "cost"]
    assert "a.csv: the header stands in row 3; what is above it was left out." in table.notes
    assert "a.csv: 1 empty row was left out." in table.notes
    assert table.address(1, table.columns[2]) == "a.csv!C6"


def test_headers_of_weeks_are_headers(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", "plant,1,2,3\nA,5,6,7\nB,8,9,10\n")
    assert table.column_names == ["plant", "1", "2", "3"]


@pytest.mark.parametrize(
    ("content", "names", "count"),
    [
        ("city,2024\nA,5\nB,6\n", ["city", "2024"], 2),
        ("Costs,2026\n\ncity,need\nA,5\nB,6\n", ["city", "need"], 2),
        ("plant,w1,2,3\nA,5,3,4\n", ["plant", "w1", "2", "3"], 1),
        ("A,5\nB,6\n", ["column_1", "column_2"], 2),
        ("city,need\n", ["city", "need"], 0),
        ("need\n5\n", ["need"], 1),
        ("sep=;\ncity;need\nA;5\n", ["city", "need"], 1),
    ],
)
def test_headers_of_all_kinds(tmp_path: Path, content: str, names: list[str], count: int) -> None:
    table = read(tmp_path / "a.csv", content)
    assert (table.column_names, table.n_rows) == (names, count)


LIKE_NUMBERS = [["+49 30 123", "030 77"], ["1.2.3", "4.5.6"], ["01.02.2026", "2026-03-04"], ["08:30", "9:15"]]


@pytest.mark.parametrize("cells", LIKE_NUMBERS)
def test_what_only_looks_like_numbers_stays_text(tmp_path: Path, cells: list[str]) -> None:
    table = read(tmp_path / "a.csv", "\n".join(["x;n", *(f"{cell};1" for cell in cells)]))
    assert texts(table, "x") == cells


def test_no_header_repeated_headers_and_empty_columns_are_told(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", "1,2\n3,4\n")
    assert table.column_names == ["column_1", "column_2"]
    assert table.findings[0].code == "no_header"
    table = read(tmp_path / "b.csv", "cost,cost,,\n1,2,,9\n3,4,,8\n")
    assert table.column_names == ["cost", "cost_2", "column_4"]
    assert [finding.code for finding in table.findings] == ["repeated_header", "no_header"]


def test_a_row_of_totals_is_left_out_where_it_adds_up_and_told_elsewhere(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", "city,need\nA,3\nB,4\nTotal,7\n")
    assert texts(table, "city") == ["A", "B"]
    assert "the last row (a.csv!A4) adds up the others, and was left out" in table.findings[0].message
    table = read(tmp_path / "b.csv", "city,need\nA,3\nTotal,3\nB,4\n")
    assert table.n_rows == 3
    assert "there may be rows of totals among the data (b.csv!A3)" in table.findings[0].message


# -- workbooks ----------------------------------------------------------------------------------------------


@pytest.fixture(params=["calamine", "openpyxl"])
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "openpyxl":
        monkeypatch.setattr(reading_sheets, "find_spec", lambda name: None)


@pytest.mark.usefixtures("_engine")
def test_a_workbook_with_merged_cells_and_a_heading(tmp_path: Path) -> None:
    rows = [
        ["Costs of 2026", None, None, None], [None] * 4, ["plant", "city", "cost (EUR/t)", "day"],
        ["N", "a", 3, datetime.date(2026, 1, 2)], [None, "b", 4.5, datetime.date(2026, 1, 3)], ["S", "a", 5, None],
    ]  # fmt: skip
    table = read(workbook(tmp_path / "costs.xlsx", rows, "A1:D1", "A4:A5"))
    assert table.name == "costs"
    assert texts(table, "plant") == ["N", "N", "S"]
    assert numbers(table, "cost") == [3, 4.5, 5]
    assert table.columns[2].unit == "EUR/t"
    assert texts(table, "day") == ["2026-01-02", "2026-01-03", ""]
    assert table.address(1, table.columns[2]) == "costs.xlsx!Sheet1!C5"
    assert "costs.xlsx!Sheet1: 1 merged cells were filled with the value of their first cell." in table.notes


@pytest.mark.usefixtures("_engine")
def test_formulas_without_values_are_told_with_their_cells(tmp_path: Path) -> None:
    table = read(workbook(tmp_path / "a.xlsx", [["city", "need"], ["A", 3], ["B", "=B2*2"]]))
    assert numbers(table, "need") == [3, None]
    (finding,) = table.findings
    assert "a.xlsx!Sheet1!B3" in finding.message


@pytest.mark.usefixtures("_engine")
def test_texts_among_numbers_of_a_workbook(tmp_path: Path) -> None:
    table = read(workbook(tmp_path / "a.xlsx", [["city", "need"], ["A", 3], ["B", "4,5"], ["C", "soon"], ["D", 8]]))
    assert numbers(table, "need") == [3, 4.5, None, 8]
    assert table.columns[1].faults.tolist() == [2]


def test_a_workbook_gives_a_table_for_each_sheet(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "b.xlsx") as writer:
        for name in ("north", "south"):
            pd.DataFrame({"city": ["A"], "need": [1]}).to_excel(writer, sheet_name=name, index=False)
        pd.DataFrame().to_excel(writer, sheet_name="empty")
    assert list(read_tables(tmp_path / "b.xlsx")) == ["north", "south"]
    assert list(read_tables({"need": tmp_path / "b.xlsx"})) == ["need.north", "need.south"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.json", "a.xls", "a.ods"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"{", b"\xd0\xcf\x11\xe0" * 200])
def test_damaged_files_are_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert name in refusal(tmp_path / name)


def test_large_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(2_000_000_000)  # takes no place on the disk
    said = refusal(tmp_path / "a.csv")
    assert "a.csv has 2,000,000,000 bytes, more than the limit of 500,000,000" in said.replace("A.csv", "a.csv")
    assert "raise the limit `data_bytes`" in said
    book = workbook(tmp_path / "b.xlsx", [["a", "b"]] + [["x" * 1000, 1]] * 300)
    small = Limits(data_bytes=book.stat().st_size + 1)
    assert "unpacked, has" in refusal(book, limits=small)


# -- JSON, Parquet and memory ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        [{"city": "A", "need": 1.5}, {"city": "B"}],
        {"city": ["A", "B"], "need": [1.5, None]},
        {"t": [{"city": "A", "need": 1.5}, {"city": "B", "need": None}]},
    ],
)
def test_json_as_records_and_columns(tmp_path: Path, content: Any) -> None:
    table = read(tmp_path / "t.json", json.dumps(content))
    assert texts(table, "city") == ["A", "B"]
    assert numbers(table, "need") == [1.5, None]


@pytest.mark.parametrize("content", ["[]", "{}", "5", '{"a": 1}', '{"a": [1], "b": [1, 2]}', "[1, 2]"])
def test_json_that_is_no_table_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "t.json").write_text(content)
    assert "t.json" in refusal(tmp_path / "t.json") or "length" in refusal(tmp_path / "t.json")


def test_frames_of_many_types() -> None:
    frame = pd.DataFrame(
        {
            "name": pd.Categorical(["a", "b"]),
            "yes": [True, False],
            "day": pd.to_datetime(["2026-01-02", "2026-01-03"]),
            "whole": pd.array([1, None], "Int64"),
            2026: [np.inf, 1.0],
            "text number": ["1,5", "2,5"],
        }
    )
    (table,) = read_tables({"t": frame}).values()
    assert table.column_names == ["name", "yes", "day", "whole", "2026", "text number"]
    assert texts(table, "day") == ["2026-01-02", "2026-01-03"]
    assert (numbers(table, "yes"), numbers(table, "whole"), numbers(table, "2026")) == ([1, 0], [1, None], [None, 1])
    assert numbers(table, "text number") == [1.5, 2.5]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"t": 5}, "t is no table (int)"),
        ({"t": {"a": [1], "b": [1, 2]}}, "different lengths: a has 1, b has 2"),
        ({"t": []}, "t is no table (list)"),
        ({"t": [{"a": {"b": 1}}]}, "The column a holds a list or an object in row 1"),
        (["/nowhere/a.csv", "/nowhere/b.csv"], "b.csv"),
        ("a", "is no file of tables"),
    ],
)
def test_what_is_no_table_is_told(data: Any, words: str) -> None:
    assert words in refusal(data)


def test_two_tables_of_one_name_are_an_error(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text("city,need\nA,1\n")
    assert "two tables have the name `a`" in refusal([tmp_path / "x" / "a.csv", tmp_path / "y" / "a.csv"]).casefold()


@settings(max_examples=50)
@given(
    st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 3)), min_size=2, max_size=20),
    st.sampled_from([",", "."]),
    st.booleans(),
)
def test_numbers_come_back_whatever_the_convention(
    tmp_path_factory: pytest.TempPathFactory, values: list[float], decimal: str, grouped: bool
) -> None:
    def written(value: float) -> str:
        text = f"{value:,.3f}" if grouped else f"{value:.3f}"
        return text.translate(str.maketrans(",.", ".,")) if decimal == "," else text

    content = "\n".join(["id;x", *(f"{place};{written(value)}" for place, value in enumerate(values))])
    table = read(tmp_path_factory.mktemp("t") / "a.csv", content, decimal=decimal)
    assert numbers(table, "x") == pytest.approx(values)


@settings(max_examples=50)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.json", "a.parquet"]))
def test_no_content_ends_in_anything_but_a_table_or_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("t") / name
    path.write_bytes(content)
    with contextlib.suppress(DataError):
        read_tables(path)


def test_letters_of_columns() -> None:
    assert [column_letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


WITHOUT = """
import sys
sys.modules["pyarrow"] = None
sys.modules["python_calamine"] = None
import nl2opt
tables = nl2opt.read_tables([f"{sys.argv[1]}/{name}" for name in ("a.csv", "b.xlsx", "c.json")])
assert [table.columns[1].numbers.tolist() for table in tables.values()] == [[1.0, 2.0]] * 3, tables
assert [table.columns[0].labels().tolist() for table in tables.values()] == [["A", "B"]] * 3
try:
    nl2opt.read_tables(f"{sys.argv[1]}/d.parquet")
except nl2opt.DataError as error:
    print(error)
"""


def test_without_pyarrow_and_calamine_all_but_parquet_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("city,need\nA,1\nB,2\n")
    workbook(tmp_path / "b.xlsx", [["city", "need"], ["A", 1], ["B", 2]])
    (tmp_path / "c.json").write_text('{"city": ["A", "B"], "need": [1, 2]}')
    (tmp_path / "d.parquet").write_bytes(b"")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""
    assert "pip install 'nl2opt[tables]'" in ended.stdout
