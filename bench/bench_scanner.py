"""What does watching a relayed chunk cost, beside a bare decode of the same bytes?

Each stream is made by its own dialect's encoder: a thousand deltas of one word. It is fed in reads
of one event, as from a model that writes, and of more, as from one faster than its reader. The
decoder that reads every event is there to compare; so is what OpenAI itself sends, which has a
padding of random length in every event.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from bench_dialects import CHUNKS, _bare, _reads, _stream
from measure import in_turn, report

from dragoman.dialects.dialect import StreamDecoder
from dragoman.dialects.table import load_dialect
from dragoman.providers.relay_request import ask_usage, read_ask, replace_model
from dragoman.wire.watch.scanner import Scanner
from dragoman.wire.watch.shapes import SHAPES
from dragoman.wire.watch.whole import look_at

ROUNDS = 20
DIALECTS = ("openai_chat", "anthropic_messages", "gemini", "openai_responses", "ollama")


def _timed(work: Callable[[], object], per: int) -> Callable[[], Awaitable[float]]:
    async def measure() -> float:
        started = time.process_time()
        for _ in range(ROUNDS):
            work()
        return (time.process_time() - started) / ROUNDS / per * 1e9

    return measure


def _padded() -> list[bytes]:
    """As OpenAI's own service sends it."""
    head: dict[str, object] = {"id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", "object": "chunk"}
    head |= {"created": 1741570283, "model": "gpt-5.1", "system_fingerprint": "fp_a"}
    events = []
    for number in range(CHUNKS):
        choice = {"index": 0, "delta": {"content": f" word{number}"}, "finish_reason": None}
        event = {**head, "choices": [choice], "usage": None, "obfuscation": "x" * (number % 7)}
        events.append(b"data: %b\n\n" % json.dumps(event, separators=(",", ":")).encode())
    return [*events, b"data: [DONE]\n\n"]


def _scanned(name: str, make: Callable[[], StreamDecoder], reads: list[bytes]) -> None:
    scanner = Scanner(SHAPES[name], make)
    for read in reads:
        scanner.feed(read)
    scanner.close()
    assert scanner.error is None  # noqa: S101 - or nothing was measured


def _decoded(make: Callable[[], StreamDecoder], reads: list[bytes]) -> None:
    decoder = make()
    for read in reads:
        decoder.feed(read)
    decoder.close()


async def _streams() -> None:
    padded = ("openai_chat", "OpenAI's own chunks", _padded())
    for name, title, pieces in [*((n, n, _stream(load_dialect(n))) for n in DIALECTS), padded]:
        make = partial(load_dialect(name).decoder, "m")
        sides = {"bare msgspec.json.decode": _timed(_bare(pieces), CHUNKS)}
        for size in (1, 16, 64):
            reads = _reads(pieces, size)
            sides[f"scanned, {size} a read"] = _timed(partial(_scanned, name, make, reads), CHUNKS)
            sides[f"decoded, {size} a read"] = _timed(partial(_decoded, make, reads), CHUNKS)
        report(title, await in_turn(sides), "ns a chunk")


async def _whole() -> None:
    messages = [{"role": "user", "content": "Why is the sky blue? " * 45}]
    body = msgspec.json.encode({"model": "smart", "messages": messages, "stream": True})

    def decide() -> None:
        ask = read_ask(body)
        ask_usage(replace_model(body, ask, "gpt-5.1") or body, ask)

    dialect = load_dialect("openai_chat")
    message = {"role": "assistant", "content": "Because. " * 20, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 9, "completion_tokens": 40}
    reply = msgspec.json.encode({"id": "c", "model": "m", "choices": [choice], "usage": usage})
    for title, text, work in (
        (f"a request of {len(body)} bytes", body, decide),
        (f"an answer of {len(reply)} bytes", reply, partial(look_at, dialect, reply, "m")),
    ):
        bare = partial(_many, partial(msgspec.json.decode, text))
        sides = {"bare msgspec.json.decode": _timed(bare, CHUNKS)}
        sides["what the relay does"] = _timed(partial(_many, work), CHUNKS)
        report(title, await in_turn(sides), "ns each")


def _many(work: Callable[[], object]) -> None:
    for _ in range(CHUNKS):
        work()


async def _main() -> None:
    await _streams()
    await _whole()


if __name__ == "__main__":
    asyncio.run(_main())
