from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import nl2opt
from nl2opt import Answer, Formulation, StoreError
from nl2opt.pipeline import workbook as workbooks
from solvers import ExchangeError

DANGEROUS = ["=1+1", "+cmd", "-2", "@sum", "#N/A", "a\x07b", 'with "quotes", comma']


def answered(**changes: Any) -> Answer:
    content = {
        "title": "=HYPERLINK(1)",
        "sets": [{"name": "ITEM", "elements": DANGEROUS}],
        "variables": [
            {"name": "make", "index": ["ITEM"], "domain": "integer", "lower": 1, "upper": 3},
            {"name": "rows", "index": ["ITEM"], "domain": "continuous", "lower": 0, "upper": 1},
            {"name": "spare", "domain": "continuous", "lower": 0, "upper": 2},
        ],
        "objective": {"sense": "maximize", "expression": "spare + sum(make[i] + rows[i] for i in ITEM)"},
        "constraints": [{"name": "few", "expression": "make[i] <= 2 for i in ITEM"}],
    } | changes
    return nl2opt.run(Formulation.from_dict(content))


def test_csv_holds_all_values_and_no_text_that_a_spreadsheet_evaluates(tmp_path: Path) -> None:
    assert answered().export(tmp_path / "a.csv") == tmp_path / "a.csv"
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["variable", "index_1", "value"]
    assert [line[1] for line in lines[1:8]] == ["'=1+1", "'+cmd", "'-2", "'@sum", *DANGEROUS[4:]]
    assert lines[-1] == ["spare", "", "2.0"]


def test_a_workbook_holds_texts_and_no_formula(tmp_path: Path) -> None:
    answered().export(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["answer", "variables", "make", "rows", "rows 2"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    make = list(book["make"].iter_rows(values_only=True))
    assert make[0] == ("ITEM", "value")
    assert [row[0] for row in make[1:]] == [*DANGEROUS[:5], "a\ufffdb", DANGEROUS[6]]
    assert [row[1] for row in make[1:]] == [2] * 7
    assert ("title", "=HYPERLINK(1)") in list(book["answer"].iter_rows(values_only=True))
    assert list(book["variables"].iter_rows(values_only=True)) == [("variable", "value"), ("spare", 2)]
    rows = list(book["rows 2"].iter_rows(values_only=True))
    assert rows[1] == ("few", "few['=1+1']", None, 2, 2, 0)


def test_long_and_strange_names_get_titles_that_a_workbook_takes(tmp_path: Path) -> None:
    name = "a_very_long_name_of_a_variable_that"
    variables = [{"name": f"{name}_{end}", "index": ["ITEM"], "domain": "binary"} for end in ("one", "ONE", "two")]
    answered(variables=variables, objective=None, constraints=[]).export(tmp_path / "a.xlsx")
    titles = openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert titles == ["answer", name[:31], f"{name[:29]} 2", f"{name[:29]} 3", "rows"]


def test_the_model_and_the_answer_go_out_by_their_endings(tmp_path: Path) -> None:
    answer = answered()
    answer.export(tmp_path / "a.LP")
    answer.export(tmp_path / "a.mps")
    answer.export(tmp_path / "a.json")
    assert (tmp_path / "a.LP").read_text() == answer.formulation.to_lp()  # type: ignore[union-attr]
    assert nl2opt.import_model(tmp_path / "a.mps").solve().objective == answer.objective
    assert nl2opt.import_model(tmp_path / "a.mps").title == "=HYPERLINK(1)"
    assert json.loads((tmp_path / "a.json").read_text()) == answer.to_dict()


def test_what_cannot_be_exported_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = answered()
    answer.export(tmp_path / "a.LP")
    with pytest.raises(StoreError, match=r"a.pdf does not end in one of .lp, .mps, .json, .csv, .xlsx"):
        answer.export(tmp_path / "a.pdf")
    with pytest.raises(StoreError, match="cannot be written"):
        answer.export(tmp_path / "a.LP" / "a.csv")
    infeasible = answered(constraints=[{"name": "no", "expression": "spare >= 3"}])
    for ending in ("csv", "xlsx"):
        with pytest.raises(StoreError, match=r"There are no values to export. No values satisfy"):
            infeasible.export(tmp_path / f"a.{ending}")
    infeasible.export(tmp_path / "a.lp")
    curved = answered(objective={"sense": "minimize", "expression": "log(spare + 1)"})
    with pytest.raises(ExchangeError, match="cannot hold nonlinear functions"):
        curved.export(tmp_path / "a.mps")
    wide = {"name": "ship", "index": ["MANY"], "domain": "binary"}
    long = answered(sets=[{"name": "MANY", "elements": "range(11)"}], variables=[wide], objective=None, constraints=[])
    monkeypatch.setattr(workbooks, "MAX_SHEET_ROWS", 10)
    with pytest.raises(StoreError, match="ship has 11 lines, more than a sheet holds"):
        long.export(tmp_path / "a.xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(StoreError, match="pip install openpyxl"):
        answer.export(tmp_path / "a.xlsx")
    assert not list(tmp_path.glob("*.xlsx"))
