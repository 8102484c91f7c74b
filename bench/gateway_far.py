"""The service behind every gateway that is measured: as little work as possible.

It speaks OpenAI's format, and Anthropic's where it is asked at `/v1/messages`. What it answers is a
word of the request's text: WHOLE is 480 bytes of JSON, FAST a stream of `EVENTS` events, ten in a
write, SHORT one of three, PACED one of `PACED` events, one each `PACE_S`, and SLOW one that says a
word a second until somebody leaves. `CROWD n m.` is stream n of m: when all of them are open, each
says its number `CROWDED` times.
"""

import asyncio
import re
import sys
from collections.abc import Iterator
from itertools import count

import uvloop

__all__ = ["CROWDED", "EVENTS", "PACED", "PACE_S", "crowd_body"]

EVENTS = 200
PACED = 40
PACE_S = 0.05
CROWDED = 5
_CROWD_PACE_S = 2.0
_REST_S = 0.001
_AT_ONCE = 10
_HEAD = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini","choices":[{'
)
_TAIL = (
    b'"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9,'
    b'"total_tokens":18}}'
)
_START = _HEAD + b'"index":0,"message":{"role":"assistant","content":"'
ANSWER = _START + (b"word " * 96)[: 480 - len(_START) - len(_TAIL)] + _TAIL
_OPENAI_CHUNK = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini",'
)
EVENT = (
    _OPENAI_CHUNK + b'"choices":[{"index":0,"delta":{"content":"%b"},"finish_reason":null}]}\n\n'
)
LAST = (
    _OPENAI_CHUNK
    + b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
_START_OF_MESSAGE = (
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message",'
    b'"role":"assistant","model":"claude-3-5-haiku-latest","content":[],"stop_reason":null,"stop_sequence":null,'
    b'"usage":{"input_tokens":9,"output_tokens":1}}}\n\n'
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
    b'"content_block":{"type":"text","text":""}}\n\n'
)
_DELTA = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"%b"}}\n\n'
)
_END_OF_MESSAGE = (
    b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
    b'"stop_sequence":null},"usage":{"output_tokens":200}}\n\n'
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
)
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 480\r\n\r\n" + ANSWER
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_CROWD = re.compile(rb"CROWD (\d+) (\d+)\.")


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


class Form:
    """The pieces of a stream in one format, as they go over the wire."""

    def __init__(self, begin: bytes, event: bytes, end: bytes) -> None:
        self.begin = STREAM + (_chunk(begin) if begin else b"")
        self.event = event
        self.one = _chunk(event % b"word ")
        self.many = self.one * _AT_ONCE
        self.end = _chunk(end) + b"0\r\n\r\n"


OPENAI = Form(b"", EVENT, LAST)
ANTHROPIC = Form(_START_OF_MESSAGE, _DELTA, _END_OF_MESSAGE)


def crowd_body(number: int) -> bytes:
    """What a stream of the crowd has to bring."""
    return b"".join(EVENT % b"%d-%d word" % (number, turn) for turn in range(CROWDED)) + LAST


class Far(asyncio.Protocol):
    """One connection: whole requests in, replies out."""

    crowd: list["Far"] = []  # noqa: RUF012 - shared by all connections, as it is meant

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; a paused one stops the stream."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # uvloop's own
        self.loop = asyncio.get_running_loop()
        self.waiting = b""
        self.form = OPENAI
        self.left = 0
        self.paused = False
        self.number = 0

    def data_received(self, data: bytes) -> None:
        """Answer as soon as a request is whole."""
        self.waiting += data
        head, end, body = self.waiting.partition(b"\r\n\r\n")
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        chunked = at < 0 and b"chunked" in head
        if not end or len(body) < length or (chunked and not body.endswith(b"0\r\n\r\n")):
            return
        self.waiting = b""
        self.form = form = ANTHROPIC if head.startswith(b"POST /v1/messages") else OPENAI
        if b"WHOLE" in body:
            self.transport.write(WHOLE)
        elif b"FAST" in body:
            self.transport.write(form.begin)
            self.left = EVENTS // _AT_ONCE
            self._go_on()
        elif b"SHORT" in body:
            # Nobody has to wait for the rest with the first word.
            self.transport.write(form.begin + form.one)
            self.loop.call_later(_REST_S, self.transport.write, form.one * 2 + form.end)
        elif found := _CROWD.search(body):
            self._join(*map(int, found.groups()))
        else:
            self.transport.write(form.begin)
            self._say(iter(range(PACED)) if b"PACED" in body else count())

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever has gone is not waited for."""
        if self in self.crowd:
            self.crowd.remove(self)

    def pause_writing(self) -> None:
        """The reader is slower."""
        self.paused = True

    def resume_writing(self) -> None:
        """Go on."""
        self.paused = False
        self._go_on()

    def _go_on(self) -> None:
        """One write a turn of the loop, so that all streams run side by side."""
        if self.paused or not self.left or self.transport.is_closing():
            return
        self.left -= 1
        form = self.form
        self.transport.write(form.many if self.left else form.many + form.end)
        self.loop.call_soon(self._go_on)

    def _say(self, turns: Iterator[int]) -> None:
        if self.transport.is_closing():
            return
        if next(turns, None) is None:
            self.transport.write(self.form.end)
            return
        self.transport.write(self.form.one)
        pace_s = 1.0 if isinstance(turns, count) else PACE_S
        self.loop.call_later(pace_s, self._say, turns)

    def _join(self, number: int, most: int) -> None:
        self.number = number
        self.crowd.append(self)
        self.transport.write(STREAM + _chunk(EVENT % b"%d-0 word" % number))
        if len(self.crowd) == most:
            for far in self.crowd:
                # Spread over the pace, as chats are.
                self.loop.call_later(_CROWD_PACE_S * far.number / most, far.say_number, 1)
            self.crowd.clear()

    def say_number(self, turn: int) -> None:
        """One more event of the crowd."""
        if self.transport.is_closing():
            return
        if turn == CROWDED:
            self.transport.write(OPENAI.end)
            return
        self.transport.write(_chunk(EVENT % b"%d-%d word" % (self.number, turn)))
        self.loop.call_later(_CROWD_PACE_S, self.say_number, turn + 1)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Far, "127.0.0.1", 0, backlog=16384)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends with its parent, whose end of this pipe closes.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(_main())
