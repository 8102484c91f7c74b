"""Decides, without a task and before anything else runs, whether a request may go the short way."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple, Protocol, TypeAlias
from urllib.parse import parse_qsl

from dragoman.errors import ChatError
from dragoman.gateway.faces import FACES, Address, Face, find_face
from dragoman.gateway.headers import given_id, new_id, passed_on
from dragoman.gateway.lane.heads import Head, Ready
from dragoman.gateway.lane.lines import Line, Way, find_line
from dragoman.gateway.lane.passage import Passage
from dragoman.gateway.lane.ticket import Ticket
from dragoman.gateway.record import Record
from dragoman.gateway.state import Gateway, Held
from dragoman.gateway.tracing import is_traced
from dragoman.gateway.web_pages import admit_page
from dragoman.providers.api.anthropic import VERSION
from dragoman.providers.relay import is_relayable
from dragoman.providers.relay_request import Ask, ask_usage, read_ask, replace_model
from dragoman.providers.unasked_usage import without_usage
from dragoman.transport.direct import DirectPool

__all__ = ["Caller", "Lane"]

_MOST_LINES = 4096
_MOST_PLACES = 1024
_MOST_PREPARED = 512
_MOST_READY = 16
"""Names that one program asks for in turn; each costs a few hundred bytes of a connection."""


# A way as it is looked up for each request: quicker than by the way itself.
_Key: TypeAlias = tuple[str, str, bool, tuple[tuple[str, str], ...]]


class Caller(Protocol):
    """What the lane needs of a connection of the server."""

    url: bytes
    headers: list[tuple[bytes, bytes]]
    server: tuple[str, int | None] | None


class _Page(NamedTuple):
    """What `admit_page` looks at."""

    headers: Mapping[str, str]
    server: str
    method: str = "POST"


class Lane:
    """The short way of one server. It belongs to the loop that it is made in."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.pool = DirectPool()
        self.running: set[Passage] = set()
        self._is_traced = is_traced()
        gateway.on_close(self.cut)
        self._of: Held | None = None
        self._era = object()
        """Another one when a line is no longer what it was."""
        self._lines: dict[_Key, Line | None] = {}
        self._usual_of: list[tuple[bytes, bytes]] | None = None
        self._usual = ""
        self._places: dict[bytes, tuple[Face, Address, str] | None] = {}
        self._finding: dict[Way, asyncio.Task[None]] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is a short way at all; spans are made on the ordinary one."""
        held = self.gateway.in_force
        return held is not None and held.settings.relay == "on" and not self._is_traced

    async def prepare(self) -> None:
        """Find the lines of the models that are known by name, so that none has to be found."""
        held = await self.gateway.held()
        if held.settings.relay != "on":
            return
        self._of, self._lines = held, {}
        for way in islice(_usual_ways(held), _MOST_PREPARED):
            self._lines[_key(way)] = await find_line(held, way)

    def usual_lines(self, headers: list[tuple[bytes, bytes]]) -> str:
        """The lines of a head that every answer of the server has: the date, others each second."""
        if headers is not self._usual_of:
            self._usual_of = headers
            lines = b"".join([b"%b: %b\r\n" % header for header in headers])
            self._usual = lines.decode("latin-1")
        return self._usual

    def leave_out(self, line: Line) -> None:
        """A service that compresses unasked: its requests go the ordinary way from now on."""
        if self._lines.get(_key(line.way)) is line:
            self._lines[_key(line.way)] = None
            self._era = object()

    def cut(self) -> None:
        """End what still runs, in the middle."""
        for passage in list(self.running):
            passage.cut()

    async def close(self) -> None:
        """Cut what still runs, and close every connection to a service."""
        self.cut()
        for task in self._finding.values():
            task.cancel()
        if self._finding:
            await asyncio.wait(self._finding.values())
        await self.pool.close()

    def read_head(self, caller: Caller) -> Head | None:
        """What a head says, if with it a request may go the short way."""
        held = self.gateway.in_force
        place = self._place(caller.url)
        if held is None or place is None:
            return None
        face, address, query = place
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in caller.headers
        }
        server = caller.server[0] if caller.server else ""
        try:
            admit_page(_Page(headers, server), held.settings)
            key = held.keys.check(headers, dict(parse_qsl(query)).get("key") if query else None)
        except ChatError:
            # The ordinary way finds the same, and says it.
            return None
        return Head(
            held=held,
            face=face,
            address=address,
            headers=headers,
            passed=tuple(passed_on(headers).items()),
            key=key,
            keys=held.keys,
            request_id=given_id(headers),
            wants_request_id="anthropic-version" in headers,
            ready={},
        )

    def take(self, head: Head, body: bytes) -> Ticket | None:
        """What a request that may go the short way needs on it; None if it may not."""
        held, key = head.held, head.key
        # The keys may be others under the same configuration.
        if held is not self.gateway.in_force or head.keys is not held.keys:
            return None
        if len(body) > held.settings.body_limit_bytes:
            return None
        try:
            if not body.isascii():
                # What is passed over is not looked at by the decoder.
                body.decode()
            ask = read_ask(body)
            ready = head.ready.get((ask.model, ask.stream))
            if ready is None or ready.era is not self._era:
                ready = self._ready(head, ask)
            if ready is None or not _suits(ready.line, body):
                return None
            line = ready.line
            candidate = line.candidate
            if not held.health.is_closed(candidate.provider, candidate.model):
                return None
            asks_usage = ready.adds_usage and not ask.asks_usage
            sent = _sent(ready, body, ask, asks_usage)
            if sent is None:
                return None
            admission = held.limits.admit(key, time.monotonic())
        except (ChatError, UnicodeDecodeError):
            return None
        record = Record(
            head.request_id or new_id(),
            head.face.name,
            key_name=key.name if key is not None else "",
            provider=line.entry.name,
            model=line.call.chat.model,
            stream=line.way.stream,
            attempts=1,
            relayed=True,
        )
        edit = without_usage if asks_usage else None
        return Ticket(held, line, head, body, sent, edit, admission, record)

    def _place(self, url: bytes) -> tuple[Face, Address, str] | None:
        """The face at an address, and what the address says."""
        try:
            return self._places[url]
        except KeyError:
            found = _read_place(url)
        if len(self._places) >= _MOST_PLACES:
            self._places.clear()
        # A key in an address is kept nowhere.
        if b"key=" not in url:
            self._places[url] = found
        return found

    def _ready(self, head: Head, ask: Ask) -> Ready | None:
        """What this head and what a body says come to; kept with the head."""
        line = self._line(head, ask)
        if line is None:
            return None
        head.held.keys.may(head.key, line.allowed_as)
        ready = Ready(
            era=self._era,
            line=line,
            renames=ask.model not in (None, line.call.chat.model),
            adds_usage=line.way.face.dialect == "openai_chat" and line.way.stream,
        )
        if len(head.ready) >= _MOST_READY:
            head.ready.clear()
        head.ready[ask.model, ask.stream] = ready
        return ready

    def _line(self, head: Head, ask: Ask) -> Line | None:
        face, address = head.face, head.address
        stream = address.stream if address.model else ask.stream
        if stream is None:
            stream = face.streams_unasked
        model = address.model or ask.model
        if not model or address.array:
            return None
        if self._of is not head.held:
            self._of = head.held
            self._lines = {}
        try:
            return self._lines[face.name, model, stream, head.passed]
        except KeyError:
            self._find(head.held, Way(face, model, stream, head.passed))
            return None

    def _find(self, held: Held, way: Way) -> None:
        """Find the line of a way; who comes meanwhile goes the ordinary one."""
        if way in self._finding:
            return

        async def find() -> None:
            try:
                line = await find_line(held, way)
                if self._of is held:
                    if len(self._lines) >= _MOST_LINES:
                        self._lines.clear()
                    self._lines[_key(way)] = line
            finally:
                del self._finding[way]

        self._finding[way] = asyncio.create_task(find())


def _key(way: Way) -> _Key:
    return (way.face.name, way.model, way.stream, way.passed)


def _usual_ways(held: Held) -> Iterator[Way]:
    """The ways of routes, and of the models that the configuration names."""
    config = held.config
    for face in FACES:
        names = [
            *config.routes,
            *(f"{name}/{model}" for name in config.usable() for model in _models(held, face, name)),
        ]
        usual = ((("anthropic-version", VERSION),),) if face.name == "messages" else ()
        for name, stream, passed in product(names, (False, True), ((), *usual)):
            yield Way(face, name, stream, passed)


def _models(held: Held, face: Face, name: str) -> Sequence[str]:
    entry = held.config.providers[name]
    return entry.known_models() if is_relayable(entry.provider, face.dialect) else ()


def _read_place(url: bytes) -> tuple[Face, Address, str] | None:
    if not (url.startswith(b"/") and url.isascii()) or b"%" in url or b"#" in url:
        return None
    path, _, query = url.decode("ascii").partition("?")
    found = find_face(path, lambda: dict(parse_qsl(query, keep_blank_values=True)))
    return None if found is None else (*found, query)


def _suits(line: Line, body: bytes) -> bool:
    """Whether nothing has to be decoded to see that the first candidate can answer this."""
    if line.most_body_bytes is not None and len(body) > line.most_body_bytes:
        return False
    # A loop costs less than what `any` would make of it.
    for word in line.telling:  # noqa: SIM110 - see above
        if word in body:
            return False
    return True


def _sent(ready: Ready, body: bytes, ask: Ask, asks_usage: bool) -> bytes | None:
    """The body that the service gets; None if it cannot be made in place."""
    sent: bytes | None = body
    if ready.renames:
        sent = replace_model(body, ask, ready.line.call.chat.model)
    if sent is not None and asks_usage:
        sent = ask_usage(sent, ask)
    return sent
