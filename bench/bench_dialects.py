"""What does a chunk cost from one dialect to another, beside a bare decode of the same bytes?

Each stream is made by its own dialect's encoder: a thousand deltas of one word. It is fed in reads
of one event, as from a model that writes, and of sixteen, as from one faster than its reader.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from measure import in_turn, report

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Dialect, Stamp
from dragoman.dialects.table import load_dialect
from dragoman.events import Event, Finished, Started, TextDelta, Usage, UsageReported
from dragoman.messages import Message, Text

CHUNKS = 1000
ROUNDS = 20
PAIRS = (
    ("openai_chat", "anthropic_messages"),
    ("anthropic_messages", "openai_chat"),
    ("gemini", "openai_chat"),
    ("openai_responses", "anthropic_messages"),
    ("ollama", "openai_chat"),
)
CHAT = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))
STAMP = Stamp("answer", 1_790_000_000.0)


def _stream(dialect: Dialect) -> list[bytes]:
    """One answer as its dialect says it, an item an event."""
    encoder = dialect.encoder(CHAT, STAMP)
    events: list[Event] = [Started("m", "answer")]
    events += [TextDelta(f" word{number}") for number in range(CHUNKS)]
    events += [UsageReported(Usage(10, CHUNKS)), Finished()]
    return [piece for event in events if (piece := encoder.feed((event,)))]


def _reads(pieces: list[bytes], size: int) -> list[bytes]:
    return [b"".join(pieces[at : at + size]) for at in range(0, len(pieces), size)]


def _translated(source: Dialect, target: Dialect, reads: list[bytes]) -> None:
    decoder = source.decoder("m")
    encoder = target.encoder(CHAT, STAMP)
    for read in reads:
        encoder.feed(decoder.feed(read))
    encoder.feed(decoder.close())


def _timed(work: Callable[[], None]) -> Callable[[], Awaitable[float]]:
    async def measure() -> float:
        started = time.perf_counter()
        for _ in range(ROUNDS):
            work()
        return (time.perf_counter() - started) / ROUNDS / CHUNKS * 1e6

    return measure


def _bare(pieces: list[bytes]) -> Callable[[], None]:
    """msgspec alone, without types, of the same JSON texts that are already cut out."""
    texts = [
        line.removeprefix(b"data: ")
        for piece in pieces
        for line in piece.splitlines()
        if line.startswith((b"data: {", b"{"))
    ]

    def work() -> None:
        for text in texts:
            msgspec.json.decode(text)

    return work


async def _main() -> None:
    for source_name, target_name in PAIRS:
        source, target = load_dialect(source_name), load_dialect(target_name)
        pieces = _stream(source)
        sides = {"bare msgspec.json.decode": _timed(_bare(pieces))}
        for size in (1, 16):
            reads = _reads(pieces, size)

            def work(reads: list[bytes] = reads, a: Dialect = source, b: Dialect = target) -> None:
                _translated(a, b, reads)

            sides[f"translated, {size} a read"] = _timed(work)
        report(f"{source_name} to {target_name}", await in_turn(sides), "us a chunk")


if __name__ == "__main__":
    asyncio.run(_main())
