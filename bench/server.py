"""The far side of every measurement: as little work as a server can do.

One process of its own, raw asyncio protocols, replies made once. It answers the paths that the
measured providers ask for: `/` (a WordPress page with a nonce), `/wp-admin/admin-ajax.php` (a
stream of `EVENTS` events) and `/api/text` (one JSON answer).
"""

import asyncio
import sys

EVENTS = 2000
PAGE = (
    b'<div class="wpaicg-chat-shortcode" data-nonce="0123456789" data-post-id="1" data-bot-id="0">'
)
ANSWER = b'{"response":true,"message":"' + b"word " * 80 + b'"}'
EVENT = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{"content":"word "},"finish_reason":null}]}\n\n'
)
LAST = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


def _whole(kind: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (kind, len(body)) + body


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


WHOLE = _whole(b"application/json", ANSWER)
WEB_PAGE = _whole(b"text/html", PAGE)
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)
# As a service on a fast network sends: several events in one write, each its own HTTP chunk.
STREAM = [_chunk(EVENT) * 10] * (EVENTS // 10) + [_chunk(LAST) + b"0\r\n\r\n"]


class Far(asyncio.Protocol):
    """One connection: whole requests in, replies out."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; a paused one stops the stream."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's own promise
        self.transport = transport
        self.waiting = b""
        self.rest: list[bytes] = []
        self.paused = False

    def data_received(self, data: bytes) -> None:
        """Answer as soon as a request is whole."""
        self.waiting += data
        head, end, body = self.waiting.partition(b"\r\n\r\n")
        if not end:
            return
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) < length:
            return
        self.waiting = b""
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/api/text"):
            self.transport.write(WHOLE)
        elif path.startswith(b"/wp-admin/"):
            self.transport.write(STREAM_HEAD)
            self.rest = STREAM[::-1]
            self.resume_writing()
        else:
            self.transport.write(WEB_PAGE)

    def pause_writing(self) -> None:
        """The reader is slower."""
        self.paused = True

    def resume_writing(self) -> None:
        """Go on, one write a turn of the loop, so that all streams run side by side."""
        self.paused = False
        if self.rest and not self.transport.is_closing():
            self.transport.write(self.rest.pop())
            if not self.paused:
                asyncio.get_running_loop().call_soon(self._step)

    def _step(self) -> None:
        if not self.paused:
            self.resume_writing()


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(Far, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends with its parent, whose end of this pipe closes.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
