from __future__ import annotations

import pytest

from nl2opt.chat.address import require_address


@pytest.mark.parametrize("address", ["http://localhost:8000/v1", "https://api.example.org", "http://[::1]:80/v1/"])
def test_an_address_is_returned_as_it_was_given(address: str) -> None:
    assert require_address(address) == address


@pytest.mark.parametrize("address", ["", "localhost:8000", "//host", "file:///etc", "http://", "http://h:99999999/"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="of the form"):
        require_address(address)


@pytest.mark.parametrize("address", ["http://user:hidden@host/v1", "http://hidden@host", "http://host/v1?key=hidden"])
def test_secrets_in_an_address_are_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ValueError, match="must not hold") as caught:
        require_address(address)
    assert "hidden" not in str(caught.value)
