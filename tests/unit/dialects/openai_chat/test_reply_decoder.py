"""A whole answer's JSON to a value."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.dialects.openai_chat.wire import DONE, STOP, piece

from dragoman.chat import ChatReply
from dragoman.dialects.openai_chat.reply_decoder import decode_reply
from dragoman.errors import ChatError, RateLimitError, ResponseError
from dragoman.events import Usage
from dragoman.messages import Message, Text
from dragoman.native import Native

MESSAGE = {"role": "assistant", "content": "Hello"}
ANSWER: dict[str, object] = {
    "id": "c1",
    "object": "chat.completion",
    "created": 7,
    "model": "m",
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "length", "logprobs": None}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    "service_tier": "flex",
    "citations": ["https://x.test"],
    "system_fingerprint": None,
}


def test_a_whole_answer() -> None:
    fields = {"service_tier": "flex", "citations": ["https://x.test"]}

    reply = decode_reply(msgspec.json.encode(ANSWER), "asked", dropped=("seed",))

    assert reply == ChatReply(
        model="m",
        message=Message("assistant", (Text("Hello"),)),
        finish_reason="length",
        usage=Usage(3, 2),
        dropped=("seed",),
        id="c1",
        native=Native("openai_chat", fields, frozenset(fields)),
    )


def test_an_answer_that_tells_only_its_text() -> None:
    reply = decode_reply(b'{"choices":[{"message":{"content":"Hi"}}]}', "asked")

    assert (reply.model, reply.text, reply.finish_reason, reply.native) == (
        "asked",
        "Hi",
        "stop",
        None,
    )


def test_several_answers() -> None:
    choices = [{"index": at, "message": {"content": text}} for at, text in enumerate("abc")]

    reply = decode_reply(msgspec.json.encode({"model": "m", "choices": choices}), "asked")

    assert [one.text for one in (reply, *reply.others)] == ["a", "b", "c"]
    assert [one.model for one in reply.others] == ["m", "m"]


def test_a_stream_in_place_of_a_whole_answer_is_read_to_its_end() -> None:
    reply = decode_reply(b"\n" + piece('{"content":"Hi"}') + STOP + DONE, "asked")

    assert (reply.model, reply.text) == ("m", "Hi")


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b"", ResponseError, "a reply that makes no sense: ''"),
        (b"<html>", ResponseError, "makes no sense: '<html>'"),
        (b"{}", ResponseError, "a reply without an answer"),
        (b'{"choices":[]}', ResponseError, "without an answer"),
        (b'{"choices":[{"message":{}}]}', ResponseError, "an empty answer"),
        (
            b'{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}',
            ResponseError,
            "empty",
        ),
        (b'{"error":{"message":"slow down","code":429}}', RateLimitError, "slow down"),
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes, error: type[ChatError], words: str) -> None:
    with pytest.raises(error, match=words):
        decode_reply(body, "asked")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_an_error(body: bytes) -> None:
    with pytest.raises(ChatError):
        decode_reply(body, "asked")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "delta", "content", "tool_calls", "function", "name",
                 "index", "reasoning_details", "type", "data", "audio", "usage", "error", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)  # fmt: skip


@given(JSON)
def test_any_json_is_an_answer_or_an_error(value: object) -> None:
    try:
        reply = decode_reply(msgspec.json.encode(value), "asked")
    except ChatError:
        return
    assert reply.message.parts
