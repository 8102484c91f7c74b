"""Two gateways in front of the same emulators: one has the short way, the other one has not.

A case is one request and one scenario. It is asked of both, and all that a caller, a service or an
operator could tell them apart by is compared, less what no two requests have alike: times, dates
and how long things took.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec

from dragoman import emulators
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.gateway.app import Application
from tests.gateway.house import NO_BREAKER, ONCE, PROVIDERS, open_gateway
from tests.gateway.wire import SAME, Answer

__all__ = ["Case", "Pair", "Seen", "open_pair"]

# Longer than all waits of a case: one that is given up is a failure.
PATIENCE_S = 60.0
KEY = "the-key"
OTHER: Mapping[str, str] = {name: "claude" if name != "claude" else "chat" for name in PROVIDERS}
"""Who is asked next, of another dialect."""

# What tells the way, the time or the machine apart, and says nothing of the answer.
_NOT_COMPARED = frozenset({"date", "x-dragoman-overhead-ms", "connection"})
_NOT_SENT_ALIKE = frozenset({"content-length", "accept-encoding", "connection"})
_TIMES = re.compile(
    rb'("(?:created|created_at|completed_at|createTime|total_duration|load_duration'
    rb'|prompt_eval_duration|eval_duration)":)\s*(?:\d+(?:\.\d+)?|"[^"]*")'
)
# An emulator numbers its answers, whoever asked.
_NUMBERED = re.compile(rb"\b((?:chatcmpl|msg|resp|rs|fc|call|toolu)[-_])\d+(?![0-9])")
# Each transport has words of its own for the same, and one has the service's for its status.
_WORDS = (
    (
        re.compile(
            rb"the connection ended after \d+ (?:of \d+ )?bytes of the reply"
            rb"(?:, before the reply's last chunk)?"
        ),
        b"the connection ended before the reply did",
    ),
    (re.compile(rb"(: \d{3}) Unknown"), rb"\1"),
    (
        re.compile(
            rb"(?:an event that is not UTF-8 and|a piece of an? \w+) that makes no sense: "
            rb"'.*?'(?=\")"
        ),
        b"no sense",
    ),
)
_GONE = re.compile(rb"dragoman_(?:open|first_token|duration|overhead|relayed)")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and what the service does to it."""

    path: str
    body: bytes
    scenario: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}


class Seen(msgspec.Struct, kw_only=True):
    """All that could be told of one request."""

    status: int = 0
    headers: Mapping[str, str] = {}
    body: bytes = b""
    whole: bool = False
    heard: Mapping[str, Sequence[Any]] = {}
    """What each emulator heard."""
    counted: Mapping[str, float] = {}
    """What was added to each number of the metrics and of the health, but for none."""


class Pair:
    """Both gateways, and the emulators behind them."""

    def __init__(
        self,
        far: Mapping[str, Emulator[Any]],
        lane: tuple[str, Application],
        around: tuple[str, Application],
    ) -> None:
        self.far = far
        self.lane, self.around = lane, around
        self._number = 0

    @property
    def relayed(self) -> int:
        """How many requests took the short way."""
        page = self.lane[1].gateway.meter.render().decode()
        found = re.findall(r"^dragoman_relayed_requests_total\{.*\} (\S+)", page, re.MULTILINE)
        return sum(int(float(count)) for count in found)

    async def both(self, case: Case) -> tuple[Seen, Seen]:
        """What comes of it on the short way, and around it."""
        self._number += 1
        return await self._one(self.lane, case), await self._one(self.around, case)

    async def _one(self, way: tuple[str, Application], case: Case) -> Seen:
        url, app = way
        first, *others = self.far.values()
        before = await _counted(app)
        first.scenario(case.scenario)
        for one in others:
            one.scenario()
        for one in self.far.values():
            one.clear_journal()
        seen = await asyncio.wait_for(_ask(url, case, f"case-{self._number}"), PATIENCE_S)
        for one in self.far.values():
            await one.wait_idle(PATIENCE_S)
        seen.heard = {
            name: [_heard(entry) for entry in one.journal] for name, one in self.far.items()
        }
        after = await _counted(app)
        # Of each case by itself: one that differs makes no other one differ.
        added = {name: after[name] - before.get(name, 0) for name in after}
        seen.counted = {name: count for name, count in added.items() if count}
        return seen


