"""What the server half of the dialect says, the client half hears, and back."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter
from tests.law.strategies import (
    event_streams,
    normal_events,
    normal_reply,
    normal_request,
    replies,
    requests,
)
from tests.unit.dialects.kit import cuts, heard, heard_or_refused, told_in_two

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_responses import DIALECT
from dragoman.errors import ChatError, InputError
from dragoman.events import Event, Grammar
from dragoman.features import FEATURES, REPLY_FEATURES, fit
from dragoman.messages import Message, Text
from dragoman.wire.http import HttpReply, ReplyHead

NAME = DIALECT.name
STAMP = Stamp("7", 0.0)
ASKED = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
SDK_EVENT: TypeAdapter[object] = TypeAdapter(ResponseStreamEvent)
CHATS = requests(
    DIALECT.says,
    mapped=True,
    signer=NAME,
    always=frozenset({"signature"}),
    any_order=True,
    several_names=True,
    efforts=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    summaries=("none", "auto", "concise", "detailed"),
)


def test_the_tables_have_a_row_for_every_feature() -> None:
    assert DIALECT.says.keys() == FEATURES.keys()
    assert DIALECT.tells.keys() == REPLY_FEATURES.keys()


@given(CHATS)
def test_a_chat_comes_back_as_it_was(chat: ChatRequest) -> None:
    fitted, dropped = fit(chat, NAME, DIALECT.says, NAME)

    found = DIALECT.decode_request(msgspec.json.encode(DIALECT.encode_request(fitted)))

    assert not dropped
    # The client half asks the service to keep nothing, whatever the program said.
    found = msgspec.structs.replace(found, native=None)
    assert normal_request(found) == normal_request(chat)


@given(CHATS)
def test_a_request_stays_as_it_is_at_the_second_time(chat: ChatRequest) -> None:
    once = msgspec.json.encode(DIALECT.encode_request(chat))

    again = msgspec.json.encode(DIALECT.encode_request(DIALECT.decode_request(once)))

    assert msgspec.json.decode(again) == msgspec.json.decode(once)


@given(replies(DIALECT.tells, signer=NAME))
def test_a_reply_comes_back_as_it_was_and_is_one_to_the_official_package(
    reply: ChatReply,
) -> None:
    body = DIALECT.encode_reply(reply, ASKED, STAMP)

    found = DIALECT.decode_reply(body, "m")

    assert normal_reply(found, DIALECT.tells) == normal_reply(reply, DIALECT.tells)
    assert Response.model_validate_json(body).output_text == reply.text


@given(event_streams(DIALECT.tells, signer=NAME), st.data(), st.none() | st.integers(0, 2))
def test_a_stream_comes_back_as_it_was_however_it_is_fed_and_cut(
    events: list[Event], data: st.DataObject, logprobs: int | None
) -> None:
    encoder = DIALECT.encoder(msgspec.structs.replace(ASKED, logprobs=logprobs), STAMP)
    body = told_in_two(data, encoder, events)

    found = heard(DIALECT.decoder("m"), *cuts(data, body))

    Grammar().check(found)
    assert normal_events(found, DIALECT.tells) == normal_events(events, DIALECT.tells)


@given(event_streams(DIALECT.tells, signer=NAME))
def test_every_event_of_a_stream_is_one_to_the_official_package(events: list[Event]) -> None:
    body = DIALECT.encoder(ASKED, STAMP).feed(events)

    blocks = body.decode().removesuffix("\n\n").split("\n\n")

    for number, block in enumerate(blocks):
        name, data = block.split("\n")
        event = SDK_EVENT.validate_json(data.removeprefix("data: "))
        assert name == f"event: {event.type}"  # type: ignore[attr-defined]  # one of many classes
        assert event.sequence_number == number  # type: ignore[attr-defined]  # likewise


@given(event_streams(DIALECT.tells, signer=NAME), st.data())
def test_a_stream_and_its_half_give_the_same_events_however_they_are_cut(
    events: list[Event], data: st.DataObject
) -> None:
    body = DIALECT.encoder(ASKED, STAMP).feed(events)
    body = body[: data.draw(st.integers(0, len(body)))]

    def told(chunks: list[bytes]) -> tuple[list[Event], str]:
        events, error = heard_or_refused(DIALECT.decoder("m"), chunks)
        return events, str(error)

    assert told(cuts(data, body)) == told([body])


FIELDS = [
    "annotations", "arguments", "call_id", "code", "content", "delta", "detail",
    "encrypted_content", "error", "file_data", "file_id", "filename", "format", "id",
    "image_url", "include", "incomplete_details", "input", "input_audio", "instructions",
    "item", "item_id", "logprobs", "message", "mode", "model", "name", "namespace", "output",
    "output_index", "parameters", "part", "phase", "reason", "reasoning", "refusal", "response",
    "role", "schema", "status", "strict", "summary", "text", "tool_choice", "tools", "type",
    "usage", "user",
]  # fmt: skip
WORDS = [
    "message", "reasoning", "function_call", "function_call_output", "function", "allowed_tools",
    "json_schema", "input_text", "input_image", "input_file", "input_audio", "output_text",
    "refusal", "user", "assistant", "system", "completed", "response.completed",
    "response.created", "error", "response.output_item.added", "response.output_item.done",
    "response.content_part.done", "response.output_text.delta",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS), inner | st.sampled_from(WORDS), max_size=6)
    ),
    max_leaves=20,
)


@given(st.binary() | JSON.map(msgspec.json.encode))
def test_any_body_is_a_chat_or_an_input_error(body: bytes) -> None:
    try:
        chat = DIALECT.decode_request(body, model="m")
    except InputError:
        return
    assert chat.messages


@given(JSON)
def test_any_input_is_a_chat_or_an_input_error(value: object) -> None:
    body = msgspec.json.encode({"model": "m", "input": value})
    try:
        chat = DIALECT.decode_request(body)
    except InputError:
        return
    assert chat.messages


@given(st.binary() | JSON.map(msgspec.json.encode))
def test_any_body_is_a_reply_or_an_error(body: bytes) -> None:
    try:
        reply = DIALECT.decode_reply(body, "m")
    except ChatError:
        return
    Grammar().check(reply.events())


@given(st.lists(st.binary() | JSON.map(lambda v: b"data: %b\n\n" % msgspec.json.encode(v))))
def test_any_bytes_are_legal_events_or_an_error(chunks: list[bytes]) -> None:
    grammar = Grammar()
    decoder = DIALECT.decoder("m")
    try:
        for chunk in chunks:
            grammar.check(decoder.feed(chunk))
        grammar.check(decoder.close())
    except ChatError:
        return
    assert grammar.finished


@given(st.integers(200, 599), st.binary() | JSON.map(msgspec.json.encode))
def test_any_reply_is_an_answer_or_an_error(status: int, body: bytes) -> None:
    error = DIALECT.decode_failure(HttpReply(ReplyHead(status, {}, ""), body), 0.0)

    assert (error is None) == (status < 300)


@pytest.mark.parametrize("stream", [True, False])
def test_the_address_may_tell_the_model_and_whether_to_stream(stream: bool) -> None:
    chat = DIALECT.decode_request(b'{"input":"Hi"}', model="a/b", stream=stream)

    assert (chat.model, chat.stream) == ("a/b", stream)
