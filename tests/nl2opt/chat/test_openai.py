from __future__ import annotations

import gc
import logging
import pickle
import socket
import threading
import time
import traceback

import pytest

from nl2opt.chat.base import (
    ChatEvent,
    Completion,
    CompletionOptions,
    Finish,
    Message,
    OnChatEvent,
    TokensArrived,
    WaitingToRetry,
)
from nl2opt.chat.openai import OpenAIChatModel
from nl2opt.chat.retry import RetryPolicy
from nl2opt.errors import (
    ChatAuthenticationError,
    ChatError,
    ChatInterruptedError,
    ChatRateLimitError,
    ChatRequestError,
    ChatTimeoutError,
    ChatUnreachableError,
    SettingsError,
)
from tests.nl2opt.chat.server import (
    Endpoint,
    Reply,
    answer,
    break_off,
    drip,
    end_early,
    fail_inside,
    hang,
    keep_alive,
    page,
    refusal,
    status,
)

KEY = "sk-very-secret-0123456789"
QUESTION = (Message("user", "What?"),)
SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"], "additionalProperties": False}
QUICK = RetryPolicy(attempts=3, first_wait_seconds=0.001, longest_wait_seconds=1.0)
ONCE = RetryPolicy(attempts=1)


def ask(
    endpoint: Endpoint,
    *,
    retry: RetryPolicy = QUICK,
    on_event: OnChatEvent | None = None,
    cancel: threading.Event | None = None,
    **options: object,
) -> Completion:
    chat_model = OpenAIChatModel("small", base_url=endpoint.base_url, api_key=KEY, retry=retry)
    return chat_model.complete(
        QUESTION, options=CompletionOptions(**options), on_event=on_event, cancel=cancel  # type: ignore[arg-type]
    )  # fmt: skip


def test_answer_arrives_with_tokens_as_events_and_usage_counted(endpoint: Endpoint) -> None:
    endpoint.replies = [answer("Hel", "lo", " wörld")]
    events: list[ChatEvent] = []
    completion = ask(endpoint, on_event=events.append)
    assert completion.text == "Hello wörld"
    assert completion.finish is Finish.STOP
    assert events == [TokensArrived("Hel"), TokensArrived("lo"), TokensArrived(" wörld")]
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (7, 3)
    assert completion.usage.requests == 1
    assert completion.model == f"openai:small@{endpoint.base_url}"


def test_request_holds_messages_options_and_key(endpoint: Endpoint) -> None:
    ask(endpoint, temperature=0.5, max_tokens=9, seed=3, sample=2, json_schema=SCHEMA)
    body = endpoint.bodies[0]
    assert body["messages"] == [{"role": "user", "content": "What?"}]
    assert (body["model"], body["temperature"], body["max_tokens"], body["seed"]) == ("small", 0.5, 9, 5)
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert endpoint.keys == [f"Bearer {KEY}"]


def test_first_token_is_an_event_before_the_answer_is_complete(endpoint: Endpoint) -> None:
    endpoint.replies = [hang("early")]
    cancel = threading.Event()
    with pytest.raises(ChatInterruptedError):
        ask(endpoint, on_event=lambda event: cancel.set(), cancel=cancel)


