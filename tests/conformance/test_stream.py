"""What every provider's stream keeps: its grammar, its end, and its indifference to cuts."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_chat.message_decoder import decode_messages
from dragoman.errors import (
    ChallengeError,
    ResponseError,
    StreamTruncatedError,
    TimeoutError,
)
from dragoman.events import Event, Finished, TextDelta
from dragoman.providers.call import Call, HttpWire
from dragoman.providers.exchange import exchange
from dragoman.sessions.store import Facts
from dragoman.transport.base import Limits, Reply
from dragoman.transport.line import Line, LineSettings
from dragoman.transport.open import open_transport
from dragoman.wire.http import HttpRequest, ReplyHead
from tests.conformance.subject import (
    ASK,
    ONCE,
    SAID,
    SUBJECTS,
    Subject,
    assert_legal,
    open_subject,
)


async def test_every_sequence_of_events_is_legal_and_ends_in_finished(subject: Subject) -> None:
    async with subject.client() as client, client.stream(ONCE, ASK) as stream:
        events = [event async for event in stream]

    assert_legal(events)
    assert SAID in "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_deltas_are_never_empty(subject: Subject) -> None:
    async with subject.client() as client, client.stream(ONCE, ASK) as stream:
        texts = [text async for text in stream.text()]

    assert texts
    assert all(texts)


async def test_the_class_gives_what_the_client_gives(subject: Subject) -> None:
    by_class = await subject.ask_class()

    async with subject.client() as client:
        reply = await client.complete(ONCE, ASK)

    assert by_class == reply.text


CUTS = [{"after_bytes": at, "how": how} for at in (0, 1, 40) for how in ("end", "fin", "rst")]


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: f"{cut['how']}-{cut['after_bytes']}")
async def test_a_cut_is_never_a_short_success(subject: Subject, cut: dict[str, Any]) -> None:
    """A reader cannot see that half an answer is missing; so it must not look whole."""
    subject.emulator.scenario(cut=cut)

    async with subject.client() as client:
        with pytest.raises(ResponseError) as caught:
            await client.complete(ONCE, ASK)

    if cut["how"] != "end":
        assert isinstance(caught.value, StreamTruncatedError)


async def test_a_stall_ends_at_the_limit_on_silence(subject: Subject) -> None:
    subject.emulator.scenario(slow={"before_first_s": 60})

    async with subject.client(idle_s=0.1) as client:
        with pytest.raises(TimeoutError):
            await client.complete(ONCE, ASK)

    await subject.emulator.wait_closed()


async def test_the_first_token_and_the_whole_answer_have_their_own_limits(
    subject: Subject,
) -> None:
    subject.emulator.scenario(slow={"before_first_s": 60})

    async with subject.client() as client:
        with pytest.raises(TimeoutError, match="first token"):
            await client.complete(ONCE, ASK, first_token_s=0.1)
        with pytest.raises(TimeoutError, match="whole answer"):
            await client.complete(ONCE, ASK, total_s=0.1)


@pytest.mark.parametrize("knob", ["empty_body", "html_instead"])
async def test_an_empty_or_html_answer_is_an_error(subject: Subject, knob: str) -> None:
    async with subject.client() as client:
        await client.complete(ONCE, ASK)
        subject.emulator.scenario({knob: True})

        with pytest.raises(ResponseError):
            await client.complete(ONCE, ASK)


@pytest.mark.parametrize("status", [200, 403, 503])
@pytest.mark.parametrize("cf_mitigated", [True, False])
async def test_a_challenge_page_is_reported_after_one_request(
    subject: Subject, status: int, cf_mitigated: bool
) -> None:
    async with subject.client() as client:
        await client.complete(ONCE, ASK)
        subject.emulator.scenario(challenge={"status": status, "cf_mitigated": cf_mitigated})
        subject.emulator.clear_journal()

        with pytest.raises(ChallengeError):
            await client.complete(ONCE, ASK)

    assert len(subject.emulator.journal) == 1


class _Recorded:
    """A transport that keeps the bytes of the last reply."""

    def __init__(self) -> None:
        self.inner = open_transport("plain")
        self.head: ReplyHead | None = None
        self.chunks: list[bytes] = []

    @asynccontextmanager
    async def send(self, request: HttpRequest, limits: Limits) -> AsyncGenerator[Reply, None]:
        async with self.inner.send(request, limits) as reply:
            self.head = reply.head
            self.chunks = []
            yield _Tap(reply, self.chunks)

    async def close(self) -> None:
        await self.inner.close()


class _Tap:
    def __init__(self, reply: Reply, chunks: list[bytes]) -> None:
        self.head = reply.head
        self.set_cookies = reply.set_cookies
        self._reply = reply
        self._chunks = chunks

    async def read(self) -> bytes:
        chunk = await self._reply.read()
        self._chunks.append(chunk)
        return chunk


async def _record(subject: Subject) -> tuple[HttpWire[Facts], Call, ReplyHead, bytes]:
    provider = subject.kind()
    chat = ChatRequest(model=subject.model, messages=decode_messages(ASK))
    call = provider.call(chat, subject.account)
    recorded = _Recorded()
    line = Line()
    line._transports[LineSettings()] = recorded
    async with line:
        async for _ in exchange(provider, call, line):
            pass
        await recorded.close()
    assert recorded.head is not None
    return provider, call, recorded.head, b"".join(recorded.chunks)


def _joined(events: list[Event]) -> list[Event]:
    """The events with neighbouring texts joined: a delta may be cut elsewhere, a text may not."""
    joined: list[Event] = []
    for event in events:
        before = joined[-1] if joined else None
        if isinstance(event, TextDelta) and isinstance(before, TextDelta):
            joined[-1] = TextDelta(before.text + event.text)
        else:
            joined.append(event)
    return joined


@pytest.mark.parametrize("name", SUBJECTS)
async def test_the_same_events_come_however_the_bytes_are_cut(name: str) -> None:
    async with open_subject(name) as subject:
        subject.emulator.scenario(noise=True)
        wire, call, head, body = await _record(subject)

    def decode(pieces: list[bytes]) -> list[Event]:
        decoder = wire.decoder(call, head)
        events: list[Event] = []
        for piece in pieces:
            events += decoder.feed(piece)
            if events and isinstance(events[-1], Finished):
                return _joined(events)
        return _joined(events + decoder.close())

    whole = decode([body])

    @hypothesis.given(st.lists(st.integers(0, len(body)), max_size=40).map(sorted))
    def cut_anywhere(places: list[int]) -> None:
        ends = [*places, len(body)]
        pieces = [body[start:end] for start, end in zip([0, *places], ends, strict=True)]
        assert decode(pieces) == whole

    cut_anywhere()
    assert decode([bytes([byte]) for byte in body]) == whole
