"""The address of an endpoint: checked before use, and shown without secrets."""

from __future__ import annotations

from urllib.parse import urlsplit


def require_address(address: str) -> str:
    """Return the address of an endpoint as it was given.

    Raises:
        ValueError: it is not of the form `http://HOST/PATH`, or holds a user name, a password or a query,
            which would end up in messages and traces. The text never repeats the address.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname
        port_is_number = parts.port is None or parts.port >= 0
    except ValueError:
        host, port_is_number = None, False
    if not host or not port_is_number or parts.scheme not in ("http", "https"):
        raise ValueError("the address must be of the form http://localhost:8000/v1")
    if parts.username or parts.password or parts.query:
        raise ValueError("the address must not hold a user name, a password or a query; the key is set on its own")
    return address
