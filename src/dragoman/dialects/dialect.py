"""What a dialect is: two halves of pure functions, and two tables of what it can say.

    client half   encode_request, decode_reply, decoder, decode_failure
                  we talk to a provider that speaks it
    server half   decode_request, encode_reply, encoder, encode_failure
                  a program talks to us in it

The law: what the server half says, the client half hears, and back, however the bytes are cut.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from dragoman.chat import ChatReply, ChatRequest
from dragoman.errors import ChatError
from dragoman.events import Event
from dragoman.features import How
from dragoman.wire.http import HttpReply

__all__ = ["Dialect", "Failure", "Stamp", "StreamDecoder", "StreamEncoder"]


class Stamp(msgspec.Struct, frozen=True):
    """What an answer is given that a pure function cannot make: a name of its own and the time.

    `id` is letters, digits, - and _, without the dialect's prefix; `created` is Unix time. An id
    that the provider gave (`Started.id`) wins where the dialect has room for it.
    """

    id: str
    created: float


class Failure(msgspec.Struct, frozen=True):
    """An error as a whole reply: its status, headers and JSON body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class StreamDecoder(Protocol):
    """Bytes of one streamed answer to events; the same rules as `providers.call.Decoder`."""

    broken: ChatError | None
    """What the next call raises, if the answer has not ended: the events before it are said."""
    skipped: int
    """How many broken events that say nothing of the answer were passed over."""

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        ...

    def close(self) -> list[Event]:
        """The events that the end of the body completes: with `Finished`, or an error."""
        ...


class StreamEncoder(Protocol):
    """Events of one answer to the bytes of a stream.

    The events are legal by `LEGAL_NEXT`. `Finished` brings all that the dialect promises at the
    end; after it nothing is fed.
    """

    def feed(self, events: Iterable[Event]) -> bytes:
        """These events in one piece of bytes."""
        ...

    def fail(self, error: ChatError) -> bytes:
        """The dialect's in-band error; after it the stream is cut, and nothing is fed."""
        ...

    def ping(self) -> bytes:
        """What keeps a silent connection alive; may be empty where the dialect has nothing."""
        ...


class DecodeReply(Protocol):
    """See `Dialect.decode_reply`."""

    def __call__(self, body: bytes, model: str, *, dropped: tuple[str, ...] = ()) -> ChatReply:
        """The whole answer."""
        ...


class MakeDecoder(Protocol):
    """See `Dialect.decoder`."""

    def __call__(self, model: str, *, dropped: tuple[str, ...] = ()) -> StreamDecoder:
        """A decoder for one stream."""
        ...


class DecodeRequest(Protocol):
    """See `Dialect.decode_request`."""

    def __call__(self, body: bytes, *, model: str = "", stream: bool | None = None) -> ChatRequest:
        """What a program asks."""
        ...


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """One request and stream format.

    `encode_request` gives the JSON object of a request, of a chat that `features.fit` made fit;
    `chat.stream` says which answer is wanted. `decode_reply` reads a whole answer, `model` is the
    name to give where the service tells none. `decode_failure` gives the error that a reply is, or
    None. `decode_request` takes the model and whether to stream from the address where the format
    has them there, and raises `InputError` with the `place` of what is wrong.
    `media_type` is that of its stream.
    """

    name: str
    about: str
    says: Mapping[str, How]
    tells: Mapping[str, How]
    encode_request: Callable[[ChatRequest], dict[str, object]]
    decode_reply: DecodeReply
    decoder: MakeDecoder
    decode_failure: Callable[[HttpReply, float], ChatError | None]
    decode_request: DecodeRequest
    encode_reply: Callable[[ChatReply, ChatRequest, Stamp], bytes]
    encoder: Callable[[ChatRequest, Stamp], StreamEncoder]
    encode_failure: Callable[[ChatError], Failure]
    media_type: str = "text/event-stream"