def test_answer_cut_by_max_tokens_finishes_with_length(endpoint: Endpoint) -> None:
    endpoint.replies = [answer("abc", finish="length")]
    assert ask(endpoint).finish is Finish.LENGTH


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (refusal(401, f"Incorrect API key provided: {KEY}"), ChatAuthenticationError, "NL2OPT_LLM_API_KEY"),
        (refusal(403, f"Country not supported {KEY}"), ChatAuthenticationError, "Country not supported"),
        (refusal(404, "The model `small` does not exist"), ChatRequestError, "does not know the model `small`"),
        (refusal(404, "none", kind="model_not_found"), ChatRequestError, "does not know the model `small`"),
        (refusal(400, "maximum context length is 10 tokens"), ChatRequestError, "maximum context length is 10"),
        (refusal(413, f"too large {KEY}"), ChatRequestError, "(413): too large"),
        (status(400, {"detail": "no such thing"}), ChatRequestError, "no such thing"),
        (refusal(429, "You exceeded your quota", kind="insufficient_quota"), ChatRequestError, "exceeded your quota"),
        (page("<html>Welcome</html>"), ChatRequestError, "/v1"),
        (page('{"choices": []}', "application/json"), ChatRequestError, "does not answer like"),
        (answer("x", finish="content_filter"), ChatRequestError, "content filter"),
    ],
)
def test_what_waiting_cannot_mend_is_an_error_at_once(
    endpoint: Endpoint, reply: Reply, error: type[ChatError], words: str
) -> None:
    endpoint.replies = [reply]
    with pytest.raises(error) as caught:
        ask(endpoint)
    assert words in str(caught.value)
    assert KEY not in str(caught.value)
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (status(500, {"error": {"message": "out of memory"}}), ChatUnreachableError),
        (status(503), ChatUnreachableError),
        (status(429), ChatRateLimitError),
        (status(408), ChatTimeoutError),
        (status(429, headers={"Retry-After": "0"}), ChatRateLimitError),
        (status(503, headers={"Retry-After": "0"}), ChatRateLimitError),
        (end_early("Hel"), ChatInterruptedError),
        (break_off("Hel"), ChatInterruptedError),
        (fail_inside("the engine died"), ChatInterruptedError),
        (page("data: {not json\n\n", "text/event-stream"), ChatInterruptedError),
    ],
)
def test_what_waiting_may_mend_is_tried_again_until_it_succeeds(
    endpoint: Endpoint, reply: Reply, error: type[ChatError]
) -> None:
    endpoint.replies = [reply, reply, answer("whole")]
    events: list[ChatEvent] = []
    completion = ask(endpoint, on_event=events.append)
    waits = [event for event in events if isinstance(event, WaitingToRetry)]
    assert completion.text == "whole"
    assert completion.usage.requests == 3
    assert [wait.attempt for wait in waits] == [1, 2]
    endpoint.replies = [reply]
    with pytest.raises(error):
        ask(endpoint)
    assert len(endpoint.bodies) == 6


def test_retry_after_is_honoured(endpoint: Endpoint) -> None:
    endpoint.replies = [status(429, headers={"Retry-After": "0.3"}), answer("ok")]
    began = time.perf_counter()
    assert ask(endpoint).text == "ok"
    assert time.perf_counter() - began >= 0.3


def test_a_server_that_asks_for_too_long_a_wait_is_not_waited_for(endpoint: Endpoint) -> None:
    endpoint.replies = [status(429, headers={"Retry-After": "3600"})]
    with pytest.raises(ChatRateLimitError, match="3600 seconds") as caught:
        ask(endpoint)
    assert caught.value.retry_after_seconds == 3600
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize("reply", [hang(), hang("Hel"), keep_alive(20.0), drip(20.0)])
def test_the_timeout_bounds_the_whole_completion(endpoint: Endpoint, reply: Reply) -> None:
    endpoint.replies = [reply]
    began = time.perf_counter()
    with pytest.raises(ChatTimeoutError, match=r"within 0\.3 seconds"):
        ask(endpoint, timeout_seconds=0.3)
    assert time.perf_counter() - began < 10


def test_no_wait_goes_beyond_the_timeout(endpoint: Endpoint) -> None:
    endpoint.replies = [status(500)]
    began = time.perf_counter()
    with pytest.raises(ChatUnreachableError):
        ask(endpoint, retry=RetryPolicy(attempts=9, first_wait_seconds=60.0), timeout_seconds=30.0)
    assert time.perf_counter() - began < 15


