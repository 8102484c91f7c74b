"""The load on a gateway, in a process of its own: raw asyncio, so that it is not what is measured.

Arguments: what to measure, the port, the path and the body with `TEXT` where the word for the far
side goes. Prints one figure: requests a second, chunks a second, milliseconds to the first token
(the median), or, for `hold`, `0` when all streams have begun, and then holds them until its
standard input ends.
"""

import asyncio
import sys
import time
from statistics import median

from gateway_far import EVENTS

CONNECTIONS = 64
REQUESTS = 2000
STREAMS = 100
TOKENS = 100
HELD = 1000


class Near(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's own promise
        self.transport = transport

    def begin(self, request: bytes) -> None:
        """Send a request; `first` is its first word and `done` its end."""
        loop = asyncio.get_running_loop()
        self.pieces: list[bytes] = []
        self.size = 0
        self.most = -1
        self.first = loop.create_future()
        self.done = loop.create_future()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Note the first word and the end."""
        self.pieces.append(data)
        self.size += len(data)
        if self.most < 0:
            head, end, _ = b"".join(self.pieces).partition(b"\r\n\r\n")
            if not end:
                return
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self.most = len(head) + 4 + length if at >= 0 else 2**62
        if not self.first.done() and b"word" in data:
            self.first.set_result(None)
        if self.size >= self.most or (self.most == 2**62 and self._ended()):
            self.done.set_result(b"".join(self.pieces))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody may close in the middle."""
        for future in (self.first, self.done):
            if not future.done():
                future.set_exception(exc or ConnectionError("closed"))
                future.exception()

    def _ended(self) -> bool:
        return b"".join(self.pieces[-2:]).endswith(b"0\r\n\r\n")


async def _connect(port: int) -> Near:
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(Near, "127.0.0.1", port))[1]


async def _rate(port: int, request: bytes) -> float:
    connections = [await _connect(port) for _ in range(CONNECTIONS)]
    left = iter(range(REQUESTS))

    async def one(near: Near) -> None:
        for _ in left:
            near.begin(request)
            answer: bytes = await near.done
            if not answer.startswith(b"HTTP/1.1 200") or b"word word" not in answer:
                raise SystemExit(f"no answer: {answer[:500]!r}")

    started = time.perf_counter()
    await asyncio.gather(*map(one, connections))
    return REQUESTS / (time.perf_counter() - started)


async def _chunks(port: int, request: bytes) -> float:
    connections = [await _connect(port) for _ in range(STREAMS)]
    started = time.perf_counter()
    for near in connections:
        near.begin(request)
    answers = [await near.done for near in connections]
    took = time.perf_counter() - started
    for answer in answers:
        if (count := _unchunked(answer).count(b"word ")) != EVENTS:
            raise SystemExit(f"{count} chunks of {EVENTS}: {answer[:500]!r}")
    return STREAMS * EVENTS / took


def _unchunked(answer: bytes) -> bytes:
    _, _, rest = answer.partition(b"\r\n\r\n")
    pieces = []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        pieces.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    return b"".join(pieces)


async def _first_token(port: int, request: bytes) -> float:
    near = await _connect(port)
    waits = []
    for _ in range(TOKENS):
        started = time.perf_counter()
        near.begin(request)
        await near.first
        waits.append(time.perf_counter() - started)
        await near.done
    return median(waits) * 1000


async def _hold(port: int, request: bytes) -> float:
    connections = [await _connect(port) for _ in range(HELD)]
    for near in connections:
        near.begin(request)
    for near in connections:
        await near.first
    print(0, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    return 0


KINDS = {
    "rate": (_rate, b"WHOLE"),
    "chunks": (_chunks, b"FAST"),
    "first": (_first_token, b"SHORT"),
    "hold": (_hold, b"SLOW"),
}


async def _main(kind: str, port: int, path: str, body: bytes) -> None:
    measure, text = KINDS[kind]
    if kind != "rate":
        body = body.replace(b"{", b'{"stream": true, ', 1)
    body = body.replace(b"TEXT", text)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    print(await measure(port, request), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4].encode()))
