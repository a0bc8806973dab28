from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nl2opt.pipeline.answer import Answer
from tests.app.web.cases import ORDERS, WITH_TABLE
from tests.app.web.pages import ended, opened, press, run_of, shown, text, tones


def with_orders(content: bytes = ORDERS, name: str = "orders.csv") -> AppTest:
    page = opened()
    page.text_area(key="problem").set_value(WITH_TABLE)
    page.file_uploader(key="tables").set_value([(name, content, "text/csv")])
    return shown(page)


def test_a_table_is_attached_and_solved(llm: str) -> None:
    page = press(with_orders(), "Solve")
    ended(page)
    assert "Maximum $940" in text(page)
    assert "orders.csv" in text(page).partition("Checks")[0]
    assert "4 rows" in text(page)
    assert Answer.load(run_of(page)).objective == 940


def test_what_the_language_model_sees_is_shown_and_columns_are_kept_from_it(llm: str) -> None:
    page = with_orders()
    page.toggle(key="seen").set_value(True)
    shown(page)
    assert "Berta" in text(page)
    assert "Zacharias" not in text(page)
    page.multiselect(key="private").set_value(["orders.customer"])
    assert "Berta" not in text(shown(page))
    ended(press(page, "Solve"))
    trace = Answer.load(run_of(page)).trace
    said = "".join(m.content for a in trace.attempts for e in a.exchanges for m in e.messages)
    assert "customer" in said
    assert "Berta" not in said


@pytest.mark.parametrize(
    ("name", "content"), [("orders.xlsx", b"no workbook"), ("orders.json", b"{"), ("orders.csv", b"")]
)
def test_a_table_that_cannot_be_read_is_said_before_anything_begins(llm: str, name: str, content: bytes) -> None:
    page = press(with_orders(content, name), "Solve")
    assert tones(page) == ["doubtful"]
    assert "orders" in text(page)
    assert "run" not in page.query_params
    assert page.text_area(key="problem").value == WITH_TABLE


def test_programs_take_no_tables(llm: str) -> None:
    page = with_orders()
    page.selectbox(key="route").set_value("program")
    press(page, "Solve")
    assert "Attached tables are for the route `formulation`." in text(page)