async def _counted(app: Application) -> dict[str, float]:
    page = await asyncio.to_thread(app.gateway.meter.page().text)
    lines = (line for line in page.splitlines() if line.startswith(b"dragoman_"))
    found = {}
    for line in lines:
        if not _GONE.match(line):
            name, _, count = line.decode().rpartition(" ")
            found[name] = float(count)
    for provider, model, measured in app.gateway.health.all():
        found |= {f"{provider} {model} {name}": n for name, n in measured.totals.items()}
        found[f"{provider} {model} in a row"] = measured.in_row
    return found


def _heard(entry: Any) -> Any:
    headers = {
        name: value for name, value in entry["headers"].items() if name not in _NOT_SENT_ALIKE
    }
    kept = {name: entry[name] for name in ("method", "path", "query", "body", "complaints")}
    return {**kept, "headers": headers}


def _alike(said: bytes) -> bytes:
    """Without the times, and the numbers of answers by the order in which they appear."""
    names: dict[bytes, int] = {}

    def number(found: re.Match[bytes]) -> bytes:
        return b"%b%d" % (found[1], names.setdefault(found[0], len(names)))

    for words, plain in _WORDS:
        said = words.sub(plain, said)
    return _NUMBERED.sub(number, _TIMES.sub(rb"\1 0", said))


async def _ask(url: str, case: Case, name: str) -> Seen:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = [
        f"POST {case.path} HTTP/1.1",
        f"host: {parts.netloc}",
        f"content-length: {len(case.body)}",
        f"authorization: Bearer {KEY}",
        f"x-request-id: {name}",
        *(f"{name}: {value}" for name, value in case.headers.items()),
    ]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + case.body)
    answer = Answer(reader, writer)
    said = bytearray()
    try:
        await answer.read_head()
        async for chunk in answer.chunks():
            said += chunk
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in _NOT_COMPARED and not name.startswith("x-ratelimit-reset")
    }
    # Times have another number of digits.
    headers.pop("content-length", None)
    if (left := headers.get("x-ratelimit-remaining-requests")) is not None:
        # The minute that it counts goes on between the two.
        headers["x-ratelimit-remaining-requests"] = str(len(left))
    return Seen(
        status=answer.status,
        headers=headers,
        body=_alike(bytes(said)),
        whole=answer.whole,
    )


@asynccontextmanager
async def open_pair(face: str, *, log: bool = False, **route: Any) -> AsyncIterator[Pair]:
    """Both ways to the provider of a face's own dialect, and to one of another behind it.

    `once/NAME` asks it once, `NAME/mock-model` again if that may help, `pair/NAME` goes on to the
    next one; `route` are fields of the first and the last.
    """
    name = SAME[face]
    async with AsyncExitStack() as stack:
        far = {
            one: await stack.enter_async_context(emulators.run(PROVIDERS[one][0]))
            for one in (name, OTHER[name])
        }
        tables = {
            one: {
                "dialect": PROVIDERS[one][1],
                "base_url": emulator.url + PROVIDERS[one][2],
                "api_key": "any-key",
                "models": ["mock-model"],
            }
            for one, emulator in far.items()
        }
        candidates = [f"{one}/mock-model" for one in far]
        ways = []
        for relay in ("on", "off"):
            config = Config.of(
                tables,
                gateway={
                    "log": log,
                    "relay": relay,
                    "keys": [{"name": "shop", "key": KEY, "requests_per_minute": 1_000_000}],
                },
                routes={
                    f"once/{name}": {**ONCE, **route, "candidates": candidates[:1]},
                    f"pair/{name}": {"retries": 1, **route, "candidates": candidates},
                },
                health=NO_BREAKER,
            )
            ways.append(await stack.enter_async_context(open_gateway(config)))
        yield Pair(far, ways[0], ways[1])
