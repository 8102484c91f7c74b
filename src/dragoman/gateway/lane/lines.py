"""What a face, a model's name and a way to ask come to: decided once, and then looked up.

A line belongs to one configuration. There is none where something has to be chosen, translated,
hedged or shared, or where the way to the service is not a plain one.
"""

import itertools
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from dragoman.catalog import ModelCard
from dragoman.dialects.dialect import Dialect, Stamp
from dragoman.errors import ChatError
from dragoman.gateway.faces import Face
from dragoman.gateway.state import Held
from dragoman.names import resolve_route
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.beside import unsaid
from dragoman.providers.call import Call
from dragoman.providers.handshake import dressed
from dragoman.providers.relay import RelayWire, is_relayable
from dragoman.routing.route import Candidate, Route
from dragoman.sessions.store import Facts
from dragoman.transport.base import Limits
from dragoman.transport.direct import Origin, request_head
from dragoman.wire.http import HttpRequest
from dragoman.wire.watch.learner import Lesson
from dragoman.wire.watch.shapes import SHAPES, Shape

__all__ = ["Line", "Way", "find_line"]

# Who asks a model for what it may not be able to do says one of these, in some dialect.
_INLINE = (b"inline_data", b"inlineData")
_TELLING: Mapping[str, tuple[bytes, ...]] = {
    "tools": (b'"tools', b'"functions'),
    "images": (b'"image', b'"input_image', *_INLINE),
    "schema": (b"schema", b"Schema", b'"response_format', b'"format'),
    "audio": (b'"audio', b'"input_audio', *_INLINE),
    "documents": (b'"document', b'"file', b'"input_file', *_INLINE),
}


_WHOLE = "content-type: application/json\r\n"
_STREAMED = (
    "content-type: %s\r\ntransfer-encoding: chunked\r\n"
    "cache-control: no-cache, no-transform\r\nx-accel-buffering: no\r\n"
)


class Way(msgspec.Struct, frozen=True):
    """A face, the model's name as the caller says it, and how it asks."""

    face: Face
    model: str
    stream: bool
    passed: tuple[tuple[str, str], ...]
    """Headers of the caller's that the service is to see."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """All that a request needs whose way is known."""

    way: Way
    route: Route
    candidate: Candidate
    entry: ProviderEntry
    provider: DialectProvider
    dialect: Dialect
    """The provider's."""
    call: Call
    request: HttpRequest
    """A request as it is sent, but for its body."""
    origin: Origin
    head: bytes
    limits: Limits
    first_token_s: float | None
    shape: Shape | None
    """How the stream is framed; None for an answer in one piece."""
    lesson: Lesson
    """What the streams so far have taught of the next one."""
    most_body_bytes: int | None
    """A longer chat might be too long for the model."""
    telling: frozenset[bytes]
    """What a request says that may ask for what this model cannot do."""

    ping: bytes
    """The face's sign of life in a stream."""
    prices: str
    """What the list of prices calls the provider."""
    framing: str
    """Those lines of the answer's head that say how it is framed; but for a length."""
    is_anthropic: bool
    """Whether its programs look for the request's name elsewhere."""

    @property
    def allowed_as(self) -> str:
        """The name by which a key may ask it or not."""
        if self.route.is_named:
            return self.route.name
        return f"{self.entry.name}/{self.call.chat.model}"


async def find_line(held: Held, way: Way) -> Line | None:
    """The line of a way, or None if it goes the ordinary one."""
    try:
        route = resolve_route(way.model, held.config)
        return await _line(held, way, route)
    except ChatError:
        # Whose error that is, the ordinary way says.
        return None


async def _line(held: Held, way: Way, route: Route) -> Line | None:
    candidate = route.candidates[0]
    entry = held.config.providers[candidate.provider]
    provider = entry.provider
    shape = SHAPES.get(way.face.dialect) if way.stream else None
    if not isinstance(provider, DialectProvider) or not is_relayable(provider, way.face.dialect):
        return None
    if _chooses(route) or (way.stream and shape is None) or entry.line.proxy:
        return None
    limits = route.limits(provider.LIMITS, entry.fields, whole=not way.stream)
    chat = replace(unsaid(candidate.model), stream=way.stream)
    call = await held.reach.call(entry, chat, limits=limits)
    if call.account.cookies:
        return None
    provider.check(call)
    provider.need_model(call)
    wire = RelayWire(provider, b'{"model":"m"}', dict(way.passed))
    request = dressed(wire.request(call, Facts()), call)
    address = urlsplit(request.url)
    origin = Origin.of(request.url, verify=entry.line.verify)
    target = f"{address.path}?{address.query}" if address.query else address.path
    card = (await held.reach.planner()).card(candidate)
    return Line(
        way=way,
        route=route,
        candidate=candidate,
        entry=entry,
        provider=provider,
        dialect=provider.dialect,
        call=call,
        request=request,
        origin=origin,
        head=request_head("POST", target, origin, _headers(request.headers)),
        limits=replace(limits, first_token_s=None),
        first_token_s=limits.first_token_s,
        shape=shape,
        lesson=Lesson(),
        # A token has a byte at least.
        most_body_bytes=card.context if route.is_named else None,
        ping=way.face.speech.encoder(chat, Stamp("ping", 0)).ping() if way.stream else b"",
        telling=_telling(card) if route.is_named else frozenset(),
        prices=entry.prices,
        framing=_STREAMED % way.face.speech.media_type if way.stream else _WHOLE,
        is_anthropic=way.face.name == "messages",
    )


def _chooses(route: Route) -> bool:
    """Whether who is asked is not known before."""
    several = len(route.candidates) > 1 and route.order != "listed"
    return several or route.share or bool(route.hedge_after_s)


def _telling(card: ModelCard) -> frozenset[bytes]:
    lacking = (words for kind, words in _TELLING.items() if getattr(card, kind) is False)
    return frozenset(itertools.chain.from_iterable(lacking))


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Without those that the transport decides itself."""
    return {name: value for name, value in headers.items() if name.lower() != "content-length"}
