from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from nl2opt import errors
from nl2opt.errors import (
    ChatAuthenticationError,
    ChatError,
    ChatInterruptedError,
    ChatRateLimitError,
    ChatRequestError,
    ChatTimeoutError,
    ChatUnreachableError,
    FormulationError,
    ModelFileError,
    Nl2optError,
    NoFormulationError,
)
from nl2opt.formulation.findings import Finding
from nl2opt.formulation.read import formulation_from_dict
from nl2opt.pipeline.trace import Trace

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_is_in_the_one_tree_and_in_its_drawing(kind: type[Exception]) -> None:
    assert issubclass(kind, Nl2optError)
    assert kind.__doc__
    assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("kind", "retryable"),
    [
        (ChatUnreachableError, True),
        (ChatRateLimitError, True),
        (ChatTimeoutError, True),
        (ChatInterruptedError, True),
        (ChatAuthenticationError, False),
        (ChatRequestError, False),
        (ModelFileError, False),
        (ChatError, False),
    ],
)
def test_what_waiting_may_mend_says_so(kind: type[ChatError], retryable: bool) -> None:
    assert kind("It failed.").retryable is retryable


def test_the_hint_follows_the_message() -> None:
    error = ChatRateLimitError("Too many.", hint="Wait.", retry_after_seconds=3.0)
    assert str(error) == "Too many. Wait."
    assert (error.hint, error.retry_after_seconds) == ("Wait.", 3.0)
    assert str(ChatRequestError("No.")) == "No."


def findings() -> tuple[Finding, ...]:
    with pytest.raises(FormulationError) as caught:
        formulation_from_dict({"variables": [{"name": "x"}], "for_all": 1})
    return caught.value.findings


def trace() -> Trace:
    return Trace(problem="p", llm="m", style="scalar")


@pytest.mark.parametrize(
    "error",
    [
        ChatRateLimitError("Too many.", hint="Wait.", retry_after_seconds=3.0),
        ModelFileError("Gone.", hint="Look."),
        FormulationError(findings()),
        NoFormulationError("None came.", trace()),
    ],
)
def test_errors_cross_the_border_of_a_process_whole(error: Nl2optError) -> None:
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert repr(vars(other)) == repr(vars(error))


def test_a_formulation_error_says_each_finding_on_its_own_line() -> None:
    error = FormulationError(findings())
    assert str(error).splitlines() == "\n".join(map(str, error.findings)).splitlines()
    assert len(error.findings) >= 2
