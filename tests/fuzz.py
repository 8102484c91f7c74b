"""Random cuts and mutations of wire samples, for every decoder that there is.

The claim: whatever the bytes are and however they are cut, a decoder gives legal events or raises a
`ChatError` (a provider's may also raise `StaleSession`), and never anything else. Seeded, so that a
case that was found comes again; run by hand, as `scripts/fuzz [N [SEED]]`.
"""

import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.dialects.table import DIALECTS, load_dialect
from dragoman.errors import ChatError
from dragoman.events import Grammar
from dragoman.messages import Message, Text
from dragoman.providers.base import HttpProvider
from dragoman.providers.call import StaleSession
from dragoman.providers.table import PROVIDERS, load_provider
from dragoman.wire.http import ReplyHead
from dragoman.wire.lines import LineDecoder
from dragoman.wire.ndjson import NdjsonDecoder
from dragoman.wire.sse import SseDecoder

SAMPLES = Path(__file__).parent / "samples"
MEDIA_TYPES = ("text/event-stream", "text/event-stream", "application/json", "text/html", "")
# Whose samples are a decoder's own, if they are not in a folder of its name.
OWN = {
    "local": "openai_chat",
    "chatgptfree": "ai_power",
    "chatgptt": "ai_power",
    "openai": "openai_chat",
    "openai-responses": "openai_responses",
    "anthropic": "anthropic_messages",
    "ollama_generate": "ollama",
}
UNCHECKED = {"lines", "ndjson", "sse"}
# Pieces that mean something to one decoder or another.
PIECES = (
    b"", b"\n", b"\r", b"\n\n", b"data: ", b"data: [DONE]\n\n", b"event: message\n", b"\xff",
    b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\\ud800", b"null", b"true", b"-1", b"1e999", b"9" * 400,
    b'""', b"[]", b"{}", b"{", b"}", b"[" * 500, b'"', b",", b":", b"<html>", b"Just a moment...",
    b"\x00", b'{"error":"x"}', b'{"detail":{"code":"token_expired"}}',
)  # fmt: skip


class Decoder(Protocol):
    """What all of them have in common."""

    def feed(self, chunk: bytes) -> list[object]:
        """What these bytes complete."""

    def close(self) -> list[object]:
        """What the end completes."""


def decoders() -> dict[str, Callable[[random.Random], Decoder]]:
    """By name, what makes a fresh one of each."""
    found: dict[str, Callable[..., object]] = {
        "lines": lambda _: LineDecoder(),
        "ndjson": lambda _: NdjsonDecoder(),
        "sse": lambda _: SseDecoder(),
        **{dialect: partial(_decoder_in, dialect) for dialect in DIALECTS},
    }
    for name, own_code in PROVIDERS.items():
        # A row without code of its own has the decoder of its dialect.
        provider = load_provider(name) if own_code else None
        if isinstance(provider, HttpProvider):
            found[name] = partial(_decoder_of, provider)
    return found  # type: ignore[return-value]  # lists of other things are lists of objects


def _decoder_in(dialect: str, _: random.Random) -> object:
    return load_dialect(dialect).decoder("m")


def _decoder_of(provider: HttpProvider[object], chance: random.Random) -> object:  # type: ignore[type-var]  # any facts
    chat = ChatRequest(model="", messages=(Message("user", (Text("hi"),)),))
    head = ReplyHead(200, {"content-type": chance.choice(MEDIA_TYPES)}, "http://own.test/")
    return provider.decoder(provider.call(chat, Account.of(base_url="http://own.test")), head)


def samples(name: str) -> list[bytes]:
    """Every recorded body, those of the decoder's own service far more often."""
    bodies: list[bytes] = []
    for path in sorted(SAMPLES.rglob("*.*")):
        if path.name != "README.md":
            own = path.parent.name == OWN.get(name, name)
            bodies += [path.read_bytes()] * (len(list(SAMPLES.iterdir())) * 3 if own else 1)
    return bodies


def mutate(body: bytes, chance: random.Random) -> bytes:
    """The body with up to four wounds."""
    wounded = bytearray(body)
    for _ in range(chance.randrange(5)):
        start = chance.randrange(len(wounded) + 1)
        end = min(len(wounded), start + chance.choice((0, 0, 1, 2, 8, 64, 512)))
        match chance.randrange(4):
            case 0:
                wounded[start:end] = chance.choice(PIECES)
            case 1:
                wounded[start:end] = chance.randbytes(end - start)
            case 2:
                wounded[start:end] = wounded[start:end] * 2
            case _:
                del wounded[start : end if chance.random() < 0.9 else len(wounded)]
    return bytes(wounded)


def cut(body: bytes, chance: random.Random) -> Iterator[bytes]:
    """The body in pieces of many sizes."""
    most = chance.choice((1 + len(body) // 4, 64, len(body) + 1))
    start = 0
    while start < len(body):
        end = start + chance.randint(0, most)
        yield body[start:end]
        start = end


def decode(decoder: Decoder, chunks: list[bytes], checked: bool) -> str:
    """What came of it; raises what must not be raised."""
    grammar = Grammar()
    try:
        for chunk in chunks:
            _check(grammar, decoder.feed(chunk), checked)
            if grammar.finished:
                return "Finished"
        _check(grammar, decoder.close(), checked)
    except (ChatError, StaleSession) as error:
        return type(error).__name__
    if checked and not grammar.finished:
        raise AssertionError("an end with neither Finished nor an error")
    return "Finished" if checked else "read"


def _check(grammar: Grammar, events: list[object], checked: bool) -> None:
    if checked:
        try:
            grammar.check(events)  # type: ignore[arg-type]  # it is what is checked
        except ChatError as error:
            raise AssertionError(str(error)) from error


def main(count: int, seed: int) -> int:
    """Tell what came of `count` cases; 1 if one of them broke the claim."""
    chance = random.Random(seed)  # noqa: S311 - nothing is guarded, and a seed is wanted
    makers = decoders()
    bodies = {name: samples(name) for name in makers}
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in makers}
    started = time.perf_counter()
    for number, name in zip(range(count), itertools.cycle(makers), strict=False):
        chunks = list(cut(mutate(chance.choice(bodies[name]), chance), chance))
        try:
            came = decode(makers[name](chance), chunks, name not in UNCHECKED)
        except Exception as error:
            _say(f"case {number} of seed {seed}: {name}: {error!r}\n{chunks!r}")
            return 1
        outcomes[name][came] += 1
    seconds = time.perf_counter() - started
    for name, counts in outcomes.items():
        _say(f"{name:12} {', '.join(f'{kind} {n}' for kind, n in counts.most_common())}")
    _say(f"{count} cases of seed {seed} in {seconds:.1f} s: {count / seconds:.0f} a second")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    raise SystemExit(main(*(given + [1_000_000, 1][len(given) :])))