def test_each_request_has_its_own_timeout(endpoint: Endpoint) -> None:
    chat_model = OpenAIChatModel("small", base_url=endpoint.base_url)
    chat_model.complete(QUESTION, options=CompletionOptions(timeout_seconds=60.0))
    endpoint.replies = [hang()]
    with pytest.raises(ChatTimeoutError):
        chat_model.complete(QUESTION, options=CompletionOptions(timeout_seconds=0.2))


@pytest.mark.parametrize("reply", [hang(), hang("Hel"), drip(20.0), status(429, headers={"Retry-After": "20"})])
def test_cancel_from_another_thread_stops_promptly(endpoint: Endpoint, reply: Reply) -> None:
    endpoint.replies = [reply]
    cancel = threading.Event()

    def cancel_once_asked() -> None:
        while not endpoint.bodies:
            time.sleep(0.01)
        time.sleep(0.1)
        cancel.set()

    threading.Thread(target=cancel_once_asked, daemon=True).start()
    began = time.perf_counter()
    with pytest.raises(ChatInterruptedError, match="stopped"):
        ask(endpoint, retry=RetryPolicy(), cancel=cancel)
    assert time.perf_counter() - began < 10
    assert len(endpoint.bodies) == 1


def test_cancel_hangs_up_so_that_the_server_stops_writing(endpoint: Endpoint) -> None:
    endpoint.replies = [drip(20.0)]
    cancel = threading.Event()
    with pytest.raises(ChatInterruptedError):
        ask(endpoint, on_event=lambda event: cancel.set(), cancel=cancel)
    assert endpoint.dropped.wait(15.0)


def test_a_request_that_is_cancelled_beforehand_is_not_sent(endpoint: Endpoint) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(ChatInterruptedError):
        ask(endpoint, cancel=cancel)
    assert endpoint.bodies == []


