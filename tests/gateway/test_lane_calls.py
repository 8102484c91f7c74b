"""How much Python the short way runs: counted, because on a busy machine no clock can be trusted.

A call is one of a Python function of ours, or of a builtin from one. A bound is a tenth above what
it was when it was written: who breaks it has put something on every request's way.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import msgspec

from tests.gateway.odd_service import DONE, STREAM, chat_body, chunk, event, open_service
from tests.gateway.raw import Raw, connect, head

KEY = {
    "key": "sk-test-0123456789abcdef",
    "name": "team",
    "requests_per_minute": 10**9,
    "tokens_per_minute": 10**12,
    "concurrency": 1000,
}
TURNS = 20
MOST_A_REQUEST = 145
MOST_A_CHUNK = 14
MOST_A_STREAM = 336


@contextmanager
def counted(calls: Counter[str]) -> Iterator[None]:
    """Count the calls of our code, by name."""

    def note(frame: FrameType, what: str, arg: object) -> None:
        code = frame.f_code
        if "/dragoman/" in code.co_filename and "/tests/" not in code.co_filename:
            if what == "call":
                calls[code.co_qualname] += 1
            elif what == "c_call":
                calls[f"{code.co_qualname}: {getattr(arg, '__name__', arg)}"] += 1

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def _each_time(calls: Counter[str], times: int) -> int:
    """The calls that were made each time; the gateway does other things beside, now and then."""
    return sum(count // times for count in calls.values())


async def _ask(line: Raw, *, stream: bool) -> None:
    body = msgspec.json.encode(chat_body(stream=stream))
    more = (f"authorization: Bearer {KEY['key']}", f"content-length: {len(body)}")
    await line.send(head(*more) + body)
    await line.read_head()
    assert line.status == 200


async def test_a_request_costs_few_calls() -> None:
    said = {"role": "assistant", "content": "one two three"}
    answer = msgspec.json.encode(
        {
            "id": "c-1",
            "model": "m",
            "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 3},
        }
    )
    framing = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(answer)

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + framing + answer)

    calls: Counter[str] = Counter()
    async with (
        open_service(serve, gateway={"keys": [KEY]}) as (url, _, _),
        connect(url) as line,
    ):
        await _ask(line, stream=False)
        assert await line.body() == answer

        with counted(calls):
            for _ in range(TURNS):
                await _ask(line, stream=False)
                await line.body()

    assert calls["Lane.take"] == TURNS
    assert _each_time(calls, TURNS) <= MOST_A_REQUEST, calls.most_common()


async def test_a_chunk_that_comes_alone_costs_few_calls() -> None:
    more = asyncio.Semaphore(0)

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        for number in range(2 * TURNS - 1):
            await more.acquire()
            writer.write(chunk(event(f"word {number} ")))
        await more.acquire()
        writer.write(chunk(event("", finish="stop") + DONE) + b"0\r\n\r\n")

    calls: Counter[str] = Counter()
    async with (
        open_service(serve, gateway={"keys": [KEY]}) as (url, _, _),
        connect(url) as line,
    ):
        # The head waits for the first word.
        more.release()
        await _ask(line, stream=True)
        chunks = line.chunks()
        for _ in range(TURNS):
            await anext(chunks)
            more.release()

        with counted(calls):
            for _ in range(TURNS - 1):
                await anext(chunks)
                more.release()
        more.release()
        last = b"".join([each async for each in chunks])

    assert last.endswith(DONE)
    assert calls["Scanner.feed"] in (TURNS - 1, TURNS)
    assert _each_time(calls, calls["Scanner.feed"]) <= MOST_A_CHUNK, calls.most_common()


async def test_a_stream_of_three_words_costs_few_calls() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        events = [event(f"word {number} ") for number in range(3)]
        writer.write(STREAM)
        for said in (*events, event("", finish="stop") + DONE):
            writer.write(chunk(said))
        writer.write(b"0\r\n\r\n")

    calls: Counter[str] = Counter()
    async with (
        open_service(serve, gateway={"keys": [KEY]}) as (url, _, _),
        connect(url) as line,
    ):
        for _ in range(2):
            await _ask(line, stream=True)
            assert b"".join([each async for each in line.chunks()]).endswith(DONE)

        with counted(calls):
            for _ in range(TURNS):
                await _ask(line, stream=True)
                _ = [each async for each in line.chunks()]

    assert calls["Scanner.close"] <= TURNS
    assert _each_time(calls, TURNS) <= MOST_A_STREAM, calls.most_common()
