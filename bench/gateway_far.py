"""The service behind every gateway that is measured: OpenAI's format, as little work as possible.

What it answers is a word of the request's text: WHOLE is 480 bytes of JSON, FAST a stream of
`EVENTS` events, ten in a write, SHORT one of three, and SLOW one that says a word a second until
somebody leaves.
"""

import asyncio
import sys

__all__ = ["EVENTS"]

EVENTS = 200
_HEAD = b'{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{'
_TAIL = (
    b'"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9,'
    b'"total_tokens":18}}'
)
_START = _HEAD + b'"index":0,"message":{"role":"assistant","content":"'
ANSWER = _START + (b"word " * 96)[: 480 - len(_START) - len(_TAIL)] + _TAIL
EVENT = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{"content":"word "},"finish_reason":null}]}\n\n'
)
LAST = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 480\r\n\r\n" + ANSWER
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


END = _chunk(LAST) + b"0\r\n\r\n"


class Far(asyncio.Protocol):
    """One connection: whole requests in, replies out."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; a paused one stops the stream."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's own promise
        self.transport = transport
        self.waiting = b""
        self.left = 0
        self.paused = False

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
        if b"FAST" in body:
            self.transport.write(STREAM)
            self.left = EVENTS // 10
            self._go_on()
        elif b"SHORT" in body:
            self.transport.write(STREAM + _chunk(EVENT) * 3 + END)
        elif b"SLOW" in body:
            self.transport.write(STREAM)
            self._say()
        else:
            self.transport.write(WHOLE)

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
        self.transport.write(_chunk(EVENT) * 10 if self.left else _chunk(EVENT) * 10 + END)
        asyncio.get_running_loop().call_soon(self._go_on)

    def _say(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_chunk(EVENT))
            asyncio.get_running_loop().call_later(1.0, self._say)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Far, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends with its parent, whose end of this pipe closes.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
