"""What is passed on of a relayed answer: whole events, but none that its decoder passed over."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.dialects.kit import cut

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.events import Event, Finished, TextDelta
from dragoman.messages import Message, Text
from dragoman.providers.api.anthropic import Anthropic
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.openai import OpenAI
from dragoman.providers.call import Decoder
from dragoman.providers.relay import RelayWire
from dragoman.transport.base import Limits
from dragoman.wire.http import ReplyHead

PING = b'event: ping\ndata: {"type": "ping"}\n\n'
BROKEN = b"event: ping\ndata: {\xff]\n\n"
BEGUN = (
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"1","model":"m"}}\n\n'
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
    b'"content_block":{"type":"text","text":""}}\n\n'
)
WORD = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"Hi"}}\n\n'
)
STOPPED = (
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\n'
)
END = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
CHUNK = b'data: {"model":"m","choices":[{"delta":{"content":"Hi"}}]}\n\n'
STOP = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


def relay(provider: DialectProvider) -> tuple[RelayWire, Decoder]:
    chat = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
    call = provider.call(chat, Account(), limits=Limits())
    wire = RelayWire(provider, b"{}", {})
    return wire, wire.decoder(call, ReplyHead(200, {"content-type": "text/event-stream"}, ""))


def crlf(body: bytes) -> bytes:
    return body.replace(b"\n", b"\r\n")


class Case(NamedTuple):
    name: str
    provider: DialectProvider
    came: bytes
    passed: bytes
    skipped: int


CASES = [
    Case("all of it", Anthropic(), BEGUN + PING + WORD + STOPPED + END,
         BEGUN + PING + WORD + STOPPED + END, 0),
    Case("a broken ping between good events", Anthropic(),
         BEGUN + BROKEN + PING + WORD + BROKEN + STOPPED + END,
         BEGUN + PING + WORD + STOPPED + END, 2),
    Case("a broken ping at once", OpenAI(), BROKEN + CHUNK + STOP + DONE, CHUNK + STOP + DONE, 1),
    Case("lines that end in CR LF", OpenAI(), crlf(CHUNK + BROKEN + PING + CHUNK + STOP + DONE),
         crlf(CHUNK + PING + CHUNK + STOP + DONE), 1),
    Case("an end that was cut off", Anthropic(), BEGUN + WORD + STOPPED + END[:-9],
         BEGUN + WORD + STOPPED, 1),
    Case("a sign that was cut off", OpenAI(), CHUNK + STOP + DONE[:-4], CHUNK + STOP, 1),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@given(places=st.lists(st.integers(0, 2000), max_size=5))
def test_broken_events_that_say_nothing_are_left_out(case: Case, places: list[int]) -> None:
    wire, decoder = relay(case.provider)
    passed = b""

    events = list[Event]()
    for chunk in cut(case.came, places):
        events += decoder.feed(chunk)
        passed += wire.take()
    events += decoder.close()
    passed += wire.take()

    assert passed == case.passed
    assert getattr(decoder, "skipped", 0) == case.skipped
    assert TextDelta("Hi") in events
    assert events[-1] == Finished()