def test_an_error_of_the_event_handler_is_neither_swallowed_nor_retried(endpoint: Endpoint) -> None:
    def on_event(event: ChatEvent) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(endpoint, on_event=on_event)
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize(
    ("reply", "field"),
    [
        (refusal(400, "Invalid schema for response_format 'answer'"), "response_format"),
        (refusal(400, "This response_format type is unavailable now"), "response_format"),
        (refusal(400, "failed to parse grammar"), "response_format"),
        (refusal(400, "'temperature' does not support 0 with this model", param="temperature"), "temperature"),
        (status(422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"]}], "x": "not permitted"}), "seed"),
        (refusal(400, "Unknown field: stream_options"), "stream_options"),
    ],
)
def test_a_refused_optional_field_is_left_out_from_then_on(endpoint: Endpoint, reply: Reply, field: str) -> None:
    endpoint.replies = [reply, answer("fine")]
    chat_model = OpenAIChatModel("small", base_url=endpoint.base_url, retry=ONCE)
    options = CompletionOptions(json_schema=SCHEMA)
    assert chat_model.complete(QUESTION, options=options).usage.requests == 2
    assert chat_model.complete(QUESTION, options=options).usage.requests == 1
    assert [field in body for body in endpoint.bodies] == [True, False, False]


def test_max_tokens_is_renamed_where_the_endpoint_wants_its_new_name(endpoint: Endpoint) -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    endpoint.replies = [refusal(400, words, param="max_tokens"), answer("fine")]
    ask(endpoint, max_tokens=17)
    assert "max_tokens" not in endpoint.bodies[1]
    assert endpoint.bodies[1]["max_completion_tokens"] == 17


def test_a_prompt_that_is_too_long_is_not_mistaken_for_a_refused_field(endpoint: Endpoint) -> None:
    words = "'max_tokens' or 'max_completion_tokens' is too large: 2048. The maximum context length is 4096 tokens."
    endpoint.replies = [refusal(400, words, param="max_tokens")]
    with pytest.raises(ChatRequestError, match="4096"):
        ask(endpoint)
    assert len(endpoint.bodies) == 1


def test_a_schema_that_is_dropped_silently_leaves_the_text_as_it_came(endpoint: Endpoint) -> None:
    endpoint.replies = [answer("Sure! ", "x is 3.")]
    assert ask(endpoint, json_schema=SCHEMA).text == "Sure! x is 3."


def test_a_wrong_path_is_told_from_an_unknown_model(endpoint: Endpoint) -> None:
    chat_model = OpenAIChatModel("small", base_url=endpoint.base_url.removesuffix("/v1") + "/api", retry=QUICK)
    with pytest.raises(ChatRequestError, match="NL2OPT_LLM_BASE_URL"):
        chat_model.complete(QUESTION)


def test_a_refused_connection_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        events: list[ChatEvent] = []
        with pytest.raises(ChatUnreachableError, match=f"Nothing answers at {address} .*refused"):
            OpenAIChatModel("small", base_url=address, retry=QUICK).complete(QUESTION, on_event=events.append)
    assert len(events) == 2


def test_an_unknown_host_is_unreachable() -> None:
    chat_model = OpenAIChatModel("small", base_url="http://nowhere.invalid/v1", retry=ONCE)
    with pytest.raises(ChatUnreachableError, match=r"nowhere\.invalid"):
        chat_model.complete(QUESTION)


@pytest.mark.parametrize(
    "address", ["localhost:8000/v1", "ftp://host/v1", "http://", "http://host:x/v1", "http://u:pw9@h/v1"]
)
def test_an_address_that_makes_no_sense_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        OpenAIChatModel("small", base_url=address)
    assert "pw9" not in str(caught.value)


def test_openai_itself_needs_a_key() -> None:
    with pytest.raises(ChatAuthenticationError, match="NL2OPT_LLM_API_KEY"):
        OpenAIChatModel("gpt").complete(QUESTION)


@pytest.mark.parametrize("key", ["sk-… very", "sk\nkey"])
def test_a_key_with_stray_characters_is_refused_without_repeating_it(endpoint: Endpoint, key: str) -> None:
    with pytest.raises(ChatAuthenticationError) as caught:
        OpenAIChatModel("small", base_url=endpoint.base_url, api_key=key).complete(QUESTION)
    assert key not in str(caught.value)
    assert endpoint.bodies == []


def test_space_around_a_key_does_not_matter(endpoint: Endpoint) -> None:
    OpenAIChatModel("small", base_url=endpoint.base_url, api_key=f" {KEY}\n").complete(QUESTION)
    assert endpoint.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("reply", [refusal(401, KEY), refusal(500, KEY), fail_inside(KEY), hang(), answer("ok")])
def test_the_key_appears_in_no_error_event_log_or_repr(
    endpoint: Endpoint, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.replies = [reply]
    events: list[ChatEvent] = []
    chat_model = OpenAIChatModel("small", base_url=endpoint.base_url, api_key=KEY, retry=QUICK)
    shown = [repr(chat_model), str(chat_model), chat_model.name]
    try:
        chat_model.complete(QUESTION, options=CompletionOptions(timeout_seconds=0.5), on_event=events.append)
    except ChatError as error:
        shown += [*traceback.format_exception(error), repr(pickle.loads(pickle.dumps(error)))]  # noqa: S301
        while error.__context__ is not None:
            error = error.__context__  # type: ignore[assignment]
            shown.append(repr(error))
    assert KEY not in "\n".join([*shown, repr(events), caplog.text])


def test_many_threads_share_one_chat_model(endpoint: Endpoint) -> None:
    chat_model = OpenAIChatModel("small", base_url=endpoint.base_url)
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(chat_model.complete(QUESTION).text)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == ["hello"] * 16


def test_connections_are_closed_with_the_chat_model(endpoint: Endpoint) -> None:
    chat_model = OpenAIChatModel("small", base_url=endpoint.base_url)
    chat_model.complete(QUESTION)
    client = chat_model._connected()
    del chat_model
    gc.collect()
    assert client.is_closed()
