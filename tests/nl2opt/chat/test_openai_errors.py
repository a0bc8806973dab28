from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from nl2opt.chat.openai_errors import Endpoint, retry_after_seconds


@pytest.mark.parametrize(
    ("header", "seconds"), [("3", 3.0), ("0.5", 0.5), ("-2", 0.0), (None, None), ("", None), ("soon", None)]
)
def test_retry_after_in_seconds(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header) == seconds


@pytest.mark.parametrize("zone", ["GMT", "-0000"])
def test_retry_after_as_a_date(zone: str) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=100)).replace("+0000", zone)
    assert retry_after_seconds(moment) == pytest.approx(100, abs=2)


def test_retry_after_of_a_date_gone_by_is_no_wait() -> None:
    assert retry_after_seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


def test_what_an_endpoint_said_is_quoted_without_the_key_and_shortened() -> None:
    endpoint = Endpoint(address="http://host/v1", model="m", key="sk-1")
    assert endpoint.quote("wrong key sk-1") == "wrong key ***"
    assert len(endpoint.quote("x" * 5000)) == 300
    assert "sk-1" not in repr(endpoint)
