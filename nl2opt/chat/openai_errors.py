"""What went wrong at an OpenAI-compatible endpoint, said as an error of our tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from nl2opt.errors import (
    ChatAuthenticationError,
    ChatError,
    ChatInterruptedError,
    ChatRateLimitError,
    ChatRequestError,
    ChatTimeoutError,
    ChatUnreachableError,
)

if TYPE_CHECKING:
    from openai import APIStatusError

_LONGEST_QUOTE = 300
_NOT_TAKEN = re.compile(r"unsupported|not support|unknown|unrecogni[sz]ed|extra (input|field)|not permitted|unexpected")
_ABOUT_FORMAT = re.compile(r"response_format|json_schema|\bschema\b|grammar|guided")
_OPTIONAL_FIELDS = ("stream_options", "temperature", "seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a request went.

    Attributes:
        address: for people.
        model: name of the model at the endpoint.
        key: kept out of every message; `None` when there is none.
    """

    address: str
    model: str
    key: str | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.address!r}, {self.model!r})"

    def quote(self, text: str) -> str:
        """Return what an endpoint said, shortened and without the key."""
        return (text.replace(self.key, "***") if self.key else text)[:_LONGEST_QUOTE].strip()


def too_slow(endpoint: Endpoint, seconds: float) -> ChatTimeoutError:
    """Return the error for an answer that did not come in time."""
    return ChatTimeoutError(
        f"{endpoint.address} gave no full answer within {seconds:g} seconds.",
        hint="Check that the server works, or give it more time with NL2OPT_TIMEOUT_SECONDS.",
    )


def broke_off(endpoint: Endpoint, error: Exception | None = None) -> ChatInterruptedError:
    """Return the error for a stream that ended before its end."""
    reason = f" ({endpoint.quote(str(error))})" if error is not None else ""
    return ChatInterruptedError(f"The answer of {endpoint.address} broke off before its end{reason}.")


def not_an_endpoint(endpoint: Endpoint) -> ChatRequestError:
    """Return the error for an answer that is no stream of chat completions."""
    return ChatRequestError(
        f"{endpoint.address} does not answer like an OpenAI-compatible endpoint.",
        hint="Check NL2OPT_LLM_BASE_URL; it usually ends in /v1.",
    )


def explained(endpoint: Endpoint, error: Exception, seconds: float) -> ChatError:
    """Return the error of our tree that says what happened and what to do.

    Args:
        endpoint: where the request went.
        error: what the `openai` package raised before the answer began.
        seconds: the time that the request had.
    """
    import openai

    if isinstance(error, openai.APITimeoutError):
        return too_slow(endpoint, seconds)
    if isinstance(error, openai.APIStatusError):
        return _refused(endpoint, error)
    if isinstance(error, openai.APIConnectionError):
        reason = f" ({endpoint.quote(str(error.__cause__))})" if error.__cause__ is not None else ""
        return ChatUnreachableError(
            f"Nothing answers at {endpoint.address}{reason}.", hint="Start the server, or check NL2OPT_LLM_BASE_URL."
        )
    return broke_off(endpoint, error)


def _refused(endpoint: Endpoint, error: APIStatusError) -> ChatError:
    status = error.status_code
    said = endpoint.quote(_message(error))
    wait = retry_after_seconds(error.response.headers.get("retry-after"))
    if status == 429 and error.code == "insufficient_quota":
        return ChatRequestError(f"The quota at {endpoint.address} is used up: {said}", hint="Check plan and billing.")
    if status == 429 or (status == 503 and wait is not None):
        asked = f" for {wait:.0f} seconds" if wait is not None else ""
        return ChatRateLimitError(
            f"{endpoint.address} asks to wait{asked}: too many requests.",
            hint="Try again later.",
            retry_after_seconds=wait,
        )
    if status == 401:
        return ChatAuthenticationError(f"{endpoint.address} refused the key.", hint="Check NL2OPT_LLM_API_KEY.")
    if status == 403:
        return ChatAuthenticationError(
            f"{endpoint.address} does not allow this: {said}", hint="Check NL2OPT_LLM_API_KEY and what it may do."
        )
    if status == 404:
        return _not_found(endpoint, error)
    if status == 408:
        return ChatTimeoutError(f"{endpoint.address} gave up waiting ({status}).")
    if status >= 500:
        return ChatUnreachableError(f"{endpoint.address} reports a failure of its own ({status}): {said}")
    return ChatRequestError(f"{endpoint.address} refused the request ({status}): {said}")


def _not_found(endpoint: Endpoint, error: APIStatusError) -> ChatRequestError:
    """Tell an unknown model from an address that leads nowhere."""
    if error.code == "model_not_found" or endpoint.model in _message(error):
        return ChatRequestError(
            f"{endpoint.address} does not know the model `{endpoint.model}`.", hint="Check the name after `openai:`."
        )
    return ChatRequestError(
        f"{endpoint.address} has no chat completions (404).",
        hint="Check NL2OPT_LLM_BASE_URL; it usually ends in /v1.",
    )


def _message(error: APIStatusError) -> str:
    """Return what the endpoint said, out of the forms that a body takes."""
    body = error.body
    if isinstance(body, dict):
        said = body.get("message") or body.get("detail")
        return said if isinstance(said, str) else str(body)
    return str(body) if body else error.message


def refused_field(error: APIStatusError, body: dict[str, Any]) -> str | None:
    """Return the optional field of a request that the endpoint does not take.

    `max_tokens` is returned where the endpoint wants `max_completion_tokens` in its place.

    Args:
        error: the endpoint's refusal.
        body: the request; only fields that it holds are returned.

    Returns:
        `None` when the refusal has another reason.
    """
    text = f"{error.param or ''} {_message(error)}".lower()
    if "response_format" in body and _ABOUT_FORMAT.search(text):
        return "response_format"
    if not _NOT_TAKEN.search(text):
        return None
    if "max_tokens" in body and "max_completion_tokens" in text:
        return "max_tokens"
    return next((field for field in _OPTIONAL_FIELDS if field in body and field in text), None)


def retry_after_seconds(header: str | None) -> float | None:
    """Read a Retry-After header: seconds, or a date (RFC 9110, section 10.2.3); `None` when it is neither."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
