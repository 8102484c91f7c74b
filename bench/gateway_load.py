"""The load on a gateway, in a process of its own: bare uvloop, so that it is not what is measured.

Arguments: what to measure, the port, the path, the body with `TEXT` where the word for the far side
goes, and headers. Prints one figure: requests a second, chunks a second, the number of paced
chunks, milliseconds to the first token (the median; `beside` is with 100 paced streams), or, for
`hold`, `0` when all streams have begun, and then holds them until its standard input ends. `crowd`
opens as many streams at once as the system lets, and prints how many were intact, and of how many.
"""

import asyncio
import resource
import sys
import time
from statistics import median

import uvloop
from gateway_far import EVENTS, PACED, crowd_body

CONNECTIONS = 64
REQUESTS = 10_000
STREAMS = 100
ROUNDS = 10
TOKENS = 200
HELD = 1000
CROWD = 10_000
# A gateway has two files open for each stream, and some more.
_SPARE_FILES = 400
_OPENING = 200
_LAST_CHUNK = b"0\r\n\r\n"
_PLACE = b"CROWD 000000 000000:"


class Near(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # uvloop's own
        self.loop = asyncio.get_running_loop()

    def begin(self, request: bytes) -> None:
        """Send a request; `first` is its first word and `done` its end."""
        self.pieces: list[bytes] = []
        self.left = -1
        self.first = self.loop.create_future()
        self.done = self.loop.create_future()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Note the first word and the end."""
        self.pieces.append(data)
        if self.left < 0 and not self._read_head():
            return
        if not self.first.done() and b"word" in data:
            self.first.set_result(time.perf_counter())
        if self._is_whole(data):
            self.done.set_result(b"".join(self.pieces))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more comes."""
        for future in (getattr(self, "first", None), getattr(self, "done", None)):
            if future is not None and not future.done():
                future.set_exception(exc or ConnectionError("closed"))
                future.exception()

    def _read_head(self) -> bool:
        head, end, _ = b"".join(self.pieces).partition(b"\r\n\r\n")
        if not end:
            return False
        at = head.lower().find(b"content-length:")
        # 0: chunked.
        self.left = 0
        if at >= 0:
            self.left = len(head) + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
        return True

    def _is_whole(self, data: bytes) -> bool:
        if self.left:
            return sum(map(len, self.pieces)) >= self.left
        if len(data) < len(_LAST_CHUNK):
            data = b"".join(self.pieces[-len(_LAST_CHUNK) :])
        return data.endswith(_LAST_CHUNK)


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
    answers: list[bytes] = []

    async def one(near: Near) -> None:
        for _ in range(ROUNDS):
            near.begin(request)
            answers.append(await near.done)

    started = time.perf_counter()
    await asyncio.gather(*map(one, connections))
    took = time.perf_counter() - started
    _check(answers, EVENTS)
    return STREAMS * ROUNDS * EVENTS / took


async def _paced(port: int, request: bytes) -> float:
    connections = [await _connect(port) for _ in range(STREAMS)]
    answers = await asyncio.gather(*(_stream(near, request) for near in connections))
    _check(answers, PACED)
    return STREAMS * PACED


async def _stream(near: Near, request: bytes) -> bytes:
    near.begin(request)
    answer: bytes = await near.done
    return answer


def _check(answers: list[bytes], events: int) -> None:
    for answer in answers:
        if (found := _unchunked(answer).count(b'word "')) != events:
            raise SystemExit(f"{found} chunks of {events}: {answer[:500]!r}")


def _unchunked(answer: bytes) -> bytes:
    _, _, rest = answer.partition(b"\r\n\r\n")
    pieces = []
    at = 0
    while at < len(rest):
        end = rest.index(b"\r\n", at)
        size = int(rest[at:end], 16)
        pieces.append(rest[end + 2 : end + 2 + size])
        at = end + size + 4
    return b"".join(pieces)


async def _first_token(port: int, request: bytes) -> float:
    near = await _connect(port)
    waits: list[float] = []
    for _ in range(TOKENS):
        started = time.perf_counter()
        near.begin(request)
        waits.append(await near.first - started)
        await near.done
    return median(waits) * 1000


async def _beside(port: int, request: bytes) -> float:
    paced = request.replace(b"SHORT", b"PACED")
    others = [await _connect(port) for _ in range(STREAMS)]
    for near in others:
        near.begin(paced)
    await asyncio.gather(*(near.first for near in others))
    waited_ms = await _first_token(port, request)
    await asyncio.gather(*(near.done for near in others))
    return waited_ms


async def _hold(port: int, request: bytes) -> float:
    connections = [await _connect(port) for _ in range(HELD)]
    for near in connections:
        near.begin(request)
    for near in connections:
        await near.first
    print(0, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    return 0


async def _crowd(port: int, request: bytes) -> str:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(CROWD, (files - _SPARE_FILES) // 2)
    connections: list[Near] = []
    while len(connections) < most:
        count = min(_OPENING, most - len(connections))
        connections += await asyncio.gather(*(_connect(port) for _ in range(count)))
        for number in range(len(connections) - count, len(connections)):
            # As long as what stands there now.
            text = b"CROWD %06d %06d." % (number, most)
            connections[number].begin(request.replace(_PLACE, text))
        await asyncio.gather(*(near.first for near in connections[-count:]))
    answers = await asyncio.gather(*(near.done for near in connections))
    intact = sum(_unchunked(answer) == crowd_body(at) for at, answer in enumerate(answers))
    return f"{intact} {most}"


KINDS = {
    "rate": (_rate, b"WHOLE"),
    "chunks": (_chunks, b"FAST"),
    "paced": (_paced, b"PACED"),
    "first": (_first_token, b"SHORT"),
    "beside": (_beside, b"SHORT"),
    "hold": (_hold, b"SLOW"),
    "crowd": (_crowd, _PLACE),
}


async def _main(kind: str, port: int, path: str, body: bytes, headers: list[str]) -> None:
    measure, text = KINDS[kind]
    if kind != "rate":
        body = body.replace(b"{", b'{"stream": true, ', 1)
    body = body.replace(b"TEXT", text)
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    head = "\r\n".join([*lines, *headers, f"Content-Length: {len(body)}", "", ""])
    print(await measure(port, head.encode() + body), flush=True)


if __name__ == "__main__":
    uvloop.run(
        _main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4].encode(), sys.argv[5:])
    )
