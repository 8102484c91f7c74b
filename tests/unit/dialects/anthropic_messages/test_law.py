"""What the server half of the dialect says, the client half hears, and back."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.law.strategies import (
    event_streams,
    normal_events,
    normal_reply,
    normal_request,
    replies,
    requests,
)
from tests.unit.dialects.kit import cuts, heard, told_in_two

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.anthropic_messages import DIALECT
from dragoman.dialects.dialect import Stamp
from dragoman.errors import ChatError, InputError
from dragoman.events import Event, Grammar
from dragoman.features import fit
from dragoman.gathered import Gathered
from dragoman.messages import Refusal

NAME = DIALECT.name
STAMP = Stamp("7", 0.0)
ASKED = ChatRequest(model="m", messages=())


def whole(events: list[Event]) -> ChatReply:
    gathered = Gathered()
    gathered.add(normal_events(events, DIALECT.tells))
    return gathered.reply()


@given(requests(DIALECT.says, signer=NAME, any_order=True))
def test_a_chat_that_the_tables_carry_comes_back_as_it_was(chat: ChatRequest) -> None:
    fitted, dropped = fit(chat, NAME, DIALECT.says, NAME)

    body = msgspec.json.encode(DIALECT.encode_request(fitted))

    assert not dropped
    found = normal_request(DIALECT.decode_request(body))
    expected = normal_request(chat)
    if chat.max_tokens is None:
        found = msgspec.structs.replace(found, max_tokens=None)
    assert found == expected


@given(requests(DIALECT.says, signer=NAME, mapped=True, any_order=True))
def test_a_chat_that_the_wire_says_in_its_own_way_stays_so_at_the_second_time(
    chat: ChatRequest,
) -> None:
    fitted, _ = fit(chat, NAME, DIALECT.says, NAME)
    once = msgspec.json.encode(DIALECT.encode_request(fitted))

    again = msgspec.json.encode(DIALECT.encode_request(DIALECT.decode_request(once)))

    assert msgspec.json.decode(again) == msgspec.json.decode(once)


@given(replies(DIALECT.tells, signer=NAME, mapped=True))
def test_a_reply_comes_back_as_it_was(reply: ChatReply) -> None:
    body = DIALECT.encode_reply(reply, ASKED, STAMP)

    found = normal_reply(DIALECT.decode_reply(body, "m"), DIALECT.tells)

    assert refused(found) == refused(normal_reply(reply, DIALECT.tells))


def refused(reply: ChatReply) -> ChatReply:
    """The wire has one end for all refusals, and tells there what is said in place of an answer."""
    if not reply.refusal:
        return reply
    parts = sorted(reply.message.parts, key=lambda part: isinstance(part, Refusal))
    message = msgspec.structs.replace(reply.message, parts=tuple(parts))
    # What stood on both sides of the refusal is one piece now.
    return normal_reply(
        msgspec.structs.replace(reply, message=message, finish_reason="content_filter"),
        DIALECT.tells,
    )


@given(event_streams(DIALECT.tells, signer=NAME, mapped=True), st.data())
def test_a_stream_comes_back_as_it_was_however_it_is_fed_and_cut(
    events: list[Event], data: st.DataObject
) -> None:
    encoder = DIALECT.encoder(ASKED, STAMP)
    body = told_in_two(data, encoder, events)

    found = heard(DIALECT.decoder("m"), *cuts(data, body))

    Grammar().check(found)
    assert refused(whole(found)) == refused(whole(events))


@given(event_streams(DIALECT.tells, signer=NAME, mapped=True), st.data())
def test_any_cut_of_a_stream_gives_the_same_events(
    events: list[Event], data: st.DataObject
) -> None:
    body = DIALECT.encoder(ASKED, STAMP).feed(events)

    assert heard(DIALECT.decoder("m"), *cuts(data, body)) == heard(DIALECT.decoder("m"), body)


_VALUES = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=3)
_FIELDS = [
    "type", "index", "delta", "content_block", "message", "usage", "error", "text", "thinking",
    "signature", "partial_json", "citation", "stop_reason", "stop_details", "id", "name", "input",
    "data", "model", "content", "input_tokens", "output_tokens", "explanation", "category",
    "role", "source", "media_type", "tool_use_id", "system", "messages", "tools", "tool_choice",
    "max_tokens", "input_schema", "output_config", "format", "schema", "effort",
    "budget_tokens", "properties", "is_error", "url", "file_id", "title", "citations",
    "disable_parallel_tool_use", "stop_sequences", "top_k", "stream", "metadata", "user_id",
]  # fmt: skip
_WORDS = [
    "message_start", "content_block_start", "content_block_delta", "content_block_stop",
    "message_delta", "message_stop", "ping", "error", "text", "thinking", "redacted_thinking",
    "tool_use", "server_tool_use", "text_delta", "thinking_delta", "signature_delta",
    "input_json_delta", "citations_delta", "message", "end_turn", "refusal", "tool:x", "user",
    "assistant", "tool_result", "image", "document", "base64", "url", "file", "application/pdf",
    "image/png", "enabled", "adaptive", "disabled", "auto", "any", "tool", "none", "json_schema",
    "overloaded_error", "{}", "text/plain", "content", "object", "custom",
]  # fmt: skip
_OBJECTS = st.recursive(
    _VALUES | st.sampled_from(_WORDS),
    lambda inner: (
        st.dictionaries(st.sampled_from(_FIELDS), inner, max_size=4) | st.lists(inner, max_size=2)
    ),
    max_leaves=8,
)
_EVENTS = st.dictionaries(st.sampled_from(_FIELDS), _OBJECTS, max_size=4)


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_any_bytes_are_events_or_an_error(chunks: list[bytes]) -> None:
    said_or_refused(chunks)


@given(st.lists(st.tuples(st.sampled_from(["", *_WORDS[:8]]), _EVENTS), max_size=4))
def test_any_json_in_a_stream_is_legal_events_or_an_error(
    events: list[tuple[str, dict[str, object]]],
) -> None:
    said_or_refused(
        [
            b"data: "
            + msgspec.json.encode({**fields, **({"type": kind} if kind else {})})
            + b"\n\n"
            for kind, fields in events
        ]
    )


def said_or_refused(chunks: list[bytes]) -> None:
    decoder = DIALECT.decoder("m")
    grammar = Grammar()
    try:
        for chunk in chunks:
            grammar.check(decoder.feed(chunk))
        grammar.check(decoder.close())
    except ChatError as error:
        illegal = "may not come after" in str(error)
    else:
        illegal = not grammar.finished
    assert not illegal


@given(st.binary(max_size=60) | _EVENTS.map(msgspec.json.encode))
def test_any_bytes_are_a_reply_or_an_error(body: bytes) -> None:
    try:
        DIALECT.decode_reply(body, "m")
    except ChatError:
        return


@given(st.binary(max_size=60) | _EVENTS.map(msgspec.json.encode))
def test_any_bytes_are_a_request_or_an_input_error(body: bytes) -> None:
    try:
        DIALECT.decode_request(body, model="m")
    except InputError:
        return


@given(st.lists(_EVENTS, max_size=3))
def test_any_turns_are_a_request_or_an_input_error(turns: list[dict[str, object]]) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": [turn]} for turn in turns]}
    try:
        DIALECT.encode_request(DIALECT.decode_request(msgspec.json.encode(body)))
    except InputError:
        return
