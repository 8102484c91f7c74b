"""The law: what the server half says, the client half hears, and back."""

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
from tests.unit.dialects.kit import cut, heard

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_chat import DIALECT
from dragoman.events import Event
from dragoman.native import Native

NAME, SAYS, TELLS = DIALECT.name, DIALECT.says, DIALECT.tells
STAMP = Stamp("0", 7.0)
USAGE_ASKED = Native(NAME, {"stream_options": {"include_usage": True}})
ASKED = ChatRequest(model="m", messages=(), native=USAGE_ASKED)


@given(requests(SAYS, signer=NAME, signs_calls=True, several_names=True, always={"document_name"}))
def test_a_request_is_heard_as_it_was_asked(chat: ChatRequest) -> None:
    body = msgspec.json.encode(DIALECT.encode_request(chat))

    found = DIALECT.decode_request(body)

    assert normal_request(found) == normal_request(chat)


@given(replies(TELLS, signer=NAME))
def test_a_whole_answer_is_heard_as_it_was_told(reply: ChatReply) -> None:
    body = DIALECT.encode_reply(reply, ASKED, STAMP)

    found = DIALECT.decode_reply(body, "asked")

    assert normal_reply(found, TELLS) == normal_reply(reply, TELLS)


@given(event_streams(TELLS, signer=NAME), st.lists(st.integers(0, 10_000), max_size=6))
def test_a_stream_is_heard_as_it_was_told(events: list[Event], places: list[int]) -> None:
    encoder = DIALECT.encoder(ASKED, STAMP)
    wire = b"".join(encoder.feed([event]) for event in events)

    found = heard(DIALECT.decoder("asked"), *cut(wire, places))

    assert normal_events(found, TELLS) == normal_events(events, TELLS)


@given(event_streams(TELLS))
def test_events_in_one_piece_are_the_same_bytes(events: list[Event]) -> None:
    one_by_one = DIALECT.encoder(ASKED, STAMP)

    written = b"".join(one_by_one.feed([event]) for event in events)

    assert DIALECT.encoder(ASKED, STAMP).feed(events) == written
